"""One server process for all scenarios."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Serve the scenarios' application in a process of its own; give its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number = int(probe.getsockname()[1])
    log = (
        tmp_path_factory.mktemp("scenarios") / "log"
    )  # a pipe that nobody reads would fill, and stop the server
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.scenarios.app"],
            env={**os.environ, "WADJET_PORT": str(number)},
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
    try:
        _wait_for(number, process, log)
        yield number
    finally:
        process.terminate()
        try:
            process.wait(timeout=45)
        finally:
            process.kill()
            process.wait()
    assert process.returncode == 0


def _wait_for(number: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", number), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"no server: {log.read_text()}", pytrace=False)
