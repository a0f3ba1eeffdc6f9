"""What goes wrong: clients that leave, handlers that fail, a server that dies. Nothing leaks, nothing is half there."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
import textwrap
from collections import Counter
from pathlib import Path

from tests.db.site import PATIENCE_SECONDS, Article, Base, using
from tests.driving import drive, exchange, http_scope
from tests.pgserver import PostgresServer
from wadjet import Error, Request, Wadjet
from wadjet.db import Database, transaction
from wadjet.middleware import DatabaseMiddleware
from wadjet.types import ASGIApp, Message

#: WADJET_TEST_ITERATIONS=10000 for the whole storm; each takes some milliseconds.
STORM = int(os.environ.get("WADJET_TEST_ITERATIONS", "200"))
AT_ONCE = 20


def site(database: Database) -> Wadjet:
    """Return an application whose requests write twice, and then end in a way that the path says."""
    app = Wadjet(middleware=[(DatabaseMiddleware, {"database": database})])

    @app.post("/pairs/{way}")
    async def pair(request: Request, way: str) -> str:
        await Article.objects.create(title="pair")
        if way == "error":
            raise Error(400)
        async with transaction():
            await Article.objects.create(title="pair")
        if way == "body":
            await request.body()
        await asyncio.gather(Article.objects.count(), Article.objects.first())
        if way == "crash":
            raise ValueError(way)
        return "ok"

    return app


async def leave(app: ASGIApp, turns: int) -> None:
    """Ask, send half a content, and leave after some turns of the loop."""

    async def receive() -> Message:
        if not sent:
            sent.append(1)
            return {"type": "http.request", "body": b"a", "more_body": True}
        for _ in range(turns):
            await asyncio.sleep(0)
        return {"type": "http.disconnect"}

    async def send(_: Message) -> None: ...

    sent: list[int] = []
    await app(http_scope("POST", "/pairs/body", [("content-length", "2")]), receive, send)


async def one(app: ASGIApp, chance: random.Random) -> str:
    """Send a request that ends by chance."""
    way = chance.choice(["ok", "error", "crash", "leave", "cancel", "cancel"])
    turns = chance.randrange(120)
    if way == "leave":
        await leave(app, turns)
    elif way == "cancel":
        task = asyncio.create_task(drive(app, http_scope("POST", "/pairs/ok")))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait({task})
        way = "ok" if not task.cancelled() else way
    else:
        status = (await exchange(app, "POST", f"/pairs/{way}")).status
        assert status == {"ok": 200, "error": 400, "crash": 500}[way]
    return way


def test_whatever_ends_a_request_the_pool_is_idle_afterwards_and_nothing_is_half_there(url: str) -> None:
    async def work(database: Database) -> None:
        app, chance, ways = site(database), random.Random(7), Counter[str]()

        async def worker() -> None:
            for _ in range(STORM // AT_ONCE):
                ways[await one(app, chance)] += 1

        await asyncio.gather(*(worker() for _ in range(AT_ONCE)))
        await database.settled()
        assert database.pool.in_use == database.pool.waiting == 0
        assert set(ways) == {"ok", "error", "crash", "leave", "cancel"}
        kept = await Article.objects.count()
        assert kept % 2 == 0  # a cancelled request may have been committed, whole
        assert 2 * ways["ok"] <= kept <= 2 * (ways["ok"] + ways["cancel"])

    using(url, work, seconds=PATIENCE_SECONDS + STORM / 10, pool_size=5, pool_timeout=PATIENCE_SECONDS)


def test_no_transaction_is_open_in_postgres_after_a_storm(
    postgres_url: str, shared_postgres: PostgresServer
) -> None:
    async def work(database: Database) -> None:
        app, chance = site(database), random.Random(11)
        await asyncio.gather(*(one(app, chance) for _ in range(60)))
        await database.settled()
        opened = "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'"
        assert await asyncio.to_thread(shared_postgres.sql, opened) == "0"

    using(postgres_url, work, pool_size=5, pool_timeout=PATIENCE_SECONDS)


def test_a_process_that_dies_between_the_handler_and_the_commit_keeps_nothing(url: str) -> None:
    program = f"""
        import asyncio, os, signal
        from tests.db.site import Article, Author
        from wadjet.db import Database

        async def main():
            async with Database({url!r}) as database:
                database.begin()
                await Article.objects.create(title="lost")
                print(await Article.objects.count(), flush=True)
                os.kill(os.getpid(), signal.SIGKILL)

        asyncio.run(main())
    """

    async def work(_: Database) -> None:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", textwrap.dedent(program), stdout=-1, cwd=Path(__file__).parents[2]
        )
        output, _errors = await process.communicate()
        assert (output, process.returncode) == (b"1\n", -signal.SIGKILL)
        assert await Article.objects.count() == 0
        await Article.objects.create(title="after")

    using(url, work)


def test_while_postgres_is_away_requests_are_503_and_afterwards_they_are_not(
    own_postgres: PostgresServer,
) -> None:
    """CONC-23."""

    async def work() -> None:
        async with asyncio.timeout(PATIENCE_SECONDS), Database(own_postgres.url()) as database:
            await database.create_all(Base.metadata)
            app, answers, stops = site(database), Counter[int](), asyncio.Event()

            async def load() -> None:
                while not stops.is_set():
                    answer = await exchange(app, "POST", "/pairs/ok")
                    answers[answer.status] += 1
                    assert answer.status != 503 or answer.field(b"retry-after") == b"1"

            async def until(status: int, count: int) -> None:
                answers.clear()
                while answers[status] < count:
                    await asyncio.sleep(0.01)

            workers = [asyncio.create_task(load()) for _ in range(5)]
            await until(200, 10)
            await asyncio.to_thread(own_postgres.stop)
            await until(503, 10)
            assert answers[500] <= 5  # those whose commit was under way
            await asyncio.to_thread(own_postgres.start)
            await until(200, 20)
            stops.set()
            await asyncio.gather(*workers)
            await database.settled()
            assert database.pool.in_use == 0
            assert await Article.objects.count() % 2 == 0

    asyncio.run(work())
