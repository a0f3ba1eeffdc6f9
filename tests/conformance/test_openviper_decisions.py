"""What OpenViper's document leaves open, or says in two ways, and what ours does (the list of decisions, by its numbers)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.http.scopes import receiving, scope
from wadjet import Request, Wadjet
from wadjet.http.exceptions import RequestEntityTooLarge
from wadjet.http.identity import AnonymousUser
from wadjet.http.response import GZipResponse
from wadjet.testing import TestClient


@pytest.mark.parametrize("path", ["/by-converter/{user_id:int}", "/by-annotation/{user_id}"])
def test_12_2_a_parameter_of_the_path_is_converted_by_its_converter_and_by_its_annotation(path: str) -> None:
    app = Wadjet()

    @app.get(path)
    async def handler(user_id: int) -> dict[str, Any]:
        return {"is": user_id + 1}

    client = TestClient(app)
    assert client.get(path.partition("{")[0] + "41").json() == {"is": 42}


@pytest.mark.parametrize(("size", "is_compressed"), [(499, False), (500, False), (501, True)])
def test_12_6_what_exceeds_the_minimum_is_compressed(size: int, is_compressed: bool) -> None:
    app = Wadjet()

    @app.get("/")
    async def handler() -> GZipResponse:
        return GZipResponse("a" * size)

    answer = TestClient(app).get("/", headers={"accept-encoding": "gzip"})
    assert ("content-encoding" in answer.headers) is is_compressed


def test_12_7_too_much_content_is_a_value_error_to_the_handler_and_a_413_to_the_client() -> None:
    app = Wadjet()

    @app.post("/caught", max_body_size=4)
    async def caught(request: Request) -> str:
        try:
            await request.body()
        except ValueError as error:
            return type(error).__name__
        return "taken"

    @app.post("/", max_body_size=4)
    async def body(request: Request) -> bytes:
        return await request.body()

    client = TestClient(app)
    assert client.post("/", content=b"12345").status_code == 413
    assert client.post("/", content=iter([b"123", b"45"])).status_code == 413
    assert client.post("/caught", content=iter([b"123", b"45"])).text == RequestEntityTooLarge.__name__


def test_12_8_a_url_has_the_parts_that_the_document_names() -> None:
    url = Request(scope("/a/b", query_string=b"c=d")).url
    assert (url.scheme, url.netloc, url.path, url.query) == ("http", "own.test", "/a/b", "c=d")


def test_12_12_without_authentication_nobody_asks() -> None:
    user = Request(scope(), receiving()).user
    assert isinstance(user, AnonymousUser)
    assert not user
