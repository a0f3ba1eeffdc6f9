"""WebSockets of a server, on both lanes and both loops, with the `websockets` client and with exact frames."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.server.http1.serving import PATIENCE_SECONDS, Peer, Served, run, serving
from wadjet import PlainTextResponse, Settings, Wadjet, WebSocket
from wadjet.auth import IsAuthenticated, MemoryTokens, TokenAuthentication
from wadjet.http.exceptions import Unauthorized
from wadjet.middleware import AuthenticationMiddleware, SecurityMiddleware
from wadjet.server.http1 import Connection
from wadjet.server.process import Config
from wadjet.server.sockets import SocketProtocol

LANES = pytest.mark.parametrize("http", [Connection, "httptools"], ids=["fast", "asgi"])
LOOPS = pytest.mark.parametrize("on_uvloop", [True, False], ids=["uvloop", "asyncio"])

HANDSHAKE = (
    b"GET /echo HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)


def application(settings: Settings | None = None) -> Wadjet:
    app = Wadjet(settings)
    app.state = {}  # type: ignore[attr-defined]  # what the tests ask for

    @app.websocket("/echo")
    async def echo(socket: WebSocket) -> None:
        await socket.accept(socket.subprotocols[0] if socket.subprotocols else None)
        async for message in socket:
            await socket.send(message)
        app.state["ended"] = (socket.close_code, socket.close_reason)  # type: ignore[attr-defined]

    @app.websocket("/room/{number:int}")
    async def room(socket: WebSocket, number: int, token: str) -> Any:
        if token == "none":
            raise Unauthorized("who?")
        if token == "late":
            return PlainTextResponse("too late", 410)
        await socket.send_json({"number": number, "token": token})
        return None

    @app.websocket("/flood")
    async def flood(socket: WebSocket) -> None:
        sent = 0
        app.state["sent"] = 0  # type: ignore[attr-defined]
        try:
            while True:
                await socket.send_bytes(b"x" * 65536)
                sent += 1
                app.state["sent"] = sent  # type: ignore[attr-defined]
        finally:
            app.state["flood"] = socket.close_code  # type: ignore[attr-defined]

    @app.websocket("/crash")
    async def crash(socket: WebSocket) -> None:
        await socket.receive()
        raise ZeroDivisionError

    @app.get("/")
    async def root() -> str:
        return "alive"

    return app


@asynccontextmanager
async def speaking(app: Any, http: Any = Connection, **options: Any) -> AsyncIterator[Served]:
    async with serving(app, http=http, ws=SocketProtocol, **options) as served:
        yield served


def talking(served: Served, target: str, name: str = "127.0.0.1", **options: Any) -> connect:
    return connect(
        f"ws://{name}:{served.port}{target}",
        host="127.0.0.1",
        port=served.port,
        proxy=None,
        open_timeout=PATIENCE_SECONDS,
        close_timeout=PATIENCE_SECONDS,
        **options,
    )


@LANES
@LOOPS
def test_messages_go_both_ways(http: Any, on_uvloop: bool) -> None:
    """WS-01, WS-02, WS-05."""

    async def test() -> None:
        app = application()
        async with speaking(app, http) as served:
            async with talking(served, "/echo", subprotocols=["chat"]) as socket:
                assert socket.subprotocol == "chat"
                for message in ("text", "é" * 70_000, b"raw", b"x" * 200_000, ""):
                    await socket.send(message)
                    assert await socket.recv() == message
                await socket.close(4001, "bye")
            await served.until_idle()
            assert app.state["ended"] == (4001, "bye")  # type: ignore[attr-defined]

    run(test(), on_uvloop=on_uvloop)


@LANES
def test_arguments_are_bound_and_handshakes_refused_with_responses(http: Any) -> None:
    async def test() -> None:
        async with speaking(application(), http) as served:
            async with talking(served, "/room/3?token=t") as socket:
                assert await socket.recv() == '{"number":3,"token":"t"}'
            for target, status in (
                ("/room/3?token=none", 401),
                ("/room/3?token=late", 410),
                ("/room/3", 422),
                ("/room/x?token=t", 404),
                ("/", 404),
            ):
                with pytest.raises(InvalidStatus) as refused:
                    async with talking(served, target):
                        pass
                assert refused.value.response.status_code == status
            with pytest.raises(InvalidStatus) as refused:
                async with talking(served, "/echo", origin="https://evil.example"):
                    pass
            assert refused.value.response.status_code == 403

    run(test())


OPTIONS: Any = {"hsts_seconds": 60, "csp": "default-src 'none'"}
FIELDS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "content-security-policy": "default-src 'none'",
    "strict-transport-security": None,
}


def guarded() -> Wadjet:
    """Return an application that denies what is not for its hosts, of its pages and by its users."""
    ways = {"backends": [TokenAuthentication(MemoryTokens())]}
    app = Wadjet(middleware=[(SecurityMiddleware, OPTIONS), (AuthenticationMiddleware, ways)])

    @app.websocket("/open")
    async def free(socket: WebSocket) -> None:
        await socket.send("welcome")

    @app.websocket("/mine", permission_classes=[IsAuthenticated])
    async def mine(socket: WebSocket) -> None:
        await socket.send("welcome")

    return app


#: What is asked, beside what every handshake has, and how it is denied; with what the answer says.
DENIED: dict[str, tuple[str, dict[str, str], int, str]] = {
    "host": ("/open", {"Host": "evil.test"}, 400, "Invalid Host header."),
    "origin": ("/open", {"Origin": "https://evil.test"}, 403, "A page of another site may not open"),
    "nobody": ("/mine", {}, 401, "needs credentials"),
    "bad token": ("/mine", {"Authorization": "Bearer bad"}, 401, "The token is not known."),
    "nothing there": ("/none", {}, 404, "nothing at this address"),
}


@LANES
@pytest.mark.parametrize(
    "made", [guarded, lambda: SecurityMiddleware(guarded(), **OPTIONS)], ids=["in", "around"]
)
def test_a_handshake_that_is_denied_is_answered_as_a_request_would_be(http: Any, made: Any) -> None:
    async def test() -> None:
        async with speaking(made(), http) as served:
            async with talking(served, "/open") as socket:
                assert await socket.recv() == "welcome"
            for target, fields, status, said in DENIED.values():
                with pytest.raises(InvalidStatus) as denied:
                    others = {name: value for name, value in fields.items() if name != "Host"}
                    name = fields.get("Host", "127.0.0.1")
                    async with talking(served, target, name, additional_headers=others):
                        pass
                answer = denied.value.response
                assert (answer.status_code, said in answer.body.decode()) == (status, True)
                assert {name: answer.headers.get(name) for name in FIELDS} == FIELDS
                assert answer.headers["content-type"] == "application/problem+json"
                assert ("www-authenticate" in answer.headers) == (status == 401)
            await served.until_idle()

    run(test())


@LANES
@pytest.mark.parametrize("case", DENIED)
def test_the_bytes_of_a_denial(http: Any, case: str) -> None:
    target, fields, status, said = DENIED[case]

    async def test() -> None:
        lines = {"Host": "localhost", "Connection": "Upgrade", "Upgrade": "websocket", **fields}
        lines |= {"Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "YWJjZGVmZ2hpamtsbW5vcA=="}
        head = "\r\n".join([f"GET {target} HTTP/1.1", *(f"{name}: {value}" for name, value in lines.items())])
        async with speaking(guarded(), http) as served:
            (reply,) = await served.ask(head.encode() + b"\r\n\r\n")
            assert (reply.status, reply.is_whole, said.encode() in reply.body) == (status, True, True)
            assert reply.field("content-length") == str(len(reply.body))
            assert str(reply.field("connection")).lower() == "close"
            assert {name: reply.field(name) for name in FIELDS} == FIELDS
            names = [name for name, _ in reply.fields]
            assert sorted(set(names)) == sorted(names)
            assert not [name for name in names if name.startswith("sec-websocket") or name == "upgrade"]

    run(test())


@LANES
def test_a_plain_request_to_a_websocket_is_told_to_upgrade(http: Any) -> None:
    """WS-31."""

    async def test() -> None:
        async with speaking(application(), http) as served:
            (reply,) = await served.ask(b"GET /echo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            assert (reply.status, reply.field("upgrade")) == (426, "websocket")

    run(test())


@LANES
def test_a_crash_closes_with_1011_and_the_server_lives(http: Any) -> None:
    """WS-41."""

    async def test() -> None:
        async with speaking(application(), http) as served:
            async with talking(served, "/crash") as socket:
                await socket.send("x")
                with pytest.raises(ConnectionClosed) as over:
                    await socket.recv()
            assert over.value.rcvd is not None
            assert over.value.rcvd.code == 1011
            assert len(served.taken_errors()) == 1
            (reply,) = await served.ask(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            assert reply.status == 200

    run(test())


@LANES
@LOOPS
def test_a_server_that_stops_says_that_it_goes_away(http: Any, on_uvloop: bool) -> None:
    async def hear(socket: ClientConnection) -> int | None:
        try:
            await socket.recv()
        except ConnectionClosed as closed:
            return None if closed.rcvd is None else closed.rcvd.code
        return 0

    async def test() -> None:
        app = application()
        async with speaking(app, http) as served:
            async with talking(served, "/echo") as socket:
                await socket.send("x")
                await socket.recv()
                heard = asyncio.create_task(hear(socket))
                await served.stop()
                assert await heard == 1001
        assert app.state["ended"] == (1001, "the server is stopping")  # type: ignore[attr-defined]

    run(test(), on_uvloop=on_uvloop)


# -- exact frames -------------------------------------------------------------------------------------------------------------


def frame(first: int, payload: bytes = b"", *, masked: bool = True, length: bytes | None = None) -> bytes:
    """Return a frame, masked with zeros."""
    size = bytes([len(payload)]) if len(payload) < 126 else b"\x7e" + struct.pack("!H", len(payload))
    size = length or size
    return (
        bytes([first, size[0] | (0x80 if masked else 0)])
        + size[1:]
        + (b"\0" * 4 if masked else b"")
        + payload
    )


async def opened(served: Served, head: bytes = HANDSHAKE) -> Peer:
    peer = await served.open()
    await peer.send(head + b"\r\n")
    found = await peer.until(b"\r\n\r\n")
    assert found.startswith(b"HTTP/1.1 101 ")
    assert b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in found
    return peer


#: WS-16 and WS-20 have other codes than the catalogue: 1007 is for text that is no UTF-8, and a length is too long before it is
#: negative. That the connection fails is what RFC 6455 asks for.
WRONG = {
    "WS-06 unmasked": (frame(0x81, b"hello", masked=False), 1002),
    "WS-07 reserved bit": (frame(0xC1, b"hello"), 1002),
    "WS-09 reserved control opcode": (frame(0x8B), 1002),
    "WS-10 fragmented control": (frame(0x09, b"x"), 1002),
    "WS-11 control of 126 bytes": (frame(0x89, b"x" * 126), 1002),
    "WS-12 continuation without a start": (frame(0x80, b"x"), 1002),
    "WS-13 message inside of one": (frame(0x01, b"a") + frame(0x81, b"b"), 1002),
    "WS-14 text that is not UTF-8": (frame(0x81, b"\xff\xfe"), 1007),
    "WS-16 reason that is not UTF-8": (frame(0x88, b"\x03\xe8\xff\xfe"), 1007),
    "WS-19 close code 999": (frame(0x88, struct.pack("!H", 999)), 1002),
    "WS-20 length with the top bit set": (frame(0x82, length=b"\x7f" + b"\xff" * 8), 1009),
    "WS-22 reserved opcode": (frame(0x83, b"x"), 1002),
    "WS-24 message over the limit": (frame(0x81, b"x" * 60_000), 1009),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_frames_fail_the_connection(case: str) -> None:
    sent, code = WRONG[case]

    async def test() -> None:
        async with speaking(application(), ws_max_size=50_000) as served:
            peer = await opened(served)
            await peer.send(sent)
            found = await peer.rest()
            assert found[:1] == b"\x88", found
            assert struct.unpack("!H", found[2:4])[0] == code
            peer.close()
            await served.until_idle()
            served.taken_errors()  # uvicorn writes some of it down

    run(test())


def test_a_message_in_fragments_with_a_ping_between_is_one() -> None:
    """WS-03."""

    async def test() -> None:
        async with speaking(application()) as served:
            peer = await opened(served)
            await peer.send(frame(0x01, b"a") + frame(0x89, b"?") + frame(0x00, b"b") + frame(0x80, b"c"))
            found = await peer.until(b"abc")
            assert found == b"\x8a\x01?" + b"\x81\x03abc"
            peer.close()
            await served.until_idle()

    run(test())


@pytest.mark.parametrize(
    ("case", "head", "statuses"),
    [
        ("WS-27", HANDSHAKE.replace(b"Version: 13", b"Version: 8"), {400, 426}),
        ("WS-29", HANDSHAKE.replace(b"dGhlIHNhbXBsZSBub25jZQ==", b"c2hvcnQ="), {400, 403, 426}),
        ("WS-30", HANDSHAKE.replace(b"GET", b"POST"), {400, 404, 405, 426}),
        ("WS-32", HANDSHAKE.replace(b"/echo", b"/none"), {400, 403, 404}),
        ("WS-33", HANDSHAKE.replace(b"/echo", b"/"), {403, 404, 426}),
        ("WS-34", HANDSHAKE + b"Sec-WebSocket-Protocol: \xe9\r\n", {101, 400, 403}),
        (
            "WS-35",
            HANDSHAKE + b"Sec-WebSocket-Protocol: " + b", ".join([b"abcdefgh"] * 800) + b"\r\n",
            {101, 400, 403, 431},
        ),
        (
            "WS-36",
            HANDSHAKE + b"Sec-WebSocket-Extensions: " + b"; ".join([b"abcdefgh"] * 800) + b"\r\n",
            {101, 400, 403, 431},
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_handshakes_that_are_none_are_answered(case: str, head: bytes, statuses: set[int]) -> None:
    async def test() -> None:
        async with speaking(application()) as served:
            peer = await served.open()
            await peer.send(head + b"\r\n")
            found = await peer.until(b"\r\n\r\n")
            assert int(found[9:12]) in statuses, found
            peer.close()
            await served.until_idle()
            served.taken_errors()

    run(test())


def test_a_bomb_is_refused_at_its_decoded_size() -> None:
    """WS-42."""

    async def test() -> None:
        async with speaking(application(), ws_max_size=100_000, ws_per_message_deflate=True) as served:
            async with talking(served, "/echo", compression="deflate") as socket:
                await socket.send("\0" * 1_000_000)
                with pytest.raises(ConnectionClosed) as over:
                    await socket.recv()
            assert over.value.rcvd is not None
            assert over.value.rcvd.code == 1009
            served.taken_errors()

    run(test())


@LOOPS
def test_who_does_not_read_makes_the_handler_wait_and_is_cut_off(on_uvloop: bool) -> None:
    """WS-43."""

    async def test() -> None:
        app = application(Settings(SEND_TIMEOUT=0.2))
        async with speaking(app) as served:
            peer = await opened(served, HANDSHAKE.replace(b"/echo", b"/flood"))
            async with asyncio.timeout(PATIENCE_SECONDS):
                while "flood" not in app.state:  # type: ignore[attr-defined]
                    await asyncio.sleep(0.01)
            assert app.state["flood"] == 1006  # type: ignore[attr-defined]
            # What the kernel takes for both ends, and no more: the handler has waited.
            assert app.state["sent"] < 1000  # type: ignore[attr-defined]
            peer.close()
            await served.until_idle()

    run(test(), on_uvloop=on_uvloop)


def test_who_answers_no_ping_is_cut_off() -> None:
    async def test() -> None:
        app = application()
        async with speaking(app, ws_ping_interval=0.05, ws_ping_timeout=0.05) as served:
            peer = await opened(served)
            found = await peer.rest()
            assert found.startswith(b"\x89\x04")
            assert b"\x88" in found
            assert b"keepalive ping timeout" in found
            peer.close()
            await served.until_idle()
            assert app.state["ended"][0] == 1006  # type: ignore[attr-defined]

    run(test())


def test_a_connection_that_is_lost_without_a_word_is_1006() -> None:
    async def test() -> None:
        app = application()
        async with speaking(app) as served:
            peer = await opened(served)
            peer.reset()
            await served.until_idle()
            assert app.state["ended"] == (1006, "")  # type: ignore[attr-defined]

    run(test())


def test_a_handshake_under_way_when_the_server_stops_is_refused() -> None:
    async def test() -> None:
        app, waits = application(), asyncio.Event()

        @app.websocket("/slow")
        async def slow(socket: WebSocket) -> None:
            waits.set()
            await asyncio.sleep(PATIENCE_SECONDS)

        async with speaking(app, timeout_graceful_shutdown=0.2) as served:
            peer = await served.open()
            await peer.send(HANDSHAKE.replace(b"/echo", b"/slow") + b"\r\n")
            await waits.wait()
            await served.stop()
            assert (await peer.rest())[9:12] in {b"500", b""}
            served.taken_errors()

    run(test())


def test_a_server_takes_its_limits_from_the_settings_on_both_lanes() -> None:
    settings = Settings(WEBSOCKET_MAX_SIZE=7, WEBSOCKET_PING_INTERVAL=3.0, WEBSOCKET_DEFLATE=True)
    for http in ("wadjet.server.http1:Connection", "httptools"):
        config = Config(application(settings), http=http, log_config=None)
        config.load()
        assert config.ws_protocol_class is SocketProtocol
        assert (config.ws_max_size, config.ws_ping_interval, config.ws_per_message_deflate) == (7, 3.0, True)
    config = Config(application(), log_config=None, ws="none")
    config.load()
    assert config.ws_protocol_class is None
    assert not config.ws_per_message_deflate
