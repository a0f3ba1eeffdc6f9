"""The arithmetic of faults, and their clients against a server of nothing."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator

import pytest

from benchmarks.faults import app as under_faults
from benchmarks.faults.__main__ import FAULTS
from benchmarks.faults.client import abort, read_reply, request
from benchmarks.faults.ending import longest_gap
from benchmarks.faults.figure import Figure, percentile, slope, table
from benchmarks.faults.waiting import Drip
from benchmarks.inproc import call
from benchmarks.scenarios import Asked


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def test_every_figure_has_its_line() -> None:
    figures = [Figure("a", "b", "c", is_kept=True), Figure("d", "e", "f", is_kept=False)]
    assert list(table(figures))[2:] == ["| a | b | c | yes |", "| d | e | f | **no** |"]


def test_every_fault_says_what_it_does() -> None:
    assert all(fault.__doc__ for fault in FAULTS.values())


@pytest.mark.parametrize(("share", "found"), [(0.5, 51), (0.99, 100), (1.0, 100)])
def test_a_percentile_is_one_of_the_figures(share: float, found: int) -> None:
    assert percentile(range(100, 0, -1), share) == found


def test_a_percentile_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing was measured"):
        percentile([], 0.99)


def test_a_slope_is_that_of_the_line_between_points() -> None:
    assert slope([(0, 10), (10, 30), (20, 50)]) == pytest.approx(2)
    assert slope([(0, 5), (10, 5)]) == 0


@pytest.mark.parametrize("points", [[], [(1.0, 2.0)], [(1.0, 2.0), (1.0, 3.0)]])
def test_a_slope_needs_two_places(points: list[tuple[float, float]]) -> None:
    with pytest.raises(ValueError, match="two places"):
        slope(points)


def test_the_longest_gap_is_found() -> None:
    assert longest_gap([1.0, 5.0, 2.0]) == 3.0
    assert longest_gap([1.0]) == float("inf")


def test_a_request_is_written() -> None:
    assert request("/x", "a: b", method="POST") == b"POST /x HTTP/1.1\r\nhost: 127.0.0.1\r\na: b\r\n\r\n"


def test_a_reply_is_read(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    theirs.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\npo")
    threading.Timer(0.01, theirs.sendall, [b"ng"]).start()
    assert read_reply(ours) == (200, b"pong", True)


def test_a_reply_that_breaks_off_is_told(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    theirs.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\npo")
    theirs.close()
    with pytest.raises(ConnectionError):
        read_reply(ours)


def test_an_abort_is_a_reset() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = socket.create_connection(server.getsockname())
        accepted, _ = server.accept()
        with accepted:
            abort(client)
            with pytest.raises(ConnectionResetError):
                accepted.recv(1)


def test_a_drip_goes_on_when_a_connection_is_closed(
    pair: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr("benchmarks.faults.waiting.time.monotonic", lambda: now)
    ours, theirs = pair
    gone = socket.socket()
    gone.close()
    drip = Drip([gone, ours])
    now = 102.0
    drip()
    assert theirs.recv(10) == b"aa"


@pytest.mark.parametrize(
    ("asked", "status", "content"),
    [
        (Asked("/ping"), 200, b"pong"),
        (Asked("/upload", "POST", b"abc"), 200, b'{"size":3}'),
        (Asked("/nowhere"), 404, None),
    ],
)
def test_the_application_under_faults_answers(asked: Asked, status: int, content: bytes | None) -> None:
    answer = asyncio.run(call(under_faults.app, asked))
    assert answer.status == status
    assert content is None or answer.content == content


@pytest.mark.parametrize(
    ("path", "size"), [("/blob", under_faults.BLOB_BYTES), ("/large", under_faults.LARGE_BYTES)]
)
def test_what_is_large_is_as_large_as_it_says(path: str, size: int) -> None:
    assert len(asyncio.run(call(under_faults.app, Asked(path))).content) == size
