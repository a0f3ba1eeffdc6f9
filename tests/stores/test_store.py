"""What every store promises, asked of each: in memory, and in a real Redis."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from tests.redisserver import RedisServer
from wadjet.stores import Store
from wadjet.stores.memory import MemoryStore
from wadjet.stores.redis import RedisStore
from wadjet.stores.timed import TimedStore

Ask = Callable[[Callable[[Store], Awaitable[None]]], None]


@pytest.fixture(params=["memory", "redis", "timed"])
def ask(request: pytest.FixtureRequest) -> Ask:
    """Give what runs a test's questions on a store of its own, and closes it."""

    def make() -> Store:
        if request.param == "memory":
            return MemoryStore(1_000_000)
        if request.param == "timed":
            return TimedStore(MemoryStore(1_000_000), 10)
        server: RedisServer = request.getfixturevalue("shared_redis")
        return RedisStore(server.url, prefix=f"{request.node.name}:{time.monotonic_ns()}:", timeout=60)

    store = make()

    def ask(questions: Callable[[Store], Awaitable[None]]) -> None:
        async def whole() -> None:
            try:
                await questions(store)
            finally:
                await store.close()

        asyncio.run(whole())

    return ask


def test_what_was_kept_is_there_byte_by_byte(ask: Ask) -> None:
    async def questions(store: Store) -> None:
        await store.set("a", bytes(range(256)))
        assert await store.get("a") == bytes(range(256))
        await store.set("a", b"")
        assert await store.get("a") == b""

    ask(questions)


def test_what_was_never_kept_is_none(ask: Ask) -> None:
    async def questions(store: Store) -> None:
        assert await store.get("a") is None

    ask(questions)


def test_many_are_asked_for_at_once_in_order(ask: Ask) -> None:
    async def questions(store: Store) -> None:
        await store.set("a", b"A")
        await store.set("b", b"B")
        assert await store.get_many("b", "none", "a") == [b"B", None, b"A"]

    ask(questions)


def test_keys_are_any_text_and_no_two_are_one(ask: Ask) -> None:
    async def questions(store: Store) -> None:
        names = ["k", "K", "\N{KELVIN SIGN}", "k ", "k\n", "k\0"]
        for name in names:
            await store.set(name, name.encode())
        assert await store.get_many(*names) == [name.encode() for name in names]

    ask(questions)


def test_a_value_ends_with_its_time(ask: Ask) -> None:
    async def questions(store: Store) -> None:
        await store.set("short", b"A", ttl=0.02)
        await store.set("long", b"B", ttl=100)
        await asyncio.sleep(0.1)
        assert await store.get_many("short", "long") == [None, b"B"]

    ask(questions)


def test_only_the_first_of_many_adds(ask: Ask) -> None:
    async def questions(store: Store) -> None:
        added = await asyncio.gather(*(store.add("a", b"%d" % number, ttl=10) for number in range(20)))
        assert added.count(True) == 1
        assert await store.get("a") == b"%d" % added.index(True)

    ask(questions)


def test_what_has_ended_can_be_added_again(ask: Ask) -> None:
    async def questions(store: Store) -> None:
        assert await store.add("a", b"A", ttl=0.02)
        await asyncio.sleep(0.1)
        assert await store.add("a", b"B")

    ask(questions)


def test_numbers_add_up_whoever_adds(ask: Ask) -> None:
    async def questions(store: Store) -> None:
        numbers = await asyncio.gather(*(store.increment("a") for _ in range(20)))
        assert sorted(numbers) == list(range(1, 21))
        assert await store.increment("a", -5) == 15
        assert await store.get("a") == b"15"

    ask(questions)


def test_a_number_ends_with_the_time_that_it_began_with(ask: Ask) -> None:
    async def questions(store: Store) -> None:
        await store.increment("a", ttl=1.5)
        await store.increment("a", ttl=1000)
        await asyncio.sleep(2)
        assert await store.increment("a", ttl=1000) == 1

    ask(questions)


def test_what_is_no_number_cannot_be_added_to(ask: Ask) -> None:
    async def questions(store: Store) -> None:
        await store.set("a", b"many")
        with pytest.raises(ValueError, match="int"):
            await store.increment("a")
        assert await store.get("a") == b"many"

    ask(questions)


def test_what_is_deleted_is_gone_and_what_is_not_there_is_no_matter(ask: Ask) -> None:
    async def questions(store: Store) -> None:
        await store.set("a", b"A")
        await store.set("b", b"B")
        await store.delete("a", "b", "never there")
        assert await store.get_many("a", "b") == [None, None]

    ask(questions)


def test_a_value_is_swapped_only_for_one_that_is_still_there(ask: Ask) -> None:
    async def questions(store: Store) -> None:
        assert not await store.swap("a", b"A", b"B")
        await store.set("a", b"A\0\xff")
        assert not await store.swap("a", b"A", b"B")
        assert await store.swap("a", b"A\0\xff", b"B")
        assert await store.get("a") == b"B"

    ask(questions)


def test_only_one_of_many_swaps(ask: Ask) -> None:
    async def questions(store: Store) -> None:
        await store.set("a", b"A")
        swapped = await asyncio.gather(*(store.swap("a", b"A", b"%d" % number, 10) for number in range(20)))
        assert swapped.count(True) == 1
        assert await store.get("a") == b"%d" % swapped.index(True)

    ask(questions)


def test_what_was_swapped_ends_with_its_own_time(ask: Ask) -> None:
    async def questions(store: Store) -> None:
        await store.set("a", b"A", ttl=100)
        assert await store.swap("a", b"A", b"B", 0.02)
        await asyncio.sleep(0.1)
        assert await store.get("a") is None

    ask(questions)
