"""httpx2 transports that speak ASGI to an application instead of HTTP to a server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx2

from ..types import ASGIApp
from .exchange import Exchange
from .lifespan import Lifespan
from .lint import LintError
from .loop import LoopThread
from .scope import Address, http_messages, http_scope, socket_scope
from .websocket import WebSocketSession

__all__ = ["AppTransport", "ThreadedAppTransport"]

T = TypeVar("T")


@dataclass(kw_only=True)
class AppTransport(httpx2.AsyncBaseTransport):
    """Send requests to `app` on the running loop; as a context manager, run its lifespan.

    Args:
        app: The application.
        raise_server_exceptions: Whether a crash of the application is raised in the caller.
        root_path: The path that the application is mounted under.
        client: The address of the client, as the application sees it.
        hint: The note added to an exception of the application.
    """

    app: ASGIApp
    raise_server_exceptions: bool
    root_path: str
    client: Address | None
    hint: str
    _lifespan: Lifespan | None = field(default=None, init=False)
    _streams: set[_Stream] = field(default_factory=set, init=False)
    _sockets: set[WebSocketSession] = field(default_factory=set, init=False)

    async def __aenter__(self) -> Self:
        lifespan = Lifespan(self.app)
        await lifespan.startup()
        self._lifespan = lifespan
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Leave the conversations and the responses still open, then end the lifespan."""
        while self._sockets:
            await self._sockets.pop().leave()
        for stream in tuple(self._streams):
            await stream.leave()
        lifespan, self._lifespan = self._lifespan, None
        if lifespan is not None:
            await lifespan.shutdown()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Give the response as soon as its head has come; its stream is the rest of the exchange."""
        state = dict(self._lifespan.state) if self._lifespan else {}
        scope = http_scope(request, root_path=self.root_path, client=self.client, state=state)
        exchange = Exchange(self.app, scope, http_messages(request))
        stream = _Stream(self, exchange, request.extensions.get("timeout", {}).get("read"))
        self._streams.add(stream)
        try:
            return await stream.response()
        except BaseException:
            await stream.leave()
            raise

    async def open_socket(self, request: httpx2.Request, subprotocols: Sequence[str]) -> WebSocketSession:
        """Give a conversation once its handshake is accepted.

        Raises:
            WebSocketDenied: It is not.
        """
        state = dict(self._lifespan.state) if self._lifespan else {}
        scope = socket_scope(request, subprotocols, root_path=self.root_path, client=self.client, state=state)
        session = WebSocketSession(
            self.app, scope, request, self.hint if self.raise_server_exceptions else None
        )
        self._sockets.add(session)
        try:
            await session.open()
        except BaseException:
            await session.leave()
            raise
        return session

    def forget(self, stream: _Stream) -> None:
        """Take note that `stream` is closed."""
        self._streams.discard(stream)


class ThreadedAppTransport(httpx2.BaseTransport):
    """The same transport for synchronous callers: one loop, in one thread, serves them all."""

    def __init__(self, transport: AppTransport) -> None:
        self._transport = transport
        self._loop = LoopThread()

    def __enter__(self) -> Self:
        try:
            self._loop.run(self._transport.__aenter__())
        except BaseException:
            self._loop.close()
            raise
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        self.close()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the loop and give its result."""
        return self._loop.run(coroutine)

    def close(self) -> None:
        """Close the transport, then its loop."""
        try:
            if self._loop.is_running:
                self._loop.run(self._transport.aclose())
        finally:
            self._loop.close()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Give the response as soon as its head has come."""
        response = self._loop.run(self._transport.handle_async_request(request))
        if isinstance(response.stream, _Stream):
            response.stream = _ThreadedStream(response.stream, self._loop)
        return response


class _Stream(httpx2.AsyncByteStream):
    """The body of a response, taken from the application chunk by chunk."""

    def __init__(self, transport: AppTransport, exchange: Exchange, timeout_seconds: float | None) -> None:
        self._transport = transport
        self._exchange = exchange
        self._timeout_seconds = timeout_seconds
        self._has_told = False

    async def response(self) -> httpx2.Response:
        """Wait for the head, and give the response that begins with it."""
        try:
            async with asyncio.timeout(self._timeout_seconds):
                head = await self._exchange.start()
        except TimeoutError as error:
            raise httpx2.ReadTimeout("The application did not begin its response in time.") from error
        if head is None:
            return await self._without_head()
        extensions = {"http_version": b"HTTP/1.1"}
        return httpx2.Response(
            head["status"], headers=[*head.get("headers", ())], stream=self, extensions=extensions
        )

    async def read(self) -> bytes:
        """Give the next chunk; b"" when the response is complete and the application has returned."""
        try:
            async with asyncio.timeout(self._timeout_seconds):
                chunk = await self._exchange.read()
        except TimeoutError as error:
            raise httpx2.ReadTimeout("The application did not go on with its response in time.") from error
        if not chunk:
            concealed = self._tell()
            if not self._exchange.is_complete:
                raise httpx2.RemoteProtocolError("The application ended amid its response.") from concealed
        return chunk

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while chunk := await self.read():
            yield chunk

    async def aclose(self) -> None:
        """Leave, and raise what went wrong, unless that was said before or is only that the client left."""
        await self.leave()
        self._tell()

    async def leave(self) -> None:
        """Disconnect, and wait for the application to end."""
        self._transport.forget(self)
        await self._exchange.close()

    async def _without_head(self) -> httpx2.Response:
        self._tell()
        if self._transport.raise_server_exceptions:
            raise httpx2.RemoteProtocolError("The application returned without sending a response.")
        await self.leave()
        return httpx2.Response(500, text="Internal Server Error")

    def _tell(self) -> BaseException | None:
        """Raise, once, what the caller must know of; give the error that he chose not to be told."""
        if self._has_told:
            return None
        self._has_told = True
        if self._exchange.upload_error is not None:
            raise self._exchange.upload_error
        errors = self._exchange.errors()
        for error in errors:
            if isinstance(error, LintError):
                raise error
        if errors and self._transport.raise_server_exceptions:
            if self._transport.hint not in getattr(errors[0], "__notes__", ()):
                errors[0].add_note(self._transport.hint)
            raise errors[0]
        return errors[0] if errors else None


class _ThreadedStream(httpx2.SyncByteStream):
    """The same body for synchronous callers."""

    def __init__(self, stream: _Stream, loop: LoopThread) -> None:
        self._stream = stream
        self._loop = loop

    def __iter__(self) -> Iterator[bytes]:
        while chunk := self._loop.run(self._stream.read()):
            yield chunk

    def close(self) -> None:
        if not self._loop.is_closed:  # a closed client has left its responses already
            self._loop.run(self._stream.aclose())
