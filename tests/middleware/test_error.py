"""ServerErrorMiddleware around any ASGI application, and in a Wadjet; what a crash keeps of the fields of others."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request as StarletteRequest
from starlette.responses import PlainTextResponse as StarlettePlainText
from starlette.routing import Route as StarletteRoute
from starlette.routing import Router as StarletteRouter

from tests.driving import drive, exchange, http_scope, run
from wadjet import BaseMiddleware, Request, Router, Wadjet
from wadjet.errors import ConfigError, PolicyError
from wadjet.http.exceptions import ClientDisconnect
from wadjet.http.response import Head
from wadjet.middleware import (
    CORSMiddleware,
    RequestIdMiddleware,
    SecurityMiddleware,
    ServerErrorMiddleware,
    build_middleware_stack,
)
from wadjet.testing import TestClient
from wadjet.types import ASGIApp, Message, Receive, Scope, Send

PAGE = {"accept": "text/html"}


class Broken(Exception):
    """An application's own."""


async def crash(request: StarletteRequest) -> StarlettePlainText:
    if request.method == "POST":
        await request.body()
    raise Broken("told-in-confidence")


async def fine(request: StarletteRequest) -> StarlettePlainText:
    return StarlettePlainText("fine")


ROUTES = [StarletteRoute("/crash", crash, methods=["GET", "POST"]), StarletteRoute("/fine", fine)]


def starlette(debug: bool | None = None, /) -> ASGIApp:
    """Return a Starlette in which this stands where Starlette's own would."""

    def net(app: Any) -> Any:
        return ServerErrorMiddleware(app, debug=debug)

    return Starlette(routes=ROUTES, middleware=[Middleware(net)])


def client(app: Any) -> TestClient:
    return TestClient(app, raise_server_exceptions=False)


# -- around any ASGI application --------------------------------------------------------------------------------------------


def test_what_does_not_crash_passes() -> None:
    http = client(starlette())
    assert http.get("/fine").text == "fine"
    assert http.get("/nowhere").status_code == 404


@pytest.mark.parametrize(
    ("accept", "content_type", "begins"),
    [
        ("text/html", "text/html; charset=utf-8", "<!doctype html>"),
        (
            "*/*",
            "application/problem+json",
            '{"type":"about:blank","title":"Internal Server Error","status":500',
        ),
        ("text/plain", "text/plain; charset=utf-8", "500 Internal Server Error\n"),
    ],
)
def test_a_crash_is_a_500_that_tells_nothing(accept: str, content_type: str, begins: str) -> None:
    answer = client(starlette()).get("/crash", headers={"accept": accept})
    assert (answer.status_code, answer.headers["content-type"]) == (500, content_type)
    assert answer.text.startswith(begins)
    assert "told-in-confidence" not in answer.text
    assert "Broken" not in answer.text


def test_a_crash_is_logged_once_with_the_id_that_the_client_has(caplog: pytest.LogCaptureFixture) -> None:
    problem = client(starlette()).get("/crash").json()
    (record,) = [record for record in caplog.records if record.name == "wadjet.error"]
    assert record.__dict__["error_id"] == problem["id"]
    assert isinstance(record.exc_info, tuple)
    assert isinstance(record.exc_info[1], Broken)


def test_with_debug_it_is_the_development_page() -> None:
    answer = client(starlette(True)).post("/crash", content=b"the content", headers=PAGE)
    assert answer.status_code == 500
    assert "told-in-confidence" in answer.text
    assert "the content" in answer.text
    assert "test_error.py" in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; ")


def test_the_settings_of_the_environment_decide_where_nobody_else_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WADJET_ENV", "development")
    monkeypatch.setenv("WADJET_DEBUG", "1")
    assert "told-in-confidence" in client(starlette()).get("/crash", headers=PAGE).text
    assert "told-in-confidence" not in client(starlette(False)).get("/crash", headers=PAGE).text


async def half(scope: Scope, receive: Receive, send: Send) -> None:
    """Fail after the head has left."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    raise Broken("midway")


@pytest.mark.parametrize("debug", [True, False])
def test_after_the_head_it_is_logged_and_raised_again(debug: bool, caplog: pytest.LogCaptureFixture) -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    with pytest.raises(Broken, match="midway"):
        asyncio.run(ServerErrorMiddleware(half, debug=debug)(http_scope(), receive, send))
    assert [message["type"] for message in sent] == ["http.response.start"]
    (record,) = caplog.records
    assert f"[{record.__dict__['error_id']}]" in record.getMessage()
    assert "after its head had left" in record.getMessage()


def test_a_client_that_left_is_no_crash(caplog: pytest.LogCaptureFixture) -> None:
    async def gone(scope: Scope, receive: Receive, send: Send) -> None:
        raise ClientDisconnect

    with pytest.raises(ClientDisconnect):
        run(ServerErrorMiddleware(gone))
    assert not caplog.records


@pytest.mark.parametrize("kind", ["lifespan", "websocket"])
def test_other_scopes_pass_untouched(kind: str) -> None:
    seen: list[Any] = []

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append((scope, receive, send))
        raise Broken

    given: tuple[Any, Any, Any] = ({"type": kind}, object(), object())
    with pytest.raises(Broken):
        asyncio.run(ServerErrorMiddleware(inner)(*given))
    assert seen == [given]
    assert given[0] == {"type": kind}


def test_nothing_stays_in_the_scope() -> None:
    async def failing(scope: Scope, receive: Receive, send: Send) -> None:
        raise Broken

    scope = http_scope()
    before = {**scope}
    asyncio.run(drive(ServerErrorMiddleware(failing, debug=True), scope))
    assert {name: value for name, value in scope.items() if name != "state"} == before


def test_finished_callbacks_of_the_answer_run() -> None:
    ran: list[str] = []

    class Notes(BaseMiddleware):
        def before(self, request: Request) -> None:
            request.add_finished_callback(lambda request: ran.append(type(request.exception).__name__))

    app = ServerErrorMiddleware(Notes(StarletteRouter(routes=ROUTES)))
    assert client(app).get("/crash").status_code == 500
    assert ran == ["Broken"]


# -- the fields of the others -----------------------------------------------------------------------------------------------

STACK: list[Any] = [
    RequestIdMiddleware,
    (SecurityMiddleware, {"csp": "default-src 'self'"}),
    (CORSMiddleware, {"allowed_origins": ["https://app.test"]}),
]


def wadjet_app(*middleware: Any) -> Wadjet:
    app = Wadjet(middleware=middleware)

    @app.get("/crash")
    async def crash() -> None:
        raise Broken("told-in-confidence")

    return app


class PlainCrash:
    """Middleware that only speaks ASGI, and fails."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            raise Broken("told-in-confidence")
        await self.app(scope, receive, send)


class HookCrash(BaseMiddleware):
    """A hook that fails on the way out."""

    def after(self, request: Request, response: Head) -> None:
        raise Broken("told-in-confidence")


class HookCrashBefore(BaseMiddleware):
    """A hook that fails on the way in."""

    def before(self, request: Request) -> None:
        raise Broken("told-in-confidence")


APPLICATIONS: dict[str, Callable[[], ASGIApp]] = {
    "fused": lambda: wadjet_app(*STACK),
    "fused, with this among them": lambda: wadjet_app(ServerErrorMiddleware, *STACK),
    "fused, a hook fails": lambda: wadjet_app(*STACK, HookCrash),
    "fused, what only speaks ASGI fails": lambda: wadjet_app(*STACK, PlainCrash),
    "by hand around a Wadjet": lambda: build_middleware_stack(wadjet_app(), [ServerErrorMiddleware, *STACK]),
    "outermost around a foreign one": lambda: build_middleware_stack(
        StarletteRouter(routes=ROUTES), [ServerErrorMiddleware, *STACK]
    ),
    "innermost around a foreign one": lambda: build_middleware_stack(
        StarletteRouter(routes=ROUTES), [*STACK, ServerErrorMiddleware]
    ),
    "outermost, and ASGI between": lambda: build_middleware_stack(
        StarletteRouter(routes=ROUTES), [ServerErrorMiddleware, *STACK, PlainCrash]
    ),
    "outermost, and a hook fails": lambda: build_middleware_stack(
        StarletteRouter(routes=ROUTES), [ServerErrorMiddleware, *STACK, HookCrashBefore]
    ),
    "in a Starlette": lambda: build_middleware_stack(starlette(), STACK),
    "around a Starlette with its own": lambda: build_middleware_stack(Starlette(routes=ROUTES), [*STACK]),
}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("name", APPLICATIONS)
def test_a_crash_keeps_the_fields_of_all_middleware(name: str) -> None:
    answer = client(APPLICATIONS[name]()).get("/crash", headers={"origin": "https://app.test"})
    assert answer.status_code == 500
    assert answer.headers["access-control-allow-origin"] == "https://app.test"
    assert answer.headers["content-security-policy"] == "default-src 'self'"
    assert answer.headers["x-frame-options"] == "DENY"
    assert len(answer.headers["x-request-id"]) == 32
    assert "told-in-confidence" not in answer.text


def test_the_page_of_a_hook_that_fails_outside_of_a_wadjet_is_that_of_the_net() -> None:
    app = build_middleware_stack(
        StarletteRouter(routes=ROUTES), [(ServerErrorMiddleware, {"debug": True}), *STACK, HookCrash]
    )
    answer = client(app).get("/fine", headers=PAGE)
    assert answer.status_code == 500
    assert "told-in-confidence" in answer.text
    for name in ("ServerErrorMiddleware", "SecurityMiddleware", "HookCrash"):
        assert f"{name}</td>" in answer.text


def test_without_the_net_a_foreign_crash_goes_on_to_the_server() -> None:
    with pytest.raises(Broken):
        run(build_middleware_stack(StarletteRouter(routes=ROUTES), STACK), target="/crash")


def test_a_foreign_crash_after_the_head_goes_on_to_the_server(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(Broken, match="midway"):
        run(build_middleware_stack(half, [ServerErrorMiddleware, *STACK]))
    assert len([record for record in caplog.records if record.name == "wadjet.error"]) == 1


def test_hooks_around_a_wadjet_show_what_its_debug_lets_them() -> None:
    def by_hand(*, debug: bool) -> ASGIApp:
        return HookCrash(Wadjet(debug=debug))

    assert "told-in-confidence" in client(by_hand(debug=True)).get("/", headers=PAGE).text
    assert "told-in-confidence" not in client(by_hand(debug=False)).get("/", headers=PAGE).text


# -- in a Wadjet ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def shapes() -> list[Callable[..., ASGIApp]]:
    """Give the two ways to stand around a Wadjet."""

    def listed(debug: bool | None) -> ASGIApp:
        app = Wadjet(debug=debug, middleware=[ServerErrorMiddleware])
        app.get("/")(fails)
        app.seal()
        return app

    def wrapped(debug: bool | None) -> ASGIApp:
        app = Wadjet(debug=debug)
        app.get("/")(fails)
        return ServerErrorMiddleware(app, debug=debug)

    async def fails() -> None:
        raise Broken("told-in-confidence")

    return [listed, wrapped]


def test_debug_of_the_application_decides(shapes: list[Callable[..., ASGIApp]]) -> None:
    for shape in shapes:
        assert "told-in-confidence" in client(shape(True)).get("/", headers=PAGE).text
        assert "told-in-confidence" not in client(shape(None)).get("/", headers=PAGE).text


@pytest.mark.parametrize(("debug", "said"), [(False, True), (None, True), (True, False)])
def test_who_says_otherwise_is_refused_at_startup(debug: bool | None, said: bool) -> None:
    app = Wadjet(debug=debug)
    with pytest.raises(PolicyError, match=rf"write Wadjet\(debug={said}\)"):
        ServerErrorMiddleware(SecurityMiddleware(app), debug=said)
    with pytest.raises(PolicyError, match=rf"write Wadjet\(debug={said}\)"):
        Wadjet(debug=debug, middleware=[(ServerErrorMiddleware, {"debug": said})]).seal()


def test_an_instance_in_the_list_is_refused() -> None:
    with pytest.raises(ConfigError, match="give the class"):
        Wadjet(middleware=[ServerErrorMiddleware(half)]).seal()


@pytest.mark.parametrize("entry", [ServerErrorMiddleware, "wadjet.middleware.error.ServerErrorMiddleware"])
def test_on_a_route_it_changes_nothing(entry: Any) -> None:
    app = Wadjet()

    @app.get("/", middleware=[entry])
    async def index() -> None:
        raise Broken("told-in-confidence")

    assert run(app).status == 500


def test_around_a_wadjet_it_lets_the_fast_lane_pass() -> None:
    async def settle() -> None:
        return None

    async def entries() -> tuple[Any, Any]:
        app = wadjet_app(ServerErrorMiddleware, *STACK)
        await app.startup()
        assert app.seal().outer is None
        return ServerErrorMiddleware(app).wadjet_lane(settle), ServerErrorMiddleware(half).wadjet_lane(settle)

    around_wadjet, around_foreign = asyncio.run(entries())
    assert around_wadjet is not None
    assert around_foreign is None


def test_a_subclass_that_speaks_asgi_itself_stays_in_the_stack() -> None:
    class Marked(ServerErrorMiddleware):
        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http":
                Request(scope, receive).state["marked"] = True
            await super().__call__(scope, receive, send)

    app = Wadjet(middleware=[Marked])

    @app.get("/")
    async def index(request: Request) -> bool:
        return bool(request.state["marked"])

    assert asyncio.run(exchange(app)).body == b"true"


@pytest.mark.parametrize("holder", ["router", "route", "router and application"])
@pytest.mark.parametrize("debug", [False, True])
def test_on_a_router_or_a_route_it_adds_nothing_and_takes_nothing(holder: str, debug: bool) -> None:
    nets: dict[str, Any] = {"middleware": [ServerErrorMiddleware]}
    outside: Any = [RequestIdMiddleware, *(nets["middleware"] if "application" in holder else [])]
    app = Wadjet(debug=debug, middleware=outside)
    router = Router(
        prefix="/in", middleware=[*nets["middleware"], Fields] if "router" in holder else [Fields]
    )

    @router.get("/crash", **(nets if holder == "route" else {}))
    async def crash() -> None:
        raise Broken("a secret of ours")

    app.include(router)
    answer = TestClient(app, raise_server_exceptions=False).get("/in/crash", headers={"accept": "text/html"})
    assert answer.status_code == 500
    assert answer.headers["x-fields"] == "1"
    assert len(answer.headers["x-request-id"]) == 32
    assert ("a secret of ours" in answer.text) is debug


def test_on_a_router_it_says_what_debug_says() -> None:
    router = Router(middleware=[(ServerErrorMiddleware, {"debug": True})])

    @router.get("/crash")
    async def crash() -> None:
        """Answer nothing."""

    app = Wadjet()
    app.include(router)
    with pytest.raises(ConfigError, match="whose DEBUG is False"):
        app.seal()


class Fields(BaseMiddleware):
    """Adds a field."""

    def after(self, request: Request, response: Head) -> None:
        response.headers.set("x-fields", "1")
