"""What is wrong with OpenViper's requests and responses, and not with ours. W-numbers are those of the list of findings."""

from __future__ import annotations

import asyncio
import gzip
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.http.scopes import receiving, scope
from wadjet import FileResponse, GZipResponse, JSONResponse, RedirectResponse, Request, Response, Wadjet
from wadjet.http.exceptions import ClientDisconnect
from wadjet.http.response import HTMLResponse
from wadjet.testing import TestClient


def serving(handler: Any, path: str = "/", method: str = "GET", **options: Any) -> TestClient:
    app = Wadjet()
    app.route(path, methods=[method])(handler)
    return TestClient(app, follow_redirects=False, **options)


# -- W4: redirects ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", ["/new-url", "foo/bar", "", "https://api.example.com:8443/x"])
def test_w4_a_target_is_sent_as_it_is_written(url: str) -> None:
    assert RedirectResponse(url).headers["location"] == url


@pytest.mark.parametrize("url", ["/a/../b", "/file..name", "/search?next=%2Fhome"])
def test_w4_what_is_a_url_is_not_refused(url: str) -> None:
    assert RedirectResponse(url).headers["location"] == url


def test_w4_what_is_not_ascii_is_encoded() -> None:
    assert RedirectResponse("/я").headers["location"] == "/%D1%8F"


@pytest.mark.parametrize(
    "url",
    [
        "//evil.com",
        "///evil.com",
        "/\\evil.com",
        "/\t/evil.com",
        " /x",
        "javascript:alert(1)",
        "mailto:a@b.test",
    ],
)
def test_w4_what_a_browser_reads_otherwise_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="Location"):
        RedirectResponse(url)


# -- W5: cookies ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["x; HttpOnly; Path=/evil", "x\r\nSet-Cookie: a=b", "x\0", "é"])
def test_w5_no_value_of_a_cookie_brings_an_attribute(value: str) -> None:
    response = Response("x")
    try:
        response.set_cookie("theme", value)
    except ValueError:
        return
    (field,) = response.headers.getall("set-cookie")
    assert field.isascii()
    assert "evil" not in field.partition(";")[2]


def test_w5_a_deleted_cookie_takes_all_its_attributes() -> None:
    response = Response("x")
    response.delete_cookie("theme", path="/x", secure=True, httponly=True, samesite="strict")
    field = response.headers["set-cookie"].lower()
    for part in ("max-age=0", "expires=", "path=/x", "secure", "httponly", "samesite=strict"):
        assert part in field


# -- W8, W9: bodies ---------------------------------------------------------------------------------------------------------


def test_w9_a_part_of_a_body_is_never_the_whole() -> None:
    request = Request(
        scope(method="POST", headers={"content-length": "10"}), receiving(b"part", disconnects=True)
    )
    with pytest.raises(ClientDisconnect):
        asyncio.run(request.body())


# -- W11: the fault of a client is a 4xx ------------------------------------------------------------------------------------

BAD_CONTENT = (
    (b"x" * 2000, "text/plain", 413),
    (b"\xff", "application/json", 400),
    (b"[" * 1500, "application/json", 400),
    (b"{", "application/json", 400),
)


@pytest.mark.parametrize(("content", "kind", "status"), BAD_CONTENT)
def test_w11_content_that_cannot_be_read_is_the_clients_fault(content: bytes, kind: str, status: int) -> None:
    app = Wadjet()

    @app.post("/", max_body_size=1600)
    async def index(request: Request) -> Any:
        return await request.json()

    assert TestClient(app).post("/", content=content, headers={"content-type": kind}).status_code == status


@pytest.mark.parametrize("name", ["../secret", "missing", "folder"])
def test_w11_a_file_that_is_not_to_be_had_is_not_found(name: str, tmp_path: Path) -> None:
    (tmp_path / "open" / "folder").mkdir(parents=True)
    (tmp_path / "secret").write_text("secret")

    async def download() -> FileResponse:
        return FileResponse(tmp_path / "open" / name, allowed_dir=tmp_path / "open")

    response = serving(download).get("/")
    assert response.status_code == 404
    assert str(tmp_path) not in response.text


# -- W15: requests ----------------------------------------------------------------------------------------------------------


def test_w15_what_one_request_object_knows_the_next_one_does() -> None:
    shared = scope()
    Request(shared).state["request_id"] = "7"
    assert Request(shared).state["request_id"] == "7"


def test_w15_the_url_has_the_host_that_was_asked() -> None:
    request = Request(scope("/a", headers={"host": "shop.test:8000"}))
    assert (str(request.url), request.url.netloc) == ("http://shop.test:8000/a", "shop.test:8000")


def test_w15_one_name_has_one_value_however_it_is_asked_for() -> None:
    asked = scope()
    asked["headers"] = [(b"x-a", b"1"), (b"x-a", b"2")]
    request = Request(asked)
    assert request.header(b"x-a") == request.headers["X-A"].encode() == b"2"


# -- W16, W20: routes -------------------------------------------------------------------------------------------------------


def test_w16_head_and_options_come_with_get() -> None:
    async def index() -> str:
        return "text"

    client = serving(index)
    assert client.head("/").headers["content-length"] == "4"
    assert client.options("/").headers["allow"] == "GET, HEAD, OPTIONS"


def test_w20_a_parameter_of_the_path_is_what_its_annotation_says() -> None:
    async def user(user_id: int) -> Any:
        return {"next": user_id + 1}

    client = serving(user, "/users/{user_id}")
    assert client.get("/users/41").json() == {"next": 42}
    assert client.get("/users/x").status_code in {404, 422}


# -- W17: files -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def download(tmp_path: Path) -> TestClient:
    file = tmp_path / "file.txt"
    file.write_bytes(b"0123456789")

    async def handler() -> FileResponse:
        return FileResponse(file)

    return serving(handler)


FILE_ROWS: tuple[tuple[dict[str, str], int, bytes], ...] = (
    ({"if-none-match": "ETAG"}, 304, b""),
    ({"if-none-match": 'W/ETAG, "other"'}, 304, b""),
    ({"if-none-match": "*"}, 304, b""),
    ({"if-modified-since": "Sat, 01 Jan 2050 00:00:00 GMT"}, 304, b""),
    ({"if-modified-since": "garbage"}, 200, b"0123456789"),
    ({"if-none-match": '"other"', "if-modified-since": "Sat, 01 Jan 2050 00:00:00 GMT"}, 200, b"0123456789"),
    ({"if-match": '"other"'}, 412, b""),
    ({"range": "bytes=2-4"}, 206, b"234"),
    ({"range": "bytes=5-"}, 206, b"56789"),
    ({"range": "bytes=-3"}, 206, b"789"),
    ({"range": "bytes=20-"}, 416, b""),
    ({"range": "bytes=4-2"}, 200, b"0123456789"),
    ({"range": "nonsense"}, 200, b"0123456789"),
    ({"range": "bytes=2-4", "if-range": "ETAG"}, 206, b"234"),
    ({"range": "bytes=2-4", "if-range": '"other"'}, 200, b"0123456789"),
)


@pytest.mark.parametrize(("fields", "status", "content"), FILE_ROWS)
def test_w17_a_file_answers_conditions_and_ranges(
    fields: dict[str, str], status: int, content: bytes, download: TestClient
) -> None:
    etag = download.get("/").headers["etag"]
    response = download.get(
        "/", headers={name: value.replace("ETAG", etag) for name, value in fields.items()}
    )
    assert response.status_code == status
    assert response.content == content or status in {412, 416}
    assert ("content-range" in response.headers) is (status in {206, 416})


def test_w17_a_name_beyond_latin_1_is_written_as_rfc_8187_says(tmp_path: Path) -> None:
    file = tmp_path / "file.txt"
    file.write_bytes(b"x")

    async def handler() -> FileResponse:
        return FileResponse(file, filename="змея.txt")

    field = serving(handler).get("/").headers["content-disposition"]
    assert "filename*=UTF-8''%D0%B7%D0%BC%D0%B5%D1%8F.txt" in field


# -- W18: gzip --------------------------------------------------------------------------------------------------------------


def test_w18_gzip_asks_the_client_keeps_vary_and_weakens_the_tag() -> None:
    async def handler() -> GZipResponse:
        inner = Response("x" * 2000, headers={"vary": "Cookie", "etag": '"one"'})
        response = GZipResponse(inner)
        response.headers["x-a"] = "1"
        return response

    client = serving(handler)
    plain = client.get("/", headers={"accept-encoding": "identity"})
    small = client.get("/", headers={"accept-encoding": "gzip"})
    assert plain.content == small.content == b"x" * 2000
    assert (plain.headers.get("content-encoding"), small.headers["content-encoding"]) == (None, "gzip")
    assert (plain.headers["etag"], small.headers["etag"]) == ('"one"', 'W/"one"')
    for response in (plain, small):
        assert response.headers["x-a"] == "1"
        assert set(response.headers["vary"].lower().split(", ")) == {"cookie", "accept-encoding"}


def test_w18_what_is_encoded_is_not_encoded_again() -> None:
    async def handler() -> GZipResponse:
        return GZipResponse(Response(gzip.compress(b"x" * 2000), headers={"content-encoding": "gzip"}), 1)

    assert serving(handler).get("/", headers={"accept-encoding": "gzip"}).content == b"x" * 2000


# -- W19: framing and JSON --------------------------------------------------------------------------------------------------


def test_w19_an_empty_body_has_a_length() -> None:
    async def handler() -> Response[Any]:
        return Response()

    assert serving(handler).get("/").headers["content-length"] == "0"


@pytest.mark.parametrize("status", [204, 304])
def test_w19_a_status_without_content_has_none(status: int) -> None:
    async def handler() -> Response[Any]:
        return Response("text", status)

    assert serving(handler).get("/").content == b""


def test_w19_there_is_one_content_type() -> None:
    response = HTMLResponse("<p>", headers={"Content-Type": "application/xhtml+xml"})
    assert response.headers.getall("content-type") == ["application/xhtml+xml"]


def test_w19_json_has_what_python_has() -> None:
    value = {1: Decimal("1.50"), "set": {1}, "large": 1 << 70}
    assert json.loads(JSONResponse(value).body) == {"1": "1.50", "set": [1], "large": 1 << 70}


# -- W26: cookies of the client ---------------------------------------------------------------------------------------------


def test_w26_one_odd_cookie_does_not_take_the_others_with_it() -> None:
    request = Request(scope(headers={"cookie": 'a=1; odd[]={"x":"y"}; =; nonsense; b=2'}))
    assert (request.cookies["a"], request.cookies["b"]) == ("1", "2")
