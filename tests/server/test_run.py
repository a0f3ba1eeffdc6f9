"""``app.run()``: a process that serves, and one that does not."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from wadjet import Wadjet
from wadjet.errors import ConfigError
from wadjet.server.run import run

PROGRAM = """
import os
from wadjet import Wadjet

app = Wadjet()

@app.get("/")
async def index():
    return f"served by {__name__}"

@app.on_startup
def starts():
    if "FAIL" in os.environ:
        raise RuntimeError("cannot start")

@app.on_shutdown
def stops():
    print("stopped", flush=True)

app.run(OPTIONS)
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(
    directory: Path, options: str = "", program: str = PROGRAM, **environ: str
) -> subprocess.Popen[str]:
    file = directory / "served.py"
    file.write_text(program.replace("OPTIONS", options))
    return subprocess.Popen(
        [sys.executable, str(file)],
        env={**os.environ, "PYTHONPATH": str(Path.cwd()), **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def fetch(port: int, process: subprocess.Popen[str]) -> bytes:
    deadline = time.monotonic() + 30
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
                connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                answer = b""
                while chunk := connection.recv(65536):
                    answer += chunk
                return answer
        except ConnectionRefusedError:
            if process.poll() is not None or time.monotonic() > deadline:
                process.kill()
                pytest.fail(f"no server: {process.communicate()}")
            time.sleep(0.05)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_program_serves_until_a_signal_comes(tmp_path: Path, number: int) -> None:
    port = free_port()
    process = start(tmp_path, f"port={port}")
    try:
        answer = fetch(port, process)
        process.send_signal(number)
        output, errors = process.communicate(timeout=30)
    finally:
        process.kill()
    assert answer.endswith(b"served by __main__")
    assert output.endswith("stopped\n")
    assert process.returncode == 0, errors


def test_host_and_port_from_the_environment(tmp_path: Path) -> None:
    port = free_port()
    process = start(tmp_path, WADJET_HOST="127.0.0.1", WADJET_PORT=str(port))
    try:
        assert b"served by" in fetch(port, process)
        process.terminate()
        process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 0


def test_workers_import_the_program(tmp_path: Path) -> None:
    port = free_port()
    process = start(tmp_path, f"port={port}, workers=2")
    try:
        answer = fetch(port, process)
        process.terminate()
        output, errors = process.communicate(timeout=60)
    finally:
        process.kill()
    assert answer.endswith(b"served by served")
    assert process.returncode == 0, errors


def test_a_startup_that_fails_ends_the_program(tmp_path: Path) -> None:
    process = start(tmp_path, f"port={free_port()}", FAIL="1")
    try:
        _, errors = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode not in {0, None}
    assert "cannot start" in errors


def test_an_imported_program_does_not_serve(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", "wadjet.lifecycle"):
        exec(  # noqa: S102 - a module of its own is the question
            PROGRAM.replace("OPTIONS", ""), {"__name__": "imported"}
        )
    assert "app.run() in imported does nothing" in caplog.text


@pytest.mark.parametrize("port", ["http", "-1", "65536", ""])
def test_a_port_that_is_none_is_refused(port: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WADJET_PORT", port)
    with pytest.raises(ConfigError, match="not a number from 0 to 65535"):
        run(Wadjet())


def test_workers_need_a_name_to_import() -> None:
    with pytest.raises(ConfigError, match="uvicorn package.module:app"):
        run(Wadjet(), workers=2)
