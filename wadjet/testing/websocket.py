"""A client's end of a WebSocket, without a server: what it sends the application receives."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import Any

import httpx2

from ..types import ASGIApp, Message, Scope
from ..websockets.closing import CloseCode, WebSocketDisconnect
from .exchange import EXCEPTIONS, GRACE_SECONDS, DisconnectedError
from .lint import LintError

__all__ = ["ThreadedWebSocketSession", "WebSocketDenied", "WebSocketSession"]

#: How many messages of the application wait for the client; then the application waits.
_AHEAD = 1024


class WebSocketDenied(Exception):
    """The handshake was refused.

    Args:
        response: The application's; 403 without content where it has only closed.
    """

    def __init__(self, response: httpx2.Response) -> None:
        super().__init__(f"{response.status_code} {response.reason_phrase}")
        self.response = response


class WebSocketSession:
    """One conversation with `app`, which runs in a task of its own.

    Args:
        app: The application.
        scope: The handshake.
        request: The same, for the response that may refuse it.
        hint: The note added to an exception of the application; None raises none.
    """

    def __init__(self, app: ASGIApp, scope: Scope, request: httpx2.Request, hint: str | None) -> None:
        self._app = app
        self._scope = scope
        self._request = request
        self._hint = hint
        self._inbox: asyncio.Queue[Message] = asyncio.Queue()
        self._outbox: asyncio.Queue[Message | None] = asyncio.Queue(_AHEAD)
        self._is_gone = False
        self._error: BaseException | None = None
        self._task: asyncio.Task[None] | None = None
        #: The subprotocol that the application has chosen.
        self.subprotocol: str | None = None
        #: The fields of its acceptance.
        self.headers = httpx2.Headers()
        #: How the application has ended the conversation; None while it has not.
        self.close_code: int | None = None
        self.close_reason = ""

    async def open(self) -> None:
        """Shake hands.

        Raises:
            WebSocketDenied: The application refuses.
        """
        self._inbox.put_nowait({"type": "websocket.connect"})
        self._task = asyncio.create_task(self._run())
        message = await self._outbox.get()
        kind = None if message is None else message["type"]
        if message is None or kind == "websocket.close":
            self._tell()
            raise WebSocketDenied(httpx2.Response(403, request=self._request))
        if kind == "websocket.http.response.start":
            await self._deny(message)
        self.subprotocol = message.get("subprotocol")
        self.headers = httpx2.Headers(list(message.get("headers", ())))

    async def send_text(self, text: str) -> None:
        """Send a text."""
        self._put({"type": "websocket.receive", "text": text})

    async def send_bytes(self, data: bytes) -> None:
        """Send bytes."""
        self._put({"type": "websocket.receive", "bytes": data})

    async def send_json(self, value: object) -> None:
        """Send JSON, in a text."""
        await self.send_text(json.dumps(value))

    async def receive(self) -> str | bytes:
        """Give the next message of the application, text or bytes.

        Raises:
            WebSocketDisconnect: The application has ended the conversation.
        """
        message = None if self.close_code is not None else await self._outbox.get()
        if message is None or message["type"] == "websocket.close":
            if self.close_code is None:
                self.close_code = CloseCode.ABNORMAL if message is None else message.get("code", 1000)
                self.close_reason = "" if message is None else message.get("reason") or ""
                self._tell()
            raise WebSocketDisconnect(self.close_code, self.close_reason)
        text: str | None = message.get("text")
        return bytes(message["bytes"]) if text is None else text

    async def receive_text(self) -> str:
        """Give the next message, which has to be text."""
        data = await self.receive()
        assert isinstance(data, str), f"the application sent bytes: {data!r}"
        return data

    async def receive_bytes(self) -> bytes:
        """Give the next message, which has to be bytes."""
        data = await self.receive()
        assert isinstance(data, bytes), f"the application sent text: {data!r}"
        return data

    async def receive_json(self) -> Any:
        """Give what the next message says in JSON."""
        return json.loads(await self.receive())

    async def __aiter__(self) -> AsyncIterator[str | bytes]:
        """Iterate over the messages until the application ends the conversation."""
        while True:
            try:
                message = await self.receive()
            except WebSocketDisconnect:
                return
            yield message

    async def close(self, code: int = CloseCode.NORMAL, reason: str = "") -> None:
        """Leave; the application learns of it."""
        if not self._is_gone:
            self._is_gone = True
            self._inbox.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
            while not self._outbox.empty():  # whoever waits to send is told
                self._outbox.get_nowait()

    async def leave(self) -> None:
        """Leave, and let the application finish; it is cancelled if it takes too long."""
        await self.close(CloseCode.GOING_AWAY)
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=GRACE_SECONDS)
            self._task.cancel()
            await asyncio.wait({self._task})

    async def end(self) -> None:
        """Leave as :meth:`leave` does, and raise what the application has raised."""
        await self.leave()
        self._tell()

    async def _deny(self, start: Message) -> None:
        content = b""
        while (message := await self._outbox.get()) is not None:
            content += message.get("body", b"")
        self._tell()
        response = httpx2.Response(
            start["status"], headers=list(start.get("headers", ())), content=content, request=self._request
        )
        raise WebSocketDenied(response)

    def _put(self, message: Message) -> None:
        if self.close_code is not None or self._is_gone:
            raise WebSocketDisconnect(self.close_code or CloseCode.NORMAL, self.close_reason)
        self._inbox.put_nowait(message)

    async def _run(self) -> None:
        try:
            await self._app(self._scope, self._inbox.get, self._send)
        except BaseException as error:  # raised again where the client waits
            self._error = error
        finally:
            if self._outbox.full():
                self._is_gone = True
            else:
                self._outbox.put_nowait(None)

    async def _send(self, message: Message) -> None:
        if self._is_gone:
            raise DisconnectedError("The client has closed the connection.")
        await self._outbox.put(message)

    def _tell(self) -> None:
        """Raise, once, what went wrong in the application; a fault of the protocol always."""
        found = [*self._scope["extensions"][EXCEPTIONS], self._error]
        self._scope["extensions"][EXCEPTIONS].clear()
        self._error = None
        for error in found:
            if isinstance(error, LintError):
                raise error
            if error is None or isinstance(error, asyncio.CancelledError) or self._hint is None:
                continue
            error.add_note(self._hint)
            raise error


class ThreadedWebSocketSession:
    """The same for synchronous callers.

    Args:
        session: The conversation.
        run: Runs a coroutine on its loop.
    """

    def __init__(self, session: WebSocketSession, run: Callable[[Coroutine[Any, Any, Any]], Any]) -> None:
        self._session = session
        self._run = run

    @property
    def subprotocol(self) -> str | None:
        """The subprotocol that the application has chosen."""
        return self._session.subprotocol

    @property
    def headers(self) -> httpx2.Headers:
        """The fields of the application's acceptance."""
        return self._session.headers

    @property
    def close_code(self) -> int | None:
        """How the application has ended the conversation; None while it has not."""
        return self._session.close_code

    @property
    def close_reason(self) -> str:
        """In what words."""
        return self._session.close_reason

    def send_text(self, text: str) -> None:
        """Send a text."""
        self._run(self._session.send_text(text))

    def send_bytes(self, data: bytes) -> None:
        """Send bytes."""
        self._run(self._session.send_bytes(data))

    def send_json(self, value: object) -> None:
        """Send JSON, in a text."""
        self._run(self._session.send_json(value))

    def receive(self) -> str | bytes:
        """Give the next message, text or bytes; see `WebSocketSession.receive`."""
        data: str | bytes = self._run(self._session.receive())
        return data

    def receive_text(self) -> str:
        """Give the next message, which has to be text."""
        text: str = self._run(self._session.receive_text())
        return text

    def receive_bytes(self) -> bytes:
        """Give the next message, which has to be bytes."""
        data: bytes = self._run(self._session.receive_bytes())
        return data

    def receive_json(self) -> Any:
        """Give what the next message says in JSON."""
        return self._run(self._session.receive_json())

    def __iter__(self) -> Iterator[str | bytes]:
        """Iterate over the messages until the application ends the conversation."""
        while True:
            try:
                message = self.receive()
            except WebSocketDisconnect:
                return
            yield message

    def close(self, code: int = CloseCode.NORMAL, reason: str = "") -> None:
        """Leave; the application learns of it."""
        self._run(self._session.close(code, reason))
