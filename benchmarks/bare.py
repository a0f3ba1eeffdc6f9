"""The floor: an ASGI callable that sends the bytes that Wadjet sends, with no framework between it and the server."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import orjson
from pydantic import TypeAdapter, ValidationError

from benchmarks.models import EVENTS, RECORDS, Order, Receipt, Record, receipt_of

__all__ = ["app"]

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_read_order = Order.__pydantic_validator__.validate_json
_write_receipt = Receipt.__pydantic_serializer__.to_json
_write_records = TypeAdapter(list[Record]).serializer.to_json

_TEXT = (b"content-type", b"text/plain; charset=utf-8")
_JSON = (b"content-type", b"application/json")
_EVENTS = (b"content-type", b"text/event-stream; charset=utf-8")

#: What is known before the request is made before it: a floor does nothing twice.
_TEXT_HEAD = {
    "type": "http.response.start",
    "status": 200,
    "headers": [_TEXT, (b"content-length", b"13")],
}
_TEXT_BODY = {"type": "http.response.body", "body": b"Hello, World!"}
_JSON_HEAD = {
    "type": "http.response.start",
    "status": 200,
    "headers": [_JSON, (b"content-length", b"27")],
}


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
        await send({"type": "http.response.body", "body": orjson.dumps({"message": "Hello, World!"})})
    elif path.startswith("/users/"):
        await _answer(send, *_user(path, scope["query_string"]))
    elif path == "/orders":
        await _answer(send, *_order(await _content(receive)))
    elif path == "/records":
        await _answer(send, 200, _JSON, _write_records(RECORDS))
    elif path == "/stream":
        await _stream(send)
    else:
        await _answer(send, 404, _TEXT, b"Not Found")


async def _answer(send: Send, status: int, content_type: tuple[bytes, bytes], body: bytes) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [content_type, (b"content-length", b"%d" % len(body))],
        }
    )
    await send({"type": "http.response.body", "body": body})


def _user(path: str, query: bytes) -> tuple[int, tuple[bytes, bytes], bytes]:
    user, slash, _ = path[7:].partition("/")
    try:
        if not slash:
            return 200, _JSON, orjson.dumps({"id": int(user)})
        values: dict[str, list[str]] = {}
        for pair in query.decode().split("&"):
            name, _, value = pair.partition("=")
            values.setdefault(name, []).append(value)
        found = {"id": int(user), "page": int(values["page"][-1]), "tags": values["tags"]}
    except ValueError:
        return 404, _TEXT, b"Not Found"
    return 200, _JSON, orjson.dumps(found)


def _order(content: bytes) -> tuple[int, tuple[bytes, bytes], bytes]:
    try:
        return 201, _JSON, _write_receipt(receipt_of(_read_order(content)))
    except ValidationError:
        return 422, _TEXT, b"Unprocessable"


async def _content(receive: Receive) -> bytes:
    message = await receive()
    content: bytes = message["body"]
    while message["more_body"]:
        message = await receive()
        content += message["body"]
    return content


async def _stream(send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [_EVENTS]})
    for event in EVENTS:
        await send({"type": "http.response.body", "body": event, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _live(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": message["type"] + ".complete"})
        if message["type"] == "lifespan.shutdown":
            return
