"""WebSockets are uvicorn's to speak: the fast lane hands them over, within its limits."""

from __future__ import annotations

import asyncio

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.server.http1.serving import PATIENCE_SECONDS, Served, run, serving
from wadjet import Request, Settings, Wadjet
from wadjet.types import Receive, Scope, Send

HANDSHAKE = (
    b"GET /ws/ HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: YWJjZGVmZ2hpamtsbW5vcA==\r\n"
)
#: A text frame, masked with zeros: hello.
HELLO = b"\x81\x85\0\0\0\0hello"


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Say everything again, after what was asked for."""
    if scope["type"] != "websocket":
        return
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.send", "text": f"{scope['path']}?{scope['query_string'].decode()}"})
    while (message := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": message["text"]})


def application(settings: Settings | None = None) -> Wadjet:
    app = Wadjet(settings)
    app.mount("/ws", echo)

    @app.get("/")
    async def first() -> str:
        return "root"

    @app.get("/page")
    async def page(request: Request) -> str:
        return request.headers.get("upgrade", "none")

    return app


def talking(served: Served, target: str) -> connect:
    return connect(
        f"ws://127.0.0.1:{served.port}{target}",
        proxy=None,
        open_timeout=PATIENCE_SECONDS,
        close_timeout=PATIENCE_SECONDS,
    )


@pytest.mark.parametrize("on_uvloop", [True, False])
def test_a_mounted_application_talks_over_a_websocket(on_uvloop: bool) -> None:
    async def test() -> None:
        async with serving(application()) as served:
            async with talking(served, "/ws/a%20b?c=d") as socket:
                assert await socket.recv() == "/ws/a b?c=d"
                for text in ("one", "x" * 100_000, ""):
                    await socket.send(text)
                    assert await socket.recv() == text
            await served.until_idle()

    run(test(), on_uvloop=on_uvloop)


def test_a_websocket_where_nothing_is_mounted_is_refused() -> None:
    async def test() -> None:
        async with serving(application()) as served:
            with pytest.raises(InvalidStatus) as refused:
                async with talking(served, "/page"):
                    pass
            assert 400 <= refused.value.response.status_code < 500
            await served.until_idle()

    run(test())


def test_nothing_may_follow_a_handshake_before_it_is_answered() -> None:
    async def test() -> None:
        async with serving(application()) as served:
            for early in (HELLO, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"garbage"):
                (reply,) = await served.ask(HANDSHAKE + b"\r\n" + early)
                assert (reply.status, reply.field("connection")) == (400, "close")

    run(test())


def test_a_handshake_that_comes_byte_by_byte_is_one() -> None:
    async def test() -> None:
        async with serving(application()) as served:
            peer = await served.open()
            head = HANDSHAKE + b"\r\n"
            for place in range(len(head)):
                await peer.send(head[place : place + 1])
                await asyncio.sleep(0)
            assert (await peer.until(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
            await peer.send(HELLO)
            await peer.until(b"hello")
            peer.close()
            await served.until_idle()

    run(test())


def test_a_handshake_behind_another_request_is_an_ordinary_request() -> None:
    async def test() -> None:
        async with serving(application()) as served:
            first = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
            peer = await served.open()
            await peer.send(first + HANDSHAKE.replace(b"/ws/", b"/page") + b"\r\n" + first)
            received = await peer.until(b"root", 2)
            assert received.count(b"HTTP/1.1 200 OK\r\n") == 3
            assert b"\r\n\r\nnone" in received
            peer.close()

    run(test())


def test_a_handshake_on_a_kept_connection_opens_a_websocket() -> None:
    async def test() -> None:
        async with serving(application()) as served:
            peer = await served.open()
            await peer.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            await peer.until(b"root")
            await peer.send(HANDSHAKE + b"\r\n")
            assert (await peer.until(b"/ws/?")).startswith(b"HTTP/1.1 101 ")
            peer.close()
            await served.until_idle()

    run(test())


@pytest.mark.parametrize(
    ("changed", "into"),
    [
        (b"GET", b"POST"),
        (b"HTTP/1.1\r\n", b"HTTP/1.0\r\n"),
        (b"websocket", b"h2c"),
        (b"websocket\r\n", b"websocket\r\nUpgrade: h2c\r\n"),
        (b"Connection: Upgrade\r\n", b""),
    ],
    ids=["post", "http/1.0", "h2c", "two wishes", "no connection option"],
)
def test_a_wish_for_another_protocol_is_ignored(changed: bytes, into: bytes) -> None:
    async def test() -> None:
        async with serving(application()) as served:
            sent = (
                HANDSHAKE.replace(b"/ws/", b"/page").replace(changed, into)
                + b"Content-Length: 5\r\n\r\nhello"
            )
            peer = await served.open()
            await peer.send(sent + b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            received = await peer.rest()
            assert received[9:12] in {b"200", b"405"}
            assert received.endswith(b"root") or b"HTTP/1.0" in into
            peer.close()

    run(test())


TIGHT = Settings(MAX_HEADER_COUNT=8, MAX_HEADER_BYTES=1000, MAX_REQUEST_LINE=200)


@pytest.mark.parametrize(
    ("more", "status"),
    [(b"A: b\r\n" * 8, 431), (b"A: " + b"b" * 1000 + b"\r\n", 431)],
    ids=["fields", "bytes"],
)
def test_the_limits_of_a_head_hold_before_a_websocket(more: bytes, status: int) -> None:
    async def test() -> None:
        async with serving(application(TIGHT)) as served:
            (reply,) = await served.ask(HANDSHAKE + more + b"\r\n")
            assert reply.status == status

    run(test())


def test_a_websocket_counts_as_a_connection() -> None:
    async def test() -> None:
        async with serving(application(Settings(MAX_CONNECTIONS=2))) as served:
            async with talking(served, "/ws/") as one, talking(served, "/ws/") as other:
                await one.recv()
                await other.recv()
                (reply,) = await served.ask(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                assert reply.status == 503
            await served.until_idle()
            (reply,) = await served.ask(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            assert reply.status == 200

    run(test())


def test_a_server_that_stops_closes_its_websockets() -> None:
    async def test() -> None:
        async def hear(socket: ClientConnection) -> int | None:
            try:
                await socket.recv()
            except ConnectionClosed as closed:
                return None if closed.rcvd is None else closed.rcvd.code
            return 0

        async with serving(application()) as served:
            async with talking(served, "/ws/") as socket:
                await socket.recv()
                heard = asyncio.create_task(hear(socket))
                await served.stop()
                assert await heard == 1001

    run(test())


def test_a_server_without_a_websocket_library_takes_the_wish_for_nothing() -> None:
    async def test() -> None:
        async with serving(application(), ws="none") as served:
            peer = await served.open()
            await peer.send(HANDSHAKE.replace(b"/ws/", b"/page") + b"\r\n")
            assert (await peer.until(b"none")).startswith(b"HTTP/1.1 200 OK\r\n")
            peer.close()

    run(test())
