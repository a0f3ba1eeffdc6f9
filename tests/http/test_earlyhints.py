import asyncio
from typing import Any

import pytest

from tests.driving import drive, http_scope, run
from wadjet import BaseMiddleware, Request, Wadjet
from wadjet.types import Message

STYLE = "</style.css>; rel=preload; as=style"


def application(*links: str, **options: Any) -> Wadjet:
    app = Wadjet(**options)

    @app.get("/")
    async def handler(request: Request) -> str:
        await request.send_early_hints(links)
        return "page"

    return app


async def sent(app: Any, **scope: Any) -> list[Message]:
    messages: list[Message] = []

    async def send(message: Message) -> None:
        messages.append(message)

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    await app(http_scope(**scope), receive, send)
    return messages


@pytest.mark.parametrize("layers", [0, 1])
def test_a_server_that_can_send_hints_is_given_them(layers: int) -> None:
    app: Any = application(STYLE, "</a.js>; rel=preload")
    for _ in range(layers):
        app = BaseMiddleware(app)
    scope: dict[str, Any] = {"extensions": {"http.response.early_hint": {}}}
    messages = asyncio.run(sent(app, **scope))
    hints = [message for message in messages if message["type"] == "http.response.early_hint"]
    expected = [STYLE.encode(), b"</a.js>; rel=preload"]
    assert [message["links"] for message in hints] == ([expected] if not layers else [expected])
    assert messages.index(hints[0]) == 0


def test_nothing_is_sent_where_nobody_would_send_it() -> None:
    assert run(application(STYLE)).body == b"page"
    assert asyncio.run(drive(application(STYLE), http_scope()))[0]["type"] == "http.response.start"
    scope: dict[str, Any] = {"extensions": {"http.response.early_hint": {}}}
    assert len(asyncio.run(sent(application(), **scope))) == 2
    request = Request(http_scope())
    asyncio.run(request.send_early_hints([STYLE]))


def test_a_hint_is_one_field() -> None:
    request = Request(http_scope())
    with pytest.raises(ValueError, match="control character"):
        asyncio.run(request.send_early_hints(["</a>; rel=preload\r\nX-Evil: 1"]))


def test_one_text_is_no_list_of_links() -> None:
    with pytest.raises(TypeError, match="takes a list of links"):
        asyncio.run(Request(http_scope()).send_early_hints(STYLE))
