"""Clients that keep the server waiting: what they cost, and what they cost others."""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from statistics import median
from typing import NamedTuple

from benchmarks.faults.client import connect, pings, read_reply, request
from benchmarks.faults.figure import KIB, Figure, percentile
from benchmarks.faults.serving import serving

__all__ = ["Drip", "crowd", "heads", "idle", "uploads"]

_P99_SECONDS = 0.003
_IDLE_KIB = 8
#: How long one client asks before there are others: what the machine makes of it is to be known.
_ALONE_SECONDS = 1.0
#: How much later than its time-out a connection may be closed: one look of the server's clock, and what the machine adds.
_LATE_SECONDS = 1.5
_SLOWED = 1.1
_WAITING = 500
_SLOW_HEAD = b"GET /ping HTTP/1.1\r\nx-slow: "


class Closed(NamedTuple):
    """How waiting connections ended: status lines, and seconds since they began."""

    statuses: set[bytes]
    first: float
    last: float
    connections: int


class Waiting(NamedTuple):
    """What many clients do: they begin, and then send a byte a second, or nothing."""

    who: str
    start: bytes
    timeout: float
    is_dripping: bool


class Drip:
    """Sends each connection one byte a second, a few at a time whenever it is called.

    Args:
        connections: whom; those that the server has closed are left alone.
    """

    def __init__(self, connections: Sequence[socket.socket]) -> None:
        self._connections = connections
        self._start = time.monotonic()
        self._sent = 0

    def __call__(self) -> None:
        """Send what is due."""
        due = int((time.monotonic() - self._start) * len(self._connections))
        while self._sent < due:
            connection = self._connections[self._sent % len(self._connections)]
            self._sent += 1
            try:
                connection.send(b"a")
            except OSError:
                continue


def idle(*, quick: bool) -> Iterator[Figure]:
    """Connections that have been answered once and ask no more."""
    count = 200 if quick else 1000
    with serving(KEEP_ALIVE_TIMEOUT=120) as server:
        alone = percentile(pings(server.port, _ALONE_SECONDS), 0.99)
        before = server.rss()
        with _opened(server.port, count) as connections:
            for connection in connections:
                connection.sendall(request("/ping"))
            for connection in connections:
                read_reply(connection)
            each = (server.rss() - before) / count
            p99 = percentile(pings(server.port, 1.0 if quick else 3.0), 0.99)
            kept = count - len(select.select(connections, [], [], 0)[0])
    yield Figure(
        f"{count} idle connections",
        f"all stay; ≤ {_IDLE_KIB} KiB each; /ping p99 < 3 ms",
        f"{kept} stayed; {each / KIB:.1f} KiB each; p99 {p99 * 1e3:.2f} ms (alone {alone * 1e3:.2f})",
        kept == count and each <= _IDLE_KIB * KIB and p99 < _P99_SECONDS,
    )


def heads(*, quick: bool) -> Iterator[Figure]:
    """Heads that come byte by byte and never end."""
    timeout = 2.0 if quick else 10.0
    with serving(HEADER_TIMEOUT=timeout) as server:
        yield _waited(
            server.port, Waiting(f"{_WAITING} unfinished heads", _SLOW_HEAD, timeout, is_dripping=True)
        )


def uploads(*, quick: bool) -> Iterator[Figure]:
    """Uploads that begin and then bring nothing more."""
    timeout = 2.0 if quick else 20.0
    start = request("/upload", "content-length: 100000", method="POST") + bytes(1000)
    with serving(BODY_TIMEOUT=timeout) as server:
        yield _waited(server.port, Waiting(f"{_WAITING} silent uploads", start, timeout, is_dripping=False))


def crowd(*, quick: bool) -> Iterator[Figure]:
    """A thousand clients with slow heads beside one that is quick."""
    timeout, seconds = (2.0, 1.0) if quick else (10.0, 4.0)
    with serving(HEADER_TIMEOUT=timeout) as server:
        pings(server.port, 0.5)
        before = median(pings(server.port, seconds))
        with _opened(server.port, 1000) as connections:
            begun = _begin(connections, _SLOW_HEAD)
            drip = Drip(connections)
            during = median(pings(server.port, seconds, drip))
            closed = _closed(connections, begun, timeout, drip)
        after = median(pings(server.port, seconds))
    slowed = during / ((before + after) / 2)
    yield Figure(
        "1000 slow heads beside a quick client",
        f"it is slowed by at most a tenth; they are gone after {timeout:.0f} s",
        f"{slowed:.2f} times its median of {(before + after) / 2 * 1e3:.3f} ms; {_told(closed)}",
        slowed <= _SLOWED and _is_punctual(closed, 1000, timeout),
    )


def _waited(port: int, waiting: Waiting) -> Figure:
    alone = percentile(pings(port, _ALONE_SECONDS), 0.99)
    with _opened(port, _WAITING) as connections:
        begun = _begin(connections, waiting.start)
        drip = Drip(connections if waiting.is_dripping else [])
        p99 = percentile(pings(port, waiting.timeout * 0.7, drip), 0.99)
        closed = _closed(connections, begun, waiting.timeout, drip)
    return Figure(
        waiting.who,
        f"/ping p99 < 3 ms; 408 and closed at {waiting.timeout:.0f} s",
        f"p99 {p99 * 1e3:.2f} ms (alone {alone * 1e3:.2f}); {_told(closed)}",
        p99 < _P99_SECONDS and _is_punctual(closed, _WAITING, waiting.timeout),
    )


def _begin(connections: Sequence[socket.socket], start: bytes) -> float:
    for connection in connections:
        connection.sendall(start)
    return time.monotonic()


def _closed(connections: Sequence[socket.socket], begun: float, timeout: float, drip: Drip) -> Closed:
    """Wait until the server has closed all connections, or should have."""
    open_ones, statuses, times = set(connections), set[bytes](), list[float]()
    end = begun + timeout + 5
    while open_ones and time.monotonic() < end:
        drip()
        for connection in select.select(list(open_ones), [], [], 0.01)[0]:
            try:
                data = connection.recv(4096)
            except OSError:
                data = b""
            if data:
                statuses.add(data.partition(b"\r\n")[0] if data.startswith(b"HTTP/") else b"more")
            else:
                open_ones.discard(connection)
                times.append(time.monotonic() - begun)
    return Closed(statuses, min(times, default=0.0), max(times, default=0.0), len(times))


def _told(closed: Closed) -> str:
    said = ", ".join(sorted(status[9:12].decode() for status in closed.statuses)) or "nothing said"
    return f"{closed.connections} closed after {closed.first:.1f}-{closed.last:.1f} s with {said}"


def _is_punctual(closed: Closed, count: int, timeout: float) -> bool:
    is_said = all(status.split()[1:2] == [b"408"] for status in closed.statuses) and bool(closed.statuses)
    in_time = timeout - 0.5 <= closed.first and closed.last <= timeout + _LATE_SECONDS
    return is_said and in_time and closed.connections == count


@contextmanager
def _opened(port: int, count: int) -> Iterator[list[socket.socket]]:
    with ExitStack() as stack:
        yield [stack.enter_context(connect(port)) for _ in range(count)]
