"""A response and WSGI (PEP 3333). No sockets here: ``start_response`` is somebody else's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from ..types import ASGIApp, Message, RawHeaders, Scope
from .cginames import fields_in
from .status import reason

__all__ = ["Environ", "StartResponse", "answer_with_loop", "fields_of", "start", "whole"]

Environ: TypeAlias = Mapping[str, Any]
StartResponse: TypeAlias = Callable[[str, list[tuple[str, str]]], object]


def fields_of(environ: Environ) -> RawHeaders:
    """Return the header fields of a request."""
    return [(name.encode("latin-1"), str(value).encode("latin-1")) for name, value in fields_in(environ)]


def start(status: int, fields: RawHeaders, start_response: StartResponse) -> None:
    """Tell a server the head of a response."""
    start_response(
        f"{status} {reason(status)}",
        [(name.decode("latin-1"), value.decode("latin-1")) for name, value in fields],
    )


def whole(content: Iterable[bytes], *, is_sent: bool) -> Iterable[bytes]:
    """Return content for a server; if none of it is to leave, close it and return nothing."""
    if is_sent:
        return content
    close = getattr(content, "close", None)
    if close is not None:
        close()
    return []


def answer_with_loop(app: ASGIApp, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Answer by asynchronous code that needs no content of the request: an event loop runs while a chunk is waited for.

    Args:
        app: gives the answer.
        environ: of the request.
        start_response: the server's.
    """
    root, path = (_decoded(environ.get(name, "")) for name in ("SCRIPT_NAME", "PATH_INFO"))
    scope = {
        "type": "http",
        "method": environ.get("REQUEST_METHOD", "GET"),
        "root_path": root,
        "path": root + path,
        "query_string": environ.get("QUERY_STRING", "").encode("latin-1"),
        "headers": fields_of(environ),
    }
    return _Answer(app, scope, start_response)


def _decoded(text: str) -> str:
    """Return what an environ says in bytes that look like Latin-1 (PEP 3333)."""
    return text.encode("latin-1", "replace").decode("utf-8", "replace")


class _Answer(Iterator[bytes]):
    """The content of an answer, made while it is iterated over.

    Args:
        app: gives the answer.
        scope: of the request.
        start_response: the server's.
    """

    def __init__(self, app: ASGIApp, scope: Scope, start_response: StartResponse) -> None:
        self._messages: asyncio.Queue[Message | None] = asyncio.Queue(1)
        self._runner = asyncio.Runner()
        self._task: asyncio.Task[None] | None = None  # the loop alone would let go of it
        self._error: Exception | None = None
        try:
            head = self._runner.run(self._begin(app, scope))
            start(head["status"], head["headers"], start_response)
        except BaseException:
            self.close()
            raise

    async def _begin(self, app: ASGIApp, scope: Scope) -> Message:
        self._task = asyncio.ensure_future(self._run(app, scope))
        head = await self._messages.get()
        if head is None:
            assert self._error is not None, "a response that begins nothing has failed"
            raise self._error
        return head

    async def _run(self, app: ASGIApp, scope: Scope) -> None:
        try:
            await app(scope, _nothing, self._messages.put)
        except Exception as error:
            self._error = error
        await self._messages.put(None)

    def __next__(self) -> bytes:
        message = self._runner.run(self._messages.get())
        if message is None:
            raise self._error or StopIteration
        return bytes(message.get("body", b""))

    def close(self) -> None:
        """End what is not over; servers call it at the end, whatever happened (PEP 3333)."""
        self._runner.close()


async def _nothing() -> Message:
    """Be the end of a request whose content was not asked for."""
    return {"type": "http.request", "body": b"", "more_body": False}
