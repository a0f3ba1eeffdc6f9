"""The content of a request as a connection brings it: pushed in, and held back where nobody reads it."""

from __future__ import annotations

import asyncio
from typing import Protocol

from ...http.body import AHEAD, Body
from ...http.exceptions import RequestEntityTooLarge

__all__ = ["Reading", "WireBody"]

#: How many bytes of content are taken in at once for a reader that has asked for some: what the kernel has got of it already
#: costs the same memory there.
_AT_ONCE = 1024 * 1024


class Reading(Protocol):
    """What content wants of its connection."""

    def pause_reading(self) -> None:
        """Read no more for now."""

    def resume_reading(self) -> None:
        """Read on."""

    def write_continue(self) -> None:
        """Tell a client that waits for the word that it may send (RFC 9110 §10.1.1)."""


class WireBody(Body):
    """Content that a connection feeds.

    Args:
        connection: it is asked to read on when a reader waits, and to pause when more has come than is asked for.
        length: as :class:`Body`.
        limit: as :class:`Body`.
        expects: whether the client waits for ``100 Continue``.
    """

    __slots__ = ("_ceiling", "_connection", "_is_dropped", "_is_refused", "_waiters", "expects")

    def __init__(self, connection: Reading, length: int | None, limit: int, *, expects: bool = False) -> None:
        # PERF(bench: wire_body): Body.__init__(), written out.
        self.length, self.limit, self._seen = length, limit, 0
        self.data = b"" if length == 0 else None
        self.is_complete = length == 0
        self.chunks = []
        self.spool = self._failure = None
        self.expects = expects
        self._connection = connection
        #: Whether it goes by; and whether it is more than the limit: then nobody gets anything of it.
        self._is_dropped = self._is_refused = self._released = self.is_gone = False
        #: How much may come before the connection pauses.
        self._ceiling = AHEAD
        self._waiters: list[asyncio.Future[None]] = []

    @property
    def seen(self) -> int:
        """How many bytes have come."""
        return self._seen

    @property
    def missing(self) -> int | None:
        """How many bytes are still to come; None when nobody knows."""
        return None if self.length is None or self._failure is not None else self.length - self._seen

    def is_short_of(self, size: int) -> bool:
        """Tell whether more than so many bytes are known to be still to come."""
        return self.length is not None and self._seen + size < self.length

    def feed(self, chunk: bytes) -> None:
        """Take a chunk that has arrived."""
        size = len(chunk)
        if size == self.length and size <= self.limit and not (self._is_dropped or self._released):
            # PERF(bench: wire_body): content that comes in one piece is whole at once, and end() has nothing left to do.
            self._seen, self.data, self.is_complete = size, chunk, True
            if self._waiters:
                self._wake()
            return
        if self._is_dropped:
            self._seen += size
            return
        Body.feed(self, chunk)  # PERF(bench: wire_body): what super() finds, without looking for it
        if self._seen > self.limit:
            self._refuse()
        if self._seen > self._ceiling:
            self._connection.pause_reading()
        if self._waiters:
            self._wake()

    def end(self) -> None:
        """Take note that everything has arrived."""
        self.is_complete = not self._is_refused
        if self._seen > self._ceiling:
            self._connection.resume_reading()  # what comes now is not held back for this content's reader
        # PERF(bench: wire_body): content that is all there needs no reader's step to be whole.
        if len(self.chunks) == 1 and not self._released:
            self.data = bytes(self.chunks.pop())
        if self._waiters:
            self._wake()

    def restrict(self, limit: int) -> None:
        """Hold the content to the limit of a plan, whatever has come before that was found."""
        self.limit = limit
        if self._seen > limit:
            self._refuse()

    def _refuse(self) -> None:
        # SECURITY: whoever reads, in whatever form, is told; also of content that is all there.
        self._is_refused = True
        self.is_complete, self.data = False, None
        self.chunks.clear()
        self.fail(RequestEntityTooLarge(f"The content is more than {self.limit} bytes."))

    def leave(self) -> None:
        """Take note that the client has left."""
        self.is_gone = True
        self._wake()

    def fail(self, error: Exception) -> None:
        """Take note that the rest will not be waited for; readers are told ``error``."""
        super().fail(error)
        self._wake()

    def drop(self) -> None:
        """Let what is still to come go by: nobody will read it."""
        self._is_dropped = True
        self.chunks.clear()
        self._connection.resume_reading()

    async def _more(self) -> None:
        if self.is_complete or self.is_gone or self._failure is not None:
            return
        if self.expects:
            self.expects = False
            self._connection.write_continue()
        seen = self._seen
        self._ceiling = seen + _AT_ONCE
        self._connection.resume_reading()
        if self._seen == seen and not self.is_complete:  # what was held back may have brought some
            await self._wait()

    async def wait_disconnected(self) -> None:
        """Wait until the client leaves. Content that arrives meanwhile is kept; of unread content only a little is taken in."""
        while not self.is_gone:
            await self._wait()

    async def _wait(self) -> None:
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        await waiter

    def _wake(self) -> None:
        waiters = self._waiters
        if waiters:
            self._waiters = []
            for waiter in waiters:
                if not waiter.done():
                    waiter.set_result(None)
