from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from wadjet.http.exceptions import NotFound
from wadjet.http.response import (
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)


def lines(response: Response[Any]) -> list[str]:
    return response.headers.getall("set-cookie")


def attributes(line: str) -> dict[str, str]:
    pairs = [part.strip().partition("=") for part in line.split(";")[1:]]
    return {name.lower(): value for name, _, value in pairs}


@pytest.mark.parametrize(
    "response",
    [
        Response("x"),
        JSONResponse({}),
        HTMLResponse(""),
        PlainTextResponse(""),
        RedirectResponse("/"),
        StreamingResponse([]),
        NotFound(),
    ],
)
def test_every_response_sets_cookies(response: Response[Any]) -> None:
    response.set_cookie("a", "b")
    assert lines(response) == ["a=b; Path=/; SameSite=Lax"]


def test_two_cookies_are_two_fields() -> None:
    """CK-50."""
    response = Response("x")
    response.set_cookie("a", "1")
    response.set_cookie("b", "2")
    assert [line.partition(";")[0] for line in lines(response)] == ["a=1", "b=2"]


def test_a_lifetime_says_when_it_ends_too() -> None:
    response = Response("x")
    response.set_cookie("a", "1", 60)
    response.set_cookie("b", "1", timedelta(hours=1))
    response.set_cookie("c", "1", expires=datetime(2030, 3, 17, 17, 46, 40, tzinfo=UTC))
    first, second, third = map(attributes, lines(response))
    assert (first["max-age"], second["max-age"]) == ("60", "3600")
    assert "expires" in first
    assert third["expires"] == "Sun, 17 Mar 2030 17:46:40 GMT"  # CK-26


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        pytest.param("a", {"samesite": "none"}, id="CK-42"),
        pytest.param("a", {"partitioned": True}, id="CK-43"),
        pytest.param("__Host-a", {"path": "/app", "secure": True}, id="CK-44 path"),
        pytest.param("__Host-a", {"secure": True, "domain": "own.test"}, id="CK-44 domain"),
        pytest.param("__Host-a", {}, id="CK-44 secure"),
        pytest.param("__Secure-a", {}, id="CK-46"),
        pytest.param("", {}, id="CK-35"),
        pytest.param("a", {"value": "x\nX-Evil: 1"}, id="CK-29"),
        pytest.param("a", {"path": "/; Domain=evil.test"}, id="CK-38"),
        pytest.param("a", {"samesite": "Lax; Domain=evil.test"}, id="CK-41"),
        pytest.param("a b", {}, id="space in the name"),
    ],
)
def test_a_cookie_that_browsers_refuse_is_an_error(name: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        Response("x").set_cookie(name, **arguments)


def test_a_valid_host_cookie_passes() -> None:
    """CK-47."""
    response = Response("x")
    response.set_cookie("__Host-a", "x", secure=True)
    assert lines(response) == ["__Host-a=x; Path=/; Secure; SameSite=Lax"]


def test_a_value_beyond_ascii_never_leaves_as_it_is() -> None:
    """CK-37."""
    response = Response("x")
    try:
        response.set_cookie("a", "é€")
    except ValueError:
        return
    assert lines(response)[0].isascii()


def test_deleting_ends_the_cookie_that_has_the_same_attributes() -> None:
    """CK-48, CK-49."""
    response = Response("x")
    response.delete_cookie("a", "/app", "own.test", secure=True, httponly=True, samesite="strict")
    response.delete_cookie("__Host-a")
    first, second = lines(response)
    assert attributes(first) | {"expires": ""} == {
        "max-age": "0",
        "expires": "",
        "path": "/app",
        "domain": "own.test",
        "secure": "",
        "httponly": "",
        "samesite": "Strict",
    }
    assert "secure" in attributes(second)


def test_view_py_s_spelling_sets_the_same_cookie() -> None:
    response = Response("x")
    response.cookie("a", "b", max_age=5, http_only=True, same_site="strict", secure=True, domain="own.test")
    response.cookie("c")
    first, second = lines(response)
    assert attributes(first).keys() == {"max-age", "expires", "domain", "secure", "httponly", "samesite"}
    assert second == "c=; SameSite=Lax"
    response.cookie(key="d", value="e")
    response.set_cookie("f", max_age=timedelta(seconds=1))


def test_what_follows_the_lifetime_is_given_by_name() -> None:
    with pytest.raises(TypeError):
        Response("x").set_cookie("a", "b", 5, None)  # type: ignore[call-arg]


def test_the_name_may_be_called_key() -> None:
    response = Response("x")
    response.set_cookie(key="a", value="b")
    response.delete_cookie(key="c")
    assert [line.partition("=")[0] for line in lines(response)] == ["a", "c"]
    ways: list[Any] = [response.set_cookie, response.delete_cookie]
    for way in ways:
        with pytest.raises(TypeError, match="a cookie has one name"):
            way()
        with pytest.raises(TypeError, match="a cookie has one name"):
            way("a", key="a")


def test_no_value_deletes() -> None:
    response = Response("x")
    response.set_cookie("a", None, 60)
    assert lines(response) == ["a=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/; SameSite=Lax"]


# -- taken back ----------------------------------------------------------------------------------------------------------------

OTHERS = [
    "b=1; Max-Age=5; Path=/; Secure; HttpOnly; SameSite=None; Partitioned",
    "b=2; unknown=attribute",
    "ab=1; Path=/",
    "A=1",
]


@pytest.mark.parametrize("overwrite", [False, True])
def test_other_cookies_keep_their_attributes(overwrite: bool) -> None:
    """WebOb loses Secure and HttpOnly of the survivors."""
    response = Response("x", headers=[("set-cookie", line) for line in ["a=1; Path=/x", *OTHERS, "a=2"]])
    if overwrite:
        response.set_cookie("a", "3", overwrite=True)
        assert lines(response) == [*OTHERS, "a=3; Path=/; SameSite=Lax"]
    else:
        response.unset_cookie("a")
        assert lines(response) == OTHERS
        with pytest.raises(KeyError):
            response.unset_cookie("a")
        response.unset_cookie("a", strict=False)
        with pytest.raises(KeyError):
            response.unset_cookie("\u20ac")


def test_a_cookie_that_cannot_be_set_takes_nothing_back() -> None:
    response = Response("x", headers={"set-cookie": "a=1"})
    with pytest.raises(ValueError):
        response.set_cookie("a", "x;y", overwrite=True)
    assert lines(response) == ["a=1"]


def test_cookies_are_added_to_another_response() -> None:
    response, other = Response("x"), Response("y", headers={"set-cookie": "a=1"})
    response.set_cookie("b", "2", secure=True, httponly=True)
    assert response.merge_cookies(other) is other
    assert lines(other) == ["a=1", "b=2; Path=/; Secure; HttpOnly; SameSite=Lax"]
    assert lines(response) == ["b=2; Path=/; Secure; HttpOnly; SameSite=Lax"]
