"""CORS, as the Fetch standard has it: in an application, around one, and around a foreign one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request as StarletteRequest
from starlette.responses import PlainTextResponse as StarlettePlainText
from starlette.routing import Route as StarletteRoute
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from tests.driving import Sent, drive, http_scope, run
from tests.middleware.test_sockets import accepting, handshake
from wadjet import Response, Settings, Wadjet
from wadjet.middleware import CORSMiddleware
from wadjet.types import ASGIApp

APP = "https://app.example.com"
EVIL = "https://evil.test"
LISTED: dict[str, Any] = {
    "allowed_origins": [APP, "https://*.sub.example.com"],
    "allow_credentials": True,
    "allowed_methods": ["GET", "POST"],
    "allowed_headers": ["X-Good", "Content-Type"],
    "expose_headers": ["X-Exposed", "X-Other"],
    "max_age": 60,
}
ANY: dict[str, Any] = {"allowed_origins": ["*"]}


def _routes(app: Wadjet) -> Wadjet:
    @app.get("/x")
    async def x() -> str:
        return "x"

    @app.get("/own")
    async def own() -> Any:
        return Response("own", headers={"access-control-allow-origin": "https://own.test", "vary": "Accept"})

    @app.get("/crash")
    async def crash() -> None:
        raise RuntimeError

    @app.options("/x")
    async def options() -> str:
        return "own options"

    app.mount("/socket", accepting)
    return app


async def _x(request: StarletteRequest) -> StarlettePlainText:
    return StarlettePlainText("own options" if request.method == "OPTIONS" else "x")


async def _chat(socket: WebSocket) -> None:
    await socket.accept()


def _in_list(options: dict[str, Any]) -> ASGIApp:
    return _routes(Wadjet(middleware=[(CORSMiddleware, options)]))


def _by_settings(options: dict[str, Any]) -> ASGIApp:
    names = {"allow_credentials": "CORS_ALLOW_CREDENTIALS", "max_age": "CORS_MAX_AGE"}
    chosen = {names.get(name, f"CORS_{name.upper()}"): value for name, value in options.items()}
    return _routes(Wadjet(settings=Settings(MIDDLEWARE=("wadjet.middleware.cors.CORSMiddleware",), **chosen)))


def _wrapped(options: dict[str, Any]) -> ASGIApp:
    return CORSMiddleware(_routes(Wadjet()), **options)


def _foreign(options: dict[str, Any]) -> ASGIApp:
    routes = [StarletteRoute("/x", _x, methods=["GET", "OPTIONS"]), WebSocketRoute("/socket/chat", _chat)]
    return CORSMiddleware(Starlette(routes=routes), **options)


Make = Callable[[dict[str, Any]], ASGIApp]
EVERYWHERE = pytest.mark.parametrize("make", [_in_list, _by_settings, _wrapped, _foreign])


def fields(sent: Sent) -> dict[str, str]:
    """The fields that are CORS's, and Vary."""
    names = {name for name, _ in sent.fields if name.startswith(b"access-control-")} | {b"vary"}
    return {name.decode(): value.decode() for name in names if (value := sent.field(name)) is not None}


def ask(app: ASGIApp, origin: str | None, path: str = "/x", *more: tuple[str, str]) -> Sent:
    return run(app, "GET", path, headers=[*([] if origin is None else [("origin", origin)]), *more])


def preflight(app: ASGIApp, origin: str = APP, method: str = "POST", headers: str | None = None) -> Sent:
    asked = [("origin", origin), ("access-control-request-method", method)]
    asked += [] if headers is None else [("access-control-request-headers", headers)]
    return run(app, "OPTIONS", "/x", headers=asked)


GRANTED = {
    "access-control-allow-origin": APP,
    "access-control-allow-credentials": "true",
    "access-control-expose-headers": "X-Exposed, X-Other",
    "vary": "Origin",
}


@EVERYWHERE
def test_a_listed_origin_may_read_and_is_told_what(make: Make) -> None:
    """CORS-02, CORS-05."""
    sent = ask(make(LISTED), APP)
    assert (sent.status, sent.body, fields(sent)) == (200, b"x", GRANTED)


@EVERYWHERE
@pytest.mark.parametrize("origin", [None, EVIL], ids=["without Origin", "CORS-04"])
def test_what_depends_on_the_origin_says_so_to_everybody(make: Make, origin: str | None) -> None:
    sent = ask(make(LISTED), origin)
    assert (sent.status, fields(sent)) == (200, {"vary": "Origin"})


@EVERYWHERE
@pytest.mark.parametrize("more", [(), (("cookie", "a=1"),)], ids=["CORS-56", "CORS-57"])
def test_any_origin_may_read_without_credentials(make: Make, more: tuple[tuple[str, str], ...]) -> None:
    for origin in (EVIL, "null", None):
        assert fields(ask(make(ANY), origin, "/x", *more)) == {"access-control-allow-origin": "*"}


REFUSED = {
    "CORS-08 CORS-38": EVIL,
    "CORS-09": "null",
    "CORS-13": f"{APP}.evil.test",
    "CORS-16": f"{APP}x",
    "CORS-17": "https://app.example.co",
    "CORS-20": "https://x.subXexample.com",
    "CORS-28": "https://evil.test:80.sub.example.com",
    "CORS-31": "https://x.sub.example.com:8443",
    "CORS-32": f"{APP} {EVIL}",
    "CORS-34": f"{APP}/",
    "CORS-35": "*",
    "another scheme": "http://app.example.com",
    "another port": f"{APP}:444",
    "another case": "https://APP.example.com",
    "the domain of the pattern": "https://sub.example.com",
    "a slash in the wildcard": "https://evil.test/.sub.example.com",
    "userinfo in the wildcard": "https://a@b.sub.example.com",
    "an empty label": "https://.sub.example.com",
    "nothing": "",
    "a line end": "https://x.sub.example.com\x0b",
    "beyond ASCII": "https://é.sub.example.com",
    "very long": f"https://{'a.' * 5000}sub.example.com",
}


@pytest.mark.parametrize("origin", REFUSED.values(), ids=REFUSED.keys())
def test_an_origin_that_is_another_is_refused(origin: str) -> None:
    app = _in_list(LISTED)
    assert fields(ask(app, origin)) == {"vary": "Origin"}
    sent = preflight(app, origin)
    assert sent.status == 403
    assert "access-control-allow-origin" not in fields(sent)
    assert "Origin" in fields(sent)["vary"]


def test_two_origin_fields_are_none_that_anybody_allows() -> None:
    sent = run(_in_list(LISTED), "GET", "/x", headers=[("origin", EVIL), ("origin", APP)])
    assert fields(sent) == {"vary": "Origin"}


@pytest.mark.parametrize("origin", ["https://a.sub.example.com", "https://a.b.sub.example.com"])
def test_cors_07_a_first_wildcard_is_one_label_or_more(origin: str) -> None:
    app = _in_list(LISTED)
    for _ in range(2):
        assert fields(ask(app, origin))["access-control-allow-origin"] == origin


def test_null_may_be_listed() -> None:
    sent = ask(_in_list({"allowed_origins": ["null"]}), "null")
    assert fields(sent) == {"access-control-allow-origin": "null", "vary": "Origin"}


def test_an_empty_list_allows_nobody_and_says_nothing() -> None:
    app = _in_list({"allowed_origins": []})
    assert fields(ask(app, APP)) == {}
    assert preflight(app).status == 403
    assert fields(ask(_by_settings({"allowed_origins": ()}), APP)) == {}


def test_without_argument_and_setting_any_origin_may_read() -> None:
    assert fields(ask(_in_list({}), EVIL)) == {"access-control-allow-origin": "*"}


@pytest.mark.parametrize("count", [1, 300])
def test_origins_that_patterns_allow_are_remembered_in_bounds(count: int) -> None:
    middleware = CORSMiddleware(_routes(Wadjet()), **LISTED)
    for number in range(count):
        origin = f"https://a{number}.sub.example.com"
        assert fields(ask(middleware, origin))["access-control-allow-origin"] == origin
    assert len(middleware._matched) <= 256


# -- what the application does ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("path", "status"), [("/crash", 500), ("/nowhere", 404)])
def test_w6_answers_to_errors_may_be_read_too(path: str, status: int) -> None:
    for app in (_in_list(LISTED), _wrapped(LISTED)):
        sent = ask(app, APP, path)
        assert sent.status == status
        assert fields(sent).items() >= {**GRANTED, "vary": fields(sent)["vary"]}.items()
        assert "Origin" in fields(sent)["vary"]


def test_what_the_handler_says_stays_and_is_not_said_twice() -> None:
    for origin in (APP, EVIL):
        sent = ask(_in_list(LISTED), origin, "/own")
        assert fields(sent) == {"access-control-allow-origin": "https://own.test", "vary": "Accept, Origin"}
    sent = ask(_in_list(ANY), EVIL, "/own")
    assert fields(sent) == {"access-control-allow-origin": "https://own.test", "vary": "Accept"}


# -- preflights ---------------------------------------------------------------------------------------------------------------

PREFLIGHT = {
    "access-control-allow-origin": APP,
    "access-control-allow-credentials": "true",
    "access-control-allow-methods": "GET, POST",
    "access-control-allow-headers": "x-good, content-type",
    "access-control-max-age": "60",
    "vary": "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
}


@EVERYWHERE
@pytest.mark.parametrize("headers", [None, "", "x-good", "X-GOOD , content-type,,x-good"])
def test_a_preflight_is_answered_with_what_is_allowed(make: Make, headers: str | None) -> None:
    """CORS-44, CORS-52."""
    sent = preflight(make(LISTED), headers=headers)
    assert (sent.status, sent.body, fields(sent)) == (204, b"", PREFLIGHT)


@EVERYWHERE
@pytest.mark.parametrize(
    ("origin", "method", "headers"),
    [
        pytest.param(APP, "POST", "x-good, x-evil", id="CORS-47"),
        pytest.param(EVIL, "POST", None, id="CORS-48"),
        pytest.param(APP, "POST", "x-good\x0bx: y", id="CORS-55"),
        pytest.param(APP, "POST", "x-a, é", id="a name that is none"),
        pytest.param(APP, "DELETE", None, id="a method that is not allowed"),
        pytest.param(APP, "post", None, id="methods have cases"),
        pytest.param(APP, "*", None, id="no method"),
        pytest.param(APP, "", None, id="an empty method"),
        pytest.param(APP, "POST", "*", id="every field"),
    ],
)
def test_a_preflight_for_what_is_not_allowed_is_refused(
    make: Make, origin: str, method: str, headers: str | None
) -> None:
    sent = preflight(make(LISTED), origin, method, headers)
    assert sent.status == 403
    assert not fields(sent).keys() & {"access-control-allow-methods", "access-control-allow-headers"}
    assert ("access-control-allow-origin" in fields(sent)) is (origin == APP)  # its script may read why
    assert {"Origin", "Access-Control-Request-Method"} <= set(fields(sent)["vary"].split(", "))


def test_cors_54_a_thousand_requested_fields_are_looked_up_one_by_one() -> None:
    names = ", ".join(f"x-{number}" for number in range(1000))
    for options, status in ((LISTED, 403), (ANY, 204)):
        assert preflight(_in_list(options), headers=names).status == status
    assert preflight(_in_list(ANY), headers=f"{names}, x-more").status == 403


@EVERYWHERE
@pytest.mark.parametrize(
    "headers",
    [
        pytest.param([("origin", APP)], id="CORS-50"),
        pytest.param([("access-control-request-method", "GET")], id="without Origin"),
        pytest.param([], id="without both"),
    ],
)
def test_what_is_no_preflight_reaches_the_application(make: Make, headers: list[tuple[str, str]]) -> None:
    assert run(make(LISTED), "OPTIONS", "/x", headers=headers).body == b"own options"


def test_where_everything_is_allowed_the_answer_names_what_was_asked_for() -> None:
    sent = preflight(_in_list(ANY), EVIL, "PURGE", "Authorization, X-Any")
    assert fields(sent) == {
        "access-control-allow-origin": "*",
        "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, PURGE",
        "access-control-allow-headers": "authorization, x-any",
        "access-control-max-age": "600",
        "vary": "Access-Control-Request-Method, Access-Control-Request-Headers",
    }
    assert "access-control-allow-headers" not in fields(preflight(_in_list(ANY), EVIL))


# -- WebSockets ---------------------------------------------------------------------------------------------------------------


@EVERYWHERE
@pytest.mark.parametrize(
    ("options", "headers", "is_accepted"),
    [
        pytest.param(LISTED, [], True, id="no browser"),
        pytest.param(LISTED, [("origin", APP), ("cookie", "a=1")], True, id="listed"),
        pytest.param(LISTED, [("origin", "https://a.sub.example.com")], True, id="by a pattern"),
        pytest.param(LISTED, [("origin", "http://localhost"), ("cookie", "a=1")], True, id="the same origin"),
        pytest.param(LISTED, [("origin", "https://localhost")], False, id="another scheme"),
        pytest.param(LISTED, [("origin", EVIL)], False, id="foreign"),
        pytest.param(LISTED, [("origin", "null")], False, id="null"),
        pytest.param(LISTED, [("origin", APP), ("origin", EVIL)], False, id="two"),
        pytest.param({"allowed_origins": []}, [("origin", APP)], False, id="an empty list"),
        pytest.param(ANY, [("origin", EVIL)], True, id="any"),
        pytest.param(ANY, [("origin", EVIL), ("cookie", "a=1")], False, id="any, with a cookie"),
        pytest.param(
            ANY, [("origin", EVIL), ("authorization", "Basic eA==")], False, id="any, with a password"
        ),
    ],
)
def test_a_websocket_is_refused_to_scripts_that_may_not_have_it(
    make: Make, options: dict[str, Any], headers: Iterable[tuple[str, str]], is_accepted: bool
) -> None:
    first, *_ = handshake(make(options), *headers)
    assert first.get("status", first["type"]) == ("websocket.accept" if is_accepted else 403)


def test_the_scheme_of_a_websocket_is_that_of_its_page() -> None:
    app = _in_list(LISTED)
    (accepted,) = handshake(app, ("origin", "https://localhost"), scheme="wss")
    assert accepted["type"] == "websocket.accept"


# -- what cannot be -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"allowed_origins": ["*"], "allow_credentials": True},
            "allow_credentials=True cannot be combined with a wildcard origin",
        ),
        ({"allow_credentials": True}, "cannot be combined"),
        ({"allowed_origins": ["https://*"], "allow_credentials": True}, "cannot be combined"),
        ({"allowed_origins": ["https://*:8443"], "allow_credentials": True}, "cannot be combined"),
        ({"allowed_origins": ["https://example.*"], "allow_credentials": True}, "cannot be combined"),
        ({"allowed_origins": ["https://a*"], "allow_credentials": True}, "cannot be combined"),
        (
            {"allowed_origins": [APP, "null"], "allow_credentials": True},
            "cannot be combined .* or with 'null'",
        ),
        ({"allowed_origins": [APP], "allow_credentials": True, "expose_headers": ["*"]}, "name the fields"),
        ({"allowed_origins": APP}, "is a text; write a list"),
        ({"allowed_methods": "GET"}, "is a text; write a list"),
        ({"allowed_headers": ["X A"]}, "no name of a method or field"),
        ({"max_age": -1}, "no number of seconds"),
        ({"max_age": "600"}, "no number of seconds"),
    ],
)
def test_a_policy_that_cannot_be_is_refused_at_construction(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        CORSMiddleware(Wadjet(), **options)


def test_the_content_of_a_request_reaches_the_handler() -> None:
    app = Wadjet(middleware=[(CORSMiddleware, LISTED)])

    @app.post("/echo")
    async def echo(text: str) -> str:
        return text

    messages = asyncio.run(drive(app, http_scope("POST", "/echo?text=whole", [("origin", APP)])))
    assert messages[1]["body"] == b"whole"
