"""WebSocket: a handler's end of a conversation. It speaks ASGI, and decides nothing about the wire."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from enum import Enum
from typing import Any, TypeVar, overload

from ..http.headers import encode_fields
from ..http.request import Request
from ..media import json
from ..types import Message, RawHeaders, Receive, Send
from .attributes import HandshakeAttributes
from .channels import Subscription
from .closing import CloseCode, InvalidMessage, WebSocketDisconnect, check_code, cut_reason
from .limits import Limits
from .messages import read_json
from .units import UNITS, Units, end_unit, next_unit

__all__ = ["Phase", "WebSocket"]

T = TypeVar("T")

#: Seconds of messages that may come at once.
_BURST_SECONDS = 10.0
#: RFC 6455 §4.2.2, RFC 9110 §15.2: fields of the handshake, which the server writes, and of content, which it has none of.
_OF_THE_HANDSHAKE = (b"sec-websocket-", b"connection", b"upgrade", b"content-length", b"transfer-encoding")


class Phase(Enum):
    """How far a conversation has come."""

    CONNECTING = "the handshake is not answered yet"
    OPEN = "both may speak"
    CLOSED = "it is over"


class WebSocket(HandshakeAttributes):
    """One end of a conversation.

    The first message that is received or sent accepts the handshake, unless :meth:`accept` has done so before. Until then
    whatever the handler raises or returns refuses it, as a response.

    Args:
        request: the handshake.
        receive: the server's.
        send: the server's.
        limits: what the other end may send.
    """

    __slots__ = (
        "_has_begun",
        "_limits",
        "_receive",
        "_send",
        "_spent",
        "_units",
        "close_code",
        "close_reason",
        "phase",
        "request",
        "subprotocol",
    )

    def __init__(self, request: Request, receive: Receive, send: Send, limits: Limits) -> None:
        #: The handshake: what it may be asked, ``headers``, ``user``, ``session`` and the like, is here too.
        self.request = request
        self._receive = receive
        self._send = send
        self._limits = limits
        self.phase = Phase.CONNECTING
        #: How it ended; None while it has not.
        self.close_code: int | None = None
        self.close_reason = ""
        #: What was chosen of ``subprotocols``.
        self.subprotocol: str | None = None
        self._has_begun = False
        #: The time up to which the messages so far would have come at the highest rate.
        self._spent = 0.0
        self._units: Units | None = None

    # -- the handshake ------------------------------------------------------------------------------------------------------

    async def accept(self, subprotocol: str | None = None, headers: Iterable[tuple[str, str]] = ()) -> None:
        """Open the conversation.

        Args:
            subprotocol: one of ``subprotocols``, which the client offers.
            headers: fields beside those of the handshake itself.

        Raises:
            ValueError: the client does not offer this subprotocol, or a name or value that no field of an answer can have.
            RuntimeError: it was accepted before.
            WebSocketDisconnect: the client has left.
        """
        if self.phase is Phase.OPEN:
            raise RuntimeError(
                "accept(): the handshake was accepted already, by accept() or by the first message"
            )
        if subprotocol is not None and subprotocol not in self.subprotocols:
            offered = ", ".join(self.subprotocols) or "none"
            raise ValueError(
                f"accept({subprotocol!r}): the client offers {offered}; choose one of `socket.subprotocols`"
            )
        fields = _own_fields(headers)
        await self.begin()
        if self.phase is Phase.CLOSED:
            raise self._over()
        self.subprotocol = subprotocol
        message: Message = {"type": "websocket.accept", "headers": fields}
        if subprotocol is not None:
            message["subprotocol"] = subprotocol
        self.phase = Phase.OPEN
        self._units = self.request.state.get(UNITS)
        await self._deliver(message)

    async def begin(self) -> None:
        """Take the word of the server that there is a handshake; once."""
        if self._has_begun:
            return
        self._has_begun = True
        message = await self._receive()
        if message["type"] == "websocket.disconnect":
            self._end(message.get("code", CloseCode.ABNORMAL), "")

    # -- receiving ----------------------------------------------------------------------------------------------------------

    async def receive(self) -> str | bytes:
        """Return the next message, text or bytes.

        With DatabaseMiddleware, what was done since the last message is committed first.

        Raises:
            WebSocketDisconnect: there is none; it is over, or the client has broken a limit.
        """
        if self.phase is not Phase.OPEN:
            await self._opened()
        if self._units is not None:
            await end_unit(self.request, commits=True)
        message = await self._next()
        if message["type"] == "websocket.disconnect":
            self._end(message.get("code", CloseCode.NO_STATUS), message.get("reason") or "")
            raise self._over()
        data: str | bytes | None = message.get("text")
        if data is None:
            data = message.get("bytes") or b""
        if self._limits.exceeds(data):
            await self._cut(CloseCode.TOO_BIG, f"a message has at most {self._limits.max_size} bytes")
        if self._limits.rate:
            await self._count()
        if self._units is not None:
            next_unit(self.request, self._units)
        return data

    async def receive_text(self) -> str:
        """Return the next message.

        Raises:
            InvalidMessage: it is not text.
            WebSocketDisconnect: there is none.
        """
        data = await self.receive()
        if isinstance(data, bytes):
            raise InvalidMessage(CloseCode.UNSUPPORTED_DATA, "text is taken here, no bytes")
        return data

    async def receive_bytes(self) -> bytes:
        """Return the next message.

        Raises:
            InvalidMessage: it is text.
            WebSocketDisconnect: there is none.
        """
        data = await self.receive()
        if isinstance(data, str):
            raise InvalidMessage(CloseCode.UNSUPPORTED_DATA, "bytes are taken here, no text")
        return data

    @overload
    async def receive_json(self) -> Any: ...
    @overload
    async def receive_json(self, cls: type[T]) -> T: ...
    async def receive_json(self, cls: Any = Any) -> Any:
        """Return what the next message says in JSON, text or bytes.

        Args:
            cls: a model, a dataclass, or any other annotation that a body may have; without it, plain Python values.

        Raises:
            InvalidMessage: it is no JSON, or not of the type.
            WebSocketDisconnect: there is none.
        """
        return read_json(await self.receive(), cls)

    async def iter_text(self) -> AsyncGenerator[str, None]:
        """Iterate over the messages, all of them text, until it is over."""
        while (data := await self._or_end()) is not None:
            if isinstance(data, bytes):
                raise InvalidMessage(CloseCode.UNSUPPORTED_DATA, "text is taken here, no bytes")
            yield data

    async def iter_bytes(self) -> AsyncGenerator[bytes, None]:
        """Iterate over the messages, none of them text, until it is over."""
        while (data := await self._or_end()) is not None:
            if isinstance(data, str):
                raise InvalidMessage(CloseCode.UNSUPPORTED_DATA, "bytes are taken here, no text")
            yield data

    @overload
    def iter_json(self) -> AsyncGenerator[Any, None]: ...
    @overload
    def iter_json(self, cls: type[T]) -> AsyncGenerator[T, None]: ...
    async def iter_json(self, cls: Any = Any) -> AsyncGenerator[Any, None]:
        """Iterate over what the messages say in JSON, until it is over; arguments as :meth:`receive_json`.

        Raises:
            InvalidMessage: one is no JSON, or not of the type.
        """
        while (data := await self._or_end()) is not None:
            yield read_json(data, cls)

    def __aiter__(self) -> AsyncIterator[str | bytes]:
        """Iterate over the messages until it is over, whoever has ended it."""
        return self

    async def __anext__(self) -> str | bytes:
        """Return the next message."""
        data = await self._or_end()
        if data is None:
            raise StopAsyncIteration
        return data

    # -- sending ------------------------------------------------------------------------------------------------------------

    async def send_text(self, text: str) -> None:
        """Send a text; wait while the client does not take what was sent before.

        Raises:
            WebSocketDisconnect: it is over.
        """
        if self.phase is not Phase.OPEN:
            await self._opened()
        await self._deliver({"type": "websocket.send", "text": text})

    async def send_bytes(self, data: bytes) -> None:
        """Send bytes, as :meth:`send_text`."""
        if self.phase is not Phase.OPEN:
            await self._opened()
        await self._deliver({"type": "websocket.send", "bytes": data})

    async def send_json(self, value: object) -> None:
        """Send a value as JSON, in a text.

        Raises:
            TypeError: it has no JSON form.
            WebSocketDisconnect: it is over.
        """
        await self.send_text(json.dumps(value).decode())

    async def send(self, message: object) -> None:
        """Send a text as it is, bytes as they are, and everything else as JSON."""
        if isinstance(message, str):
            await self.send_text(message)
        elif isinstance(message, bytes | bytearray | memoryview):
            await self.send_bytes(bytes(message))
        else:
            await self.send_json(message)

    async def feed(self, source: AsyncIterable[object]) -> None:
        """Send all that a source gives, until it ends or the client leaves; what the client says meanwhile is passed over.

        A handler that only sends learns by this that nobody is there any more, and stops waiting for the next thing to send.

        Args:
            source: a subscription, an asynchronous generator; each item as :meth:`send` takes it.

        Raises:
            WebSocketDisconnect: the client has left.
        """
        if self.phase is not Phase.OPEN:
            await self._opened()
        listener = asyncio.ensure_future(self._listen())
        speaker = asyncio.ensure_future(self._speak(source))
        try:
            with self._told_at_once(source):
                await asyncio.wait({listener, speaker}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (listener, speaker):
                task.cancel()
            await asyncio.wait({listener, speaker})
        for task in (speaker, listener):
            if not task.cancelled():
                task.result()

    async def close(self, code: int = CloseCode.NORMAL, reason: str = "") -> None:
        """End the conversation; before the handshake is accepted, refuse it with 403. Once it is over this does nothing.

        Args:
            code: RFC 6455 §7.4; applications have 4000 to 4999.
            reason: for the other end; what does not fit in 123 bytes is cut off.

        Raises:
            ValueError: a code that may not be sent.
        """
        message: Message = {"type": "websocket.close", "code": check_code(code), "reason": cut_reason(reason)}
        await self.begin()
        if self.phase is Phase.CLOSED:
            return
        self._end(message["code"], message["reason"])
        try:
            await self._send(message)
        except OSError:  # ASGI 2.4: the client has left, which is as good
            return

    # -- within -------------------------------------------------------------------------------------------------------------

    async def _opened(self) -> None:
        if self.phase is Phase.CONNECTING:
            await self.accept()
        else:
            raise self._over()

    async def _next(self) -> Message:
        if self._limits.idle is None:
            return await self._receive()
        try:
            async with asyncio.timeout(self._limits.idle):
                return await self._receive()
        except TimeoutError:
            await self._cut(CloseCode.POLICY_VIOLATION, f"nothing was said for {self._limits.idle:g} seconds")
            raise self._over() from None

    async def _count(self) -> None:
        """Take note of a message; end the conversation if there are too many."""
        now = time.monotonic()
        self._spent = max(self._spent, now) + 1 / self._limits.rate
        if self._spent - now > _BURST_SECONDS:
            await self._cut(
                CloseCode.POLICY_VIOLATION, f"at most {self._limits.rate} messages a second are taken"
            )

    async def _cut(self, code: int, reason: str) -> None:
        """End the conversation because of what the client does, or does not do."""
        await self.close(code, reason)
        raise self._over()

    async def _deliver(self, message: Message) -> None:
        try:
            await self._send(message)
        except OSError:  # ASGI 2.4: the client has left
            self._end(CloseCode.ABNORMAL, "")
            raise self._over() from None

    async def _or_end(self) -> str | bytes | None:
        try:
            return await self.receive()
        except WebSocketDisconnect:
            return None

    async def _listen(self) -> None:
        while True:
            await self.receive()

    def _told_at_once(self, source: AsyncIterable[object]) -> AbstractContextManager[None]:
        """Let what is published go from the publisher to the server, where nothing stands between the server and this end.

        PERF(bench: sockets): a task that is woken for each socket and message costs as much as the message.
        """
        server: Any = getattr(self._send, "__self__", None)
        take: Callable[[str], bool] | None = getattr(server, "send_at_once", None)
        if take is None or not isinstance(source, Subscription) or self._send != server.send:
            return nullcontext()
        return source.handing(lambda text: self.phase is Phase.OPEN and take(text))

    async def _speak(self, source: AsyncIterable[object]) -> None:
        async for message in source:
            if type(message) is str and self.phase is Phase.OPEN:
                # send() and send_text(), written out: a broadcast comes through here once for each listener.
                await self._deliver({"type": "websocket.send", "text": message})
            else:
                await self.send(message)

    def _end(self, code: int, reason: str) -> None:
        self.phase = Phase.CLOSED
        self.close_code, self.close_reason = code, reason

    def _over(self) -> WebSocketDisconnect:
        code = CloseCode.NO_STATUS if self.close_code is None else self.close_code
        return WebSocketDisconnect(code, self.close_reason)


def _own_fields(headers: Iterable[tuple[str, str]]) -> RawHeaders:
    fields = encode_fields(tuple(headers))
    for name, _ in fields:
        if name.startswith(_OF_THE_HANDSHAKE):
            raise ValueError(f"accept(): {name.decode()} is the server's to say; leave it out of headers=")
    return fields
