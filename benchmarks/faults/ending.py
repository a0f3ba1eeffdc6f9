"""Servers that stop, are replaced, and die while they are asked."""

from __future__ import annotations

import itertools
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from benchmarks.faults.app import SLOW_SECONDS
from benchmarks.faults.client import connect, read_reply, request
from benchmarks.faults.figure import Figure
from benchmarks.faults.serving import Process, serving

__all__ = ["Answered", "Load", "kill", "longest_gap", "reload", "stop"]

_CLIENTS = 8
#: After so many requests a client takes a new connection: a new worker is to get some.
_REQUESTS_EACH = 50
_OPEN = 50
_PATIENCE = 30.0


class Answered(NamedTuple):
    """One answer: when, and by which process."""

    when: float
    pid: int


class Load:
    """Clients that ask without a pause and never ask twice: what is not answered is lost.

    Args:
        port: of the server.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._is_over = threading.Event()
        self.answered: list[Answered] = []
        #: The process that had answered on the connection before; None if none had.
        self.lost: list[int | None] = []
        self._threads = [threading.Thread(target=self._ask) for _ in range(_CLIENTS)]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """End."""
        self._is_over.set()
        for thread in self._threads:
            thread.join()

    def _ask(self) -> None:
        while not self._is_over.is_set():
            pid = None
            try:
                with connect(self._port, 5.0) as connection:
                    for pid in self._answers(connection):
                        self.answered.append(Answered(time.monotonic(), pid))
            except OSError:
                self.lost.append(pid)

    def _answers(self, connection: socket.socket) -> Iterator[int]:
        for _ in range(_REQUESTS_EACH):
            connection.sendall(request("/pid"))
            reply = read_reply(connection)
            if reply.status != 200:
                raise ConnectionError(f"answered with {reply.status}")
            yield int(reply.content)
            if reply.closes or self._is_over.is_set():
                return


def stop(*, quick: bool) -> Iterator[Figure]:
    """SIGTERM while requests are open."""
    del quick
    with serving() as server:
        connections = [connect(server.port) for _ in range(_OPEN)]
        for connection in connections:
            connection.sendall(request("/slow"))
        time.sleep(SLOW_SECONDS * 0.3)
        server.tell(signal.SIGTERM)
        answers = sum(_is_answered(connection) for connection in connections)
        last = time.monotonic()
        status = server.status(_PATIENCE)
        after = time.monotonic() - last
    yield Figure(
        f"SIGTERM with {_OPEN} open requests of {SLOW_SECONDS:.0f} s",
        "all answered; exit status 0, at most 1 s after the last",
        f"{answers} answered; exit status {status}, {after:.2f} s after the last",
        answers == _OPEN and status == 0 and after <= 1.0,
    )


def _is_answered(connection: socket.socket) -> bool:
    with connection:
        try:
            return read_reply(connection).status == 200
        except OSError:
            return False


def reload(*, quick: bool) -> Iterator[Figure]:
    """SIGHUP under load."""
    least = 2_000 if quick else 10_000
    with serving(workers=2) as server, _loaded(server) as load:
        before, start = set(server.workers()), time.monotonic()
        server.tell(signal.SIGHUP)
        is_replaced = _until(lambda: len(now := set(server.workers())) == 2 and not now & before)
        seconds = time.monotonic() - start
        _until(lambda: len(load.answered) >= least)
    found = f"{seconds:.1f} s" if is_replaced else "not at all"
    yield Figure(
        "SIGHUP under load, 2 workers",
        f"both replaced; 0 of more than {least} requests lost",
        f"replaced in {found}; {len(load.lost)} of {len(load.answered) + len(load.lost)} lost",
        is_replaced and not load.lost and len(load.answered) >= least,
    )


def kill(*, quick: bool) -> Iterator[Figure]:
    """A worker that dies under load."""
    del quick
    with serving(workers=2) as server, _loaded(server) as load:
        before = server.workers()
        victim, killed = before[0], time.monotonic()
        os.kill(victim, signal.SIGKILL)
        _until(lambda: any(one.pid not in before for one in load.answered[-500:]))
        time.sleep(0.5)
    new = min((one.when for one in load.answered if one.pid not in before), default=float("inf"))
    foreign = [pid for pid in load.lost if pid not in {victim, None}]
    gap = longest_gap([one.when for one in load.answered])
    yield Figure(
        "a worker killed under load, 2 workers",
        f"only its open requests lost (at most {_CLIENTS}); a new one answers in < 2 s",
        f"{len(load.lost)} lost, {len(foreign)} of them another's; a new one after {new - killed:.2f} s; "
        f"no answer for {gap:.2f} s at the most",
        len(load.lost) <= _CLIENTS and not foreign and new - killed < 2.0,
    )


def longest_gap(times: list[float]) -> float:
    """Return the longest time between two answers."""
    ordered = sorted(times)
    return max((late - early for early, late in itertools.pairwise(ordered)), default=float("inf"))


@contextmanager
def _loaded(server: Process) -> Iterator[Load]:
    load = Load(server.port)
    load.start()
    try:
        time.sleep(0.5)
        yield load
    finally:
        load.end()


def _until(is_so: Callable[[], bool]) -> bool:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        if is_so():
            return True
        time.sleep(0.02)
    return False
