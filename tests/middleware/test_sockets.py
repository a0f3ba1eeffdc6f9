"""WebSockets: a hook is asked before the handshake, and refuses it with a response where the server can send one."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.driving import http_scope
from wadjet import BaseMiddleware, PlainTextResponse, Request, Wadjet
from wadjet.http.exceptions import Forbidden
from wadjet.types import ASGIApp, Message, Receive, Scope, Send


async def accepting(scope: Scope, receive: Receive, send: Send) -> None:
    assert (await receive())["type"] == "websocket.connect"
    await send({"type": "websocket.accept"})


def handshake(app: ASGIApp, *headers: tuple[str, str], responses: bool = True, **extra: Any) -> list[Message]:
    """Return what is sent in answer to a handshake."""
    scope = http_scope("GET", "/socket/chat", headers, **extra)
    scope.update(type="websocket", scheme=extra.get("scheme", "ws"), subprotocols=[])
    scope["extensions"] = {"websocket.http.response": {}} if responses else {}
    del scope["method"]
    sent: list[Message] = []

    async def converse() -> None:
        inbox: asyncio.Queue[Message] = asyncio.Queue()
        inbox.put_nowait({"type": "websocket.connect"})

        async def send(message: Message) -> None:
            sent.append(message)

        async with asyncio.timeout(60):
            await app(scope, inbox.get, send)

    asyncio.run(converse())
    return sent


class Guard(BaseMiddleware):
    finished = 0

    async def before_socket(self, request: Request) -> Any:
        def count(_: Request) -> None:
            Guard.finished += 1

        request.add_finished_callback(count)
        match request.query_string:
            case "returned":
                return PlainTextResponse("not you", 403)
            case "raised":
                raise Forbidden("not you")
            case "crashed":
                raise RuntimeError
        return None


class Blind(BaseMiddleware):
    def before(self, request: Request) -> None:
        raise AssertionError("it is for requests")


def mounted() -> Wadjet:
    app = Wadjet(middleware=[Blind, Guard])
    app.mount("/socket", accepting)
    return app


APPS = pytest.mark.parametrize("make", [mounted, lambda: Guard(Blind(accepting))], ids=["fused", "wrapped"])


@APPS
def test_a_handshake_is_let_through(make: Any) -> None:
    Guard.finished = 0
    assert handshake(make()) == [{"type": "websocket.accept"}]
    assert Guard.finished == 1


@APPS
@pytest.mark.parametrize(("why", "status"), [("returned", 403), ("raised", 403), ("crashed", 500)])
def test_a_handshake_is_refused_with_a_response(make: Any, why: str, status: int) -> None:
    Guard.finished = 0
    start, body = handshake(make(), query_string=why.encode())
    assert (start["type"], start["status"]) == ("websocket.http.response.start", status)
    assert body["type"] == "websocket.http.response.body"
    assert Guard.finished == 1


@APPS
def test_a_server_that_sends_no_response_is_told_to_close(make: Any) -> None:
    (message,) = handshake(make(), query_string=b"raised", responses=False)
    assert message == {"type": "websocket.close", "code": 1008, "reason": "403 Forbidden"}
