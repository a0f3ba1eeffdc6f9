"""Where answers are kept: in this process, or in a store that several share. Both say the same of the same requests."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import time
from collections.abc import Callable
from typing import Protocol

from ..stores import Store, StoreUnavailable
from ..stores.bounded import Bounded
from .policy import Policy
from .stored import Stored

__all__ = ["Key", "LocalShelf", "SharedShelf", "Shelf"]

#: What an answer depends on. The first part says since which invalidation.
Key = tuple[object, ...]

#: Seconds after which another process runs the handler too, if the first one has not answered; and between two looks.
_RUN_SECONDS, _LOOK_SECONDS = 2.0, 0.05


class Shelf(Protocol):
    """Where the answers of one route are kept."""

    clock: Callable[[], float]
    #: Finds without waiting; None where that cannot be.
    look: Callable[[Key], Stored | None] | None

    async def find(self, key: Key) -> Stored | None:
        """Take an answer for one more request; None where there is none that is good."""

    async def begin(self, key: Key) -> tuple[Stored | None, str]:
        """Undertake to make an answer.

        Returns:
            The answer, if somebody else has made it meanwhile; and a mark for :meth:`end`.
        """

    async def end(self, key: Key, mark: str, stored: Stored | None) -> None:
        """Keep what was made, if it can be kept; let others make it otherwise."""

    async def forget(self) -> None:
        """Forget every answer of the route."""


class LocalShelf:
    """In this process.

    Args:
        kept: the answers of all routes.
        policy: the route's.
        clock: gives seconds, never fewer than before.
    """

    __slots__ = ("_kept", "_ttl", "clock", "look")

    look: Callable[[Key], Stored | None] | None

    def __init__(self, kept: Bounded[Stored], policy: Policy, clock: Callable[[], float]) -> None:
        self._kept = kept
        self._ttl = policy.ttl
        self.clock = clock
        self.look = self._found

    def _found(self, key: Key) -> Stored | None:
        stored = self._kept.get(key)
        if stored is None or stored.left is None or stored.take():
            return stored
        self._kept.discard(key)
        return None

    async def find(self, key: Key) -> Stored | None:
        """Take an answer for one more request."""
        return self._found(key)

    async def begin(self, key: Key) -> tuple[Stored | None, str]:
        """Undertake to make an answer: here nobody else does."""
        return None, ""

    async def end(self, key: Key, mark: str, stored: Stored | None) -> None:
        """Keep what was made."""
        if stored is not None:
            parts = sum(len(part) for part in key if isinstance(part, str | bytes))
            self._kept.put(key, stored, stored.size + parts, self._ttl)

    async def forget(self) -> None:
        """Leave it to the key, of which no request will ask again."""


class SharedShelf:
    """In a store that other processes know too. Where the store does not answer, nothing is kept and nothing found.

    Args:
        store: where.
        name: of the route, the same in every process.
        policy: the route's.
        clock: gives seconds since 1970, which processes agree on.
    """

    __slots__ = ("_name", "_policy", "_store", "clock", "look")

    def __init__(
        self, store: Store, name: str, policy: Policy, clock: Callable[[], float] = time.time
    ) -> None:
        self._store = store
        self._name = f"cache:{_digest(name)}"
        self._policy = policy
        self.clock = clock
        self.look: Callable[[Key], Stored | None] | None = None

    async def find(self, key: Key) -> Stored | None:
        """Take an answer for one more request."""
        try:
            return (await self._look(self._named(key)))[0]
        except StoreUnavailable:
            return None

    async def begin(self, key: Key) -> tuple[Stored | None, str]:
        """Undertake to make an answer; while another process does, wait for it a while."""
        name, mark = self._named(key), ""
        try:
            for _ in range(round(_RUN_SECONDS / _LOOK_SECONDS)):
                # In this order: whoever has let go of the turn has kept its answer before.
                has_turn = await self._store.add(f"{name}:run", b"", _RUN_SECONDS)
                stored, mark = await self._look(name)
                if stored is not None and has_turn:
                    await self._store.delete(f"{name}:run")
                if stored is not None or has_turn:
                    return stored, mark
                await asyncio.sleep(_LOOK_SECONDS)
        except StoreUnavailable:
            pass
        return None, mark

    async def end(self, key: Key, mark: str, stored: Stored | None) -> None:
        """Keep what was made, under the mark that was found before: an invalidation since then makes it void."""
        name = self._named(key)
        try:
            if stored is not None:
                await self._store.set(name, stored.dump(mark), self._policy.ttl)
            await self._store.delete(f"{name}:run")
        except StoreUnavailable:
            pass

    async def forget(self) -> None:
        """Forget every answer of the route, in every process: they were made under another mark.

        Raises:
            StoreUnavailable: nothing was forgotten.
        """
        # The mark outlives whatever was made before it.
        await self._store.set(f"{self._name}:mark", secrets.token_hex(8).encode(), 2 * self._policy.ttl)

    async def _look(self, name: str) -> tuple[Stored | None, str]:
        found, document = await self._store.get_many(f"{self._name}:mark", name)
        mark = "" if found is None else found.decode("latin-1")
        stored = None if document is None else Stored.load(document, mark, self.clock)
        if stored is not None and self._policy.rate is not None:
            uses = await self._store.increment(f"{name}:{stored.identity}", ttl=self._policy.ttl)
            if uses >= self._policy.rate:
                stored = None
        return stored, mark

    def _named(self, key: Key) -> str:
        return f"{self._name}:{_digest(repr(key[1:]))}"


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
