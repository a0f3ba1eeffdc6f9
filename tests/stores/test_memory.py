"""MemoryStore stays within its bytes, and forgets when it is closed."""

from __future__ import annotations

import asyncio

from tests.clocks import Clock
from wadjet.stores.bounded import OVERHEAD
from wadjet.stores.memory import MemoryStore


def test_it_stays_within_its_bytes() -> None:
    async def questions() -> None:
        store = MemoryStore(10 * (OVERHEAD + 101))
        for number in range(1000):
            await store.set(f"{number % 10}", bytes(100))
            await store.increment(f"n{number}")
        assert store.size <= 10 * (OVERHEAD + 101)

    asyncio.run(questions())


def test_time_is_what_its_clock_says() -> None:
    async def questions() -> None:
        clock = Clock()
        store = MemoryStore(10_000, clock)
        await store.set("a", b"A", ttl=60)
        clock.now += 59
        assert await store.get("a") == b"A"
        clock.now += 1
        assert await store.get("a") is None

    asyncio.run(questions())


def test_what_is_closed_has_forgotten() -> None:
    async def questions() -> None:
        store = MemoryStore(10_000)
        await store.set("a", b"A")
        await store.close()
        assert (await store.get("a"), store.size) == (None, 0)

    asyncio.run(questions())
