"""Store: what sessions, caches, limits and channels keep their bytes in."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Store", "StoreUnavailable"]


class StoreUnavailable(Exception):
    """A store does not answer. What is kept in it may still be there; who asked has to do without.

    Who raises it has logged why, once and not each time; the answers that it costs name it no more.
    """


class Store(Protocol):
    """Bytes under keys.

    Times to live are seconds, above 0; None is for ever. Every method raises :class:`StoreUnavailable` when the store does
    not answer, and each does what it says at once: no other caller, of another process too, gets in between.
    """

    async def get(self, key: str) -> bytes | None:
        """Return the value; None where there is none, or no more."""

    async def get_many(self, *keys: str) -> list[bytes | None]:
        """Return the value of each key, as :meth:`get` does, in one go."""

    async def set(self, key: str, value: bytes, ttl: float | None = None) -> None:
        """Keep a value, instead of the one that was there."""

    async def add(self, key: str, value: bytes, ttl: float | None = None) -> bool:
        """Keep a value where there is none; tell whether there was none."""

    async def swap(self, key: str, old: bytes, new: bytes, ttl: float | None = None) -> bool:
        """Keep a value instead of one that is known; tell whether it was still that one."""

    async def increment(self, key: str, amount: int = 1, ttl: float | None = None) -> int:
        """Add to a number, 0 where there is none, and return it.

        Args:
            key: of the number.
            amount: what to add.
            ttl: for a number that was not there; one that was keeps its own.

        Raises:
            ValueError: what is kept there is no number.
        """

    async def delete(self, *keys: str) -> None:
        """Forget values, if they are there."""

    async def close(self) -> None:
        """Let go of connections. A store that is used again opens them again."""
