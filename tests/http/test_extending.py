"""Attributes of an application's own on its requests."""

from __future__ import annotations

from typing import Any

import pytest

from wadjet import Request, Wadjet
from wadjet.errors import ConfigError, SealedError
from wadjet.testing import TestClient


def answered(app: Wadjet, expression: str) -> Any:
    @app.get("/")
    async def index(request: Request) -> Any:
        return eval(expression, {"request": request})

    return TestClient(app).get("/").json()


def test_a_method_a_property_and_one_that_is_computed_once() -> None:
    app, runs = Wadjet(), []

    @app.add_request_method
    def greet(request: Request, name: str) -> str:
        return f"{name} at {request.path}"

    @app.add_request_method(property=True)
    def tallied(request: Request) -> int:
        runs.append(1)
        return len(runs)

    app.add_request_method(tallied, "kept_count", reify=True)
    expression = (
        "[request.greet('ada'), request.tallied, request.tallied, request.kept_count, request.kept_count]"
    )
    assert answered(app, expression) == ["ada at /", 1, 2, 3, 3]


def test_what_is_computed_once_is_of_one_request() -> None:
    app = Wadjet()
    numbers = iter(range(9))
    app.add_request_method(lambda request: next(numbers), "number", reify=True)

    @app.get("/")
    async def index(request: Request) -> Any:
        return [request.number, request.number]  # type: ignore[attr-defined]  # given above

    client = TestClient(app)
    assert [client.get("/").json() for _ in range(2)] == [[0, 0], [1, 1]]


def test_what_fails_is_computed_again_and_its_attribute_error_is_its_own() -> None:
    app, runs = Wadjet(), []

    def broken(request: Any) -> None:
        runs.append(1)
        raise AttributeError("of its own")

    app.add_request_method(broken, reify=True)

    @app.get("/")
    async def index(request: Request) -> Any:
        for _ in range(2):
            with pytest.raises(AttributeError, match="of its own"):
                _ = request.broken  # type: ignore[attr-defined]  # given above
        return len(runs)

    assert TestClient(app).get("/").json() == 2


def test_other_applications_have_requests_without_it() -> None:
    app, inner = Wadjet(), Wadjet()
    app.add_request_method(lambda request: 7, "seven", property=True)

    @inner.get("/")
    async def index(request: Request) -> Any:
        return hasattr(request, "seven")

    app.mount("/inner", inner)
    app.get("/own")(index)
    client = TestClient(app)
    assert [client.get(path).json() for path in ("/inner/", "/own")] == [False, True]


def test_an_application_without_any_has_the_plain_class() -> None:
    request = Request.blank("/")
    Wadjet().seal().dispatch(request)
    assert type(request) is Request


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ((print, "path"), "requests have 'path' already"),
        ((print, "_mine"), "a name that does not begin with an underscore"),
        ((print, "my name"), "a name that does not begin"),
        ((7, "seven"), "give a function"),
        ((print, "twice"), "requests have 'twice' already"),
    ],
)
def test_a_name_that_cannot_be_is_an_error(given: Any, message: str) -> None:
    app = Wadjet()
    app.add_request_method(print, "twice")
    with pytest.raises(ConfigError, match=message):
        app.add_request_method(*given)


def test_an_attribute_is_no_coroutine() -> None:
    async def account(request: Any) -> None:
        pass

    with pytest.raises(ConfigError, match="an attribute cannot be awaited; make it a method"):
        Wadjet().add_request_method(account, reify=True)


def test_it_comes_in_time() -> None:
    app = Wadjet()
    app.seal()
    with pytest.raises(SealedError, match="add_request_method comes too late"):
        app.add_request_method(print)
