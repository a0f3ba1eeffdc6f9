"""The samples of "Middleware" (OpenViper), on the wire."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse as StarlettePlainText
from starlette.routing import Route as StarletteRoute

from tests.samples.loader import LoadedSample, load
from wadjet import JSONResponse, Request, Router, Wadjet
from wadjet.middleware import SecurityMiddleware
from wadjet.testing import TestClient


@pytest.fixture
def custom() -> LoadedSample:
    return load("openviper_middleware/08_custom.py")


def test_custom(custom: LoadedSample, capsys: pytest.CaptureFixture[str]) -> None:
    app = Wadjet(middleware=[custom.TimingMiddleware, custom.RequestIdMiddleware])

    @app.get("/who")
    async def who(request: Request) -> str:
        return str(request.state["request_id"])

    client = TestClient(app)
    first, second = client.get("/who").text, client.get("/who").text
    assert uuid.UUID(first) != uuid.UUID(second)
    assert re.fullmatch(r"(/who took \d+\.\dms\n){2}", capsys.readouterr().out)


def test_custom_wraps_an_application(custom: LoadedSample, capsys: pytest.CaptureFixture[str]) -> None:
    core = Wadjet()

    @core.get("/who")
    async def who(request: Request) -> str:
        return str(request.state["request_id"])

    app = custom.TimingMiddleware(custom.RequestIdMiddleware(core))
    uuid.UUID(TestClient(app).get("/who").text)
    assert capsys.readouterr().out.startswith("/who took ")


def _core() -> Wadjet:
    core = Wadjet()

    @core.get("/")
    async def index() -> str:
        return "core"

    return core


async def _index(_: object) -> StarlettePlainText:
    return StarlettePlainText("core")


def test_csp() -> None:
    made: list[SecurityMiddleware] = []

    def remember(*args: Any, **options: Any) -> None:
        made.append(SecurityMiddleware(*args, **options))

    load("openviper_middleware/01_csp.py", {"SecurityMiddleware": remember, "app": _core()})
    answer = TestClient(made[0]).get("/")
    assert (answer.text, answer.headers["content-security-policy"]) == (
        "core",
        "default-src 'self'; script-src 'self' https://cdn.example.com; style-src 'self' 'unsafe-inline'",
    )


@pytest.mark.parametrize("core", [_core(), Starlette(routes=[StarletteRoute("/", _index)])])
def test_build_stack(core: Any) -> None:
    client = TestClient(load("openviper_middleware/04_build_stack.py", {"core_app": core}).app)
    answer = client.get("/", headers={"origin": "https://any.test"})
    assert answer.text == "core"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["x-ratelimit-limit"] == "100"
    refused = [client.get("/", headers={"origin": "https://any.test"}) for _ in range(100)][-1]
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (429, "*")


def test_rate_limit() -> None:
    router = Router()
    prelude = {"router": router, "Request": Request, "JSONResponse": JSONResponse}
    load("openviper_middleware/07_rate_limit.py", prelude)
    client = TestClient(Wadjet(routes=[router]))
    answers = [client.post("/auth/login") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [204] * 5 + [429]
    assert int(answers[5].headers["retry-after"]) in range(1, 61)
