"""Every built-in middleware, in every way that it can be given: by its path, in a list, around an application or a part of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from starlette.applications import Starlette
from starlette.requests import Request as StarletteRequest
from starlette.responses import PlainTextResponse
from starlette.routing import Route as StarletteRoute

import wadjet.middleware
from tests.driving import Sent, run
from tests.middleware.test_db import database
from wadjet import Request, Router, Settings, Wadjet
from wadjet.auth import Authentication, Identity, MemoryUser
from wadjet.middleware import build_middleware_stack
from wadjet.middleware.entries import imported
from wadjet.types import ASGIApp

TEXT = "again and again, " * 100
ASKED = [("origin", "https://app.test"), ("accept-encoding", "gzip")]


def has(name: bytes, value: bytes | None = None) -> Callable[[Sent], bool]:
    """Judge that a response has a field."""
    return lambda sent: (
        sent.status == 200 and any(known == name and value in {None, found} for known, found in sent.fields)
    )


class Row(NamedTuple):
    """One built-in.

    Args:
        path: its dotted path.
        options: by name.
        settings: that say the same.
        works: judges the answer to a request.
        method: of that.
    target: of that; a query says what else is to be done.
    """

    path: str
    options: dict[str, Any]
    settings: dict[str, Any]
    works: Callable[[Sent], bool]
    method: str = "GET"
    target: str = "/"

    @property
    def factory(self) -> Any:
        return imported(self.path)


ROWS = {
    "AuthenticationMiddleware": Row(
        "wadjet.middleware.auth.AuthenticationMiddleware",
        {"backends": ["tests.middleware.test_registration.Known"]},
        {"AUTH_BACKENDS": ("tests.middleware.test_registration.Known",)},
        has(b"x-user", b"ann"),
        target="/?user",
    ),
    "CORSMiddleware": Row(
        "wadjet.middleware.cors.CORSMiddleware",
        {"allowed_origins": ["https://app.test"]},
        {"CORS_ALLOWED_ORIGINS": ("https://app.test",)},
        has(b"access-control-allow-origin", b"https://app.test"),
    ),
    "CSRFMiddleware": Row(
        "wadjet.middleware.csrf.CSRFMiddleware",
        {"secret": "secret"},
        {"SECRET_KEY": "secret"},
        lambda sent: sent.status == 403 and b"CSRF" in sent.body,
        "POST",
    ),
    "CompressionMiddleware": Row(
        "wadjet.middleware.compression.CompressionMiddleware",
        {"codings": ["gzip"]},
        {"COMPRESSION_CODINGS": ("gzip",)},
        has(b"content-encoding", b"gzip"),
    ),
    "DatabaseMiddleware": Row(
        "wadjet.middleware.db.DatabaseMiddleware",
        {"database": database},
        {"DATABASE": "tests.middleware.test_db.database"},
        lambda sent: sent.status == 200 and database.begun == 1,
    ),
    "RateLimitMiddleware": Row(
        "wadjet.middleware.ratelimit.RateLimitMiddleware",
        {"max_requests": 7},
        {"RATE_LIMIT_REQUESTS": 7},
        has(b"x-ratelimit-limit", b"7"),
    ),
    "RequestIdMiddleware": Row(
        "wadjet.middleware.requestid.RequestIdMiddleware",
        {"header": "X-Trace"},
        {"REQUEST_ID_HEADER": "X-Trace"},
        has(b"x-trace"),
    ),
    "SecurityMiddleware": Row(
        "wadjet.middleware.security.SecurityMiddleware",
        {"x_frame_options": "SAMEORIGIN"},
        {"X_FRAME_OPTIONS": "SAMEORIGIN"},
        has(b"x-frame-options", b"SAMEORIGIN"),
    ),
    "SessionMiddleware": Row(
        "wadjet.middleware.session.SessionMiddleware",
        {"secret": "secret"},
        {"SECRET_KEY": "secret"},
        has(b"set-cookie"),
        target="/?session",
    ),
}


def application(*args: Any, **options: Any) -> Wadjet:
    app = Wadjet(*args, **options)
    app.route("/", methods=["GET", "POST"])(index)
    return app


class Known(Authentication):
    """Knows everybody."""

    def authenticate(self, request: Request) -> Identity:
        return Identity(MemoryUser(1, "ann"), {"type": "token"})


async def index(request: Request) -> Any:
    return TEXT, _asked(request)


def _asked(request: Request) -> dict[str, str]:
    """Do what a target asks for; return what it tells."""
    if "session" in request.query_params:
        request.session["key"] = "value"
    if "user" in request.query_params:
        return {"x-user": str(getattr(request.user, "username", "nobody"))}
    return {}


async def _starlette(request: StarletteRequest) -> PlainTextResponse:
    return PlainTextResponse(TEXT, headers=_asked(Request.of(request.scope, request.receive)))


def _by_settings(row: Row) -> ASGIApp:
    return application(Settings(MIDDLEWARE=(row.path,), **row.settings))


def _by_settings_with_options(row: Row) -> ASGIApp:
    return application(Settings(MIDDLEWARE=((row.path, row.options),)))


def _by_class(row: Row) -> ASGIApp:
    return application(Settings(**row.settings), middleware=[row.factory])


def _by_class_and_options(row: Row) -> ASGIApp:
    return application(middleware=[(row.factory, row.options)])


def _by_factory(row: Row) -> ASGIApp:
    return application(middleware=[lambda app: row.factory(app, **row.options)])


def _on_a_router(row: Row) -> ASGIApp:
    router = Router(middleware=[(row.factory, row.options)])
    router.route("/", methods=["GET", "POST"])(index)
    return Wadjet(routes=[router])


def _on_a_router_by_path(row: Row) -> ASGIApp:
    router = Router(middleware=[row.path])
    router.route("/", methods=["GET", "POST"])(index)
    return Wadjet(Settings(**row.settings), routes=[router])


def _on_a_route(row: Row) -> ASGIApp:
    app = Wadjet()
    app.route("/", methods=["GET", "POST"], middleware=[(row.factory, row.options)])(index)
    return app


def _around(row: Row) -> ASGIApp:
    wrapped: ASGIApp = row.factory(application(), **row.options)
    return wrapped


def _around_with_settings(row: Row) -> ASGIApp:
    wrapped: ASGIApp = row.factory(application(Settings(**row.settings)))
    return wrapped


def _in_a_stack(row: Row) -> ASGIApp:
    return build_middleware_stack(application(), [(row.factory, row.options)])


def _around_starlette(row: Row) -> ASGIApp:
    core = Starlette(routes=[StarletteRoute("/", _starlette, methods=["GET", "POST"])])
    wrapped: ASGIApp = row.factory(core, **row.options)
    return wrapped


def _around_a_mounted_starlette(row: Row) -> ASGIApp:
    app = Wadjet(middleware=[(row.factory, row.options)])
    app.mount("/", Starlette(routes=[StarletteRoute("/", _starlette, methods=["GET", "POST"])]))
    return app


WAYS = (
    _by_settings,
    _by_settings_with_options,
    _by_class,
    _by_class_and_options,
    _by_factory,
    _on_a_router,
    _on_a_router_by_path,
    _on_a_route,
    _around,
    _around_with_settings,
    _in_a_stack,
    _around_starlette,
    _around_a_mounted_starlette,
)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__.strip("_"))
@pytest.mark.parametrize("name", ROWS)
def test_each_built_in_works_in_each_way(name: str, way: Callable[[Row], ASGIApp]) -> None:
    database.begun = 0
    row = ROWS[name]
    sent = run(way(row), row.method, row.target, headers=ASKED)
    assert row.works(sent), sent


@pytest.mark.parametrize("name", ROWS)
def test_without_it_nothing_of_it_is_there(name: str) -> None:
    database.begun = 0
    assert not ROWS[name].works(run(application(), ROWS[name].method, ROWS[name].target, headers=ASKED))


@pytest.mark.parametrize("way", WAYS[:-2], ids=lambda way: way.__name__.strip("_"))
def test_the_net_for_errors_can_be_given_in_each_way_and_adds_nothing_to_an_application(
    way: Callable[[Row], ASGIApp],
) -> None:
    row = Row(
        "wadjet.middleware.error.ServerErrorMiddleware", {"debug": False}, {}, lambda sent: sent.status == 200
    )
    assert row.works(run(way(row)))


def test_each_built_in_has_a_row() -> None:
    names = {name for name in wadjet.middleware.__all__ if name.endswith("Middleware")}
    assert names - {"BaseMiddleware", "ServerErrorMiddleware"} == ROWS.keys(), "give each a row"
