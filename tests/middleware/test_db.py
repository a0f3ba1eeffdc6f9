"""DatabaseMiddleware: when a unit of work begins and ends; what it is, the database says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextvars import ContextVar
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route as StarletteRoute

from tests.driving import drive, exchange, http_scope, run
from wadjet import Error, Request, Response, Settings, StreamingResponse, Wadjet
from wadjet.errors import ConfigError
from wadjet.http.exceptions import Conflict, NotModified, SeeOther
from wadjet.middleware import BaseMiddleware, DatabaseMiddleware
from wadjet.types import ASGIApp, Message


class Unit:
    """A unit that writes down what becomes of its connection."""

    def __init__(self, trail: list[str], *, fails: bool) -> None:
        self.trail = trail
        self.fails = fails
        self.is_open = False

    def query(self) -> None:
        if not self.is_open:
            self.is_open = True
            self.trail.append("taken")

    def end(self, *, commits: bool) -> Awaitable[None] | None:
        CURRENT.set(None)
        return self._end(commits=commits) if self.is_open else None

    async def _end(self, *, commits: bool) -> None:
        await asyncio.sleep(0)
        self.is_open = False
        self.trail.append("committed" if commits else "undone")
        if commits and self.fails:
            raise OSError("the database is away")


CURRENT: ContextVar[Unit | None] = ContextVar("unit", default=None)


class Standing:
    """A database that only takes note."""

    def __init__(self, *, fails: bool = False) -> None:
        self.trail: list[str] = []
        self.fails = fails
        self.begun = 0

    def begin(self, *, writes: bool) -> Unit:
        self.begun += 1
        unit = Unit(self.trail, fails=self.fails)
        CURRENT.set(unit)
        return unit


database = Standing()


def query() -> None:
    unit = CURRENT.get()
    if unit is not None:
        unit.query()


def core() -> Wadjet:
    app = Wadjet()

    @app.get("/")
    async def index(request: Request) -> Any:
        query()
        query()
        return "ok", int(request.query_params.get("status", "200"))

    @app.get("/none")
    async def none() -> str:
        return "ok"

    @app.get("/thread")
    def thread() -> str:
        query()
        return "ok"

    @app.get("/raises/{kind}")
    async def raises(kind: str) -> None:
        query()
        raise {
            "redirect": SeeOther("/"),
            "304": NotModified(),
            "conflict": Conflict(),
            "error": Error(404),
        }.get(kind, ValueError())

    @app.get("/stream")
    async def stream() -> StreamingResponse:
        query()

        async def content() -> AsyncIterator[str]:
            query()  # the first piece is made before the head leaves
            yield "text"
            unit = CURRENT.get()
            database.trail.append("pinned" if unit is not None and unit.is_open else "streams")

        return StreamingResponse(content(), media_type="text/plain")

    return app


def fused() -> ASGIApp:
    app = core()
    app.middleware_entries = ((DatabaseMiddleware, {"database": database}),)
    return app


def derived() -> ASGIApp:
    return DatabaseMiddleware(core(), database=database)


FORMS = pytest.mark.parametrize("form", [fused, derived], ids=["fused", "derived"])


@pytest.fixture(autouse=True)
def nothing_yet() -> None:
    database.trail.clear()
    database.fails = False


@FORMS
@pytest.mark.parametrize(
    ("target", "status", "trail"),
    [
        ("/", 200, ["taken", "committed"]),
        ("/none", 200, []),
        ("/thread", 200, ["taken", "committed"]),
        ("/?status=404", 404, ["taken", "committed"]),
        ("/?status=500", 500, ["taken", "undone"]),
        ("/?status=503", 503, ["taken", "undone"]),
        ("/raises/redirect", 303, ["taken", "committed"]),
        ("/raises/304", 304, ["taken", "committed"]),
        ("/raises/conflict", 409, ["taken", "undone"]),
        ("/raises/error", 404, ["taken", "undone"]),
        ("/raises/crash", 500, ["taken", "undone"]),
        ("/stream", 200, ["taken", "committed", "streams"]),
        ("/nowhere", 404, []),
    ],
)
def test_w1_what_was_written_is_kept_where_the_request_has_worked(
    form: Any, target: str, status: int, trail: list[str]
) -> None:
    assert run(form(), target=target).status == status
    assert database.trail == trail


@FORMS
def test_a_commit_that_fails_is_a_500(form: Any) -> None:
    database.fails = True
    assert run(form()).status == 500
    assert database.trail == ["taken", "committed"]


@FORMS
def test_the_head_leaves_after_the_commit(form: Any) -> None:
    async def ask() -> None:
        async def send(message: Message) -> None:
            database.trail.append(message["type"])

        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        await form()(http_scope(), receive, send)

    asyncio.run(ask())
    assert database.trail == ["taken", "committed", "http.response.start", "http.response.body"]


@FORMS
def test_a_request_that_is_cancelled_gives_its_connection_back(form: Any) -> None:
    begun = asyncio.Event()

    class Waits(BaseMiddleware):
        async def before(self, request: Request) -> None:
            query()
            begun.set()
            await asyncio.Event().wait()

    app = core()
    app.middleware_entries = (
        (*((DatabaseMiddleware, {"database": database}),), Waits) if form is fused else (Waits,)
    )
    whole: ASGIApp = app if form is fused else DatabaseMiddleware(app, database=database)

    async def leave() -> None:
        task = asyncio.create_task(drive(whole, http_scope()))
        await begun.wait()
        task.cancel()
        await asyncio.wait({task})

    asyncio.run(leave())
    assert database.trail == ["taken", "undone"]


def test_two_requests_at_once_have_a_unit_each() -> None:
    app = fused()

    async def ask() -> None:
        await asyncio.gather(exchange(app), exchange(app))

    asyncio.run(ask())
    assert sorted(database.trail) == ["committed", "committed", "taken", "taken"]


def test_around_a_starlette_application() -> None:
    async def index(_: object) -> PlainTextResponse:
        query()
        return PlainTextResponse("ok")

    async def crash(_: object) -> PlainTextResponse:
        query()
        raise ValueError

    routes = [StarletteRoute("/", index), StarletteRoute("/crash", crash)]
    app = DatabaseMiddleware(Starlette(routes=routes), database=database)
    assert run(app).status == 200
    assert database.trail == ["taken", "committed"]
    with pytest.raises(ValueError):  # noqa: PT011 - it has no message
        run(app, target="/crash")
    assert database.trail == ["taken", "committed", "taken", "undone"]


def test_other_scopes_pass() -> None:
    seen = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append((scope["type"], CURRENT.get()))

    asyncio.run(DatabaseMiddleware(app, database=database)({"type": "lifespan"}, None, None))  # type: ignore[arg-type]  # unused
    assert seen == [("lifespan", None)]


def test_the_setting_names_the_database() -> None:
    settings = Settings(
        DATABASE="tests.middleware.test_db.database", MIDDLEWARE=("wadjet.middleware.db.DatabaseMiddleware",)
    )
    app = Wadjet(settings)

    @app.get("/")
    async def index() -> Response[Any]:
        query()
        return Response("ok")

    assert run(app).status == 200


@pytest.mark.parametrize(
    ("settings", "options", "message"),
    [
        ({"DATABASE_URL": "nowhere"}, {}, "DATABASE_URL is no address; write one as sqlite:///"),
        ({"DATABASE": "nowhere.database"}, {}, "DATABASE 'nowhere.database' cannot be imported"),
        ({"DATABASE": "tests.middleware.test_db.query"}, {}, "it has no begin"),
        ({}, {"database": Standing}, "give an object, not its class"),
    ],
)
def test_without_a_database_that_can_be_it_does_not_start(
    settings: dict[str, Any], options: dict[str, Any], message: str
) -> None:
    app = Wadjet(Settings(**settings), middleware=[(DatabaseMiddleware, options)])
    with pytest.raises(ConfigError, match=message):
        app.seal()
