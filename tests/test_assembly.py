"""Assembly: every mistake that can be known is an error at startup, with its place and remedy."""

from __future__ import annotations

from typing import Any

import pytest

from tests.driving import run
from wadjet import BaseMiddleware, Request, Router, Wadjet, get
from wadjet.errors import ConfigError


def declared(**options: Any) -> Wadjet:
    app = Wadjet()

    async def handler(request: Request) -> str:
        return "text"

    app.add("/", handler, **options)
    return app


def two_on_one_path() -> Wadjet:
    app = declared()

    @app.get("/")
    async def second() -> str:
        return "second"

    return app


def two_of_one_name() -> Wadjet:
    app = declared(name="same")

    @app.get("/other", name="same")
    async def second() -> str:
        return "second"

    return app


def bad_path() -> Wadjet:
    app = Wadjet()

    @app.get("/{id:nothing}")
    async def handler(id: int) -> None:
        return None

    return app


def missing_annotation() -> Wadjet:
    app = Wadjet()

    @app.get("/")
    async def handler(limit):  # type: ignore[no-untyped-def]  # the mistake
        return limit

    return app


def no_path() -> Wadjet:
    return Wadjet(routes=[get(None, lambda: "text")])


def two_bodies() -> Wadjet:
    app = Wadjet()

    @app.post("/")
    async def handler(one: dict[str, int], two: dict[str, int]) -> None:
        return None

    return app


def bad_host() -> Wadjet:
    router = Router(host="not a host")
    router.get("/")(lambda: "text")
    return Wadjet(routes=[router])


def bad_middleware() -> Wadjet:
    return Wadjet(middleware=["no.such.Middleware"])


MISTAKES = {
    two_on_one_path: "two routes answer GET /",
    two_of_one_name: "two routes are called 'same'",
    bad_path: "nothing",
    missing_annotation: "limit",
    no_path: "no path",
    two_bodies: "takes the content",
    bad_host: "is not a host",
    bad_middleware: "cannot be imported",
}


@pytest.mark.parametrize("make", MISTAKES, ids=lambda make: make.__name__)
def test_a_mistake_is_found_at_assembly(make: Any) -> None:
    with pytest.raises(ConfigError, match=MISTAKES[make]):
        make().seal()


@pytest.mark.parametrize("make", [two_on_one_path, bad_path, missing_annotation, two_bodies])
def test_the_message_says_where(make: Any) -> None:
    with pytest.raises(ConfigError, match=r"test_assembly\.py:\d+"):
        make().seal()


@pytest.mark.parametrize("options", [{"status_code": 99}, {"status_code": 600}, {"response_charset": "no"}])
def test_options_are_checked(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        declared(**options).seal()


def test_a_mistake_does_not_half_seal() -> None:
    app = bad_path()
    for _ in range(2):
        with pytest.raises(ConfigError):
            app.seal()
    with pytest.raises(ConfigError):
        app.url_for("handler")


def test_middleware_is_made_once_and_its_error_is_an_assembly_error() -> None:
    made = []

    class Counts(BaseMiddleware):
        def __init__(self, app: Any) -> None:
            super().__init__(app)
            made.append(self)

    app = Wadjet(middleware=[Counts, Counts])

    @app.get("/")
    async def index() -> str:
        return "text"

    for _ in range(3):
        run(app)
        run(app, target="/nowhere")
    assert len(made) == 2


def test_two_applications_live_in_one_process() -> None:
    class Tag(BaseMiddleware):
        def after(self, request: Request, response: Any) -> None:
            response.headers.set("x-app", str(request.app is one))

    one, two = Wadjet(middleware=[Tag]), Wadjet()
    shared = get("/", lambda: "text")
    one.include(shared)
    two.include(shared)
    assert run(one).field(b"x-app") == b"True"
    assert run(two).field(b"x-app") is None


def test_a_sync_handler_stays_off_the_loop_and_an_inline_one_on_it() -> None:
    import threading

    app = Wadjet()
    main = threading.current_thread()

    def where() -> str:
        return str(threading.current_thread() is main)

    app.get("/threaded")(where)
    app.get("/inline", inline=True)(where)
    assert run(app, target="/threaded").body == b"False"
    assert run(app, target="/inline").body == b"True"
