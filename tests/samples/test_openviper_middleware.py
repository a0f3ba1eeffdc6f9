"""The samples of "Middleware" (OpenViper), on the wire."""

from __future__ import annotations

import re
import uuid

import pytest

from tests.samples.loader import LoadedSample, load
from wadjet import JSONResponse, Request, Router, Wadjet
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


def test_rate_limit() -> None:
    router = Router()
    prelude = {"router": router, "Request": Request, "JSONResponse": JSONResponse}
    load("openviper_middleware/07_rate_limit.py", prelude)
    client = TestClient(Wadjet(routes=[router]))
    answers = [client.post("/auth/login") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [204] * 5 + [429]
    assert int(answers[5].headers["retry-after"]) in range(1, 61)
