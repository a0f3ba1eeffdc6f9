"""Pyramid's request and its life cycle: what is the same, and what is mended (sections 11.1 to 11.4 of its facts)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.driving import Sent, run
from wadjet import Request, Response, Wadjet
from wadjet.errors import ConfigError
from wadjet.events import BeforeRender, BeforeTraversal, ContextFound, NewRequest, NewResponse
from wadjet.http.exceptions import Forbidden, NotFound
from wadjet.middleware import BaseMiddleware

# -- 11.1 what a request has ------------------------------------------------------------------------------------------------

#: An attribute, and what it is where only a route has answered and nobody is known.
PLAIN: list[tuple[str, Any]] = [
    ("subpath", ()),
    ("traversed", ()),
    ("view_name", ""),
    ("virtual_root_path", ()),
    ("matchdict", {"name": "x"}),
    ("exception", None),
    ("identity", None),
    ("authenticated_userid", None),
    ("is_authenticated", False),
]


def seen(read: Any) -> Any:
    """Return what a function sees of a request that a route answers."""
    app, found = Wadjet(), []

    @app.get("/{name}", name="it")
    async def handler(request: Request) -> None:
        found.append(read(request))

    assert run(app, target="/x").status == 204
    return found[0]


@pytest.mark.parametrize(("name", "expected"), PLAIN, ids=[name for name, _ in PLAIN])
def test_11_1_an_attribute_where_a_route_has_answered(name: str, expected: Any) -> None:
    assert seen(lambda request: getattr(request, name)) == expected


def test_11_1_the_context_is_the_default_root() -> None:
    context, root, virtual = seen(lambda request: (request.context, request.root, request.virtual_root))
    assert context is root is virtual
    assert type(context).__name__ == "DefaultRoot"


def test_11_1_the_route_is_known_by_name_and_pattern() -> None:
    assert seen(lambda request: (request.matched_route.name, request.matched_route.pattern)) == (
        "it",
        "/{name}",
    )


def test_11_1_without_a_route_there_is_neither() -> None:
    app, found = Wadjet(), []
    app.add_subscriber(
        lambda event: found.append((event.request.matched_route, event.request.matchdict)), NewRequest
    )
    assert run(app).status == 404
    assert found[0][0] is None
    assert not found[0][1]


def test_11_1_a_session_that_nobody_has_set_up_is_a_mistake_with_its_remedy() -> None:
    def read(request: Request) -> str:
        with pytest.raises(ConfigError, match="SessionMiddleware"):
            _ = request.session
        return "said"

    assert seen(read) == "said"


def test_11_1_tmpl_context_is_an_empty_bag() -> None:
    def read(request: Request) -> Any:
        request.tmpl_context.title = "x"
        return request.tmpl_context.title

    assert seen(read) == "x"


@pytest.mark.parametrize(
    ("options", "expected"),
    [({}, [1, 2]), ({"property": True}, [1, 2]), ({"reify": True}, [1, 1])],
    ids=["method", "property", "reify"],
)
def test_11_1_request_methods(options: Any, expected: list[int]) -> None:
    app, calls = Wadjet(), iter(range(1, 9))
    app.add_request_method(lambda request: next(calls), "drawn", **options)

    @app.get("/")
    async def handler(request: Request) -> Any:
        extended: Any = request  # a type checker knows no attributes that an application has added
        return [extended.drawn if options else extended.drawn() for _ in range(2)]

    assert run(app).body == str(expected).replace(" ", "").encode()


@pytest.mark.parametrize("own", [False, True])
def test_11_1_the_request_response_is_merged_and_ignored_where_the_view_has_its_own(own: bool) -> None:
    app = Wadjet()

    @app.get("/")
    async def handler(request: Request) -> Any:
        request.response.headers["x-mine"] = "1"
        request.response.status_code = 202
        return Response("own") if own else {"a": 1}

    sent = run(app)
    assert (sent.status, sent.field(b"x-mine")) == ((200, None) if own else (202, b"1"))


# -- 11.2 the order of a request --------------------------------------------------------------------------------------------


def told(app: Wadjet) -> list[str]:
    """Let an application write down what happens to a request."""
    trail: list[str] = []
    for event in (NewRequest, BeforeTraversal, ContextFound, BeforeRender, NewResponse):
        app.add_subscriber(lambda each: trail.append(type(each).__name__), event)

    def begin(event: NewRequest) -> None:
        event.request.add_response_callback(lambda *_: trail.append("response callback"))
        event.request.add_finished_callback(
            lambda request: trail.append(f"finished with {type(request.exception).__name__}")
        )

    app.add_subscriber(begin, NewRequest)
    return trail


def test_11_2_the_order_of_a_request() -> None:
    class Tween(BaseMiddleware):
        def before(self, request: Request) -> None:
            trail.append("tween")

        def after(self, request: Request, response: Any) -> None:
            trail.append("tween unwinds")

    app = Wadjet(middleware=[Tween])
    trail = told(app)

    @app.get("/", renderer="json")
    async def handler() -> Any:
        trail.append("view")
        return {}

    assert run(app).status == 200
    # Theirs unwinds tweens before the callbacks; here middleware sees the response as it leaves.
    assert trail == [
        "tween",
        "NewRequest",
        "BeforeTraversal",
        "ContextFound",
        "view",
        "BeforeRender",
        "response callback",
        "NewResponse",
        "tween unwinds",
        "finished with NoneType",
    ]


#: What a view does, the status, whether callbacks and NewResponse have run, and what the finished callback sees.
ENDINGS: list[tuple[str, int, str]] = [
    ("handled", 418, "KeyError"),  # by an exception view
    ("unhandled", 500, "RuntimeError"),  # theirs: no callbacks, and finished callbacks see None
    ("returns-404", 404, "NoneType"),
    ("raises-404", 404, "NotFound"),
    ("dict", 200, "NoneType"),  # theirs: ValueError "you may have forgotten to define a renderer"
    ("none", 204, "NoneType"),  # theirs: ValueError "forgotten to return a value"
]


@pytest.mark.parametrize(("kind", "status", "exception"), ENDINGS, ids=[kind for kind, _, _ in ENDINGS])
def test_11_2_callbacks_run_however_a_view_ends(kind: str, status: int, exception: str) -> None:
    app = Wadjet()
    trail = told(app)

    @app.exception_handler(LookupError)  # by the class's bases
    async def handled(request: Request, error: Exception) -> Any:
        return "teapot", 418

    @app.get("/")
    async def view() -> Any:
        match kind:
            case "handled":
                raise KeyError
            case "unhandled":
                raise RuntimeError
            case "returns-404":
                return NotFound()
            case "raises-404":
                raise NotFound
            case "dict":
                return {"a": 1}

    assert run(app).status == status
    assert trail[-3:] == ["response callback", "NewResponse", f"finished with {exception}"]


def failing(where: str, error: Exception) -> tuple[Sent, list[str]]:
    """Let something outside of the view fail; return the answer, and what has run all the same."""
    app = Wadjet()
    trail = told(app)

    def fail(*_: object) -> None:
        raise error

    @app.get("/")
    async def view(request: Request) -> str:
        if where == "response callback":
            request.add_response_callback(fail)
        if where == "finished callback":
            request.add_finished_callback(fail)
        request.add_finished_callback(lambda _: trail.append("the last"))
        return "x"

    if where in {"NewRequest", "NewResponse"}:
        app.add_subscriber(fail, {"NewRequest": NewRequest, "NewResponse": NewResponse}[where], order=1)
    return run(app), trail


@pytest.mark.parametrize(
    ("where", "error", "status"),
    [
        ("response callback", RuntimeError(), 500),  # theirs: past the exception views, to the server
        ("response callback", Forbidden(), 403),
        (
            "finished callback",
            RuntimeError(),
            200,
        ),  # theirs: the response is lost, and the other callbacks are skipped
        ("NewRequest", Forbidden(), 403),
        ("NewResponse", RuntimeError(), 500),  # theirs: to the server
        ("NewResponse", Forbidden(), 403),
    ],
)
def test_11_2_what_fails_outside_of_a_view_is_answered(where: str, error: Exception, status: int) -> None:
    sent, trail = failing(where, error)
    assert sent.status == status
    assert [each for each in trail if each.startswith("finished")]
    assert ("the last" in trail) is (where != "NewRequest")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_11_2_a_slash_too_few_is_a_redirect_that_keeps_the_method(method: str) -> None:
    app = Wadjet()

    @app.route("/s/", methods=["GET", "POST"])
    async def view() -> str:
        return "x"

    sent = run(app, method, "/s?q=1")
    assert (sent.status, sent.field(b"location")) == (308, b"./s/?q=1")  # theirs: 307, absolute


# -- 11.3 events ------------------------------------------------------------------------------------------------------------


def test_11_3_before_render_is_the_values_and_has_the_result() -> None:
    app, found = Wadjet(), []

    def before(event: BeforeRender) -> None:
        found.append((event["renderer_name"], event["request"].path, event.rendering_val))
        event.rendering_val["added"] = 1

    app.add_subscriber(before, BeforeRender)

    @app.get("/", renderer="json")
    async def view() -> Any:
        return {"a": 1}

    assert run(app).body == b'{"a":1,"added":1}'
    assert found[0][:2] == ("json", "/")


def test_11_3_who_wants_every_event_gets_them_in_the_order_recorded() -> None:
    app, trail = Wadjet(), []
    app.add_subscriber(lambda event: trail.append("NewRequest"), NewRequest)
    app.add_subscriber(lambda event: trail.append(f"every {type(event).__name__}"))
    run(app)
    # Theirs tells those of all events first.
    assert trail[:3] == ["every ApplicationCreated", "NewRequest", "every NewRequest"]


@pytest.mark.parametrize("event", [7, "text", {"a": 1}, Exception()])
def test_11_3_any_object_is_an_event(event: Any) -> None:
    app = Wadjet()
    found: list[Any] = []
    app.add_subscriber(found.append, type(event))

    @app.get("/")
    async def view(request: Request) -> None:
        await request.registry.notify(event)

    assert run(app).status == 204
    assert found == [event]


# -- 11.4 responses ---------------------------------------------------------------------------------------------------------


def test_11_4_an_adapter_makes_a_response_of_anything() -> None:
    class Number(int):
        pass

    app = Wadjet()
    app.add_response_adapter(Number, lambda number: Response(status_code=int(number)))

    @app.get("/")
    async def view() -> Any:
        return Number(204)

    assert run(app).status == 204
