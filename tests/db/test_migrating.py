"""Changing tables: what stands in other tables stays there."""

from __future__ import annotations

import asyncio

import pytest
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, String, text

from wadjet.db import Database, TransactionError
from wadjet.db.migrating import migrating

_BEFORE = (
    "CREATE TABLE author (id INTEGER PRIMARY KEY, age INTEGER)",
    "CREATE TABLE post (id INTEGER PRIMARY KEY, author_id INTEGER REFERENCES author (id) ON DELETE CASCADE)",
    "INSERT INTO author VALUES (1, 30)",
    "INSERT INTO post VALUES (1, 1), (2, 1)",
)


def make_anew(connection: Connection) -> None:
    """Change a column as a migration does: SQLite copies the table, and drops the old one."""
    operations = Operations(MigrationContext.configure(connection))
    with operations.batch_alter_table("author") as table:
        table.alter_column("age", type_=String(), existing_type=String(), postgresql_using="age::text")


async def prepare(database: Database) -> None:
    async with database.connection() as connection:
        for statement in _BEFORE:
            await connection.execute(text(statement))


async def count(database: Database, table: str) -> int:
    async with database.connection() as connection:
        return int((await connection.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one())


def test_a_table_that_is_made_anew_costs_what_refers_to_its_rows_nothing(url: str) -> None:
    async def scenario() -> None:
        async with Database(url) as database:
            await prepare(database)
            async with migrating(database) as connection:
                await connection.run_sync(make_anew)
            assert (await count(database, "author"), await count(database, "post")) == (1, 2)
            async with database.connection() as connection:
                assert (await connection.execute(text("SELECT age FROM author"))).scalar_one() == "30"

    asyncio.run(scenario())


def test_rows_that_would_refer_to_nothing_keep_all_of_it_from_being_kept(sqlite_url: str) -> None:
    async def scenario() -> None:
        async with Database(sqlite_url) as database:
            await prepare(database)
            with pytest.raises(TransactionError, match="post to author"):
                async with migrating(database) as connection:
                    await connection.execute(text("DELETE FROM author"))
            assert await count(database, "author") == 1

    asyncio.run(scenario())


def test_rows_that_referred_to_nothing_before_are_no_reason(sqlite_url: str) -> None:
    async def scenario() -> None:
        async with Database(sqlite_url) as database:
            await prepare(database)
            async with database.engine.connect() as held:
                await held.exec_driver_sql("COMMIT")
                await held.exec_driver_sql("PRAGMA foreign_keys = OFF")
                await held.exec_driver_sql("UPDATE post SET author_id = 9")
                await held.exec_driver_sql("PRAGMA foreign_keys = ON")
            async with migrating(database) as connection:
                await connection.run_sync(make_anew)
            assert await count(database, "post") == 2

    asyncio.run(scenario())


def test_no_statement_of_a_migration_is_cut_off(postgres_url: str) -> None:
    async def scenario() -> None:
        async with migrating(Database(postgres_url, timeout=0.01)) as connection:
            assert (await connection.execute(text("SELECT 1 FROM pg_sleep(0.1)"))).scalar_one() == 1

    asyncio.run(scenario())


def test_what_fails_is_undone_as_a_whole(url: str) -> None:
    async def scenario() -> None:
        async with Database(url) as database:
            await prepare(database)
            with pytest.raises(ZeroDivisionError):
                async with migrating(database) as connection:
                    await connection.execute(text("CREATE TABLE half (id INTEGER)"))
                    await connection.execute(text("DELETE FROM post"))
                    raise ZeroDivisionError
            assert await count(database, "post") == 2
            async with migrating(database) as connection:  # which a table that was half there would refuse
                await connection.execute(text("CREATE TABLE half (id INTEGER)"))

    asyncio.run(scenario())
