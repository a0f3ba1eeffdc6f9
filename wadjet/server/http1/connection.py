"""Connection: bytes to requests, in order, within limits. It is the protocol class that uvicorn's server is given."""

from __future__ import annotations

import asyncio
from typing import Any

import httptools

from ...http.body import Body
from ...http.clienterrors import BadRequest, RequestHeaderFieldsTooLarge, RequestURITooLong
from ...http.content import DEFAULT_LIMIT
from ...http.raising import HTTPException
from ...http.request import Request
from ...http.servererrors import ServiceUnavailable
from ...http.wire import request_head
from ...logs import connections as _log
from ...logs import errors as _errors
from .content import WireBody
from .lane import lane_of
from .parsing import BETWEEN, CONTENT, DEAF, HEAD
from .timing import LAST_SECONDS, Timing
from .upgrade import hand_over, rewritten

__all__ = ["Connection"]

#: How much content in chunks is fed to the parser at once.
_PIECE_BYTES = 16384
#: Bytes of framing that content in chunks may cost: so many, and so many more for each byte of content.
_FRAMING_BYTES, _FRAMING_RATE = 65536, 16
#: How much a connection that closes throws away before it only waits for its end.
_LINGER_BYTES = 2 << 20


class Connection(Timing):
    """One connection: HTTP/1.1 by llhttp, every limit that it leaves to us, and what is answered.

    Args:
        config: uvicorn's.
        server_state: uvicorn's.
        app_state: what the lifespan left.
        _loop: uvicorn's; the running loop is used.
    """

    __slots__ = ("_held", "_overhead", "_overtime")

    def __init__(
        self,
        config: Any,
        server_state: Any,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(lane_of(config, server_state, app_state))
        #: Bytes that are not parsed before there is room for their requests.
        self._held = b""
        #: Whether the client sends no more.
        self.has_ended = False
        #: Bytes of framing in content that comes in chunks; and of what comes after the last request.
        self._overhead = self._overtime = 0

    # -- the transport --------------------------------------------------------------------------------------------------------

    def connection_made(self, transport: Any) -> None:
        """Begin; the transport calls it."""
        lane = self.lane
        self.transport = transport
        transport.set_write_buffer_limits(high=lane.settings.WRITE_BUFFER_SIZE)
        if transport.get_extra_info("sslcontext") is not None:
            self.scheme = "https"
        self.client, self.server = _address(transport, "peername"), _address(transport, "sockname")
        self.is_trusted = bool(lane.proxies) and lane.proxies.trusts(self.client)
        self.since = lane.loop.time()  # the lane's clock has stood still if nobody was here
        self.is_admitted = lane.enter(self)
        if not self.is_admitted and lane.is_crowded:
            transport.abort()
        if not self.is_admitted:
            self.phase = DEAF

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of everything; the transport calls it."""
        self.is_lost = self.is_closing = True
        self.is_plain = False
        self.phase = DEAF
        self.lane.leave(self, is_admitted=self.is_admitted)
        if self.body is not None:
            self.body.leave()
        self.leave()
        self.resume_writing()
        self.arrived.clear()
        self.forget()
        self.content, self._held = None, b""
        self.parser = None

    def eof_received(self) -> bool:
        """Take note that the client sends no more; tell whether the connection stays to answer what it has sent."""
        if self.body is not None:
            self.body.leave()
        self.leave()
        for request in self.arrived:
            content = request._content if isinstance(request, Request) else None  # noqa: SLF001 - we feed it
            if content is not None:
                content.leave()
        self.phase = DEAF
        self.has_ended = self.is_last = self.is_unusual = True
        if not self.arrived:
            self.keep_alive = self.is_plain = False
        is_needed = self.request is not None or bool(self.arrived)
        return is_needed and not self.is_closing and self.scheme == "http"

    def data_received(self, data: bytes) -> None:
        """Take bytes; the transport calls it."""
        lane = self.lane
        if self.phase or len(data) > lane.small:
            self._receive(data)
            return
        # PERF(bench: wire_plaintext): _feed(), written out for what is shorter than every limit: nothing is counted.
        self.is_counted, rest = False, None
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as stop:
            rest = data[stop.args[0] :]
        except httptools.HttpParserError as error:
            self._malformed(error)
        if rest is not None:  # here, or what is raised then would have this stop for its context
            self._stopped(rest)
        if self.arrived:
            if self.request is None:
                self.begin()
            elif len(self.arrived) >= lane.settings.MAX_PIPELINED:
                self.pause_reading()
        if self.phase != BETWEEN:
            self._head_began()

    def _head_began(self) -> None:
        # What it began in may have brought other requests too: what is known of it counts.
        self.head_bytes = max(len(self.url), 1) if self.phase == HEAD else 0
        self.since = self.lane.now

    def _receive(self, data: bytes) -> None:
        """Take bytes, the plain way."""
        body = self.body
        if not self.is_admitted:
            if not self.is_closing:
                self.refuse(
                    ServiceUnavailable(
                        "The server has as many connections as it can serve; try again.", retry_after=1
                    )
                )
        elif self.phase == DEAF or self.is_closing:
            self._discard(len(data))
        elif body is not None and not self.arrived and body.is_short_of(len(data)):
            # PERF(bench: wire_upload): _feed(), written out for the middle of content.
            body.feed(data)
            self.since = self.lane.now
        else:
            self._receive_counted(data)

    def _receive_counted(self, data: bytes) -> None:
        """Take bytes piece by piece, and begin to answer what they bring."""
        self.is_counted = True
        self._feed(data)
        if self.phase == CONTENT:
            self.since = self.lane.now
        if self.arrived and self.request is None:
            self.begin()
        if self._held and not self.arrived:  # no answer to what waits will come by and make room
            self.lane.loop.call_soon(self.resume_reading)

    def _discard(self, size: int) -> None:
        """Throw away what comes after the last request."""
        self._overtime += size
        if self._overtime > _LINGER_BYTES:
            self.pause_reading()  # the client has the rest of its time to read what it was told

    def _feed(self, data: bytes) -> None:
        """Feed the parser piece by piece; stop where limits, or too many requests at once, want it."""
        view, place = memoryview(data), 0
        while place < len(data) and self.phase != DEAF:
            if len(self.arrived) >= self.lane.settings.MAX_PIPELINED:
                self._held = data[place:]
                self.pause_reading()
                return
            body = self.body
            if self.phase != CONTENT or body is None:
                piece = view[place : place + self.lane.small]
            elif body.length is None:
                piece = view[place : place + _PIECE_BYTES]
            else:
                place += self._take(body, body.length - body.seen, data, place)
                continue
            place += len(piece)
            if not self._parse(piece, data, place):
                return

    def _take(self, body: WireBody, missing: int, data: bytes, place: int) -> int:
        """Take content of a known length, and tell how much it was.

        PERF(bench: wire_upload): the parser would only copy it.
        """
        piece = data[place : place + missing]
        body.feed(piece)
        if len(piece) == missing:
            self.parser = httptools.HttpRequestParser(self)  # the old one waits for the content
            self.on_message_complete()
        return len(piece)

    def _parse(self, piece: memoryview, data: bytes, end: int) -> bool:
        """Parse one piece and count what it brings; tell whether the parser takes the rest."""
        body = self.body
        had, place = 0 if body is None else body.seen, -1
        try:
            self.parser.feed_data(piece)
        except httptools.HttpParserUpgrade as stop:
            place = stop.args[0]
        except httptools.HttpParserError as error:
            self._malformed(error)
            return False
        if body is not self.body:
            self._overhead = 0
        if place >= 0:
            self._stopped(bytes(piece[place:]) + data[end:])
            return False
        if self.phase == HEAD:
            self._count_head(len(piece))
        elif body is not None and body is self.body:
            self._count_framing(len(piece) - (body.seen - had), body.seen)
        return True

    def _count_head(self, size: int) -> None:
        """Count the bytes of a head that is not whole yet."""
        settings = self.lane.settings
        if self.head_bytes:
            self.head_bytes += size
        else:
            self._head_began()
        if len(self.url) > settings.MAX_REQUEST_LINE:
            self.refuse_next(
                RequestURITooLong(f"The request line is more than {settings.MAX_REQUEST_LINE} bytes.")
            )
        elif self.head_bytes > settings.MAX_HEADER_BYTES:
            text = f"The head of the request is more than {settings.MAX_HEADER_BYTES} bytes."
            self.refuse_next(RequestHeaderFieldsTooLarge(text))

    def _count_framing(self, size: int, content: int) -> None:
        """Count what sizes, extensions and trailers cost: the parser takes as much of them as is sent."""
        self._overhead += size
        self.fields, self.notable = [], None  # trailers: nobody reads them
        if self._overhead > _FRAMING_BYTES + _FRAMING_RATE * content:
            self.refuse_next(BadRequest("The content has far more framing than content."))

    # -- what cannot go on ----------------------------------------------------------------------------------------------------

    def _malformed(self, error: httptools.HttpParserError) -> None:
        """Refuse what the parser, or a rule of ours, has refused."""
        if self.phase == DEAF:
            return  # it came after the last request
        found = error.__context__
        if isinstance(found, HTTPException):
            refusal = found
        else:
            if found is not None:
                _errors.error("a request could not be understood", exc_info=found)
            refusal = BadRequest(f"The request is malformed: {error}.")
        self.refuse_next(refusal)

    def refuse_next(self, refusal: HTTPException) -> None:
        """Refuse what is arriving, in its turn; nothing more is read."""
        _log.info("refused with %d: %s", refusal.status_code, refusal)
        body, is_awaited = self.body, self.is_awaited
        self.phase = DEAF
        self.forget()
        if body is not None and not is_awaited:
            body.fail(refusal)  # its handler runs, or will: it tells
        else:
            self.arrived.append(refusal)

    def _stopped(self, rest: bytes) -> None:
        """Go on where the parser has stopped because the client wants another protocol."""
        method: bytes = self.parser.get_method()
        version: str = self.parser.get_http_version()
        is_websocket, self.upgrade = self.upgrade, None
        if (
            is_websocket and rest
        ):  # whoever waits, as it must, sees the same end of the request as we do (RFC 6455 §4.1)
            self.refuse_next(BadRequest("Something follows a WebSocket handshake before it is answered."))
            return
        if is_websocket:
            self.lane.leave(self, is_admitted=True)
            self.phase = DEAF
            self.parser = None
            hand_over(self.lane, self.transport, request_head(method, self.url, version, self.fields))
            return
        self.parser = httptools.HttpRequestParser(self)
        self.phase = BETWEEN
        self._receive(rewritten(method, self.url, version, self.fields) + rest)

    # -- reading on and off ---------------------------------------------------------------------------------------------------

    def write_continue(self) -> None:
        """Tell a client that waits for the word that it may send (RFC 9110 §10.1.1)."""
        self.since = self.lane.now
        super().write_continue()

    def pause_reading(self) -> None:
        """Read no more for now."""
        if not (self.is_paused or self.is_lost):
            self.is_paused = True
            self.transport.pause_reading()

    def resume_reading(self) -> None:
        """Read on, what is held back first."""
        if not self.is_paused or len(self.arrived) >= self.lane.settings.MAX_PIPELINED or self.is_lost:
            return
        self.is_paused = False
        if self.phase == CONTENT:
            self.since = self.lane.now  # the client could not send
        held, self._held = self._held, b""
        if held:
            self._receive(held)
        if not (self.is_paused or self.is_lost):
            self.transport.resume_reading()

    def content_of(self, request: Request) -> Body:
        """Return the content of a request that announces none: it tells when the client has left."""
        body = WireBody(self, 0, DEFAULT_LIMIT)
        if self.is_lost or self.has_ended or self.request is not request:
            body.leave()
        return body

    # -- the end ----------------------------------------------------------------------------------------------------------

    def linger(self) -> None:
        """Close, but read on for a while, only to throw it away."""
        self.phase = DEAF
        self.forget()
        self._held = b""
        if self.has_ended:
            self.close()
        else:
            super().linger()

    def part(self) -> None:
        """Close after the last response: at once where the client expects it, else when it has seen the end."""
        is_expected = self.is_last or self.lane.is_draining
        if is_expected and not (self.is_paused or self._held or self._overtime or self.phase == CONTENT):
            self.close()
        else:
            self.linger()

    def shutdown(self) -> None:
        """Take no more requests than those that are here, and one that comes soon; a server that stops calls it."""
        self.lane.shutdown()  # which comes in no order among its connections
        if self.request is not None or self.arrived:
            self.begin_last()
            self.enlist()
        elif self.phase == BETWEEN and self.lane.drained_for() >= LAST_SECONDS / 2:
            self.close()


def _address(transport: Any, name: str) -> Any:
    """Return one end of a connection; None for a unix socket without a name."""
    found = transport.get_extra_info(name)
    if isinstance(found, tuple):
        return found[0], found[1]
    return (found, None) if name == "sockname" and found else None
