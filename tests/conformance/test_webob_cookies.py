"""The cookies of WebOb, table by table, with the rules of RFC 6265bis."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.http.scopes import scope
from wadjet import Request
from wadjet.http.response import Response

#: Arguments; what stands in the field.
SET: list[tuple[tuple[Any, ...], dict[str, Any], str]] = [
    (("k", "v"), {}, "k=v; Path=/; SameSite=Lax"),
    (("k", "v"), {"samesite": None}, "k=v; Path=/"),
    (("k",), {"samesite": None}, "k=; Path=/"),
    # Better: the date is RFC 1123's. WebOb writes dashes.
    (
        ("k", "v", 60),
        {"samesite": None},
        "k=v; Max-Age=60; Expires=Sun, 06 Nov 1994 08:49:37 GMT; Path=/",
    ),
    (
        ("k", "v", timedelta(minutes=1)),
        {"samesite": None},
        "k=v; Max-Age=60; Expires=Sun, 06 Nov 1994 08:49:37 GMT; Path=/",
    ),
    (
        ("k", "v", 0),
        {"samesite": None},
        "k=v; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/",
    ),
    (
        ("k", "v"),
        {"domain": "d.com", "path": "/a", "secure": True, "httponly": True, "samesite": "lax"},
        "k=v; Path=/a; Domain=d.com; Secure; HttpOnly; SameSite=Lax",
    ),
    (("k", "v"), {"path": None, "samesite": None}, "k=v"),
    (("k", None), {"samesite": None}, "k=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/"),
    # Better: what is beyond ASCII is percent-encoded. WebOb writes octal escapes, and warns.
    (("k", "é"), {"samesite": None}, "k=%C3%A9; Path=/"),
    (("k", "a b"), {"samesite": None}, 'k="a b"; Path=/'),
    (("k", 'a b,"'), {"samesite": None}, 'k="a b,""; Path=/'),
    (("k", "a b,é"), {"samesite": None}, "k=a%20b%2C%C3%A9; Path=/"),
    (
        ("k", "v"),
        {"expires": timedelta(minutes=1), "samesite": None},
        "k=v; Expires=Sun, 06 Nov 1994 08:49:37 GMT; Path=/",
    ),
    (
        ("k", "v"),
        {"expires": datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC), "samesite": None},
        "k=v; Expires=Sun, 06 Nov 1994 08:49:37 GMT; Path=/",
    ),
    # Theirs is an AssertionError: these were words of RFC 2109.
    (("$x", "v"), {"samesite": None}, "$x=v; Path=/"),
    (("path", "v"), {"samesite": None}, "path=v; Path=/"),
    # Better: WebOb has neither.
    (("__Host-k", "v"), {"secure": True}, "__Host-k=v; Path=/; Secure; SameSite=Lax"),
    (
        ("k", "v"),
        {"secure": True, "samesite": "none", "partitioned": True},
        "k=v; Path=/; Secure; SameSite=None; Partitioned",
    ),
]


@pytest.mark.parametrize(("arguments", "options", "field"), SET)
def test_7_set_cookie(
    monkeypatch: pytest.MonkeyPatch, arguments: tuple[Any, ...], options: dict[str, Any], field: str
) -> None:
    monkeypatch.setattr(time, "time", lambda: 784111777 - 60)
    response = Response("x")
    response.set_cookie(*arguments, **options)
    assert response.headers.getall("set-cookie") == [field]


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        (("k", "v", "x"), {}),
        (("k", "v"), {"samesite": "none"}),
        (("k", "v"), {"samesite": "bogus"}),
        (("bad name", "v"), {}),  # WebOb: AssertionError
        (("é", "v"), {}),  # WebOb: UnicodeEncodeError
        (("k", "v"), {"path": "/\r\nX-Evil: 1"}),  # WebOb escapes it
        (("k", "v"), {"domain": "a.test\r\nX-Evil: 1"}),
        (("k", "v;w"), {}),
    ],
)
def test_7_what_set_cookie_refuses(arguments: tuple[Any, ...], options: dict[str, Any]) -> None:
    response = Response("x")
    with pytest.raises(ValueError):
        response.set_cookie(*arguments, **options)
    assert "set-cookie" not in response.headers


def test_7_repeated_names_accumulate_unless_they_are_overwritten() -> None:
    response = Response("x")
    for value in ("1", "2"):
        response.set_cookie("k", value, path=None, samesite=None)
    assert response.headers.getall("set-cookie") == ["k=1", "k=2"]
    response.set_cookie("k", "3", path=None, samesite=None, overwrite=True)
    assert response.headers.getall("set-cookie") == ["k=3"]


def test_7_deleting_says_every_attribute() -> None:
    """Better: WebOb cannot say Secure and SameSite, without which a ``__Host-`` cookie stays."""
    response = Response("x")
    response.delete_cookie("__Host-k", samesite="strict", httponly=True)
    assert response.headers["set-cookie"] == (
        "__Host-k=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/; Secure; HttpOnly; SameSite=Strict"
    )


@pytest.mark.parametrize("how", ["unset", "overwrite", "merge"])
def test_14_2_2_other_cookies_lose_nothing(how: str) -> None:
    other = "a=1; Max-Age=5; Path=/; Secure; HttpOnly; SameSite=None"
    response = Response(
        "x", headers=[("set-cookie", other), ("set-cookie", "a=2; SameSite=None"), ("set-cookie", "k=1")]
    )
    if how == "unset":
        response.unset_cookie("k")
    elif how == "overwrite":
        response.set_cookie("k", "2", overwrite=True)
    else:
        response = response.merge_cookies(Response("y"))
    assert response.headers.getall("set-cookie")[:2] == [other, "a=2; SameSite=None"]


def test_7_unsetting_what_was_not_set_is_an_error_where_it_is_strict() -> None:
    with pytest.raises(KeyError):
        Response("x").unset_cookie("k")
    Response("x").unset_cookie("k", strict=False)


#: What a client sends; what is read.
READ: list[tuple[str, dict[str, str]]] = [
    ("a=1; b=2", {"a": "1", "b": "2"}),
    ("a=1;b=2", {"a": "1", "b": "2"}),
    ('a="1 2"', {"a": "1 2"}),
    # Theirs takes the last, and a cookie of a parent domain with it.
    ("a=1; a=2", {"a": "1"}),
    # Theirs divides at commas.
    ("a=1,b=2", {"a": "1,b=2"}),
    # Theirs passes over these names.
    ("path=/; expires=x; $Version=1", {"path": "/", "expires": "x", "$Version": "1"}),
    # Theirs decodes octal escapes of RFC 2109, which no browser writes.
    ('a="\\303\\251"', {"a": "\\303\\251"}),
    # Theirs makes a text of no characters of it.
    ("a=\xe9", {"a": "\xe9"}),
    ("; a=1", {"a": "1"}),
]


@pytest.mark.parametrize(("field", "cookies"), READ)
def test_7_reading(field: str, cookies: dict[str, str]) -> None:
    assert Request(scope(headers={"cookie": field})).cookies == cookies


def test_14_2_14_a_cookie_that_is_removed_leaves_nothing() -> None:
    """Theirs leaves ``; `` at the front."""
    request = Request.blank("/", cookies={"a": "1", "b": "2"})
    assert request.headers["cookie"] == "a=1; b=2"
    request.cookies = {"b": "2"}
    assert request.headers["cookie"] == "b=2"
    request.cookies = {}
    assert "cookie" not in request.headers
