"""An httpx2 request as a server would hand it to an application: scope and messages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from contextlib import aclosing
from typing import Any, cast
from urllib.parse import quote, unquote_to_bytes

import httpx2

from ..types import Message, Scope
from .exchange import EXCEPTIONS

__all__ = ["Address", "http_messages", "http_scope", "socket_scope"]

Address = tuple[str, int]

CHUNK_BYTES = 65_536
PORTS = {"http": 80, "https": 443}


def http_scope(
    request: httpx2.Request, *, root_path: str, client: Address | None, state: dict[str, Any]
) -> Scope:
    """Make the scope of `request` (ASGI HTTP 2.5), with the target exactly as it would stand on the wire.

    The request's extension "target" replaces the URL's, as it does in httpx2: the way to send what a URL
    object would normalise, such as dot segments.
    """
    target: bytes = request.extensions.get("target", request.url.raw_path)
    raw_path, _, query = target.partition(b"?")
    path = unquote_to_bytes(raw_path).decode("utf-8", "replace")
    if raw_path != b"*":
        raw_path = quote(root_path).encode() + raw_path
        path = root_path + path
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.5"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": request.url.scheme,
        "path": path,
        "raw_path": raw_path,
        "query_string": query,
        "root_path": root_path,
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "client": client,
        "server": (request.url.host, request.url.port or PORTS.get(request.url.scheme, 80)),
        "state": state,
        "extensions": {EXCEPTIONS: []},
    }


def socket_scope(
    request: httpx2.Request,
    subprotocols: Sequence[str],
    *,
    root_path: str,
    client: Address | None,
    state: dict[str, Any],
) -> Scope:
    """Make the scope of a handshake (ASGI WebSocket 2.5), whose fields and target are those of `request`."""
    scope = http_scope(request, root_path=root_path, client=client, state=state)
    del scope["method"]
    return {
        **scope,
        "type": "websocket",
        "scheme": "wss" if scope["scheme"] == "https" else "ws",
        "subprotocols": list(subprotocols),
        "extensions": {**scope["extensions"], "websocket.http.response": {}},
    }


async def http_messages(request: httpx2.Request) -> AsyncGenerator[Message, None]:
    """Give the body of `request`, message by message; a stream is read only as far as it is asked for."""
    stream = request.stream
    if isinstance(stream, httpx2.ByteStream):
        body = b"".join(stream)
        for start in range(0, len(body) or 1, CHUNK_BYTES):
            end = start + CHUNK_BYTES
            yield {"type": "http.request", "body": body[start:end], "more_body": end < len(body)}
        return
    chunks = aiter(stream) if isinstance(stream, httpx2.AsyncByteStream) else _in_threads(stream)
    async with aclosing(cast("AsyncGenerator[bytes, None]", chunks)):
        async for chunk in chunks:
            if chunk:
                yield {"type": "http.request", "body": chunk, "more_body": True}
    yield {"type": "http.request", "body": b"", "more_body": False}


async def _in_threads(chunks: Iterable[bytes]) -> AsyncIterator[bytes]:
    """Iterate over `chunks` off the loop: the caller's iterator may block."""
    iterator = iter(chunks)
    while (chunk := await asyncio.to_thread(next, iterator, None)) is not None:
        yield chunk
