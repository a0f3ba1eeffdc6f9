"""TimedStore: another store, none of whose answers is waited for longer than so many seconds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from .outage import Outage
from .store import Store

__all__ = ["TimedStore"]

T = TypeVar("T")


class TimedStore:
    """A :class:`~wadjet.stores.Store` that answers in time, or not at all.

    When the store does not, everything is :class:`StoreUnavailable` at once for half a second, and the log says so in one line.

    Args:
        store: is asked.
        timeout: seconds that one answer may take.
        clock: gives seconds, never fewer than before.
    """

    __slots__ = ("_outage", "_timeout", "store")

    def __init__(self, store: Store, timeout: float, clock: Callable[[], float] = time.monotonic) -> None:
        #: The one that is asked.
        self.store = store
        self._timeout = timeout
        self._outage = Outage(type(store).__name__, clock)

    async def get(self, key: str) -> bytes | None:
        """Return the value; None where there is none, or no more."""
        return await self._asked(lambda: self.store.get(key))

    async def get_many(self, *keys: str) -> list[bytes | None]:
        """Return the value of each key."""
        return await self._asked(lambda: self.store.get_many(*keys))

    async def set(self, key: str, value: bytes, ttl: float | None = None) -> None:
        """Keep a value, instead of the one that was there."""
        await self._asked(lambda: self.store.set(key, value, ttl))

    async def add(self, key: str, value: bytes, ttl: float | None = None) -> bool:
        """Keep a value where there is none; tell whether there was none."""
        return await self._asked(lambda: self.store.add(key, value, ttl))

    async def swap(self, key: str, old: bytes, new: bytes, ttl: float | None = None) -> bool:
        """Keep a value instead of one that is known; tell whether it was still that one."""
        return await self._asked(lambda: self.store.swap(key, old, new, ttl))

    async def increment(self, key: str, amount: int = 1, ttl: float | None = None) -> int:
        """Add to a number, 0 where there is none, and return it; see :meth:`Store.increment`."""
        return await self._asked(lambda: self.store.increment(key, amount, ttl))

    async def delete(self, *keys: str) -> None:
        """Forget values, if they are there."""
        await self._asked(lambda: self.store.delete(*keys))

    async def close(self) -> None:
        """Let go of what the store holds."""
        await self.store.close()

    async def _asked(self, ask: Callable[[], Awaitable[T]]) -> T:
        self._outage.check()
        try:
            async with asyncio.timeout(self._timeout):
                answer = await ask()
        except OSError as error:  # a time-out is an OSError
            raise self._outage.fails(error) from error
        self._outage.answers()
        return answer
