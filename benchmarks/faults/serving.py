"""The server under faults: a process group that is started here, looked at from outside, and ended here."""

from __future__ import annotations

import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from benchmarks.environments import ROOT
from benchmarks.faults.client import HOST, ask
from benchmarks.wire import free_port, group, pinned_to

__all__ = ["Process", "raise_limits", "serving"]

_START_SECONDS = 30.0


class Process:
    """A server: its leader, and the workers that serve.

    Args:
        settings: WADJET_* settings, without the prefix.
        workers: how many; one serves in the leader itself.
        log: takes what it prints.
    """

    def __init__(self, settings: Mapping[str, object], workers: int, log: IO[bytes]) -> None:
        self.port = free_port()
        self._log = log
        self._workers = workers
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "wadjet", "run", "benchmarks.faults.app:app"),
                *("--host", HOST, "--port", str(self.port), "--workers", str(workers)),
                *("--lane", "fast", "--no-access-log", "--log-level", "warning"),
            ],
            cwd=ROOT,
            env={**os.environ, **{f"WADJET_{name}": str(value) for name, value in settings.items()}},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=pinned_to(0),
        )

    def wait(self) -> None:
        """Wait until it answers, with all its workers.

        Raises:
            RuntimeError: it ended, or took too long.
        """
        end = time.monotonic() + _START_SECONDS
        while time.monotonic() < end and self._process.poll() is None:
            try:
                ask(self.port, "/ping")
            except OSError:
                time.sleep(0.05)
            else:
                if len(self.workers()) == self._workers:
                    return
                time.sleep(0.05)
        raise RuntimeError(f"the server did not start: {self.printed()}")

    def printed(self) -> str:
        """Return the end of what it has printed."""
        self._log.seek(0)
        return self._log.read()[-2000:].decode(errors="replace")

    def workers(self) -> list[int]:
        """Return the processes that serve."""
        if self._workers == 1:
            return [self._process.pid]
        found = []
        for process in group(self._process.pid):
            command = _text(process / "cmdline")
            if "multiprocessing.spawn" in command:
                found.append(int(process.name))
        return sorted(found)

    def rss(self) -> int:
        """Return the resident bytes of the only worker."""
        found = re.search(r"VmRSS:\s+(\d+) kB", _text(Path(f"/proc/{self._process.pid}/status")))
        assert found is not None
        return int(found[1]) << 10

    def bytes_read(self) -> int:
        """Return how many bytes the only worker has ever read, from sockets and files."""
        found = re.search(r"rchar: (\d+)", _text(Path(f"/proc/{self._process.pid}/io")))
        assert found is not None
        return int(found[1])

    def open_files(self) -> int:
        """Return how many descriptors the only worker has."""
        return len(os.listdir(f"/proc/{self._process.pid}/fd"))

    def tell(self, number: signal.Signals) -> None:
        """Send a signal to the leader."""
        self._process.send_signal(number)

    def status(self, seconds: float) -> int | None:
        """Wait for its exit status; None when it is still there."""
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def stop(self) -> None:
        """End the group."""
        if self._process.poll() is None:
            self._process.terminate()
            if self.status(10) is None:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()


@contextmanager
def serving(workers: int = 1, **settings: object) -> Iterator[Process]:
    """Serve the application under faults; a setting replaces its default."""
    with tempfile.TemporaryFile() as log:
        process = Process(settings, workers, log)
        try:
            process.wait()
            yield process
        finally:
            process.stop()


def raise_limits() -> None:
    """Allow as many open files as the machine does; the servers inherit it."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", errors="replace")
    except OSError:  # it has ended
        return ""
