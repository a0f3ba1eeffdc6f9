"""An ASGI application for WSGI servers (PEP 3333): it runs on a loop in a thread of its own, as long as the process lives."""

from __future__ import annotations

import asyncio
import atexit
import threading
from collections.abc import Iterable, Iterator
from queue import SimpleQueue
from typing import Any

from ..http.environs import scope_of
from ..http.exceptions import BadRequest
from ..http.wsgi import StartResponse, start
from ..types import ASGIApp, Message, Scope

__all__ = ["ThreadedApp"]

_CHUNK = 65536


class ThreadedApp:
    """An ASGI application as a WSGI application. Servers may call it from any number of threads.

    Its loop starts with the first request, so in each process that a server has forked. When the process ends, ``shutdown`` of
    the application is awaited.

    Args:
        app: the application.
    """

    def __init__(self, app: Any) -> None:
        self._app = app
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        try:
            scope = scope_of(environ)
        except BadRequest as error:
            return error(environ, start_response)
        return _Answer(self._app, self._running(), scope, environ, start_response)

    def close(self) -> None:
        """Stop the application and its loop; the next request starts them again."""
        with self._lock:
            loop, self._loop = self._loop, None
        atexit.unregister(self.close)
        if loop is not None:
            asyncio.run_coroutine_threadsafe(self._app.shutdown(), loop).result()
            loop.call_soon_threadsafe(loop.stop)

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(
                    target=_run, args=(self._loop,), name="wadjet-wsgi-loop", daemon=True
                ).start()
                atexit.register(self.close)
            return self._loop


def _run(loop: asyncio.AbstractEventLoop) -> None:
    try:
        loop.run_forever()
    finally:
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()


class _Answer(Iterator[bytes]):
    """The content of an answer, made on the loop while a server's thread iterates over it, never far ahead of that."""

    def __init__(
        self,
        app: ASGIApp,
        loop: asyncio.AbstractEventLoop,
        scope: Scope,
        environ: dict[str, Any],
        start_response: StartResponse,
    ) -> None:
        self._loop = loop
        self._input: Any = environ.get("wsgi.input")
        length = environ.get("CONTENT_LENGTH") or ""
        is_terminated = bool(environ.get("wsgi.input_terminated"))
        #: How many bytes are still to be read; None: up to the end.
        self._left: int | None = int(length) if length.isdecimal() else None if is_terminated else 0
        self._messages: SimpleQueue[Message | BaseException | None] = SimpleQueue()
        self._room = asyncio.Semaphore(1)
        self._over = asyncio.Event()
        self._is_whole = False
        self._is_read = False
        asyncio.run_coroutine_threadsafe(self._run(app, scope), loop)
        head = self._next()
        if head is None:
            raise RuntimeError("the application ended without a response")
        start(head["status"], list(head["headers"]), start_response)

    async def _run(self, app: ASGIApp, scope: Scope) -> None:
        try:
            await app(scope, self._receive, self._send)
        except BaseException as error:
            self._messages.put(error)
        self._messages.put(None)

    async def _receive(self) -> Message:
        if self._is_read:
            await self._over.wait()
            return {"type": "http.disconnect"}
        most = _CHUNK if self._left is None else min(_CHUNK, self._left)
        data = await self._loop.run_in_executor(None, self._input.read, most) if most else b""
        if self._left and not data:  # RFC 9112 §8: less has come than was declared
            return {"type": "http.disconnect"}
        self._left = (0 if not data else None) if self._left is None else self._left - len(data)
        self._is_read = self._left == 0
        return {"type": "http.request", "body": data, "more_body": not self._is_read}

    async def _send(self, message: Message) -> None:
        await self._room.acquire()
        if self._over.is_set():
            raise OSError("the WSGI server has closed the answer")  # ASGI 2.4
        self._messages.put(message)

    def _next(self) -> Message | None:
        """Wait for the next message; raise what the application has raised instead."""
        message = self._messages.get()
        if isinstance(message, BaseException):
            raise message
        if message is not None:
            self._loop.call_soon_threadsafe(self._room.release)
        return message

    def __next__(self) -> bytes:
        message = None if self._is_whole else self._next()
        if message is None:
            raise StopIteration
        self._is_whole = not message.get("more_body", False)
        return bytes(message.get("body", b""))

    def close(self) -> None:
        """Tell the application that nobody listens any more; servers call it at the end, whatever happened (PEP 3333)."""
        self._loop.call_soon_threadsafe(self._leave)

    def _leave(self) -> None:
        self._over.set()
        self._room.release()
