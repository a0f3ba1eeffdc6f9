"""Writing: a response becomes bytes on a transport, no faster than the client takes them."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from typing import Any

from ...http.body import AHEAD
from ...http.exceptions import ClientDisconnect
from ...http.request import Request
from ...http.response import FileResponse, Response, StreamingResponse
from ...http.wire import CONTINUE, LAST_CHUNK, chunk, declared_length, field_lines, status_line
from ...types import RawHeaders
from .content import WireBody
from .lane import Lane
from .sending import can_send, send_file, unsent_bytes
from .watching import Watched

__all__ = ["Framed", "Writing"]

#: Head and content up to so many bytes are put together for one write; beyond, copying costs more than a second buffer.
_JOINED_BYTES = 65536
#: RFC 9112 §6.3: what ends with its head, whatever that says; and 205, which has content of no length (RFC 9110 §15.3.6).
_WITHOUT_CONTENT = frozenset({*range(100, 200), 204, 205, 304})
_FRAMING = frozenset({b"content-length", b"transfer-encoding"})
#: How the end of these is told.
_ENDS: dict[int, tuple[tuple[bytes, bytes], ...]] = {204: (), 205: ((b"content-length", b"0"),)}
#: What a chunk costs beside its data, about: many small ones must not wait unseen.
_FRAME_BYTES = 8
#: The first lines of chunks; of larger ones they are made.
_SIZED = 1024
_SIZE_LINES = [b"%x\r\n" % size for size in range(_SIZED)]
#: What the server says where the response does not.
_DEFAULTS = (b"date", b"server")
_CHUNKED = (b"transfer-encoding", b"chunked")


class Writing(asyncio.Protocol, ABC):
    """The writing half of a connection: it knows one request at a time.

    Args:
        lane: what it shares with the others.
    """

    __slots__ = (
        "_pending",
        "_room",
        "_stalled",
        "content",
        "has_begun",
        "has_ended",
        "has_left",
        "is_lost",
        "is_plain",
        "keep_alive",
        "lane",
        "request",
        "since",
        "status",
        "streaming",
        "task",
        "transport",
        "unsent",
    )

    def __init__(self, lane: Lane) -> None:
        self.lane = lane
        self.transport: Any = None
        #: Whether the transport is gone; whether the client has closed its half.
        self.is_lost = self.has_ended = False
        #: The request that is being answered, its content if that was not all there when it began, and the task that answers.
        self.request: Request | None = None
        self.content: WireBody | None = None
        self.task: asyncio.Task[None] | None = None
        #: Whether another request may follow it.
        self.keep_alive = True
        #: Whether its response needs nothing but what a ready response says: HTTP/1.1, not HEAD, and the connection stays.
        self.is_plain = True
        #: Whether its head has been written.
        self.has_begun = False
        self.status = 0
        #: When what is waited for now began, in seconds of the lane's clock.
        self.since = lane.now
        #: Until when what makes a response has to wait: there is more for the client than it takes.
        self._room: asyncio.Future[None] | None = None
        #: How much waited for the client when it was looked at last.
        self.unsent = 0
        #: Since when that has been the same.
        self._stalled = 0.0
        self._pending: list[bytes] = []
        #: The task that makes a stream, and whether it has been told that the client has left.
        self.streaming: asyncio.Task[Any] | None = None
        self.has_left = False

    # -- the transport --------------------------------------------------------------------------------------------------------

    def pause_writing(self) -> None:
        """Take note that the client does not keep up; the transport calls it."""
        self._room = self.lane.loop.create_future()
        self.unsent, self._stalled = unsent_bytes(self.transport), self.lane.loop.time()

    def resume_writing(self) -> None:
        """Take note that the client has caught up; the transport calls it."""
        room, self._room = self._room, None
        if room is not None and not room.done():
            room.set_result(None)

    async def drain(self) -> None:
        """Wait until there is room for more.

        Raises:
            ClientDisconnect: nobody is there to take it.
        """
        while self._room is not None and not self.is_lost:
            await self._room
        # uvloop tells of a broken connection only at the loop's next turn, and throws away what is written until then.
        if self.is_lost or self.transport.is_closing():
            raise ClientDisconnect

    def is_stuck(self, now: float) -> bool:
        """Tell whether the client has taken nothing for too long of what waits for it."""
        if self._room is None or self.is_lost:
            return False
        unsent = unsent_bytes(self.transport)
        if unsent != self.unsent:
            self.unsent, self._stalled = unsent, now
        return now - self._stalled > self.lane.settings.SEND_TIMEOUT

    def push(self, data: bytes) -> None:
        """Write soon: what is pushed within one iteration of the loop leaves in one write."""
        if not self._pending:
            self.lane.loop.call_soon(self.flush)
        self._pending.append(data)

    def flush(self) -> None:
        """Write what was pushed."""
        pending = self._pending
        if pending:
            data = b"".join(pending)
            pending.clear()  # it stays the same list: a stream holds it
            if not self.is_lost:
                self.transport.write(data)

    def write_continue(self) -> None:
        """Tell a client that waits for the word that it may send (RFC 9110 §10.1.1)."""
        if not (self.has_begun or self.is_lost):
            self.transport.write(CONTINUE)

    def leave(self) -> None:
        """Tell whoever answers that the client has left."""
        content = None if self.request is None else self.request._content  # noqa: SLF001 - the connection feeds it
        if content is not None:
            content.leave()
        if self.streaming is not None and not self.has_left:
            self.has_left = self.streaming.cancel()

    @abstractmethod
    def over(self) -> None:
        """Go on: a whole response has been sent by ASGI code, which may have more to do."""

    # -- responses --------------------------------------------------------------------------------------------------------------

    def write_ready(self, response: Response[Any]) -> None:
        """Write a response that a compiled route made, on a connection that stays: :meth:`respond`, written out."""
        # PERF(bench: wire_plaintext): its head was made at assembly, up to the digits of its length.
        body: Any = response._body  # noqa: SLF001 - a property would be called for it
        self.status = response._status  # noqa: SLF001 - as above
        size = len(body)
        if size > _JOINED_BYTES:
            self._write_large(b"%b%d\r\n%b" % (response.wire_head, size, self.lane.ending), body)
        else:
            self.transport.write(b"%b%d\r\n%b%b" % (response.wire_head, size, self.lane.ending, body))

    def _write_large(self, head: bytes, body: bytes) -> None:
        # Copying costs more than a second write; writelines() of CPython 3.12.0 to 3.13.1 does not say when it is too much.
        self.transport.write(head)
        self.transport.write(body)

    async def respond(self, response: Response[Any]) -> None:
        """Write a response, whatever it is.

        Raises:
            ClientDisconnect: the client left before the end of a stream.
        """
        assert self.request is not None
        is_head = self.request.method == "HEAD"
        status, fields, body = response.parts(head=is_head)
        if response.chunks is None or is_head:
            self.decide_end()
            fields += _ENDS.get(status, ())
            head = self.head(status, fields)
            if is_head:
                body = b""
            if not self.is_lost:
                self._write_large(head, body) if len(body) > _JOINED_BYTES else self.transport.write(
                    head + body
                )
            await response.close()
            return
        try:
            async with Watched(self):
                await self._stream(response, Framed(self, status, fields))
        finally:
            await response.close()

    async def _stream(self, response: Response[Any], framed: Framed) -> None:
        if not framed.has_content:
            pass
        elif framed.is_chunked and isinstance(response, StreamingResponse):
            await self._in_chunks(response)
        elif not await self._sent_by_kernel(response, framed):
            assert response.chunks is not None
            async for data in response.chunks:
                framed.write(data)
                await framed.turn()
        framed.end()

    async def _sent_by_kernel(self, response: Response[Any], framed: Framed) -> bool:
        """Let the kernel send a file, if it can; tell whether it has."""
        file = response.file if isinstance(response, FileResponse) else None
        if file is None or not can_send(self.transport, file):
            return False
        await self._empty()
        if not await send_file(self.transport, file, self.lane.settings.SEND_TIMEOUT):
            return False
        framed.count(file.count)
        return True

    async def _empty(self) -> None:
        """Wait until everything that was written has left."""
        self.flush()
        self.transport.set_write_buffer_limits(high=0)
        try:
            await self.drain()
        finally:
            self.transport.set_write_buffer_limits(high=self.lane.settings.WRITE_BUFFER_SIZE)

    async def _in_chunks(self, response: StreamingResponse) -> None:
        """Write a stream in chunks: :meth:`Framed.write`, written out."""
        # PERF(bench: wire_stream): nothing is called for a chunk but the loop once for all that are made in one iteration.
        pending, waiting = self._pending, 0
        first, rest = response.opened()
        if first:
            self.push(chunk(first))
        async for made in rest:
            data = made if made.__class__ is bytes else response.encoded(made)
            size = len(data)
            if not size:
                continue
            if not pending:
                self.lane.loop.call_soon(self.flush)
            if size < _SIZED:
                pending += _SIZE_LINES[size], data, b"\r\n"
            else:
                pending.append(chunk(data))
            waiting += size + _FRAME_BYTES
            if waiting > AHEAD:
                waiting = 0
                self.flush()
                await asyncio.sleep(0)  # a generator that never waits must not keep everybody else waiting
                await self.drain()

    def head(self, status: int, fields: RawHeaders) -> bytes:
        """Return the head of a response and take note that it is being sent."""
        options, kept, names = b"", [], set()
        for field in fields:
            name = field[0]
            if name == b"connection":
                options += b"," + field[1].lower()
            else:
                names.add(name)
                kept.append(field)
        tokens = {option.strip() for option in options.split(b",")}
        if b"close" in tokens or self._is_content_unsure():
            self.keep_alive = False
        text = status_line(status) + field_lines(kept) + self._connection_line(tokens)
        self.has_begun, self.status = True, status
        if names.isdisjoint(_DEFAULTS):
            return text + self.lane.ending
        return text + self.lane.default_fields(names) + b"\r\n"

    def _is_content_unsure(self) -> bool:
        """Tell whether the client may still send its content or not: it could be the next request as well."""
        content = self.content
        return content is not None and content.expects and not content.is_complete

    def _connection_line(self, options: set[bytes]) -> bytes:
        """Return the Connection field that the response needs, if it does."""
        if not self.keep_alive:
            return b"connection: close\r\n"
        if self.request is not None and self.request.http_version == "1.0":
            return b"connection: keep-alive\r\n"
        return b"connection: upgrade\r\n" if b"upgrade" in options else b""  # RFC 9110 §15.5.22

    def decide_end(self) -> None:
        """Decide, before the head says it, whether the connection stays: not if too much is to come that nobody has read."""
        content = self.content
        if content is not None and not content.is_complete:
            missing = content.missing
            self.keep_alive = self.keep_alive and missing is not None and missing <= AHEAD


class Framed:
    """The content of one response in pieces, delimited as its head says (RFC 9112 §6).

    Args:
        writing: where it is written; the head is pushed at once.
        status: of the response.
        fields: of the response; a Content-Length says the length, without it HTTP/1.1 has chunks and HTTP/1.0 the end of the
            connection.
    """

    __slots__ = ("_missing", "_waiting", "_writing", "has_content", "is_chunked", "is_complete")

    def __init__(self, writing: Writing, status: int, fields: RawHeaders) -> None:
        self._writing = writing
        request = writing.request
        assert request is not None
        may_have_content = status not in _WITHOUT_CONTENT
        #: How many bytes are still to be written; None when nobody has said.
        self._missing = declared_length(fields)
        # RFC 9110 §8.6: one Content-Length, and none where there is never content.
        kept = [field for field in fields if field[0] not in _FRAMING]
        length = () if self._missing is None else ((b"content-length", b"%d" % self._missing),)
        kept += _ENDS.get(status, length)
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
