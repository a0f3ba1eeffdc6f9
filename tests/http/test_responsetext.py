import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wadjet.http.exceptions import NotFound
from wadjet.http.response import Response, StreamingResponse
from wadjet.http.responsetext import read_response


@pytest.mark.parametrize("start", ["HTTP/1.1 404 Nope", "404 Nope", "404", "HTTP/1.1 404"])
@pytest.mark.parametrize("kind", [str, bytes])
def test_a_response_is_read_from_a_file(start: str, kind: type) -> None:
    text = (
        f"{start}\r\nContent-Type: text/plain; charset=utf-8\nSet-Cookie: a=1\nContent-Length: 2\r\n\r\nérest"
    )
    file: Any = io.StringIO(text, newline="") if kind is str else io.BytesIO(text.encode())
    if kind is str:
        file = io.StringIO(text.replace("é", "ab"), newline="")
    response: Response[Any] = Response.from_file(file)
    assert (response.status, len(response.body)) == ("404 Not Found", 2)
    assert response.headers["set-cookie"] == "a=1"
    assert file.read() in {"rest", b"rest"}
    response.parts()


def test_without_a_length_the_file_is_the_content() -> None:
    assert Response.from_file(io.BytesIO(b"200 OK\r\n\r\nabc")).body == b"abc"


def test_what_was_written_is_read_again() -> None:
    response = Response("é\n", 201, {"x-a": "1"}, content_length=3)
    again: Response[Any] = Response.from_file(io.BytesIO(str(response).encode()))
    assert (again.status, again.headerlist, again.body) == (
        response.status,
        response.headerlist,
        response.body,
    )


def test_the_text_of_what_is_not_there_is_its_head() -> None:
    assert str(StreamingResponse([], 201)) == "201 Created\r\n\r\n"
    assert str(Response(app_iter=iter([b"x"]), content_type="a/b")) == "200 OK\r\ncontent-type: a/b\r\n\r\n"
    assert str(NotFound("no such thing")) == "no such thing"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "200 OK",
        "OK\r\n\r\n",
        "HTTP/1.1\r\n\r\n",
        "20 x\r\n\r\n",
        "2000 x\r\n\r\n",
        "200 OK\r\nno colon\r\n\r\n",
        "200 OK\r\nx: 1",
        "200 OK\r\ncontent-length: 5\r\n\r\nabc",
        "200 OK\r\ncontent-length: x\r\n\r\nabc",
        "200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nabc",
        "200 OK\r\nx y: 1\r\n\r\n",
        "200 OK\r\nx: a\rb\r\n\r\n",
        "999 OK\r\n\r\n",
        "200 OK\r\n" + "x" * 70_000 + "\r\n\r\n",
        "200 OK\r\n" + "x: 1\r\n" * 1001 + "\r\n",
    ],
)
def test_what_is_no_response_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):
        Response.from_file(io.StringIO(text, newline=""))


@given(data=st.binary())
def test_whatever_is_read_nothing_else_is_raised(data: bytes) -> None:
    try:
        found = read_response(io.BytesIO(b"200 OK\r\n" + data))
    except ValueError:
        return
    assert found.body in data
