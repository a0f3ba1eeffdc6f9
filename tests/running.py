"""Servers in processes of their own, and a load upon them that counts what is lost."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import pytest

__all__ = ["Load", "Running", "fetch", "free_port", "running", "wadjet_run"]

#: The most that anything here may take.
PATIENCE = 90.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def fetch(address: int | str, path: str = "/") -> bytes:
    """Return the whole answer of a server, head included.

    Raises:
        OSError: nobody answers.
    """
    family = socket.AF_INET if isinstance(address, int) else socket.AF_UNIX
    with socket.socket(family) as connection:
        connection.settimeout(PATIENCE)
        connection.connect(("127.0.0.1", address) if isinstance(address, int) else address)
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    return answer


@dataclass
class Running:
    """A server in a process of its own."""

    process: subprocess.Popen[bytes]
    log: Path

    @property
    def output(self) -> str:
        return self.log.read_text()

    def until(self, is_so: Callable[[], object]) -> None:
        """Wait until something holds, while the process lives."""
        deadline = time.monotonic() + PATIENCE
        while not is_so():
            if self.process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(
                    f"it did not come to be; status {self.process.poll()}\n{self.output}", pytrace=False
                )
            time.sleep(0.02)

    def fetch(self, address: int | str, path: str = "/") -> bytes:
        """Return the answer of a server that may just be starting."""
        answer = b""

        def has_come() -> bool:
            nonlocal answer
            try:
                answer = fetch(address, path)
            except OSError:
                return False
            return True

        self.until(has_come)
        return answer

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal; return the exit status."""
        self.process.send_signal(number)
        return self.end()

    def end(self) -> int:
        """Wait for the end; return the exit status."""
        return self.process.wait(timeout=PATIENCE)


@contextmanager
def running(
    command: list[str],
    directory: Path,
    environ: Mapping[str, str] = MappingProxyType({}),
    *,
    pass_fds: tuple[int, ...] = (),
) -> Iterator[Running]:
    """Run a command in a directory, and leave none of its processes behind."""
    log = directory / "log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            command,
            cwd=directory,
            env={
                **os.environ,
                "PYTHONPATH": str(Path(__file__).parents[1]),
                "PYTHONUNBUFFERED": "1",
                **environ,
            },
            stdout=stream,
            stderr=stream,
            pass_fds=pass_fds,
            start_new_session=True,
        )
    try:
        yield Running(process, log)
    finally:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()


def wadjet_run(*arguments: object) -> list[str]:
    """Return the command line of ``wadjet run``."""
    return [sys.executable, "-m", "wadjet", "run", *map(str, arguments)]


@dataclass
class Load:
    """Clients that ask as fast as they are answered, some on one connection, some on a new one for each request.

    Args:
        port: of the server.
        kept: clients that keep their connection as long as the server does.
        renewed: clients that open a connection for each request.
    """

    port: int
    kept: int = 20
    renewed: int = 5
    answered: int = 0
    refused: int = 0
    #: What was sent on a connection that had been made, and not answered whole.
    lost: list[str] = field(default_factory=list)
    is_over: bool = False

    async def run(self, during: Callable[[Load], object]) -> None:
        """Ask until ``during``, which runs in a thread, returns; then let every client finish its request."""
        clients = [
            self._client(number, keep=number < self.kept) for number in range(self.kept + self.renewed)
        ]
        asking = asyncio.gather(*clients)
        await asyncio.to_thread(during, self)
        self.is_over = True
        await asyncio.wait_for(asking, PATIENCE)

    def until_answered(self, count: int) -> None:
        """Wait until so many requests more have been answered."""
        deadline, wanted = time.monotonic() + PATIENCE, self.answered + count
        while self.answered < wanted:
            assert time.monotonic() < deadline, self
            time.sleep(0.01)

    async def _client(self, number: int, *, keep: bool) -> None:
        count = 0
        while not self.is_over:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            except OSError:
                self.refused += 1
                await asyncio.sleep(0.02)
                continue
            is_open = True
            try:
                while is_open and not self.is_over:
                    count += 1
                    is_open = await self._ask(reader, writer, f"{number}-{count}", keep=keep)
            finally:
                writer.close()

    async def _ask(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, name: str, *, keep: bool
    ) -> bool:
        """Ask once; tell whether the connection can be asked again."""
        close = "" if keep else "Connection: close\r\n"
        writer.write(f"GET /echo/{name} HTTP/1.1\r\nHost: localhost\r\n{close}\r\n".encode())
        head = body = b""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
            body = await reader.readexactly(length)
        except (OSError, ValueError, asyncio.IncompleteReadError) as error:
            self.lost.append(f"{name}: {error!r} after {head!r}")
            return False
        if body != name.encode() * 100 or b" 200 " not in head.partition(b"\r\n")[0]:
            self.lost.append(f"{name}: {head!r} {body[:100]!r}")
        self.answered += 1
        return keep and b"\r\nconnection: close" not in head
