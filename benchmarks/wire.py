"""One server on one core, one client on another, and what the server's processes cost.

Only processes started here are signalled: each server leads a process group of its own. Everything is on 127.0.0.1.
"""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Self

from benchmarks.entries import Entry
from benchmarks.environments import ROOT
from benchmarks.figures import Round, parse_wrk
from benchmarks.scenarios import Answer, Asked, Scenario, asked_of

__all__ = ["HOST", "Server", "free_port", "group", "pinned_to", "running"]

HOST = "127.0.0.1"
_SERVER_CORE, _CLIENT_CORE = 0, 1
_START_SECONDS = 20.0
_WAKE_SECONDS = 0.05


def pinned_to(core: int) -> Callable[[], None]:
    """Return what a child process does before it begins: stay on one core."""
    return lambda: os.sched_setaffinity(0, {core})


class Server:
    """A server process group, asleep except while it is asked.

    Args:
        entry: what it serves.
        app: which of its applications.
        log: takes what it prints.
    """

    def __init__(self, entry: Entry, app: str, log: IO[bytes]) -> None:
        self.entry = entry
        self._log = log
        self._is_warm = False
        self._port = free_port()
        self._process = subprocess.Popen(
            entry.argv(app, HOST, self._port),
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), **entry.variables(HOST, self._port)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=pinned_to(_SERVER_CORE),
        )

    def wait(self) -> Self:
        """Wait until it answers.

        Raises:
            RuntimeError: it ended, or took too long.
        """
        end = time.monotonic() + _START_SECONDS
        while time.monotonic() < end and self._process.poll() is None:
            try:
                self.ask(Asked("/plaintext"))
            except OSError:
                time.sleep(0.05)
            else:
                return self
        self._log.seek(0)
        printed = self._log.read()[-2000:].decode(errors="replace")
        raise RuntimeError(f"{self.entry.label}, did not start: {printed}")

    def ask(self, asked: Asked) -> Answer:
        """Send one request.

        Raises:
            OSError: it was not answered.
        """
        connection = http.client.HTTPConnection(HOST, self._port, timeout=5)
        try:
            connection.request(asked.method, asked.path, asked.content or None, dict(asked.headers))
            response = connection.getresponse()
            fields = tuple((name.lower(), value) for name, value in response.getheaders())
            return Answer(response.status, fields, response.read())
        except http.client.HTTPException as error:
            raise ConnectionError(f"{asked.path} was not answered: {error!r}") from error
        finally:
            connection.close()

    def measure(self, scenario: Scenario, seconds: int, connections: int | None = None) -> Round:
        """Put the server under load.

        Args:
            scenario: what is asked.
            seconds: how long.
            connections: how many, instead of the scenario's.

        Raises:
            RuntimeError: wrk failed, or was not answered as it should be.
        """
        with _script(asked_of(scenario, self.ask)) as script:
            before = self._cpu()
            printed = subprocess.run(
                [
                    *("wrk", "-t1", f"-c{connections or scenario.connections}", f"-d{seconds}s", "--latency"),
                    *("-s", script, f"http://{HOST}:{self._port}{scenario.asked.path}"),
                ],
                capture_output=True,
                text=True,
                timeout=seconds + 20,
                check=True,
                preexec_fn=pinned_to(_CLIENT_CORE),
            ).stdout
            wrk = parse_wrk(printed)
            if wrk.failures:
                raise RuntimeError(f"{self.entry.name}, {scenario.title}: {wrk.failures} requests failed")
            return Round(self._cpu() - before, wrk)

    def warm(self, scenario: Scenario) -> None:
        """Put the server under load before its first scenario: nothing is to be compiled or fetched when it is timed."""
        if not self._is_warm:
            self._is_warm = True
            self.measure(scenario, 1)

    def pause(self) -> None:
        """Stop every process of the group until :meth:`resume`."""
        os.killpg(self._process.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let the group run, and wait until its clocks know what time it is."""
        os.killpg(self._process.pid, signal.SIGCONT)
        time.sleep(_WAKE_SECONDS)

    def stop(self) -> None:
        """End the group."""
        if self._process.poll() is None:
            self.resume()
            self._process.terminate()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()

    def _cpu(self) -> float:
        """CPU seconds of every thread of the group, to the nanosecond."""
        threads = (thread for process in group(self._process.pid) for thread in _below(process / "task"))
        return sum(int(_read(thread / "schedstat").partition(" ")[0] or 0) for thread in threads) / 1e9


@contextmanager
def running(entry: Entry, app: str | None = None) -> Iterator[Server]:
    """Serve an entry; it is asleep when it is handed over.

    Args:
        entry: whose application.
        app: another of its applications than the usual one.
    """
    with tempfile.TemporaryFile() as log:
        server = Server(entry, app or entry.app, log)
        try:
            server.wait().pause()
            yield server
        finally:
            server.stop()


@contextmanager
def _script(asked: Asked) -> Iterator[str]:
    """Write the Lua that tells wrk what to send; its content is any bytes, so it stands in a file of its own."""
    with tempfile.TemporaryDirectory() as folder:
        content, script = Path(folder, "content"), Path(folder, "script.lua")
        content.write_bytes(asked.content)
        lines = [f'wrk.method = "{asked.method}"']
        lines += [f'wrk.headers["{name}"] = [==[{value}]==]' for name, value in asked.headers]
        if asked.content:
            lines.append(f'wrk.body = io.open("{content}", "rb"):read("*a")')
        script.write_text("\n".join(lines), "utf-8")
        yield str(script)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def group(leader: int) -> Iterator[Path]:
    """Find the processes of a group (proc(5): the third field after the name, which is in brackets)."""
    for process in _below(Path("/proc")):
        fields = _read(process / "stat").rpartition(")")[2].split()
        if len(fields) > 2 and int(fields[2]) == leader:
            yield process


def _below(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if path.name.isdigit()]
    except OSError:
        return []


def _read(path: Path) -> str:
    try:
        return path.read_text("ascii", errors="replace")
    except OSError:  # it has ended
        return ""
