"""Wadjet: what is recorded, what answers, and that nothing is recorded any more once it serves."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import wadjet
from tests.driving import exchange, http_scope, run
from wadjet import Request, Route, Router, Settings, Wadjet, get, new_app, post
from wadjet.errors import ConfigError, RouteError, SealedError
from wadjet.middleware import BaseMiddleware
from wadjet.testing import TestClient


def text(value: str) -> Callable[[], str]:
    def handler() -> str:
        return value

    return handler


# -- recording --------------------------------------------------------------------------------------------------------------


def test_each_verb_records_a_route_that_is_still_the_function() -> None:
    app = Wadjet()
    for verb in ("get", "post", "put", "patch", "delete", "query"):

        @getattr(app, verb)("/")  # type: ignore[untyped-decorator]  # chosen by name
        async def handler(request: Request) -> str:
            """Say which."""
            return request.method

        assert isinstance(handler, Route)
        assert handler.__doc__ == "Say which."
        assert asyncio.run(handler(Request(http_scope("CALLED")))) == "CALLED"
        assert run(app if verb == "query" else _one(handler), verb.upper()).body == verb.upper().encode()


def _one(route: Route) -> Wadjet:
    return Wadjet(routes=[route])


def test_head_and_options_of_ones_own() -> None:
    app = Wadjet()
    app.get("/")(text("get"))

    @app.head("/")
    async def own_head() -> Any:
        return "", {"x-head": "own"}

    @app.options("/")
    async def own_options() -> str:
        return "own"

    assert run(app, "HEAD").field(b"x-head") == b"own"
    assert run(app, "OPTIONS").body == b"own"
    assert run(app).field(b"x-head") is None


def test_every_way_to_record() -> None:
    app = Wadjet(routes=[get("/a", text("a")), post("/a", text("posted"))])
    app.add("/b", text("b"), methods=["GET", "PUT"])
    app.add_routes([get("/c", text("c"))])
    app.include(get("/d", text("d")), prefix="/below")
    inner = Router("/inner", status_code=203)
    app.include(inner, prefix="/v1")
    inner.get("/e")(text("later"))
    app.route("/f", methods=["get", "post"])(text("f"))
    app.route("/g", text("g"), methods=["PATCH"])
    expected = {
        ("GET", "/a"): b"a",
        ("POST", "/a"): b"posted",
        ("PUT", "/b"): b"b",
        ("GET", "/c"): b"c",
        ("GET", "/below/d"): b"d",
        ("GET", "/v1/inner/e"): b"later",
        ("POST", "/f"): b"f",
        ("PATCH", "/g"): b"g",
    }
    for (method, target), body in expected.items():
        assert run(app, method, target).body == body
    assert run(app, target="/v1/inner/e").status == 203


def test_what_is_no_route_is_refused() -> None:
    app = Wadjet()
    for wrong in (42, "text", object()):
        with pytest.raises(RouteError):
            app.include(wrong)
    with pytest.raises(RouteError, match="not a function"):
        app.add("/", "text")  # type: ignore[arg-type]  # the mistake
    with pytest.raises(RouteError, match="no option 'statuscode'"):
        app.get("/", statuscode=201)(text("x"))  # type: ignore[call-arg]  # the mistake


# -- sealing ----------------------------------------------------------------------------------------------------------------

LATE: dict[str, Callable[[Wadjet], Any]] = {
    "get": lambda app: app.get("/late")(text("late")),
    "post": lambda app: app.post("/late")(text("late")),
    "route": lambda app: app.route("/late", text("late")),
    "add": lambda app: app.add("/late", text("late")),
    "add_routes": lambda app: app.add_routes([get("/late", text("late"))]),
    "include": lambda app: app.include(Router()),
    "mount": lambda app: app.mount("/late", Wadjet()),
    "on_startup": lambda app: app.on_startup(text("late")),
    "on_shutdown": lambda app: app.on_shutdown(text("late")),
    "exception_handler": lambda app: app.exception_handler(404)(text("late")),
    "add_converter": lambda app: app.add_converter("late", None),  # type: ignore[arg-type]  # never looked at
}


@pytest.mark.parametrize("sealing", ["request", "lifespan", "url_for"])
@pytest.mark.parametrize("late", LATE, ids=str)
def test_once_it_serves_nothing_is_recorded(sealing: str, late: str) -> None:
    app = Wadjet()
    app.get("/", name="index")(text("index"))
    if sealing == "request":
        run(app)
    elif sealing == "lifespan":
        asyncio.run(app.startup())
    else:
        app.url_for("index")
    with pytest.raises(SealedError, match="comes too late"):
        LATE[late](app)
    assert run(app, target="/late").status == 404


def test_an_included_router_is_sealed_too() -> None:
    inner = Router("/inner")
    outer = Router("/outer")
    outer.include(inner)
    app = Wadjet(routes=[outer])
    app.seal()
    for router in (outer, inner):
        with pytest.raises(SealedError):
            router.get("/late")(text("late"))


def test_sealing_twice_is_sealing_once() -> None:
    app = Wadjet()
    assert app.seal() is app.seal()


def test_a_router_may_be_included_twice() -> None:
    shared = Router()
    shared.get("/x")(text("shared"))
    one, two = Wadjet(routes=[shared]), Wadjet()
    two.include(shared, prefix="/below")
    assert run(one, target="/x").body == run(two, target="/below/x").body == b"shared"


# -- url_for, settings, debug -----------------------------------------------------------------------------------------------


def test_url_for() -> None:
    app = Wadjet()

    @app.get("/users/{id:int}", name="user")
    async def user(request: Request, id: int) -> str:
        return request.url_for("user", id=id + 1)

    assert app.url_for("user", id=7) == "/users/7"
    assert run(app, target="/users/7").body == b"http://localhost/users/8"
    inner = Wadjet()
    inner.mount("/mounted", app)
    assert run(inner, target="/mounted/users/7").body == b"http://localhost/mounted/users/8"
    with pytest.raises(LookupError):
        app.url_for("nobody")
    with pytest.raises((TypeError, ValueError)):
        app.url_for("user")


class Own(Settings):
    """Named below."""


@pytest.mark.parametrize("given", [Own, Own(), f"{__name__}:Own"], ids=["class", "instance", "path"])
def test_settings_are_a_class_an_instance_or_a_path(given: Any) -> None:
    assert isinstance(Wadjet(given).settings, Own)


@pytest.mark.parametrize("given", [dict, "nowhere:Class", f"{__name__}:Missing", 42])
def test_settings_that_are_none_are_refused(given: Any) -> None:
    with pytest.raises(ConfigError):
        Wadjet(given)


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WADJET_MAX_BODY_SIZE", "5")
    app = Wadjet()

    @app.post("/")
    async def read(request: Request) -> bytes:
        return await request.body()

    assert run(app, "POST", content=b"12345").status == 200
    assert run(app, "POST", content=b"123456").status == 413


def test_debug_is_chosen_and_never_by_accident(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Wadjet(debug=True).settings.DEBUG
    monkeypatch.setenv("WADJET_DEBUG", "1")
    with pytest.raises(ConfigError, match="tracebacks"):
        Wadjet()
    assert not Wadjet(debug=False).settings.DEBUG
    monkeypatch.setenv("WADJET_ENV", "development")
    assert Wadjet().settings.DEBUG


def test_new_app_is_wadjet() -> None:
    app = new_app(debug=True, routes=[get("/", text("new"))])
    assert isinstance(app, Wadjet)
    assert run(app).body == b"new"


# -- answering --------------------------------------------------------------------------------------------------------------


def test_hosts_have_routes_of_their_own() -> None:
    app = Wadjet()
    app.get("/")(text("anywhere"))
    for host in ("api.example.com", "*.example.com"):
        router = Router(host=host)
        router.get("/")(text(host))
        app.include(router)
    for host, expected in {
        "api.example.com": b"api.example.com",
        "API.Example.COM:8000": b"api.example.com",
        "www.example.com": b"*.example.com",
        "example.com": b"anywhere",
        "evil-example.com": b"anywhere",
        "[::1]:80": b"anywhere",
    }.items():
        assert run(app, headers=[("host", host)]).body == expected


def test_a_path_with_another_slash_is_redirected() -> None:
    app = Wadjet()
    app.get("/no")(text("no"))
    app.get("/yes/")(text("yes"))
    app.get("/strict", slashes="strict")(text("strict"))
    assert run(app, target="/no/").field(b"location") == b"../no"
    assert run(app, target="/yes?a=1&b=%2F").field(b"location") == b"./yes/?a=1&b=%2F"
    assert run(app, target="/no/").status == 308
    assert run(app, "HEAD", "/yes").status == 308
    assert run(app, "POST", "/yes").status == 308  # which keeps the method
    assert run(app, target="/strict/").status == 404
    for evil in ("//evil.test/no/", "/\\evil.test/no/"):
        location = run(app, target=evil).field(b"location")
        assert location is None or location.startswith(b"../")


def test_methods() -> None:
    app = Wadjet()
    app.get("/")(text("get"))
    app.post("/")(text("post"))
    app.get("/only", allow_head=False)(text("get"))
    app.query("/search")(text("found"))
    assert run(app, "PUT").status == 405
    assert run(app, "PUT").field(b"allow") == b"GET, HEAD, OPTIONS, POST"
    assert run(app, "OPTIONS").field(b"allow") == b"GET, HEAD, OPTIONS, POST"
    assert run(app, "OPTIONS").status == 204
    assert run(app, "HEAD").field(b"content-length") == b"3"
    assert run(app, "HEAD").body == b""
    assert run(app, "HEAD", "/only").status == 405
    assert run(app, "HEAD", "/only").field(b"allow") == b"GET, OPTIONS"
    assert run(app, "QUERY", "/search").body == b"found"
    assert run(app, "GET", "/search").status == 405
    assert run(app, "OPTIONS", "/nowhere").status == 404
    assert run(app, "BREW").status == 405


def test_a_websocket_is_refused() -> None:
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    app = Wadjet()
    app.get("/")(text("http only"))
    for target in ("/", "/nowhere"):
        scope = http_scope(target=target, type="websocket", scheme="ws", subprotocols=[])
        del scope["method"]
        asyncio.run(wadjet.testing.lint(app)(scope, receive, send))
    assert [message["type"] for message in sent] == ["websocket.close"] * 2


def test_a_thousand_literal_routes() -> None:
    app = Wadjet()
    for number in range(1000):
        app.get(f"/page/{number}")(text(str(number)))

    async def all_of_them() -> None:
        for number in range(1000):
            assert (await exchange(app, target=f"/page/{number}")).body == str(number).encode()

    asyncio.run(all_of_them())
    assert run(app, target="/page/1000").status == 404


# -- the path of one request ------------------------------------------------------------------------------------------------

#: Calls of our own Python functions for one request through the ASGI lane without hooks (DESIGN §13).
CALLS = 14


def test_one_request_takes_few_calls_of_our_own() -> None:
    app = Wadjet()

    @app.get("/users/{id:int}")
    async def user(id: int) -> Any:
        return {"id": id}

    house = str(Path(wadjet.__file__).parent)
    calls: list[str] = []

    def profile(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(house):
            calls.append(frame.f_code.co_qualname)

    async def receive() -> Any:
        raise AssertionError("nothing to receive")

    async def send(message: Any) -> None:
        pass

    async def once() -> None:
        for _ in range(3):
            await app(http_scope(target="/users/7"), receive, send)
        scope = http_scope(target="/users/7")
        before = sys.getprofile()
        sys.setprofile(profile)
        try:
            await app(scope, receive, send)
        finally:
            sys.setprofile(before)

    asyncio.run(once())
    assert 0 < len(calls) <= CALLS, calls


@pytest.mark.parametrize("key", ["404", 999, True, BaseException, lambda request, error: "x"])
def test_an_exception_handler_is_for_a_class_or_a_status(key: Any) -> None:
    with pytest.raises(ConfigError, match=r"give an exception class or a status from 300 to 599"):
        Wadjet().exception_handler(key)


def test_a_start_that_fails_lets_go_of_what_middleware_holds() -> None:
    closed: list[str] = []

    class Holding(BaseMiddleware):
        async def close(self) -> None:
            closed.append("closed")

    app = Wadjet(middleware=[Holding])

    @app.on_startup
    async def fail() -> None:
        assert not closed
        raise LookupError("no such service")

    with pytest.raises(LookupError):
        asyncio.run(app.startup())
    assert closed == ["closed"]


@pytest.mark.parametrize("handler", [lambda: "x", lambda request: "x", lambda request, error, more: "x"])
def test_an_exception_handler_takes_request_and_error(handler: Any) -> None:
    wanted = r"exception_handler\(404\): .*test_app.py.* does not take request and error.*`async def handler\(request, error\):`"
    with pytest.raises(ConfigError, match=wanted):
        Wadjet().exception_handler(404)(handler)


def test_options_of_the_application_are_the_defaults_of_all_routes() -> None:
    nested = Router("/nested", status_code=203)
    app = Wadjet(status_code=202, response_content_type="text/html")
    app.include(nested)

    async def handler() -> str:
        return "x"

    app.add_get("/", handler)
    app.add_get("/own", handler, status_code=201)
    nested.add_get("/x", handler)
    with TestClient(app) as client:
        answers = [client.get(path) for path in ("/", "/own", "/nested/x")]
    assert [answer.status_code for answer in answers] == [202, 201, 203]
    assert {answer.headers["content-type"] for answer in answers} == {"text/html; charset=utf-8"}
    with pytest.raises(RouteError, match="has no option 'colour'"):
        Wadjet(colour="red")  # type: ignore[call-arg]
