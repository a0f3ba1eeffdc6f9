"""TimedStore: nobody waits for a store that hangs."""

from __future__ import annotations

import asyncio
import logging

import pytest

from tests.clocks import Clock
from wadjet.stores import StoreUnavailable
from wadjet.stores.memory import MemoryStore
from wadjet.stores.timed import TimedStore


class Slow(MemoryStore):
    """Answers when it is let."""

    def __init__(self) -> None:
        super().__init__(10_000)
        self.hangs = False

    async def get(self, key: str) -> bytes | None:
        if self.hangs:
            await asyncio.Event().wait()
        return await super().get(key)


def test_a_store_that_hangs_is_waited_for_once_and_found_again(caplog: pytest.LogCaptureFixture) -> None:
    async def questions() -> None:
        clock, slow = Clock(), Slow()
        store = TimedStore(slow, 0.01, clock)
        await store.set("a", b"A")
        slow.hangs = True
        failures = await asyncio.gather(*(store.get("a") for _ in range(50)), return_exceptions=True)
        assert {type(failure) for failure in failures} == {StoreUnavailable}
        slow.hangs = False
        with pytest.raises(StoreUnavailable, match="Slow has not answered lately"):
            await store.get("a")
        clock.now += 0.5
        assert await store.get("a") == b"A"
        await store.close()
        assert slow.size == 0

    with caplog.at_level(logging.WARNING, "wadjet.store"):
        asyncio.run(questions())
    assert [record.getMessage().partition(":")[0] for record in caplog.records] == [
        "Slow does not answer",
        "Slow answers again",
    ]
