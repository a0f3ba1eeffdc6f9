"""DatabaseStore: what any store promises, and that a session is part of the request's transaction."""

from __future__ import annotations

import asyncio

import pytest

from tests.driving import exchange
from wadjet import Error, Request, Wadjet
from wadjet.db import Database
from wadjet.db.store import DatabaseStore, Kept
from wadjet.errors import ConfigError
from wadjet.middleware import DatabaseMiddleware, SessionMiddleware
from wadjet.stores.store import Store, StoreUnavailable


def test_a_store_in_the_database_keeps_its_promises(url: str) -> None:
    now = [1000.0]

    async def work() -> None:
        async with Database(url) as database:
            await database.create_all(Kept.metadata)
            store: Store = DatabaseStore(clock=lambda: now[0])
            await store.set("a", b"1")
            await store.set("a", b"\x00\xff")
            await store.set("b", b"2", 10)
            assert await store.get_many("a", "c", "b") == [b"\x00\xff", None, b"2"]
            assert not await store.add("b", b"3", 10)
            assert await store.add("c", b"3")
            assert not await store.swap("b", b"1", b"3")
            assert await store.swap("b", b"2", b"3", 10)
            now[0] += 10
            assert await store.get("b") is None
            assert not await store.swap("b", b"3", b"4")
            assert await store.add("b", b"4", 1)
            numbers = await asyncio.gather(*(store.increment("n", 2, 5) for _ in range(5)))
            assert sorted(numbers) == [2, 4, 6, 8, 10]
            with pytest.raises(ValueError):
                await store.increment("a")
            await store.delete("a", "nothing")
            assert await store.get("a") is None
            now[0] += 100
            for _ in range(500):
                await store.set("x", b"")
            assert sorted(row["key"] for row in await Kept.objects.values("key")) == ["c", "x"]
            await store.close()

    asyncio.run(work())


def test_a_database_that_is_away_is_a_store_that_is() -> None:
    async def work() -> None:
        async with Database("sqlite:////nowhere/at/all.db"):
            with pytest.raises(StoreUnavailable):
                await DatabaseStore().get("a")

    asyncio.run(work())


def test_a_session_is_kept_with_what_its_request_wrote(url: str) -> None:
    async def work() -> None:
        async with Database(url) as database:
            await database.create_all(Kept.metadata)
            app = Wadjet(
                middleware=[
                    (DatabaseMiddleware, {"database": database}),
                    (SessionMiddleware, {"store": DatabaseStore()}),
                ]
            )

            @app.get("/{ends}")
            async def visit(request: Request, ends: str) -> str:
                await request.session.load()
                request.session["seen"] = request.session.get("seen", 0) + 1
                if ends == "error":
                    raise Error(500)
                return str(request.session["seen"])

            first = await exchange(app, target="/x")
            cookie = (first.field(b"set-cookie") or b"").decode().partition(";")[0]
            for target, body in (("/x", b"2"), ("/error", None), ("/x", b"3")):
                answer = await exchange(app, target=target, headers=[("cookie", cookie)])
                assert body is None or answer.body == body
            assert database.pool.in_use == 0

    asyncio.run(work())


def test_outside_of_the_databases_middleware_it_does_not_start(sqlite_url: str) -> None:
    middleware = [
        (SessionMiddleware, {"store": DatabaseStore()}),
        (DatabaseMiddleware, {"database": Database(sqlite_url)}),
    ]
    with pytest.raises(ConfigError, match="database"):
        Wadjet(middleware=middleware).seal()
