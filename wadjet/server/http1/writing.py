"""Writing: a response becomes bytes on a transport, no faster than the client takes them."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterable
from typing import Any

from ...http.body import AHEAD
from ...http.exceptions import ClientDisconnect
from ...http.files import Section
from ...http.openfile import OpenFile
from ...http.request import Request
from ...http.response import FileResponse, Response, StreamingResponse
from ...http.status import NO_CONTENT
from ...http.wire import CONTINUE, LAST_CHUNK, chunk, field_lines, status_line
from ...types import RawHeaders
from .content import WireBody
from .framed import ENDS, Framed
from .lane import Lane
from .sending import can_send, send_file, unsent_bytes
from .watching import Watched

__all__ = ["Writing"]

#: Head and content up to so many bytes are put together for one write; beyond, copying costs more than a second buffer.
_JOINED_BYTES = 32768
#: PERF(bench: wire_plaintext): small lengths as text, with the end of their line.
_LENGTHS = tuple(b"%d\r\n" % size for size in range(1024))
#: What a piece of a stream costs beside its data, about: many small ones must not wait unseen.
_PIECE_BYTES = 40
#: What the server says where the response does not.
_DEFAULTS = (b"date", b"server")
_NO_OPTIONS: frozenset[bytes] = frozenset()


class Writing(asyncio.Protocol, ABC):
    """The writing half of a connection: it knows one request at a time.

    Args:
        lane: what it shares with the others.
    """

    __slots__ = (
        "_pending",
        "_pieces",
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
        #: Content in chunks that was made since.
        self._pieces: list[bytes] = []
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
        self._frame()
        if not self._pending:
            self.lane.loop.call_soon(self.flush)
        self._pending.append(data)

    def _frame(self) -> None:
        """Make one chunk of the pieces of a stream: where a chunk ends means nothing (RFC 9112 §7.1)."""
        pieces = self._pieces
        if pieces:
            self._pending.append(chunk(b"".join(pieces)))
            pieces.clear()  # it stays the same list: a stream holds it

    def flush(self) -> None:
        """Write what was pushed."""
        self._frame()
        pending = self._pending
        if pending:
            data = b"".join(pending)
            pending.clear()  # as above
            if not self.is_lost:
                self.transport.write(data)

    def write_continue(self) -> None:
        """Tell a client that waits for the word that it may send (RFC 9110 §10.1.1)."""
        if not (self.has_begun or self.is_lost):
            self.transport.write(CONTINUE)

    def write_hints(self, request: Request, links: RawHeaders) -> None:
        """Tell a client early what it will need (RFC 8297): not in HTTP/1.0, which has no interim responses, and not too late."""
        is_its_turn = request is self.request and not (self.has_begun or self.is_lost)
        if is_its_turn and request.http_version == "1.1":
            self.flush()
            self.transport.write(status_line(103) + field_lines(links) + b"\r\n")

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
        size, ending = len(body), self.lane.ending
        if response.own_lines:
            ending = response.own_lines + ending
        if 0 < size <= _JOINED_BYTES:
            length = _LENGTHS[size] if size < len(_LENGTHS) else b"%d\r\n" % size
            self.transport.write(b"".join((response.wire_head, length, ending, body)))
        elif not size and self.status in NO_CONTENT:
            self.transport.write(response.wire_head + ending)
        elif self.lane.gathers:  # as _write_large()
            self.transport.writelines((b"%b%d\r\n%b" % (response.wire_head, size, ending), body))
        else:
            self._write_large(b"%b%d\r\n%b" % (response.wire_head, size, ending), body)

    def _write_large(self, head: bytes, body: bytes) -> None:
        # PERF(bench: wire_file): to uvloop a write is a call of the system, and a copy costs as much.
        if self.lane.gathers:
            self.transport.writelines((head, body))
            return
        self.transport.write(head)
        if body:
            self.transport.write(body)

    async def respond(self, response: Response[Any]) -> None:
        """Write a response, whatever it is.

        Raises:
            ClientDisconnect: the client left before the end of a stream.
        """
        assert self.request is not None
        if response.is_ready and self.is_plain and isinstance(response, StreamingResponse):
            await self._stream_ready(response)
            return
        is_head = self.request.sent_method == "HEAD"
        if response.encoder is not None:
            await response.encode_body(head=is_head)
        status, fields, body = response.parts(head=is_head)
        if response.chunks is None or is_head:
            self.decide_end()
            fields += ENDS.get(status, ())
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
            with Watched(self):
                await self._stream(response, Framed(self, status, fields))
        finally:
            await response.close()

    async def _stream_ready(self, response: StreamingResponse) -> None:
        """Write a stream that a compiled route made, on a connection that stays: :meth:`respond`, written out.

        Raises:
            ClientDisconnect: the client left before its end.
        """
        # PERF(bench: wire_stream): its head was made at assembly.
        self.has_begun, self.status = True, response.status_code
        try:
            with Watched(self):
                self.push(response.wire_head + response.own_lines + self.lane.ending)
                await self._in_chunks(response)
                self.push(LAST_CHUNK)
                self.flush()
        finally:
            await response.close()

    async def _stream(self, response: Response[Any], framed: Framed) -> None:
        if not framed.has_content:
            pass
        elif framed.is_chunked and response.encoder is None and isinstance(response, StreamingResponse):
            await self._in_chunks(response)
        elif response.encoder is None and isinstance(response, FileResponse):
            await self._file(response, framed)
        else:
            assert response.chunks is not None
            await self._in_pieces(response.chunks, framed)
        framed.end()

    async def _in_pieces(self, content: AsyncIterable[bytes], framed: Framed) -> None:
        async for data in content:
            framed.write(data)
            await framed.turn()

    async def _file(self, response: FileResponse, framed: Framed) -> None:
        """Write the parts of a file: the kernel sends them, if it can."""
        for section in response.sections:
            framed.write(section.lead)
            if not await self._sent_by_kernel(response.file, section, framed):
                await self._in_pieces(response.blocks(section), framed)

    async def _sent_by_kernel(self, file: OpenFile | None, section: Section, framed: Framed) -> bool:
        """Let the kernel send a part of a file, if it can; tell whether it has."""
        count = section.stop - section.start
        if file is None or not can_send(self.transport, count):
            return False
        await self._empty()
        if not await send_file(
            self.transport, file, section.start, section.stop, self.lane.settings.SEND_TIMEOUT
        ):
            return False
        framed.count(count)
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
        # PERF(bench: wire_stream): nothing is called for a piece but the loop once for all that are made in one iteration.
        pieces, pending, waiting = self._pieces, self._pending, 0
        first, rest = response.opened()
        if first:
            pieces.append(first)
        async for made in rest:
            data = made if made.__class__ is bytes else response.encoded(made)
            if not data:
                continue
            if not pieces and not pending:  # else it is known already that something is to be written
                self.lane.loop.call_soon(self.flush)
            pieces.append(data)
            waiting += len(data) + _PIECE_BYTES
            if waiting > AHEAD:
                waiting = 0
                self.flush()
                await asyncio.sleep(0)  # a generator that never waits must not keep everybody else waiting
                await self.drain()

    def head(self, status: int, fields: RawHeaders) -> bytes:
        """Return the head of a response and take note that it is being sent."""
        names, tokens = {name for name, _ in fields}, _NO_OPTIONS
        if b"connection" in names:
            options = b",".join([value for name, value in fields if name == b"connection"])
            tokens = frozenset(option.strip() for option in options.lower().split(b","))
            fields = [field for field in fields if field[0] != b"connection"]
        if b"close" in tokens or self._is_content_unsure():
            self.keep_alive = False
        text = status_line(status) + field_lines(fields) + self._connection_line(tokens)
        self.has_begun, self.status = True, status
        if names.isdisjoint(_DEFAULTS):
            return text + self.lane.ending
        return text + self.lane.default_fields(names) + b"\r\n"

    def _is_content_unsure(self) -> bool:
        """Tell whether the client may still send its content or not: it could be the next request as well."""
        content = self.content
        return content is not None and content.expects and not content.is_complete

    def _connection_line(self, options: frozenset[bytes]) -> bytes:
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
