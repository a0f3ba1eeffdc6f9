"""Exceptions become responses inside the stack: the guard, exception handlers, what the log says."""

from __future__ import annotations

import logging
import threading
from typing import Any

import pytest

from tests.driving import Sent, run
from wadjet import Error, JSONResponse, Request, Wadjet
from wadjet.errors import ConfigError
from wadjet.http.exceptions import (
    ClientError,
    Forbidden,
    HTTPException,
    InternalServerError,
    NotFound,
    ServiceUnavailable,
)
from wadjet.testing import TestClient


class Broken(Exception):
    """An application's own."""


class VeryBroken(Broken):
    """A subclass."""


def raising(error: BaseException, *handlers: tuple[Any, Any], debug: bool | None = None) -> Wadjet:
    app = Wadjet(debug=debug)
    for key, handler in handlers:
        app.exception_handler(key)(handler)

    @app.get("/")
    async def index() -> None:
        raise error

    return app


def named(name: str) -> Any:
    def handler(request: Request, error: Exception) -> Any:
        return name

    return handler


@pytest.mark.parametrize(
    ("error", "keys", "expected"),
    [
        (VeryBroken(), [Broken], b"Broken"),
        (VeryBroken(), [Broken, VeryBroken], b"VeryBroken"),
        (VeryBroken(), [Exception, Broken], b"Broken"),
        (VeryBroken(), [Exception, 500], b"Exception"),
        (VeryBroken(), [500], b"500"),
        (VeryBroken(), [500, 404, LookupError], b"500"),
        (NotFound(), [NotFound, 404], b"NotFound"),
        (NotFound(), [404, HTTPException], b"404"),
        (NotFound(), [404, ClientError, Exception], b"404"),
        (NotFound(), [HTTPException], b"HTTPException"),
        (NotFound(), [ClientError, HTTPException], b"ClientError"),
        (Error(404), [404], b"404"),
        (HTTPException(404), [404], b"404"),
        (InternalServerError(), [500], b"500"),
    ],
    ids=str,
)
def test_the_nearest_handler_answers(error: Exception, keys: list[Any], expected: bytes) -> None:
    handlers = [(key, named(getattr(key, "__name__", str(key)))) for key in keys]
    assert run(raising(error, *handlers)).body == expected


def test_a_handler_of_all_exceptions_is_for_crashes_and_not_for_answers() -> None:
    app = raising(NotFound("gone"), (Exception, named("crash")))
    assert run(app).status == 404
    assert run(app, target="/nowhere").status == 404
    assert run(raising(ZeroDivisionError(), (Exception, named("crash")))).body == b"crash"


def test_a_status_handler_answers_what_matches_nothing() -> None:
    app = raising(NotFound(), (404, lambda request, error: ({"path": request.path}, 404)))
    assert run(app, target="/nowhere").body == b'{"path":"/nowhere"}'
    app = raising(NotFound(), (405, lambda request, error: (error.headers["allow"], 405)))
    assert run(app, "PUT").body == b"GET, HEAD, OPTIONS"


@pytest.mark.parametrize(
    ("value", "status", "body"),
    [
        ("text", 200, b"text"),
        ({"a": 1}, 200, b'{"a":1}'),
        (("text", 418), 418, b"text"),
        (JSONResponse([1], 422), 422, b"[1]"),
        (None, 204, b""),
    ],
)
@pytest.mark.parametrize("is_async", [True, False])
def test_a_handler_may_return_anything(value: Any, status: int, body: bytes, is_async: bool) -> None:
    async def asynchronous(request: Request, error: Exception) -> Any:
        return value

    handler = asynchronous if is_async else (lambda request, error: value)
    sent = run(raising(Broken(), (Broken, handler)))
    assert (sent.status, sent.body) == (status, body)


def test_a_handler_may_return_the_error_itself() -> None:
    sent = run(raising(NotFound("mine"), (404, lambda request, error: error)))
    assert sent.status == 404
    assert b"mine" in sent.body


def test_err_29_a_handler_that_fails_is_a_crash_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    def fails(request: Request, error: Exception) -> None:
        raise LookupError("second")

    sent = run(raising(Broken("first"), (Exception, fails)))
    assert sent.status == 500
    assert b"second" not in sent.body
    (record,) = caplog.records
    assert isinstance(record.exc_info, tuple)
    assert isinstance(record.exc_info[1], LookupError)
    assert isinstance(record.exc_info[1].__context__, Broken)


def test_two_handlers_for_one_key_are_refused() -> None:
    app = raising(Broken(), (404, named("one")))
    with pytest.raises(ConfigError, match="taken"):
        app.exception_handler(404)(named("two"))


def test_a_crash_has_one_id_in_body_and_log_and_leaks_nothing(caplog: pytest.LogCaptureFixture) -> None:
    from tests import driving

    messages: list[Any] = []

    async def call() -> None:
        messages.extend(await driving.drive(raising(Broken("secret")), driving.http_scope()))

    import asyncio

    asyncio.run(call())
    body = messages[1]["body"]
    (record,) = caplog.records
    identifier = record.getMessage().partition("[")[2].rstrip("]")
    assert identifier.encode() in body
    assert b"secret" not in body
    assert record.levelno == logging.ERROR


def test_a_raised_5xx_has_an_id_too(caplog: pytest.LogCaptureFixture) -> None:
    assert b'"id":"ID"' in run(raising(ServiceUnavailable())).body
    (record,) = caplog.records
    assert "503" in record.getMessage()
    assert f"[{record.__dict__['error_id']}]" in record.getMessage()


def test_debug_shows_the_traceback() -> None:
    sent = run(raising(Broken("secret"), debug=True))
    assert sent.status == 500
    assert b"Broken: secret" in sent.body
    assert sent.field(b"x-content-type-options") == b"nosniff"
    assert sent.field(b"content-type") == b"text/plain; charset=utf-8"


class Unspeakable(Exception):
    def __str__(self) -> str:
        raise RuntimeError("not even this")

    __repr__ = __str__


@pytest.mark.parametrize("debug", [True, False])
@pytest.mark.parametrize(
    "error",
    [Unspeakable(), ExceptionGroup("group", [Broken(), NotFound()]), RecursionError(), MemoryError()],
    ids=["str", "group", "recursion", "memory"],
)
def test_strange_exceptions_are_crashes(error: Exception, debug: bool) -> None:
    assert run(raising(error, debug=debug)).status == 500


@pytest.mark.parametrize("is_async", [True, False])
def test_stop_iteration_does_not_hang(is_async: bool) -> None:
    app = Wadjet()

    async def asynchronous() -> str:
        return next(iter([]))

    def plain() -> str:
        return next(iter([]))

    app.get("/")(asynchronous if is_async else plain)
    assert run(app).status == 500


def test_err_28_the_log_line_is_one_line(caplog: pytest.LogCaptureFixture) -> None:
    from tests.middleware.test_hooks import Hook

    evil = "/a\r\nERROR forged\x1b[31m"
    for error in (RuntimeError(), ServiceUnavailable()):
        app = Wadjet(middleware=[(Hook, {"name": "a", "before": error})])
        sent: Sent = run(app, target=evil)
        assert sent.status in {500, 503}
    assert len(caplog.records) == 2
    for record in caplog.records:
        assert not {"\r", "\n", "\x1b"} & set(record.getMessage())


def test_a_forbidden_answer_is_escaped_in_a_page() -> None:
    sent = run(raising(Forbidden("<script>")), headers=[("accept", "text/html")])
    assert sent.field(b"content-type") == b"text/html; charset=utf-8"
    assert b"<script>" not in sent.body
    assert b"&lt;script&gt;" in sent.body


def test_a_plain_exception_handler_runs_in_a_thread() -> None:
    app = Wadjet()
    threads: list[str] = []

    @app.exception_handler(KeyError)
    def missing(request: Request, error: KeyError) -> tuple[str, int]:
        threads.append(threading.current_thread().name)
        return "missing", 404

    @app.get("/")
    async def index() -> None:
        raise KeyError

    with TestClient(app) as client:
        assert client.get("/").status_code == 404
    assert threads[0].startswith("wadjet-handler")
