"""An application of ours for WSGI servers."""

from __future__ import annotations

import asyncio
import io
import threading
from collections.abc import Iterator
from typing import Any
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import pytest

from wadjet import Request, StreamingResponse, Wadjet
from wadjet.server.threaded import ThreadedApp

events: list[str] = []
left = threading.Event()


def made() -> Wadjet:
    app = Wadjet()

    @app.on_startup
    def begin() -> None:
        events.append("startup")

    @app.on_shutdown
    def end() -> None:
        events.append("shutdown")

    @app.get("/hello/{name}")
    async def hello(name: str, q: str = "") -> str:
        await asyncio.sleep(0)
        return f"{name} {q}"

    @app.post("/echo")
    async def echo(request: Request) -> bytes:
        return await request.body()

    @app.get("/endless")
    async def endless() -> StreamingResponse:
        async def chunks() -> Any:
            try:
                while True:
                    yield b"x"
            finally:
                left.set()

        return StreamingResponse(chunks())

    return app


@pytest.fixture(scope="module")
def app() -> Iterator[ThreadedApp]:
    found = made().wsgi
    yield found
    found.close()


def call(app: Any, path: str, **environ: Any) -> tuple[str, dict[str, str], bytes]:
    given: dict[str, Any] = {"PATH_INFO": path, "QUERY_STRING": "", "SCRIPT_NAME": "", **environ}
    setup_testing_defaults(given)
    head: list[Any] = []

    def start_response(*values: Any) -> Any:
        head.extend(values)
        return lambda chunk: None

    content = app(given, start_response)
    try:
        return head[0], dict(head[1]), b"".join(content)
    finally:
        getattr(content, "close", list)()


def test_it_keeps_to_the_standard(app: ThreadedApp) -> None:
    status, fields, body = call(validator(app), "/hello/ada", QUERY_STRING="q=1")
    assert (status, fields["content-type"], body) == ("200 OK", "text/plain; charset=utf-8", b"ada 1")


@pytest.mark.parametrize("size", [0, 3, 200_000])
@pytest.mark.parametrize("declared", [True, False])
def test_content_is_read_as_it_comes(app: ThreadedApp, size: int, declared: bool) -> None:
    body = b"x" * size
    framing: dict[str, Any] = {"CONTENT_LENGTH": str(size)} if declared else {"wsgi.input_terminated": True}
    given = {"REQUEST_METHOD": "POST", "wsgi.input": io.BytesIO(body), **framing}
    assert call(app, "/echo", **given)[2] == body


def test_content_without_a_length_is_none(app: ThreadedApp) -> None:
    assert call(app, "/echo", REQUEST_METHOD="POST", **{"wsgi.input": io.BytesIO(b"next request")})[2] == b""


def test_a_short_body_is_no_whole_one(app: ThreadedApp) -> None:
    given = {"REQUEST_METHOD": "POST", "wsgi.input": io.BytesIO(b"ab"), "CONTENT_LENGTH": "5"}
    with pytest.raises(RuntimeError, match="without a response"):
        call(app, "/echo", **given)


def test_a_path_that_is_not_utf8_is_400(app: ThreadedApp) -> None:
    assert call(app, "/\xff")[0] == "400 Bad Request"


def test_a_server_that_closes_early_ends_the_stream(app: ThreadedApp) -> None:
    given: dict[str, Any] = {"PATH_INFO": "/endless"}
    setup_testing_defaults(given)
    content: Any = app(given, lambda *values: None)
    assert next(content) == b"x"
    content.close()
    left.wait()


def test_what_the_application_raises_is_the_servers() -> None:
    async def broken(scope: Any, receive: Any, send: Any) -> None:
        raise ValueError("mine")

    wsgi = ThreadedApp(broken)
    with pytest.raises(ValueError, match="mine"):
        call(wsgi, "/")
    broken.shutdown = lambda: asyncio.sleep(0)  # type: ignore[attr-defined]  # as an application has it
    wsgi.close()


def test_it_starts_with_the_first_request_and_stops_when_it_is_closed() -> None:
    events.clear()
    wsgi = made().wsgi
    wsgi.close()
    assert events == []
    for _ in range(2):
        call(wsgi, "/hello/ada")
    wsgi.close()
    assert events == ["startup", "shutdown"]
