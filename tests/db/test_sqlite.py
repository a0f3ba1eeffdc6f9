"""SQLite: what is closed is gone, whatever ended the query before."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from tests.db.site import PATIENCE_SECONDS, Author, using
from wadjet.db import Database
from wadjet.db.sqlite import _Driver
from wadjet.db.units import Unit


async def driver_of(connection: AsyncConnection) -> Any:
    """Return what SQLAlchemy uses."""
    return (await connection.get_raw_connection()).driver_connection


def test_a_connection_that_is_closed_lets_go_of_the_file_although_a_statement_of_it_is_still_in_hand(
    sqlite_url: str,
) -> None:
    async def work(database: Database) -> None:
        connection = await Unit(database, writes=True).connection()
        await connection.exec_driver_sql("INSERT INTO author (name) VALUES ('lost'), ('lost, too')")
        driver = await driver_of(connection)
        cursor = await driver.execute("SELECT name FROM author")
        assert await cursor.fetchone() == ("lost",)  # and there is a second one: the statement is under way
        await connection.invalidate()
        await connection.close()
        await Author.objects.create(name="kept")
        assert [author.name for author in await Author.objects.all()] == ["kept"]
        del cursor

    using(sqlite_url, work, pool_size=2, pool_timeout=1)


def test_closing_ends_although_the_thread_was_stopped_by_force_meanwhile(sqlite_url: str) -> None:
    async def work(database: Database) -> None:
        connection = await Unit(database, writes=False).connection()
        driver = await driver_of(connection)
        closing = asyncio.create_task(driver.close())
        await asyncio.sleep(0)
        driver.stop()
        async with asyncio.timeout(PATIENCE_SECONDS):
            await closing
        await connection.invalidate()
        await connection.close()
        assert database.pool.in_use == 0

    using(sqlite_url, work)


def test_what_is_cancelled_at_once_and_again_keeps_nobody_from_ending(sqlite_url: str) -> None:
    async def write(turns: int) -> None:
        task = asyncio.create_task(Author.objects.create(name=f"author {turns}"))
        for _ in range(2):
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
        await asyncio.wait({task})

    async def work(database: Database) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await asyncio.gather(*(write(turns) for turns in range(60)))
            await database.settled()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        assert not [
            task
            for task in others
            if "terminate" in repr(task) and (await asyncio.wait({task}, timeout=5))[1]
        ]

    using(sqlite_url, work, pool_size=5, pool_timeout=PATIENCE_SECONDS)


def test_the_thread_has_ended_when_a_file_cannot_be_opened(tmp_path: Path) -> None:
    async def connect() -> None:
        driver = _Driver(f"{tmp_path}/nowhere/shop.db")
        with pytest.raises(sqlite3.OperationalError):
            await driver
        assert driver._stopped is not None
        assert driver._stopped.done()  # and nobody is told of it when the loop is closed

    asyncio.run(connect())
