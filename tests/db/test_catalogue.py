"""The rows of the catalogue that are about connections to a database: in use by one request each, and always given back."""

from __future__ import annotations

import asyncio
import contextvars
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import text

from tests.db.site import Article, using
from tests.driving import exchange, http_scope
from wadjet import StreamingResponse, Wadjet
from wadjet.db import Database, DatabaseUnavailable, request_connection, transaction
from wadjet.middleware import DatabaseMiddleware


def site(database: Database) -> Wadjet:
    app = Wadjet(middleware=[(DatabaseMiddleware, {"database": database})])

    @app.get("/boom")
    async def boom() -> None:
        await Article.objects.count()
        raise RuntimeError

    @app.get("/same")
    async def same() -> bool:
        async with request_connection() as first:
            seen = await first.get_raw_connection()
        async with request_connection() as second:
            return seen.driver_connection is (await second.get_raw_connection()).driver_connection

    @app.get("/dirty")
    async def dirty() -> str:
        # Past the framework's back: the transaction ends, and another one is left open.
        async with request_connection() as connection:
            await connection.exec_driver_sql("COMMIT")
            await connection.exec_driver_sql("BEGIN")
            await connection.execute(text("INSERT INTO author (name) VALUES ('left behind')"))
        raise RuntimeError

    @app.get("/hold")
    async def hold() -> int:
        count = await Article.objects.count()
        await asyncio.sleep(0.02)  # so that all of them come while others have theirs
        return count

    @app.get("/stream")
    async def stream() -> StreamingResponse:
        await Article.objects.count()

        async def content() -> AsyncIterator[str]:
            while True:
                yield f"{await Article.objects.count()} {database.pool.in_use}\n"

        return StreamingResponse(content(), media_type="text/plain")

    return app


def test_conc_11_a_connection_comes_back_after_an_exception(url: str) -> None:
    async def work(database: Database) -> None:
        app = site(database)
        answers = [(await exchange(app, target="/boom")).status for _ in range(30)]
        assert answers == [500] * 30
        assert (database.pool.in_use, database.pool.idle) == (0, 1)

    using(url, work, pool_size=3)


def test_conc_13_queries_of_one_request_are_on_one_connection(url: str) -> None:
    async def work(database: Database) -> None:
        taken = database.pool.taken
        assert (await exchange(site(database), target="/same")).body == b"true"
        assert database.pool.taken == taken + 1

    using(url, work)


def test_conc_14_a_transaction_that_is_left_open_is_undone(url: str) -> None:
    async def work(database: Database) -> None:
        assert (await exchange(site(database), target="/dirty")).status == 500
        async with database.connection() as connection:
            assert (await connection.execute(text("SELECT count(*) FROM author"))).scalar_one() == 0

    using(url, work, pool_size=1)


def test_conc_15_more_requests_than_connections_wait_and_none_fails(url: str) -> None:
    async def work(database: Database) -> None:
        app = site(database)
        answers = await asyncio.gather(*(exchange(app, target="/hold") for _ in range(12)))
        assert [answer.status for answer in answers] == [200] * 12
        assert database.pool.size == 3

    using(url, work, pool_size=3, pool_timeout=60.0)


def test_conc_19_waiting_for_a_connection_may_be_cancelled_at_any_time(url: str) -> None:
    async def work(database: Database) -> None:
        async with transaction():
            await Article.objects.count()

            async def ask() -> int:
                return await Article.objects.using(database).count()

            outside = [asyncio.create_task(ask(), context=empty()) for _ in range(200)]
            for turn, task in enumerate(outside):
                if turn % 10 == 0:
                    await asyncio.sleep(0)
                task.cancel()
            found = Counter(type(each) for each in await asyncio.gather(*outside, return_exceptions=True))
            assert set(found) <= {asyncio.CancelledError, DatabaseUnavailable}
        await database.settled()
        assert (database.pool.in_use, database.pool.waiting) == (0, 0)
        assert await Article.objects.count() == 0

    using(url, work, pool_size=1, pool_timeout=60.0)


def empty() -> contextvars.Context:
    """Return a context in which no unit of work is open."""
    return contextvars.Context()


def test_conc_20_a_stream_holds_no_connection_and_leaves_none(url: str) -> None:
    """Pain 1, too: a few open tabs do not stall everybody else."""

    async def work(database: Database) -> None:
        seen: list[bytes] = []

        async def send(message: Any) -> None:
            seen.append(message.get("body", b""))
            if len(seen) > 3:
                raise OSError  # ASGI 2.4: the client has left

        inbox: asyncio.Queue[Any] = asyncio.Queue()
        inbox.put_nowait({"type": "http.request", "body": b"", "more_body": False})
        with suppress(OSError):
            await site(database)(http_scope(target="/stream"), inbox.get, send)
        # What comes before the head is the request's still.
        assert seen[1:4] == [b"0 1\n", b"0 0\n", b"0 0\n"]
        await database.settled()
        assert database.pool.in_use == 0

    using(url, work, pool_size=1)


@pytest.mark.parametrize("times", [1, 3])
def test_a_database_without_a_free_connection_says_how_many_wait(sqlite_url: str, times: int) -> None:
    async def work(database: Database) -> None:
        async with database.transaction():
            await Article.objects.count()
            waiting = [
                asyncio.create_task(Article.objects.using(database).count(), context=empty())
                for _ in range(times)
            ]
            while database.pool.waiting < times:
                await asyncio.sleep(0)
            assert database.pool.in_use == 1
        assert await asyncio.gather(*waiting) == [0] * times

    using(sqlite_url, work, pool_size=1, pool_timeout=60.0)
