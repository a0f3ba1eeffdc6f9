"""What compiled routes make is sent by a shortcut; it and the plain way agree."""

from __future__ import annotations

import asyncio

import pytest

from wadjet import JSONResponse, PlainTextResponse, Response, Wadjet
from wadjet.types import Message, Scope


async def messages(app: Wadjet, method: str, path: str) -> list[Message]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"host", b"localhost")],
    }
    await app(scope, receive, send)
    return sent


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    ("value", "response"),
    [
        ({"a": 1}, JSONResponse({"a": 1})),
        ("text", PlainTextResponse("text")),
        (b"\x00", Response(b"\x00")),
        (None, Response(None, 204)),
    ],
)
def test_a_value_and_the_response_made_of_it_send_the_same(
    method: str, value: object, response: Response[object]
) -> None:
    app = Wadjet()

    @app.get("/short")
    async def short() -> object:
        return value

    @app.get("/plain")
    async def plain() -> Response[object]:
        return response

    async def both() -> tuple[list[Message], list[Message]]:
        return await messages(app, method, "/short"), await messages(app, method, "/plain")

    shortcut, way = asyncio.run(both())
    assert shortcut == way
