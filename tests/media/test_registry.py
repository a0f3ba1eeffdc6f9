from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel

from wadjet.media.registry import (
    BINARY,
    HTML,
    JSON,
    TEXT,
    charset_of,
    encode,
    is_json,
    is_text,
    media_type_of,
    with_charset,
)


class Markup(dict):  # type: ignore[type-arg]
    def __html__(self) -> str:
        return "<b>"


class Model(BaseModel):
    a: int = 1


@pytest.mark.parametrize(
    ("cls", "kind"),
    [
        (str, TEXT),
        (bool, TEXT),
        (Decimal, TEXT),
        (bytes, BINARY),
        (dict, JSON),
        (Mapping, JSON),
        (Model, JSON),
        (Markup, HTML),
        (object, None),
        (type, None),
    ],
)
def test_a_class_has_its_media_type(cls: type, kind: str | None) -> None:
    assert media_type_of(cls) == kind


@pytest.mark.parametrize(
    ("kind", "text", "json"),
    [
        ("text/plain", True, False),
        ("application/xml", True, False),
        ("image/svg+xml", True, False),
        ("application/json", False, True),
        ("application/problem+json", False, True),
        ("application/octet-stream", False, False),
        ("image/png", False, False),
    ],
)
def test_types_are_text_or_json_or_neither(kind: str, text: bool, json: bool) -> None:
    assert (is_text(kind), is_json(kind)) == (text, json)


@pytest.mark.parametrize(
    ("name", "expected"), [("UTF-8", "utf-8"), ("Latin-1", "latin-1"), ("utf-16", "utf-16")]
)
def test_a_charset_has_a_name_in_small_letters(name: str, expected: str) -> None:
    assert charset_of(name) == expected


@pytest.mark.parametrize("name", ["bogus", "zlib", "hex", "", "utf-8\x00", "a" * 10_000])
def test_what_is_no_text_encoding_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is not the name of a text encoding"):
        charset_of(name)


@pytest.mark.parametrize(
    ("kind", "charset", "field"),
    [
        ("text/css", "utf-8", "text/css; charset=utf-8"),
        ("text/css; charset=ascii", "utf-8", "text/css; charset=ascii"),
        ("application/json", "utf-8", "application/json"),
        ("application/json", "utf-16", "application/json; charset=utf-16"),
        ("image/png", "utf-8", "image/png"),
    ],
)
def test_a_charset_is_said_only_of_text(kind: str, charset: str, field: str) -> None:
    assert with_charset(kind, charset) == field


@pytest.mark.parametrize(
    ("value", "kind", "body"),
    [
        (b"x", JSON, b"x"),
        ("x", JSON, b'"x"'),
        ("x", "application/problem+json", b"x"),
        ("x", TEXT, b"x"),
        (5, TEXT, b"5"),
        ({"a": 1}, TEXT, b'{"a":1}'),
        (Decimal("1.0"), TEXT, b"1.0"),
        (Markup(), HTML, b"<b>"),
        ([1], "application/xml", b"[1]"),
        ('"', TEXT, b'"'),
    ],
)
def test_a_value_becomes_the_bytes_of_a_type(value: Any, kind: str, body: bytes) -> None:
    assert encode(value, kind) == body


def test_documents_may_leave_in_another_charset() -> None:
    assert encode({"a": "é"}, JSON, "latin-1") == b'{"a":"\xe9"}'
    assert encode({"a": "é"}, JSON, "latin-1", dumps=lambda value: "é") == b"\xe9"
    with pytest.raises(UnicodeEncodeError):
        encode("€", TEXT, "latin-1")
