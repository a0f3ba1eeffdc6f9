"""The responses of OpenViper, table by table, and what is wrong with them and not with ours."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from wadjet import Wadjet
from wadjet.http.response import (
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from wadjet.testing import TestClient


class Colour(enum.Enum):
    RED = "red"


@dataclasses.dataclass
class Point:
    x: int


class Reference:
    fk_id = UUID(int=1)


KINDS: list[tuple[Response[Any], str | None, bytes]] = [
    (JSONResponse({"a": 1}), "application/json", b'{"a":1}'),
    (HTMLResponse("<b>"), "text/html; charset=utf-8", b"<b>"),
    (PlainTextResponse("é"), "text/plain; charset=utf-8", "é".encode()),
    (RedirectResponse("/a"), None, b""),
    (Response(b"x"), "application/octet-stream", b"x"),
]


@pytest.mark.parametrize(("response", "kind", "body"), KINDS)
def test_3_2_kinds(response: Response[Any], kind: str | None, body: bytes) -> None:
    assert (response.headers.get("content-type"), response.body) == (kind, body)


#: What can be written as JSON. Better from Decimal on: OpenViper answers 500.
DOCUMENTS: list[tuple[Any, bytes]] = [
    (datetime(2026, 1, 2, tzinfo=UTC), b'"2026-01-02T00:00:00+00:00"'),
    (date(2026, 1, 2), b'"2026-01-02"'),
    (UUID(int=1), b'"00000000-0000-0000-0000-000000000001"'),
    (Colour.RED, b'"red"'),
    ({"author": Reference()}, b'{"author":"00000000-0000-0000-0000-000000000001"}'),
    ([float("nan"), float("inf")], b"[null,null]"),
    ([Point(1)], b'[{"x":1}]'),
    ([Decimal("1.10")], b'["1.10"]'),
    ([{1}], b"[[1]]"),
    ([b"x"], b'["x"]'),
    ({1: 2}, b'{"1":2}'),
    ([2**70], b"[1180591620717411303424]"),
]


@pytest.mark.parametrize(("value", "document"), DOCUMENTS)
@pytest.mark.parametrize("indent", [None, 2, 4])
def test_3_2_json(value: Any, document: bytes, indent: int | None) -> None:
    response = JSONResponse(value, indent=indent)
    assert b"".join(response.body.split()) == document
    assert JSONResponse({"é": value}, indent=indent).text.count("é") == 1


COOKIES: list[tuple[Callable[[Response[Any]], None], str]] = [
    (lambda response: response.set_cookie("theme", "dark"), "theme=dark; Path=/; SameSite=Lax"),
    (
        lambda response: response.set_cookie(
            "a",
            "b",
            max_age=60,
            expires=1700000000,
            path="/x",
            domain="d.io",
            secure=True,
            httponly=True,
            samesite="strict",
        ),
        "a=b; Max-Age=60; Expires=Tue, 14 Nov 2023 22:13:20 GMT; Path=/x; Domain=d.io; Secure; HttpOnly; SameSite=Strict",
    ),
    (
        lambda response: response.delete_cookie("theme"),
        "theme=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/; SameSite=Lax",
    ),
]


@pytest.mark.parametrize(("change", "field"), COOKIES)
def test_3_2_cookies(change: Callable[[Response[Any]], None], field: str) -> None:
    response = Response("x")
    change(response)
    assert response.headers.getall("set-cookie") == [field]


@pytest.mark.parametrize(
    "options",
    [
        {"samesite": "none"},
        {"samesite": "whatever"},
        {"value": "b; Path=/evil; HttpOnly"},
        {"value": "a\r\nb"},
    ],
)
def test_w5_no_attribute_is_injected(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        Response("x").set_cookie("a", **options)


#: A target; what stands in Location, None where it is refused.
REDIRECTS: list[tuple[str, str | None]] = [
    ("/new-url", "/new-url"),
    ("foo/bar", "foo/bar"),
    ("", ""),
    ("//evil.com", None),
    ("///evil.com", None),
    ("javascript:alert(1)", None),
    ("mailto:a@b.test", None),
    ("https://other.test/", "https://other.test/"),
    ("https://api.example.com:8443/x", "https://api.example.com:8443/x"),
    ("http://u:p@host.test/", None),
    ("/a/../b", "/a/../b"),
    ("/file..name", "/file..name"),
    ("/search?next=%2Fhome", "/search?next=%2Fhome"),
    ("/\\evil.com", None),
    ("/\t/evil.com", None),
    (" /x", None),
    ("/я", "/%D1%8F"),
]


@pytest.mark.parametrize(("target", "location"), REDIRECTS)
def test_w4_redirects(target: str, location: str | None) -> None:
    if location is None:
        with pytest.raises(ValueError):
            RedirectResponse(target)
    else:
        assert RedirectResponse(target).headers["location"] == location


@pytest.mark.parametrize("content", [None, "", b""])
def test_w19_an_empty_body_has_its_length(content: Any) -> None:
    assert dict(Response(content).final_headers())[b"content-length"] == b"0"


@pytest.mark.parametrize("status", [204, 304])
def test_w19_a_status_without_content_leaves_the_connection_whole(status: int) -> None:
    assert Response("text", status).parts()[2] == b""


def test_w19_there_is_one_content_type() -> None:
    response = HTMLResponse("<b>", headers={"Content-Type": "text/html; charset=utf-16"})
    assert response.headers.getall("content-type") == ["text/html; charset=utf-16"]


def test_3_2_a_charset_is_said_of_text_alone() -> None:
    assert Response(b"x", media_type="application/x-text").headers["content-type"] == "application/x-text"


def test_12_content_and_a_template_are_a_value_error() -> None:
    with pytest.raises(ValueError, match="not both"):
        HTMLResponse("x", template="home.html")


def test_3_2_streams_take_text_and_lists_too() -> None:
    app = Wadjet()

    @app.get("/")
    async def stream() -> Response[Any]:
        return StreamingResponse(["a", b"b"], media_type="text/plain")

    with TestClient(app) as client:
        assert client.get("/").text == "ab"
