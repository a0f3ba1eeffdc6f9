"""The samples of "Обработка HTTP-ответов" (Rapidy), on the wire. Two handlers of one sample are two applications."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from tests.samples.loader import load
from wadjet import Charset, Wadjet, get, post
from wadjet.testing import TestClient


def clients(file: str) -> list[TestClient]:
    """Load a sample and serve each of its handlers, in its order."""
    return [TestClient(Wadjet(routes=[handler])) for handler in load(f"rapidy/{file}").every("handler")]


def served(file: str, status: int, content_type: str) -> list[bytes]:
    """Ask each handler of a sample, check status and type, and give the bodies."""
    responses = [client.get("/") for client in clients(file)]
    assert {response.status_code for response in responses} == {status}
    assert {response.headers.get("content-type", "") for response in responses} == {content_type}
    return [response.content for response in responses]


@pytest.mark.parametrize(
    ("file", "documents"),
    [
        ("02_response_validate.py", [{"hello": "rapidy"}]),
        ("03_response_type.py", [{"hello": "rapidy"}]),
        ("04_content_type_json.py", [{"hello": "rapidy!"}]),
        ("07_include_fields.py", [{"someValue": "data"}]),
        ("08_exclude_fields.py", [{"someAnotherValue": "another_data"}]),
        ("09_by_alias.py", [{"someValue": "data"}, {"value": "data"}]),
        (
            "10_exclude_unset.py",
            [{"someValue": "data", "someAnotherValue": "new_data"}, {"someAnotherValue": "new_data"}],
        ),
        # The sample's comment says "value", but response_by_alias is True by default.
        ("11_exclude_defaults.py", [{"someValue": "data"}, {}]),
        ("12_exclude_none.py", [{"someValue": "data", "none_value": None}, {"someValue": "data"}]),
        ("15_json_string.py", ["hello rapidy!"]),
    ],
)
def test_a_document_leaves(file: str, documents: list[object]) -> None:
    assert [json.loads(body) for body in served(file, 200, "application/json")] == documents


def test_status_code() -> None:
    assert served("01_status_code.py", 201, "") == [b"", b""]


def test_content_type_text() -> None:
    assert served("05_content_type_text.py", 200, "text/plain; charset=utf-8") == [b"hello rapidy!"]


def test_charset() -> None:
    assert served("06_charset.py", 204, "") == [b""]


def test_charset_of_a_text() -> None:
    async def handler() -> str:
        return "hi"

    response = TestClient(Wadjet(routes=[get("/", handler, response_charset=Charset.utf32)])).get("/")
    assert response.headers["content-type"] == "text/plain; charset=utf-32"
    assert response.content == "hi".encode("utf-32")


def test_path() -> None:
    (client,) = clients("13_path.py")
    assert (client.get("/").status_code, client.get("/else").status_code) == (204, 404)


def test_allow_head() -> None:
    (client,) = clients("14_allow_head.py")
    response = client.head("/")
    assert (response.status_code, response.content) == (204, b"")


def test_head_can_be_forbidden() -> None:
    async def handler() -> str:
        return "hi"

    response = TestClient(Wadjet(routes=[get("/", handler, allow_head=False)])).head("/")
    assert (response.status_code, response.headers["allow"]) == (405, "GET, OPTIONS")


def test_a_string_under_json_is_quoted_once() -> None:
    assert served("15_json_string.py", 200, "application/json") == [b'"hello rapidy!"']


def test_json_encoder() -> None:
    sample = load("rapidy/16_json_encoder.py")

    def custom_encoder(obj: Any) -> str:
        return json.dumps(obj, indent=4)

    handler = get("/", sample.handler.handler, response_json_encoder=custom_encoder)
    response = TestClient(Wadjet(routes=[handler])).get("/")
    assert response.headers["content-type"] == "application/json"
    assert response.content == b'{\n    "hello": "rapidy!"\n}'


def test_aiohttp_style() -> None:
    web = SimpleNamespace(Application=Wadjet, post=post)
    response = TestClient(load("rapidy/17_aiohttp_style.py", {"web": web}).app).post("/")
    assert (response.status_code, response.headers["content-type"]) == (200, "application/json")
    assert response.json() == {"hello": "rapidy"}
