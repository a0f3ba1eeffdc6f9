"""Tokens that are good no more, before their time: kept until they would have expired."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Protocol

from ..errors import ConfigError
from ..http.exceptions import ServiceUnavailable
from ..stores.store import Store, StoreUnavailable

__all__ = ["MemoryRevoked", "Revoked", "StoreRevoked"]

#: How many more are let in before those that have expired are looked for.
_TIDY_EVERY = 256


class Revoked(Protocol):
    """What knows of revoked tokens; each method may be ``async def``, or not."""

    def add(self, identifier: str, until: float, /) -> bool | Awaitable[bool]:
        """Revoke a token until it expires, in seconds since the epoch; tell whether it was good until now, at once."""

    def has(self, identifier: str, /) -> bool | Awaitable[bool]:
        """Tell whether a token is revoked."""


class MemoryRevoked:
    """Revoked tokens in memory: of this process, as long as it runs."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._until: dict[str, float] = {}
        self._room = _TIDY_EVERY

    def add(self, identifier: str, until: float, /) -> bool:
        """Revoke a token."""
        is_new = identifier not in self._until
        self._until[identifier] = until
        if len(self._until) > self._room:
            now = self._clock()
            self._until = {known: end for known, end in self._until.items() if end > now}
            self._room = 2 * len(self._until) + _TIDY_EVERY
        return is_new

    def has(self, identifier: str, /) -> bool:
        """Tell whether a token is revoked."""
        return identifier in self._until


class StoreRevoked:
    """Revoked tokens in a store: of all processes, where it is Redis.

    Args:
        store: where they are.
        on_error: what becomes of tokens while the store does not answer: ``deny`` for 503, or ``allow``.
        clock: gives seconds since the epoch.

    Raises:
        ConfigError: ``on_error`` is neither.
    """

    def __init__(
        self, store: Store, *, on_error: str = "deny", clock: Callable[[], float] = time.time
    ) -> None:
        if on_error not in {"allow", "deny"}:
            raise ConfigError(f"on_error={on_error!r} is not one of allow, deny")
        self._store = store
        self._is_denied = on_error == "deny"
        self._clock = clock

    async def add(self, identifier: str, until: float, /) -> bool:
        """Revoke a token.

        Raises:
            ServiceUnavailable: the store does not answer: it cannot be said that the token is revoked.
        """
        seconds = until - self._clock()
        if seconds <= 0:
            return True
        try:
            return await self._store.add(_key(identifier), b"1", seconds)
        except StoreUnavailable:
            raise ServiceUnavailable(retry_after=1) from None

    async def has(self, identifier: str, /) -> bool:
        """Tell whether a token is revoked.

        Raises:
            ServiceUnavailable: the store does not answer, and tokens are not believed then.
        """
        try:
            return await self._store.get(_key(identifier)) is not None
        except StoreUnavailable:
            if self._is_denied:
                raise ServiceUnavailable(retry_after=1) from None
            return False


def _key(identifier: str) -> str:
    return f"wadjet:jwt:revoked:{identifier}"
