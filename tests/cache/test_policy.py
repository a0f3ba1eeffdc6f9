"""What a route may say of keeping its answers, and what it is told where it may not."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Annotated, Any

import pytest

from tests.handlers.serving import assembling
from wadjet import Cookie, Header, Request, Response, Router, Wadjet
from wadjet.cache.policy import LONGEST, Policy
from wadjet.errors import ConfigError
from wadjet.testing import TestClient


def policy(sources: list[tuple[str, str]] | None = None, /, **options: Any) -> Policy | None:
    return Policy.of(options, ["GET"], sources or [], "app.py:1: index()")


def refusal(sources: list[tuple[str, str]] | None = None, /, **options: Any) -> str:
    with pytest.raises(ConfigError) as caught:
        policy(sources, **options)
    return str(caught.value)


class User:
    """What a provider gives."""


async def plain() -> str:
    return ""


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, None),
        ({"cache_rate": None, "cache_ttl": None, "cache_vary": None, "cache_private": None}, None),
        ({"cache_rate": 1}, None),
        ({"cache_rate": 10}, Policy(10, LONGEST)),
        ({"cache_ttl": 60}, Policy(None, 60.0)),
        ({"cache_ttl": 0.5}, Policy(None, 0.5)),
        ({"cache_ttl": timedelta(minutes=2)}, Policy(None, 120.0)),
        ({"cache_rate": 10, "cache_ttl": 60}, Policy(10, 60.0)),
        ({"cache_rate": 1, "cache_ttl": 60}, Policy(1, 60.0)),
        ({"cache_ttl": 9, "cache_vary": "Accept-Language"}, Policy(None, 9.0, ("accept-language",))),
        ({"cache_ttl": 9, "cache_vary": ["B", "a", "b"]}, Policy(None, 9.0, ("a", "b"))),
        ({"cache_ttl": 9, "cache_private": False}, Policy(None, 9.0)),
        (
            {"cache_ttl": 9, "cache_private": True},
            Policy(None, 9.0, ("authorization", "cookie"), is_private=True),
        ),
    ],
)
def test_options_become_a_policy(options: dict[str, Any], expected: Policy | None) -> None:
    assert policy(**options) == expected


@pytest.mark.parametrize(
    ("option", "value"),
    [("cache_rate", value) for value in (0, -1, 1.5, "10", True)]
    + [("cache_ttl", value) for value in (0, -1, "60", True, float("inf"), float("nan"), timedelta(0))]
    + [("cache_vary", value) for value in ("*", ["*"], "a b", "", [""], [1], 1, ["a\r\nb"])]
    + [("cache_private", value) for value in (1, "yes")],
)
def test_an_option_that_cannot_be_is_refused_with_what_it_could_be(option: str, value: object) -> None:
    message = refusal(**{"cache_ttl": 60, option: value})
    assert message.startswith(f"app.py:1: index(): {option}={value!r} is not ")


@pytest.mark.parametrize("options", [{"cache_vary": ("a",)}, {"cache_private": True}])
def test_for_whom_without_for_how_long_is_refused(options: dict[str, Any]) -> None:
    assert "add cache_rate= (requests) or cache_ttl= (seconds)" in refusal(**options)


def test_who_asks_is_no_field_to_vary_by() -> None:
    assert "write cache_private=True instead" in refusal(cache_ttl=1, cache_vary="Authorization")


@pytest.mark.parametrize(
    ("source", "remedy"),
    [
        (("header", "accept-language"), "cache_vary=('accept-language',)"),
        (("cookie", "theme"), "cache_vary=('cookie',)"),
        (("provider", "user"), "cache_vary= with the fields it is made of"),
    ],
)
def test_an_argument_that_the_address_does_not_show_is_refused(source: tuple[str, str], remedy: str) -> None:
    message = refusal([source], cache_rate=10)
    assert f"the argument {source[1]!r} is no part of the address" in message
    assert f"write {remedy}, or cache_private=True" in message


def test_an_argument_out_of_the_address_needs_nothing() -> None:
    assert policy([("path", "id"), ("query", "page")], cache_rate=10) == Policy(10)


@pytest.mark.parametrize(
    ("source", "vary"),
    [
        (("header", "accept-language"), ("accept-language",)),
        (("cookie", "theme"), ("cookie",)),
        (("provider", "locale"), ("accept-language",)),
    ],
)
def test_an_argument_whose_field_is_named_is_fine(source: tuple[str, str], vary: tuple[str, ...]) -> None:
    assert policy([source], cache_rate=10, cache_vary=vary) == Policy(10, vary=vary)


def test_another_field_than_the_arguments_does_not_do() -> None:
    assert "'x-other'" in refusal([("header", "x-other")], cache_rate=2, cache_vary="accept-language")


def test_private_answers_depend_on_every_field_that_the_handler_takes() -> None:
    found = policy(
        [("header", "x-trace"), ("cookie", "a"), ("provider", "b")], cache_rate=2, cache_private=True
    )
    assert found == Policy(2, LONGEST, ("authorization", "cookie", "x-trace"), is_private=True)


# -- in an application ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "QUERY", "OPTIONS"])
def test_a_method_whose_answers_are_not_kept_is_refused(method: str) -> None:
    message = assembling(plain, "/", method, cache_rate=10)
    assert f"cache_rate does not fit: it is for GET, and this route answers {method}" in message


def test_get_beside_another_method_is_refused_too() -> None:
    app = Wadjet()
    app.add("/", plain, methods=["GET", "POST"], cache_ttl=10)
    with pytest.raises(ConfigError, match="this route answers POST; give GET a route of its own"):
        app.seal()


def test_the_message_names_file_and_handler() -> None:
    assert f"{__file__}:" in assembling(plain, "/", "POST", cache_rate=10)
    assert "plain()" in assembling(plain, cache_rate=0)


def test_parameters_of_a_handler_are_looked_at() -> None:
    async def header(accept_language: Annotated[str, Header()] = "") -> str:
        return accept_language

    async def cookie(theme: Annotated[str, Cookie()] = "") -> str:
        return theme

    assert "write cache_vary=('accept-language',)" in assembling(header, cache_rate=2)
    assert "write cache_vary=('cookie',)" in assembling(cookie, cache_rate=2)


def test_a_parameter_that_a_provider_fills_is_looked_at() -> None:
    async def who(user: User) -> str:
        return ""

    app = Wadjet()
    app.provide(User, User)
    app.add("/", who, cache_rate=2)
    with pytest.raises(ConfigError, match="the argument 'user' is no part of the address"):
        app.seal()


def test_what_lives_as_long_as_the_application_is_the_same_for_everybody() -> None:
    async def count(user: User) -> int:
        return next(runs)

    app, runs = Wadjet(), itertools.count()
    app.provide(User, User, lifetime="app")
    app.add("/", count, cache_rate=2)
    with TestClient(app) as client:
        assert [client.get("/").text for _ in range(3)] == ["0", "0", "1"]


def test_a_handler_that_fills_a_response_is_refused() -> None:
    async def fill(response: Response[Any]) -> str:
        response.headers["x-a"] = "b"
        return ""

    assert "return one instead" in assembling(fill, cache_rate=2)


async def stream() -> AsyncIterator[str]:
    yield ""


def plain_stream() -> Iterator[str]:
    yield ""


@pytest.mark.parametrize("handler", [stream, plain_stream])
def test_a_handler_that_yields_is_refused(handler: Any) -> None:
    assert "a stream is not kept" in assembling(handler, cache_rate=2)


def test_the_default_of_a_router_holds_only_where_it_fits() -> None:
    runs = itertools.count()

    async def count() -> int:
        return next(runs)

    async def flow() -> AsyncIterator[str]:
        yield str(next(runs))

    async def fill(response: Response[Any], request: Request) -> int:
        return next(runs)

    router = Router(cache_rate=10)
    router.get("/")(count)
    router.post("/")(count)
    router.get("/stream")(flow)
    router.get("/fill")(fill)
    with TestClient(Wadjet(routes=[router])) as client:
        assert [client.get("/").text for _ in range(2)] == ["0", "0"]
        assert [client.post("/").text for _ in range(2)] == ["1", "2"]
        assert [client.get("/stream").text for _ in range(2)] == ["3", "4"]
        assert [client.get("/fill").text for _ in range(2)] == ["5", "6"]


def test_a_route_can_refuse_the_default_of_its_router() -> None:
    async def header(x_a: Annotated[str, Header()] = "") -> str:
        return x_a

    router = Router(cache_rate=10)
    router.get("/", cache_rate=None)(header)
    Wadjet(routes=[router]).seal()
    router = Router(cache_rate=10)
    router.get("/")(header)
    with pytest.raises(ConfigError, match="'x-a'"):
        Wadjet(routes=[router]).seal()
