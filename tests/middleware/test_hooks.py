"""The rules of unwinding, one by one; what hooks may return; what stands in ``middleware=``."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from tests.driving import exchange, run
from wadjet import BaseMiddleware, JSONResponse, Request, Settings, Wadjet
from wadjet.errors import ConfigError
from wadjet.http.exceptions import Forbidden
from wadjet.http.response import Response
from wadjet.types import ASGIApp

TRAIL: list[str] = []


@pytest.fixture(autouse=True)
def _fresh() -> None:
    TRAIL.clear()


class Hook(BaseMiddleware):
    """Writes down what it sees, and does at most one more thing."""

    def __init__(
        self, app: ASGIApp, name: str, before: Any = None, after: Any = None, fails: Any = None
    ) -> None:
        super().__init__(app)
        self.name = name
        self.answer = before
        self.status = after
        self.fails = fails

    def before(self, request: Request) -> Any:
        TRAIL.append(f"{self.name}>")
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def after(self, request: Request, response: Any) -> None:
        TRAIL.append(f"<{self.name} {response.status_code}")
        if self.status is not None:
            response.status_code = self.status
        if self.fails is not None:
            raise self.fails


def app_of(*entries: Any) -> Wadjet:
    app = Wadjet(middleware=entries)

    @app.get("/")
    async def index() -> str:
        TRAIL.append("handler")
        return "index"

    return app


def hook(name: str, **options: Any) -> Any:
    return (Hook, {"name": name, **options})


def test_the_first_is_the_outermost() -> None:
    run(app_of(hook("a"), hook("b"), hook("c")))
    assert TRAIL == ["a>", "b>", "c>", "handler", "<c 200", "<b 200", "<a 200"]


def test_an_early_answer_unwinds_those_entered_its_own_included() -> None:
    sent = run(app_of(hook("a"), hook("b", before=Response("early", 203)), hook("c")))
    assert (sent.status, sent.body) == (203, b"early")
    assert TRAIL == ["a>", "b>", "<b 203", "<a 203"]


@pytest.mark.parametrize(("error", "status"), [(Forbidden(), 403), (RuntimeError(), 500)])
def test_an_exception_from_before_is_an_early_answer(error: Exception, status: int) -> None:
    sent = run(app_of(hook("a"), hook("b", before=error), hook("c")))
    assert sent.status == status
    assert TRAIL == ["a>", "b>", f"<b {status}", f"<a {status}"]


@pytest.mark.parametrize(("error", "status"), [(Forbidden(), 403), (RuntimeError(), 500)])
def test_an_exception_from_after_replaces_the_response_for_the_outer_ones(
    error: Exception, status: int
) -> None:
    sent = run(app_of(hook("a"), hook("b", fails=error), hook("c")))
    assert sent.status == status
    assert TRAIL == ["a>", "b>", "c>", "handler", "<c 200", "<b 200", f"<a {status}"]


def test_after_sees_what_the_inner_after_did() -> None:
    assert run(app_of(hook("a"), hook("b", after=202))).status == 202
    assert TRAIL[-2:] == ["<b 200", "<a 202"]


@pytest.mark.parametrize("target", ["/nowhere", "/crash", "/raises"])
def test_hooks_see_errors_as_responses(target: str) -> None:
    app = app_of(hook("a"))

    @app.get("/crash")
    async def crash() -> None:
        raise RuntimeError

    @app.get("/raises")
    async def raises() -> None:
        raise Forbidden

    status = {"/nowhere": 404, "/crash": 500, "/raises": 403}[target]
    assert run(app, target=target).status == status
    assert TRAIL == ["a>", f"<a {status}"]


def test_hooks_see_a_bad_host_and_a_wrong_method() -> None:
    assert run(app_of(hook("a")), headers=[("host", "a b")]).status == 400
    assert run(app_of(hook("a")), "DELETE").status == 405
    assert TRAIL == ["a>", "<a 400", "a>", "<a 405"]


@pytest.mark.parametrize("answer", [{"a": 1}, "text", 200, b""])
def test_before_that_returns_no_response_is_told_by_name(
    answer: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, "wadjet.error"):
        assert run(app_of(hook("a", before=answer))).status == 500
    (record,) = caplog.records
    assert isinstance(record.exc_info, tuple)
    error = record.exc_info[1]
    assert isinstance(error, ConfigError)
    assert "Hook.before()" in str(error)
    assert type(answer).__name__ in str(error)


@pytest.mark.parametrize("is_async", [True, False])
def test_after_that_returns_something_is_told_by_name(
    is_async: bool, caplog: pytest.LogCaptureFixture
) -> None:
    class Sync(BaseMiddleware):
        def after(self, request: Request, response: Any) -> Any:
            return JSONResponse({})

    class Async(BaseMiddleware):
        async def after(self, request: Request, response: Any) -> Any:
            return JSONResponse({})

    assert run(app_of(Async if is_async else Sync)).status == 500
    assert isinstance(caplog.records[0].exc_info, tuple)
    assert "after() returned JSONResponse" in str(caplog.records[0].exc_info[1])


def test_a_shared_early_answer_keeps_nobodys_cookie() -> None:
    shared = Response("shared", 200)

    class Cookie(BaseMiddleware):
        def before(self, request: Request) -> Any:
            return shared

        def after(self, request: Request, response: Any) -> None:
            response.headers.append("set-cookie", f"user={request.query_params['user']}")

    app = app_of(Cookie)
    assert run(app, target="/?user=1").getall(b"set-cookie") == [b"user=1"]
    assert run(app, target="/?user=2").getall(b"set-cookie") == [b"user=2"]


def test_one_raised_instance_serves_many_requests() -> None:
    shared = Forbidden("no")

    class Cookie(BaseMiddleware):
        def after(self, request: Request, response: Any) -> None:
            response.headers.append("set-cookie", "a=b")

    app = app_of(Cookie, hook("raises", before=shared))
    for _ in range(3):
        assert run(app).getall(b"set-cookie") == [b"a=b"]


# -- entries ----------------------------------------------------------------------------------------------------------------


class Tagged(BaseMiddleware):
    """Found by its dotted path."""

    def __init__(self, app: ASGIApp, tag: str = "default") -> None:
        super().__init__(app)
        self.tag = tag

    def after(self, request: Request, response: Any) -> None:
        response.headers.append("x-tag", self.tag)


def factory(app: ASGIApp) -> Tagged:
    return Tagged(app, "factory")


PATH = f"{__name__}.Tagged"


@pytest.mark.parametrize(
    ("entry", "tag"),
    [
        (Tagged, b"default"),
        ((Tagged, {"tag": "options"}), b"options"),
        (factory, b"factory"),
        (lambda app: Tagged(app, "lambda"), b"lambda"),
        (PATH, b"default"),
        ((PATH, {"tag": "both"}), b"both"),
    ],
)
def test_an_entry_is_a_class_options_a_factory_or_a_dotted_path(entry: Any, tag: bytes) -> None:
    assert run(app_of(entry)).field(b"x-tag") == tag


@pytest.mark.parametrize(
    "entry",
    [
        "nowhere.Middleware",
        f"{__name__}.Missing",
        "nodots",
        42,
        None,
        (Tagged,),
        (Tagged, "tag"),
        (Tagged, {}, {}),
        Tagged(app_of()),
    ],
)
def test_an_entry_that_is_none_fails_at_assembly(entry: Any) -> None:
    with pytest.raises(ConfigError, match="middleware"):
        app_of(entry).seal()


def test_a_hook_reads_the_settings_through_all_that_is_wrapped() -> None:
    class Chosen(Settings):
        pass

    seen = []

    class Reads(BaseMiddleware):
        def __init__(self, app: ASGIApp) -> None:
            super().__init__(app)
            seen.append(self.settings)

    app = Wadjet(Chosen, middleware=[Reads, Reads])
    app.seal()
    Reads(Reads(app))
    assert [type(settings) for settings in seen] == [Chosen] * 4


def test_around_another_framework_an_instance_is_asgi_middleware() -> None:
    async def foreign(scope: Any, receive: Any, send: Any) -> None:
        assert (await receive())["body"] == b"content"
        await send({"type": "http.response.start", "status": 201, "headers": [[b"X-Own", b"1"]]})
        await send({"type": "http.response.body", "body": b"foreign"})

    class Callbacks(BaseMiddleware):
        async def before(self, request: Request) -> None:
            assert await request.body() == b"content"
            request.add_response_callback(
                lambda request, response: response.headers.append("x-callback", str(response.status_code))
            )
            request.add_finished_callback(lambda request: TRAIL.append("finished"))

    sent = run(Callbacks(Tagged(foreign)), "POST", content=b"content")
    assert (sent.status, sent.body) == (201, b"foreign")
    assert sent.field(b"x-callback") == b"201"
    assert sent.field(b"x-tag") == b"default"
    assert sent.field(b"x-own") == b"1"
    assert TRAIL == ["finished"]


def test_other_scopes_pass_untouched() -> None:
    import asyncio

    seen = []

    async def foreign(scope: Any, receive: Any, send: Any) -> None:
        seen.append((scope, receive, send))

    scope: dict[str, Any] = {"type": "websocket"}
    asyncio.run(Tagged(foreign)(scope, exchange, exchange))  # type: ignore[arg-type]  # anything passes
    assert seen == [(scope, exchange, exchange)]
    assert scope == {"type": "websocket"}
