"""A connection says the same however its bytes come, and by whichever of its shortcuts it answers."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator, Iterable
from typing import Any, ClassVar

import pytest
import uvicorn
from hypothesis import given, settings
from hypothesis import strategies as st
from uvicorn.server import ServerState

from tests.scenarios.wire import replies
from tests.server.http1.serving import PATIENCE_SECONDS, run, serving
from tests.server.http1.test_fuzz import CHUNKS
from wadjet import Request, Response, Settings, StreamingResponse, Wadjet
from wadjet.http.seam import AtOnce
from wadjet.server.asgi import Planned
from wadjet.server.http1 import Connection, writing

HOST = b"Host: localhost\r\n"
LAST = b"GET /last HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"


class Tape(asyncio.Transport):
    """A transport that keeps what is written to it.

    Args:
        protocol: it is told of the end.
    """

    def __init__(self, protocol: Connection) -> None:
        super().__init__()
        self.written = bytearray()
        self.closed = asyncio.Event()
        self.is_paused = False
        self._protocol = protocol

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return {"peername": ("127.0.0.1", 5), "sockname": ("127.0.0.1", 80)}.get(name, default)

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Everything is taken at once."""

    def get_write_buffer_size(self) -> int:
        return 0

    def is_closing(self) -> bool:
        return self.closed.is_set()

    def write(self, data: Any) -> None:
        assert not self.closed.is_set()
        self.written += data

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        self.close()

    def pause_reading(self) -> None:
        self.is_paused = True

    def resume_reading(self) -> None:
        self.is_paused = False

    def close(self) -> None:
        if not self.closed.is_set():
            self.closed.set()
            asyncio.get_running_loop().call_soon(self._protocol.connection_lost, None)

    abort = close


@functools.cache
def application() -> Wadjet:
    app = Wadjet(Settings(MAX_HEADER_BYTES=6000, MAX_REQUEST_LINE=2000, MAX_BODY_SIZE=200_000))

    @app.get("/")
    @app.get("/last")
    async def first() -> str:
        return "root"

    @app.get("/param/{name}")
    async def param(name: str, request: Request) -> Any:
        return {"name": name, "url": str(request.url), "fields": [*request.headers.items()]}

    @app.get("/empty")
    async def empty() -> None:
        return None

    @app.get("/status/{code:int}")
    async def status(code: int) -> Any:
        return Response("content", code, {"x-a": "b"})

    @app.get("/stream")
    async def stream(charset: str = "utf-8") -> StreamingResponse:
        async def generate() -> AsyncIterator[bytes | str]:
            for chunk in ("é", b"", b"two", "", b"x" * 70_000, b"y" * 3000, "ü" * 5000):
                yield chunk
                await asyncio.sleep(0)

        return StreamingResponse(generate(), media_type=f"text/plain; charset={charset}")

    answer_content(app)
    answer_kept(app)
    return app


def answer_kept(app: Wadjet) -> None:
    @app.get("/kept", cache_ttl=3600)
    async def kept() -> str:
        return "kept"

    @app.get("/tagged", cache_ttl=3600, etag=True)
    async def tagged() -> str:
        return "tagged"

    @app.get("/counted", cache_rate=3)
    async def counted() -> str:
        return "counted"


def answer_content(app: Wadjet) -> None:
    @app.get("/blocking")
    def blocking() -> list[int]:
        return [1, 2]

    @app.post("/echo")
    async def echo(request: Request) -> bytes:
        return await request.body()

    @app.post("/json")
    async def json(request: Request) -> Any:
        return await request.json()

    @app.get("/boom")
    async def boom() -> None:
        raise ValueError


async def said(
    pieces: Iterable[bytes], kind: type[Connection] = Connection, *, plainly: bool = False
) -> bytes:
    """Return what a connection says to bytes that come in pieces, until it closes.

    Args:
        pieces: what comes.
        kind: of the connection.
        plainly: hand each piece to the plain way.
    """
    app = application()
    await app.startup()
    config = uvicorn.Config(
        app, http=kind, interface="asgi3", log_config=None, ws="none", proxy_headers=False
    )
    config.load()
    connection = kind(config, ServerState(), {})
    tape = Tape(connection)
    connection.connection_made(tape)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            for piece in pieces:
                while tape.is_paused and not tape.closed.is_set():
                    await asyncio.sleep(0)
                if tape.closed.is_set():
                    break
                (connection._receive if plainly else connection.data_received)(piece)
                await asyncio.sleep(0)
            await tape.closed.wait()
        await asyncio.sleep(0)
        assert not connection.lane.connections
    finally:
        await app.shutdown()
    return bytes(tape.written)


def in_bytes(data: bytes) -> list[bytes]:
    return [data[place : place + 1] for place in range(len(data))]


#: Conversations that end by themselves, and in which it does not matter how much has come when a handler runs.
CONVERSATIONS = (
    LAST,
    b"GET / HTTP/1.0\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + HOST + b"\r\n" + LAST,
    b"\r\n\r\nHEAD / HTTP/1.1\r\n" + HOST + b"\r\nHEAD /stream HTTP/1.1\r\n" + HOST + b"\r\n" + LAST,
    b"GET /param/a%20b/?c=d&%65 HTTP/1.1\r\n" + HOST + b"A:  b\t \r\nA: c\r\nE:\r\nF: \t\r\n\r\n" + LAST,
    b"GET /param/x?a?b#c HTTP/1.1\r\n" + HOST + b"\r\nGET //param///x HTTP/1.1\r\n" + HOST + b"\r\n" + LAST,
    b"GET http://other:81/param/x HTTP/1.1\r\n"
    + HOST
    + b"\r\nGET HTTP://other HTTP/1.1\r\n"
    + HOST
    + b"\r\n"
    + LAST,
    b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\nDELETE / HTTP/1.1\r\n" + HOST + b"\r\n" + LAST,
    b"POST /echo HTTP/1.1\r\n" + HOST + b"Content-Length: 11\r\n\r\nhello world" + LAST,
    b"POST /echo HTTP/1.1\r\n" + HOST + b"Content-Length: 0\r\n\r\n" + LAST,
    b"POST /echo HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n" + CHUNKS + LAST,
    b'POST /json HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n{"a":1}' + LAST,
    b"".join(b"GET /param/%d HTTP/1.1\r\n" % number + HOST + b"\r\n" for number in range(40)) + LAST,
    b"GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n" + HOST + b"\r\n" + LAST,
    b"POST /echo HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 5\r\n"
    + HOST
    + b"\r\nhello"
    + LAST,
    b"GET /empty HTTP/1.1\r\n"
    + HOST
    + b"\r\nGET /stream HTTP/1.1\r\n"
    + HOST
    + b"\r\nGET /blocking HTTP/1.1\r\n"
    + HOST
    + b"\r\n"
    + LAST,
    b"GET / HTTP/1.1\r\n" + HOST + b"\r\nGET / HTTP/2.0\r\n" + HOST + b"\r\n" + LAST,
    b"GET / HTTP/1.1\r\n" + HOST + b"\r\nCONNECT a:1 HTTP/1.1\r\n" + HOST + b"\r\n" + LAST,
    b"GET / HTTP/1.1\r\n" + HOST + b"\r\nCONNECT /a HTTP/1.1\r\n" + HOST + b"\r\n" + LAST,
    b"GET / HTTP/1.1\r\n"
    + HOST
    + b"\r\nPOST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n"
    + HOST
    + b"\r\n"
    + LAST,
    b"GET / HTTP/1.1\r\n"
    + HOST
    + b"\r\nPOST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n"
    + HOST
    + b"\r\n"
    + LAST,
    b"GET / HTTP/1.1\r\n" + HOST + b"\r\nGET / HTTP/1.1\r\nA B: c\r\n" + HOST + b"\r\n" + LAST,
    b"GET / HTTP/1.1\r\n" + HOST + b"\r\nGET a HTTP/1.1\r\n" + HOST + b"\r\n" + LAST,
    b"GET / HTTP/1.1\r\n" + HOST + b"A: b\r\n" * 101 + b"\r\n" + LAST,
    b"GET /" + b"a" * 1000 + b" HTTP/1.1\r\n" + HOST + b"\r\n" + LAST,
)


@pytest.mark.parametrize("conversation", CONVERSATIONS, ids=lambda each: each[:24].decode().strip())
def test_the_answers_do_not_depend_on_how_the_bytes_come(conversation: bytes) -> None:
    async def test() -> None:
        whole = await said([conversation])
        assert whole.count(b"HTTP/1.1 ") >= 1
        assert await said([conversation], plainly=True) == whole
        assert await said(in_bytes(conversation)) == whole
        assert await said(in_bytes(conversation), plainly=True) == whole

    asyncio.run(test())


@given(st.sampled_from(CONVERSATIONS), st.lists(st.integers(0, 3000), max_size=4))
@settings(max_examples=150)
def test_the_answers_do_not_depend_on_where_the_bytes_are_split(
    conversation: bytes, places: list[int]
) -> None:
    cuts = [0, *sorted(place % len(conversation) for place in places), len(conversation)]
    pieces = [conversation[start:stop] for start, stop in zip(cuts, cuts[1:], strict=False)]

    async def test() -> None:
        assert await said(pieces) == await said([conversation])

    asyncio.run(test())


@pytest.mark.parametrize("size", [0, 1, 65536, 65537, 200_000])
@pytest.mark.parametrize("piece", [1000, 65536, 1 << 20])
@pytest.mark.parametrize("is_chunked", [False, True])
def test_content_of_any_size_comes_whole_in_pieces_of_any_size(
    size: int, piece: int, is_chunked: bool
) -> None:
    content = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    framing = b"Transfer-Encoding: chunked" if is_chunked else b"Content-Length: %d" % size
    if is_chunked:
        chunks = [content[place : place + 7000] for place in range(0, size, 7000)]
        sent = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
    else:
        sent = content
    data = b"POST /echo HTTP/1.1\r\n" + HOST + framing + b"\r\n\r\n" + sent + LAST
    found = asyncio.run(said([data[place : place + piece] for place in range(0, len(data), piece)]))
    assert found.startswith(b"HTTP/1.1 200 OK\r\n")
    head, _, rest = found.partition(b"\r\n\r\n")
    assert b"content-length: %d\r\n" % size in head + b"\r\n"
    assert rest.startswith(content + b"HTTP/1.1 200 OK\r\n")
    assert rest.endswith(b"root")


def test_the_framing_of_each_content_is_counted_alone() -> None:
    chunk = b"3e8;" + b"x" * 60 + b"\r\n" + b"y" * 1000 + b"\r\n"
    upload = (
        b"POST /echo HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 150 + b"0\r\n\r\n"
    )
    data = upload * 60 + LAST
    found = asyncio.run(said([data[place : place + 65536] for place in range(0, len(data), 65536)]))
    assert found.count(b"HTTP/1.1 200 OK\r\n") == 61


def test_everything_that_came_before_a_client_sent_its_end_is_answered() -> None:
    async def test() -> None:
        async with serving(application()) as served:
            peer = await served.open()
            await peer.send((b"GET / HTTP/1.1\r\n" + HOST + b"\r\n") * 5 + b"GET / HT")
            peer.half_close()
            received = await peer.rest()
            assert received.count(b"HTTP/1.1 200 OK\r\n") == 5
            assert received.count(b"connection: close\r\n") == 1
            assert received.endswith(b"root")

    run(test())


def test_what_follows_the_last_response_is_thrown_away_and_does_not_reset_it() -> None:
    async def test() -> None:
        async with serving(application()) as served:
            for sent, status in (
                (
                    b"POST /nowhere HTTP/1.1\r\n" + HOST + b"Content-Length: 600000\r\n\r\n" + bytes(600_000),
                    404,
                ),
                (b"POST /echo HTTP/1.1\r\n" + HOST + b"Content-Length: 600000\r\n\r\n" + bytes(600_000), 413),
                (b"GET / HTTP/9.9\r\n" + HOST + b"\r\n" + LAST * 1000, 400),
            ):
                peer = await served.open()
                await peer.send(sent)
                (reply,) = replies(await peer.rest(), ["POST"])
                assert (reply.status, reply.is_whole) in {(status, True), (505, True)}
                peer.close()
            await served.until_idle()

    run(test())


# -- shortcuts of answering --------------------------------------------------------------------------------------------------


class Plain(Connection):
    """A connection that never takes the shortcut for a response that is ready."""

    is_plain = property(lambda self: False, lambda self, value: None)


TARGETS = (
    b"/",
    b"/param/a",
    b"/empty",
    b"/blocking",
    b"/nowhere",
    b"/status/200",
    b"/status/205",
    b"/status/304",
    b"/boom",
)


@pytest.mark.parametrize("target", TARGETS, ids=bytes.decode)
@pytest.mark.parametrize("method", [b"GET", b"HEAD"], ids=bytes.decode)
def test_a_ready_response_is_the_same_by_the_shortcut_and_by_the_plain_way(
    method: bytes, target: bytes
) -> None:
    sent = method + b" " + target + b" HTTP/1.1\r\n" + HOST + b"\r\n" + LAST

    async def test() -> None:
        without_id = (await said([sent]), await said([sent], Plain))
        assert fields(without_id[0]) == fields(without_id[1])

    asyncio.run(test())


def fields(said: bytes) -> list[bytes]:
    """Return the lines of responses, but the id that every error has of its own."""
    return [line for line in said.split(b"\r\n") if b'"id"' not in line and b"instance" not in line]


@pytest.mark.parametrize("charset", ["utf-8", "latin-1", "utf-16"])
@pytest.mark.parametrize("version", [b"1.1", b"1.0"])
def test_a_stream_is_the_same_by_the_shortcut_and_by_the_plain_way(
    charset: str, version: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = b"GET /stream?charset=" + charset.encode() + b" HTTP/" + version + b"\r\n" + HOST + b"\r\n" + LAST
    shortened = asyncio.run(said([sent]))
    monkeypatch.setattr(writing, "StreamingResponse", type("Never", (), {}))
    assert asyncio.run(said([sent])) == shortened
    assert shortened.count(b"x" * 70_000) == 1


# -- what is answered before a task is made ----------------------------------------------------------------------------------


class Waiting(Connection):
    """A connection that makes a task for every request."""

    def _answer_at_once(self, request: Request, at_once: AtOnce) -> bool:  # noqa: ARG002 - the same signature
        return False


class Noting(Connection):
    """A connection that notes which requests have a task."""

    targets: ClassVar[list[str]] = []

    async def answer(self, plan: Planned) -> None:
        assert self.request is not None
        self.targets.append(f"{self.request.method} {self.request.path}")
        await super().answer(plan)


def asked(*heads: bytes) -> list[bytes]:
    return [b"%b\r\n%b\r\n" % (head.replace(b"\n", b"\r\n"), HOST) for head in heads]


KEPT = asked(
    b"GET /kept HTTP/1.1",
    b"GET /kept HTTP/1.1",
    b"HEAD /kept HTTP/1.1",
    b"GET /kept HTTP/1.1\nAuthorization: Basic YTpi",
    b"GET /kept HTTP/1.1\nContent-Length: 0",
    b"GET /kept?page=2 HTTP/1.1",
    b"GET /tagged HTTP/1.1",
    b"GET /tagged HTTP/1.1\nIf-None-Match: *",
    b"GET /counted HTTP/1.1",
    b"GET /counted HTTP/1.1",
)


@pytest.mark.parametrize(
    "last", asked(b"GET /kept HTTP/1.1\nConnection: close", b"GET /kept HTTP/1.0"), ids=repr
)
@pytest.mark.parametrize("is_pipelined", [True, False])
def test_what_is_answered_before_a_task_is_made_is_the_same_as_after(last: bytes, is_pipelined: bool) -> None:
    sent = [b"".join([*KEPT, last])] if is_pipelined else [*KEPT, last]
    early = asyncio.run(said(sent))
    assert early == asyncio.run(said(sent, Waiting))
    assert early.count(b"\r\n\r\nkept") >= 5


def test_only_what_is_kept_and_only_has_to_be_sent_is_answered_before_a_task_is_made() -> None:
    Noting.targets.clear()
    asyncio.run(said([*KEPT, *KEPT, LAST], Noting))
    always = ["GET /tagged", "GET /tagged", "GET /counted", "GET /counted"]
    for_itself = ["HEAD /kept", "GET /kept"]
    assert Noting.targets == [
        *("GET /kept", *for_itself, "GET /kept", *always),  # two of them are kept now
        *(*for_itself, *always),
        "GET /last",
    ]


# -- what the shortcut of a plain target finds -------------------------------------------------------------------------------


class Idle(Connection):
    """A connection that answers nothing."""

    def begin(self) -> None:
        """Let what has arrived wait."""


@given(st.binary(max_size=30).map(lambda data: bytes(33 + byte % 94 for byte in data)))
def test_a_plain_target_is_read_as_every_other_is(data: bytes) -> None:
    found = []

    def reads(*, is_elsewhere: bool) -> None:
        async def read() -> None:
            app = application()
            await app.startup()
            config = uvicorn.Config(
                app, http=Connection, interface="asgi3", log_config=None, ws="none", proxy_headers=False
            )
            config.load()
            connection = Idle(config, ServerState(), {})
            connection.connection_made(Tape(connection))
            connection.lane.is_elsewhere = is_elsewhere
            connection.data_received(b"GET /" + data + b" HTTP/1.1\r\n" + HOST + b"\r\n")
            found.append(
                [
                    (one.path, one.sent_path, one.raw_query, one.root_path)
                    if isinstance(one, Request)
                    else str(one)
                    for one in connection.arrived
                ]
            )
            connection.transport.close()
            await asyncio.sleep(0)
            await app.shutdown()

        asyncio.run(read())

    reads(is_elsewhere=False)
    reads(is_elsewhere=True)
    assert found[0] == found[1]
    assert len(found[0]) == 1
