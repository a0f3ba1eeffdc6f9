"""Framed: the content of one response in pieces, delimited as its head says (RFC 9112 §6)."""

from __future__ import annotations

import asyncio
from typing import Protocol

from ...http.body import AHEAD
from ...http.exceptions import ClientDisconnect
from ...http.request import Request
from ...http.wire import LAST_CHUNK, chunk, declared_length
from ...types import RawHeaders

__all__ = ["ENDS", "Framed"]

#: RFC 9112 §6.3: what ends with its head, whatever that says; and 205, which has content of no length (RFC 9110 §15.3.6).
_WITHOUT_CONTENT = frozenset({*range(100, 200), 204, 205, 304})
_FRAMING = frozenset({b"content-length", b"transfer-encoding"})
#: How the end of these is told.
ENDS: dict[int, tuple[tuple[bytes, bytes], ...]] = {204: (), 205: ((b"content-length", b"0"),)}
_CHUNKED = (b"transfer-encoding", b"chunked")


class Sink(Protocol):
    """What writes for one request after the other."""

    request: Request | None
    keep_alive: bool
    is_lost: bool

    def head(self, status: int, fields: RawHeaders) -> bytes:
        """Return the head of a response and take note that it is being sent."""

    def push(self, data: bytes) -> None:
        """Write soon."""

    def flush(self) -> None:
        """Write what was pushed."""

    async def drain(self) -> None:
        """Wait until there is room for more."""


class Framed:
    """The content of one response in pieces, delimited as its head says (RFC 9112 §6).

    Args:
        writing: where it is written; the head is pushed at once.
        status: of the response.
        fields: of the response; a Content-Length says the length, without it HTTP/1.1 has chunks and HTTP/1.0 the end of the
            connection.
    """

    __slots__ = ("_missing", "_waiting", "_writing", "has_content", "is_chunked", "is_complete")

    def __init__(self, writing: Sink, status: int, fields: RawHeaders) -> None:
        self._writing = writing
        request = writing.request
        assert request is not None
        may_have_content = status not in _WITHOUT_CONTENT
        #: How many bytes are still to be written; None when nobody has said.
        self._missing = declared_length(fields)
        # RFC 9110 §8.6: one Content-Length, and none where there is never content.
        kept = [field for field in fields if field[0] not in _FRAMING]
        length = () if self._missing is None else ((b"content-length", b"%d" % self._missing),)
        kept += ENDS.get(status, length)
        #: Whether what is written is sent: not to HEAD, and not where the status has none.
        self.has_content = may_have_content and request.method != "HEAD"
        #: How much has been pushed since the last write.
        self._waiting = 0
        is_open = may_have_content and self._missing is None
        #: Whether it is sent in chunks.
        self.is_chunked = is_open and self.has_content and request.http_version == "1.1"
        #: Whether the end has been written.
        self.is_complete = False
        if is_open and request.http_version == "1.1":
            kept.append(_CHUNKED)
        elif is_open and self.has_content:
            writing.keep_alive = False
        writing.push(writing.head(status, kept))

    def write(self, data: bytes) -> None:
        """Write a piece, soon.

        Raises:
            ValueError: it is more than the Content-Length says.
            ClientDisconnect: nobody is there to take it.
        """
        if self._writing.is_lost:
            raise ClientDisconnect
        if not data or not self.has_content:
            return
        size = len(data)
        self.count(size)
        self._writing.push(chunk(data) if self.is_chunked else data)
        self._waiting += size

    async def turn(self) -> None:
        """Let others have their turn if much has been written, and wait until there is room for more.

        Raises:
            ClientDisconnect: nobody is there to take it.
        """
        if self._waiting > AHEAD:
            self._waiting = 0
            self._writing.flush()
            await asyncio.sleep(0)
        await self._writing.drain()

    def count(self, size: int) -> None:
        """Take note that so many bytes are sent.

        Raises:
            ValueError: they are more than the Content-Length says.
        """
        if self._missing is not None:
            if size > self._missing:
                raise ValueError("the content of the response is longer than its Content-Length says")
            self._missing -= size

    def end(self) -> None:
        """Write the end.

        Raises:
            ValueError: less was written than the Content-Length says.
        """
        if self.has_content and self._missing:
            raise ValueError("the content of the response is shorter than its Content-Length says")
        if self.is_chunked:
            self._writing.push(LAST_CHUNK)
        self.is_complete = True
        self._writing.flush()
