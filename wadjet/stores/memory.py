"""MemoryStore: in this process, for as long as it runs, within so many bytes."""

from __future__ import annotations

import time
from collections.abc import Callable

from .bounded import Bounded

__all__ = ["MemoryStore"]


class MemoryStore:
    """A :class:`~wadjet.stores.Store` in memory. It belongs to one event loop, as what is kept in it does.

    When it is full, the entries that nobody has asked for for the longest time are forgotten, before their time.

    Args:
        limit: the most bytes of all entries together.
        clock: gives seconds, never fewer than before.
    """

    __slots__ = ("_kept",)

    def __init__(self, limit: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._kept: Bounded[bytes] = Bounded(limit, clock)

    @property
    def size(self) -> int:
        """The bytes of all entries together."""
        return self._kept.size

    async def get(self, key: str) -> bytes | None:
        """Return the value; None where there is none, or no more."""
        return self._kept.get(key)

    async def get_many(self, *keys: str) -> list[bytes | None]:
        """Return the value of each key."""
        return [self._kept.get(key) for key in keys]

    async def set(self, key: str, value: bytes, ttl: float | None = None) -> None:
        """Keep a value, instead of the one that was there."""
        self._kept.put(key, value, len(key) + len(value), ttl)

    async def add(self, key: str, value: bytes, ttl: float | None = None) -> bool:
        """Keep a value where there is none; tell whether there was none."""
        is_free = self._kept.get(key) is None
        if is_free:
            await self.set(key, value, ttl)
        return is_free

    async def swap(self, key: str, old: bytes, new: bytes, ttl: float | None = None) -> bool:
        """Keep a value instead of one that is known; tell whether it was still that one."""
        is_still = self._kept.get(key) == old
        if is_still:
            await self.set(key, new, ttl)
        return is_still

    async def increment(self, key: str, amount: int = 1, ttl: float | None = None) -> int:
        """Add to a number, 0 where there is none, and return it; see :meth:`Store.increment`."""
        before = self._kept.get(key)
        number = int(before or 0) + amount
        value = b"%d" % number
        if before is None:
            await self.set(key, value, ttl)
        else:
            self._kept.replace(key, value, len(key) + len(value))
        return number

    async def delete(self, *keys: str) -> None:
        """Forget values, if they are there."""
        for key in keys:
            self._kept.discard(key)

    async def close(self) -> None:
        """Forget everything."""
        self._kept.clear()
