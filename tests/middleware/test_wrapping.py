"""Hooks that are wrapped around a whole application by hand, and the fast lane through them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.driving import run
from wadjet import Request, Response, Wadjet
from wadjet.middleware import BaseMiddleware
from wadjet.server.asgi import Entry
from wadjet.types import ASGIApp, Receive, Scope, Send


class Marking(BaseMiddleware):
    """Says that it has been there."""

    def __init__(self, app: ASGIApp, mark: str = "x") -> None:
        super().__init__(app)
        self.mark = mark

    def before(self, request: Request) -> Response[Any] | None:
        return Response("early", 403) if request.path == "/early" else None

    def after(self, request: Request, response: Any) -> None:
        response.headers.add("x-mark", self.mark)


class Plain(Marking):
    """Its own ASGI code, so it cannot be fused."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


async def nothing() -> None:
    """Settle nothing."""


def application() -> Wadjet:
    app = Wadjet()

    @app.get("/here")
    async def here() -> str:
        return "here"

    return app


def entry_of(app: Any) -> Entry | None:
    """Enter an application that runs."""

    async def entered() -> Entry | None:
        inner = app
        while not isinstance(inner, Wadjet):
            inner = inner.app
        await inner.startup()
        found: Entry | None = app.wadjet_lane(nothing)
        return found

    return asyncio.run(entered())


def answered(entry: Entry, path: str) -> Response[Any]:
    request = Request(
        {"type": "http", "method": "GET", "path": path, "headers": [(b"host", b"a")], "query_string": b""}
    )
    plan = entry.dispatch(request)
    assert plan.handle is not None
    return asyncio.run(plan.handle(request))  # type: ignore[arg-type]  # a handle of ours is a coroutine function


@pytest.mark.parametrize("path", ["/here", "/nowhere", "/early"])
def test_hooks_around_an_application_are_fused_and_answer_as_in_their_asgi_form(path: str) -> None:
    wrapped = Marking(Marking(application(), "inner"), "outer")
    entry = entry_of(wrapped)
    assert entry is not None
    fused = answered(entry, path)
    plain = run(Marking(Marking(application(), "inner"), "outer"), "GET", path)
    assert fused.status_code == plain.status
    assert [mark.encode() for mark in fused.headers.getall("x-mark")] == plain.getall(b"x-mark")
    assert fused.body == plain.body


def test_a_plan_is_fused_once() -> None:
    entry = entry_of(Marking(application()))
    assert entry is not None
    request = Request({"type": "http", "method": "GET", "path": "/here", "headers": [(b"host", b"a")]})
    assert entry.dispatch(request) is entry.dispatch(request)


def test_what_cannot_be_fused_has_no_way_in_but_its_asgi_form() -> None:
    assert entry_of(Plain(application())) is None
    assert entry_of(Marking(Plain(application()))) is None


def test_a_foreign_application_has_no_way_in() -> None:
    async def foreign(scope: Scope, receive: Receive, send: Send) -> None:
        raise AssertionError

    assert Marking(foreign).wadjet_lane(nothing) is None


def test_an_application_that_does_not_run_has_no_way_in() -> None:
    assert Marking(application()).wadjet_lane(nothing) is None


def test_plain_asgi_middleware_inside_stays_inside() -> None:
    app = Wadjet(middleware=[Plain])
    entry = entry_of(Marking(app))
    assert entry is not None
    assert entry.outer is not None
