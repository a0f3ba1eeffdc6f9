"""Who is told of which events, in which order, on which conditions."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from wadjet import Request, Response, Wadjet
from wadjet.errors import ConfigError, SealedError
from wadjet.events import (
    ApplicationCreated,
    BeforeRender,
    BeforeTraversal,
    ContextFound,
    NewRequest,
    NewResponse,
    subscriber,
)
from wadjet.http.exceptions import Forbidden
from wadjet.middleware.base import BaseMiddleware
from wadjet.middleware.security import SecurityMiddleware
from wadjet.testing import TestClient

ALL = (ApplicationCreated, NewRequest, BeforeTraversal, ContextFound, BeforeRender, NewResponse)


def telling(app: Wadjet, *events: type) -> list[str]:
    told: list[str] = []
    for event in events:
        app.add_subscriber(lambda event: told.append(type(event).__name__), event)
    return told


def test_the_events_of_a_request_come_in_order_around_its_handler() -> None:
    app = Wadjet()
    told = telling(app, *ALL)

    @app.get("/", renderer="json")
    async def index(request: Request) -> Any:
        told.append("handler")
        request.add_response_callback(lambda request, response: told.append("response callback"))
        request.add_finished_callback(lambda request: told.append("finished callback"))
        return {}

    with TestClient(app) as client:
        assert told == ["ApplicationCreated"]
        client.get("/")
        client.get("/")
    once = ["NewRequest", "BeforeTraversal", "ContextFound", "handler", "BeforeRender"]
    once += ["response callback", "NewResponse", "finished callback"]
    assert told == ["ApplicationCreated", *once, *once]


def test_what_nothing_answers_has_no_context_and_yet_a_request_and_a_response() -> None:
    app = Wadjet()
    told = telling(app, *ALL)
    assert TestClient(app).get("/nowhere").status_code == 404
    assert told == ["ApplicationCreated", "NewRequest", "NewResponse"]


def test_an_application_that_starts_again_is_created_once() -> None:
    app = Wadjet()
    told = telling(app, ApplicationCreated)
    for _ in range(2):
        with TestClient(app):
            pass
    assert told == ["ApplicationCreated"]


def test_the_event_of_creation_has_the_application_under_both_names() -> None:
    event = ApplicationCreated("app")
    assert (event.app, event.object) == ("app", "app")


def test_without_subscribers_the_plans_have_no_hooks_for_them() -> None:
    app, told = Wadjet(), Wadjet()
    for each in (app, told):
        each.get("/")(lambda: "x")
    telling(told, NewRequest)
    codes = [each.seal().dispatch(Request.blank("/")).handle.__code__.co_name for each in (app, told)]  # type: ignore[union-attr]
    assert codes == ["handle", "fused"]


def test_order_is_by_number_and_then_by_when_it_was_recorded() -> None:
    app, told = Wadjet(), []
    for name, order in (("c", 0), ("d", 0), ("e", 5), ("a", -2), ("b", -2)):
        app.add_subscriber(lambda event, name=name: told.append(name), NewRequest, order=order)
    TestClient(app).get("/")
    assert told == ["a", "b", "c", "d", "e"]


def test_asynchronous_subscribers_are_waited_for_and_keep_their_place() -> None:
    app, told = Wadjet(), []

    def plain(event: Any) -> None:
        told.append("plain")

    async def waiting(event: Any) -> None:
        told.append("waiting")

    for function in (plain, waiting, plain, waiting):
        app.add_subscriber(function, NewRequest)
    TestClient(app).get("/")
    assert told == ["plain", "waiting", "plain", "waiting"]


def test_an_exception_of_a_subscriber_answers_inside_of_the_middleware() -> None:
    app = Wadjet(middleware=[SecurityMiddleware])

    async def refuse(event: NewRequest) -> None:
        raise Forbidden("not you")

    app.add_subscriber(refuse, NewRequest)
    app.get("/")(lambda: "x")
    response = TestClient(app).get("/")
    assert response.status_code == 403
    assert response.headers["x-content-type-options"] == "nosniff"


def test_an_exception_of_a_subscriber_of_responses_replaces_the_response() -> None:
    app = Wadjet()

    def fail(event: NewResponse) -> None:
        raise Forbidden("too late")

    app.add_subscriber(fail, NewResponse)
    app.get("/")(lambda: "x")
    assert TestClient(app).get("/").status_code == 403


def test_what_middleware_answers_early_is_no_new_request() -> None:
    class Early(BaseMiddleware):
        def before(self, request: Request) -> Response[Any]:
            return Response("early")

    app = Wadjet(middleware=[Early])
    told = telling(app, NewRequest, NewResponse)
    assert TestClient(app).get("/").text == "early"
    assert told == []


def test_a_response_can_be_changed_by_its_event() -> None:
    app = Wadjet()

    def change(event: NewResponse) -> None:
        event.response.headers["x-told"] = event.request.path

    app.add_subscriber(change, NewResponse)
    app.get("/x")(lambda: "x")
    assert TestClient(app).get("/x").headers["x-told"] == "/x"


def test_what_is_mounted_is_a_request_too() -> None:
    inner, app = Wadjet(), Wadjet()
    inner.get("/y")(lambda: "y")
    app.mount("/x", inner)
    told = telling(app, NewRequest, NewResponse, ContextFound)
    assert TestClient(app).get("/x/y").text == "y"
    assert told == ["NewRequest", "NewResponse"]


@pytest.mark.parametrize(
    ("predicates", "expected"),
    [
        ({"request_method": "POST"}, ["POST /a"]),
        ({"request_method": "GET"}, ["GET /a", "HEAD /a", "GET /b"]),
        ({"request_method": ("GET", "POST")}, ["GET /a", "HEAD /a", "POST /a", "GET /b"]),
        ({"path_info": "/b"}, ["GET /b"]),
        ({"route_name": "a"}, ["GET /a", "HEAD /a", "POST /a"]),
        ({"route_name": "a", "request_method": "POST"}, ["POST /a"]),
        ({"when": lambda event: "b" in event.request.path}, ["GET /b"]),
    ],
)
@pytest.mark.parametrize("is_async", [False, True])
def test_predicates_all_have_to_say_yes(predicates: Any, expected: list[str], is_async: bool) -> None:
    app, told = Wadjet(), []

    async def waiting(event: Any) -> None:
        pass

    def tell(event: NewRequest) -> None:
        told.append(f"{event.request.method} {event.request.path}")

    if is_async:
        app.add_subscriber(waiting, NewRequest)
    app.add_subscriber(tell, NewRequest, **predicates)
    app.route("/a", methods=["GET", "POST"], name="a")(lambda: "a")
    client = TestClient(app)
    for method, path in (("GET", "/a"), ("HEAD", "/a"), ("POST", "/a"), ("GET", "/b")):
        client.request(method, path)
    assert told == expected


def test_predicates_ask_before_render_by_its_request() -> None:
    app, told = Wadjet(), []
    app.add_subscriber(lambda event: told.append(event["request"].path), BeforeRender, path_info="/a")
    for path in ("/a", "/b"):
        app.get(path, renderer="json")(lambda: 7)
    client = TestClient(app)
    client.get("/a")
    client.get("/b")
    assert told == ["/a"]


@pytest.mark.parametrize(
    ("events", "given", "message"),
    [
        ((NewRequest,), {"methods": "GET"}, "there is no predicate 'methods'; there are request_method, path_info, route_name"),
        ((ApplicationCreated,), {"path_info": "/"}, "path_info= is about a request, and not all of these events have one"),
        ((), {"path_info": "/"}, "path_info= is about a request"),
        ((NewRequest,), {"path_info": "("}, r"path_info='\(' is no regular expression"),
        ((NewRequest,), {"path_info": 3}, "path_info=3 is no regular expression"),
        ((NewRequest,), {"request_method": "get"}, "request_method='get' is no method in capitals"),
        ((NewRequest,), {"route_name": 3}, "route_name=3 is no name"),
    ],
)  # fmt: skip
def test_a_predicate_that_cannot_be_is_an_error_where_it_is_written(
    events: Any, given: Any, message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        subscriber(*events, **given)(print)


def test_who_subscribes_is_a_function() -> None:
    given: Any = 7
    with pytest.raises(ConfigError, match="this is no function"):
        Wadjet().add_subscriber(given, NewRequest)


def test_nobody_subscribes_when_the_application_serves() -> None:
    app = Wadjet()
    app.seal()
    with pytest.raises(SealedError, match="add_subscriber comes too late"):
        app.add_subscriber(print, NewRequest)


class Sold:
    def __init__(self, what: str) -> None:
        self.what = what


class SoldAgain(Sold):
    pass


def test_events_of_ones_own_go_to_their_class_and_its_bases() -> None:
    app, told = Wadjet(), []
    app.add_subscriber(lambda event: told.append(("sold", event.what)), Sold)
    app.add_subscriber(lambda event: told.append(("any", type(event).__name__)))

    async def later(event: SoldAgain) -> None:
        told.append(("again", event.what))

    app.add_subscriber(later, SoldAgain)

    @app.get("/")
    async def index(request: Request) -> None:
        assert request.registry is app.registry
        assert request.registry.settings is app.settings
        told.clear()
        await request.registry.notify(Sold("lamp"))
        await request.registry.notify(SoldAgain("chair"))

    TestClient(app).get("/")
    assert told[:2] == [("sold", "lamp"), ("any", "Sold")]
    assert told[2:5] == [("sold", "chair"), ("any", "SoldAgain"), ("again", "chair")]


def test_an_event_that_nobody_wants_is_told_to_nobody() -> None:
    app = Wadjet()
    told = telling(app, *ALL)
    asyncio.run(app.registry.notify(Sold("lamp")))
    assert told == []
