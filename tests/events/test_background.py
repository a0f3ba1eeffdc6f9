"""What is left to do when a response has left."""

from __future__ import annotations

import asyncio
import functools
import logging
import threading
from typing import Any

import pytest

from wadjet import Request, Response, StreamingResponse, Wadjet
from wadjet.errors import ConfigError
from wadjet.http.exceptions import NotFound, SeeOther
from wadjet.middleware.requestid import RequestIdMiddleware
from wadjet.testing import TestClient


def test_work_runs_after_the_response_in_the_order_given() -> None:
    app, done = Wadjet(), []

    @app.get("/")
    async def index(request: Request) -> str:
        async def later(what: str) -> None:
            done.append(what)

        request.background(later, "first")
        request.background(done.append, "second")
        request.add_finished_callback(lambda request: done.append("finished"))
        return "x"

    with TestClient(app) as client:
        assert client.get("/").text == "x"
    assert done[0] == "finished"
    assert sorted(done[1:]) == ["first", "second"]


def test_a_response_brings_its_own_work_one_piece_after_the_other() -> None:
    app, done = Wadjet(), []

    @app.get("/")
    async def index() -> Response[str]:
        async def first() -> None:
            await asyncio.sleep(0)
            done.append("first")

        return Response("x", background=[first, functools.partial(done.append, "second")])

    @app.get("/stream")
    async def stream() -> StreamingResponse:
        response = StreamingResponse(iter([b"a", b"b"]))
        response.background = lambda: done.append("streamed")
        return response

    with TestClient(app) as client:
        assert client.get("/").text == "x"
        assert client.get("/stream").text == "ab"
    assert done == ["first", "second", "streamed"]


def test_a_plain_function_runs_in_a_thread() -> None:
    app, threads = Wadjet(), []

    @app.get("/")
    async def index(request: Request) -> None:
        request.background(lambda: threads.append(threading.current_thread().name))

    with TestClient(app) as client:
        client.get("/")
    assert threads[0].startswith("wadjet-handler")


def test_what_a_plain_function_leaves_to_await_is_awaited() -> None:
    app, done = Wadjet(), []

    async def later() -> None:
        done.append(1)

    @app.get("/")
    async def index(request: Request) -> None:
        request.background(lambda: later())

    with TestClient(app) as client:
        client.get("/")
    assert done == [1]


@pytest.mark.parametrize(
    ("error", "runs"), [(RuntimeError("x"), False), (NotFound(), False), (SeeOther("/y"), True)]
)
def test_a_request_that_fails_leaves_nothing_to_do(error: Exception, runs: bool) -> None:
    app = Wadjet()
    done: list[int] = []

    @app.get("/")
    async def index(request: Request) -> None:
        request.background(done.append, 1)
        raise error

    with TestClient(app, raise_server_exceptions=False, follow_redirects=False) as client:
        client.get("/")
    assert done == [1] * runs


def test_an_exception_that_is_raised_brings_its_own_work() -> None:
    app, done = Wadjet(), []

    @app.get("/")
    async def index() -> None:
        error = NotFound()
        error.background = lambda: done.append("told")
        raise error

    with TestClient(app) as client:
        assert client.get("/").status_code == 404
    assert done == ["told"]


def test_a_failure_is_logged_with_the_request_and_the_rest_runs(caplog: pytest.LogCaptureFixture) -> None:
    app, done = Wadjet(middleware=[RequestIdMiddleware]), []

    @app.get("/x")
    async def index() -> Response[str]:
        async def broken() -> None:
            raise RuntimeError("no mail")

        return Response("x", background=[broken, lambda: done.append(1)])

    with TestClient(app) as client, caplog.at_level(logging.ERROR, "wadjet.error"):
        identifier = client.get("/x").headers["x-request-id"]
    (record,) = (record for record in caplog.records if "background" in record.getMessage())
    assert f"GET /x [{identifier}] failed" in record.getMessage()
    assert record.exc_info is not None
    assert done == [1]


def test_what_lasts_too_long_is_cancelled_and_said(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WADJET_DRAIN_TIMEOUT", "0.01")
    app, ended = Wadjet(), []

    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(1)

    @app.get("/")
    async def index(request: Request) -> None:
        request.background(endless)

    with caplog.at_level(logging.ERROR, "wadjet.lifecycle"), TestClient(app) as client:
        client.get("/")
    assert ended == [1]
    assert any("was cancelled" in record.getMessage() for record in caplog.records)


def test_the_end_waits_for_work_before_the_shutdown_hooks_run() -> None:
    app, done = Wadjet(), []

    @app.on_shutdown
    def end() -> None:
        done.append("hook")

    async def slow() -> None:
        await asyncio.sleep(0.01)  # longer than the response takes
        done.append("work")

    @app.get("/")
    async def index(request: Request) -> None:
        request.background(slow)

    with TestClient(app) as client:
        client.get("/")
    assert done == ["work", "hook"]


def test_how_many_run_can_be_asked() -> None:
    app = Wadjet()
    assert len(app.background) == 0


@pytest.mark.parametrize("given", [7, [print, 7], "print"])
def test_work_is_functions(given: Any) -> None:
    with pytest.raises(TypeError, match="is no function without arguments, nor a list of such"):
        Response("x", background=given)


def test_none_is_no_work() -> None:
    response = Response("x", background=print)
    response.background = None
    assert response.background == ()


def test_without_an_application_nobody_would_wait_for_it() -> None:
    with pytest.raises(ConfigError, match="not being answered by an application"):
        Request.blank("/").background(print)
