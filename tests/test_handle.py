"""Sub-requests: an application asked by code, with and without middleware."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from wadjet import Request, Response, Wadjet
from wadjet.auth.permissions import IsAuthenticated
from wadjet.middleware.base import BaseMiddleware
from wadjet.testing import TestClient
from wadjet.types import ASGIApp, Receive, Scope, Send


class Marks(BaseMiddleware):
    def after(self, request: Request, response: Any) -> None:
        response.headers["x-marked"] = "yes"


class Plain:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def marked(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"x-plain", b"yes")]
            await send(message)

        await self.app(scope, receive, marked)


def made(*middleware: Any) -> Wadjet:
    app, inner = Wadjet(middleware=middleware), Wadjet()
    inner.get("/x")(lambda: "mounted")
    app.mount("/inner", inner)

    @app.post("/echo/{name}")
    async def echo(name: str, request: Request) -> Any:
        return {"name": name, "body": await request.text()}

    @app.get("/crash")
    async def crash() -> None:
        raise RuntimeError("x")

    app.get("/private", permission_classes=[IsAuthenticated])(lambda: "secret")

    @app.get("/outer")
    async def outer(request: Request) -> Any:
        answer = await request.app.handle(Request.blank("/inner/x"))
        mine = await request.app.handle(Request.blank("/echo/a", POST={"b": "c"}), middleware=False)
        return [answer.text, mine.json_body, request.path, request.path_params]

    return app


def asked(app: Wadjet, request: Request, **options: Any) -> Response[Any]:
    return asyncio.run(app.handle(request, **options))


@pytest.mark.parametrize("middleware", [(Marks,), (Marks, Plain), (Plain, Marks)])
@pytest.mark.parametrize(
    ("path", "status"), [("/inner/x", 200), ("/nowhere", 404), ("/crash", 500), ("/echo/a", 405)]
)
def test_middleware_stands_around_it_or_not(middleware: Any, path: str, status: int) -> None:
    whole = asked(made(*middleware), Request.blank(path))
    bare = asked(made(*middleware), Request.blank(path), middleware=False)
    assert (whole.status_code, whole.headers.get("x-marked")) == (status, "yes")
    assert (bare.status_code, bare.headers.get("x-marked"), bare.headers.get("x-plain")) == (
        status,
        None,
        None,
    )
    if Plain in middleware:
        assert whole.headers["x-plain"] == "yes"


def test_permissions_are_asked_without_middleware_too() -> None:
    assert asked(made(), Request.blank("/private"), middleware=False).status_code == 401


def test_a_handler_asks_its_own_application_and_keeps_its_own_request() -> None:
    answer = TestClient(made(Marks)).get("/outer")
    assert answer.json() == ["mounted", {"name": "a", "body": "b=c"}, "/outer", {}]


def test_the_callbacks_of_a_sub_request_are_its_own() -> None:
    app, told = made(), []

    @app.get("/callbacks")
    async def callbacks(request: Request) -> str:
        request.add_finished_callback(lambda request: told.append(request.path))
        return "x"

    request = Request.blank("/callbacks")
    asked(app, request)
    assert told == ["/callbacks"]
    assert request.finished_callbacks == []
    assert request.plan is None
