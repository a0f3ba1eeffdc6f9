"""What becomes of a request whose client leaves, or whose server stops: the same on both lanes."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from pydantic import BaseModel

from tests.server.http1.serving import PATIENCE_SECONDS, Served, run, serving
from wadjet import Request, Response, StreamingResponse, Wadjet
from wadjet.http.exceptions import ClientDisconnect
from wadjet.server.http1 import Connection

LANES = pytest.mark.parametrize("http", [Connection, "httptools"], ids=["fast", "asgi"])
GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Story:
    """What has happened, in order; anybody can wait for it."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def tell(self, what: str) -> None:
        self.told.append(what)

    async def until(self, what: str) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while what not in self.told:
                await asyncio.sleep(0.002)


def application(story: Story, **options: Any) -> Wadjet:
    app = Wadjet(**options)

    @app.on_shutdown
    def stopped() -> None:
        story.tell("stopped")

    return app


def watch(story: Story, request: Request) -> None:
    """Tell when the callbacks of a request run."""

    def answered(_: Request, response: Response[Any]) -> None:
        story.tell(f"callback {response.status_code}")

    def finished(request: Request) -> None:
        story.tell(f"finished {type(request.exception).__name__}")

    request.add_response_callback(answered)
    request.add_finished_callback(finished)


async def leaves(served: Served, story: Story, sent: bytes, *, reset: bool = False) -> None:
    """Be a client that leaves as soon as its request has begun, and wait until the server has done with it."""
    peer = await served.open()
    await peer.send(sent)
    await story.until("begun")
    if reset:
        peer.reset()
    else:
        peer.close()
    await served.until_idle()


# -- a client that leaves ---------------------------------------------------------------------------------------------------


@LANES
@pytest.mark.parametrize("reset", [False, True])
def test_a_handler_is_not_cancelled_and_can_ask_whether_its_client_has_left(http: Any, reset: bool) -> None:
    story = Story()
    app = application(story)

    @app.get("/")
    async def handler(request: Request) -> str:
        watch(story, request)
        story.tell(f"at first {await request.is_disconnected()}")
        story.tell("begun")
        while not await request.is_disconnected():
            await asyncio.sleep(0.002)
        await asyncio.sleep(0.02)
        story.tell("ended")
        return "nobody reads it"

    async def test() -> None:
        async with serving(app, http=http) as served:
            await leaves(served, story, GET, reset=reset)
            await story.until("finished NoneType")

    run(test())
    assert story.told == ["at first False", "begun", "ended", "callback 200", "finished NoneType", "stopped"]


@LANES
@pytest.mark.parametrize(
    "framing", [b"Content-Length: 100000\r\n\r\nab", b"Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n"]
)
def test_the_next_read_of_content_raises(http: Any, framing: bytes) -> None:
    story = Story()
    app = application(story)

    @app.post("/")
    async def handler(request: Request) -> str:
        watch(story, request)
        story.tell("begun")
        try:
            await request.body()
        except ClientDisconnect:
            story.tell("raised")
            raise
        return "never"

    async def test() -> None:
        async with serving(app, http=http) as served:
            await leaves(served, story, b"POST / HTTP/1.1\r\nHost: localhost\r\n" + framing)
            await story.until("finished ClientDisconnect")

    run(test())
    assert story.told == ["begun", "raised", "finished ClientDisconnect", "stopped"]


@LANES
def test_a_handler_may_answer_although_its_client_has_left(http: Any) -> None:
    story = Story()
    app = application(story)

    @app.post("/")
    async def handler(request: Request) -> str:
        watch(story, request)
        story.tell("begun")
        try:
            async for _ in request.stream():
                pass
        except ClientDisconnect:
            return "to nobody"
        return "never"

    async def test() -> None:
        async with serving(app, http=http) as served:
            await leaves(
                served, story, b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\nab"
            )
            await story.until("finished NoneType")

    run(test())
    assert story.told == ["begun", "callback 200", "finished NoneType", "stopped"]


@LANES
@pytest.mark.parametrize("pause", [0.001, 3600.0], ids=["busy", "waits for ever"])
@pytest.mark.parametrize("length", [None, b"1000000000"], ids=["chunked", "length"])
@pytest.mark.parametrize("reset", [False, True])
def test_a_stream_is_closed_when_its_client_leaves(
    http: Any, pause: float, length: bytes | None, reset: bool
) -> None:
    story = Story()
    app = application(story)

    @app.get("/")
    async def handler(request: Request) -> StreamingResponse:
        async def generate() -> AsyncIterator[bytes]:
            try:
                yield b"first"
                story.tell("begun")
                while True:
                    await asyncio.sleep(pause)
                    yield b"more"
            finally:
                await asyncio.sleep(0)  # closing may need the loop
                story.tell("closed")

        watch(story, request)
        return StreamingResponse(
            generate(), headers=None if length is None else {"content-length": length.decode()}
        )

    async def test() -> None:
        async with serving(app, http=http) as served:
            await leaves(served, story, GET, reset=reset)
            await story.until("finished ClientDisconnect")

    run(test())
    assert story.told == ["callback 200", "begun", "closed", "finished ClientDisconnect", "stopped"]


@LANES
def test_a_blocking_stream_is_closed_when_its_client_leaves(http: Any) -> None:
    story = Story()
    app = application(story)
    gap = threading.Event()

    @app.get("/")
    def handler(request: Request) -> StreamingResponse:
        def generate() -> Iterator[bytes]:
            try:
                yield b"first"
                story.tell("begun")
                while True:
                    gap.wait(0.005)
                    yield b"more"
            finally:
                story.tell("closed")

        watch(story, request)
        return StreamingResponse(generate())

    async def test() -> None:
        async with serving(app, http=http) as served:
            await leaves(served, story, GET)
            await story.until("finished ClientDisconnect")

    run(test())
    assert story.told.count("closed") == 1
    assert story.told.count("finished ClientDisconnect") == 1


def test_a_stream_that_waits_for_its_client_to_take_more_ends_when_that_leaves() -> None:
    story = Story()
    app = application(story)

    @app.get("/")
    async def handler(request: Request) -> StreamingResponse:
        async def generate() -> AsyncIterator[bytes]:
            try:
                yield b"first"
                story.tell("begun")
                while True:
                    yield bytes(100_000)
            finally:
                story.tell("closed")

        watch(story, request)
        return StreamingResponse(generate())

    async def test() -> None:
        async with serving(app) as served:
            peer = await served.open()
            await peer.send(GET)
            await story.until("begun")
            await asyncio.sleep(0.05)
            peer.close()
            await served.until_idle()
            await story.until("finished ClientDisconnect")

    run(test())
    assert story.told == ["callback 200", "begun", "closed", "finished ClientDisconnect", "stopped"]


# -- requests that succeed or fail -----------------------------------------------------------------------------------------


@LANES
@pytest.mark.parametrize(
    ("path", "told", "status"),
    [
        ("/text", ["callback 200", "finished NoneType"], 200),
        ("/stream", ["callback 200", "finished NoneType"], 200),
        ("/error", ["callback 500", "finished ValueError"], 500),
    ],
)
def test_the_callbacks_of_a_request_run_once(http: Any, path: str, told: list[str], status: int) -> None:
    story = Story()
    app = application(story)

    @app.get("/text")
    async def text(request: Request) -> str:
        watch(story, request)
        return "text"

    @app.get("/stream")
    async def stream(request: Request) -> StreamingResponse:
        async def generate() -> AsyncIterator[str]:
            yield "text"

        watch(story, request)
        return StreamingResponse(generate())

    @app.get("/error")
    async def error(request: Request) -> str:
        watch(story, request)
        raise ValueError

    async def test() -> None:
        async with serving(app, http=http) as served:
            sent = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            (reply,) = await served.ask(sent.encode())
            assert reply.status == status
            await story.until(told[-1])
            assert len(served.taken_errors()) == (status == 500)

    run(test())
    assert story.told == [*told, "stopped"]


@LANES
def test_a_stream_that_fails_midway_ends_its_connection_and_is_logged_once(http: Any) -> None:
    story = Story()
    app = application(story)

    @app.get("/")
    async def handler(request: Request) -> StreamingResponse:
        async def generate() -> AsyncIterator[str]:
            yield "first"
            await asyncio.sleep(0.02)
            raise ValueError("midway")

        watch(story, request)
        return StreamingResponse(generate())

    async def test() -> None:
        async with serving(app, http=http) as served:
            (reply,) = await served.ask(GET)
            assert (reply.status, reply.body, reply.is_whole) == (200, b"first", False)
            await story.until("finished ValueError")
            assert len(served.taken_errors()) == 1

    run(test())
    assert story.told == ["callback 200", "finished ValueError", "stopped"]


@LANES
def test_a_finished_callback_that_fails_does_not_stop_the_others(http: Any) -> None:
    story = Story()
    app = application(story)

    def fail(_: Request) -> None:
        raise ValueError

    @app.get("/")
    async def handler(request: Request) -> str:
        request.add_finished_callback(fail)
        watch(story, request)
        return "text"

    async def test() -> None:
        async with serving(app, http=http) as served:
            peer = await served.open()
            await peer.send(GET * 2)
            await peer.until(b"text", 2)
            peer.close()
            await served.until_idle()
            assert len(served.taken_errors()) == 2

    run(test())
    assert story.told == ["callback 200", "finished NoneType"] * 2 + ["stopped"]


# -- a server that stops ----------------------------------------------------------------------------------------------------


def of_the_end(errors: list[str]) -> list[str]:
    """Return what was logged, but uvicorn's own line on its patience."""
    return [line for line in errors if "timeout graceful shutdown" not in line]


def test_a_handler_that_never_ends_is_cancelled_at_the_end_of_the_drain() -> None:
    story = Story()
    app = application(story)

    @app.get("/")
    async def handler(request: Request) -> str:
        watch(story, request)
        story.tell("begun")
        try:
            await asyncio.sleep(3600)
        finally:
            await asyncio.sleep(0.05)
            story.tell("let go")
        return "never"

    async def test() -> None:
        async with serving(app, timeout_graceful_shutdown=0.3) as served:
            peer = await served.open()
            await peer.send(GET)
            await story.until("begun")
            await served.stop()
            received = await peer.rest()
            assert received.startswith(b"HTTP/1.1 503 ")
            assert received.count(b"HTTP/1.1") == 1
            (line,) = of_the_end(served.taken_errors())
            assert "GET / was cancelled" in line

    run(test())
    assert story.told == ["begun", "let go", "finished CancelledError", "stopped"]


def test_a_stream_that_never_ends_is_closed_at_the_end_of_the_drain() -> None:
    story = Story()
    app = application(story)

    @app.get("/")
    async def handler(request: Request) -> StreamingResponse:
        async def generate() -> AsyncIterator[str]:
            try:
                yield "first"
                await asyncio.sleep(3600)
            finally:
                story.tell("closed")

        watch(story, request)
        return StreamingResponse(generate())

    async def test() -> None:
        async with serving(app, timeout_graceful_shutdown=0.3) as served:
            peer = await served.open()
            await peer.send(GET)
            received = await peer.until(b"first")
            await served.stop()
            received += await peer.rest()
            assert received.startswith(b"HTTP/1.1 200 ")
            assert b"\r\n0\r\n" not in received
            assert len(of_the_end(served.taken_errors())) == 1

    run(test())
    assert story.told == ["callback 200", "closed", "finished CancelledError", "stopped"]


def test_a_response_that_nobody_takes_is_not_followed_by_another_one() -> None:
    app = Wadjet()

    @app.get("/")
    async def handler() -> bytes:
        return bytes(20_000_000)

    async def test() -> None:
        async with serving(app, timeout_graceful_shutdown=0.3) as served:
            peer = await served.open()
            await peer.send(GET)
            received = await peer.some()
            await served.stop()
            received += await peer.rest()
            assert received.count(b"HTTP/1.1") == 1
            served.taken_errors()

    run(test())


def test_a_request_that_is_being_answered_is_answered_when_the_server_stops() -> None:
    story = Story()
    app = application(story)

    @app.get("/")
    async def handler(request: Request) -> str:
        watch(story, request)
        story.tell("begun")
        await asyncio.sleep(0.3)
        return "whole"

    async def test() -> None:
        async with serving(app) as served:
            idle = await served.open()
            peer = await served.open()
            await peer.send(GET)
            await story.until("begun")
            await served.stop()
            received = await peer.rest()
            assert received.startswith(b"HTTP/1.1 200 ")
            assert b"connection: close\r\n" in received
            assert received.endswith(b"whole")
            assert await idle.rest() == b""

    run(test())
    assert story.told == ["begun", "callback 200", "finished NoneType", "stopped"]


# -- nothing for the collector ----------------------------------------------------------------------------------------------


class Item(BaseModel):
    a: int


def of_every_kind() -> Wadjet:
    app = Wadjet()

    @app.get("/typed/{number:int}")
    async def typed(number: int, page: int = 1) -> dict[str, int]:
        return {"number": number, "page": page}

    @app.get("/request")
    async def plain(request: Request) -> str:
        return request.headers["host"]

    @app.get("/watched")
    async def watched(request: Request) -> str:
        return str(await request.is_disconnected())

    @app.get("/threaded")
    def threaded() -> str:
        return "x"

    @app.post("/items")
    async def items(item: Item) -> Item:
        return item

    @app.get("/stream")
    async def stream() -> AsyncIterator[str]:
        yield "x"
        await asyncio.sleep(0)
        yield "y"

    @app.get("/boom")
    async def boom() -> None:
        raise ValueError

    return app


JSON = b"Content-Type: application/json\r\nContent-Length: 7\r\n\r\n"


@pytest.mark.parametrize(
    ("line", "rest"),
    [
        (b"GET /typed/1?page=2", b"\r\n"),
        (b"GET /request", b"\r\n"),
        (b"GET /watched", b"\r\n"),
        (b"GET /threaded", b"\r\n"),
        (b"POST /items", JSON + b'{"a":1}'),
        (b"POST /items", JSON + b'{"a":x}'),
        (b"GET /stream", b"\r\n"),
        (b"HEAD /stream", b"\r\n"),
        (b"GET /nowhere", b"\r\n"),
        (b"GET /boom", b"\r\n"),
    ],
)
def test_a_request_leaves_no_cycles_behind(line: bytes, rest: bytes) -> None:
    async def test() -> int:
        async with serving(of_every_kind()) as served:
            peer = await served.open()

            async def ask(times: int) -> None:
                for number in range(times):
                    await peer.send(line + b" HTTP/1.1\r\nHost: localhost\r\n" + rest)
                    await peer.until(b"\r\n\r\n")
                    while served.lane.answered <= done + number:
                        await asyncio.sleep(0.001)

            done = 0
            await ask(3)
            done = served.lane.answered
            gc.collect()
            gc.disable()
            try:
                await ask(20)
                found = gc.collect()
            finally:
                gc.enable()
            peer.close()
            served.taken_errors()
            return found

    assert run(test()) < 20, "every request leaves something that only a collection frees"


def test_a_connection_leaves_no_cycles_behind() -> None:
    async def test() -> int:
        async with serving(of_every_kind()) as served:

            async def ask(times: int) -> None:
                for _ in range(times):
                    peer = await served.open()
                    await peer.send(b"GET /request HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    await peer.until(b"localhost")
                    peer.close()
                await served.until_idle()

            await ask(3)
            gc.collect()
            gc.disable()
            try:
                await ask(20)
                return gc.collect()
            finally:
                gc.enable()

    assert run(test()) < 20


def test_a_request_whose_client_has_left_is_gone_when_its_handler_has_ended() -> None:
    story = Story()
    app = application(story)

    @app.get("/")
    async def handler(request: Request) -> str:
        story.tell("begun")
        while not await request.is_disconnected():
            await asyncio.sleep(0.002)
        return "nobody"

    async def test() -> int:
        gc.collect()
        before = {id(one) for one in gc.get_objects() if isinstance(one, Request)}  # of other tests
        async with serving(app) as served:
            await leaves(served, story, GET)
            gc.collect()
            return sum(isinstance(one, Request) and id(one) not in before for one in gc.get_objects())

    assert run(test()) == 0
