import collections
import dataclasses
import logging
import types
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, IntEnum
from pathlib import Path, PosixPath, PurePath
from typing import Any, NamedTuple, Never, NoReturn
from uuid import UUID

import pytest
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from tests.handlers.serving import assembling, call, serving
from wadjet import (
    BaseMiddleware,
    Charset,
    ContentType,
    Error,
    JSONResponse,
    PlainTextResponse,
    Request,
    Response,
    StreamingResponse,
    Wadjet,
)
from wadjet.errors import ConfigError
from wadjet.handlers.respond import Respond
from wadjet.handlers.returning import Makers
from wadjet.http.exceptions import BadRequest, NotFound, SeeOther
from wadjet.testing import TestClient

TEXT = "text/plain; charset=utf-8"
JSON = "application/json"
BINARY = "application/octet-stream"
HTML = "text/html; charset=utf-8"


class User(BaseModel):
    name: str
    nick: str | None = None


class Admin(User):
    secret: str = "s3"


class Animal(BaseModel):
    kind: str
    legs: int | None = None


class Aliased(BaseModel):
    full_name: str = Field(default="x", alias="fullName")
    none: int | None = None


@dataclasses.dataclass
class Point:
    x: int
    y: int = 0


@dataclasses.dataclass
class Point3(Point):
    z: int = 0


class Pair(TypedDict):
    a: int


class Named(NamedTuple):
    a: int
    b: str


class Colour(Enum):
    RED = "red"


class Level(IntEnum):
    LOW = 1


class Text(str, Enum):  # noqa: UP042 - as older code spells it
    HELLO = "hello"


class Markup:
    def __html__(self) -> str:
        return "<b>é</b>"


class Opaque:
    password = "hunter2"

    def __str__(self) -> str:
        return "opaque"


def fail(error: Exception) -> str:
    raise error


def returns(value: Any, annotation: Any = None) -> Any:
    async def handler() -> Any:
        return value

    if annotation is not None:
        handler.__annotations__["return"] = annotation
    else:
        del handler.__annotations__["return"]
    return handler


@pytest.mark.parametrize(
    ("value", "kind", "body"),
    [
        ("é", TEXT, "é".encode()),
        ("", TEXT, b""),
        (b"\x00\xff", BINARY, b"\x00\xff"),
        (bytearray(b"a"), BINARY, b"a"),
        (memoryview(b"a"), BINARY, b"a"),
        ({"a": [1, None]}, JSON, b'{"a":[1,null]}'),
        ({1: 2}, JSON, b'{"1":2}'),
        ([1, "é"], JSON, '[1,"é"]'.encode()),
        ({1}, JSON, b"[1]"),
        (frozenset({1}), JSON, b"[1]"),
        (collections.deque([1]), JSON, b"[1]"),
        (collections.Counter("a"), JSON, b'{"a":1}'),
        (types.MappingProxyType({"a": 1}), JSON, b'{"a":1}'),
        (collections.UserDict({"a": 1}), JSON, b'{"a":1}'),
        ({"n": 2**70}, JSON, b'{"n":1180591620717411303424}'),
        ({"n": float("nan")}, JSON, b'{"n":null}'),
        ([float("inf"), 2**70], JSON, b"[null,1180591620717411303424]"),
        (Named(1, "b"), JSON, b'[1,"b"]'),
        (User(name="a"), JSON, b'{"name":"a","nick":null}'),
        ([User(name="a")], JSON, b'[{"name":"a","nick":null}]'),
        ({"u": Aliased()}, JSON, b'{"u":{"fullName":"x","none":null}}'),
        (Point(1), JSON, b'{"x":1,"y":0}'),
        ({"d": datetime(2020, 1, 1, tzinfo=UTC)}, JSON, b'{"d":"2020-01-01T00:00:00+00:00"}'),
        (5, TEXT, b"5"),
        (1.5, TEXT, b"1.5"),
        (True, TEXT, b"true"),
        (Decimal("1.50"), TEXT, b"1.50"),
        (Colour.RED, TEXT, b"red"),
        (Level.LOW, TEXT, b"1"),
        (Text.HELLO, TEXT, b"hello"),
        (datetime(2020, 1, 2, 3, 4), TEXT, b"2020-01-02T03:04:00"),
        (date(2020, 1, 2), TEXT, b"2020-01-02"),
        (time(3, 4), TEXT, b"03:04:00"),
        (timedelta(hours=1), TEXT, b"3600.0"),
        (UUID(int=1), TEXT, b"00000000-0000-0000-0000-000000000001"),
        (Markup(), HTML, "<b>é</b>".encode()),
        (Opaque(), BINARY, b"opaque"),
        (..., BINARY, b"Ellipsis"),
    ],
)
def test_a_value_leaves_as_what_it_is(value: Any, kind: str, body: bytes) -> None:
    answer = call(returns(value))
    assert (answer.status_code, answer.headers["content-type"], answer.content) == (200, kind, body)
    assert answer.headers["content-length"] == str(len(body))


def test_nothing_is_a_204_without_content_type() -> None:
    answer = call(returns(None))
    assert (answer.status_code, answer.content) == (204, b"")
    assert "content-type" not in answer.headers
    assert "content-length" not in answer.headers


def test_nothing_with_a_status_is_that_status_and_empty() -> None:
    answer = call(returns(None), options={"status_code": 202})
    assert (answer.status_code, answer.content, answer.headers["content-length"]) == (202, b"", "0")
    assert "content-type" not in answer.headers


@pytest.mark.parametrize("value", ["x", {"a": 1}, User(name="a"), Markup(), ("x", {"x-a": "1"})])
def test_the_status_of_the_route_is_the_default(value: Any) -> None:
    assert call(returns(value), options={"status_code": 201}).status_code == 201


@pytest.mark.parametrize("value", ["x", {"a": 1}, ("x", 200), b"x", Response("x")])
@pytest.mark.parametrize("status", [204, 205, 304])
def test_a_status_without_content_drops_it(value: Any, status: int) -> None:
    """RSP-18, RSP-19."""
    answers = [call(returns(value), options={"status_code": status})]
    if isinstance(value, str | dict | bytes):
        answers.append(call(returns((value, status))))
    elif isinstance(value, Response):
        answers = [call(returns((value, status)))]
    else:
        answers = []
    for answer in answers:
        assert (answer.status_code, answer.content) == (status, b"")
        assert "content-type" not in answer.headers


@pytest.mark.parametrize(
    ("value", "status", "body", "fields"),
    [
        (("x", 201, {"X-A": "1"}), 201, b"x", {"x-a": "1", "content-type": TEXT}),
        (({"X-A": "1"}, "x", 201), 201, b"x", {"x-a": "1", "content-type": TEXT}),
        ((201, {"a": 1}), 201, b'{"a":1}', {"content-type": JSON}),
        (({"a": 1}, {"X-A": "1"}), 200, b'{"a":1}', {"x-a": "1", "content-type": JSON}),
        (([1], 404), 404, b"[1]", {"content-type": JSON}),
        ((User(name="a"), 201), 201, b'{"name":"a","nick":null}', {"content-type": JSON}),
        ((None, 404), 404, b"", {}),
        ((404,), 404, b"", {}),
        (("x", {"Content-Type": "text/html"}), 200, b"x", {"content-type": "text/html"}),
        ((Response("x", 200, {"x-b": "2"}), 201, {"X-A": "1"}), 201, b"x", {"x-a": "1", "x-b": "2"}),
        ((Markup(), 201), 201, "<b>é</b>".encode(), {"content-type": HTML}),
    ],
)
def test_a_tuple_says_body_status_and_headers(
    value: Any, status: int, body: bytes, fields: dict[str, str]
) -> None:
    answer = call(returns(value))
    assert (answer.status_code, answer.content) == (status, body)
    assert fields.items() <= dict(answer.headers).items()
    assert len(answer.headers.get_list("content-type")) <= 1


def test_a_tuple_that_says_no_body_does_not_have_to_be_of_the_declared_type() -> None:
    assert call(returns((404,), User)).status_code == 404


@pytest.mark.parametrize("value", [("a", "b"), (200, 404), ("x", 99), ("x", {"X": "a\r\nb"})])
def test_a_tuple_that_cannot_be_is_a_500(value: Any, caplog: pytest.LogCaptureFixture) -> None:
    answer = call(returns(value))
    assert answer.status_code == 500
    assert "test_returning.py" not in answer.text
    assert caplog.records


def test_a_declared_tuple_is_a_document() -> None:
    assert call(returns(("x", 201), tuple[str, int])).json() == ["x", 201]


@pytest.mark.parametrize(
    ("value", "annotation", "body"),
    [
        (User(name="a"), User, b'{"name":"a","nick":null}'),
        (Admin(name="a"), User, b'{"name":"a","nick":null}'),
        ([Admin(name="a")], list[User], b'[{"name":"a","nick":null}]'),
        ({"u": Admin(name="a")}, dict[str, User], b'{"u":{"name":"a","nick":null}}'),
        ({"name": "a", "secret": 1}, User, b'{"name":"a","nick":null}'),
        (types.SimpleNamespace(name="a", nick="n", secret=1), User, b'{"name":"a","nick":"n"}'),
        (Point3(1), Point, b'{"x":1,"y":0}'),
        (Point(1), Point, b'{"x":1,"y":0}'),
        ({"a": "1"}, Pair, b'{"a":1}'),
        ({"a": 1}, dict[str, int], b'{"a":1}'),
        (None, User | None, b"null"),
        (Admin(name="a"), User | None, b'{"name":"a","nick":null}'),
        ({"name": "a"}, User | Response, b'{"name":"a","nick":null}'),
        (["5"], list[int], b"[5]"),
        (User(name="a"), Any, b'{"name":"a","nick":null}'),
        (Admin(name="a"), object, b'{"name":"a","nick":null,"secret":"s3"}'),
        (Admin(name="a"), ..., b'{"name":"a","nick":null,"secret":"s3"}'),
    ],
)
def test_the_declared_fields_leave_and_no_others(value: Any, annotation: Any, body: bytes) -> None:
    answer = call(returns(value, annotation))
    assert (answer.status_code, answer.content) == (200, body)
    assert answer.headers["content-type"] == JSON


@pytest.mark.parametrize(
    ("value", "annotation", "body"),
    [("5", int, b"5"), (5, int, b"5"), ("x", str, b"x"), (1, Level, b"1"), (b"x", bytes, b"x")],
)
def test_declared_scalars_are_text(value: Any, annotation: Any, body: bytes) -> None:
    assert call(returns(value, annotation)).content == body


def test_a_declared_none_is_a_204() -> None:
    def handler() -> None: ...

    answer = call(handler)
    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize(
    ("value", "annotation"),
    [
        ({}, User),
        ("x", int),
        ({"name": "hunter2", "nick": 5}, User),
        (5, None | User),
        ("hunter2", list[int]),
    ],
)
def test_a_result_that_is_not_of_the_declared_type_is_a_500(
    value: Any, annotation: Any, caplog: pytest.LogCaptureFixture
) -> None:
    answer = call(returns(value, annotation))
    assert answer.status_code == 500
    assert "hunter2" not in answer.text
    assert "valid" not in answer.json()["detail"]
    error = caplog.records[-1].exc_info[1]  # type: ignore[index]
    assert "test_returning.py" in str(error)
    assert "returned what its type does not allow: " in str(error)
    assert "hunter2" not in str(error)


def test_a_value_where_none_was_declared_is_a_500() -> None:
    assert call(returns("x", type(None))).status_code == 500


@pytest.mark.parametrize("annotation", [User, User | None, list[User], ...])
def test_a_response_passes_whatever_was_declared(annotation: Any) -> None:
    answer = call(returns(PlainTextResponse("x", 202), annotation))
    assert (answer.status_code, answer.text) == (202, "x")


@pytest.mark.parametrize(
    "annotation", [Response, JSONResponse, StreamingResponse, Response | JSONResponse, Iterator[str]]
)
def test_an_annotation_that_speaks_for_itself_checks_nothing(annotation: Any) -> None:
    assert call(returns("x", annotation)).text == "x"


def test_a_return_type_of_which_no_response_can_be_made_fails_at_assembly() -> None:
    message = assembling(returns(None, Opaque))
    assert "test_returning.py:" in message
    assert "returns Opaque, of which no response can be made" in message
    assert "annotate what leaves, or `-> Any` to decide by the value" in message


@pytest.mark.parametrize("raised", [True, False])
@pytest.mark.parametrize(
    ("error", "status"),
    [(NotFound("gone"), 404), (BadRequest(), 400), (SeeOther("/x"), 303)],
)
def test_an_http_exception_may_be_raised_and_returned(error: Exception, status: int, raised: bool) -> None:
    async def handler() -> Any:
        if raised:
            raise error
        return error

    for _ in range(2):
        answer = call(handler)
        assert answer.status_code == status
        assert answer.headers.get("location") == ("/x" if status == 303 else None)


def test_an_exception_that_is_no_response_is_as_if_it_were_raised() -> None:
    app = Wadjet()
    app.get("/")(returns(ValueError("hunter2")))
    app.get("/key")(returns(KeyError("hunter2")))

    @app.exception_handler(KeyError)
    def handle(request: Request, error: KeyError) -> Any:
        return "handled", 418

    with TestClient(app, raise_server_exceptions=False) as client:
        assert client.get("/").status_code == 500
        assert "hunter2" not in client.get("/").text
        assert (client.get("/key").status_code, client.get("/key").text) == (418, "handled")


def test_a_coroutine_that_nobody_awaits_is_a_500_that_says_so(caplog: pytest.LogCaptureFixture) -> None:
    async def inner() -> str:
        return "x"

    def handler() -> Any:
        return inner()

    assert call(handler).status_code == 500
    assert "returned coroutine, which nobody awaits; write `async def` and `return await …`" in caplog.text


def test_a_crash_is_a_500_with_an_id_and_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    async def handler() -> None:
        raise RuntimeError("hunter2")

    answer = call(handler)
    assert answer.status_code == 500
    assert "hunter2" not in answer.text
    assert answer.json()["id"] in caplog.text


SHARED = Response("gone", 404)
SHARED_ERROR = NotFound(body="gone")
SHARED_NEGOTIATED = NotFound("gone")


@pytest.mark.parametrize("shared", [SHARED, SHARED_ERROR, SHARED_NEGOTIATED])
@pytest.mark.parametrize("way", ["returned", "raised", "in a tuple"])
def test_a_shared_response_never_carries_what_another_request_got(shared: Any, way: str) -> None:
    class Visit(BaseMiddleware):
        visits = 0

        def after(self, request: Request, response: Any) -> None:
            Visit.visits += 1
            response.set_cookie("sid", str(Visit.visits))
            response.status_code = 410

    app = Wadjet(middleware=[Visit])

    @app.get("/")
    async def handler(n: int) -> Any:
        if way == "raised" and isinstance(shared, Exception):
            raise shared
        return (shared, {"x-n": str(n)}) if way == "in a tuple" else shared

    with TestClient(app) as client:
        for n in range(1, 4):
            answer = client.get("/", params={"n": n})
            assert [cookie.partition(";")[0] for cookie in answer.headers.get_list("set-cookie")] == [
                f"sid={n}"
            ]
            assert answer.status_code == 410
            assert answer.headers.get_list("x-n") == ([str(n)] if way == "in a tuple" else [])
    assert shared.status_code == 404
    assert "set-cookie" not in shared.headers


# -- streams -----------------------------------------------------------------------------------------------------------


async def chunks(*values: Any) -> AsyncIterator[Any]:
    for value in values:
        yield value


@pytest.mark.parametrize("kind", ["async", "sync", "iterator"])
@pytest.mark.parametrize(
    ("values", "content_type", "body"),
    [
        (["a", "b"], TEXT, b"ab"),
        ([b"a", b"b"], BINARY, b"ab"),
        (["é", b"b"], TEXT, "éb".encode()),
        ([b"a", "é"], BINARY, "aé".encode()),
        ([bytearray(b"a"), memoryview(b"b")], BINARY, b"ab"),
        pytest.param(["a", "", "b"], TEXT, b"ab", id="STR-02"),
        pytest.param(["", "b"], TEXT, b"b", id="an empty first chunk"),
        pytest.param([], BINARY, b"", id="nothing"),
        pytest.param([b"x" * 10] * 5, BINARY, b"x" * 50, id="STR-01"),
    ],
)
def test_a_generator_streams_and_its_first_chunk_decides_the_type(
    kind: str, values: list[Any], content_type: str, body: bytes
) -> None:
    async def asynchronous() -> AsyncIterator[Any]:
        for value in values:
            yield value

    def synchronous() -> Iterator[Any]:
        yield from values

    async def iterator() -> Any:
        return iter(values)

    handler = {"async": asynchronous, "sync": synchronous, "iterator": iterator}[kind]
    answer = call(handler)
    assert (answer.status_code, answer.headers["content-type"], answer.content) == (200, content_type, body)
    assert "content-length" not in answer.headers


def test_a_generator_has_the_route_s_status_and_type() -> None:
    async def handler() -> AsyncIterator[str]:
        yield "<p>"

    answer = call(handler, options={"status_code": 201, "response_content_type": "text/html"})
    assert (answer.status_code, answer.headers["content-type"]) == (201, HTML)


@pytest.mark.parametrize("value", [5, None, {"a": 1}])
def test_a_chunk_that_is_neither_bytes_nor_text_is_an_error(value: Any) -> None:
    assert call(returns(chunks(value))).status_code == 500


@pytest.mark.parametrize("blocking", [True, False])
def test_a_generator_that_fails_before_its_first_chunk_is_a_500(blocking: bool) -> None:
    """STR-12."""

    def synchronous() -> Iterator[str]:
        yield fail(RuntimeError("hunter2"))

    async def asynchronous() -> AsyncIterator[str]:
        yield fail(RuntimeError("hunter2"))

    answer = call(synchronous if blocking else asynchronous)
    assert answer.status_code == 500
    assert "hunter2" not in answer.text


def test_an_http_exception_of_a_generator_is_its_answer() -> None:
    async def handler() -> AsyncIterator[str]:
        yield fail(NotFound())

    assert call(handler).status_code == 404


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("content_type", [None, "text/plain"])
@pytest.mark.parametrize("blocking", [True, False])
def test_a_generator_is_closed_at_the_end(method: str, content_type: str | None, blocking: bool) -> None:
    """STR-04."""
    events: list[str] = []

    def synchronous() -> Iterator[str]:
        events.append("opened")
        try:
            yield "a"
            yield "b"
        finally:
            events.append("closed")

    async def asynchronous() -> AsyncIterator[str]:
        for chunk in synchronous():
            yield chunk

    options = {"response_content_type": content_type}
    with serving(synchronous if blocking else asynchronous, **options) as client:
        answer = client.request(method, "/")
        assert answer.content == (b"ab" if method == "GET" else b"")
        assert answer.headers["content-type"] == TEXT
    assert events in ([], ["opened", "closed"])


def test_a_stream_with_a_status_without_content_sends_none() -> None:
    assert call(returns((chunks("x"), 204))).content == b""


def test_a_shared_stream_of_a_callable_starts_anew_for_each_request() -> None:
    shared = StreamingResponse(lambda: chunks("a", "b"), media_type="text/plain")
    with serving(returns(shared)) as client:
        assert [client.get("/").text for _ in range(2)] == ["ab", "ab"]


# -- files -------------------------------------------------------------------------------------------------------------


class Own(PosixPath):
    pass


@pytest.fixture
def page(tmp_path: Path) -> Path:
    page = tmp_path / "page.html"
    page.write_text("<p>hello")
    return page


@pytest.mark.parametrize(
    "annotation", [..., Any, Path, Path | None, Path | dict[str, int], Own | User, Path | StreamingResponse]
)
@pytest.mark.parametrize("kind", [Path, Own])
def test_a_path_leaves_as_the_file(page: Path, annotation: Any, kind: type[Path]) -> None:
    answer = call(returns(kind(page), annotation))
    assert (answer.status_code, answer.text, answer.headers["content-type"]) == (200, "<p>hello", HTML)
    assert answer.headers["content-length"] == "8"


def test_what_is_declared_beside_a_path_leaves_as_before() -> None:
    assert call(returns(None, Path | None)).status_code == 204
    assert call(returns({"a": 1}, Path | dict[str, int])).json() == {"a": 1}


@pytest.mark.parametrize("annotation", [Point, dict[str, int], str, int | None])
def test_a_path_where_something_else_was_declared_is_a_500(page: Path, annotation: Any) -> None:
    answer = call(returns(page, annotation))
    assert answer.status_code == 500
    assert "hello" not in answer.text


@pytest.mark.parametrize("kind", [str, PurePath])
def test_the_name_of_a_file_is_not_the_file(page: Path, kind: Any) -> None:
    assert "hello" not in call(returns(kind(page))).text


def test_a_path_to_no_file_is_a_404(page: Path) -> None:
    assert call(returns(page.parent)).status_code == 404
    assert call(returns(page / "none")).status_code == 404


def test_a_path_has_the_route_s_status_type_and_charset(page: Path) -> None:
    answer = call(returns(page), options={"status_code": 203, "response_charset": "latin-1"})
    assert (answer.status_code, answer.headers["content-type"]) == (203, "text/html; charset=latin-1")
    answer = call(
        returns(page), options={"response_content_type": "image/png", "response_charset": "latin-1"}
    )
    assert (answer.text, answer.headers["content-type"]) == ("<p>hello", "image/png")


def test_a_path_may_be_the_body_of_a_tuple(page: Path) -> None:
    answer = call(returns((404, page, {"X-Note": "a", "Content-Type": "text/plain"})))
    assert (answer.status_code, answer.text, answer.headers["x-note"]) == (404, "<p>hello", "a")
    assert answer.headers.get_list("content-type") == ["text/plain"]


def test_paths_inside_of_a_document_are_text(page: Path) -> None:
    assert call(returns([page])).json() == [str(page)]
    assert call(returns({"a": page}, dict[str, Path])).json() == {"a": str(page)}


# -- __view_result__ ---------------------------------------------------------------------------------------------------


class Result:
    def __init__(self, result: Any) -> None:
        self.result = result

    def __view_result__(self) -> Any:
        return self.result


class AsyncResult(Result):
    async def __view_result__(self) -> Any:
        return self.result


@pytest.mark.parametrize("wrapper", [Result, AsyncResult])
@pytest.mark.parametrize(
    ("result", "status", "kind", "body"),
    [
        ("x", 200, TEXT, b"x"),
        ({"a": 1}, 200, JSON, b'{"a":1}'),
        (("x", 201), 201, TEXT, b"x"),
        (None, 204, None, b""),
        (Response("x", 202, {"content-type": "text/html"}), 202, "text/html", b"x"),
        (Result("x"), 200, TEXT, b"x"),
        (AsyncResult(Result(("x", 201))), 201, TEXT, b"x"),
        (Markup(), 200, HTML, "<b>é</b>".encode()),
    ],
)
def test_an_object_says_what_it_is(
    wrapper: Any, result: Any, status: int, kind: str | None, body: bytes
) -> None:
    answer = call(returns(wrapper(result)))
    assert (answer.status_code, answer.headers.get("content-type"), answer.content) == (status, kind, body)


def test_the_result_of_an_object_follows_the_route_s_rules() -> None:
    answer = call(
        returns(Result(Admin(name="a")), User), options={"status_code": 201, "response_exclude_none": True}
    )
    assert (answer.status_code, answer.json()) == (201, {"name": "a"})


def test_status_and_headers_given_beside_an_object_win() -> None:
    answer = call(returns((Result(("x", 201, {"X-A": "1", "X-B": "1"})), 202, {"X-A": "2"})))
    assert (answer.status_code, answer.headers["x-a"], answer.headers["x-b"]) == (202, "2", "1")
    answer = call(returns(Response(AsyncResult(("x", 201, {"X-A": "1"})), 202, {"X-A": "2"})))
    assert (answer.status_code, answer.headers.get_list("x-a"), answer.text) == (202, ["2"], "x")
    answer = call(returns(Response(Result(("x", 201, {"X-A": "1"})))))
    assert (answer.status_code, answer.headers["x-a"]) == (201, "1")


def test_an_object_may_stream() -> None:
    assert call(returns(Result(chunks("a", "b")))).text == "ab"


def test_a_stream_that_an_object_gives_is_closed_at_the_end() -> None:
    closed: list[bool] = []

    async def content() -> AsyncIterator[str]:
        try:
            yield "a"
            raise AssertionError("nothing further leaves")
        finally:
            closed.append(True)

    answer = call(returns(Result(Response(Result(StreamingResponse(content()))))), method="HEAD")
    assert (answer.status_code, closed) == (200, [True])


def test_an_error_that_an_object_gives_is_negotiated() -> None:
    answer = call(returns(Response(Result(NotFound("gone")), headers={"x-note": "a"})))
    assert (answer.status_code, answer.json()["detail"], answer.headers["x-note"]) == (404, "gone", "a")


def test_an_object_that_fails_is_a_500() -> None:
    class Failing:
        def __view_result__(self) -> str:
            raise RuntimeError

    assert call(returns(Failing())).status_code == 500


def test_an_object_that_is_its_own_result_is_a_500() -> None:
    class Endless:
        def __view_result__(self) -> Any:
            return self

    logging.getLogger("wadjet.errors").disabled = True
    try:
        assert call(returns(Endless())).status_code == 500
    finally:
        logging.getLogger("wadjet.errors").disabled = False


# -- response_* ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("annotation", [None, Aliased, User | Aliased])
@pytest.mark.parametrize(
    ("options", "document"),
    [
        ({}, {"fullName": "x", "none": None}),
        ({"response_by_alias": False}, {"full_name": "x", "none": None}),
        ({"response_exclude_none": True}, {"fullName": "x"}),
        ({"response_exclude_unset": True}, {}),
        ({"response_exclude_defaults": True}, {}),
        ({"response_include_fields": {"none"}}, {"none": None}),
        ({"response_exclude_fields": {"none"}}, {"fullName": "x"}),
    ],
)
def test_the_route_says_which_fields_leave(annotation: Any, options: Any, document: Any) -> None:
    assert call(returns(Aliased(), annotation), options=options).json() == document


@pytest.mark.parametrize(
    ("options", "document"),
    [
        ({"response_exclude_none": True}, {"a": 1, "u": {"name": "n"}}),
        ({"response_exclude_none": True, "response_charset": "latin-1"}, {"a": 1, "u": {"name": "n"}}),
        ({"response_include_fields": {"a"}}, {"a": 1}),
        ({"response_exclude_fields": {"u": {"name"}}}, {"a": 1, "b": None, "u": {"nick": None}}),
    ],
)
def test_the_fields_of_a_dict_are_chosen_alike(options: Any, document: Any) -> None:
    value = {"a": 1, "b": None, "u": User(name="n")}
    assert call(returns(value), options=options).json() == document


@pytest.mark.parametrize(
    ("options", "value", "kind", "body"),
    [
        ({"response_content_type": "text/html"}, "x", HTML, b"x"),
        ({"response_content_type": ContentType.text_html}, "x", HTML, b"x"),
        ({"response_content_type": "text/*"}, "x", TEXT, b"x"),
        ({"response_content_type": "application/json"}, "x", JSON, b'"x"'),
        ({"response_content_type": "application/json"}, b"{}", JSON, b"{}"),
        ({"response_content_type": "application/json"}, 5, JSON, b"5"),
        ({"response_content_type": "application/problem+json"}, "x", "application/problem+json", b"x"),
        (
            {"response_content_type": "application/problem+json"},
            {"a": 1},
            "application/problem+json",
            b'{"a":1}',
        ),
        ({"response_content_type": "text/plain"}, {"a": 1}, TEXT, b'{"a":1}'),
        ({"response_content_type": "application/xml"}, "<a/>", "application/xml; charset=utf-8", b"<a/>"),
        ({"response_content_type": "application/pdf"}, b"%PDF", "application/pdf", b"%PDF"),
        ({"response_charset": "latin-1"}, "é", "text/plain; charset=latin-1", b"\xe9"),
        ({"response_charset": Charset.utf32}, "a", "text/plain; charset=utf-32", "a".encode("utf-32")),
        (
            {"response_charset": "utf-16"},
            {"a": "é"},
            "application/json; charset=utf-16",
            '{"a":"é"}'.encode("utf-16"),
        ),
        ({"response_charset": "latin-1"}, b"\xff", BINARY, b"\xff"),
        ({"response_json_encoder": lambda value: f"<{value}>"}, {"a": 1}, JSON, b"<{'a': 1}>"),
        ({"response_json_encoder": lambda value: b"raw"}, User(name="a"), JSON, b"raw"),
    ],
)
def test_the_route_says_type_charset_and_encoder(options: Any, value: Any, kind: str, body: bytes) -> None:
    answer = call(returns(value), options=options)
    assert (answer.status_code, answer.headers["content-type"], answer.content) == (200, kind, body)


def test_by_alias_reaches_models_inside_of_lists_and_dicts() -> None:
    value = {"all": [Aliased()]}
    for options in (
        {"response_by_alias": False},
        {"response_by_alias": False, "response_charset": "latin-1"},
    ):
        assert call(returns(value), options=options).json() == {"all": [{"full_name": "x", "none": None}]}


def test_the_encoder_gets_only_the_declared_fields() -> None:
    answer = call(
        returns(Admin(name="a"), User),
        options={"response_json_encoder": lambda value: repr(value), "response_exclude_none": True},
    )
    assert answer.text == "{'name': 'a'}"


def test_the_route_s_type_stands_instead_of_the_annotation() -> None:
    assert call(returns(Admin(name="a"), Any), options={"response_type": User}).json() == {
        "name": "a",
        "nick": None,
    }
    assert call(returns("x"), options={"response_type": None}).status_code == 500


def test_without_validation_the_result_only_is_written() -> None:
    answer = call(returns({"any": 1}, User), options={"response_validate": False})
    assert answer.json() == {"any": 1}


def test_a_character_that_the_charset_does_not_have_is_a_500() -> None:
    assert call(returns("€"), options={"response_charset": "latin-1"}).status_code == 500


@pytest.mark.parametrize(
    "options", [{}, {"response_exclude_none": True}, {"response_exclude_fields": {"kind"}}]
)
def test_a_list_of_instances_leaves_as_if_it_had_been_validated(options: Any) -> None:
    """The shortcut, the plain way and the rules agree: only declared fields leave, and what is wrong is a 500."""
    instances = [Animal(kind="cat", legs=4), Animal(kind="eel", legs=None)]
    with serving(returns(instances, list[Animal]), **options) as client:
        trusted = client.get("/")
    with serving(returns([animal.model_dump() for animal in instances], list[Animal]), **options) as client:
        plain = client.get("/")
    assert trusted.content == plain.content
    assert (trusted.status_code, trusted.headers) == (plain.status_code, plain.headers)


def test_a_list_of_mixed_instances_is_validated() -> None:
    class Secret(Animal):
        owner: str

    mixed: list[Any] = [Animal(kind="cat", legs=4), Secret(kind="dog", legs=4, owner="me")]
    assert b"owner" not in call(returns(mixed, list[Animal])).content
    assert call(returns([*mixed, {"kind": 1}], list[Animal])).status_code == 500
    assert call(returns([], list[Animal])).content == b"[]"


class Point2:
    def __init__(self, x: int) -> None:
        self.x = x


class Far(Point2):
    pass


def adapted(value: Any, *adapters: tuple[type, Any], annotation: Any = None, **options: Any) -> Any:
    app = Wadjet()
    for cls, adapter in adapters:
        app.add_response_adapter(cls, adapter)
    app.add_get("/", returns(value, annotation), **options)
    return TestClient(app, raise_server_exceptions=False).get("/")


def test_an_adapter_makes_a_response_of_a_class_and_its_subclasses() -> None:
    pair = (Point2, lambda point: {"x": point.x})
    assert adapted(Point2(1), pair).json() == {"x": 1}
    assert adapted(Far(2), pair, (Far, lambda far: f"far {far.x}")).text == "far 2"
    assert adapted(Far(2), pair).json() == {"x": 2}


def test_an_adapter_goes_before_every_rule() -> None:
    status: Any = (int, lambda number: Response(None, number))
    assert adapted(418, status).status_code == 418
    assert adapted(418, status, annotation=int).status_code == 418
    assert adapted([1, 2], (list, lambda items: Response(f"{len(items)} items"))).text == "2 items"
    assert adapted(None, (type(None), lambda _: ("nothing", 404))).status_code == 404


def test_an_adapted_result_may_be_the_body_of_a_tuple() -> None:
    found = adapted((Point2(1), 201), (Point2, lambda point: {"x": point.x}))
    assert (found.status_code, found.json()) == (201, {"x": 1})


def test_an_adapter_may_give_a_shared_response() -> None:
    shared = Response("shared")
    assert adapted(Point2(1), (Point2, lambda _: shared)).text == "shared"


def test_an_adapter_that_gives_the_same_class_again_is_a_500(caplog: pytest.LogCaptureFixture) -> None:
    assert adapted(Point2(1), (Point2, lambda point: point)).status_code == 500
    assert "let it return a Response, or something of another type" in caplog.text


def test_what_cannot_be_an_adapter_is_refused() -> None:
    async def asynchronous(value: int) -> str:
        return str(value)

    app = Wadjet()
    for cls, adapter in (("int", str), (int, 7), (int, asynchronous)):
        with pytest.raises(ConfigError, match="give a class and a function that is not asynchronous"):
            app.add_response_adapter(cls, adapter)  # type: ignore[arg-type]
    app.add_response_adapter(int, str)
    with pytest.raises(ConfigError, match="adapts it already"):
        app.add_response_adapter(int, repr)


def test_options_cost_nothing_for_the_declared_model() -> None:
    """The function that writes an instance is the same one, whatever the route says; only what it was made with differs."""

    def maker(options: Any) -> Any:
        return Makers(Respond.of(options, "here"), Animal, "here")[Animal]

    every: dict[str, Any] = {
        "status_code": 201,
        "response_validate": True,
        "response_type": Animal,
        "response_content_type": "application/json",
        "response_charset": "utf-8",
        "response_include_fields": {"kind"},
        "response_exclude_fields": {"legs"},
        "response_by_alias": False,
        "response_exclude_unset": True,
        "response_exclude_defaults": True,
        "response_exclude_none": True,
    }
    assert maker(every).__code__ is maker({}).__code__
    assert maker(every)(Animal(kind="cat", legs=4)).is_ready


@pytest.mark.parametrize("annotation", [Never, NoReturn])
def test_a_handler_may_say_that_it_only_raises(annotation: Any) -> None:
    async def handler() -> Any:
        raise Error(418)

    handler.__annotations__["return"] = annotation
    assert call(handler).status_code == 418
