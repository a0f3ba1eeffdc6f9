from typing import Any

import pytest

from wadjet.http.response import PlainTextResponse, Response


def test_assigning_headers_keeps_the_type_of_the_content() -> None:
    response = Response("x", headers={"x-a": "1"})
    response.headers = {"X-B": "2"}
    assert response.headerlist == [("x-b", "2"), ("content-type", "text/plain; charset=utf-8")]
    response.headers = [("Content-Type", "text/css"), ("x-c", "3")]
    assert response.headerlist == [("content-type", "text/css"), ("x-c", "3")]


def test_a_status_may_come_as_bytes() -> None:
    response = Response("x")
    response.status = b"404 x"
    assert response.status == "404 Not Found"


def test_parameters_of_the_type_are_read_and_replaced() -> None:
    response = Response("é", content_type="text/plain; x=1")
    assert response.content_type_params == {"x": "1", "charset": "utf-8"}
    response.content_type_params = {"Charset": "latin-1", "title": 'a "b"'}
    assert response.headers["content-type"] == 'text/plain; charset=latin-1; title="a \\"b\\""'
    assert response.body == b"\xe9"
    del response.content_type_params
    assert (response.headers["content-type"], response.content_type_params) == ("text/plain", {})


def test_type_and_charset_may_be_deleted() -> None:
    response = Response("é", charset="latin-1")
    del response.charset
    assert (response.headers["content-type"], response.body) == ("text/plain", "é".encode())
    del response.content_type
    assert response.content_type is None


@pytest.mark.parametrize("params", [{"a b": "1"}, {"a": "x\r\nX-Evil: 1"}, {"charset": "bogus"}])
def test_parameters_that_cannot_be_sent_are_refused(params: Any) -> None:
    with pytest.raises(ValueError):
        Response("x").content_type_params = params


def test_whether_conditions_count_is_the_class_s_default() -> None:
    class Conditional(Response[str]):
        default_conditional_response = True

    assert Conditional("x").conditional_response
    assert not Conditional("x", conditional_response=False).conditional_response
    assert not Response("x").conditional_response


def test_a_media_type_with_a_line_of_its_own_is_refused_each_time() -> None:
    class Split(Response[str]):
        media_type = "text/plain\r\nset-cookie: a=b"

    for _ in range(2):
        with pytest.raises(ValueError, match="content-type"):
            Split("x")


def test_a_type_that_was_changed_in_one_response_is_as_before_in_the_next() -> None:
    first = PlainTextResponse("x")
    first.charset = "latin-1"
    first.content_type_params = {"charset": "ascii"}
    assert PlainTextResponse("x").headerlist == [("content-type", "text/plain; charset=utf-8")]
