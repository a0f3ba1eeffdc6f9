"""Conversing: what refuses a handshake, and with which code a conversation ends."""

from __future__ import annotations

import itertools
import logging
from typing import Annotated, Any

import pytest

from wadjet import (
    BaseMiddleware,
    Header,
    HTTPException,
    PlainTextResponse,
    Request,
    Response,
    Settings,
    Wadjet,
    WebSocket,
    WebSocketDisconnect,
    WebSocketException,
)
from wadjet.errors import ConfigError
from wadjet.http.exceptions import Forbidden, NotFound, ServiceUnavailable, Unauthorized
from wadjet.middleware import DatabaseMiddleware, RatePolicy
from wadjet.testing import TestClient, WebSocketDenied


def denied(client: TestClient, target: str = "/", **options: Any) -> Any:
    with pytest.raises(WebSocketDenied) as refused, client.websocket(target, **options):
        pass
    return refused.value.response


def closed(client: TestClient, target: str = "/", message: str | None = None) -> tuple[int, str]:
    with client.websocket(target) as session:
        if message is not None:
            session.send_text(message)
        with pytest.raises(WebSocketDisconnect) as over:
            session.receive()
    return over.value.code, over.value.reason


def application(handler: Any, **options: Any) -> TestClient:
    app = Wadjet(**options)
    app.add_websocket("/", handler)
    return TestClient(app, raise_server_exceptions=False)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Unauthorized("who?"), 401),
        (NotFound(), 404),
        (ServiceUnavailable(retry_after=3), 503),
        (WebSocketException(4000, "no"), 403),
        (ZeroDivisionError(), 500),
    ],
    ids=repr,
)
def test_what_is_raised_before_the_handshake_is_accepted_refuses_it(error: Exception, status: int) -> None:
    async def handler(socket: WebSocket) -> None:
        raise error

    response = denied(application(handler))
    assert response.status_code == status
    assert response.headers.get("retry-after") == ("3" if status == 503 else None)


def test_a_response_refuses_a_handshake_too() -> None:
    async def handler(socket: WebSocket) -> Response[Any]:
        response = PlainTextResponse("not today", 409)
        response.set_cookie("why", "closed")
        return response

    response = denied(application(handler))
    assert (response.status_code, response.text) == (409, "not today")
    assert response.headers["set-cookie"].startswith("why=closed")


def test_a_handler_that_never_accepts_refuses() -> None:
    async def handler(socket: WebSocket) -> None:
        return None

    assert denied(application(handler)).status_code == 403


def test_closing_before_accepting_refuses() -> None:
    async def handler(socket: WebSocket) -> None:
        await socket.close(4000)

    assert denied(application(handler)).status_code == 403


@pytest.mark.parametrize("value", ["text", {"a": 1}])
def test_a_handler_that_returns_something_else_is_a_mistake(value: Any) -> None:
    async def handler(socket: WebSocket, late: bool = False) -> Any:
        if late:
            await socket.accept()
        return value

    client = application(handler)
    assert denied(client).status_code == 500
    assert closed(client, "/?late=1")[0] == 1011
    client = TestClient(client.app)
    with pytest.raises(ConfigError, match="return None, or a Response"):
        denied(client)
    with pytest.raises(ConfigError, match=r"await socket\.send"):
        closed(client, "/?late=1")


def test_a_response_after_the_handshake_is_a_mistake() -> None:
    async def handler(socket: WebSocket) -> Any:
        await socket.accept()
        return PlainTextResponse("late")

    assert closed(application(handler)) == (1011, "500 Internal Server Error")


@pytest.mark.parametrize(
    ("error", "code", "reason"),
    [
        (WebSocketException(4003, "room closed"), 4003, "room closed"),
        (NotFound(), 1008, "404 Not Found"),
        (ServiceUnavailable(), 1013, "503 Service Unavailable"),
        (HTTPException(502), 1011, "502 Bad Gateway"),
        (ZeroDivisionError(), 1011, "500 Internal Server Error"),
    ],
    ids=repr,
)
def test_what_is_raised_in_a_conversation_says_its_code(error: Exception, code: int, reason: str) -> None:
    """WS-41: the handler raises after the handshake."""

    async def handler(socket: WebSocket) -> None:
        await socket.receive()
        raise error

    client = application(handler)
    assert closed(client, message="x") == (code, reason)
    assert closed(client, message="x") == (code, reason)  # the application is alive


def test_a_crash_is_logged_once_with_the_id_of_its_request(caplog: pytest.LogCaptureFixture) -> None:
    async def handler(socket: WebSocket) -> None:
        await socket.accept()
        raise ZeroDivisionError

    client = application(handler, middleware=["wadjet.middleware.RequestIdMiddleware"])
    with caplog.at_level(logging.ERROR, "wadjet.error"):
        closed(client)
    (record,) = [record for record in caplog.records if record.name == "wadjet.error"]
    found: Any = record
    assert record.exc_info is not None
    assert found.request_id != "-"
    assert found.error_id in record.getMessage()


def test_the_application_s_handler_of_exceptions_is_asked_too() -> None:
    seen: list[Exception] = []
    app = Wadjet()

    @app.exception_handler(ZeroDivisionError)
    async def known(request: Request, error: Exception) -> Any:
        seen.append(error)
        return PlainTextResponse("bad number", 400)

    @app.websocket("/")
    async def handler(socket: WebSocket, early: bool = False) -> None:
        if not early:
            await socket.accept()
        raise ZeroDivisionError

    client = TestClient(app)
    assert denied(client, "/?early=1").text == "bad number"
    assert closed(client) == (1008, "400 Bad Request")
    assert len(seen) == 2


def test_arguments_that_are_wrong_refuse_with_422() -> None:
    async def handler(
        socket: WebSocket, room: int, token: Annotated[str, Header(alias="x-token")] = ""
    ) -> None:
        await socket.send_json([room, token])

    client = application(handler)
    assert denied(client).json()["errors"][0]["pointer"] == "/room"
    assert denied(client, "/?room=x").status_code == 422
    with client.websocket("/?room=3", headers={"x-token": "t"}) as session:
        assert session.receive_json() == [3, "t"]


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://localhost", None),
        ("https://localhost", None),
        (None, None),
        ("https://trusted.example", None),
        ("https://evil.example", 403),
        ("http://localhost:8000", 403),
        ("null", 403),
        ("http://localhost.evil.example", 403),
    ],
)
@pytest.mark.parametrize("exempt", [False, True])
def test_a_page_of_another_site_opens_no_websocket(
    origin: str | None, status: int | None, exempt: bool
) -> None:
    app = Wadjet(Settings(CSRF_TRUSTED_ORIGINS=("https://trusted.example",)))

    @app.websocket("/", csrf_exempt=exempt)
    async def handler(socket: WebSocket) -> None:
        await socket.accept()

    headers = {} if origin is None else {"origin": origin}
    client = TestClient(app)
    if status is None or exempt:
        with client.websocket("/", headers=headers):
            pass
    else:
        assert denied(client, headers=headers).status_code == status


class Steps(BaseMiddleware):
    """Says what it is asked."""

    order: list[str] = []

    def before(self, request: Request) -> None:
        raise AssertionError("this is for requests")

    def before_socket(self, request: Request) -> Any:
        name = type(self).__name__
        self.order.append(name)
        match request.query_params.get(name):
            case "returns":
                return PlainTextResponse(name, 418)
            case "raises":
                raise Forbidden(name)
        return None


class Outer(Steps): ...


class Inner(Steps): ...


class Own(Steps): ...


@pytest.mark.parametrize("name", ["Outer", "Inner", "Own"])
@pytest.mark.parametrize(("how", "status"), [("returns", 418), ("raises", 403)])
def test_hooks_are_asked_before_the_handshake_outermost_first(name: str, how: str, status: int) -> None:
    app = Wadjet(middleware=[Outer, Inner])

    @app.websocket("/", middleware=[Own])
    async def handler(socket: WebSocket) -> None:
        await socket.accept()

    Steps.order.clear()
    assert denied(TestClient(app), f"/?{name}={how}").status_code == status
    assert Steps.order == ["Outer", "Inner", "Own"][: ["Outer", "Inner", "Own"].index(name) + 1]


def test_permissions_and_rates_stand_before_the_handshake() -> None:

    from wadjet.auth import BasePermission

    class Never(BasePermission):
        def has_permission(self, request: Request, view: Any) -> bool:
            return False

    app = Wadjet()

    @app.websocket("/never", permission_classes=[Never])
    async def never(socket: WebSocket) -> None:
        await socket.accept()

    @app.websocket("/rare", throttle_classes=[RatePolicy(1, 3600)])
    async def rare(socket: WebSocket) -> None:
        await socket.accept()

    client = TestClient(app)
    assert denied(client, "/never").status_code == 401
    with client.websocket("/rare"):
        pass
    assert denied(client, "/rare").status_code == 429


def test_where_there_is_no_route_the_hooks_are_asked_first() -> None:
    client = TestClient(Wadjet(middleware=[Outer]))
    assert denied(client, "/nowhere").status_code == 404
    assert denied(client, "/nowhere?Outer=returns").status_code == 418


def test_an_early_end_of_another_conversation_closes_this_one() -> None:
    async def handler(socket: WebSocket) -> None:
        await socket.accept()
        raise WebSocketDisconnect(1001, "that of another one")

    assert closed(application(handler)) == (1000, "")


# -- units of work ------------------------------------------------------------------------------------------------------------


class Work:
    """A database that writes down when units begin and end."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.fails = False

    def begin(self, *, writes: bool) -> Any:
        self.told.append("begin")
        return self

    async def _end(self, *, commits: bool) -> None:
        self.told.append("commit" if commits else "undo")
        if commits and self.fails:
            raise ConnectionError

    def end(self, *, commits: bool) -> Any:
        return self._end(commits=commits)


def working(work: Work) -> TestClient:
    app = Wadjet(middleware=[(DatabaseMiddleware, {"database": work})])

    @app.websocket("/")
    async def handler(socket: WebSocket) -> None:
        async for message in socket:
            work.told.append(str(message))
            if message == "fail":
                raise ZeroDivisionError
            await socket.send_text("done")

    return TestClient(app, raise_server_exceptions=False)


@pytest.mark.parametrize(("second", "end", "close_code"), [("two", "commit", None), ("fail", "undo", 1011)])
def test_each_message_is_a_unit_of_work_and_one_that_fails_is_undone_alone(
    second: str, end: str, close_code: int | None
) -> None:
    work = Work()
    with working(work).websocket("/") as session:
        session.send_text("one")
        assert session.receive() == "done"
        session.send_text(second)
        assert list(itertools.islice(session, 1)) == (["done"] if close_code is None else [])
        assert session.close_code == close_code
    assert work.told == ["begin", "commit", "begin", "one", "commit", "begin", second, end]


def test_a_commit_that_fails_ends_the_conversation() -> None:
    work = Work()
    with working(work).websocket("/") as session:
        session.send_text("one")
        session.receive()
        work.fails = True
        session.send_text("two")
        assert list(session) in (["done"], [])
        assert session.close_code == 1011
    assert work.told[-1] == "commit"
