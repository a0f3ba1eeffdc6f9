"""Many at once, and those who leave, against a real server process."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import time
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from tests.scenarios.wire import Reply, converse, replies

HOST = "127.0.0.1"


def get(target: str, *fields: str, content: bytes = b"", method: str = "GET", close: bool = True) -> bytes:
    lines = [f"{method} {target} HTTP/1.1", "Host: own.test", *fields]
    if content:
        lines.append(f"Content-Length: {len(content)}")
    if close:
        lines.append("Connection: close")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


def ask(port: int, target: str) -> Reply:
    (reply,) = replies(converse(port, get(target))[0], ["GET"])
    return reply


def outcome(port: int, id: str) -> Any:
    return json.loads(ask(port, f"/outcome?id={id}").body)


def eventually(holds: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def bounded(coroutine: Coroutine[Any, Any, Any]) -> Any:
    async def waiting() -> Any:
        async with asyncio.timeout(60):
            return await coroutine

    return asyncio.run(waiting())


class Kept:
    """A connection that is kept between requests."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def to(cls, port: int) -> Kept:
        return cls(*await asyncio.open_connection(HOST, port))

    async def ask(self, request: bytes) -> Any:
        self.writer.write(request)
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        return json.loads(await self.reader.readexactly(length))

    async def close(self) -> None:
        self.writer.close()
        await self.writer.wait_closed()


def test_conc_01_requests_do_not_see_each_others_context(port: int) -> None:
    async def one(number: int) -> Any:
        connection = await Kept.to(port)
        try:
            return await connection.ask(get(f"/context?set={number}&wait=0.2", close=False))
        finally:
            await connection.close()

    async def many() -> list[Any]:
        return await asyncio.gather(*map(one, range(40)))

    expected = [{"context": str(number), "state": str(number)} for number in range(40)]
    assert bounded(many()) == expected


@pytest.mark.parametrize("kind", ["context", "state"], ids=["CONC-02", "CONC-03"])
def test_nothing_outlives_a_request_on_its_connection(port: int, kind: str) -> None:
    async def two() -> tuple[Any, Any]:
        connection = await Kept.to(port)
        try:
            first = await connection.ask(get("/context?set=mine", close=False))
            return first, await connection.ask(get("/context", close=False))
        finally:
            await connection.close()

    first, second = bounded(two())
    assert first[kind] == "mine"
    assert second[kind] is None


def test_conc_04_answers_do_not_cross_between_users(port: int) -> None:
    async def user(connection: Kept, number: int) -> None:
        for turn in range(5):
            content = f"{number}-{turn}".encode()
            request = get("/mirror", f"Cookie: who={number}", content=content, method="POST", close=False)
            assert await connection.ask(request) == {"cookie": str(number), "body": content.decode()}

    async def many() -> None:
        connections = [await Kept.to(port) for _ in range(8)]

        async def share(place: int) -> None:
            for number in range(place, 40, 8):
                await user(connections[place], number)

        await asyncio.gather(*map(share, range(8)))
        for connection in connections:
            await connection.close()

    bounded(many())


def test_conc_06_a_sync_handler_does_not_block_others(port: int) -> None:
    sleepers = [socket.create_connection((HOST, port), timeout=60) for _ in range(2)]
    for sleeper in sleepers:
        sleeper.sendall(get("/sync-sleep?s=3"))
    started = time.monotonic()
    for _ in range(5):
        assert ask(port, "/ping").body == b"pong"
    assert time.monotonic() - started < 2.5
    for sleeper in sleepers:
        assert sleeper.recv(100).startswith(b"HTTP/1.1 200")
        sleeper.close()


def reset(connection: socket.socket) -> None:
    """Close with RST instead of FIN."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def test_conc_07_a_handler_whose_client_left_finishes_and_leaks_nothing(port: int) -> None:
    for _ in range(20):
        connection = socket.create_connection((HOST, port), timeout=60)
        connection.sendall(get("/sleep?s=1"))
        reset(connection)
    assert eventually(lambda: outcome(port, "")["running"] == 0, 10)


@pytest.mark.parametrize("waits", ["0", "1"], ids=["sending", "waiting"])
@pytest.mark.parametrize("leave", [socket.socket.close, reset], ids=["STR-08 closes", "STR-09 resets"])
def test_a_stream_is_closed_when_its_client_leaves(
    port: int, leave: Callable[[socket.socket], None], waits: str
) -> None:
    id = f"endless-{leave.__name__}-{waits}"
    connection = socket.create_connection((HOST, port), timeout=60)
    connection.sendall(get(f"/stream/endless?id={id}&waits={waits}"))
    received = b""
    while b"first" not in received:
        received += connection.recv(1000)
    assert outcome(port, id)["outcome"] == "open"
    leave(connection)
    assert eventually(lambda: outcome(port, id)["outcome"] == "closed", 2)


def test_str_07_the_first_chunk_is_not_held_back(port: int) -> None:
    connection = socket.create_connection((HOST, port), timeout=60)
    started = time.monotonic()
    connection.sendall(get("/stream?n=2&size=100&delay=3"))
    received = b""
    while received.count(b"x") < 100:
        received += connection.recv(1000)
    assert time.monotonic() - started < 2.5
    reset(connection)


@pytest.mark.parametrize("leave", [socket.socket.close, reset], ids=["closes", "resets"])
def test_body_16_a_client_that_leaves_amid_its_content_reaches_the_handler(
    port: int, leave: Callable[[socket.socket], None]
) -> None:
    id = f"half-{leave.__name__}"
    connection = socket.create_connection((HOST, port), timeout=60)
    # So much that no lane waits for the whole before it asks the handler.
    head = f"POST /body/stream?id={id} HTTP/1.1\r\nHost: own.test\r\nContent-Length: 100000\r\n\r\n"
    connection.sendall(head.encode() + b"half")
    assert eventually(lambda: outcome(port, id)["outcome"] == "reading", 5)
    leave(connection)
    assert eventually(lambda: outcome(port, id)["outcome"] == "ClientDisconnect", 5)


def test_body_17_a_slow_content_does_not_block_others(port: int) -> None:
    connection = socket.create_connection((HOST, port), timeout=60)
    connection.sendall(b"POST /body HTTP/1.1\r\nHost: own.test\r\nContent-Length: 100\r\n\r\n")
    started = time.monotonic()
    for _ in range(10):
        connection.sendall(b"x")
        assert ask(port, "/ping").body == b"pong"
    assert time.monotonic() - started < 5
    reset(connection)


def test_body_18_a_content_beyond_the_limit_is_refused_while_it_comes(port: int) -> None:
    connection = socket.create_connection((HOST, port), timeout=60)
    connection.sendall(b"POST /body HTTP/1.1\r\nHost: own.test\r\nTransfer-Encoding: chunked\r\n\r\n")
    chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    for _ in range(20):  # a little more than the limit, and no end
        connection.sendall(chunk)
    assert connection.recv(1000).startswith(b"HTTP/1.1 413")
    reset(connection)


def test_hdr_73_a_request_in_single_bytes(port: int) -> None:
    connection = socket.create_connection((HOST, port), timeout=60)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for byte in get("/param/slow"):
        connection.sendall(bytes([byte]))
    received = b""
    while chunk := connection.recv(1000):
        received += chunk
    connection.close()
    assert received.endswith(b'{"name":"slow"}')


def test_conc_09_half_sent_heads_do_not_stop_service(port: int) -> None:
    waiting = [socket.create_connection((HOST, port), timeout=60) for _ in range(150)]
    for connection in waiting:
        connection.sendall(b"GET /ping HTTP/1.1\r\nHost: own")
    started = time.monotonic()
    assert ask(port, "/ping").body == b"pong"
    assert time.monotonic() - started < 3
    for connection in waiting:
        connection.close()
