"""Middleware around a router, a route, a view or a mount."""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

import pytest

from tests.driving import run
from wadjet import BaseMiddleware, Request, Response, Router, View, Wadjet
from wadjet.errors import ConfigError, RouteError
from wadjet.middleware import CORSMiddleware, RateLimitMiddleware
from wadjet.routing.route import get, post
from wadjet.types import Receive, Scope, Send


class Tag(BaseMiddleware):
    """Says where it stands."""

    made: ClassVar[list[str]] = []
    closed: ClassVar[list[str]] = []

    def __init__(self, app: Any, label: str) -> None:
        super().__init__(app)
        self.label = label
        self.made.append(label)

    def after(self, request: Request, response: Any) -> None:
        response.headers.append("x-tag", self.label)

    async def close(self) -> None:
        self.closed.append(self.label)


class Plain:
    """Only speaks ASGI."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


@pytest.fixture(autouse=True)
def nobody_yet() -> None:
    Tag.made.clear()
    Tag.closed.clear()


def tag(label: str) -> tuple[type[Tag], dict[str, str]]:
    return (Tag, {"label": label})


async def index() -> str:
    return "ok"


def tags(app: Any, target: str, method: str = "GET", **fields: str) -> list[bytes]:
    headers = [(name.replace("_", "-"), value) for name, value in fields.items()]
    return run(app, method, target, headers=headers).getall(b"x-tag")


def test_the_nearer_stands_inside_and_each_place_makes_its_own_once() -> None:
    inner = Router("/inner", routes=[get("/plain", index)], middleware=[tag("inner")])
    inner.get("/own", middleware=[tag("own"), tag("second")])(index)
    outer = Router("/outer", routes=[inner, get("/x", index)], middleware=(tag("outer"),))
    app = Wadjet(routes=[outer, get("/", index)], middleware=[tag("app")])
    assert tags(app, "/outer/inner/own") == [b"second", b"own", b"inner", b"outer", b"app"]
    assert tags(app, "/outer/inner/plain") == [b"inner", b"outer", b"app"]
    assert tags(app, "/outer/x") == [b"outer", b"app"]
    assert tags(app, "/") == tags(app, "/outer/nowhere") == [b"app"]
    assert sorted(Tag.made) == ["app", "inner", "outer", "own", "second"]


def test_one_limit_stands_around_all_that_a_router_holds() -> None:
    router = Router(
        "/api",
        routes=[get("/a", index), get("/b", index)],
        middleware=[(RateLimitMiddleware, {"max_requests": 2})],
    )
    app = Wadjet(routes=[router, get("/", index)])
    assert [run(app, target=target).status for target in ("/api/a", "/api/b", "/api/a")] == [200, 200, 429]
    assert run(app).status == 200


def test_a_view_has_middleware_of_both_kinds() -> None:
    async def refuse(request: Request) -> Any:
        return Response("no", 403) if "no" in request.query_params else None

    class Shelf(View):
        middleware: ClassVar[list[Any]] = [tag("view"), refuse]

        async def get(self) -> str:
            return "got"

        @post(middleware=[tag("verb")])
        async def post(self) -> str:
            return "posted"

    app = Wadjet()
    app.add("/shelf", Shelf, middleware=[tag("held")])
    assert tags(app, "/shelf") == [b"view", b"held"]
    assert tags(app, "/shelf", "POST") == [b"verb", b"view", b"held"]
    assert run(app, target="/shelf?no").status == 403
    assert sorted(Tag.made) == ["held", "verb", "view"]


def test_a_mount_below_a_router_has_the_router_s() -> None:
    async def foreign(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"foreign"})

    router = Router("/api", middleware=[tag("router")])
    router.mount("/foreign", foreign)
    assert tags(Wadjet(routes=[router], middleware=[tag("app")]), "/api/foreign/x") == [b"router", b"app"]


PREFLIGHT = {"origin": "https://a.test", "access_control_request_method": "PUT"}


def test_a_preflight_is_for_the_middleware_of_the_route_that_it_asks_for() -> None:
    app = Wadjet(middleware=[tag("app")])
    app.get("/x", middleware=[tag("get")])(index)
    app.put("/x", middleware=[(CORSMiddleware, {"allowed_origins": ["https://a.test"]})])(index)
    granted = run(
        app, "OPTIONS", "/x", headers=[(name.replace("_", "-"), value) for name, value in PREFLIGHT.items()]
    )
    assert granted.status == 204
    assert granted.field(b"access-control-allow-origin") == b"https://a.test"
    assert granted.getall(b"x-tag") == [b"app"]
    asked = run(app, "OPTIONS", "/x")
    assert (asked.status, asked.field(b"allow"), asked.getall(b"x-tag")) == (
        204,
        b"GET, HEAD, OPTIONS, PUT",
        [b"app"],
    )
    assert tags(app, "/x", "OPTIONS", **{**PREFLIGHT, "access_control_request_method": "GET"}) == [
        b"get",
        b"app",
    ]
    assert tags(app, "/x", "OPTIONS", **{**PREFLIGHT, "access_control_request_method": "PURGE"}) == [b"app"]


def test_options_is_seen_by_what_all_routes_of_a_path_have() -> None:
    router = Router(routes=[get("/x", index), post("/x", index)], middleware=[tag("router")])
    router.get("/own", middleware=[tag("own")])(index)
    router.add("/said", index, methods=["GET", "OPTIONS"])
    app = Wadjet(routes=[router])
    assert tags(app, "/x", "OPTIONS") == [b"router"]
    assert tags(app, "/own", "OPTIONS") == [b"own", b"router"]
    assert run(app, "OPTIONS", "/said").body == b"ok"
    assert tags(app, "/said", "OPTIONS") == [b"router"]


def test_what_only_speaks_asgi_stands_around_applications() -> None:
    app = Wadjet(routes=[Router("/x", routes=[get("/", index)], middleware=[Plain])])
    with pytest.raises(ConfigError, match=r"only speaks ASGI.*Wadjet\(middleware="):
        app.seal()


@pytest.mark.parametrize("entries", ["wadjet.middleware.cors.CORSMiddleware", {Plain}, None])
def test_middleware_is_a_list(entries: Any) -> None:
    app = Wadjet()
    with pytest.raises(RouteError, match=r"is no list; write middleware=\["):
        app.get("/", middleware=entries)(index)
        app.seal()


def test_what_has_to_stand_outside_is_checked_around_routes_too() -> None:
    class Signs(Tag):
        provides = frozenset({"user"})

    class Knows(Tag):
        uses = frozenset({"user"})

    app = Wadjet(
        routes=[get("/", index, middleware=[(Signs, {"label": "s"})])], middleware=[(Knows, {"label": "k"})]
    )
    with pytest.raises(ConfigError, match="swap the two: Signs first, then Knows"):
        app.seal()


def test_what_stands_around_a_route_is_closed_in_the_end() -> None:
    app = Wadjet(routes=[get("/", index, middleware=[tag("own")])], middleware=[tag("app")])

    async def live() -> None:
        await app.startup()
        await app.shutdown()

    asyncio.run(live())
    assert sorted(Tag.closed) == ["app", "own"]
