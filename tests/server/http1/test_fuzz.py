"""Whatever comes, the server survives it, says nothing that is no HTTP, blames nobody but the client, and forgets it."""

from __future__ import annotations

import asyncio
import gc
import random
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import pytest

from tests.scenarios.wire import Malformed, replies
from tests.server.http1.serving import Peer, Served, run, serving
from wadjet import Request, Wadjet
from wadjet.server.http1 import Connection
from wadjet.types import Receive, Scope, Send

SEED = 20260101
#: How many clients there are at once.
CLIENTS = 32
#: What a server may say of itself: not here, not now, not in this version. Anything else from 500 on is a defect.
ITS_OWN = {501, 503, 505}

HOST = b"Host: localhost\r\n"
CHUNKS = b"5\r\nhello\r\n6;a=b\r\n world\r\n0\r\nTrailer: x\r\n\r\n"
WEBSOCKET = (
    b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: YWJjZGVmZ2hpamtsbW5vcA==\r\n"
)
CORPUS = (
    b"GET / HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET / HTTP/1.0\r\n\r\n",
    b"GET /param/a%20b?c=d&e=%C3%A9 HTTP/1.1\r\n" + HOST + b"Accept: */*\r\nCookie: a=b; c=d\r\n\r\n",
    b"HEAD /stream HTTP/1.1\r\n" + HOST + b"\r\n",
    b"HEAD / HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET /stream HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    b"GET http://localhost:80/param/x?y HTTP/1.1\r\nHost: other\r\n\r\n",
    b"GET /raw/a HTTP/1.1\r\n" + HOST + b"\r\n",
    b"POST /raw/a HTTP/1.1\r\n" + HOST + b"Content-Length: 11\r\n\r\nhello world",
    b"POST /raw/a HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n" + CHUNKS,
    b"POST /echo HTTP/1.1\r\n" + HOST + b"Content-Length: 11\r\n\r\nhello world",
    b"POST /echo HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n" + CHUNKS,
    b"POST /read HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n" + CHUNKS,
    b"POST /read HTTP/1.1\r\n" + HOST + b"Expect: 100-continue\r\nContent-Length: 5\r\n\r\nhello",
    b"POST /ignore HTTP/1.1\r\n" + HOST + b"Expect: 100-continue\r\nContent-Length: 5\r\n\r\nhello",
    b"POST /ignore HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n" + CHUNKS,
    b"POST /json HTTP/1.1\r\n" + HOST + b'Content-Type: application/json\r\nContent-Length: 7\r\n\r\n{"a":1}',
    b"POST /read HTTP/1.1\r\n" + HOST + b"Content-Length: 100000\r\n\r\n" + b"x" * 100000,
    b"GET / HTTP/1.1\r\n"
    + HOST
    + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n",
    b"POST /echo HTTP/1.1\r\n"
    + HOST
    + b"Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 5\r\n\r\nhello",
    b"GET /raw/socket HTTP/1.1\r\n" + HOST + WEBSOCKET + b"\r\n",
    b"GET /nowhere HTTP/1.1\r\n" + HOST + WEBSOCKET + b"\r\n\x81\x85abcd\x00\x00\x00\x00",
    b"CONNECT localhost:80 HTTP/1.1\r\n" + HOST + b"\r\n",
    b"CONNECT /x HTTP/1.1\r\n" + HOST + b"\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256)),
)
#: What breaks parsers, and what breaks programs.
SPICES = (
    b"\r",
    b"\n",
    b"\0",
    b"\t",
    b":",
    b" ",
    b"\r\n",
    b"\r\n\r\n",
    b"%",
    b"%zz",
    b"#",
    b"//",
    b"\xff",
    b"\x80",
    b",",
    b";",
    b"0\r\n\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Content-Length: 1\r\n",
    b"Connection: close\r\n",
    b"X: " + b"y" * 9000 + b"\r\n",
    b"A: b\r\n" * 110,
)
NUMBERS = (
    b"0",
    b"-1",
    b"+1",
    b"1_0",
    b"0x10",
    b"18446744073709551615",
    b"18446744073709551616",
    b"9" * 400,
    b"fffffffffffffffff",
    b"10485761",
    b"65537",
    b"1e3",
)
ENDS = ("half-close", "half-close", "half-close", "half-close", "close", "reset")


class Case(NamedTuple):
    """What one client does."""

    pieces: list[bytes]
    end: str


def case(seed: int, number: int) -> Case:
    """Return what a client does: the same whenever it is asked for."""
    chance = random.Random(f"{seed}-{number}")
    requests = [chance.choice(CORPUS) for _ in range(chance.choice((1, 1, 1, 2, 3, 20)))]
    data = b"".join(requests)
    for _ in range(chance.choice((0, 1, 1, 1, 2, 4, 12))):
        data = chance.choice(MUTATIONS)(chance, data)
    return Case(split(chance, data), chance.choice(ENDS))


def split(chance: random.Random, data: bytes) -> list[bytes]:
    """Split bytes as a network might."""
    if chance.random() < 0.03:
        return [data[place : place + 1] for place in range(min(len(data), 300))] + [data[300:]]
    places = sorted(chance.randrange(len(data) + 1) for _ in range(chance.choice((0, 0, 1, 2, 5))))
    return [data[start:stop] for start, stop in zip([0, *places], [*places, len(data)], strict=True)]


def flip(chance: random.Random, data: bytes) -> bytes:
    place = chance.randrange(len(data) + 1)
    return data[:place] + bytes([chance.randrange(256)]) + data[place + 1 :]


def spice(chance: random.Random, data: bytes) -> bytes:
    place = chance.randrange(min(len(data), 400) + 1)
    return data[:place] + chance.choice(SPICES) + data[place:]


def truncate(chance: random.Random, data: bytes) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def double(chance: random.Random, data: bytes) -> bytes:
    start, stop = sorted(chance.randrange(len(data) + 1) for _ in range(2))
    return (data[:stop] + data[start:])[:300000]


def shuffle(chance: random.Random, data: bytes) -> bytes:
    lines = data.split(b"\r\n")
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return b"\r\n".join(lines)


def inflate(chance: random.Random, data: bytes) -> bytes:
    """Put a number that no program likes where a number is."""
    found = chance.choice((b"5", b"7", b"11", b"100000", b"1.1", b"13", b"6"))
    return data.replace(found, chance.choice(NUMBERS), 1)


def noise(chance: random.Random, data: bytes) -> bytes:
    return chance.randbytes(chance.randrange(200)) + data


MUTATIONS = (flip, flip, spice, spice, truncate, double, shuffle, inflate, noise)


# -- who is asked -----------------------------------------------------------------------------------------------------------


async def raw(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that speaks ASGI only, and takes no WebSockets."""
    if scope["type"] != "http":
        await receive()
        await send({"type": "websocket.close", "code": 1000, "reason": ""})
        return
    content, message = b"", await receive()
    while message["type"] == "http.request":
        content += message["body"]
        if not message["more_body"]:
            break
        message = await receive()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": content, "more_body": True})
    await send({"type": "http.response.body", "body": b"."})


def application() -> Wadjet:
    app = Wadjet()
    app.mount("/raw", raw)

    @app.get("/")
    async def first() -> str:
        return "root"

    @app.get("/param/{name}")
    async def param(name: str, request: Request) -> Any:
        return {"name": name, "url": str(request.url), "query": [*request.query_params.items()]}

    @app.get("/stream")
    async def stream() -> AsyncIterator[str]:
        for chunk in ("one", "two", "three"):
            yield chunk
            await asyncio.sleep(0)

    @app.post("/echo")
    async def echo(request: Request) -> bytes:
        return await request.body()

    @app.post("/read")
    async def read(request: Request) -> int:
        return sum([len(chunk) async for chunk in request.stream()])

    @app.post("/ignore")
    async def ignore() -> str:
        return "ignored"

    @app.post("/json")
    async def json(request: Request) -> Any:
        return await request.json()

    return app


class Recorded(Connection):
    """A connection that tells which methods it has answered: a response to HEAD has no content."""

    methods: dict[int, list[str]] = {}

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        if self.client is not None:
            self.methods[self.client[1]] = []

    def answered(self, request: Request) -> None:
        if self.client is not None and self.request is request:  # it may have been told before
            self.methods[self.client[1]].append(request.method)
        super().answered(request)


# -- what must hold ---------------------------------------------------------------------------------------------------------


def fault(received: bytes, methods: list[str]) -> str:
    """Say what is wrong with what a server has said; nothing if it is right."""
    try:
        found = replies(received, [*methods, "GET"])
    except (Malformed, ValueError) as error:
        return f"it says what is no HTTP: {error}"
    for reply in found:
        if reply.status >= 500 and reply.status not in ITS_OWN:
            return f"it answers {reply.status}"
        if not reply.is_whole and (reply.field("transfer-encoding") is None or reply is not found[-1]):
            return "it does not say all that it promises"
    return ""


async def play(served: Served, one: Case) -> str:
    """Be the client of a case; return what was wrong."""
    peer = await served.open()
    port = peer.socket.getsockname()[1]
    try:
        for piece in one.pieces:
            await peer.send(piece)
            await asyncio.sleep(0)
        if one.end == "half-close":
            return await _heard(peer, port)
        if one.end == "reset":
            peer.reset()
        return ""
    finally:
        peer.close()


async def _heard(peer: Peer, port: int) -> str:
    try:
        peer.half_close()
        received = await peer.rest()
    except TimeoutError:
        return "it does not close the connection"
    except OSError:
        return ""  # it has closed before
    return fault(received, Recorded.methods.get(port, []))


async def fuzz(served: Served, numbers: range) -> None:
    """Be many clients at once, of one case after the other."""
    waiting = iter(numbers)

    async def client() -> None:
        for number in waiting:
            one = case(SEED, number)
            problem = await play(served, one)
            if not problem and served.errors:
                problem = f"it logs {served.errors}"
            assert not problem, f"case({SEED}, {number}): {problem}\n{one}"

    async with asyncio.TaskGroup() as group:
        for _ in range(CLIENTS):
            group.create_task(client())
    await served.until_idle()


#: Whose objects are counted: other tests leave some of their own in this process.
SERVERS = frozenset({"_asyncio", "asyncio", "httptools", "uvloop", "wadjet"})


def kept() -> int:
    """Count what requests are made of, and what else a server could forget to let go."""
    Recorded.methods.clear()
    gc.collect()
    return sum(str(type(one).__module__).partition(".")[0] in SERVERS for one in gc.get_objects())


async def survive(count: int) -> int:
    """Let a server meet so many cases; return how many objects more there are after most of them."""
    async with serving(application(), http=Recorded) as served:
        await fuzz(served, range(count // 4))
        before = kept()
        await fuzz(served, range(count // 4, count))
        grown = kept() - before
        peer = await served.open()
        await peer.send(CORPUS[0])
        assert (await peer.until(b"root")).startswith(b"HTTP/1.1 200 OK\r\n")
        peer.close()
    return grown


@pytest.mark.parametrize(("is_uvloop", "count"), [(True, 8000), (False, 2000)], ids=["uvloop", "asyncio"])
def test_whatever_comes_is_survived_answered_and_forgotten(is_uvloop: bool, count: int) -> None:
    assert run(survive(count), on_uvloop=is_uvloop) < 100
