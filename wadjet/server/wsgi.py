"""WSGI: an application of that kind below a path of an ASGI application (PEP 3333)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import aclosing
from typing import Any, TypeAlias

from ..concurrency import ThreadPool, iterate_in_thread
from ..errors import ConfigError
from ..http.headers import encode_fields
from ..http.request import Request
from ..types import Message, RawHeaders, Receive, Scope, Send

__all__ = ["WSGI"]

WSGIApp: TypeAlias = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

#: PEP 3333, "Other HTTP Features": these are the server's.
_HOP_BY_HOP = frozenset({b"connection", b"keep-alive", b"transfer-encoding", b"upgrade", b"trailer", b"te"})


class WSGI:
    """A WSGI application as an ASGI application: ``app.mount("/legacy", WSGI(legacy))``.

    It runs in threads. The content of a request is read before it is called, at most ``MAX_BODY_SIZE``, large content into a
    file; what it answers is sent as it comes, and it is held up while the client does not take it.

    Args:
        app: takes ``(environ, start_response)``.
        threads: how many requests it answers at a time; others wait.

    Raises:
        ConfigError: it is no application.
    """

    def __init__(self, app: WSGIApp, *, threads: int = 10) -> None:
        given: tuple[object, int] = app, threads  # whatever was given
        if not callable(given[0]) or threads < 1:
            raise ConfigError(
                f"WSGI({app!r:.80}, threads={threads!r}): give a WSGI application, and one thread at least"
            )
        self._app = app
        self._pool = ThreadPool("wadjet-wsgi", threads)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; in the end let go of the threads."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1000, "reason": "no WebSocket here"})
        else:
            await self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request.of(scope, receive)
        await request.buffer()
        environ = request.environ
        # SECURITY: CVE-2016-5385; HTTP clients inside take it for their own setting.
        environ.pop("HTTP_PROXY", None)
        async with aclosing(iterate_in_thread(self._pool, _parts(self._app, environ))) as parts:
            async for part in parts:
                if request.method == "HEAD" and part["type"] == "http.response.body":
                    break  # RFC 9110 §9.3.2; what it would have been, PEP 3333 lets an application give all the same
                await send(part)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self._pool.shutdown()
        await send({"type": "lifespan.shutdown.complete"})


def _parts(app: WSGIApp, environ: dict[str, Any]) -> Iterator[Message]:
    """Yield the messages of an answer; all of it runs in one thread.

    Raises:
        RuntimeError: the application does what PEP 3333 forbids.
        Exception: what it raises itself.
    """
    head: list[Message] = []
    written: list[bytes] = []
    has_begun = False

    def start_response(
        status: str, fields: list[tuple[str, str]], exc_info: Any = None
    ) -> Callable[[bytes], None]:
        if exc_info is not None and has_begun:
            raise exc_info[1].with_traceback(exc_info[2])
        if head and exc_info is None:
            raise RuntimeError(
                "the WSGI application called start_response() twice without exc_info (PEP 3333)"
            )
        head[:] = [{"type": "http.response.start", "status": _status(status), "headers": _fields(fields)}]
        return written.append

    content = app(environ, start_response)
    try:
        for chunk in content:
            if chunk or written:
                yield from _begin(head)
                has_begun = True
                yield _body(b"".join([*written, chunk]))
                written.clear()
        yield from _begin(head)
        if written:
            yield _body(b"".join(written))
    finally:
        close = getattr(content, "close", None)
        if close is not None:
            close()


def _begin(head: list[Message]) -> Iterator[Message]:
    """Yield the head, once."""
    if not head:
        raise RuntimeError("the WSGI application gave content, or ended, without start_response() (PEP 3333)")
    if head[0]:
        yield head[0]
        head[0] = {}


def _body(chunk: bytes) -> Message:
    return {"type": "http.response.body", "body": chunk, "more_body": True}


def _status(status: str) -> int:
    digits = status[:3]
    if not (digits.isascii() and digits.isdigit() and status[3:4] in {"", " "} and "200" <= digits <= "599"):
        raise RuntimeError(
            f"the WSGI application gave {status!r:.60} as its status; PEP 3333 asks for '200 OK'"
        )
    return int(digits)


def _fields(fields: list[tuple[str, str]]) -> RawHeaders:
    """Return fields as they are sent; a ValueError says which cannot be."""
    return [field for field in encode_fields(fields) if field[0] not in _HOP_BY_HOP]
