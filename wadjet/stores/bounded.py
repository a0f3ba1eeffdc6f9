"""Bounded: values under keys, as many as fit into so many bytes. Nothing here waits, and no timer runs."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, NamedTuple, TypeVar

__all__ = ["OVERHEAD", "Bounded"]

V = TypeVar("V")

#: Bytes that an entry takes beside its key and value: what the dictionary, the tuple and the numbers need.
OVERHEAD = 400


class _Entry(NamedTuple, Generic[V]):
    value: V
    size: int
    #: By the clock; infinite for what does not end.
    ends: float


class Bounded(Generic[V]):
    """Values under keys. Where there is no room, those go that nobody has asked for for the longest time.

    Args:
        limit: the most bytes of all entries together.
        clock: gives seconds, never fewer than before.
    """

    __slots__ = ("_clock", "_entries", "limit", "size")

    def __init__(self, limit: int, clock: Callable[[], float]) -> None:
        self.limit = limit
        #: The bytes of all entries together.
        self.size = 0
        self._clock = clock
        self._entries: OrderedDict[Hashable, _Entry[V]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Hashable) -> V | None:
        """Return the value of a key; None where there is none, or no more."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        if entry.ends <= self._clock():
            self.discard(key)
            return None
        self._entries.move_to_end(key)
        return entry.value

    def put(self, key: Hashable, value: V, size: int, ttl: float | None = None) -> None:
        """Keep a value instead of the one that was there; one that is larger than the limit is not kept.

        Args:
            key: of the value.
            value: what to keep.
            size: the bytes of key and value.
            ttl: seconds; None is for ever.
        """
        self._put(key, value, size, math.inf if ttl is None else self._clock() + ttl)

    def replace(self, key: Hashable, value: V, size: int) -> None:
        """Keep a value for as long as the one would be kept that is there."""
        self._put(key, value, size, self._entries[key].ends)

    def _put(self, key: Hashable, value: V, size: int, ends: float) -> None:
        self.discard(key)
        size += OVERHEAD
        if size > self.limit:
            return
        while self.size + size > self.limit:
            self.size -= self._entries.popitem(last=False)[1].size
        self._entries[key] = _Entry(value, size, ends)
        self.size += size

    def discard(self, key: Hashable) -> None:
        """Forget a value, if it is there."""
        entry = self._entries.pop(key, None)
        if entry is not None:
            self.size -= entry.size

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
        self.size = 0
