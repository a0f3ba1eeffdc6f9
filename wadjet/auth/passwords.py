"""Passwords: hashed in a few threads of their own, so that they neither block the loop nor take all processors."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from ..concurrency import ThreadPool
from ..http.exceptions import ServiceUnavailable
from ..security.passwords import Argon2

__all__ = ["Checked", "Passwords"]

T = TypeVar("T")


class Checked(NamedTuple):
    """What came of a check."""

    is_right: bool
    #: What is to be kept from now on, if the parameters have changed; None where what is kept is good.
    renewed: str | None = None


class Passwords:
    """Hashes and checks passwords, a few at a time.

    Args:
        hasher: what hashes; argon2id with OWASP's parameters unless given.
        threads: how many at once; each uses one processor, and the memory that the hasher was told.
        queue: how many may wait; a further one is answered 503.
    """

    def __init__(self, hasher: Argon2 | None = None, *, threads: int = 2, queue: int = 64) -> None:
        self.hasher = hasher or Argon2()
        self._pool = ThreadPool("wadjet-password", threads)
        self._most = threads + queue
        self._count = 0
        self._lock = threading.Lock()

    async def hash(self, password: str) -> str:
        """Return what is kept of a password.

        Raises:
            ValueError: it has more than 1024 bytes.
            ServiceUnavailable: too many wait already.
        """
        return await self._run(lambda: self.hasher.hash(password))

    async def check(self, kept: str | None, password: str) -> Checked:
        """Check a password; one of nobody costs as much as one of somebody.

        Args:
            kept: what :meth:`hash` returned; None where there is nobody.
            password: what was given.

        Raises:
            ServiceUnavailable: too many wait already.
        """
        return await self._run(lambda: self._check(kept, password))

    def _check(self, kept: str | None, password: str) -> Checked:
        hasher = self.hasher
        if not hasher.verify(kept, password) or kept is None:
            return Checked(is_right=False)
        return Checked(is_right=True, renewed=hasher.hash(password) if hasher.is_outdated(kept) else None)

    async def _run(self, work: Callable[[], T]) -> T:
        with self._lock:
            if self._count >= self._most:
                raise ServiceUnavailable(retry_after=1)
            self._count += 1
        running = self._pool.executor.submit(work)
        # SECURITY: who gives up leaves a thread that works on; so it counts until the thread is done with it.
        running.add_done_callback(self._leave)
        return await asyncio.wrap_future(running)

    def _leave(self, _: object) -> None:
        with self._lock:
            self._count -= 1

    def close(self) -> None:
        """Let go of the threads."""
        self._pool.shutdown()
