"""RedisStore: what it does when Redis hangs, dies and comes back, and what it says when it cannot work at all."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys

import pytest

from tests.clocks import Clock
from tests.redisserver import RedisServer
from wadjet.errors import ConfigError
from wadjet.stores import StoreUnavailable
from wadjet.stores.redis import RedisStore, redis_url


def test_two_stores_share_what_they_keep_if_they_share_a_prefix(shared_redis: RedisServer) -> None:
    async def questions() -> None:
        one, other = (RedisStore(shared_redis.url, prefix="shared:", timeout=60) for _ in range(2))
        stranger = RedisStore(shared_redis.url, prefix="stranger:", timeout=60)
        await one.set("a", b"A")
        assert (await other.get("a"), await stranger.get("a")) == (b"A", None)
        for store in (one, other, stranger):
            await store.close()

    asyncio.run(questions())


def test_a_store_is_used_on_one_loop_after_the_other(shared_redis: RedisServer) -> None:
    store = RedisStore(shared_redis.url, prefix="loops:", timeout=60)

    async def count() -> int:
        number = await store.increment("a")
        await store.close()
        return number

    assert [asyncio.run(count()) for _ in range(3)] == [1, 2, 3]


def test_a_closed_store_opens_again(shared_redis: RedisServer) -> None:
    async def questions() -> None:
        store = RedisStore(shared_redis.url, prefix="again:", timeout=60)
        await store.close()
        await store.set("a", b"A")
        await store.close()
        assert await store.get("a") == b"A"
        await store.close()

    asyncio.run(questions())


def test_a_cancelled_question_leaves_no_answer_for_the_next(shared_redis: RedisServer) -> None:
    async def questions() -> None:
        store = RedisStore(shared_redis.url, prefix="cancelled:", timeout=60)
        await store.set("mine", b"mine")
        await store.set("yours", b"yours")
        for turns in range(30):
            task = asyncio.ensure_future(store.get("yours"))
            for _ in range(turns % 10):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait({task})
            assert await store.get("mine") == b"mine"
        await store.close()

    asyncio.run(questions())


def test_nobody_waits_twice_for_a_redis_that_hangs(
    own_redis: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    async def questions() -> None:
        clock = Clock()
        store = RedisStore(own_redis.url, timeout=2, clock=clock)
        await store.set("a", b"A")
        own_redis.pause()
        store._timeout = 0.05
        failures = await asyncio.gather(*(store.get("a") for _ in range(200)), return_exceptions=True)
        assert {type(failure) for failure in failures} == {StoreUnavailable}
        with pytest.raises(StoreUnavailable, match="has not answered lately"):
            await store.get("a")
        own_redis.resume()
        store._timeout = 10
        with pytest.raises(StoreUnavailable, match="lately"):
            await store.get("a")
        clock.now += 0.5
        assert await store.get("a") == b"A"
        await store.close()

    with caplog.at_level(logging.WARNING, "wadjet.store"):
        asyncio.run(questions())
    assert [record.getMessage().partition(":")[0] for record in caplog.records] == [
        "Redis does not answer",
        "Redis answers again",
    ]


def test_a_redis_that_was_killed_and_started_again_is_found_again(own_redis: RedisServer) -> None:
    async def questions() -> None:
        clock = Clock()
        store = RedisStore(own_redis.url, timeout=60, clock=clock)
        await asyncio.gather(*(store.increment("a") for _ in range(20)))
        own_redis.stop()
        with pytest.raises(StoreUnavailable, match="does not answer"):
            await store.get("a")
        own_redis.start()
        clock.now += 0.5
        assert await store.increment("a") == 1
        await store.close()

    asyncio.run(questions())


def test_connections_that_were_lost_while_idle_are_no_failure(own_redis: RedisServer) -> None:
    async def questions() -> None:
        store = RedisStore(own_redis.url, timeout=60)
        await asyncio.gather(*(store.increment("a") for _ in range(20)))
        own_redis.stop()
        own_redis.start()
        assert sorted(await asyncio.gather(*(store.increment("a") for _ in range(20)))) == list(range(1, 21))
        await store.close()

    asyncio.run(questions())


def test_more_callers_than_connections_wait_for_one(shared_redis: RedisServer) -> None:
    async def questions() -> None:
        store = RedisStore(shared_redis.url, prefix="many:", timeout=60)
        assert len(set(await asyncio.gather(*(store.increment("a") for _ in range(500))))) == 500
        await store.close()

    asyncio.run(questions())


def test_a_redis_that_refuses_is_unavailable_but_not_down_and_the_log_says_so_once_a_minute(
    shared_redis: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    async def questions() -> None:
        clock = Clock()
        store = RedisStore(shared_redis.url, prefix="refuses:", timeout=60, clock=clock)
        client = store._made()
        await client.lpush("refuses:list", "a")
        await client.aclose()
        with pytest.raises(StoreUnavailable, match="refuses: .*WRONGTYPE"):
            await store.increment("list")
        for _ in range(3):
            clock.now += 30
            with pytest.raises(StoreUnavailable):
                await store.increment("list")
        assert await store.get("other") is None
        await store.close()

    with caplog.at_level(logging.ERROR, "wadjet.store"):
        asyncio.run(questions())
    assert [record.getMessage().partition(":")[0] for record in caplog.records] == ["Redis refuses"] * 2


@pytest.mark.parametrize("url", ["localhost:6379", "http://localhost", "redis://localhost:port/0"])
def test_what_is_no_address_is_said_without_repeating_it(url: str) -> None:
    with pytest.raises(ConfigError, match="REDIS_URL is no address .* write one as redis://") as caught:
        RedisStore(f"{url}?password=secret")
    assert "secret" not in str(caught.value)


def test_without_redis_py_the_command_that_installs_it_is_named() -> None:
    code = """
import importlib.abc, sys

class Absent(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name.partition(".")[0] == "redis":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Absent())
from wadjet.stores.redis import RedisStore
RedisStore("redis://localhost")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert 'MissingExtra: RedisStore needs redis-py: pip install "wadjet[redis]"' in done.stderr


def test_the_setting_wins_over_the_caches_and_the_caches_over_nothing() -> None:
    caches = {"default": {"OPTIONS": {"url": "redis://there"}}}
    assert redis_url("redis://here", caches) == "redis://here"
    assert redis_url(None, caches) == "redis://there"


@pytest.mark.parametrize("caches", [{}, {"default": None}, {"default": {"OPTIONS": {"url": None}}}])
def test_no_address_at_all_is_said_with_what_to_set(caches: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match="REDIS_URL is not set; .* WADJET_REDIS_URL"):
        redis_url(None, caches)
