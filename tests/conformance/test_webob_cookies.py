"""The cookies of WebOb, table by table, with the rules of RFC 6265bis."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest

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
