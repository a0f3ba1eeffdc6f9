"""A limit that processes share by Redis: exact, and none the worse where Redis is away."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from pathlib import Path
from typing import Any

import pytest

from tests.driving import Sent, exchange
from tests.middleware.ratesite import site
from tests.redisserver import RedisServer
from tests.running import free_port, running
from wadjet import Settings, Wadjet
from wadjet.middleware.ratecounters import MemoryCounter, RedisCounter
from wadjet.middleware.ratelimit import RateLimitMiddleware, RatePolicy
from wadjet.security.ratelimit import SECOND
from wadjet.stores.redis import RedisStore

MODULE = "tests.middleware.ratesite"


def application(url: str, policies: list[RatePolicy], **settings: Any) -> Wadjet:
    app = Wadjet(
        Settings(RATE_LIMIT_BACKEND="redis", REDIS_URL=url, **{"REDIS_TIMEOUT": 10.0, **settings}),
        middleware=[(RateLimitMiddleware, {"policies": policies})],
    )
    app.get("/")(lambda: "ok")
    return app


def named(*numbers: tuple[int, float], key: str | None = None) -> list[RatePolicy]:
    """Return policies whose keys no other test has."""
    key = key or str(uuid.uuid4())
    return [
        RatePolicy(limit, seconds, lambda scope: key, f"p{place}")
        for place, (limit, seconds) in enumerate(numbers)
    ]


def test_what_one_counts_counts_for_all(shared_redis: RedisServer) -> None:
    async def ask() -> list[Sent]:
        key = str(uuid.uuid4())
        apps = [application(shared_redis.url, named((3, 60), key=key)) for _ in range(2)]
        sent = [await exchange(apps[number % 2]) for number in range(4)]
        for app in apps:
            await app.shutdown()
        return sent

    sent = asyncio.run(ask())
    assert [each.status for each in sent] == [200, 200, 200, 429]
    assert [each.field(b"x-ratelimit-remaining") for each in sent] == [b"2", b"1", b"0", b"0"]
    assert sent[-1].field(b"retry-after") in {b"60", b"59", b"58", b"57"}
    assert sent[0].field(b"ratelimit") == b'"p0";r=2;t=60'
    reset = int(sent[0].field(b"x-ratelimit-reset") or 0)
    assert abs(reset - time.time() - 60) < 20


def test_rl_12_of_many_at_once_exactly_the_limit_passes(shared_redis: RedisServer) -> None:
    async def ask() -> list[int]:
        app = application(shared_redis.url, named((5, 60)))
        sent = await asyncio.gather(*(exchange(app) for _ in range(20)))
        await app.shutdown()
        return sorted(each.status for each in sent)

    assert asyncio.run(ask()) == [200] * 5 + [429] * 15


def test_redis_decides_as_memory_does(shared_redis: RedisServer) -> None:
    async def compare() -> None:
        store = RedisStore(shared_redis.url, prefix=f"{uuid.uuid4()}:", timeout=60)
        limits = [(4, 3600 * SECOND), (6, 7200 * SECOND)]
        shared, mine = RedisCounter(store, limits), MemoryCounter(limits)
        for cost in (1, 2, 0, 1, 3, 1, 9, 0):
            theirs = await shared.use(["a", "b"], cost)
            ours = mine.use(["a", "b"], cost, time.monotonic_ns())
            for one, other in zip(theirs, ours, strict=True):
                assert (one.is_allowed, one.remaining) == (other.is_allowed, other.remaining)
                for left, right in zip(one[2:], other[2:], strict=True):
                    assert abs(left - right) < 60 * SECOND
        await store.close()

    asyncio.run(compare())


def test_what_one_policy_refuses_counts_for_none(shared_redis: RedisServer) -> None:
    async def ask() -> list[int]:
        app = application(shared_redis.url, named((1, 1), (2, 3600)))
        found = [(await exchange(app)).status for _ in range(3)]
        deadline = time.monotonic() + 10
        while (await exchange(app)).status == 429:
            assert time.monotonic() < deadline
        await app.shutdown()
        return found

    assert asyncio.run(ask()) == [200, 429, 429]


def test_keys_end_with_their_windows(shared_redis: RedisServer) -> None:
    async def ask() -> tuple[int, int]:
        store = RedisStore(shared_redis.url, prefix="ends:", timeout=60)
        await RedisCounter(store, [(5, 60 * SECOND)]).use(["a"], 2)
        client = store._made()
        left, length = await client.pttl("ends:a"), await client.llen("ends:a")
        await client.aclose()
        await store.close()
        return left, length

    left, length = asyncio.run(ask())
    assert 30_000 < left <= 60_000
    assert length == 2


def test_a_clock_of_redis_that_was_set_back_locks_nobody_out(shared_redis: RedisServer) -> None:
    async def ask() -> list[bool]:
        store = RedisStore(shared_redis.url, prefix="back:", timeout=60)
        client = store._made()
        hour = int((time.time() + 3600) * 1_000_000)
        await client.rpush("back:far", *[hour] * 5)
        await client.rpush("back:near", *[hour - 3540 * 1_000_000] * 5)
        await client.aclose()
        counter = RedisCounter(store, [(5, 600 * SECOND)])
        far, near = (await counter.use(["far"], 1))[0], (await counter.use(["near"], 1))[0]
        await store.close()
        return [far.is_allowed, near.is_allowed, near.wait <= 600 * SECOND]

    assert asyncio.run(ask()) == [True, False, True]


@pytest.mark.parametrize(("choice", "status"), [("allow", 200), ("deny", 503)])
def test_rl_16_the_setting_says_what_becomes_of_requests_while_redis_is_away(
    own_redis: RedisServer, caplog: pytest.LogCaptureFixture, choice: str, status: int
) -> None:
    async def ask() -> tuple[list[Sent], list[int], float]:
        app = application(own_redis.url, named((5, 60)), RATE_LIMIT_ON_ERROR=choice, REDIS_TIMEOUT=2.0)
        assert (await exchange(app)).status == 200
        own_redis.stop()
        begun = time.monotonic()
        away = [await exchange(app) for _ in range(20)]
        lasted = time.monotonic() - begun
        own_redis.start()
        await asyncio.sleep(0.6)  # for so long nobody asks a Redis that has not answered
        back = [(await exchange(app)).status for _ in range(6)]
        await app.shutdown()
        return away, back, lasted

    with caplog.at_level(logging.WARNING, "wadjet"):
        away, back, lasted = asyncio.run(ask())
    assert {each.status for each in away} == {status}
    assert away[0].field(b"x-ratelimit-limit") is None
    assert away[0].field(b"retry-after") == (None if status == 200 else b"1")
    assert back == [200] * 5 + [429]  # RL-17: the limit holds again, without a restart
    lines = [each.getMessage().partition(":")[0] for each in caplog.records if each.name == "wadjet.store"]
    assert lines == ["Redis does not answer", "Redis answers again"]
    assert lasted < 10


def test_a_redis_that_hangs_delays_one_request_and_not_all(own_redis: RedisServer) -> None:
    async def ask() -> set[int]:
        app = application(own_redis.url, named((5, 60)), REDIS_TIMEOUT=0.1)
        own_redis.pause()
        found = {(await exchange(app)).status for _ in range(50)}
        own_redis.resume()
        await app.shutdown()
        return found

    assert asyncio.run(ask()) == {200}


def test_rl_19_two_processes_let_exactly_the_limit_through(own_redis: RedisServer, tmp_path: Path) -> None:
    import sys

    ports, folders = [free_port(), free_port()], [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
    command = [sys.executable, "-m", MODULE]
    environ = {"SITE_REDIS": own_redis.url}

    async def ask(port: int) -> tuple[bytes, bytes]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
        return head.split(b" ")[1], body

    async def many() -> list[tuple[bytes, bytes]]:
        return await asyncio.gather(*(ask(port) for _ in range(10) for port in ports))

    with (
        running([*command, str(ports[0])], folders[0], environ) as one,
        running([*command, str(ports[1])], folders[1], environ) as two,
    ):
        for server, port in zip((one, two), ports, strict=True):
            server.fetch(port, "/nowhere")
        own_redis.stop()
        own_redis.start()  # killed and started again: what was counted is gone, the script is sent again
        time.sleep(0.6)
        found = asyncio.run(many())
    assert sorted(status for status, _ in found) == [b"200"] * 5 + [b"429"] * 15


def test_the_site_of_these_tests_is_one(own_redis: RedisServer) -> None:
    async def ask() -> list[int]:
        app = site(own_redis.url, 1)
        found = [(await exchange(app)).status for _ in range(2)]
        await app.shutdown()
        return found

    assert asyncio.run(ask()) == [200, 429]


def test_connections_end_with_the_lifespan_of_an_application_that_is_wrapped(
    shared_redis: RedisServer,
) -> None:
    from wadjet.testing import AsyncTestClient

    async def ask() -> int:
        inner = Wadjet(Settings(RATE_LIMIT_BACKEND="redis", REDIS_URL=shared_redis.url, REDIS_TIMEOUT=10.0))
        inner.get("/")(lambda: "ok")
        key = str(uuid.uuid4())
        app = RateLimitMiddleware(inner, key_func=lambda scope: key)
        async with AsyncTestClient(app) as client:
            assert (await client.get("/")).headers["x-ratelimit-remaining"] == "1999"
        assert app._limit.redis is not None
        return len(app._limit.redis.store._clients)

    assert asyncio.run(ask()) == 0
