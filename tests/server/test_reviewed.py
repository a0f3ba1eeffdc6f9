"""Defects that a review found, each once: they do not come back."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest

from wadjet import BaseMiddleware, Request, Settings, Wadjet
from wadjet.http.exceptions import NotFound
from wadjet.http.response import Head, StreamingResponse
from wadjet.testing import TestClient
from wadjet.types import ASGIApp, Receive, Scope, Send


class Canary:
    """Something in a handler's frame."""


def test_an_exception_that_is_raised_again_and_again_keeps_no_frames() -> None:
    shared = NotFound("gone")
    frames: list[weakref.ref[Canary]] = []
    app = Wadjet()

    @app.get("/")
    async def index() -> None:
        canary = Canary()
        frames.append(weakref.ref(canary))
        raise shared

    with TestClient(app) as client:
        for _ in range(3):
            assert client.get("/").status_code == 404
    gc.collect()
    assert [ref() for ref in frames] == [None, None, None]
    assert shared.__traceback__ is None


class WrongLength(BaseMiddleware):
    def after(self, request: Request, response: Head) -> None:
        response.headers["content-length"] = "99"


def test_a_length_that_a_hook_gets_wrong_is_an_error_inside_the_stack() -> None:
    app = Wadjet(middleware=[WrongLength])

    @app.get("/")
    async def index() -> str:
        return "short"

    with TestClient(app, raise_server_exceptions=False) as client:
        response = client.get("/")
    assert response.status_code == 500
    assert response.json()["id"]


def test_content_that_no_header_announced_counts_when_it_comes() -> None:
    app = Wadjet()

    @app.post("/")
    async def index(request: Request) -> bytes:
        return await request.body()

    class Strips:
        """A gateway that takes the framing off."""

        def __init__(self, app: ASGIApp) -> None:
            self.app = app

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            fields = [field for field in scope.get("headers", ()) if field[0] != b"content-length"]
            await self.app({**scope, "headers": fields} if fields else scope, receive, send)

    with TestClient(Strips(app)) as client:
        assert client.post("/", content=b"hello").content == b"hello"


def test_a_stream_that_finds_no_thread_is_answered_at_once() -> None:
    release = threading.Event()

    app = Wadjet(Settings(STREAM_POOL_SIZE=1))

    @app.get("/slow")
    def slow() -> Iterator[bytes]:
        yield b"first"
        release.wait(60)
        yield b"last"

    @app.get("/events")
    def events() -> StreamingResponse:
        return StreamingResponse(iter([b"data: 1\n\n"]), media_type="text/event-stream")

    with TestClient(app) as client, client.stream("GET", "/slow") as response:
        chunks = response.iter_raw()
        assert next(chunks) == b"first"
        for path in ("/slow", "/events"):
            refused = client.get(path)
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
        release.set()
        assert b"".join(chunks) == b"last"
        assert client.get("/slow").content == b"firstlast"


@pytest.mark.parametrize("name", ["prepare", "recover"])
def test_a_subclass_may_have_methods_of_its_own_called_like_ours(name: str) -> None:
    own = type("Own", (BaseMiddleware,), {name: lambda self: "mine", "before": lambda self, request: None})
    app = Wadjet(middleware=[own])

    @app.get("/")
    async def index() -> str:
        return "x"

    with TestClient(app) as client:
        assert client.get("/").text == "x"
        assert client.get("/nowhere").status_code == 404
