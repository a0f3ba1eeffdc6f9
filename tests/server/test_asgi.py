"""The ASGI lane: what happens when clients leave, sends fail and tasks are cancelled."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import Any

import pytest

from tests.driving import drive, http_scope, run
from wadjet import Request, Response, StreamingResponse, Wadjet
from wadjet.http.exceptions import ClientDisconnect
from wadjet.testing import lint
from wadjet.types import ASGIApp, Message, Scope

#: How long a generator may live on when its client has left.
CLOSING_SECONDS = 2


class Client:
    """The server's side of one connection, open until it is told to leave."""

    def __init__(
        self, app: ASGIApp, scope: Scope | None = None, contents: tuple[bytes, ...] = (b"",)
    ) -> None:
        self.sent: list[Message] = []
        self.inbox: asyncio.Queue[Message] = asyncio.Queue()
        for place, chunk in enumerate(contents, 1):
            self.inbox.put_nowait({"type": "http.request", "body": chunk, "more_body": place < len(contents)})
        self.blocked: asyncio.Event | None = None
        self.error: Exception | None = None
        self.task = asyncio.create_task(self._talk(app, scope or http_scope()))

    async def _talk(self, app: ASGIApp, scope: Scope) -> None:
        async def receive() -> Message:
            message = await self.inbox.get()
            if message["type"] == "http.disconnect":
                self.inbox.put_nowait(message)
            return message

        await lint(app)(scope, receive, self._send)

    async def _send(self, message: Message) -> None:
        if self.error is not None:
            raise self.error
        self.sent.append(message)
        if self.blocked is not None and len(self.sent) > 1:
            await self.blocked.wait()
        await asyncio.sleep(0)

    async def has_sent(self, count: int) -> None:
        while len(self.sent) < count:
            await asyncio.sleep(0.001)

    def leave(self) -> None:
        self.inbox.put_nowait({"type": "http.disconnect"})


def bounded(coroutine: Coroutine[Any, Any, None]) -> None:
    async def waiting() -> None:
        async with asyncio.timeout(60):
            await coroutine

    asyncio.run(waiting())


def streaming(generate: Callable[..., Any], method: str = "GET") -> tuple[Wadjet, list[Any]]:
    app, finished = Wadjet(), []

    @app.route("/", methods=[method])
    async def stream(request: Request) -> Any:
        request.add_finished_callback(lambda request: finished.append(type(request.exception)))
        return StreamingResponse(generate(), media_type="text/plain")

    return app, finished


@pytest.mark.parametrize("place", ["waiting", "sending", "between"])
def test_a_stream_is_closed_when_its_client_leaves(place: str) -> None:
    async def check() -> None:
        closed = asyncio.Event()

        async def generate() -> AsyncIterator[str]:
            try:
                yield "first"
                if place == "waiting":
                    await asyncio.Event().wait()
                while True:
                    yield "more"
                    await asyncio.sleep(0)
            finally:
                closed.set()

        app, finished = streaming(generate)
        client = Client(app)
        if place == "sending":
            client.blocked = asyncio.Event()
        await client.has_sent(2)
        started = time.monotonic()
        client.leave()
        await client.task
        assert closed.is_set()
        assert time.monotonic() - started < CLOSING_SECONDS
        assert finished == [ClientDisconnect]
        assert client.task.cancelling() == 0

    bounded(check())


def test_a_blocking_stream_is_closed_when_its_client_leaves() -> None:
    async def check() -> None:
        closed: list[bool] = []

        def generate() -> Iterator[str]:
            try:
                while True:
                    yield "more" * 100
                    time.sleep(0.001)
            finally:
                closed.append(True)

        app, finished = streaming(generate)
        client = Client(app)
        await client.has_sent(2)
        client.leave()
        await client.task
        for _ in range(100 * CLOSING_SECONDS):
            if closed:
                break
            await asyncio.sleep(0.01)
        assert closed
        assert finished == [ClientDisconnect]

    bounded(check())


@pytest.mark.parametrize("contents", [(b"unread",), (b"a", b"b", b"c"), (b"x" * 200_000,)])
def test_unread_content_does_not_hide_that_the_client_has_left(contents: tuple[bytes, ...]) -> None:
    async def check() -> None:
        async def generate() -> AsyncIterator[str]:
            yield "first"
            await asyncio.Event().wait()

        app, finished = streaming(generate, "POST")
        length = str(sum(map(len, contents)))
        client = Client(app, http_scope("POST", headers=[("content-length", length)]), contents)
        await client.has_sent(2)
        client.leave()
        await client.task
        assert finished == [ClientDisconnect]

    bounded(check())


def test_a_stream_may_read_the_request_while_it_is_watched() -> None:
    app = Wadjet()

    @app.post("/")
    async def echo(request: Request) -> AsyncIterator[bytes]:
        async for chunk in request.stream():
            await asyncio.sleep(0)
            yield chunk.upper()

    chunks = [b"%d " % number for number in range(500)]
    scope = http_scope("POST", headers=[("transfer-encoding", "chunked")])
    sent = asyncio.run(drive(app, scope, chunks))
    assert b"".join(message.get("body", b"") for message in sent[1:]) == b"".join(chunks).upper()


def test_a_stream_that_reads_learns_that_the_client_has_left() -> None:
    async def check() -> None:
        app, seen = Wadjet(), []

        @app.post("/")
        async def echo(request: Request) -> AsyncIterator[bytes]:
            try:
                async for chunk in request.stream():
                    yield chunk
            except BaseException as error:
                seen.append(type(error))
                raise

        client = Client(app, http_scope("POST", headers=[("content-length", "100")]), ())
        client.inbox.put_nowait({"type": "http.request", "body": b"part", "more_body": True})
        await client.has_sent(2)
        client.leave()
        await client.task
        assert seen
        assert seen[0] in {ClientDisconnect, asyncio.CancelledError}
        assert not any(message.get("more_body") is False for message in client.sent[1:])

    bounded(check())


def test_an_error_of_the_stream_is_not_taken_for_a_client_that_left() -> None:
    async def generate() -> AsyncIterator[str]:
        yield "first"
        raise ConnectionResetError("the database")

    app, finished = streaming(generate)
    with pytest.raises(ConnectionResetError, match="the database"):
        run(app)
    assert finished == [ConnectionResetError]


@pytest.mark.parametrize("handler", ["buffered", "stream"])
def test_a_send_that_fails_says_that_the_client_has_left(handler: str) -> None:
    async def check() -> None:
        app, finished = Wadjet(), []

        @app.get("/")
        async def answer(request: Request) -> Any:
            request.add_finished_callback(lambda request: finished.append(type(request.exception)))
            return "text" if handler == "buffered" else StreamingResponse(["a", "b"])

        client = Client(app)
        client.error = BrokenPipeError("gone")
        await client.task  # nothing is raised: nobody is there to answer
        assert finished == [ClientDisconnect]

    bounded(check())


def test_a_client_that_leaves_during_the_content_is_not_answered() -> None:
    async def check() -> None:
        app, seen = Wadjet(), []

        @app.post("/")
        async def read(request: Request) -> bytes:
            try:
                return await request.body()
            except ClientDisconnect as error:
                seen.append(error)
                raise

        client = Client(app, http_scope("POST", headers=[("content-length", "10")]), ())
        client.inbox.put_nowait({"type": "http.request", "body": b"part", "more_body": True})
        client.leave()
        await client.task
        assert seen
        assert client.sent == []

    bounded(check())


def test_a_content_shorter_than_declared_is_never_handed_out() -> None:
    app = Wadjet()
    seen: list[Any] = []

    @app.post("/")
    async def read(request: Request) -> None:
        try:
            seen.append(await request.body())
        except ClientDisconnect as error:
            seen.append(type(error))
            raise

    @app.post("/stream")
    async def stream(request: Request) -> None:
        try:
            async for _ in request.stream():
                pass
            seen.append("whole")
        except ClientDisconnect as error:
            seen.append(type(error))
            raise

    for target in ("/", "/stream"):
        scope = http_scope("POST", target, [("content-length", "10")])

        async def receive() -> Message:
            return {"type": "http.request", "body": b"part", "more_body": False}

        async def send(message: Message) -> None:
            raise AssertionError(message)

        asyncio.run(app(scope, receive, send))
    assert seen == [ClientDisconnect, ClientDisconnect]


def test_a_handler_is_not_cancelled_when_its_client_leaves() -> None:
    async def check() -> None:
        app, seen = Wadjet(), []
        leave = asyncio.Event()

        @app.get("/")
        async def patient(request: Request) -> str:
            assert not await request.is_disconnected()
            leave.set()
            while not await request.is_disconnected():
                await asyncio.sleep(0.001)
            seen.append("done")
            return "text"

        client = Client(app)
        await leave.wait()
        client.leave()
        await client.task
        assert seen == ["done"]

    bounded(check())


@pytest.mark.parametrize("chunks", [(b"content",), (b"con", b"tent"), (b"c", b"", b"ontent")])
def test_looking_for_the_client_does_not_lose_content(chunks: tuple[bytes, ...]) -> None:
    app = Wadjet()

    @app.post("/")
    async def read(request: Request) -> bytes:
        for _ in range(5):
            assert not await request.is_disconnected()
        return await request.body()

    scope = http_scope("POST", headers=[("content-length", "7")])
    sent = asyncio.run(drive(app, scope, chunks))
    assert sent[1]["body"] == b"content"


def test_cancellation_is_the_callers() -> None:
    async def check() -> None:
        closed = []

        async def generate() -> AsyncIterator[str]:
            try:
                yield "first"
                await asyncio.Event().wait()
            finally:
                closed.append(True)

        app, finished = streaming(generate)
        client = Client(app)
        await client.has_sent(2)
        client.task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await client.task
        assert closed == [True]
        assert finished == [asyncio.CancelledError]

    bounded(check())


@pytest.mark.parametrize("media_type", [None, "text/plain", "text/event-stream"])
def test_head_sends_no_content_and_closes_the_stream(media_type: str | None) -> None:
    opened, closed = [], []

    async def generate() -> AsyncIterator[str]:
        opened.append(True)
        try:
            yield "first"
            yield "second"
        finally:
            closed.append(True)

    app = Wadjet()

    @app.get("/")
    async def stream() -> Any:
        return StreamingResponse(generate(), media_type=media_type)

    sent = run(app, "HEAD")
    assert (sent.status, sent.body) == (200, b"")
    assert opened == closed


def test_a_stream_that_fails_at_once_is_an_error_response() -> None:
    async def generate() -> AsyncIterator[str]:
        yield str(1 // 0)

    async def wrong() -> AsyncIterator[Any]:
        yield 42

    for source in (generate, wrong, lambda: iter([42])):
        assert run(streaming(source)[0]).status == 500


def test_a_stream_that_fails_midway_does_not_end_well() -> None:
    async def check() -> None:
        async def generate() -> AsyncIterator[str]:
            yield "first"
            raise RuntimeError("midway")

        app, finished = streaming(generate)
        client = Client(app)
        with pytest.raises(RuntimeError, match="midway"):
            await client.task
        assert client.sent[-1]["more_body"]
        assert finished == [RuntimeError]

    bounded(check())


@pytest.mark.parametrize("media_type", ["text/plain", "text/event-stream"])
def test_a_shared_stream_of_a_callable_starts_anew(media_type: str) -> None:
    async def generate() -> AsyncIterator[str]:
        yield "text"

    shared = StreamingResponse(generate, media_type=media_type)
    app = Wadjet()

    @app.get("/")
    async def stream() -> Any:
        return shared

    for _ in range(3):
        assert run(app).body == b"text"


def test_empty_chunks_do_not_end_a_stream() -> None:
    async def generate() -> AsyncIterator[Any]:
        for chunk in ("a", "", b"", bytearray(b"b"), memoryview(b"c")):
            yield chunk

    assert run(streaming(generate)[0]).body == b"abc"


def test_other_scopes_are_refused() -> None:
    from wadjet.errors import ConfigError

    async def nothing() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        raise AssertionError(message)

    with pytest.raises(ConfigError, match="none that Wadjet knows"):
        asyncio.run(Wadjet()({"type": "webtransport"}, nothing, send))


def test_a_response_is_an_asgi_application() -> None:
    sent = run(Response("text", 201))
    assert (sent.status, sent.body) == (201, b"text")


class SlowToEnd:
    """A stream of one piece, whose end takes as long as that of a thread."""

    def __init__(self) -> None:
        self.left = [b"x"]
        self.has_ended = False

    def __aiter__(self) -> SlowToEnd:
        return self

    async def __anext__(self) -> bytes:
        if not self.left:
            raise StopAsyncIteration
        return self.left.pop()

    async def aclose(self) -> None:
        for _ in range(20):  # enough for the server's word that the client has left
            await asyncio.sleep(0)
        self.has_ended = True


def test_who_leaves_with_everything_while_the_stream_ends_has_not_left_it() -> None:
    stream, seen = SlowToEnd(), list[object]()
    app = Wadjet()

    @app.get("/")
    async def index(request: Request) -> StreamingResponse:
        request.add_finished_callback(lambda request: seen.append(request.exception))
        return StreamingResponse(stream)

    asyncio.run(drive(app, http_scope()))
    assert stream.has_ended
    assert seen == [None]
