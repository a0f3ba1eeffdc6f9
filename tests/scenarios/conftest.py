"""One server process for all scenarios."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session")
def port() -> Iterator[int]:
    """Serve the scenarios' application in a process of its own; give its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number = int(probe.getsockname()[1])
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.scenarios.app"],
        env={**os.environ, "WADJET_PORT": str(number)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    try:
        _wait_for(number, process)
        yield number
    finally:
        process.terminate()
        try:
            process.communicate(timeout=45)
        finally:
            process.kill()
    assert process.returncode == 0


def _wait_for(number: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", number), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    process.kill()
    pytest.fail(f"no server: {process.communicate()[1].decode()}", pytrace=False)
