"""Sessions in a real Redis: shared by all who know it, and none the worse when it dies and comes back."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import pytest

from tests.driving import Sent
from tests.redisserver import RedisServer
from tests.sessions.sites import Browser, add_pages
from wadjet import Request, Settings, Wadjet
from wadjet.middleware.session import SessionMiddleware


def application(server: RedisServer, **settings: Any) -> Wadjet:
    given: dict[str, Any] = {
        "SESSION_STORE": "redis",
        "REDIS_URL": server.url,
        "REDIS_TIMEOUT": 10.0,
        **settings,
    }
    return add_pages(Wadjet(Settings(**given), middleware=[SessionMiddleware]))


def test_every_process_that_knows_it_has_the_session(shared_redis: RedisServer) -> None:
    async def ask() -> Any:
        one, other = application(shared_redis), application(shared_redis)
        client = Browser(one)
        await client.ask("/set")
        client.app = other
        found = json.loads((await client.ask("/get")).body)
        threads = json.loads((await client.ask("/thread")).body)
        for app in (one, other):
            await app.shutdown()
        return found, threads

    assert asyncio.run(ask()) == ({"value": "kept", "user": None, "new": False}, {"value": "kept"})


def test_requests_at_once_lose_nothing_of_each_other(shared_redis: RedisServer) -> None:
    async def ask() -> Any:
        app = application(shared_redis)

        @app.get("/slow")
        async def slow(request: Request, key: str) -> None:
            session = await request.session.load()
            await asyncio.sleep(0.05)  # so that all of them have read it before one writes
            session[key] = 1

        client = Browser(app)
        await client.ask("/set")
        await asyncio.gather(*(client.ask(f"/slow?key=k{number}") for number in range(10)))
        found = json.loads((await client.ask("/thread")).body)
        await app.shutdown()
        return found

    assert asyncio.run(ask()) == {"value": "kept", **{f"k{number}": 1 for number in range(10)}}


@pytest.mark.parametrize(("choice", "status"), [("deny", 503), ("anonymous", 200)])
def test_a_redis_that_dies_in_the_middle_of_a_request_and_comes_back(
    own_redis: RedisServer, caplog: pytest.LogCaptureFixture, choice: str, status: int
) -> None:
    async def ask() -> tuple[list[Sent], list[Sent], list[Sent]]:
        app = application(own_redis, SESSION_ON_ERROR=choice)

        @app.get("/dies")
        async def dies(request: Request) -> None:
            session = await request.session.load()
            own_redis.stop()
            session["value"] = "lost"

        client = Browser(app)
        await client.ask("/set")
        lost = [await client.ask("/dies")]
        away = [await client.ask(target) for target in ("/get", "/plain", "/set")]
        own_redis.start()
        await asyncio.sleep(0.6)  # for so long nobody asks a Redis that has not answered
        back = [await client.ask(target) for target in ("/get", "/set", "/get")]
        await app.shutdown()
        return lost, away, back

    with caplog.at_level(logging.WARNING, "wadjet"):
        lost, away, back = asyncio.run(ask())
    assert [each.status for each in lost] == [503]
    assert [each.status for each in away] == [status, 200, 503]
    assert [each.status for each in back] == [200, 200, 200]
    assert json.loads(back[0].body)["value"] is None  # this Redis keeps nothing when it is killed
    assert json.loads(back[2].body)["value"] == "kept"
    lines = [each.getMessage().partition(":")[0] for each in caplog.records if each.name == "wadjet.store"]
    assert lines == ["Redis does not answer", "Redis answers again"]


def test_a_redis_that_hangs_delays_one_request_and_not_all(own_redis: RedisServer) -> None:
    async def ask() -> set[int]:
        app = application(own_redis, REDIS_TIMEOUT=0.1)
        client = Browser(app)
        await client.ask("/set")
        own_redis.pause()
        found = {(await client.ask("/get")).status for _ in range(50)}
        own_redis.resume()
        await app.shutdown()
        return found

    assert asyncio.run(ask()) == {503}
