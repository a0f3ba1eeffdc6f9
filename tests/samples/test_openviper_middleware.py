"""The samples of "Middleware" (OpenViper), on the wire."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse as StarlettePlainText
from starlette.routing import Route as StarletteRoute

from tests.samples.loader import LoadedSample, load
from tests.samples.posts import Post, Posts, posts
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


FRONTEND = {"origin": "https://frontend.example.com"}


@pytest.fixture
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Posts]:
    """Say what the samples leave to the environment, and give what their database keeps."""
    monkeypatch.setenv("WADJET_SECRET_KEY", "a secret of the samples, and a long one: 0123456789")
    with posts(tmp_path) as given:
        monkeypatch.setenv("WADJET_DATABASE_URL", str(given.database.url))
        yield given


def _fill(core: Wadjet) -> None:
    """Let an application answer, read and write as the samples' sites do."""

    @core.get("/")
    async def index() -> str:
        return "core"

    @core.post("/posts")
    async def write(title: str) -> int:
        await Post.objects.create(title=title)
        if title == "undone":
            raise LookupError(title)
        return await Post.objects.count()


def _check_stack(app: Any, client: TestClient, frame: str) -> None:
    """Check what both samples ask for: each middleware has its say, once."""
    answer = client.get("/", headers=FRONTEND)
    assert answer.text == "core"
    assert answer.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains; preload"
    assert answer.headers["x-frame-options"] == frame
    assert answer.headers["access-control-allow-origin"] == FRONTEND["origin"]
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert answer.headers["access-control-expose-headers"] == "X-Request-Id"
    assert answer.headers.get_list("x-ratelimit-limit") == ["200"]
    assert answer.headers.get_list("x-ratelimit-remaining") == ["199"]
    assert answer.headers["set-cookie"].startswith("csrftoken=")
    refused = client.post("/posts?title=refused", headers={"sec-fetch-site": "cross-site"})
    assert refused.status_code == 403
    assert "CSRF" in refused.text
    plain = TestClient(app, base_url=str(client.base_url).replace("https", "http"), follow_redirects=False)
    moved = plain.get("/a?b=c")
    assert (moved.status_code, moved.headers["location"]) == (308, f"https://{client.base_url.host}/a?b=c")


def _check_rows(client: TestClient, given: Posts) -> None:
    """Check that a request is one transaction of the real database."""
    own = {"sec-fetch-site": "same-origin"}
    assert client.post("/posts?title=undone", headers=own).status_code == 500
    assert client.post("/posts?title=kept", headers=own).text == "1"
    rows = given.kept(Post.objects.using(given.database).all())
    assert [row.title for row in rows] == ["kept"]


def test_settings(surroundings: Posts) -> None:
    settings = load("openviper_middleware/02_settings.py").MySettings
    app = Wadjet(settings)
    _fill(app)
    with TestClient(app, base_url="https://api.example.com", raise_server_exceptions=False) as client:
        _check_stack(app, client, "DENY")
        asked = {
            **FRONTEND,
            "access-control-request-method": "PUT",
            "access-control-request-headers": "x-csrftoken",
        }
        preflight = client.options("/", headers=asked)
        assert (preflight.status_code, preflight.headers["access-control-max-age"]) == (204, "3600")
        trusted = client.post("/", headers={**FRONTEND, "sec-fetch-site": "cross-site"})
        assert trusted.status_code == 405  # which the application answers
        assert client.get("/", headers={"host": "evil.test"}).status_code == 400
        _check_rows(client, surroundings)


def test_composition(surroundings: Posts) -> None:
    sample = load("openviper_middleware/03_composition.py")
    core = sample.every("app")[0]
    _fill(core)
    core.post("/api/webhooks")(_core_text)
    with TestClient(sample.app, base_url="https://localhost", raise_server_exceptions=False) as client:
        _check_stack(sample.app, client, "SAMEORIGIN")
        answer = client.post("/api/webhooks", headers={"sec-fetch-site": "cross-site"})
        assert (answer.text, answer.headers["content-security-policy"]) == ("core", "default-src 'self'")
        _check_rows(client, surroundings)


async def _core_text() -> str:
    return "core"


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
