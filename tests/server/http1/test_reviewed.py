"""What fresh readers found in the fast lane, each once: it does not come back."""

from __future__ import annotations

import asyncio
import errno
import itertools
import os
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.wire import get, replies
from tests.server.http1.serving import PATIENCE_SECONDS, Peer, Served, run, serving
from tests.server.http1.test_asgiform import Alone
from wadjet import FileResponse, Request, Response, Settings, StreamingResponse, Wadjet
from wadjet.types import Message, Receive, Scope, Send

ON_BOTH_LOOPS = pytest.mark.parametrize("on_uvloop", [True, False])
CLOSE = "Connection: close"
PING = get("/ping", CLOSE)
#: Chunks after which a stream that nobody takes has run away.
MANY = 100_000


def application(**settings: Any) -> Wadjet:
    app = Wadjet(Settings(**settings))

    @app.get("/ping")
    async def ping() -> str:
        return "pong"

    return app


def start(status: int = 200, *fields: tuple[bytes, bytes]) -> Message:
    return {"type": "http.response.start", "status": status, "headers": fields}


def body(data: bytes = b"", *, more: bool = False) -> Message:
    return {"type": "http.response.body", "body": data, "more_body": more}


async def until(is_so: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> None:
    async with asyncio.timeout(seconds):
        while not is_so():
            await asyncio.sleep(0.005)


async def sent_by(peer: Peer, methods: list[str], sent: bytes) -> list[tuple[int, bytes]]:
    """Send, and return what is answered until the server closes."""
    await peer.send(sent)
    return [(reply.status, reply.body) for reply in replies(await peer.rest(), methods)]


def streaming(form: str, chunks: Callable[[], AsyncIterator[bytes]]) -> Wadjet:
    """Return an application that streams from ``/stream/``: itself, or by a mounted one."""
    app = application()
    if form == "own":

        @app.get("/stream/")
        async def stream() -> StreamingResponse:
            return StreamingResponse(chunks())

        return app

    async def send_all(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start())
        async for chunk in chunks():
            await send(body(chunk, more=True))

    app.mount("/stream", Alone(send_all))
    return app


@ON_BOTH_LOOPS
@pytest.mark.parametrize("form", ["own", "mounted"])
@pytest.mark.parametrize("reset", [True, False])
def test_a_stream_that_never_waits_ends_when_its_client_leaves(
    form: str, reset: bool, on_uvloop: bool
) -> None:
    peers: list[Peer] = []
    made = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal made
        for made in itertools.count():
            if made == 3:  # between two writes: no turn of the loop tells of it
                peers[0].reset() if reset else peers[0].close()
            assert made < MANY, "the stream has run away"
            yield b"x" * 65536

    async def test() -> None:
        async with serving(streaming(form, chunks)) as served:
            peers.append(await served.open())
            await peers[0].send(get("/stream/"))
            await until(lambda: made > 2)
            (reply,) = await served.ask(PING)
            assert reply.body == b"pong"
            await served.until_idle()
        assert made < MANY

    run(test(), on_uvloop=on_uvloop)


@ON_BOTH_LOOPS
@pytest.mark.parametrize("form", ["own", "mounted"])
def test_a_stream_that_never_waits_leaves_others_their_turn(form: str, on_uvloop: bool) -> None:
    made = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal made
        for made in itertools.count():
            assert made < MANY, "nobody else had a turn"
            yield b"x" * 65536

    def read(port: int) -> None:
        """Take so much that the stream never has to wait for us."""
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(get("/stream/"))
            taken = 0
            while taken < 8 << 20:
                taken += len(client.recv(1 << 20))

    async def test() -> None:
        async with serving(streaming(form, chunks)) as served:
            reading = asyncio.create_task(asyncio.to_thread(read, served.port))
            await until(lambda: made > 2)
            for _ in range(3):
                (reply,) = await served.ask(PING)
                assert reply.body == b"pong"
            await reading
            await served.until_idle()

    run(test(), on_uvloop=on_uvloop)


class Slow:
    """An application whose ``/slow`` ends when it is told to."""

    def __init__(self) -> None:
        self.app = application()
        self.begun, self.goes_on = asyncio.Event(), asyncio.Event()
        self.app.get("/slow")(self.slow)
        self.app.route("/ask", methods=["GET", "POST"])(self.ask)

    async def wait(self) -> None:
        self.begun.set()
        await self.goes_on.wait()

    async def slow(self) -> str:
        await self.wait()
        return "slow"

    async def ask(self, request: Request) -> str:
        return f"left: {await request.is_disconnected()}"

    async def left(self, served: Served, peer: Peer, sent: bytes) -> bytes:
        """Send, send no more, let the server see it, and return what it then says."""
        await peer.send(sent)
        await self.begun.wait()
        peer.half_close()
        (connection,) = served.lane.connections
        await until(lambda: connection.has_ended or connection.is_lost)
        self.goes_on.set()
        return await peer.rest()


def test_a_client_that_has_left_before_anybody_asks_has_left() -> None:
    async def test() -> None:
        slow = Slow()

        @slow.app.get("/late")
        async def late(request: Request) -> str:
            await slow.wait()
            return await slow.ask(request)

        async with serving(slow.app) as served:
            found = await slow.left(served, await served.open(), get("/late"))
            assert replies(found, ["GET"])[0].body == b"left: True"

    run(test())


@pytest.mark.parametrize(
    "sent",
    [
        get("/ask"),
        get("/ask", "Content-Length: 4", method="POST", content=b"abcd"),
        get("/ask", "Transfer-Encoding: chunked", method="POST", content=b"4\r\nabcd\r\n0\r\n\r\n"),
    ],
    ids=["nothing", "length", "chunked"],
)
def test_a_client_that_left_while_its_request_was_queued_has_left(sent: bytes) -> None:
    async def test() -> None:
        slow = Slow()
        async with serving(slow.app) as served:
            found = await slow.left(served, await served.open(), get("/slow") + sent)
            assert [reply.body for reply in replies(found, ["GET"])] == [b"slow", b"left: True"]

    run(test())


def test_a_mounted_application_that_was_queued_is_told_that_its_client_left() -> None:
    told: list[str] = []

    async def listen(scope: Scope, receive: Receive, send: Send) -> None:
        told.append((await receive())["type"])
        told.append((await receive())["type"])
        await send(start())
        await send(body())

    async def test() -> None:
        slow = Slow()
        slow.app.mount("/mounted", Alone(listen))
        async with serving(slow.app) as served:
            await slow.left(served, await served.open(), get("/slow") + get("/mounted/"))
            await served.until_idle()
        assert told[-1] == "http.disconnect"

    run(test())


def test_a_stream_to_a_client_that_has_left_is_not_begun() -> None:
    running: list[str] = []

    async def chunks() -> AsyncIterator[bytes]:
        running.append("begun")
        try:
            while True:
                yield b"x"
                await asyncio.sleep(3600)
        finally:
            running.clear()

    async def test() -> None:
        slow = Slow()

        @slow.app.get("/late")
        async def late() -> StreamingResponse:
            await slow.wait()
            return StreamingResponse(chunks())

        async with serving(slow.app) as served:
            assert await slow.left(served, await served.open(), get("/late")) == b""
            await served.until_idle()
            assert not running

    run(test())


@ON_BOTH_LOOPS
@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt, asyncio.CancelledError])
def test_a_finished_callback_ends_neither_the_loop_nor_its_connection(
    kind: type[BaseException], on_uvloop: bool
) -> None:
    app = application()

    def finished(_: Request) -> None:
        raise kind

    @app.get("/")
    async def index(request: Request) -> str:
        await asyncio.sleep(0)
        request.add_finished_callback(finished)
        return "index"

    async def test() -> None:
        async with serving(app) as served:
            peer, other = await served.open(), await served.open()
            found = await sent_by(peer, ["GET"], get("/") + PING)
            assert found == [(200, b"index"), (200, b"pong")]
            (error,) = served.taken_errors()
            assert kind.__name__ in error
            assert await sent_by(other, ["GET"], PING) == [(200, b"pong")]

    run(test(), on_uvloop=on_uvloop)


def test_a_cancellation_of_the_handlers_own_is_an_error_like_others() -> None:
    app = application()

    @app.get("/")
    async def index() -> str:
        nothing = asyncio.get_running_loop().create_future()
        nothing.cancel()
        await nothing
        return "never"

    async def test() -> None:
        async with serving(app) as served:
            (reply,) = await served.ask(get("/", CLOSE))
            assert reply.status == 500
            (error,) = served.taken_errors()
            assert "CancelledError" in error

    run(test())


@pytest.mark.parametrize("last", [(), (CLOSE,)], ids=["stays", "closes"])
def test_an_application_that_works_on_after_its_response_holds_up_nobody(last: tuple[str, ...]) -> None:
    async def test() -> None:
        goes_on, ended = asyncio.Event(), asyncio.Event()

        async def works_on(scope: Scope, receive: Receive, send: Send) -> None:
            await send(start(200, (b"content-length", b"1"), (b"content-length", b"1")))
            await send(body(b"a"))
            await goes_on.wait()
            ended.set()

        app = application()
        app.mount("/works", Alone(works_on))
        async with serving(app) as served:
            sent = get("/works/", *last) + (b"" if last else PING)
            found = await served.ask(sent)
            assert [reply.body for reply in found] == ([b"a"] if last else [b"a", b"pong"])
            assert found[0].field("content-length") == "1"
            assert not ended.is_set()
            stopping = asyncio.create_task(served.stop())
            await asyncio.sleep(0.05)
            assert not stopping.done()
            goes_on.set()
            await stopping
            assert ended.is_set()

    run(test())


def test_a_request_in_front_of_one_that_is_the_last_and_not_whole_is_answered_and_so_is_that() -> None:
    app = application()

    @app.post("/")
    async def echo(request: Request) -> bytes:
        return await request.body()

    async def test() -> None:
        async with serving(app) as served:
            peer = await served.open()
            await peer.send(get("/ping") + get("/", CLOSE, "Content-Length: 4", method="POST"))
            await peer.until(b"pong")
            assert [found[1] for found in await sent_by(peer, ["POST"], b"abcd")] == [b"abcd"]

    run(test())


@pytest.mark.parametrize("form", ["own", "mounted"])
def test_a_streamed_205_has_no_content_and_keeps_in_step(form: str) -> None:
    app = application()

    @app.get("/own/")
    async def own() -> StreamingResponse:
        return StreamingResponse([b"abc"], 205)

    async def reset(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start(205))
        await send(body(b"abc"))

    app.mount("/mounted", Alone(reset))

    async def test() -> None:
        async with serving(app) as served:
            first, second = await served.ask(get(f"/{form}/") + PING)
            assert (first.status, first.body, first.field("content-length")) == (205, b"", "0")
            assert second.body == b"pong"

    run(test())


def test_a_client_that_waits_for_the_word_to_send_has_its_time_from_then_on() -> None:
    app = application(BODY_TIMEOUT=0.2)

    @app.post("/")
    async def late(request: Request) -> bytes:
        await asyncio.sleep(0.8)
        return await request.body()

    async def test() -> None:
        async with serving(app) as served:
            peer = await served.open()
            await peer.send(get("/", CLOSE, "Expect: 100-continue", "Content-Length: 4", method="POST"))
            assert (await peer.until(b"\r\n\r\n")).startswith(b"HTTP/1.1 100 ")
            assert await sent_by(peer, ["POST"], b"abcd") == [(200, b"abcd")]

    run(test())


def test_a_file_that_the_kernel_cannot_send_is_read_in_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sendfile(target: int, source: int, offset: int, count: int) -> int:
        raise OSError(errno.EINVAL, "not from here")

    monkeypatch.setattr(os, "sendfile", sendfile)
    (tmp_path / "big").write_bytes(content := os.urandom(1_000_000))
    app = application()

    @app.get("/")
    async def big() -> FileResponse:
        return FileResponse(tmp_path / "big")

    async def test() -> None:
        async with serving(app) as served:
            (reply,) = await served.ask(get("/", CLOSE))
            assert reply.body == content

    run(test())


@pytest.mark.parametrize("framing", ["Content-Length: 100000", "Transfer-Encoding: chunked"])
def test_a_connection_keeps_no_content_of_requests_that_are_over(framing: str) -> None:
    app = application()
    app.post("/")(_size)
    content = b"x" * 100_000
    sent = content if "Length" in framing else b"186a0\r\n" + content + b"\r\n0\r\n\r\n"

    async def test() -> None:
        async with serving(app) as served:
            peer = await served.open()
            await peer.send(get("/", framing, method="POST", content=sent) + get("/ping"))
            await peer.until(b"pong")
            (connection,) = served.lane.connections
            assert connection.content is None
            peer.close()

    run(test())


async def _size(request: Request) -> str:
    return str(len(await request.body()))


def test_a_request_line_right_behind_chunks_is_held_to_its_limit() -> None:
    app = application()
    app.post("/")(_size)

    async def test() -> None:
        async with serving(app) as served:
            peer = await served.open()
            await peer.send(get("/", "Transfer-Encoding: chunked", method="POST") + b"1\r\na\r\n")
            await until(lambda: any(one.request for one in served.lane.connections))
            line = get("/ping?" + "a" * Settings.MAX_REQUEST_LINE)
            found = await sent_by(peer, ["POST", "GET"], b"1\r\nb\r\n0\r\n\r\n" + line)
            assert [status for status, _ in found] == [200, 414]

    run(test())


@pytest.mark.parametrize(("option", "count"), [("close", 1), ("keep-alive, x-close-not", 2)])
def test_a_connection_ends_in_order_where_a_response_says_close_and_nowhere_else(
    option: str, count: int
) -> None:
    app = application()

    @app.get("/")
    async def big() -> Response[bytes]:
        return Response(bytes(3_000_000), headers={"connection": option})

    async def test() -> None:
        async with serving(app) as served:
            peer = await served.open()
            behind = get("/ping", CLOSE, "Content-Length: 1500000", content=bytes(1_500_000))
            sending = asyncio.create_task(peer.send(get("/") + behind))
            await asyncio.sleep(0.1)
            found = replies(await peer.rest(), ["GET"])
            await sending
            peer.close()
            assert [len(reply.body) for reply in found] == [3_000_000, 4][:count]

    run(test())


def test_connections_beyond_the_limit_are_few_and_do_not_stay() -> None:
    async def test() -> None:
        async with serving(application(MAX_CONNECTIONS=2)) as served:
            for _ in range(300):
                await served.open()
            await until(lambda: len(served.lane.connections) <= 2 + 101)
            await until(lambda: len(served.lane.connections) == 2, 6)
            assert len(served.peers) == 300
            for peer in list(served.peers):
                peer.close()

    run(test())


def test_every_busy_request_is_cancelled_at_the_end_of_the_drain_time_and_told() -> None:
    async def test() -> None:
        slow = Slow()
        async with serving(slow.app, timeout_graceful_shutdown=0.3) as served:
            peers = [await served.open() for _ in range(8)]
            for peer in peers:
                await peer.send(get("/slow"))
            await until(lambda: sum(one.request is not None for one in served.lane.connections) == 8)
            await served.stop()
            for peer in peers:
                assert [reply.status for reply in replies(await peer.rest(), ["GET"])] == [503]
            served.taken_errors()

    run(test())
