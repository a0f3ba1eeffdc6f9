"""Rapidy's attributes on the wire: what each declaration answers, as measured there, with its defects mended.

Where ours differs on purpose the row says how: JSON is compact and names no charset, a string of text is sent once, a charset
holds without a content type, ``None`` is 204, and a validation failure tells the client nothing.
"""

from __future__ import annotations

import dataclasses
import json
from http import HTTPStatus
from typing import Any, NamedTuple

import pytest
from pydantic import BaseModel, Field

from wadjet import Charset, ContentType, Response, Router, Wadjet, get, post
from wadjet.testing import TestClient

JSON, TEXT = "application/json", "text/plain; charset=utf-8"


class Result(BaseModel):
    value: str = Field("data", alias="someValue")
    another_value: str = Field("another_data", alias="someAnotherValue")


class Nullable(BaseModel):
    value: str = Field("data", alias="someValue")
    none_value: str | None = None


class Short(BaseModel):
    data: str = Field(max_length=10)


@dataclasses.dataclass
class Plain:
    a: int = 1


#: Without pydantic's plugin a type checker takes aliases for the only names.
result: Any = Result
nullable: Any = Nullable


class Row(NamedTuple):
    """One declaration: the options, the annotation, what is returned; and the answer."""

    title: str
    options: dict[str, Any]
    annotation: Any
    value: Any
    status: int
    kind: str
    body: bytes | None


ROWS = [
    Row("status_code=201", {"status_code": 201}, None, {"a": 1}, 201, JSON, b'{"a":1}'),
    Row("HTTPStatus", {"status_code": HTTPStatus.CREATED}, None, {"a": 1}, 201, JSON, b'{"a":1}'),
    Row(
        "validate off",
        {"response_validate": False},
        str,
        {"hello": "rapidy"},
        200,
        JSON,
        b'{"hello":"rapidy"}',
    ),
    Row("validate on", {}, str, {"hello": "rapidy"}, 500, "", None),
    Row(
        "type", {"response_type": dict[str, str]}, str, {"hello": "rapidy"}, 200, JSON, b'{"hello":"rapidy"}'
    ),
    Row("json, dict", {"response_content_type": ContentType.json}, None, {"a": 1}, 200, JSON, b'{"a":1}'),
    Row(
        "json, str is quoted once",
        {"response_content_type": ContentType.json},
        None,
        "hi",
        200,
        JSON,
        b'"hi"',
    ),
    Row(
        "text_any is concrete", {"response_content_type": ContentType.text_any}, None, "hi", 200, TEXT, b"hi"
    ),
    Row(
        "charset without a type",
        {"response_charset": Charset.utf32},
        None,
        "hi",
        200,
        "text/plain; charset=utf-32",
        "hi".encode("utf-32"),
    ),
    Row(
        "charset of JSON",
        {"response_charset": Charset.utf32, "response_content_type": ContentType.json},
        None,
        "hi",
        200,
        "application/json; charset=utf-32",
        '"hi"'.encode("utf-32"),
    ),
    Row(
        "include",
        {"response_include_fields": {"value"}},
        Result,
        result(),
        200,
        JSON,
        b'{"someValue":"data"}',
    ),
    Row(
        "exclude",
        {"response_exclude_fields": {"value"}},
        Result,
        result(),
        200,
        JSON,
        b'{"someAnotherValue":"another_data"}',
    ),
    Row(
        "by_alias off",
        {"response_by_alias": False, "response_include_fields": {"value"}},
        Result,
        result(),
        200,
        JSON,
        b'{"value":"data"}',
    ),
    Row(
        "exclude_unset off",
        {},
        Result,
        result(someAnotherValue="new"),
        200,
        JSON,
        b'{"someValue":"data","someAnotherValue":"new"}',
    ),
    Row(
        "exclude_unset",
        {"response_exclude_unset": True},
        Result,
        result(someAnotherValue="new"),
        200,
        JSON,
        b'{"someAnotherValue":"new"}',
    ),
    Row("exclude_defaults", {"response_exclude_defaults": True}, Result, result(), 200, JSON, b"{}"),
    Row("exclude_none off", {}, Nullable, nullable(), 200, JSON, b'{"someValue":"data","none_value":null}'),
    Row(
        "exclude_none",
        {"response_exclude_none": True},
        Nullable,
        nullable(),
        200,
        JSON,
        b'{"someValue":"data"}',
    ),
    Row(
        "json_encoder",
        {"response_json_encoder": lambda value: json.dumps(value, sort_keys=True, indent=1)},
        None,
        {"b": 1, "a": 2},
        200,
        JSON,
        b'{\n "a": 2,\n "b": 1\n}',
    ),
    Row(
        "custom_encoder, by class",
        {"response_custom_encoder": {float: lambda number: f"F{number}"}},
        None,
        {"a": 1.5},
        200,
        JSON,
        b'{"a":"F1.5"}',
    ),
    Row(
        "custom_encoder, a function",
        {"response_custom_encoder": lambda value: [value]},
        None,
        {"a": 1},
        200,
        JSON,
        b'[{"a":1}]',
    ),
    Row("int, coerced", {}, int, "123", 200, TEXT, b"123"),
    Row("int, not one", {}, int, "some_data", 500, "", None),
    Row("model of a dict", {}, Short, {"data": "some_data"}, 200, JSON, b'{"data":"some_data"}'),
    Row("model of a dict, too long", {}, Short, {"data": "x" * 11}, 500, "", None),
    Row("Ellipsis declares nothing", {}, ..., {"a": 1}, 200, JSON, b'{"a":1}'),
    Row("a new Response is sent as it is", {"status_code": 202}, int, Response(None, 201), 201, "", b""),
    Row("None", {}, None, None, 204, "", b""),
    Row("a dataclass", {}, None, Plain(), 200, JSON, b'{"a":1}'),
    Row("list, tuple and set", {}, None, [(1, 2), {3}], 200, JSON, b"[[1,2],[3]]"),
    Row(
        "bytes under JSON",
        {"response_content_type": "application/json"},
        None,
        b'{"raw":1}',
        200,
        JSON,
        b'{"raw":1}',
    ),
    Row(
        "bytes take no charset",
        {"response_content_type": ContentType.pdf},
        None,
        b"%PDF",
        200,
        "application/pdf",
        b"%PDF",
    ),
    Row("dict as text", {"response_content_type": "text/plain"}, None, {"a": 1}, 200, TEXT, b'{"a":1}'),
    Row("bool as text", {}, None, True, 200, TEXT, b"true"),
    Row(
        "str under problem+json",
        {"response_content_type": "application/problem+json"},
        None,
        "x",
        200,
        "application/problem+json",
        b"x",
    ),
]


def declared(row: Row) -> Any:
    async def handler() -> Any:
        return row.value

    handler.__annotations__ = {} if row.annotation is None else {"return": row.annotation}
    return handler


@pytest.mark.parametrize("way", ["decorator", "reg", "router", "imperative", "application"])
@pytest.mark.parametrize("row", ROWS, ids=[row.title for row in ROWS])
def test_a_declaration_answers_as_the_table_says(row: Row, way: str) -> None:
    """However it is written: the options are one declaration."""
    app = Wadjet(**row.options) if way == "application" else Wadjet()
    handler = declared(row)
    if way == "decorator":
        app.get("/", **row.options)(handler)
    elif way == "reg":
        app.add_routes([get.reg("/", handler, **row.options)])
    elif way == "router":
        router = Router(**row.options)
        router.add_get("/", handler)
        app.include(router)
    elif way == "imperative":
        app.add_get("/", handler, **row.options)
    else:
        app.add_get("/", handler)
    found = TestClient(app, raise_server_exceptions=False).get("/")
    assert found.status_code == row.status
    if row.body is not None:
        assert (found.headers.get("content-type", ""), found.content) == (row.kind, row.body)


def test_head_is_free_and_can_be_forbidden() -> None:
    async def handler() -> str:
        return "hi"

    free, forbidden = get("/free", handler), get("/forbidden", handler, allow_head=False)
    client = TestClient(Wadjet(routes=[free, forbidden]))
    found = client.head("/free")
    assert (found.status_code, found.content, found.headers["content-length"]) == (200, b"", "2")
    refused = client.head("/forbidden")
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, OPTIONS")


def test_the_aiohttp_way() -> None:
    async def handler() -> Any:
        return {"hello": "rapidy"}

    app = Wadjet()
    app.add_routes([post("/", handler, status_code=200, response_content_type="application/json")])
    found = TestClient(app).post("/")
    assert (found.status_code, found.headers["content-type"], found.json()) == (
        200,
        JSON,
        {"hello": "rapidy"},
    )


def test_an_injected_response_is_filled() -> None:
    async def text(response: Response[Any]) -> None:
        response.text = "hello rapidy!"

    async def all_of_it(response: Response[Any]) -> Any:
        response.status_code = 500
        response.headers["x-a"] = "b"
        response.set_cookie("c", "v")
        return "not ok"

    client = TestClient(Wadjet(routes=[get("/text", text), get("/all", all_of_it)]))
    assert (client.get("/text").text, client.get("/text").headers["content-type"]) == ("hello rapidy!", TEXT)
    found = client.get("/all")
    assert (found.status_code, found.text, found.headers["x-a"], found.cookies["c"]) == (
        500,
        "not ok",
        "b",
        "v",
    )


def test_a_browsers_quoted_tag_is_answered_304() -> None:
    """The document's sample compares tags by hand, and never matches one as browsers send it."""

    async def handler() -> Any:
        return Response("page", etag="33a6", conditional_response=True)

    client = TestClient(Wadjet(routes=[get("/", handler)]))
    assert client.get("/", headers={"if-none-match": '"33a6"'}).status_code == 304
