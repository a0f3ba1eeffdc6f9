"""Every option of a route that cannot be is refused at assembly, with its place and with what it could be."""

from __future__ import annotations

from typing import Any

import pytest

from tests.handlers.serving import assembling, call
from wadjet import Charset, ContentType
from wadjet.routing.options import RouteOptions

FLAGS = (
    "allow_head",
    "csrf_exempt",
    "etag",
    "include_in_schema",
    "inline",
    "response_by_alias",
    "response_exclude_defaults",
    "response_exclude_none",
    "response_exclude_unset",
    "response_validate",
)
BAD: dict[str, list[Any]] = {
    **dict.fromkeys(FLAGS, [1, "no", None]),
    **dict.fromkeys(("authentication_classes", "permission_classes", "throttle_classes"), [5]),
    "cache_private": [5],
    "cache_rate": ["x", 0],
    "cache_ttl": [0, "x"],
    "cache_vary": [5, "a b"],
    "content_encodings": ["gzip", ["x"], 5],
    "middleware": [[5]],
    "max_body_size": [-1, "5MB", 1.5, True],
    "name": [5, ""],
    "operation_id": [5, ""],
    "produces": [5, "text/html", [], {1}, ["text/html"], {"a": 5}],
    "renderer": [5, "page", "xml"],
    "response_charset": [5, "klingon", None],
    "response_content_type": [5, "", "json", "a b/c", "text/html; charset=é", "a/b\r\nX: y"],
    "response_custom_encoder": [5, {"a": 1}, {float: 5}],
    "response_exclude_fields": ["ab", ["a"], 5],
    "response_include_fields": ["ab", ["a"], 5],
    "response_json_encoder": [5, "json"],
    "response_type": ["Nowhere", 5, list["Nowhere"]],  # type: ignore[name-defined]  # noqa: F821 - the mistake
    "response_zlib_executor": [5],
    "response_zlib_executor_size": ["x", -1, True],
    "slashes": ["x", None],
    "status_code": ["x", True, 99, 600, 1.5],
    "tags": ["x", [5]],
    "timeout": [0, -1, "5", True, float("inf"), float("nan")],
}


async def index() -> Any:
    return {"a": 1}


@pytest.mark.parametrize(
    ("option", "value"), [(option, value) for option, values in BAD.items() for value in values]
)
def test_an_option_that_cannot_be_is_refused_with_its_place(option: str, value: Any) -> None:
    message = assembling(index, **{option: value})
    assert "test_options.py" in message
    assert "index()" in message


def test_every_option_is_looked_at() -> None:
    assert RouteOptions.__annotations__.keys() - BAD.keys() == set()


def test_a_misspelt_option_is_said_with_those_that_there_are() -> None:
    message = assembling(index, status_cod=201)
    assert "has no option 'status_cod'" in message
    assert "status_code" in message


@pytest.mark.parametrize("kind", [*ContentType, "application/vnd.api+json", 'a/b; c="d e"', None])
def test_a_content_type_may_be_any_media_type(kind: Any) -> None:
    assert call(index, options={"response_content_type": kind}).status_code == 200


@pytest.mark.parametrize("charset", [*Charset, "latin-1"])
def test_a_charset_may_be_any_that_python_knows(charset: str) -> None:
    assert call(index, options={"response_charset": charset}).status_code == 200
