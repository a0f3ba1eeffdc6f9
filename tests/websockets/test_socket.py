"""WebSocket: a handler's end of a conversation, from the handshake to the close."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from pydantic import BaseModel

from wadjet import Settings, Wadjet, WebSocket, WebSocketDisconnect, WebSocketException
from wadjet.testing import AsyncTestClient, TestClient, WebSocketDenied
from wadjet.websockets import InvalidMessage


class Move(BaseModel):
    to: int


class Struct(msgspec.Struct):
    to: int


def conversing(handler: Any, settings: Settings | None = None) -> TestClient:
    app = Wadjet(settings)
    app.add_websocket("/", handler)
    return TestClient(app)


def ended(session: Any) -> tuple[int, str]:
    """Return how the application ends a conversation, without a message before."""
    with pytest.raises(WebSocketDisconnect) as over:
        session.receive()
    assert str(over.value) == f"{over.value.code} {over.value.reason}".rstrip()
    return over.value.code, over.value.reason


def test_messages_go_both_ways() -> None:
    async def handler(socket: WebSocket) -> None:
        await socket.send_text(await socket.receive_text())
        await socket.send_bytes(await socket.receive_bytes())
        await socket.send_json(await socket.receive_json())
        await socket.send({"to": 1})
        await socket.send(bytearray(b"raw"))
        await socket.send("text")

    with conversing(handler).websocket("/") as session:
        session.send_text("one")
        session.send_bytes(b"two")
        session.send_json({"three": 3})
        assert session.receive_text() == "one"
        assert session.receive_bytes() == b"two"
        assert session.receive_json() == {"three": 3}
        assert session.receive_json() == {"to": 1}
        assert list(session) == [b"raw", "text"]
        assert (session.close_code, session.close_reason) == (1000, "")


@pytest.mark.parametrize("way", ["messages", "text", "bytes", "json", "model", "struct"])
def test_iterating_ends_when_the_client_leaves(way: str) -> None:
    heard: list[Any] = []
    sockets: list[WebSocket] = []

    async def handler(socket: WebSocket) -> None:
        sockets.append(socket)
        ways: dict[str, Any] = {
            "messages": socket,
            "text": socket.iter_text(),
            "bytes": socket.iter_bytes(),
            "json": socket.iter_json(),
            "model": socket.iter_json(Move),
            "struct": socket.iter_json(Struct),
        }
        async for message in ways[way]:
            heard.append(message)
            await socket.send_text("heard")
        heard.append("over")

    sent: Any = b'{"to": 2}' if way in {"bytes", "struct"} else '{"to": 2}'
    got = {"json": {"to": 2}, "model": Move(to=2), "struct": Struct(2)}.get(way, sent)
    with conversing(handler).websocket("/") as session:
        if isinstance(sent, bytes):
            session.send_bytes(sent)
        else:
            session.send_text(sent)
        session.receive()
        session.close(4001, "bye")
    assert heard == [got, "over"]
    assert (sockets[0].close_code, sockets[0].close_reason) == (4001, "bye")


@pytest.mark.parametrize(
    ("way", "sent", "code"),
    [
        ("receive_text", b"raw", 1003),
        ("receive_bytes", "text", 1003),
        ("iter_text", b"raw", 1003),
        ("iter_bytes", "text", 1003),
        ("receive_json", "{", 1007),
        ("receive_json", b"\xff", 1007),
        ("model", "{", 1007),
        ("model", '{"to": "x"}', 1008),
        ("model", '{"to": NaN}', 1008),
        ("iter_json", "[" * 100_000, 1007),
        ("struct", '{"to": "x"}', 1008),
    ],
)
def test_a_message_that_is_not_what_was_asked_for_ends_the_conversation(
    way: str, sent: str | bytes, code: int
) -> None:
    async def handler(socket: WebSocket) -> None:
        await socket.accept()
        if way in {"model", "struct"}:
            await socket.receive_json({"model": Move, "struct": Struct}[way])
        elif way.startswith("iter"):
            await anext(getattr(socket, way)())
        else:
            await getattr(socket, way)()

    with conversing(handler).websocket("/") as session:
        session.send_bytes(sent) if isinstance(sent, bytes) else session.send_text(sent)
        assert ended(session)[0] == code


def test_a_handler_may_forgive_a_wrong_message_and_go_on() -> None:
    async def handler(socket: WebSocket) -> None:
        try:
            await socket.receive_json(Move)
        except InvalidMessage as error:
            await socket.send_json(error.problems)
        await socket.send_json(await socket.receive_json(Move))

    with conversing(handler).websocket("/") as session:
        session.send_json({})
        assert session.receive_json() == [{"pointer": "/to", "detail": "Field required", "type": "missing"}]
        session.send_json({"to": 3})
        assert session.receive_json() == {"to": 3}


def test_a_subprotocol_is_chosen_and_fields_are_sent() -> None:
    async def handler(socket: WebSocket) -> None:
        assert socket.subprotocols == ("chat.v1", "chat.v2")
        await socket.accept("chat.v2", [("X-Room", "one")])
        assert socket.subprotocol == "chat.v2"

    with conversing(handler).websocket("/", ["chat.v1", "chat.v2"]) as session:
        assert session.subprotocol == "chat.v2"
        assert session.headers["x-room"] == "one"
        assert ended(session) == (1000, "")


@pytest.mark.parametrize("offered", [[], ["other"]])
def test_a_subprotocol_that_is_not_offered_is_a_mistake(offered: list[str]) -> None:
    async def handler(socket: WebSocket) -> None:
        await socket.accept("chat")

    with pytest.raises(ValueError, match="choose one of"), conversing(handler).websocket("/", offered):
        pass


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("x\r\nset-cookie: a=b", "1"),
        ("x y", "1"),
        ("", "1"),
        ("é", "1"),
        ("x-room", "1\r\nset-cookie: a=b"),
        ("Sec-WebSocket-Accept", "1"),
        ("sec-websocket-protocol", "chat"),
        ("content-length", "5"),
        ("connection", "close"),
    ],
)
def test_a_field_that_no_handshake_can_have_is_a_mistake_before_anything_leaves(
    name: str, value: str
) -> None:
    async def handler(socket: WebSocket) -> None:
        await socket.accept(headers=[("x-fine", "1"), (name, value)])

    with pytest.raises(ValueError, match="header|accept"), conversing(handler).websocket("/"):
        pass


def test_accepting_twice_is_a_mistake() -> None:
    async def handler(socket: WebSocket) -> None:
        await socket.send_text("x")
        await socket.accept()

    client = conversing(handler)
    with pytest.raises(RuntimeError, match="accepted already"), client.websocket("/") as session:
        assert session.receive() == "x"
        assert ended(session)[0] == 1011


def test_the_handshake_is_at_hand() -> None:
    async def handler(socket: WebSocket) -> None:
        assert isinstance(socket.app, Wadjet)
        assert (socket.path, socket.path_params) == ("/", {})
        assert str(socket.url) == "ws://localhost/?a=1"
        assert socket.query_params["a"] == "1"
        assert (socket.headers["x-one"], socket.cookies["c"]) == ("two", "d")
        assert socket.client == ("127.0.0.1", 50000)
        assert not socket.user
        assert socket.auth["type"] == "none"
        assert socket.state is socket.request.state
        with pytest.raises(Exception, match="SessionMiddleware"):
            _ = socket.session
        await socket.accept()

    with conversing(handler).websocket("/?a=1", headers={"X-One": "two", "Cookie": "c=d"}) as session:
        pass
    assert session.close_code is None  # nobody has asked


@pytest.mark.parametrize("code", [999, 1004, 1005, 1006, 1010, 1015, 2999, 5000])
def test_a_code_that_may_not_be_sent_is_a_mistake(code: int) -> None:
    async def handler(socket: WebSocket) -> None:
        await socket.accept()
        await socket.close(code)

    with pytest.raises(ValueError, match="RFC 6455"), conversing(handler).websocket("/") as session:
        assert ended(session)[0] == 1011
    with pytest.raises(ValueError, match="RFC 6455"):
        WebSocketException(code)


def test_a_long_reason_is_cut_between_characters() -> None:
    async def handler(socket: WebSocket) -> None:
        await socket.accept()
        await socket.close(4000, "é" * 100)
        await socket.close(4001)  # it is over

    with conversing(handler).websocket("/") as session:
        assert ended(session) == (4000, "é" * 61)


async def nothing() -> AsyncIterator[str]:
    for text in ("nobody asks",):
        yield text


def test_who_has_closed_can_neither_send_nor_receive() -> None:
    async def checked(socket: WebSocket) -> None:
        await socket.accept()
        await socket.close(4000, "enough")
        for again in (
            socket.receive,
            socket.accept,
            lambda: socket.send_text("x"),
            lambda: socket.send_bytes(b"x"),
        ):
            with pytest.raises(WebSocketDisconnect, match="4000 enough"):
                await again()
        with pytest.raises(WebSocketDisconnect):
            await socket.feed(nothing())

    with conversing(checked).websocket("/") as session:
        assert ended(session)[0] == 4000


def test_a_message_that_is_too_long_ends_the_conversation() -> None:
    seen: list[Any] = []

    async def handler(socket: WebSocket) -> None:
        async for message in socket:
            seen.append(message)
        seen.append(socket.close_code)

    with conversing(handler, Settings(WEBSOCKET_MAX_SIZE=8)).websocket("/") as session:
        session.send_text("é" * 4)
        session.send_bytes(b"x" * 8)
        session.send_text("é" * 5)
        assert ended(session) == (1009, "a message has at most 8 bytes")
    assert seen == ["é" * 4, b"x" * 8, 1009]


def test_too_many_messages_end_the_conversation() -> None:
    async def handler(socket: WebSocket) -> None:
        async for _ in socket:
            pass

    with conversing(handler, Settings(WEBSOCKET_MAX_RATE=1)).websocket("/") as session:
        for _ in range(100):
            session.send_text("x")
        assert ended(session) == (1008, "at most 1 messages a second are taken")


def test_no_rate_is_no_limit() -> None:
    async def handler(socket: WebSocket) -> None:
        count = 0
        async for message in socket:
            count += 1
            if message == "end":
                await socket.send_json(count)

    with conversing(handler, Settings(WEBSOCKET_MAX_RATE=0)).websocket("/") as session:
        for _ in range(50):
            session.send_text("x")
        session.send_text("end")
        assert session.receive_json() == 51


def test_who_says_nothing_is_closed() -> None:
    async def handler(socket: WebSocket) -> None:
        await socket.receive()

    with conversing(handler, Settings(WEBSOCKET_IDLE_TIMEOUT=0.01)).websocket("/") as session:
        assert ended(session) == (1008, "nothing was said for 0.01 seconds")


def test_sending_to_a_client_that_has_left_ends_the_handler_quietly() -> None:
    codes: list[int | None] = []

    async def handler(socket: WebSocket) -> None:
        try:
            while True:
                await socket.send_text("tick")
                await asyncio.sleep(0)
        finally:
            codes.append(socket.close_code)

    with conversing(handler).websocket("/") as session:
        assert session.receive() == "tick"
    assert codes == [1006]


def test_a_client_that_leaves_during_the_handshake_gets_nothing() -> None:
    async def handler(socket: WebSocket) -> None:
        await socket.accept()

    app = Wadjet()
    app.add_websocket("/", handler)

    async def test() -> list[Any]:
        from tests.driving import http_scope

        sent: list[Any] = []
        scope = {**http_scope(), "type": "websocket", "scheme": "ws", "subprotocols": []}
        del scope["method"]

        async def receive() -> Any:
            return {"type": "websocket.disconnect", "code": 1006}

        async def send(message: Any) -> None:
            sent.append(message)

        await app(scope, receive, send)
        return sent

    assert asyncio.run(test()) == []


# -- feeding ------------------------------------------------------------------------------------------------------------------


def test_a_source_is_sent_until_it_ends() -> None:
    async def numbers() -> AsyncIterator[object]:
        yield "one"
        yield {"two": 2}

    async def handler(socket: WebSocket) -> None:
        await socket.feed(numbers())
        await socket.send_text("done")

    with conversing(handler).websocket("/") as session:
        assert list(session) == ["one", '{"two":2}', "done"]


def test_a_source_that_waits_is_left_when_the_client_leaves() -> None:
    ends: list[str] = []

    async def silence() -> AsyncIterator[str]:
        try:
            yield "first"
            await asyncio.Event().wait()
        finally:
            ends.append("source")

    async def handler(socket: WebSocket) -> None:
        try:
            await socket.feed(silence())
        finally:
            ends.append(f"handler {socket.close_code}")

    with conversing(handler).websocket("/") as session:
        assert session.receive() == "first"
        session.send_text("this is passed over")
        session.close(4002)
    assert ends == ["source", "handler 4002"]


def test_a_source_that_fails_ends_the_conversation() -> None:
    async def broken() -> AsyncIterator[str]:
        yield "first"
        raise ZeroDivisionError

    async def handler(socket: WebSocket) -> None:
        await socket.feed(broken())

    with pytest.raises(ZeroDivisionError), conversing(handler).websocket("/") as session:
        assert session.receive() == "first"
        assert ended(session) == (1011, "500 Internal Server Error")


# -- the client for tests -----------------------------------------------------------------------------------------------------


def test_an_asynchronous_test_converses_on_its_own_loop() -> None:
    async def handler(socket: WebSocket) -> None:
        async for message in socket:
            await socket.send(message)

    async def test() -> None:
        app = Wadjet()
        app.add_websocket("/", handler)
        async with AsyncTestClient(app) as client:
            async with client.websocket("/") as session:
                await session.send_text("x")
                async for message in session:
                    assert message == "x"
                    break
            with pytest.raises(WebSocketDenied, match="404 Not Found"):
                async with client.websocket("/nowhere"):
                    pass
            with pytest.raises(LookupError):
                async with client.websocket("/"):
                    raise LookupError

    asyncio.run(test())


def test_a_client_that_is_closed_leaves_its_conversations() -> None:
    ends: list[int | None] = []

    async def handler(socket: WebSocket) -> None:
        async for _ in socket:
            pass
        ends.append(socket.close_code)

    async def test() -> None:
        app = Wadjet()
        app.add_websocket("/", handler)
        async with AsyncTestClient(app) as client:
            session = client.websocket("/")
            opened = await session.__aenter__()
            await opened.send_text("x")
        with pytest.raises(WebSocketDisconnect):
            await opened.send_text("too late")

    asyncio.run(test())
    assert ends == [1001]
