"""What uploads cost: the CPU beside the parser library alone, and the memory of a server that takes a large one.

``python -m benchmarks.uploads`` prints a line for each figure, and ends with 1 when a promise is not kept.
"""

from __future__ import annotations

import asyncio
import os
import re
import resource
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import multipart  # type: ignore[import-untyped]  # the library has no types
from starlette.requests import Request as Peer

from benchmarks.forms import BOUNDARY, CONTENT_TYPE, around
from wadjet import Request, Wadjet
from wadjet.types import Message

__all__ = ["app", "form_of", "main"]

MIB = 1024 * 1024
_CHUNK = 64 * 1024
_ROUNDS = 15
_LARGE = 1024 * MIB
#: The promises: CPU of 16 MiB beside the library alone, and bytes of memory that 1 GiB may take.
_MOST_TIMES, _MOST_GROWTH = 1.3, 24 * MIB

app = Wadjet()


@app.post("/upload", max_body_size=2 * _LARGE)
async def upload(request: Request) -> Any:
    form = await request.form()
    fields = sum(isinstance(value, str) for value in form.values())
    return {"fields": fields, "size": form["file"].size}


def form_of(size: int) -> list[bytes]:
    """Return a whole form in chunks, its file of bytes as a picture or an archive has them."""
    before, after = around(size)
    content = before + os.urandom(size) + after
    return [content[start : start + _CHUNK] for start in range(0, len(content), _CHUNK)]


# -- CPU --------------------------------------------------------------------------------------------------------------------


async def _ours(chunks: list[bytes], requests: type[Any] = Request) -> None:
    messages: list[Message] = [
        {"type": "http.request", "body": chunk, "more_body": index < len(chunks) - 1}
        for index, chunk in enumerate(chunks)
    ]
    messages.reverse()

    async def receive() -> Message:
        return messages.pop()

    headers = [
        (b"content-type", CONTENT_TYPE.encode()),
        (b"transfer-encoding", b"chunked"),
    ]
    scope = {"type": "http", "method": "POST", "path": "/", "headers": headers}
    request = requests(scope, receive)
    if requests is Request:
        request.content.limit = 64 * MIB
        form = await request.form()
        assert form["file"].size > 0
        await request.finish()
        return
    async with request.form() as form:
        assert form["file"].size > 0


def _library(chunks: list[bytes]) -> None:
    """Parse, and keep files where ours keeps them: the least that an upload takes with this library."""
    parser = multipart.PushMultipartParser(BOUNDARY)
    with tempfile.TemporaryFile(buffering=0) as file:
        is_file = False
        for chunk in chunks:
            for event in parser.parse(chunk):
                if isinstance(event, multipart.MultipartSegment):
                    is_file = event.filename is not None
                elif event and is_file:
                    file.write(event)
        parser.close()


def _bare(chunks: list[bytes]) -> None:
    """Parse, and drop what comes."""
    parser = multipart.PushMultipartParser(BOUNDARY)
    for chunk in chunks:
        for _ in parser.parse(chunk):
            pass
    parser.close()


def _times(runs: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Return the CPU of each in milliseconds, threads included: medians of rounds in which each has its turn."""
    found: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(_ROUNDS):
        for name, run in runs.items():
            begun = time.process_time()
            run()
            found[name].append((time.process_time() - begun) * 1000)
    return {name: statistics.median(times) for name, times in found.items()}


def cpu(size: int) -> Iterator[tuple[str, bool]]:
    """Compare the CPU that a form with one file costs."""
    chunks = form_of(size)
    with asyncio.Runner() as runner:
        runs: dict[str, Callable[[], object]] = {
            "ours": lambda: runner.run(_ours(chunks)),
            "library with a file": lambda: _library(chunks),
            "library, dropping all": lambda: _bare(chunks),
        }
        if find_spec("python_multipart"):  # which Starlette wants for forms, and nobody else here
            runs["Starlette"] = lambda: runner.run(_ours(chunks, Peer))
        times = _times(runs)
    shown = ", ".join(f"{name} {time:.2f} ms" for name, time in times.items())
    times_of = times["ours"] / times["library with a file"]
    yield f"{size / MIB:g} MiB: {shown}; {times_of:.2f} x the library", times_of <= _MOST_TIMES


# -- memory -----------------------------------------------------------------------------------------------------------------


def _memory(process: int, kind: str) -> int:
    status = Path(f"/proc/{process}/status").read_text()
    return int(re.findall(rf"{kind}:\s+(\d+)", status)[0]) * 1024


def memory(size: int) -> Iterator[tuple[str, bool]]:
    """Send a server one large file, and look how much its memory grows at the most."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "wadjet",
        "run",
        "benchmarks.uploads:app",
        "--port",
        str(port),
        "--no-access-log",
    ]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _send(port, 0)  # what the first form loads is not what a large one takes
        before = _memory(server.pid, "VmRSS")
        begun = time.monotonic()
        answer = _send(port, size)
        grown = _memory(server.pid, "VmHWM") - before
        seconds = time.monotonic() - begun
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)
    right = f'"size":{size}'.encode() in answer
    outcome = "answered" if right else repr(answer[-200:])
    shown = f"peak memory {grown / MIB:+.1f} MiB above idle, {seconds:.1f} s, {outcome}"
    yield f"{size / MIB:g} MiB through a socket: {shown}", right and grown <= _MOST_GROWTH


def _send(port: int, size: int) -> bytes:
    before, after = around(size)
    head = (
        f"POST /upload HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {len(before) + size + len(after)}\r\n"
        f"Content-Type: {CONTENT_TYPE}\r\n\r\n"
    )
    block, found = os.urandom(MIB), b""
    with _connected(port) as connection:
        connection.sendall(head.encode() + before)
        for _ in range(size // MIB):
            connection.sendall(block)
        connection.sendall(after)
        while received := connection.recv(65536):
            found += received
    return found


def _connected(port: int) -> socket.socket:
    for _ in range(200):
        try:
            return socket.create_connection(("127.0.0.1", port), 60)
        except ConnectionRefusedError:
            time.sleep(0.05)
    raise RuntimeError("the server did not start")


def main() -> int:
    """Measure, print, and return the exit status."""
    kept = True
    for figures in (cpu(MIB), cpu(16 * MIB), memory(_LARGE)):
        for line, is_kept in figures:
            print(f"{'kept  ' if is_kept else 'BROKEN'}  {line}")
            kept = kept and is_kept
    print(
        f"        this process at its peak: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB"
    )
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
