"""Many WebSockets: what an idle one keeps in memory, and what it costs to tell something to all of them."""

from __future__ import annotations

import os
import re
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from benchmarks.environments import ROOT
from benchmarks.faults.figure import KIB, Figure
from benchmarks.faults.serving import raise_limits
from benchmarks.figures import ratio
from benchmarks.promises import BROADCAST, SOCKET_MEMORY
from benchmarks.wire import HOST, free_port, pinned_to

__all__ = ["opened", "serving", "sockets", "told"]

_START_SECONDS = 30.0
#: The first ones make room for others, and are no measure.
_FIRST = 100
_TEXT = b"0123456789abcdef" * 8
#: Masked with nothing, as RFC 6455 §5.3 allows; and as it comes back.
_SAID = b"\x81\xfe" + len(_TEXT).to_bytes(2) + bytes(4) + _TEXT
_HEARD = b"\x81\x7e" + len(_TEXT).to_bytes(2) + _TEXT


def sockets(*, quick: bool) -> Iterator[Figure]:
    """Measure idle sockets, and a broadcast to them."""
    raise_limits()
    count = 500 if quick else 5000
    yield _memory(count)
    yield _broadcast(count, 5 if quick else 15)


def _memory(count: int) -> Figure:
    kept = {}
    for name in ("wadjet", "asgi"):
        with serving(name) as (port, process), ExitStack() as stack:
            opened(stack, port, "/idle", _FIRST)
            before = _rss(process)
            opened(stack, port, "/idle", count)
            time.sleep(0.5)
            kept[name] = (_rss(process) - before) / count
    times = kept["wadjet"] / kept["asgi"]
    return Figure(
        f"{count} idle sockets",
        f"<= {SOCKET_MEMORY} x the memory of a bare ASGI socket on uvicorn",
        f"{times:.2f} x; {kept['wadjet'] / KIB:.1f} KiB each beside {kept['asgi'] / KIB:.1f} KiB",
        times <= SOCKET_MEMORY,
    )


def _broadcast(count: int, rounds: int) -> Figure:
    names = ("wadjet", "websockets")
    found: dict[str, list[float]] = {name: [] for name in names}
    with ExitStack() as stack:
        crowds = {}
        for name in names:
            port, process = stack.enter_context(serving(name))
            listeners = opened(stack, port, "/", count)
            crowds[name] = (process, opened(stack, port, "/tell", 1)[0], listeners)
        for number in range(rounds + 1):
            for name in names if number % 2 else reversed(names):
                process, speaker, listeners = crowds[name]
                before = _cpu(process)
                told(speaker, listeners)
                if number:  # the first round fills caches
                    found[name].append((_cpu(process) - before) / count)
    times = ratio(found["wadjet"], found["websockets"])
    return Figure(
        f"a text to {count} sockets",
        f"< {BROADCAST:g} x the CPU of a bare websockets server",
        f"{times.median:.2f} x ({times.least:.2f} to {times.most:.2f}); "
        f"{min(found['wadjet']):.1f} us for each beside {min(found['websockets']):.1f} us",
        times.median < BROADCAST,
    )


@contextmanager
def serving(name: str) -> Iterator[tuple[int, int]]:
    """Serve one of :data:`benchmarks.data.telling.SERVERS`; give its port and its process.

    Raises:
        RuntimeError: it does not start.
    """
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.data.telling", name, str(port)]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=pinned_to(0),
    )
    try:
        end = time.monotonic() + _START_SECONDS
        while True:
            try:
                socket.create_connection((HOST, port)).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > end:
                    raise RuntimeError(f"{name} did not start") from None
                time.sleep(0.05)
        yield port, process.pid
    finally:
        process.kill()
        process.wait()


def opened(stack: ExitStack, port: int, path: str, count: int) -> list[socket.socket]:
    """Open WebSockets, which are closed with the stack.

    Raises:
        RuntimeError: one is refused.
    """
    head = (
        f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: YWJjZGVmZ2hpamtsbW5vcA==\r\n\r\n"
    ).encode()
    found = []
    for _ in range(count):
        connection = stack.enter_context(closing(socket.create_connection((HOST, port), _START_SECONDS)))
        connection.sendall(head)
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += (received := connection.recv(4096))
            if not received or not answer.startswith(b"HTTP/1.1 101 "):
                raise RuntimeError(f"{path} was answered with {answer[:80]!r}")
        found.append(connection)
    return found


def told(speaker: socket.socket, listeners: Sequence[socket.socket]) -> None:
    """Say something, and wait until all have heard it.

    Raises:
        RuntimeError: somebody hears something else, or nothing.
    """
    waiting = {listener.fileno(): (listener, b"") for listener in listeners}
    with closing(select.epoll()) as poll:
        for number in waiting:
            poll.register(number, select.EPOLLIN)
        speaker.sendall(_SAID)
        while waiting:
            ready = poll.poll(_START_SECONDS)
            if not ready:
                raise RuntimeError(f"{len(waiting)} listeners have heard nothing")
            for number, _ in ready:
                listener, before = waiting[number]
                heard = before + listener.recv(4096)
                if heard == _HEARD:
                    poll.unregister(number)
                    del waiting[number]
                elif not _HEARD.startswith(heard) or heard == before:
                    raise RuntimeError(f"a listener has heard {heard!r}")
                else:
                    waiting[number] = (listener, heard)


def _rss(process: int) -> int:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text())
    assert found is not None
    return int(found[1]) << 10


def _cpu(process: int) -> float:
    """Return the CPU microseconds of all threads of a process."""
    tasks = Path(f"/proc/{process}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1000
