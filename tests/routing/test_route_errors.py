"""``Route.error``: what answers the errors of one route, before the application's handlers are asked."""

from __future__ import annotations

from typing import Any

import pytest

from wadjet import Error, Request, Wadjet, get
from wadjet.errors import ConfigError, SignatureError
from wadjet.http.exceptions import NotFound, TooManyRequests
from wadjet.routing.route import Route
from wadjet.testing import TestClient


def failing(error: Exception) -> Route:
    @get("/")
    async def index() -> dict[str, int]:
        raise error

    return index


def text(app: Wadjet) -> str:
    return TestClient(app, raise_server_exceptions=False).get("/").text


def test_it_takes_nothing_the_request_or_both() -> None:
    none, one, both = failing(Error(404)), failing(Error(404)), failing(Error(404))

    @none.error(404)
    async def nothing() -> Any:
        return "nothing", 404

    @one.error(404)
    def request_only(request: Request) -> str:
        return request.path

    @both.error(404)
    async def request_and_error(request: Request, error: Error) -> str:
        return f"{request.path} {error.status_code}"

    assert [text(Wadjet(routes=[route])) for route in (none, one, both)] == ["nothing", "/", "/ 404"]


@pytest.mark.parametrize("key", [ValueError, Exception, 500])
def test_it_answers_crashes_by_class_and_by_status(key: Any) -> None:
    route = failing(ValueError("secret"))
    route.error(key)(lambda: "sorry")
    assert text(Wadjet(routes=[route])) == "sorry"


def test_it_is_asked_before_the_application_however_near_that_one_is() -> None:
    app = Wadjet(routes=[route := failing(NotFound())])
    route.error(404)(lambda: "the route's")

    @app.exception_handler(NotFound)
    async def general(request: Request, error: NotFound) -> str:
        return "the application's"

    assert text(app) == "the route's"


def test_what_it_has_no_answer_to_is_the_application_s() -> None:
    app = Wadjet(routes=[route := failing(TooManyRequests())])
    route.error(404)(lambda: "the route's")

    @app.exception_handler(429)
    async def general(request: Request, error: Exception) -> str:
        return "the application's"

    assert text(app) == "the application's"


def test_its_own_failure_is_a_crash(caplog: pytest.LogCaptureFixture) -> None:
    route = failing(Error(404))

    @route.error(404)
    async def broken() -> None:
        raise ValueError("secret")

    response = TestClient(Wadjet(routes=[route]), raise_server_exceptions=False).get("/")
    assert response.status_code == 500
    assert "secret" not in response.text
    assert "ValueError: secret" in caplog.text


def test_what_cannot_be_a_key_is_refused() -> None:
    route = failing(Error(404))
    for key in (200, True, "404", BaseException):
        with pytest.raises(ConfigError, match="give an exception class or a status"):
            route.error(key)  # type: ignore[arg-type]
    route.error(404)(lambda: "one")
    with pytest.raises(ConfigError, match=r"error\(404\) is taken by"):
        route.error(404)(lambda: "two")


def test_a_function_of_more_fails_at_assembly() -> None:
    route = failing(Error(404))
    route.error(404)(lambda a, b, c: "x")
    with pytest.raises(SignatureError, match="takes nothing, the request, or request and error"):
        Wadjet(routes=[route]).seal()
