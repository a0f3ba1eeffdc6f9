"""Answers that processes share by Redis: one run for all of them, and none the worse where Redis is away."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.redisserver import RedisServer
from wadjet import Response, Settings, Wadjet
from wadjet.cache.policy import Policy
from wadjet.cache.shelf import SharedShelf
from wadjet.cache.stored import Stored
from wadjet.errors import ConfigError
from wadjet.stores import StoreUnavailable
from wadjet.stores.memory import MemoryStore
from wadjet.stores.redis import RedisStore
from wadjet.testing import AsyncTestClient, TestClient

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 60


class Served:
    """An application that counts its runs; several of them are one to Redis."""

    def __init__(self, url: str, path: str, seconds: float = 0, **options: Any) -> None:
        self.runs = 0
        self.app = Wadjet(Settings(CACHE_BACKEND="redis", REDIS_URL=url, REDIS_TIMEOUT=10.0))

        @self.app.get(path, **({"cache_rate": 10} | options))
        async def index() -> Response[str]:
            self.runs += 1
            await asyncio.sleep(seconds)
            return Response(f"{id(self)} {self.runs}", headers={"x-a": "b", "cache-control": "max-age=60"})

        self.index = index


@pytest.fixture
def path() -> str:
    """Give a path that no other test has kept anything under."""
    return f"/{uuid.uuid4()}"


def together(work: Callable[..., object], *served: Served) -> object:
    """Do work with a client of each application, on one loop."""

    async def whole() -> object:
        clients = [AsyncTestClient(one.app) for one in served]
        try:
            return await work(*clients)  # type: ignore[misc]  # it is a coroutine function
        finally:
            for client, one in zip(clients, served, strict=True):
                await client.aclose()
                await one.app.shutdown()

    return asyncio.run(whole())


def test_what_one_has_made_answers_for_all(shared_redis: RedisServer, path: str) -> None:
    one, other = Served(shared_redis.url, path), Served(shared_redis.url, path)

    async def work(mine: AsyncTestClient, theirs: AsyncTestClient) -> None:
        first, second = await mine.get(path), await theirs.get(path)
        assert first.text == second.text
        assert (second.headers["x-a"], second.headers["age"]) == ("b", "0")
        assert "age" not in first.headers

    together(work, one, other)
    assert (one.runs, other.runs) == (1, 0)


def test_requests_are_counted_whoever_answers_them(shared_redis: RedisServer, path: str) -> None:
    served = [Served(shared_redis.url, path, cache_rate=4) for _ in range(2)]

    async def work(*clients: AsyncTestClient) -> None:
        texts = [(await clients[number % 2].get(path)).text for number in range(12)]
        assert [texts.index(text) for text in texts] == [0, 0, 0, 0, 4, 4, 4, 4, 8, 8, 8, 8]

    together(work, *served)
    assert sum(one.runs for one in served) == 3


def test_an_answer_ends_with_its_seconds(shared_redis: RedisServer, path: str) -> None:
    one = Served(shared_redis.url, path, cache_rate=None, cache_ttl=0.1)

    async def work(client: AsyncTestClient) -> None:
        first = (await client.get(path)).text
        await asyncio.sleep(0.3)
        assert (await client.get(path)).text != first

    together(work, one)


def test_what_one_forgets_all_have_forgotten(shared_redis: RedisServer, path: str) -> None:
    one, other = Served(shared_redis.url, path), Served(shared_redis.url, path)

    async def work(mine: AsyncTestClient, theirs: AsyncTestClient) -> None:
        await mine.get(path)
        await other.app.invalidate(other.index)
        await mine.get(path)
        await theirs.get(path)

    together(work, one, other)
    assert (one.runs, other.runs) == (2, 0)


def test_what_is_being_made_while_another_forgets_is_not_kept(shared_redis: RedisServer, path: str) -> None:
    one, other = Served(shared_redis.url, path, 0.1), Served(shared_redis.url, path)

    async def work(mine: AsyncTestClient, theirs: AsyncTestClient) -> None:
        early = asyncio.ensure_future(mine.get(path))
        while not one.runs:
            await asyncio.sleep(0.01)
        await other.app.invalidate(other.index)
        await early
        assert (await theirs.get(path)).text != early.result().text

    together(work, one, other)


def test_one_run_answers_all_that_wait_for_it_in_every_process(shared_redis: RedisServer, path: str) -> None:
    served = [Served(shared_redis.url, path, 0.2, cache_rate=None, cache_ttl=100) for _ in range(3)]

    async def work(*clients: AsyncTestClient) -> None:
        answers = await asyncio.gather(*(client.get(path) for client in clients for _ in range(20)))
        assert len({answer.text for answer in answers}) == 1

    together(work, *served)
    assert sum(one.runs for one in served) == 1


def test_nobody_waits_for_ever_for_a_process_that_has_died() -> None:
    async def work() -> None:
        shelf = SharedShelf(MemoryStore(100_000), "name", Policy(10))
        key = (0, "/")
        assert await shelf.begin(key) == (None, "")
        started = asyncio.get_running_loop().time()
        assert await shelf.begin(key) == (None, "")
        slept = asyncio.get_running_loop().time() - started
        assert 1 < slept < PATIENCE_SECONDS

    asyncio.run(work())


def test_whoever_waits_takes_what_another_has_made_meanwhile() -> None:
    async def work() -> None:
        shelf = SharedShelf(MemoryStore(100_000), "name", Policy())
        key = (0, "/")
        _, mark = await shelf.begin(key)
        waiting = asyncio.ensure_future(shelf.begin(key))
        await asyncio.sleep(0.02)
        await shelf.end(key, mark, Stored(b"made", (), 0, time.time))
        found, _ = await waiting
        assert found is not None
        assert found.body == b"made"

    asyncio.run(work())


def test_whoever_comes_when_an_answer_has_just_been_kept_takes_it_and_lets_others_have_the_turn() -> None:
    async def work() -> None:
        store = MemoryStore(100_000)
        shelf = SharedShelf(store, "name", Policy())
        key = (0, "/")
        _, mark = await shelf.begin(key)
        await shelf.end(key, mark, Stored(b"made", (), 0, time.time))
        found, _ = await shelf.begin(key)
        assert found is not None
        assert await store.add(f"{shelf._named(key)}:run", b"")

    asyncio.run(work())


@pytest.mark.parametrize("value", [b"", b"\x80\x04\x95garbage.", b"[]\n", b'{"version":1}\nbody'])
def test_cache_29_what_is_no_answer_of_ours_is_not_read(
    shared_redis: RedisServer, path: str, value: bytes
) -> None:
    one = Served(shared_redis.url, path)

    async def work(client: AsyncTestClient) -> None:
        await client.get(path)
        redis = RedisStore(shared_redis.url, prefix="", timeout=60)
        raw = redis._made()
        names = [name async for name in raw.scan_iter("wadjet:cache:*")]
        for name in names:
            if await raw.type(name) == b"string" and (await raw.get(name) or b"")[:1] == b"{":
                await raw.set(name, value)
        await raw.aclose()
        assert (await client.get(path)).status_code == 200

    together(work, one)
    assert one.runs == 2


def test_where_redis_is_away_the_handler_answers(own_redis: RedisServer, path: str) -> None:
    one = Served(own_redis.url, path)

    async def work(client: AsyncTestClient) -> None:
        await client.get(path)
        own_redis.stop()
        assert [(await client.get(path)).status_code for _ in range(5)] == [200] * 5
        with pytest.raises(StoreUnavailable):
            await one.index.invalidate()

    together(work, one)
    assert one.runs == 6


def test_where_redis_goes_while_the_handler_runs_its_answer_is_sent(
    own_redis: RedisServer, path: str
) -> None:
    one = Served(own_redis.url, path, 0.1)

    async def work(client: AsyncTestClient) -> None:
        answer = asyncio.ensure_future(client.get(path))
        while not one.runs:
            await asyncio.sleep(0.01)
        own_redis.stop()
        assert (await answer).status_code == 200

    together(work, one)


def test_two_applications_in_one_redis_do_not_get_each_others_answers(
    shared_redis: RedisServer, path: str
) -> None:
    one = Served(shared_redis.url, path)
    other = Wadjet(Settings(CACHE_BACKEND="redis", REDIS_URL=shared_redis.url, REDIS_TIMEOUT=10.0))

    @other.get(path, cache_rate=10)
    async def another() -> str:
        return "other"

    with TestClient(one.app) as mine, TestClient(other) as theirs:
        assert mine.get(path).text != "other"
        assert theirs.get(path).text == "other"


def test_no_address_of_redis_is_an_error_at_startup() -> None:
    app = Wadjet(Settings(CACHE_BACKEND="redis"))
    app.add("/", lambda: "", cache_rate=10)
    with pytest.raises(ConfigError, match="REDIS_URL is not set"):
        app.seal()


def test_redis_is_not_asked_for_where_nothing_is_kept() -> None:
    app = Wadjet(Settings(CACHE_BACKEND="redis"))
    app.add("/", lambda: "served")
    assert TestClient(app).get("/").text == "served"


def test_a_backend_that_is_none_is_an_error_at_startup() -> None:
    with pytest.raises(ConfigError, match="CACHE_BACKEND='memcached' is not one of 'memory', 'redis'"):
        Wadjet(Settings(CACHE_BACKEND="memcached")).seal()


# -- two processes ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def processes(own_redis: RedisServer) -> Iterator[list[str]]:
    """Serve ``site.py`` by two processes; give their addresses."""
    ports = []
    for _ in range(2):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            ports.append(str(probe.getsockname()[1]))
    environment = {**os.environ, "SITE_REDIS": own_redis.url}
    running = [
        subprocess.Popen([sys.executable, "-m", "tests.cache.site", port], cwd=ROOT, env=environment)
        for port in ports
    ]
    try:
        yield [f"http://127.0.0.1:{port}" for port in ports]
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(PATIENCE_SECONDS)


def asked(address: str, data: bytes | None = None) -> str:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            request = urllib.request.Request(address, data, {"host": "shop.localhost"})
            with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as response:
                return str(response.read().decode())
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def test_two_processes_answer_with_one_run(processes: list[str]) -> None:
    texts = [asked(processes[number % 2]) for number in range(20)]
    assert len(set(texts[:10])) == 1
    assert len(set(texts[10:])) == 1
    assert texts[0] != texts[10]
    asked(f"{processes[1]}/forget", b"")
    assert asked(processes[0]) not in texts
