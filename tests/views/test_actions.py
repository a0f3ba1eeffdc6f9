"""@action: where an action answers, and what cannot be one."""

from __future__ import annotations

import functools
from typing import Any

import pytest

import wadjet
from wadjet import View, Wadjet, action
from wadjet.errors import RouteError
from wadjet.testing import TestClient


class Users(View):
    async def get(self) -> str:
        return "all"

    @action
    async def bare(self) -> str:
        return "bare"

    @action(methods=["get", "POST"], url_path="by-year/{year:int}")
    async def by_year(self, year: int) -> int:
        return year

    @action(detail=True, methods=["POST"], name="off")
    def deactivate(self, id: int) -> dict[str, int]:
        return {"id": id}

    @action(detail=True)
    @wadjet.post(status_code=202, response_exclude_none=True)
    async def queue(self, id: str) -> Any:
        return {"id": id, "at": None}

    @action()
    @staticmethod
    async def version() -> str:
        return "1"

    async def not_one(self) -> str:
        return "unseen"

    async def _helper(self) -> str:
        return "unseen"


def asked(view: type[View], base: str, method: str, path: str) -> tuple[int, str]:
    app = Wadjet()
    view.register(app, base)
    app.seal()
    response = TestClient(app, raise_server_exceptions=False).request(method, path)
    return response.status_code, response.text


@pytest.mark.parametrize(
    ("method", "path", "answer"),
    [
        ("GET", "/users", (200, "all")),
        ("GET", "/users/bare", (200, "bare")),
        ("GET", "/users/by-year/1999", (200, "1999")),
        ("POST", "/users/by-year/1999", (200, "1999")),
        ("POST", "/users/7/deactivate", (200, '{"id":7}')),
        ("POST", "/users/7/queue", (202, '{"id":"7"}')),
        ("GET", "/users/version", (200, "1")),
    ],
)
def test_an_action_answers_below_the_view(method: str, path: str, answer: tuple[int, str]) -> None:
    assert asked(Users, "/users", method, path) == answer


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/users/not_one", 404),
        ("GET", "/users/_helper", 404),
        ("GET", "/users/7/queue", 405),
        ("HEAD", "/users/bare", 200),
        ("OPTIONS", "/users/bare", 204),
        ("POST", "/users/seven/deactivate", 422),
    ],
)
def test_nothing_else_is_a_route(method: str, path: str, status: int) -> None:
    assert asked(Users, "/users", method, path)[0] == status


@pytest.mark.parametrize(
    ("base", "path"),
    [
        ("/users", "/users/7/deactivate"),
        ("/users/", "/users/7/deactivate"),
        ("/", "/7/deactivate"),
        ("/users/{id}", "/users/7/deactivate"),
        ("/users/{id:int}", "/users/7/deactivate"),
        ("/{id}/x", "/7/x/8/deactivate"),
        ("/v{number}", "/v2/7/deactivate"),
    ],
)
def test_an_action_for_one_uses_the_parameter_that_the_path_ends_in(base: str, path: str) -> None:
    class One(View):
        @action(detail=True, methods=["POST"])
        async def deactivate(self) -> str:
            return "off"

    if base == "/{id}/x":
        with pytest.raises(RouteError, match="'id' stands here a second time"):
            asked(One, base, "POST", path)
    else:
        assert asked(One, base, "POST", path) == (200, "off")


def test_an_override_keeps_its_action_and_none_takes_it_away() -> None:
    class Fewer(Users):
        bare = None  # type: ignore[assignment]  # that is how a route is taken away

        async def by_year(self, year: int) -> int:
            return year + 1

    assert asked(Fewer, "/users", "GET", "/users/by-year/1") == (200, "2")
    assert asked(Fewer, "/users", "GET", "/users/bare")[0] == 404
    assert asked(Fewer, "/users", "GET", "/users/version") == (200, "1")


def test_a_function_stays_what_it_was() -> None:
    async def plain(self: Any) -> str:
        return "x"

    assert action(detail=True)(plain) is plain


@pytest.mark.parametrize(
    ("declare", "message"),
    [
        (lambda: action(methods="GET"), r"write methods=\['GET'\]"),
        (lambda: action(methods=[]), "name at least one method"),
        (lambda: action(methods=["GET IT"]), "each a word"),
        (lambda: action(url_path=""), "between slashes already"),
        (lambda: action(url_path="/search"), "between slashes already"),
        (lambda: action(url_path="search/"), "between slashes already"),
        (lambda: action(action(named("x"))), "has two @action"),
        (lambda: action(named("_x")), "private and never becomes a route"),
        (lambda: action()(wadjet.get("/x", named("x"))), "has the path '/x' already"),
    ],
)
def test_what_cannot_be_an_action_is_said_at_once(declare: Any, message: str) -> None:
    with pytest.raises(RouteError, match=message):
        declare()


def named(name: str) -> Any:
    async def function(self: Any) -> None: ...

    function.__name__ = name
    return function


def declaring(**attributes: Any) -> Any:
    return functools.partial(asked, type("Broken", (View,), attributes), "/", "GET", "/")


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (declaring(get=action(named("get"))), r"cannot be an action too; .*@action\(url_path='get'\)"),
        (
            declaring(x=wadjet.get()(action(named("x")))),
            r"Broken.x\(\) has its verb above @action",
        ),
        (declaring(get=wadjet.post(None, named("get"))), r"write @get\(\) without a path"),
        (declaring(get=wadjet.get("/x", named("get"))), r"write @get\(\) without a path"),
        (declaring(_x=wadjet.get("/x", named("_x"))), "private and never becomes a route"),
    ],
)
def test_what_a_class_cannot_declare_is_said_at_assembly(build: Any, message: str) -> None:
    with pytest.raises(RouteError, match=message):
        build()
