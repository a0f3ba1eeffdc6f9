"""Call an application with a request, here and now, without a server: the response comes back as an object."""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

from ..concurrency import is_async
from ..errors import MissingExtra
from ..types import ASGIApp, Message, RawHeaders, Receive, Scope
from .outgoing import Response

__all__ = ["asgi_form", "respond_to"]


def asgi_form(app: Any) -> ASGIApp:
    """Return an application as ASGI 3: a Wadjet and any other that is so already, or a WSGI application.

    Raises:
        MissingExtra: it is WSGI, and a2wsgi is not installed.
        TypeError: it is neither.
    """
    if isinstance(app, Response) or (is_async(app) and _takes(app, 3)):
        return app  # type: ignore[no-any-return]  # it was recognised by its shape
    if not isinstance(app, type) and callable(app):
        if _takes(app, 2):
            return _wsgi_form(app)
        if _takes(app, 3):  # a plain function that returns what another asynchronous one gives
            return app  # type: ignore[no-any-return]  # as above
    raise TypeError(
        f"{app!r:.100} is no application: ASGI takes (scope, receive, send), WSGI takes (environ, start_response)"
    )


def _takes(app: Any, count: int) -> bool:
    try:
        inspect.signature(app).bind(*range(count))
    except (TypeError, ValueError):
        return False
    return True


def _wsgi_form(app: Any) -> ASGIApp:
    try:
        from a2wsgi import WSGIMiddleware
    except ImportError as missing:
        raise MissingExtra('a WSGI application needs a2wsgi: pip install "wadjet[wsgi]"') from missing

    async def once(scope: Scope, receive: Receive, send: Any) -> None:
        bridge: Any = WSGIMiddleware(app)
        try:
            await bridge(scope, receive, send)
        finally:
            bridge.executor.shutdown(wait=False)  # its threads are of this call alone

    return once


async def respond_to(app: ASGIApp, scope: Scope, receive: Receive) -> Response[Any]:
    """Run an application for one request and return its whole response.

    Args:
        app: as :func:`asgi_form` gives it.
        scope: the head.
        receive: gives the content.

    Raises:
        RuntimeError: the application ends without a response, or sends what does not follow.
        Exception: what the application raises.
    """
    call = _Call(receive)
    await app(scope, call.receive, call.send)
    return call.response(is_head=scope["method"] == "HEAD")


class _Call:
    """The two channels of one call."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._is_received = False
        self._over = asyncio.Event()
        self._head: tuple[int, RawHeaders] | None = None
        self._chunks: list[bytes] = []

    async def receive(self) -> Message:
        """Give the content; then wait, for who calls does not leave before the response is whole."""
        if self._is_received:
            await self._over.wait()
            return {"type": "http.disconnect"}
        message = await self._receive()
        self._is_received = not message.get("more_body", False)
        return message

    async def send(self, message: Message) -> None:
        """Take one message of the response."""
        kind = message["type"]
        if kind == "http.response.start" and self._head is None:
            self._head = (
                message["status"],
                [(bytes(name), bytes(value)) for name, value in message.get("headers", ())],
            )
        elif kind == "http.response.body" and self._head is not None and not self._over.is_set():
            self._chunks.append(bytes(message.get("body", b"")))
            if not message.get("more_body", False):
                self._over.set()
        else:
            raise RuntimeError(f"the application sent {kind!r} where it may not")

    def response(self, *, is_head: bool) -> Response[Any]:
        """Return what was sent."""
        if self._head is None or not self._over.is_set():
            raise RuntimeError(f"the application ended {'within' if self._head else 'without'} its response")
        status, fields = self._head
        response: Response[Any] = Response(None, status, fields)
        response.body = b"" if is_head else b"".join(self._chunks)
        return response
