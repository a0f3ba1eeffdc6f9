"""What users of other frameworks suffer from in the life of a request: none of it happens here."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.driving import http_scope, run
from wadjet import Request, StreamingResponse, Wadjet, WebSocket, WebSocketDisconnect
from wadjet.http.exceptions import ClientDisconnect, TooManyRequests
from wadjet.middleware import BaseMiddleware, CORSMiddleware, RequestIdMiddleware
from wadjet.testing import TestClient, WebSocketDenied
from wadjet.types import ASGIApp, Message, Receive, Scope, Send

WHO: contextvars.ContextVar[str] = contextvars.ContextVar("who", default="nobody")


def test_pain_2_what_a_handler_sets_in_its_context_middleware_sees() -> None:
    seen: list[str] = []

    class Looks(BaseMiddleware):
        def after(self, request: Request, response: Any) -> None:
            seen.append(WHO.get())

    app = Wadjet(middleware=[Looks])

    @app.get("/")
    async def handler() -> str:
        WHO.set("anna")
        return "x"

    assert run(app).status == 200
    assert seen == ["anna"]


def test_pain_3_a_crash_has_the_fields_of_middleware() -> None:
    app = Wadjet(
        middleware=[RequestIdMiddleware, (CORSMiddleware, {"allowed_origins": ["https://app.test"]})]
    )

    @app.get("/")
    async def handler() -> None:
        raise RuntimeError

    sent = run(app, headers=[("origin", "https://app.test")])
    assert sent.status == 500
    assert sent.field(b"access-control-allow-origin") == b"https://app.test"
    assert sent.field(b"x-request-id")


def leave(app: Wadjet, *, after: int) -> None:
    """Ask, take some messages, and leave."""

    async def conversation() -> None:
        inbox: asyncio.Queue[Message] = asyncio.Queue()
        inbox.put_nowait({"type": "http.request", "body": b"", "more_body": False})
        sent = 0
        if not after:
            inbox.put_nowait({"type": "http.disconnect"})

        async def send(_: Message) -> None:
            nonlocal sent
            sent += 1
            if sent > after:
                raise OSError  # ASGI 2.4: the client has left

        try:
            await app(http_scope(), inbox.get, send)
        except (OSError, ClientDisconnect):
            return

    asyncio.run(conversation())


def test_pain_4_a_client_that_leaves_does_not_cut_a_handler_off_amid_a_write() -> None:
    trail: list[str] = []
    app = Wadjet()

    @app.get("/")
    async def handler(request: Request) -> str:
        trail.append("half")
        while not await request.is_disconnected():
            await asyncio.sleep(0)
        trail.append("whole")
        return "x"

    leave(app, after=0)
    assert trail == ["half", "whole"]


def test_pain_4_a_stream_ends_when_its_client_leaves() -> None:
    trail: list[str] = []
    app = Wadjet()

    @app.get("/")
    async def handler() -> StreamingResponse:
        async def content() -> AsyncIterator[str]:
            try:
                while True:
                    yield "x"
            finally:
                trail.append("closed")

        return StreamingResponse(content())

    leave(app, after=3)
    assert trail == ["closed"]


class Reads(BaseMiddleware):
    """A hook that reads the content."""

    async def before(self, request: Request) -> None:
        request.state["length"] = len(await request.body())


def reads(app: ASGIApp) -> ASGIApp:
    """Read the content, as middleware of plain ASGI does, and hand it on."""

    async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            request = Request(scope, receive)
            request.state["length"] = len(await request.body())
        await app(scope, receive, send)

    return middleware


@pytest.mark.parametrize("middleware", [Reads, reads], ids=["hook", "asgi"])
@pytest.mark.parametrize("content", [b"", b"x" * 100_000])
def test_pain_5_a_content_that_middleware_has_read_is_there_for_the_handler(
    middleware: Any, content: bytes
) -> None:
    app = Wadjet(middleware=[middleware])

    @app.post("/")
    async def handler(request: Request) -> Any:
        return [request.state["length"], len(await request.body())]

    assert run(app, "POST", content=content).body == f"[{len(content)},{len(content)}]".encode()


def test_pain_20_handlers_that_block_have_a_named_pool_whose_size_is_a_setting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WADJET_THREAD_POOL_SIZE", "1")
    app = Wadjet()

    @app.get("/")
    def handler() -> str:
        return threading.current_thread().name

    with TestClient(app) as client:
        assert {client.get("/").text for _ in range(3)} == {"wadjet-handler_0"}


@pytest.mark.parametrize("depth", [1, 2])
def test_pain_21_what_is_mounted_lives_and_shares_its_state(depth: int) -> None:
    trail: list[str] = []

    @asynccontextmanager
    async def life(_: Any) -> AsyncIterator[dict[str, str]]:
        trail.append("up")
        yield {"inner": "state"}
        trail.append("down")

    app = inner = Wadjet(lifespan=life)

    @inner.get("/")
    async def handler(request: Request) -> Any:
        return request.scope["state"]["inner"]

    for _ in range(depth):
        outer = Wadjet()
        outer.mount("/in", app)
        app = outer
    with TestClient(app) as client:
        assert client.get("/in" * depth + "/").text == "state"
        assert trail == ["up"]
    assert trail == ["up", "down"]


def test_pain_33_a_refused_handshake_is_a_response_and_an_error_afterwards_a_code() -> None:
    app = Wadjet()

    @app.websocket("/{kind}")
    async def converse(socket: WebSocket, kind: str) -> None:
        if kind == "late":
            await socket.accept()
        raise TooManyRequests(retry_after=3)

    with TestClient(app, raise_server_exceptions=False) as client:
        with pytest.raises(WebSocketDenied) as denied, client.websocket("/early"):
            pass
        assert (denied.value.response.status_code, denied.value.response.headers["retry-after"]) == (429, "3")
        with pytest.raises(WebSocketDisconnect) as over, client.websocket("/late") as session:
            session.receive()
        assert over.value.code == 1008


def test_pain_34_work_after_the_response_is_waited_for_and_its_failure_is_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """That it is tried again, by a queue that outlives the process, is in ``tests/tasks``."""
    trail: list[str] = []
    app = Wadjet()

    async def mail() -> None:
        await asyncio.sleep(0)
        trail.append("sent")

    def fails() -> None:
        raise RuntimeError("no mail")

    @app.post("/")
    async def handler(request: Request) -> None:
        request.background(fails)
        request.background(mail)

    app.on_shutdown(lambda: trail.append("shutdown"))
    with TestClient(app) as client:
        assert client.post("/").status_code == 204
    assert trail == ["sent", "shutdown"]
    assert "no mail" in caplog.text
