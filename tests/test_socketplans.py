"""Routes for WebSockets: how they are recorded, found and compiled, and what is told of those that cannot work."""

from __future__ import annotations

import importlib.util
from collections.abc import AsyncIterator
from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from wadjet import Body, Request, Router, Wadjet, WebSocket, websocket
from wadjet.errors import MissingExtra, RouteError, SealedError, SignatureError
from wadjet.testing import TestClient, WebSocketDenied


async def say(socket: WebSocket, room: str = "none") -> None:
    await socket.send_text(f"{socket.path} {room}")


def said(app: Wadjet, target: str, **options: Any) -> str:
    with TestClient(app, **options).websocket(target) as session:
        return session.receive_text()


def test_a_route_is_recorded_in_every_way() -> None:
    router = Router("/api")
    router.websocket("/{room}")(say)
    app = Wadjet(routes=[websocket("/free", say), websocket("/other")(say), router])
    app.add_websocket("/added", say, name="added")
    assert app.websocket("/decorated", slashes="strict")(say).path == "/decorated"
    for target in ("/free", "/other", "/added", "/decorated"):
        assert said(app, target) == f"{target} none"
    assert said(app, "/api/attic") == "/api/attic attic"
    assert app.url_for("added") == "/added"
    assert repr(websocket("/free", say)) == "<SocketRoute /free say>"
    with pytest.raises(SealedError):
        app.add_websocket("/late", say)


def test_a_request_and_a_websocket_have_one_path() -> None:
    app = Wadjet()
    app.add_websocket("/both", say)
    app.add_websocket("/posted", say)

    @app.get("/both")
    async def both() -> str:
        return "page"

    @app.post("/posted")
    async def posted() -> str:
        return "posted"

    client = TestClient(app)
    assert client.get("/both").text == "page"
    assert said(app, "/both") == "/both none"
    assert client.post("/posted").text == "posted"
    assert client.get("/posted").status_code == 426
    response = client.put("/posted")
    assert (response.status_code, response.headers["allow"]) == (405, "GET, OPTIONS, POST")


def test_a_get_where_only_a_websocket_is_is_told_to_upgrade() -> None:
    app = Wadjet()
    app.add_websocket("/only", say)
    response = TestClient(app).get("/only")
    assert (response.status_code, response.headers["upgrade"]) == (426, "websocket")
    assert "/only" not in app.openapi()["paths"]


def test_hosts_are_told_apart() -> None:
    app = Wadjet()
    only = Router(host="api.example.com")
    only.add_websocket("/", say)
    app.include(only)
    assert said(app, "/", base_url="http://api.example.com") == "/ none"
    with pytest.raises(WebSocketDenied, match="404"):
        said(app, "/")


class Thing:
    """What a provider makes."""


def test_what_is_provided_lives_as_long_as_the_conversation() -> None:
    told: list[str] = []
    app = Wadjet()

    @app.provide(Thing)
    async def make(request: Request) -> AsyncIterator[Thing]:
        told.append(f"made for {request.path}")
        yield Thing()
        told.append("let go")

    @app.websocket("/")
    async def handler(socket: WebSocket, request: Request, thing: Thing) -> None:
        assert request is socket.request
        async for message in socket:
            told.append(str(message))

    with TestClient(app).websocket("/") as session:
        session.send_text("x")
    assert told == ["made for /", "x", "let go"]


def test_route_middleware_stands_around_a_handler() -> None:
    app = Wadjet()
    route = app.websocket("/{room}")(say)

    @route.middleware
    async def around(call_next: Any, socket: WebSocket, room: str) -> Any:
        await socket.send_text(f"before {room}")
        return await call_next()

    with TestClient(app).websocket("/a") as session:
        assert list(session) == ["before a", "/a a"]


def test_a_parameter_without_annotation_is_known_by_its_name() -> None:
    app = Wadjet()

    @app.websocket("/")
    async def handler(socket) -> None:  # type: ignore[no-untyped-def]  # as one would write it
        await socket.send_text("hello")

    assert said(app, "/") == "hello"


class Document(BaseModel):
    name: str


async def without(room: str) -> None: ...


async def with_content(socket: WebSocket, document: Annotated[Document, Body()]) -> None: ...


def plain(socket: WebSocket) -> None: ...


async def generator(socket: WebSocket) -> AsyncIterator[str]:
    yield "x"


def test_a_handler_without_a_websocket_is_a_mistake() -> None:
    app = Wadjet()
    app.add_websocket("/{room}", without)
    with pytest.raises(SignatureError, match="socket: WebSocket"):
        app.seal()


def test_a_handshake_brings_no_content() -> None:
    app = Wadjet()
    app.add_websocket("/", with_content)
    with pytest.raises(SignatureError, match="requests bring none"):
        app.seal()


@pytest.mark.parametrize("handler", [plain, generator])
def test_a_handler_that_cannot_wait_is_a_mistake(handler: Any) -> None:
    with pytest.raises(RouteError, match="write `async def`"):
        websocket("/", handler)


def test_an_option_that_is_none_is_a_mistake() -> None:
    wrong: dict[str, Any] = {"status_code": 201}
    with pytest.raises(RouteError, match=r"no option 'status_code'.*csrf_exempt"):
        websocket("/", say, **wrong)


def test_a_decorator_without_a_path_is_a_mistake() -> None:
    given: Any = say
    with pytest.raises(RouteError, match=r"write `@app.websocket\('/'\)`"):
        Wadjet().websocket(given)


def test_two_at_one_path_are_a_mistake() -> None:
    app = Wadjet(routes=[websocket("/", say), websocket("/", say)])
    with pytest.raises(RouteError, match="two routes"):
        app.seal()


def test_without_the_package_the_application_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: None if name == "websockets" else find(name, *rest)
    )
    Wadjet().seal()
    app = Wadjet(routes=[websocket("/", say)])
    with pytest.raises(MissingExtra, match=r'pip install "wadjet\[standard\]"'):
        app.seal()
