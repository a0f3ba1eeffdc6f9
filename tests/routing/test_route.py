import asyncio
import functools
import inspect
from typing import Any

import pytest

import wadjet
from wadjet import Route, Router, Wadjet
from wadjet.errors import RouteError
from wadjet.routing.route import METHODS, route
from wadjet.testing import TestClient


async def handler(a: int = 1) -> int:
    """Say it."""
    return a


def plain(a: int = 1) -> int:
    return a


VERBS = [(method, getattr(wadjet, method.lower())) for method in METHODS]


@pytest.mark.parametrize(("method", "verb"), VERBS)
def test_a_free_verb_decorates_or_takes_the_handler(method: str, verb: Any) -> None:
    for made in (verb("/x", name="n")(handler), verb("/x", handler, name="n")):
        assert isinstance(made, Route)
        assert (made.path, made.methods, made.handler, made.name) == ("/x", (method,), handler, "n")
    assert verb()(handler).path is None
    assert verb.__name__ == method.lower()


def test_a_route_may_have_several_methods() -> None:
    for made in (
        route("/x", methods=["get", "Post", "GET"])(handler),
        route("/x", handler, methods=["get", "post"]),
    ):
        assert made.methods == ("GET", "POST")
    assert route("/x", handler).methods == ("GET",)


def test_a_route_is_called_as_its_function() -> None:
    assert asyncio.run(wadjet.get("/x")(handler)(5)) == 5
    assert wadjet.get("/x")(plain)(a=6) == 6


def test_a_route_wraps_its_function_s_metadata() -> None:
    made = wadjet.get("/x")(handler)
    assert (made.__name__, made.__doc__, made.__wrapped__) == ("handler", "Say it.", handler)  # type: ignore[attr-defined]
    assert inspect.signature(made) == inspect.signature(handler)
    assert repr(made) == "<Route GET /x handler>"


def test_a_route_is_a_coroutine_function_if_it_wraps_one() -> None:
    for function, expected in ((handler, True), (plain, False), (functools.partial(handler, a=2), True)):
        made = wadjet.get("/x")(function)
        assert inspect.iscoroutinefunction(made) is expected or not hasattr(inspect, "markcoroutinefunction")
        assert asyncio.iscoroutinefunction(made) is expected


def test_a_route_works_as_a_method() -> None:
    class Greeter:
        name = "Ada"

        @wadjet.get("/x")
        async def greet(self, word: str) -> str:
            return f"{word} {self.name}"

    assert asyncio.run(Greeter().greet("Hello")) == "Hello Ada"
    assert isinstance(Greeter.greet, Route)


def test_a_route_may_be_decorated_again_by_another_verb() -> None:
    app = Wadjet()

    @app.get("/a")
    @app.post("/b", status_code=201)
    async def both() -> str:
        return "x"

    with TestClient(app) as client:
        assert client.get("/a").status_code == 200
        assert client.post("/b").status_code == 201
        assert client.post("/a").status_code == 405


def test_a_route_holds_no_state_of_an_application() -> None:
    made = wadjet.get("/x")(plain)
    one, two = Wadjet(routes=[made]), Wadjet(routes=[made])
    for app in (one, two):
        with TestClient(app) as client:
            assert client.get("/x?a=3").text == "3"


def test_the_name_is_the_option_or_the_function_s() -> None:
    class Callable:
        def __call__(self) -> None: ...

    assert wadjet.get("/x", handler).name == "handler"
    assert wadjet.get("/x", handler, name="n").name == "n"
    assert wadjet.get("/x", Callable()).name == "Callable"


def test_the_place_is_file_line_and_handler() -> None:
    line = handler.__code__.co_firstlineno
    assert wadjet.get("/x", handler).where == f"{__file__}:{line}: handler()"

    @functools.wraps(handler)
    def wrapper() -> None: ...

    assert wadjet.get("/x", wrapper).where == f"{__file__}:{line}: handler()"
    assert "print" in wadjet.get("/x", print).where


@pytest.mark.parametrize("verb", [wadjet.get, Wadjet().get, Router().get])
def test_an_unknown_option_names_the_route_and_the_options(verb: Any) -> None:
    with pytest.raises(RouteError) as caught:
        verb("/x", statuscode=1)(handler)
    message = str(caught.value)
    line = handler.__code__.co_firstlineno
    assert message.startswith(f"{__file__}:{line}: handler(): route '/x' has no option 'statuscode'; ")
    assert "status_code" in message


@pytest.mark.parametrize("value", ["handler", None, 5])
def test_what_is_no_function_is_refused(value: Any) -> None:
    with pytest.raises(RouteError, match=r"is not a function; write `@app.get\('/x'\)` above"):
        wadjet.get("/x")(value)


def test_a_route_without_methods_is_refused() -> None:
    with pytest.raises(RouteError, match=r"methods is empty; name at least one, as in methods=\['GET'\]"):
        route("/x", handler, methods=[])


@pytest.mark.parametrize("method", ["", "GE T", "GET\r\n", "é"])
def test_a_method_that_is_no_token_is_refused(method: str) -> None:
    with pytest.raises(RouteError, match="is no method"):
        route("/x", handler, methods=[method])


def test_methods_given_as_one_word_are_one_method() -> None:
    with pytest.raises(RouteError, match=r"methods='GET' is one text; write methods=\['GET'\]"):
        route("/x", handler, methods="GET")


def test_an_asterisk_is_not_all_methods() -> None:
    with pytest.raises(RouteError, match=r"name each, as in methods=\['GET', 'POST'\]"):
        route("/x", handler, methods=["*"])


def test_the_attributes_of_a_handler_are_not_the_route_s() -> None:
    class Download:
        def __init__(self) -> None:
            self.path, self.options = "data.txt", {"name": "no"}

        async def __call__(self) -> str:
            return self.path

    def remove() -> str:
        return "x"

    remove.methods = ("DELETE",)  # type: ignore[attr-defined]
    made = wadjet.get("/download", Download())
    assert (made.path, made.options) == ("/download", {})
    with TestClient(Wadjet(routes=[made, wadjet.get("/x", remove)])) as client:
        assert client.get("/download").text == "data.txt"
        assert client.get("/x").text == "x"
