"""One request and its response, seen from the server's side of ASGI.

The application runs in a task of its own; the client takes the response piece by piece.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator

from ..types import ASGIApp, Message, Scope

__all__ = ["EXCEPTIONS", "GRACE_SECONDS", "DisconnectedError", "Exchange"]

#: Where in `scope["extensions"]` a framework that answers a crash with a 500 appends the exception.
EXCEPTIONS = "wadjet.exceptions"

#: How long an application may go on after its client has left.
GRACE_SECONDS = 5.0


class DisconnectedError(OSError):
    """What `send` raises once the client has gone (ASGI HTTP 2.4)."""


class Exchange:
    """Run `app` for one request: feed it the request's messages, buffer one chunk of its response.

    Args:
        app: The application.
        scope: The request's head.
        messages: The request's body, pulled one message at a time as the application receives.
    """

    def __init__(self, app: ASGIApp, scope: Scope, messages: AsyncGenerator[Message, None]) -> None:
        self.head: Message | None = None
        self.is_complete = False
        self.upload_error: Exception | None = None
        self._app = app
        self._scope = scope
        self._messages = messages
        self._pull: asyncio.Task[Message] | None = None
        self._chunks: deque[bytes] = deque()
        self._error: BaseException | None = None
        self._is_gone = False
        self._room = asyncio.Event()  # for `send`: the client took a chunk, or left
        self._news = asyncio.Event()  # for the client: a head, a chunk or the end
        self._over = asyncio.Event()  # for `receive`: there is nothing left to say but good-bye
        self._is_closed = False
        self._task = asyncio.create_task(self._run())
        self._task.add_done_callback(lambda _: self._news.set())

    async def start(self) -> Message | None:
        """Give the response's head, or None when the application ended without one."""
        while self.head is None and not self._has_ended:
            await self._next_news()
        return self.head

    async def read(self) -> bytes:
        """Give the next chunk of the body; b"" when the application has ended."""
        while not self._chunks:
            if self._has_ended:
                return b""
            await self._next_news()
        chunk = self._chunks.popleft()
        self._room.set()
        return chunk

    async def close(self) -> None:
        """Leave: the application learns of it, has a grace to finish, and is cancelled after that."""
        if self._is_closed:
            return
        self._is_closed = True
        self._leave()
        await asyncio.wait({self._task}, timeout=GRACE_SECONDS)
        self._task.cancel()
        if self._pull is not None:
            self._pull.cancel()
            await asyncio.gather(self._pull, return_exceptions=True)
        await self._messages.aclose()
        await asyncio.wait({self._task}, timeout=GRACE_SECONDS)

    def errors(self) -> list[BaseException]:
        """Give what went wrong in the application, a disconnection's consequences left out."""
        errors = [*self._scope["extensions"][EXCEPTIONS], self._error]
        return [
            error
            for error in errors
            if error is not None and not (self._is_gone and _is_disconnection(error))
        ]

    @property
    def _has_ended(self) -> bool:
        return self._task.done()

    async def _run(self) -> None:
        try:
            await self._app(self._scope, self._receive, self._send)
        except BaseException as error:  # raised again where the client waits
            self._error = error

    async def _next_news(self) -> None:
        self._news.clear()
        await self._news.wait()

    def _leave(self) -> None:
        self._is_gone = True
        for event in (self._room, self._over, self._news):
            event.set()

    async def _receive(self) -> Message:
        if self._over.is_set() or (message := await self._pulled()) is None:
            await self._over.wait()
            return {"type": "http.disconnect"}
        return message

    async def _pulled(self) -> Message | None:
        """Give the next message of the request; None when there is none, or when the exchange is over."""
        # The task outlives a cancelled `receive`, so that no chunk is lost with it.
        pull = self._pull = self._pull or asyncio.ensure_future(anext(self._messages))
        over = asyncio.ensure_future(self._over.wait())
        try:
            await asyncio.wait({pull, over}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            over.cancel()
        if not pull.done():
            return None
        self._pull = None
        try:
            return pull.result()
        except StopAsyncIteration:
            return None
        except Exception as error:  # the caller's iterator failed: his error, and a broken upload
            self.upload_error = error
            self._leave()
            return None

    async def _send(self, message: Message) -> None:
        while self._chunks and not self._is_gone:
            self._room.clear()
            await self._room.wait()
        if self._is_gone:
            raise DisconnectedError("The client has closed the connection.")
        kind = message["type"]
        if kind == "http.response.start" and self.head is None:
            self.head = message
        elif kind == "http.response.body" and self.head is not None and not self.is_complete:
            self._take(message)
        else:
            raise RuntimeError(f"The application sent {kind!r} where it may not.")
        self._news.set()

    def _take(self, message: Message) -> None:
        chunk = message.get("body", b"")
        if chunk and self._scope["method"] != "HEAD":
            self._chunks.append(bytes(chunk))
        if not message.get("more_body", False):
            self.is_complete = True
            self._over.set()


def _is_disconnection(error: BaseException) -> bool:
    """Tell whether `error` only says that the client left."""
    if isinstance(error, BaseExceptionGroup):
        return all(map(_is_disconnection, error.exceptions))
    if isinstance(error, DisconnectedError | asyncio.CancelledError):
        return True
    # Frameworks translate what they receive into an exception of this name.
    named = any(ancestor.__name__ == "ClientDisconnect" for ancestor in type(error).__mro__)
    return named or (error.__cause__ is not None and _is_disconnection(error.__cause__))
