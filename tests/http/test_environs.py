"""A request as a WSGI environ and back."""

from __future__ import annotations

import io
from typing import Any
from wsgiref.validate import validator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.http.scopes import scope
from wadjet import Request
from wadjet.errors import BodyNotRead
from wadjet.http.environs import read_input, scope_of
from wadjet.http.exceptions import BadRequest, RequestEntityTooLarge


def environ(**keys: Any) -> dict[str, Any]:
    return {"REQUEST_METHOD": "GET", **keys}


PATHS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20).map(
    "/".__add__
)


@settings(max_examples=60)
@given(PATHS, st.binary(max_size=20).map(lambda raw: raw.hex()))
def test_there_and_back_again(path: str, query: str) -> None:
    request = Request.blank("/")
    request.path_info, request.query_string = path, query
    again = Request(dict(request.environ))
    assert (again.path, again.query_string, again.method, again.host, again.url) == (
        path,
        query,
        "GET",
        "localhost",
        request.url,
    )


def test_the_environ_is_one_that_the_standard_allows() -> None:
    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        body = environ["wsgi.input"].read(10)
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
        return [body]

    given = Request.blank("/a?b=c", method="POST", body=b"hello", base_url="https://h:8443/app").environ
    given["wsgi.input"] = io.BytesIO(given["wsgi.input"].read())
    answer = validator(app)(given, lambda status, headers, exc_info=None: lambda data: None)
    try:
        assert list(answer) == [b"hello"]
    finally:
        answer.close()  # type: ignore[attr-defined]  # PEP 3333


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"wsgi.url_scheme": "https"}, {"scheme": "https", "server": ("localhost", 443)}),
        ({"SERVER_NAME": "h", "SERVER_PORT": "81"}, {"server": ("h", 81)}),
        ({"SERVER_PORT": "nonsense"}, {"server": ("localhost", 80)}),
        ({"SERVER_PROTOCOL": "HTTP/1.1"}, {"http_version": "1.1"}),
        ({"SERVER_PROTOCOL": "HTTP/2"}, {"http_version": "2"}),
        ({"SERVER_PROTOCOL": "INCLUDED"}, {"http_version": "1.0"}),
        ({"SERVER_PROTOCOL": "HTTP/1.1\r\nX: y"}, {"http_version": "1.0"}),
        ({"REMOTE_ADDR": "1.2.3.4", "REMOTE_PORT": "5"}, {"client": ("1.2.3.4", 5)}),
        ({"REMOTE_ADDR": ""}, {"client": None}),
        ({"SCRIPT_NAME": "/a", "PATH_INFO": ""}, {"path": "/a", "root_path": "/a"}),
        ({"CONTENT_TYPE": "", "CONTENT_LENGTH": ""}, {"headers": []}),
        ({"HTTP_CONTENT_LENGTH": "5", "HTTP_CONTENT_TYPE": "a/b"}, {"headers": []}),
        ({"HTTP_ACCEPT": "", "HTTP_X_A": "1"}, {"headers": [(b"accept", b""), (b"x-a", b"1")]}),
        (
            {"CONTENT_TYPE": "a/b", "CONTENT_LENGTH": "5"},
            {"headers": [(b"content-type", b"a/b"), (b"content-length", b"5")]},
        ),
    ],
)
def test_a_key_becomes_a_part_of_the_scope(keys: dict[str, str], expected: dict[str, Any]) -> None:
    found = scope_of(environ(**keys))
    assert {name: found[name] for name in expected} == expected


def test_a_path_that_is_not_utf_8_is_a_bad_request() -> None:
    with pytest.raises(BadRequest, match="not UTF-8"):
        Request(environ(PATH_INFO="/\xff"))


@pytest.mark.parametrize("method", ["", "GET / HTTP/1.1\r\nX:", "GÉT"])
def test_a_method_that_is_no_token_is_a_bad_request(method: str) -> None:
    with pytest.raises(BadRequest, match="not a token"):
        Request(environ() | {"REQUEST_METHOD": method})


@pytest.mark.parametrize(
    "keys", [{"PATH_INFO": "/€"}, {"QUERY_STRING": "€"}, {"HTTP_X": "a\r\nb: c"}, {"HTTP_X": "€"}]
)
def test_what_no_server_gives_is_refused(keys: dict[str, str]) -> None:
    with pytest.raises(ValueError):
        Request(environ(**keys))


def test_a_field_with_an_underscore_poses_as_no_other() -> None:
    request = Request(scope(headers={"x_forwarded_for": "9.9.9.9", "x-a": "1"}))
    assert "HTTP_X_FORWARDED_FOR" not in request.environ
    assert request.environ["HTTP_X_A"] == "1"


def test_an_environ_can_be_asked_for_before_the_content_is_there() -> None:
    request = Request(scope(method="POST", headers={"transfer-encoding": "chunked"}))
    source = request.environ["wsgi.input"]
    for read in (lambda: source.read(), lambda: list(source)):
        with pytest.raises(BodyNotRead):
            read()


def test_more_input_than_the_limit_is_refused() -> None:
    for keys, length in (({"wsgi.input_terminated": True}, None), ({}, 6)):
        with pytest.raises(RequestEntityTooLarge):
            read_input({"wsgi.input": io.BytesIO(b"123456"), **keys}, length, 5)
    assert (
        read_input({"wsgi.input": io.BytesIO(b"12345"), "wsgi.input_terminated": True}, None, 5) == b"12345"
    )
    assert read_input({}, 5, 5) == b""
