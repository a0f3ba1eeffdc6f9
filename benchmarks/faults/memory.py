"""Transfers that break off, readers that are slow, content that is too much, and load over time: what stays in memory."""

from __future__ import annotations

import select
import socket
import threading
import time
from collections.abc import Callable, Iterator

from benchmarks.faults.app import BLOB_BYTES, LARGE_BYTES
from benchmarks.faults.client import abort, connect, read_reply, request
from benchmarks.faults.figure import KIB, MIB, Figure, slope
from benchmarks.faults.serving import Process, serving

__all__ = ["aborted", "oversized", "slow_reader", "soak"]

_MOST_BYTES = 4 * MIB
_SENT_BYTES = 48 * MIB
_LIMIT_BYTES = MIB
_PIECE = bytes(64 * KIB)
_EACH = 30
_SOAK_CLIENTS = 4
_SOAK_KIB = 8


def aborted(*, quick: bool) -> Iterator[Figure]:
    """Uploads, downloads and streams that the client breaks off."""
    del quick
    with serving() as server:
        for begin in (_upload, _download, _stream):
            _break_off(server, begin)
        _settle(server, server.open_files())
        before, files = server.rss(), server.open_files()
        for begin in (_upload, _download, _stream) * _EACH:
            _break_off(server, begin)
        _settle(server, files)
        grown, left = server.rss() - before, server.open_files() - files
    yield Figure(
        f"{3 * _EACH} aborted uploads, downloads and streams",
        "open files as before; RSS + < 4 MiB",
        f"{left:+d} open files; RSS {grown / MIB:+.1f} MiB",
        left <= 0 and grown < _MOST_BYTES,
    )


def _break_off(server: Process, begin: Callable[[socket.socket], None]) -> None:
    connection = connect(server.port)
    begin(connection)
    abort(connection)


def _upload(connection: socket.socket) -> None:
    connection.sendall(request("/upload", f"content-length: {BLOB_BYTES}", method="POST") + _PIECE)


def _download(connection: socket.socket) -> None:
    connection.sendall(request("/blob"))
    connection.recv(len(_PIECE))


def _stream(connection: socket.socket) -> None:
    connection.sendall(request("/ticks"))
    connection.recv(4096)


def _settle(server: Process, files: int) -> None:
    """Give the server the time to notice that clients have left."""
    end = time.monotonic() + 5
    time.sleep(0.5)
    while server.open_files() > files and time.monotonic() < end:
        time.sleep(0.1)


def slow_reader(*, quick: bool) -> Iterator[Figure]:
    """A client that takes a large stream slowly."""
    seconds = 2.0 if quick else 6.0
    with serving() as server:
        _read_slowly(server, 0.5)
        before = server.rss()
        most, taken = _read_slowly(server, seconds)
    yield Figure(
        f"a slow reader of a stream of {LARGE_BYTES // MIB} MiB",
        "RSS + < 4 MiB",
        f"RSS {(most - before) / MIB:+.1f} MiB while {taken / MIB:.1f} MiB were taken",
        most - before < _MOST_BYTES,
    )


def _read_slowly(server: Process, seconds: float) -> tuple[int, int]:
    """Return the most memory that the server had meanwhile, and how much was read."""
    connection = connect(server.port)
    connection.sendall(request("/large"))
    most = taken = 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        taken += len(connection.recv(64 * KIB))
        time.sleep(0.05)
        most = max(most, server.rss())
    abort(connection)
    return most, taken


def oversized(*, quick: bool) -> Iterator[Figure]:
    """Content in chunks that is far beyond the limit."""
    del quick
    with serving(MAX_BODY_SIZE=_LIMIT_BYTES) as server, connect(server.port) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, len(_PIECE))
        before = server.bytes_read()
        connection.sendall(request("/upload", "transfer-encoding: chunked", method="POST"))
        status, sent = _push(connection)
        read = server.bytes_read() - before
    yield Figure(
        f"{_SENT_BYTES // MIB} MiB in chunks against a limit of 1 MiB",
        "413, and closed after at most 4 MiB read",
        f"{status}, closed after {read / MIB:.1f} MiB read, {sent / MIB:.1f} MiB sent",
        status == 413 and sent < _SENT_BYTES and read <= _MOST_BYTES,
    )


def _push(connection: socket.socket) -> tuple[int | None, int]:
    """Send until the server closes; return the status that it has answered with, and how much was sent."""
    chunk = b"%x\r\n%b\r\n" % (len(_PIECE), _PIECE)
    status, sent = None, 0
    try:
        while sent < _SENT_BYTES:
            connection.sendall(chunk)
            sent += len(_PIECE)
            if status is None and select.select([connection], [], [], 0)[0]:
                status = read_reply(connection).status
    except OSError:
        pass
    return status, sent


def soak(*, quick: bool) -> Iterator[Figure]:
    """Load of many kinds, for a while."""
    seconds = 10.0 if quick else 60.0
    points: list[tuple[float, float]] = []
    with serving() as server:
        counts, is_over = [0] * _SOAK_CLIENTS, threading.Event()
        clients = [
            threading.Thread(target=_work, args=(server.port, counts, number, is_over))
            for number in range(_SOAK_CLIENTS)
        ]
        for client in clients:
            client.start()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(0.25)
            points.append((float(sum(counts)), float(server.rss())))
        is_over.set()
        for client in clients:
            client.join()
    growth = slope(points[len(points) // 2 :]) * 1000
    yield Figure(
        f"{seconds:.0f} s of load",
        f"in the second half RSS + < {_SOAK_KIB} KiB for 1000 requests",
        f"{growth / KIB:+.1f} KiB for 1000, {sum(counts)} requests",
        growth < _SOAK_KIB * KIB,
    )


def _work(port: int, counts: list[int], number: int, is_over: threading.Event) -> None:
    """Ask for this and that: what is there, what is not, content, and an aborted stream with every connection."""
    upload = request("/upload", "content-length: 1000", method="POST") + bytes(1000)
    asked = [request("/ping"), upload, request("/nowhere"), request("/pid?a=1&b=2")] * 25
    while not is_over.is_set():
        connection = connect(port)
        for data in asked:
            connection.sendall(data)
            read_reply(connection)
            counts[number] += 1
        _stream(connection)
        abort(connection)
        counts[number] += 1
