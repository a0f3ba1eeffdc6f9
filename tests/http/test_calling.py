"""A request is sent to an application, whichever kind it is, and the response comes back whole."""

from __future__ import annotations

import asyncio
import functools
import sys
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from tests.http.scopes import receiving, scope
from wadjet import Request, Response, StreamingResponse, Wadjet
from wadjet.errors import MissingExtra
from wadjet.http.response import PlainTextResponse
from wadjet.types import Receive, Scope, Send


def sent(request: Request, app: Any) -> Response[Any]:
    return asyncio.run(request.get_response(app))


def wadjet() -> Wadjet:
    app = Wadjet()

    @app.post("/{name}")
    async def echo(request: Request, name: str) -> Any:
        finished.append("begun")
        request.add_finished_callback(lambda _: finished.append("finished"))
        return [name, request.GET["q"], await request.text(), request.headers["x"]]

    @app.get("/stream")
    async def stream() -> Any:
        async def chunks() -> Any:
            for number in range(3):
                yield str(number)

        return StreamingResponse(chunks())

    finished: list[str] = []
    app.finished = finished  # type: ignore[attr-defined]  # for the test to look at
    return app


async def asgi(scope: Scope, receive: Receive, send: Send) -> None:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    await send({"type": "http.response.start", "status": 201, "headers": [(b"x-path", scope["raw_path"])]})
    await send({"type": "http.response.body", "body": body, "more_body": True})
    await send({"type": "http.response.body", "body": b"!"})
    assert (await receive())["type"] == "http.disconnect"


def wsgi(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response("202 Accepted", [("Content-Type", "text/plain"), ("X-Path", environ["PATH_INFO"])])
    return [environ["REQUEST_METHOD"].encode(), b" ", environ["wsgi.input"].read()]


def test_a_wadjet_answers() -> None:
    app = wadjet()
    request = Request.blank("/anna?q=1", method="POST", body=b"hello", headers={"x": "y"})
    response = sent(request, app)
    assert (response.status_code, response.json) == (200, ["anna", "1", "hello", "y"])
    assert app.finished == ["begun", "finished"]  # type: ignore[attr-defined]  # as above
    assert sent(Request.blank("/nowhere/at/all"), app).status_code == 404


def test_a_stream_comes_back_whole() -> None:
    assert sent(Request.blank("/stream"), wadjet()).body == b"012"
    head = sent(Request.blank("/stream", method="HEAD"), wadjet())
    assert (head.status_code, head.body) == (200, b"")


def test_an_asgi_application_answers() -> None:
    response = sent(Request.blank("/a%2Fb", method="PUT", body=b"hello"), asgi)
    assert (response.status, response.body, response.headers["x-path"]) == (
        "201 Created",
        b"hello!",
        "/a%2Fb",
    )
    assert sent(Request.blank("/"), functools.partial(asgi)).body == b"!"


def test_a_plain_function_that_gives_what_an_asgi_application_gives_is_one() -> None:
    def wrapped(scope: Scope, receive: Receive, send: Send) -> Any:
        return asgi(scope, receive, send)

    assert sent(Request.blank("/", body=b"x"), wrapped).body == b"x!"


def test_a_response_is_an_application() -> None:
    response = sent(Request.blank("/"), PlainTextResponse("hi", headers={"x": "1"}))
    assert (response.text, response.headers["x"], response.content_type) == ("hi", "1", "text/plain")


def test_a_wsgi_application_answers() -> None:
    response = sent(Request.blank("/é", method="PUT", body=b"hello"), wsgi)
    assert (response.status_code, response.body) == (202, b"PUT hello")
    assert response.headers["x-path"].encode("latin-1").decode() == "/é"


def test_wsgi_without_its_extra_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "a2wsgi", None)
    with pytest.raises(MissingExtra, match='pip install "wadjet\\[wsgi\\]"'):
        sent(Request.blank("/"), wsgi)


@pytest.mark.parametrize("app", [None, 5, lambda: None, dict, Wadjet])
def test_what_is_no_application_is_refused(app: Any) -> None:
    with pytest.raises(TypeError, match=r"is no application: ASGI takes \(scope, receive, send\)"):
        sent(Request.blank("/"), app)


def test_what_an_application_raises_reaches_the_caller() -> None:
    async def failing(scope: Scope, receive: Receive, send: Send) -> None:
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        sent(Request.blank("/"), failing)


START = {"type": "http.response.start", "status": 200}
END = {"type": "http.response.body"}


@pytest.mark.parametrize(
    ("messages", "complaint"),
    [
        ([], "ended without its response"),
        ([START], "ended within its response"),
        ([START, {**END, "more_body": True}], "ended within its response"),
        ([END], "sent 'http.response.body' where it may not"),
        ([START, START], "sent 'http.response.start' where it may not"),
        ([START, END, END], "sent 'http.response.body' where it may not"),
    ],
)
def test_messages_that_are_no_response_are_an_error(messages: list[Any], complaint: str) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)

    with pytest.raises(RuntimeError, match=complaint):
        sent(Request.blank("/"), app)


def test_a_received_request_can_be_sent_on_while_its_content_arrives() -> None:
    async def run() -> None:
        received = Request(
            scope(method="POST", headers={"transfer-encoding": "chunked"}, raw_path=b"/"),
            receiving(b"a", b"b"),
        )
        response = await received.get_response(asgi)
        assert response.body == b"ab!"
        assert await received.body() == b"ab"
        assert (await received.send(asgi)).body == b"ab!"

    asyncio.run(run())


def test_whoever_is_asked_changes_nothing_of_the_request() -> None:
    async def meddling(scope: Scope, receive: Receive, send: Send) -> None:
        inner = Request(scope, receive)
        inner.state["meddled"] = True
        inner.user = "other"
        scope["headers"].append((b"x", b"1"))
        await send(START)
        await send(END)

    request = Request.blank("/")
    request.user = "me"
    sent(request, meddling)
    assert (request.state, request.user, request.headers.get("x")) == ({}, "me", None)


def test_who_is_asking_goes_along() -> None:
    async def asks(scope: Scope, receive: Receive, send: Send) -> None:
        await Response(Request(scope, receive).user)(scope, receive, send)

    request = Request.blank("/")
    request.user = "me"
    assert sent(request, asks).text == "me"
