"""Assembly: every mistake that can be known is an error at startup, with its place and remedy."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import pytest

from tests.driving import run
from wadjet import BaseMiddleware, Mount, Request, Router, Wadjet, get
from wadjet.errors import ConfigError
from wadjet.routing import Converter


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


@pytest.mark.parametrize(
    ("option", "value", "what"),
    [
        ("slashes", "nope", "'redirect' or 'strict'"),
        ("slashes", ["strict"], "'redirect' or 'strict'"),
        ("max_body_size", "1MB", "a number of bytes, as 1_000_000"),
        ("max_body_size", -1, "a number of bytes"),
        ("max_body_size", True, "a number of bytes"),
        ("name", 5, "a text that is not empty"),
        ("name", "", "a text that is not empty"),
        ("allow_head", "no", "True or False"),
        ("inline", 1, "True or False"),
    ],
)
def test_the_value_of_an_option_is_checked(option: str, value: Any, what: str) -> None:
    with pytest.raises(ConfigError) as caught:
        declared(**{option: value}).seal()
    assert "test_assembly.py:" in str(caught.value)
    assert f"handler(): {option}={value!r} is not {what}" in str(caught.value)


def test_an_option_of_a_router_is_checked_where_a_route_has_it() -> None:
    router = Router("/a", inline="yes")  # type: ignore[arg-type]  # the mistake
    router.mount("/b", Wadjet())
    with pytest.raises(ConfigError, match="mount /a/b: inline='yes' is not True or False"):
        Wadjet(routes=[router]).seal()
    declared(name=None).seal()


async def below(scope: Any, receive: Any, send: Any) -> None:
    """Answer with the root path."""
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": scope["root_path"].encode()})


@pytest.mark.parametrize(
    ("path", "target", "root"),
    [
        ("/n%C3%A9", "/n%C3%A9/x", "/né"),
        ("/né/", "/n%C3%A9/x", "/né"),
        ("/a%20b", "/a%20b/x", "/a b"),
        ("/", "/x", ""),
    ],
)
def test_a_mounted_application_is_told_its_path_decoded(path: str, target: str, root: str) -> None:
    app = Wadjet(routes=[Mount(path, below)])
    sent = run(app, target=target, path=unquote(target))
    assert (sent.status, sent.body) == (200, root.encode())


@pytest.mark.parametrize(("prefix", "path"), [("", "/w/{t}"), ("/{t}", "/w"), ("", "/w/v{t:int}")])
def test_a_mount_has_no_parameters(prefix: str, path: str) -> None:
    router = Router(prefix)
    router.mount(path, below)
    with pytest.raises(ConfigError, match=r"has the parameter 't'; mount at a literal path") as caught:
        Wadjet(routes=[router]).seal()
    assert repr(prefix + path) in str(caught.value)


class Tag(BaseMiddleware):
    """Sees every response."""

    def after(self, request: Request, response: Any) -> None:
        response.headers.set("x-seen", str(response.status_code))


class Outside:
    """Middleware that only speaks ASGI."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.app(scope, receive, send)


@pytest.mark.parametrize("middleware", [[Tag], [Outside, Tag]])
def test_a_converter_that_fails_is_a_crash_like_any_other(middleware: list[Any]) -> None:
    class Broken(Converter):
        def to_value(self, text: str) -> str:
            raise KeyError(text)

    app = Wadjet(middleware=middleware)
    seen = []
    app.add_converter("broken", Broken())
    app.get("/{a:broken}")(lambda a: a)

    @app.exception_handler(KeyError)
    async def handle(request: Request, error: KeyError) -> tuple[str, int]:
        seen.append(error.args[0])
        raise error

    sent = run(app, target="/key")
    assert (sent.status, sent.field(b"x-seen"), seen) == (500, b"500", ["key"])
    assert b'"id":"ID"' in sent.body


@pytest.mark.parametrize(
    ("query", "location"),
    [
        (b"", b"./x/"),
        (b"a=%20%C3%A9&b=[1]", b"./x/?a=%20%C3%A9&b=[1]"),
        ("a=é".encode(), b"./x/?a=%C3%A9"),
        (b"a=\x01\n\xff#", b"./x/?a=%01%0A%FF%23"),
    ],
)
def test_a_slash_redirect_keeps_the_bytes_of_the_query(query: bytes, location: bytes) -> None:
    app = Wadjet()
    app.get("/x/")(lambda: "text")
    sent = run(app, target="/x", query_string=query)
    assert (sent.status, sent.field(b"location")) == (308, location)
