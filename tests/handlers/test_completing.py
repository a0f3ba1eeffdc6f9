"""What was put on ``request.response`` leaves with what the handler returns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from wadjet import JSONResponse, Request, Wadjet
from wadjet.http.exceptions import NotFound
from wadjet.testing import TestClient


def fill(request: Request) -> None:
    request.response.set_cookie("a", "1")
    request.response.headers["x-mine"] = "yes"
    request.response.status_code = 201


def answer(function: Callable[[Request], Any], **options: Any) -> Any:
    app = Wadjet()
    app.get("/", **options)(function)
    return TestClient(app, raise_server_exceptions=False).get("/")


@pytest.mark.parametrize("options", [{}, {"renderer": "json"}, {"cache_rate": 5, "cache_private": True}])
def test_status_fields_and_cookies_are_on_results(options: Any) -> None:
    async def index(request: Request) -> Any:
        fill(request)
        return {"n": 7}

    response = answer(index, **options)
    assert (response.status_code, response.json(), response.headers["x-mine"]) == (201, {"n": 7}, "yes")
    assert response.headers["set-cookie"].startswith("a=1;")


def test_nothing_returned_is_the_response_itself() -> None:
    def index(request: Request) -> None:
        request.response.content_type = "text/csv"
        request.response.text = "a,b"

    response = answer(index)
    assert (response.status_code, response.text) == (200, "a,b")
    assert response.headers["content-type"].startswith("text/csv")


def test_nothing_returned_and_nothing_filled_is_no_content() -> None:
    def index(request: Request) -> None:
        assert request.response is request.response

    assert answer(index).status_code == 204


@pytest.mark.parametrize("is_raised", [False, True])
def test_a_response_of_its_own_is_sent_as_it_is(is_raised: bool) -> None:
    async def index(request: Request) -> Any:
        fill(request)
        if is_raised:
            raise NotFound
        return JSONResponse({"own": 1})

    response = answer(index)
    assert response.status_code == (404 if is_raised else 200)
    assert "x-mine" not in response.headers
    assert "set-cookie" not in response.headers


def test_it_is_not_kept_for_other_clients() -> None:
    app, runs = Wadjet(), []

    @app.get("/", cache_ttl=60)
    async def index(request: Request) -> Any:
        runs.append(1)
        request.response.set_cookie("who", str(len(runs)))
        return "x"

    client = TestClient(app)
    assert [client.get("/").headers["set-cookie"][:5] for _ in range(2)] == ["who=1", "who=2"]
