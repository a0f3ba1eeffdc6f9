"""What routers ask is asked of what they mount, too."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request as StarletteRequest
from starlette.responses import PlainTextResponse
from starlette.routing import Route as StarletteRoute

from tests.driving import run
from tests.middleware.test_sockets import accepting, handshake
from wadjet import Request, Router, Settings, Wadjet
from wadjet.auth import (
    APIKeyAuthentication,
    IsAuthenticated,
    IsAuthenticatedOrReadOnly,
    IsStaff,
    MemoryTokens,
    MemoryUser,
    TokenAuthentication,
)
from wadjet.errors import ConfigError
from wadjet.middleware import AnonRateThrottle, AuthenticationMiddleware
from wadjet.types import ASGIApp

TOKENS = MemoryTokens()
ANN, BOB = (
    [("authorization", f"Bearer {TOKENS.issue(user)}")]
    for user in (MemoryUser(1, "ann", is_staff=True), MemoryUser(2, "bob"))
)


def application(*routes: Any, **options: Any) -> Wadjet:
    backends = [TokenAuthentication(TOKENS)]
    return Wadjet(
        middleware=[(AuthenticationMiddleware, {"backends": backends})], routes=list(routes), **options
    )


def below(app: ASGIApp, **options: Any) -> Router:
    """Return a router in a router that mounts an application."""
    inner, outer = Router("/office"), Router("/staff", **options)
    inner.mount("/app", app)
    outer.include(inner)
    return outer


def wadjet() -> Wadjet:
    app = Wadjet()

    @app.get("/{rest:path}")
    async def inside(request: Request, rest: str) -> str:
        return "inside"

    return app


def starlette() -> Starlette:
    async def inside(request: StarletteRequest) -> PlainTextResponse:
        name = getattr(request.scope.get("user"), "username", "nobody")
        return PlainTextResponse(f"inside {name}")

    return Starlette(routes=[StarletteRoute("/{rest:path}", inside, methods=["GET", "POST"])])


@pytest.mark.parametrize("make", [wadjet, starlette])
def test_a_mount_asks_the_permissions_of_its_routers(make: Any) -> None:
    app = application(below(make(), permission_classes=[IsStaff]))
    asked = [run(app, target="/staff/office/app/x", headers=who) for who in ((), BOB, ANN)]
    assert [sent.status for sent in asked] == [401, 403, 200]
    assert run(app, "HEAD", "/staff/office/app/x", headers=BOB).status == 403
    assert asked[0].field(b"www-authenticate") == b"Bearer"
    for path in (
        "/staff/office/app",
        "/staff/office/app/",
        "/staff/office/app//x",
        "/staff/%6fffice/app/%78",
    ):
        assert run(app, target=path).status in {308, 401, 404}, path
        assert b"inside" not in run(app, target=path, headers=BOB).body


def test_an_inner_list_replaces_the_outer_one_for_a_mount_too() -> None:
    outer, inner = Router("/out", permission_classes=[IsStaff]), Router("/in", permission_classes=[])
    inner.mount("/app", wadjet())
    outer.include(inner)
    assert run(application(outer), target="/out/in/app/x").status == 200


@pytest.mark.parametrize("permission", [IsStaff, IsAuthenticatedOrReadOnly & IsStaff])
def test_a_handshake_of_a_mount_is_asked_as_well(permission: Any) -> None:
    app = application(below(accepting, permission_classes=[permission]))
    path: dict[str, Any] = {"path": "/staff/office/app/ws"}
    for who, status in ((), 401), (BOB, 403):
        refused = handshake(app, *who, **path)[0]
        assert (refused["type"], refused["status"]) == ("websocket.http.response.start", status)
    assert handshake(app, *ANN, **path)[0]["type"] == "websocket.accept"


def test_a_mount_is_asked_in_the_ways_of_its_routers() -> None:
    keys = MemoryTokens()
    key = [("x-api-key", keys.issue(MemoryUser(3, "cat")))]
    options = {
        "authentication_classes": [APIKeyAuthentication(keys)],
        "permission_classes": [IsAuthenticated],
    }
    app = application(below(starlette(), **options))
    asked = [run(app, target="/staff/office/app/x", headers=who) for who in ((), ANN, key)]
    assert [sent.status for sent in asked] == [401, 401, 200]
    assert asked[0].field(b"www-authenticate") == b'ApiKey header="X-API-Key"'
    assert asked[2].body == b"inside cat"


class Twice(AnonRateThrottle):
    rate = "2/hour"


def test_a_mount_shares_the_throttles_of_its_routers() -> None:
    router = below(wadjet(), throttle_classes=[Twice])

    @router.get("/route")
    async def route() -> str:
        return "inside"

    app = application(router)
    paths = ["/staff/office/app/x", "/staff/route", "/staff/office/app/y"]
    answers = [run(app, target=path) for path in paths]
    assert [sent.status for sent in answers] == [200, 200, 429]
    assert answers[0].field(b"x-ratelimit-remaining") == b"1"


def test_defaults_are_of_routes_and_not_of_mounts() -> None:
    settings = Settings(DEFAULT_PERMISSION_CLASSES=("wadjet.auth.IsAuthenticated",))
    app = application(below(wadjet()), settings=settings)
    app.get("/route")(lambda: "route")
    assert run(app, target="/route").status == 401
    assert run(app, target="/staff/office/app/x").status == 200


def test_what_is_no_permission_is_refused_with_the_mount() -> None:
    with pytest.raises(ConfigError, match=r"mount /staff/office/app: permission_classes"):
        application(below(wadjet(), permission_classes=IsStaff)).seal()
