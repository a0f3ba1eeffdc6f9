"""Bodies travel chunk by chunk, both ways, and either side may leave."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator

import httpx2
import pytest

from wadjet.testing import AsyncTestClient, TestClient
from wadjet.types import ASGIApp, Receive, Scope, Send

START = {"type": "http.response.start", "status": 200, "headers": []}


def http(app: ASGIApp) -> ASGIApp:
    """Leave the lifespan unserved."""

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "http"
        await app(scope, receive, send)

    return guarded


class Endless:
    """Sends numbers for ever, and writes down what happens."""

    def __init__(self) -> None:
        self.sent = 0
        self.said: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(dict(START))
        try:
            while True:
                await send({"type": "http.response.body", "body": b"%d" % self.sent, "more_body": True})
                self.sent += 1
        except OSError:
            self.said.append((await receive())["type"])
            raise
        finally:
            self.said.append("finally")


def test_an_endless_stream_is_read_by_chunks_and_closed() -> None:
    app = Endless()
    with TestClient(app) as client, client.stream("GET", "/") as response:
        chunks = response.iter_raw()
        assert [next(chunks) for _ in range(3)] == [b"0", b"1", b"2"]
    assert app.said == ["http.disconnect", "finally"]


def test_an_endless_stream_is_read_asynchronously() -> None:
    app = Endless()

    async def scenario() -> None:
        async with AsyncTestClient(app) as client, client.stream("GET", "/") as response:
            chunks = response.aiter_raw()
            assert [await anext(chunks) for _ in range(3)] == [b"0", b"1", b"2"]

    asyncio.run(scenario())
    assert app.said == ["http.disconnect", "finally"]


def test_a_slow_client_holds_the_application_back() -> None:
    app = Endless()

    async def scenario() -> None:
        async with AsyncTestClient(app) as client, client.stream("GET", "/") as response:
            chunks = response.aiter_raw()
            for taken in range(3):
                await asyncio.sleep(0.01)
                assert app.sent == taken + 1  # one chunk ahead, no more
                await anext(chunks)

    asyncio.run(scenario())


def test_the_head_comes_before_the_body() -> None:
    @http
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(dict(START))
        await go.wait()
        await send({"type": "http.response.body", "body": b"late"})

    go = asyncio.Event()

    async def scenario() -> None:
        async with AsyncTestClient(app) as client, client.stream("GET", "/") as response:
            assert response.status_code == 200
            go.set()
            assert await response.aread() == b"late"

    asyncio.run(scenario())


def test_closing_the_client_closes_the_responses_still_open() -> None:
    app = Endless()
    client = TestClient(app)
    response = client.send(client.build_request("GET", "/"), stream=True)
    client.close()
    assert app.said == ["http.disconnect", "finally"]
    response.close()


def test_a_cancelled_caller_is_a_client_that_left() -> None:
    seen = []

    @http
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        seen.append((await receive())["type"])

    async def scenario() -> None:
        async with AsyncTestClient(app) as client:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(client.get("/"), 0.01)

    asyncio.run(scenario())
    assert seen == ["http.disconnect"]


def test_an_application_that_stays_is_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wadjet.testing.exchange.GRACE_SECONDS", 0.01)
    seen = []

    @http
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(dict(START))
        try:
            await asyncio.sleep(60)
        finally:
            seen.append("finally")

    with TestClient(app, lint=False) as client, client.stream("GET", "/"):
        pass
    assert seen == ["finally"]


class CleanupError(Exception):
    pass


def test_a_real_error_while_leaving_is_raised() -> None:
    @http
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(dict(START))
        try:
            while True:
                await send({"type": "http.response.body", "body": b".", "more_body": True})
        except OSError:
            raise CleanupError from None

    with TestClient(app) as client, pytest.raises(CleanupError), client.stream("GET", "/") as response:
        chunks = response.iter_raw()
        next(chunks)


class ClientDisconnect(Exception):
    """What frameworks call it."""


def test_the_disconnection_itself_is_no_error() -> None:
    @http
    async def grouped(scope: Scope, receive: Receive, send: Send) -> None:
        await send(dict(START))
        async with asyncio.TaskGroup() as group:
            group.create_task(endless(send))

    @http
    async def translated(scope: Scope, receive: Receive, send: Send) -> None:
        await send(dict(START))
        try:
            await endless(send)
        except OSError:
            raise ClientDisconnect from None

    @http
    async def chained(scope: Scope, receive: Receive, send: Send) -> None:
        await send(dict(START))
        try:
            await endless(send)
        except OSError as error:
            raise CleanupError from error

    async def endless(send: Send) -> None:
        while True:
            await send({"type": "http.response.body", "body": b".", "more_body": True})

    for app in (grouped, translated, chained):
        with TestClient(app) as client, client.stream("GET", "/") as response:
            assert next(response.iter_raw()) == b"."


class Upload:
    """Writes down the request's messages."""

    def __init__(self) -> None:
        self.messages: list[tuple[bytes, bool]] = []
        self.headers: dict[bytes, bytes] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "http"
        self.headers = dict(scope["headers"])
        more = True
        while more:
            message = await receive()
            more = message["more_body"]
            self.messages.append((message["body"], more))
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})


def test_an_upload_is_streamed() -> None:
    app = Upload()
    with TestClient(app) as client:
        client.post("/", content=iter([b"a", b"", b"b"]))
    assert app.messages == [(b"a", True), (b"b", True), (b"", False)]
    assert app.headers[b"transfer-encoding"] == b"chunked"


def test_an_upload_is_streamed_asynchronously() -> None:
    app = Upload()

    async def chunks() -> AsyncIterator[bytes]:
        yield b"a"
        yield b"b"

    async def scenario() -> None:
        async with AsyncTestClient(app) as client:
            await client.post("/", content=chunks())

    asyncio.run(scenario())
    assert app.messages == [(b"a", True), (b"b", True), (b"", False)]


@pytest.mark.parametrize("size", [0, 1, 65_536, 65_537, 200_000])
def test_bytes_arrive_in_pieces_of_64_kib(size: int) -> None:
    app = Upload()
    with TestClient(app) as client:
        client.post("/", content=b"x" * size)
    assert sum(len(body) for body, _ in app.messages) == size
    assert all(len(body) == 65_536 for body, more in app.messages if more)
    assert app.headers.get(b"content-length", b"0") == b"%d" % size


def test_an_upload_is_read_no_further_than_the_application_asks() -> None:
    taken = []
    closed = threading.Event()

    def chunks() -> Iterator[bytes]:
        try:
            for n in range(9):
                taken.append(n)
                yield b"x"
        finally:
            closed.set()

    @http
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(dict(START))
        await send({"type": "http.response.body"})
        assert (await receive())["type"] == "http.disconnect"

    with TestClient(app) as client:
        client.post("/", content=chunks())
    assert taken == [0]


def test_a_failing_upload_is_a_disconnection_for_the_application_and_an_error_for_the_caller() -> None:
    seen = []

    def chunks() -> Iterator[bytes]:
        yield b"a"
        raise CleanupError

    @http
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.extend([(await receive())["type"], (await receive())["type"]])

    with TestClient(app) as client, pytest.raises(CleanupError):
        client.post("/", content=chunks())
    assert seen == ["http.request", "http.disconnect"]


def test_a_client_that_leaves_ends_a_blocked_upload() -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"a"
        await asyncio.Event().wait()

    seen = []

    @http
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(dict(START))
        seen.extend([(await receive())["type"], (await receive())["type"]])

    async def scenario() -> None:
        async with AsyncTestClient(app) as client, client.stream("POST", "/", content=chunks()):
            await asyncio.sleep(0.01)

    asyncio.run(scenario())
    assert seen == ["http.request", "http.disconnect"]


def test_an_abandoned_receive_loses_no_chunk() -> None:
    async def chunks() -> AsyncIterator[bytes]:
        await asyncio.sleep(0.02)
        yield b"a"

    @http
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(receive(), 0.001)
        body = (await receive())["body"]
        await send(dict(START))
        await send({"type": "http.response.body", "body": body})

    async def scenario() -> httpx2.Response:
        client = AsyncTestClient(app)
        return await client.post("/", content=chunks())

    assert asyncio.run(scenario()).content == b"a"
