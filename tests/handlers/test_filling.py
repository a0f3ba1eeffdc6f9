"""An injected response: its status, fields and cookies leave with what the handler returns."""

from __future__ import annotations

from typing import Any

import pytest

from wadjet import JSONResponse, RedirectResponse, Response, Wadjet, get
from wadjet.errors import SignatureError
from wadjet.routing.route import Route
from wadjet.testing import TestClient


def ask(route: Route) -> Any:
    return TestClient(Wadjet(routes=[route]), raise_server_exceptions=False).get("/")


def test_what_it_says_leaves_with_the_result() -> None:
    @get("/")
    async def index(response: Response[Any]) -> Any:
        response.status_code = 202
        response.headers["x-a"] = "b"
        response.set_cookie("c", "v")
        return {"hello": "there"}

    found = ask(index)
    assert (found.status_code, found.json()) == (202, {"hello": "there"})
    assert found.headers["content-type"] == "application/json"
    assert (found.headers["x-a"], found.cookies["c"]) == ("b", "v")


def test_without_a_result_it_is_the_response() -> None:
    @get("/")
    async def index(response: Response[Any]) -> None:
        response.text = "hello"

    found = ask(index)
    assert (found.status_code, found.text) == (200, "hello")
    assert found.headers["content-type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize(("options", "status"), [({}, 204), ({"status_code": 202}, 202)])
def test_without_a_result_and_untouched_nothing_changes(options: Any, status: int) -> None:
    @get("/", **options)
    async def index(response: Response[Any]) -> None:
        pass

    found = ask(index)
    assert (found.status_code, found.content) == (status, b"")


def test_it_begins_with_the_status_of_the_route() -> None:
    @get("/", status_code=201)
    async def index(response: Response[Any]) -> Any:
        return response.status_code

    found = ask(index)
    assert (found.status_code, found.text) == (201, "201")


def test_returned_it_is_the_response() -> None:
    @get("/")
    async def index(response: JSONResponse) -> Any:
        response.json = {"a": 1}
        return response

    assert ask(index).json() == {"a": 1}


def test_another_response_is_sent_as_it_is() -> None:
    @get("/")
    async def index(response: Response[Any]) -> Any:
        response.status_code = 500
        return Response("mine", 203)

    found = ask(index)
    assert (found.status_code, found.text) == (203, "mine")


def test_a_declared_type_is_still_checked() -> None:
    @get("/")
    async def index(response: Response[Any]) -> int:
        response.headers["x-a"] = "b"
        return "123"  # type: ignore[return-value]

    found = ask(index)
    assert (found.text, found.headers["x-a"]) == ("123", "b")


def test_each_request_has_its_own() -> None:
    @get("/")
    async def index(response: Response[Any]) -> str:
        assert "set-cookie" not in response.headers
        response.set_cookie("a", "b")
        return "x"

    client = TestClient(Wadjet(routes=[index]))
    assert [len(client.get("/").headers.get_list("set-cookie")) for _ in range(3)] == [1, 1, 1]


def test_a_plain_handler_may_have_one() -> None:
    @get("/")
    def index(response: Response[Any]) -> str:
        response.status_code = 203
        return "x"

    assert ask(index).status_code == 203


def test_two_of_them_or_one_that_cannot_be_made_fail_at_assembly() -> None:
    async def two(a: Response[Any], b: Response[Any]) -> None:
        pass

    async def needy(a: RedirectResponse) -> None:
        pass

    with pytest.raises(SignatureError, match="parameter 'b': one response is enough; 'a' is it already"):
        Wadjet(routes=[get("/", two)]).seal()
    with pytest.raises(SignatureError, match="an empty RedirectResponse cannot be made"):
        Wadjet(routes=[get("/", needy)]).seal()
