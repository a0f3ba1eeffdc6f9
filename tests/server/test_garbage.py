"""A request is gone when it is done: nothing waits for a collection, which would stop the loop for everyone."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator

import pytest
from pydantic import BaseModel

from wadjet import Error, Request, Wadjet
from wadjet.types import Message, Receive, Scope

JSON = ((b"content-type", b"application/json"), (b"content-length", b"7"))


class Item(BaseModel):
    a: int


def application() -> Wadjet:
    app = Wadjet()

    @app.get("/typed/{number:int}")
    async def typed(number: int, page: int = 1) -> dict[str, int]:
        return {"number": number, "page": page}

    @app.get("/request")
    async def plain(request: Request) -> str:
        return request.headers["host"]

    @app.get("/threaded")
    def threaded() -> str:
        return "x"

    @app.post("/items")
    async def items(item: Item) -> Item:
        return item

    @app.get("/stream")
    async def stream() -> AsyncIterator[str]:
        yield "x"

    @app.get("/error")
    async def error() -> None:
        raise Error(404)

    return app


def scope(method: str, path: str, fields: tuple[tuple[bytes, bytes], ...]) -> Scope:
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"host", b"localhost"), *fields],
    }


def receiving(content: bytes) -> Receive:
    messages: list[Message] = [{"type": "http.request", "body": content, "more_body": False}]

    async def receive() -> Message:
        if messages:
            return messages.pop()
        await asyncio.sleep(60)
        return {"type": "http.disconnect"}

    return receive


async def ignore(message: Message) -> None:
    """Send to nobody."""


@pytest.mark.parametrize(
    ("method", "path", "fields", "content"),
    [
        ("GET", "/typed/1", (), b""),
        ("GET", "/typed/x", (), b""),
        ("GET", "/request", (), b""),
        ("GET", "/threaded", (), b""),
        ("POST", "/items", JSON, b'{"a":1}'),
        ("POST", "/items", JSON, b'{"a":x}'),
        ("GET", "/stream", (), b""),
        ("GET", "/error", (), b""),
        ("GET", "/nowhere", (), b""),
    ],
)
def test_a_request_leaves_no_cycles_behind(
    method: str, path: str, fields: tuple[tuple[bytes, bytes], ...], content: bytes
) -> None:
    app = application()

    async def serve(times: int) -> None:
        for _ in range(times):
            await app(scope(method, path, fields), receiving(content), ignore)

    async def found() -> int:
        await app.startup()
        await serve(3)
        gc.collect()
        gc.disable()
        try:
            await serve(20)
            return gc.collect()
        finally:
            gc.enable()
            await app.shutdown()

    assert asyncio.run(found()) < 20, "every request leaves something that only a collection frees"
