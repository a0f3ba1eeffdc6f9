"""WSGI applications below a path of ours."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from wadjet import Request, Wadjet
from wadjet.errors import ConfigError
from wadjet.http.request import Request as HttpRequest
from wadjet.server.wsgi import WSGI
from wadjet.testing import TestClient

OK = ("200 OK", [("Content-Type", "text/plain")])


def client_of(app: Any, **options: Any) -> TestClient:
    outer = Wadjet(max_body_size=1000)
    outer.mount("/legacy", WSGI(app, **options))
    return TestClient(outer, raise_server_exceptions=False)


def test_it_is_told_where_it_stands_and_what_it_is_asked() -> None:
    seen: dict[str, Any] = {}

    def app(environ: Any, start_response: Any) -> Any:
        seen.update(environ, body=environ["wsgi.input"].read(), thread=threading.current_thread().name)
        start_response("201 Made", [("Content-Type", "text/plain"), ("X-Two", "1"), ("X-Two", "2")])
        return [b"a", b"", b"b"]

    response = client_of(app).post(
        "/legacy/caf%C3%A9?q=%C3%A9",
        content=b"x=1",
        headers={"x-mine": "yes", "proxy": "http://evil", "x_under": "no"},
    )
    assert (response.status_code, response.content) == (201, b"ab")
    assert response.headers.get_list("x-two") == ["1", "2"]
    expected = {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "/legacy",
        "PATH_INFO": "/café".encode().decode("latin-1"),
        "QUERY_STRING": "q=%C3%A9",
        "CONTENT_LENGTH": "3",
        "HTTP_X_MINE": "yes",
        "wsgi.url_scheme": "http",
        "body": b"x=1",
    }
    assert {name: seen[name] for name in expected} == expected
    assert not {"HTTP_PROXY", "HTTP_X_UNDER"} & seen.keys()
    assert seen["thread"].startswith("wadjet-wsgi")


def test_content_that_middleware_has_read_is_whole() -> None:
    from wadjet.middleware.base import BaseMiddleware

    class Reads(BaseMiddleware):
        async def before(self, request: Request) -> None:
            assert await request.body() == b"abc"

    def app(environ: Any, start_response: Any) -> Any:
        start_response(*OK)
        return [environ["wsgi.input"].read()]

    outer = Wadjet(middleware=[Reads])
    outer.mount("/", WSGI(app))
    assert TestClient(outer).post("/x", content=b"abc").content == b"abc"


def test_what_it_writes_by_the_old_way_comes_first() -> None:
    def app(environ: Any, start_response: Any) -> Any:
        write = start_response(*OK)
        write(b"1")
        write(b"2")
        return [b"3"] if environ["PATH_INFO"] == "/more" else []

    client = client_of(app)
    assert [client.get(f"/legacy/{path}").content for path in ("more", "none")] == [b"123", b"12"]


@pytest.mark.parametrize("chunks", [[], [b"abc"], [b"", b"a", b"bc"]])
def test_head_has_no_content_whatever_the_application_gives(chunks: list[bytes]) -> None:
    closed: list[bool] = []

    class Content(list[bytes]):
        def close(self) -> None:
            closed.append(True)

    def app(environ: Any, start_response: Any) -> Any:
        start_response(OK[0], [*OK[1], ("Content-Length", "3")])
        return Content(chunks)

    response = client_of(app).head("/legacy/")
    assert (response.status_code, response.content, response.headers["content-length"]) == (200, b"", "3")
    assert closed == [True]


def test_an_answer_may_be_replaced_until_it_has_begun() -> None:
    def app(environ: Any, start_response: Any) -> Any:
        start_response(*OK)
        try:
            raise ValueError("x")
        except ValueError as error:
            start_response("500 Oh", [], (type(error), error, error.__traceback__))
        return [b"sorry"]

    response = client_of(app).get("/legacy/")
    assert (response.status_code, response.content) == (500, b"sorry")


def test_the_content_is_closed_whatever_happens() -> None:
    closed = []

    class Content:
        def __init__(self, fails: bool) -> None:
            self.fails = fails

        def __iter__(self) -> Iterator[bytes]:
            yield b""
            if self.fails:
                raise RuntimeError("x")

        def close(self) -> None:
            closed.append(1)

    def app(environ: Any, start_response: Any) -> Any:
        start_response(*OK)
        return Content(environ["PATH_INFO"] == "/fails")

    client = client_of(app)
    assert [client.get(f"/legacy/{path}").status_code for path in ("works", "fails")] == [200, 500]
    assert closed == [1, 1]


def no_head(environ: Any, start_response: Any) -> Any:
    return [b"x"]


def nothing_at_all(environ: Any, start_response: Any) -> Any:
    return []


def twice(environ: Any, start_response: Any) -> Any:
    start_response(*OK)
    start_response(*OK)
    return []


def bad_status(environ: Any, start_response: Any) -> Any:
    start_response("OK", [])
    return []


def split(environ: Any, start_response: Any) -> Any:
    start_response("200 OK", [("X-A", "1\r\nX-B: 2")])
    return []


@pytest.mark.parametrize("app", [no_head, nothing_at_all, twice, bad_status, split])
def test_what_the_standard_forbids_is_a_500(app: Any, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        assert client_of(app).get("/legacy/").status_code == 500


def test_a_failure_after_the_head_breaks_the_answer_off() -> None:
    def app(environ: Any, start_response: Any) -> Iterator[bytes]:
        start_response(*OK)
        yield b"x"
        try:
            raise ValueError("mine")
        except ValueError as error:
            start_response("500 Oh", [], (type(error), error, error.__traceback__))

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    scope = HttpRequest.blank("/").scope
    with pytest.raises(ValueError, match="mine"):
        asyncio.run(WSGI(app)(scope, receive, send))
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]


def test_fields_of_the_connection_are_not_its() -> None:
    def app(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [("Connection", "close"), ("Transfer-Encoding", "chunked"), ("X-A", "1")])
        return [b"x"]

    headers = client_of(app).get("/legacy/").headers
    assert "x-a" in headers
    assert not {"connection", "transfer-encoding"} & set(headers)


def test_who_leaves_holds_no_thread() -> None:
    closed = threading.Event()

    def app(environ: Any, start_response: Any) -> Iterator[bytes]:
        start_response(*OK)
        try:
            while True:
                yield b"x" * 10000
        finally:
            closed.set()

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.body":
            raise OSError("gone")

    async def main() -> None:
        with pytest.raises(OSError, match="gone"):
            await WSGI(app)(HttpRequest.blank("/").scope, receive, send)
        await asyncio.to_thread(closed.wait)

    asyncio.run(main())


def test_too_much_content_is_refused() -> None:
    outer = Wadjet()
    outer.mount("/", WSGI(no_head))
    response = TestClient(outer, raise_server_exceptions=False).post(
        "/", content=b"x" * (10 * 1024 * 1024 + 1)
    )
    assert response.status_code == 413


def test_a_handshake_is_refused() -> None:
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message["type"])

    asyncio.run(WSGI(no_head)({"type": "websocket"}, receive, send))
    assert sent == ["websocket.close"]


@pytest.mark.parametrize("given", [(7, 1), (no_head, 0)])
def test_what_cannot_be_is_said(given: Any) -> None:
    with pytest.raises(ConfigError, match="give a WSGI application, and one thread at least"):
        WSGI(given[0], threads=given[1])


def test_its_threads_end_with_the_application() -> None:
    def app(environ: Any, start_response: Any) -> Any:
        start_response(*OK)
        return [b"x"]

    outer = Wadjet()
    wsgi = WSGI(app)
    outer.mount("/", wsgi)
    with TestClient(outer) as client:
        assert client.get("/").content == b"x"
        assert wsgi._pool._executor is not None
    assert wsgi._pool._executor is None
