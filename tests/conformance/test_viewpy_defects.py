"""What is wrong with view.py's results, responses, errors and cookies, and not with ours. Numbers: sections and findings."""

from __future__ import annotations

import datetime as dt
import logging
from http import HTTPStatus
from typing import Any, NamedTuple

import pytest

from tests.handlers.serving import call, serving
from wadjet import HTML, JSON, Error, HTTPException, Response, Wadjet
from wadjet.errors import ConfigError, InvalidStatusError
from wadjet.testing import TestClient

TEXT = "text/plain; charset=utf-8"


class Text(str):
    """A text of a class of its own."""

    __slots__ = ()


class Result(NamedTuple):
    """What is returned, and what is answered."""

    defect: str
    value: Any
    status: int
    body: bytes
    fields: dict[str, str]


def returning(value: Any) -> Any:
    async def handler() -> Any:
        return value

    return handler


RESULTS = [
    Result("8.8 text has a type and a length", "hi", 200, b"hi", {"content-type": TEXT, "content-length": "2"}),
    Result("2.2 headers first, no crash", ({"X-A": "b"}, "hi", 202), 202, b"hi", {"x-a": "b"}),
    Result("2.2 the first sample's header", ("Hello, view.py", 201, {"x-my-header": "my_header"}), 201,
           b"Hello, view.py", {"x-my-header": "my_header"}),
    Result("2.2 one in a tuple", ("a",), 200, b"a", {}),
    Result("2.2 raw pairs in a tuple", ("a", ((b"x", b"y"), (b"x", b"z"))), 200, b"a", {"x": "y, z"}),
    Result("2.2 raw pairs in a list", ("a", [(b"x", b"y"), (b"x", b"z")]), 200, b"a", {"x": "y, z"}),
    Result("2.2 a number as a header", ("a", {"x": 1}), 200, b"a", {"x": "1"}),
    Result("2.2 an HTTPStatus", ("a", HTTPStatus.CREATED), 201, b"a", {}),
    Result("2.2 a class of text", (Text("a"), 201), 201, b"a", {"content-type": TEXT}),
    Result("2.2 bytes in a tuple", (b"a", 201), 201, b"a", {"content-type": "application/octet-stream"}),
    Result("2.2 a list in a tuple", (["a"], 201), 201, b'["a"]', {}),
    Result("2.2 a bool is a body", (True, 201), 201, b"true", {}),
    Result("2.2 a status alone", 201, 200, b"201", {"content-type": TEXT}),
    Result("2.2 a dict alone", {"a": 1}, 200, b'{"a":1}', {"content-type": "application/json"}),
    Result("2.2 bytes alone", b"x", 200, b"x", {}),
    Result("2.2 a list alone", ["a"], 200, b'["a"]', {}),
    Result("8.5 None does not hang", None, 204, b"", {}),
    Result("8.5 a dict in a tuple is the body", ({"a": "b"},), 200, b'{"a":"b"}', {}),
    Result("8.5 a status in a tuple has no body", (201,), 201, b"", {}),
    Result("8.9 NUL does not end the body", "a\0b", 200, b"a\0b", {}),
    Result("2.2 characters beyond ASCII", ("hé", {"x": "é"}), 200, "hé".encode(), {"x": "é"}),
    Result("2.3 an empty text is a body", ("", 201), 201, b"", {"content-type": TEXT}),
    Result("4.1 a result within a tuple", (JSON({"a": 1}), 201), 201, b'{"a":1}',
           {"content-type": "application/json"}),
    Result("4.3 a type that is given replaces ours", ("x", {"Content-Type": "text/css"}), 200, b"x",
           {"content-type": "text/css"}),
    Result("4.3 HTML has a charset", HTML("<p>é"), 200, "<p>é".encode(),
           {"content-type": "text/html; charset=utf-8"}),
]  # fmt: skip


@pytest.mark.parametrize("row", RESULTS, ids=[row.defect for row in RESULTS])
def test_a_returned_value_is_answered(row: Result) -> None:
    found = call(returning(row.value))
    assert (found.status_code, found.content) == (row.status, row.body)
    assert {name: found.headers[name] for name in row.fields} == row.fields
    assert len(found.headers.get_list("content-type")) <= 1


#: Two of a kind, or what is none: a mistake of the developer, told in the log and never to the client.
MISTAKES = [
    ("2.2 two texts", ("a", "b"), "two bodies"),
    ("2.2 two statuses", ("a", 201, 202), "two statuses"),
    ("2.2 two dicts beside a text", ("a", {"a": "b"}, {"c": "d"}), "two mappings of headers"),
    ("2.2 four values", ("a", 1, {}, "b"), "two bodies"),
    ("2.2 a float is no status", ("a", 2.0), "two bodies"),
    ("2.2 a bool is no status", ("a", True), "two bodies"),
    ("2.2 the name of a header", ("a", {1: "x"}), "header"),
    ("2.2 status 999", ("a", 999), "999"),
    ("2.2 status 0", ("a", 0), "0"),
    ("2.2 status -1", ("a", -1), "-1"),
    ("8.7 a line end in a header", ("a", {"x": "a\r\nSet-Cookie: b=c"}), "x"),
    ("8.7 a line end in a name", ("a", {"x\r\ny": "a"}), "header"),
    ("4.3 no such result", Response("x", body_translate="result"), "__view_result__"),
    ("4.3 nothing custom", Response("x", body_translate="custom"), "_custom"),
]


@pytest.mark.parametrize(("value", "reason"), [row[1:] for row in MISTAKES], ids=[row[0] for row in MISTAKES])
def test_what_cannot_be_answered_is_a_500_that_only_the_log_explains(
    value: Any, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, "wadjet.error"):
        found = call(returning(value))
    assert found.status_code == 500
    assert reason in caplog.text
    assert "returned" not in found.text
    assert found.headers.get("set-cookie") is None


# -- 3, 8.18: errors --------------------------------------------------------------------------------------------------------


class OutOfStock(Error):
    """An error of an application's own."""


def raising(error: BaseException) -> Any:
    async def handler() -> Any:
        raise error

    return handler


@pytest.mark.parametrize("error", [Error(409, "sold"), OutOfStock(409, "sold")])
def test_3_an_error_and_what_inherits_it_are_answered(error: Error) -> None:
    found = call(raising(error), headers={"accept": "text/plain"})
    assert (found.status_code, found.headers["content-type"]) == (409, TEXT)
    assert "sold" in found.text


@pytest.mark.parametrize("status", [200, 399, 600, 0, -1])
def test_3_an_error_is_no_success(status: int) -> None:
    with pytest.raises(InvalidStatusError):
        Error(status)


def test_3_an_error_is_caught_as_an_exception_and_has_headers() -> None:
    error = Error(429)
    error.headers["retry-after"] = "5"
    assert isinstance(error, Exception)
    assert isinstance(error, HTTPException)
    assert call(raising(error)).headers["retry-after"] == "5"


def test_3_an_empty_message_is_empty() -> None:
    found = call(raising(Error(400, "")), headers={"accept": "text/plain"})
    assert "Bad Request\n\n" not in found.text


def test_3_errors_are_negotiated() -> None:
    client = serving(raising(Error(404, "gone")))
    assert client.get("/").headers["content-type"] == "application/problem+json"
    page = client.get("/", headers={"accept": "text/html"})
    assert page.headers["content-type"] == "text/html; charset=utf-8"


def test_8_5_a_function_for_errors_answers_and_does_not_hang() -> None:
    app = Wadjet()

    @app.get("/")
    async def index() -> Any:
        raise Error(404)

    @index.error(404)
    async def missing() -> Any:
        return "not here", 404, {"x-a": "b"}

    found = TestClient(app).get("/")
    assert (found.status_code, found.text, found.headers["x-a"]) == (404, "not here", "b")


@pytest.mark.parametrize("status", [299, 600, 0, "404"])
def test_3_a_function_for_errors_is_of_a_status_that_there_is(status: Any) -> None:
    app = Wadjet()
    route = app.get("/")(returning("x"))
    with pytest.raises(ConfigError, match="300 to 599"):
        route.error(status)


def test_3_a_wrong_method_is_told_the_right_ones() -> None:
    found = serving(returning("x")).post("/")
    assert (found.status_code, found.headers["allow"]) == (405, "GET, HEAD, OPTIONS")


def test_8_10_an_exception_tells_the_client_nothing_by_default() -> None:
    found = call(raising(RuntimeError("password=hunter2")))
    assert found.status_code == 500
    assert "hunter2" not in found.text
    assert "RuntimeError" not in found.text


# -- 4: __view_result__ and Response ----------------------------------------------------------------------------------------


class Static:
    @staticmethod
    def __view_result__() -> Any:
        return "static", 201


class Nested:
    def __view_result__(self) -> Any:
        return Response(Static(), headers={"out": "2"})


class Later:
    async def __view_result__(self) -> Any:
        return "later", 202


@pytest.mark.parametrize(
    ("value", "status", "body"),
    [
        (Static(), 201, "static"),
        (Static, 201, "static"),
        (Nested(), 201, "static"),
        (Later(), 202, "later"),
        ((Static(), 418), 418, "static"),
        ((Later(), {"x": "y"}), 202, "later"),
    ],
)
def test_4_1_a_result_is_resolved_wherever_it_stands(value: Any, status: int, body: str) -> None:
    found = call(returning(value))
    assert (found.status_code, found.text) == (status, body)


def test_8_19_wrapping_keeps_what_it_does_not_change() -> None:
    inner = Response("x", 201, {"in": "1"})
    found = call(returning(Response(inner, headers={"out": "2"})))
    assert (found.status_code, found.text) == (201, "x")
    assert (found.headers["in"], found.headers["out"]) == ("1", "2")


def test_8_19_a_response_can_be_read_again() -> None:
    body, status, headers = Response("x", 201, {"a": "b"}).__view_result__()
    found = call(returning((body, status, headers)))
    assert (found.status_code, found.text, found.headers["a"]) == (201, "x", "b")


def test_4_3_an_unknown_strategy_fails_where_it_is_written() -> None:
    with pytest.raises(ValueError, match="body_translate"):
        Response("x", body_translate="strr")  # type: ignore[arg-type]  # the mistake


def test_4_3_a_translation_that_is_no_text_is_its_text() -> None:
    class Wrong(Response[Any]):
        def _custom(self, body: Any) -> Any:
            return 5

    assert call(lambda: Wrong("x", body_translate="custom")).text == "5"


def test_8_8_names_of_headers_are_small_letters_on_the_wire() -> None:
    response = Response("x", headers={"X-My-Header": "a"})
    assert all(name == name.lower() for name, _ in response.raw_headers)


# -- 4.4, 8.7: cookies ------------------------------------------------------------------------------------------------------


def cookie(**said: Any) -> str:
    response = Response("x")
    response.cookie(said.pop("key", "k"), said.pop("value", "v"), **said)
    return response.headers["set-cookie"].lower()


def test_4_4_a_cookie_can_be_deleted() -> None:
    assert "max-age=0" in cookie(max_age=0)
    assert "expires=thu, 01 jan 1970 00:00:00 gmt" in cookie(expires=0)
    response = Response("x")
    response.delete_cookie("k")
    assert "max-age=0" in response.headers["set-cookie"].lower()


@pytest.mark.parametrize("key", ["a b;c", "a\r\nX", "a=b", "", "é"])
def test_8_7_the_name_of_a_cookie_writes_nothing_else(key: str) -> None:
    with pytest.raises(ValueError, match="cookie"):
        cookie(key=key)


@pytest.mark.parametrize("attributes", [{"path": "/; HttpOnly"}, {"path": "/\r\nX: y"}, {"domain": "a;b"}])
def test_8_7_no_attribute_of_a_cookie_writes_another(attributes: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=next(iter(attributes))):
        cookie(**attributes)


def test_8_7_the_value_of_a_cookie_writes_nothing_else() -> None:
    try:
        found = cookie(value="v; Path=/\r\nX: y")
    except ValueError:
        return
    assert "\r" not in found
    assert "path=/" not in found.partition(";")[2]


@pytest.mark.parametrize("attributes", [{"same_site": "none"}, {"partitioned": True}])
def test_8_7_what_browsers_refuse_without_secure_is_refused_here(attributes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="[Ss]ecure"):
        cookie(**attributes)
    assert "secure" in cookie(**attributes, secure=True)


def test_4_4_a_time_without_a_zone_is_utc_wherever_it_runs() -> None:
    assert "mon, 01 jan 2024 00:00:00 gmt" in cookie(expires=dt.datetime(2024, 1, 1, tzinfo=dt.UTC))
    assert "mon, 01 jan 2024 00:00:00 gmt" in cookie(expires=dt.datetime(2024, 1, 1))  # noqa: DTZ001 - as above


def test_4_4_the_documents_other_name_is_there_too() -> None:
    response = Response("x")
    response.set_cookie("k", "v")
    assert response.headers["set-cookie"].startswith("k=v")
