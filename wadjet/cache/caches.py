"""Caches: what the routes of one application keep, and what they share for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from ..errors import ConfigError
from ..stores import Store
from ..stores.bounded import Bounded
from .policy import Policy
from .responses import ResponseCache
from .shelf import LocalShelf, SharedShelf
from .stored import Stored

__all__ = ["Cached", "Caches"]

_BACKENDS = ("memory", "redis")


class Cached(Protocol):
    """What a cache knows of a route."""

    handler: Callable[..., Any]

    @property
    def origins(self) -> Sequence[Cached]:
        """The routes of a view that it was made of."""

    @property
    def where(self) -> str:
        """File, line and handler, for messages."""


class Caches:
    """The caches of an application.

    Args:
        backend: ``memory`` for this process alone, ``redis`` for a store that processes share.
        limit: the most bytes that are kept in memory.
        connect: makes the store; it is called when the first route asks for it.
        clock: gives seconds, for what is kept in memory.

    Raises:
        ConfigError: there is no such backend.
    """

    __slots__ = ("_backend", "_clock", "_connect", "_kept", "_made", "_store")

    def __init__(
        self,
        backend: str,
        limit: int,
        connect: Callable[[], Store],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if backend not in _BACKENDS:
            raise ConfigError(f"CACHE_BACKEND={backend!r} is not one of {', '.join(map(repr, _BACKENDS))}")
        self._backend = backend
        self._connect = connect
        self._clock = clock
        self._kept: Bounded[Stored] = Bounded(limit, clock)
        self._store: Store | None = None
        self._made: list[tuple[Cached, ResponseCache]] = []

    def of(self, route: Cached, name: str, policy: Policy) -> ResponseCache:
        """Return a new cache for one place where a route stands.

        Args:
            route: whose answers they are.
            name: of the place, the same in every process.
            policy: the route's.

        Raises:
            ConfigError: the store that is asked for cannot be reached by any address, or its package is not installed.
        """
        shelf: LocalShelf | SharedShelf
        if self._backend == "memory":
            shelf = LocalShelf(self._kept, policy, self._clock)
        else:
            self._store = self._store or self._connect()
            shelf = SharedShelf(self._store, name, policy)
        made = ResponseCache(policy, shelf, route.where)
        self._made.append((route, made))
        return made

    async def invalidate(self, route: Cached) -> None:
        """Forget every answer of the handler of a route, wherever it stands.

        Raises:
            StoreUnavailable: other processes cannot be told.
        """
        for owner, made in self._made:
            if any(each.handler is route.handler for each in (owner, *owner.origins)):
                await made.invalidate()

    async def close(self) -> None:
        """Forget what is in memory, and let go of the store."""
        self._kept.clear()
        if self._store is not None:
            await self._store.close()
