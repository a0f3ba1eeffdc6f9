"""The floor of the ASGI lane: a callable that sends the bytes that Wadjet sends, with no framework between it and the server."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from benchmarks import work
from benchmarks.models import EVENTS
from benchmarks.statics import CONTENT, FILE, LAST_MODIFIED, TAG

__all__ = ["app"]

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

#: What is known before the request is made before it: a floor does nothing twice.
_TEXT_HEAD = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"13")],
}
_TEXT_BODY = {"type": "http.response.body", "body": b"Hello, World!"}
_JSON_HEAD = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"application/json"), (b"content-length", b"27")],
}
_VERSION = [(b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-cache"), (b"etag", TAG)]
_FILE_HEAD = {
    "type": "http.response.start",
    "status": 200,
    "headers": [
        (b"content-type", b"application/octet-stream"),
        *_VERSION,
        (b"last-modified", LAST_MODIFIED),
        (b"accept-ranges", b"bytes"),
        (b"content-length", b"%d" % len(CONTENT)),
    ],
}
_KNOWN_HEAD = {"type": "http.response.start", "status": 304, "headers": _VERSION}
_STREAM_HEAD = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"text/event-stream; charset=utf-8")],
}

#: What is done with content.
_SENT = {"/orders": work.order, "/upload": work.upload}


async def app(scope: Message, receive: Receive, send: Send) -> None:
    """Answer what the scenarios ask, and nothing else."""
    if scope["type"] == "lifespan":
        await _live(receive, send)
        return
    path: str = scope["path"]
    if path == "/plaintext":
        await send(_TEXT_HEAD)
        await send(_TEXT_BODY)
    elif path == "/json":
        await send(_JSON_HEAD)
        await send({"type": "http.response.body", "body": work.message()})
    elif path.startswith("/users/"):
        await _answer(send, work.user(path, scope["query_string"].decode()))
    elif path.startswith("/accounts/"):
        await _answer(send, work.account(path))
    elif path in _SENT:
        await _answer(send, _SENT[path](await _content(receive)))
    elif path == "/records":
        await _answer(send, work.records())
    elif path == "/stream":
        await _stream(send)
    elif path in _ASKING:
        await _ASKING[path](scope, send)
    else:
        await _answer(send, work.NOT_FOUND)


async def _answer(send: Send, done: work.Done) -> None:
    status, content_type, content = done
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [(b"content-type", content_type), (b"content-length", b"%d" % len(content))],
        }
    )
    await send({"type": "http.response.body", "body": content})


async def _secured(scope: Message, send: Send) -> None:
    done = work.secured(dict(scope["headers"]), scope["client"][0])
    if isinstance(done, work.Done):
        await _answer(send, done)
        return
    content, remaining, reset, seconds = done
    headers = [
        (b"x-ratelimit-remaining", b"%d" % remaining),
        (b"x-ratelimit-reset", b"%d" % reset),
        (b"ratelimit", b'"default";r=%d;t=%d' % (remaining, seconds)),
        (b"retry-after", b"0"),
        *work.SECURED,
        (b"content-length", b"26"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": content})


async def _content(receive: Receive) -> bytes:
    message = await receive()
    chunks: list[bytes] = [message["body"]]
    while message["more_body"]:
        message = await receive()
        chunks.append(message["body"])
    return b"".join(chunks)


async def _file(scope: Message, send: Send) -> None:
    os.stat(FILE)  # it may have changed since it was read
    is_known = (b"if-none-match", TAG) in scope["headers"]
    await send(_KNOWN_HEAD if is_known else _FILE_HEAD)
    await send({"type": "http.response.body", "body": b"" if is_known else CONTENT})


#: What looks at more of the request than its path.
_ASKING = {"/secure": _secured, "/static/file.bin": _file}


async def _stream(send: Send) -> None:
    await send(_STREAM_HEAD)
    for event in EVENTS:
        await send({"type": "http.response.body", "body": event, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _live(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": message["type"] + ".complete"})
        if message["type"] == "lifespan.shutdown":
            return
