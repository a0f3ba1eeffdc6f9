"""``run()``: processes that serve, their signals and their end."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.running import Load, Running, free_port, running, wadjet_run
from wadjet import Wadjet
from wadjet.errors import ConfigError, SealedError
from wadjet.server.options import LANES
from wadjet.server.run import run

PROGRAM = """
import asyncio, os, time
from pathlib import Path
from wadjet import StreamingResponse, Wadjet

app = Wadjet()

@app.get("/")
async def index():
    return f"served by {__name__} in {os.getpid()}"

@app.get("/echo/{name}")
async def echo(name: str):
    await asyncio.sleep(hash(name) % 5 / 1000)
    return name * 100

@app.get("/limit")
async def limit():
    return str(app.settings.MAX_BODY_SIZE)

@app.get("/stream")
async def stream():
    async def endless():
        while True:
            yield "tick"
            await asyncio.sleep(0.05)
    return StreamingResponse(endless())

@app.get("/slow")
async def slow():
    try:
        print("waiting", flush=True)
        await asyncio.sleep(60)
    finally:
        await asyncio.sleep(0.1)
        print("let go", flush=True)

@app.on_startup
def starts():
    if Path("fail").exists():
        raise RuntimeError("cannot start")
    if Path("linger").exists():
        time.sleep(60)

@app.on_shutdown
def stops():
    print("stopped", flush=True)

@app.on_shutdown
def stops_not():
    if "FAIL" in os.environ:
        raise RuntimeError("cannot stop")

app.run(OPTIONS)
"""

EVERY_LANE = pytest.mark.parametrize("lane", LANES)


@contextmanager
def program(directory: Path, options: str, **environ: str) -> Iterator[Running]:
    """Run the program itself."""
    (directory / "served.py").write_text(PROGRAM.replace("OPTIONS", options))
    with running([sys.executable, "served.py"], directory, environ) as server:
        yield server


@contextmanager
def served(directory: Path, *options: object, **environ: str) -> Iterator[tuple[Running, int]]:
    """Serve the program by its name, until it answers."""
    (directory / "served.py").write_text(PROGRAM.replace("OPTIONS", ""))
    port = free_port()
    with running(wadjet_run("served:app", "--port", port, *options), directory, environ) as server:
        server.fetch(port)
        yield server, port


@contextmanager
def opened(port: int, path: str) -> Iterator[socket.socket]:
    """Ask, and let the answer come as it will."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        yield connection


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_program_serves_until_a_signal_comes(tmp_path: Path, number: int) -> None:
    port = free_port()
    with program(tmp_path, f"port={port}") as server:
        assert b"served by __main__" in server.fetch(port)
        assert server.stop(number) == 0, server.output
    assert "stopped\n" in server.output


def test_host_and_port_from_the_environment(tmp_path: Path) -> None:
    port = free_port()
    with program(tmp_path, "", WADJET_HOST="127.0.0.1", WADJET_PORT=str(port)) as server:
        assert b"served by" in server.fetch(port)


def test_workers_import_the_program_and_end_with_it(tmp_path: Path) -> None:
    port = free_port()
    with program(tmp_path, f"port={port}, workers=2, max_body_size=77") as server:
        assert b"served by served in" in server.fetch(port)
        assert server.fetch(port, "/limit").endswith(b"77")
        assert server.stop() == 0, server.output


def test_a_limit_holds_for_the_program_itself(tmp_path: Path) -> None:
    port = free_port()
    with program(tmp_path, f"port={port}, max_body_size=77") as server:
        assert server.fetch(port, "/limit").endswith(b"77")


def test_a_limit_comes_too_late_once_the_application_is_sealed() -> None:
    app = Wadjet()
    app.seal()
    with pytest.raises(SealedError, match=r"a limit as an option of run\(\) comes too late"):
        exec("app.run(max_body_size=1)", {"__name__": "__main__", "app": app})
    assert "WADJET_MAX_BODY_SIZE" not in os.environ


# -- the start ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("workers", [1, 2])
def test_err_30_a_startup_that_fails_ends_the_program_at_once(tmp_path: Path, workers: int) -> None:
    (tmp_path / "fail").touch()
    with program(tmp_path, f"port={free_port()}, workers={workers}, drain_timeout=60") as server:
        assert server.end() == 3
    assert "RuntimeError: cannot start" in server.output
    assert "died" not in server.output  # and nobody tries again


def test_an_address_that_is_taken_is_told_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with program(tmp_path, f"port={port}") as server:
            assert server.end() == 1
    hint = f"stop it, or type --port {port + 1}"
    assert server.output == f"Error: port {port} of 127.0.0.1 is taken by another process; {hint}\n"


def test_an_imported_program_does_not_serve(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", "wadjet.lifecycle"):
        exec(PROGRAM.replace("OPTIONS", ""), {"__name__": "imported"})
    assert "app.run() in imported does nothing" in caplog.text


@pytest.mark.parametrize("port", ["http", "-1", "65536", ""])
def test_a_port_that_is_none_is_refused(port: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WADJET_PORT", port)
    with pytest.raises(ConfigError, match="not a number from 0 to 65535"):
        run(Wadjet())


def test_workers_need_a_name_to_import() -> None:
    with pytest.raises(ConfigError, match="wadjet run package.module:app"):
        run(Wadjet(), workers=2)


# -- the end ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("workers", [1, 2])
@EVERY_LANE
def test_sigterm_under_load_loses_no_request(tmp_path: Path, lane: str, workers: int) -> None:
    """CONC-16; and CONC-17, as the load keeps its connections."""
    with served(tmp_path, "--lane", lane, "--workers", workers, "--no-access-log") as (server, port):

        def stop(load: Load) -> None:
            load.until_answered(1000)
            assert server.stop() == 0, server.output

        load = Load(port)
        asyncio.run(load.run(stop))
    assert load.lost == []


@EVERY_LANE
def test_sighup_under_load_replaces_the_workers_and_loses_no_request(tmp_path: Path, lane: str) -> None:
    with served(tmp_path, "--lane", lane, "--workers", 2, "--no-access-log") as (server, port):
        server.until(lambda: server.output.count("startup complete") == 2)

        def restart(load: Load) -> None:
            load.until_answered(500)
            server.process.send_signal(signal.SIGHUP)
            server.until(lambda: server.output.count("Finished server process") == 2)
            load.until_answered(500)

        load = Load(port)
        asyncio.run(load.run(restart))
        assert server.stop() == 0, server.output
    assert (load.lost, load.refused) == ([], 0)


def test_sighup_keeps_the_workers_when_new_ones_cannot_start(tmp_path: Path) -> None:
    with served(tmp_path, "--workers", 2) as (server, port):
        server.until(lambda: server.output.count("startup complete") == 2)
        (tmp_path / "fail").touch()
        server.process.send_signal(signal.SIGHUP)
        server.until(lambda: "the restart is given up" in server.output)
        assert b"served by" in server.fetch(port)
        assert server.stop() == 0, server.output


def test_a_restart_that_takes_long_does_not_hold_up_the_end(tmp_path: Path) -> None:
    with served(tmp_path, "--workers", 2) as (server, _):
        server.until(lambda: server.output.count("startup complete") == 2)
        (tmp_path / "linger").touch()
        server.process.send_signal(signal.SIGHUP)
        server.until(lambda: "restarting processes" in server.output)
        started = time.monotonic()
        assert server.stop() == 0, server.output
    assert time.monotonic() - started < 10


def test_a_worker_that_dies_is_replaced_until_it_starts_while_others_serve(tmp_path: Path) -> None:
    """CONC-18."""
    with served(tmp_path, "--workers", 2) as (server, port):
        server.until(lambda: server.output.count("startup complete") == 2)
        (tmp_path / "fail").touch()
        os.kill(int(server.fetch(port).rpartition(b" in ")[2]), signal.SIGKILL)
        server.until(lambda: "ended with status 3; another takes its place" in server.output)
        (tmp_path / "fail").unlink()
        server.until(lambda: server.output.count("startup complete") == 3)
        assert server.stop() == 0, server.output


@EVERY_LANE
@pytest.mark.parametrize("seconds", [0.2, 0.7])
def test_what_takes_longer_than_the_drain_is_cancelled_before_the_application_stops(
    tmp_path: Path, lane: str, seconds: float
) -> None:
    with (
        served(tmp_path, "--lane", lane, "--drain-timeout", seconds) as (server, port),
        opened(port, "/slow"),
    ):
        server.until(lambda: "waiting" in server.output)
        assert server.stop() == 0, server.output
    assert server.output.index("let go") < server.output.index("stopped\n")


def test_a_second_interrupt_does_not_wait(tmp_path: Path) -> None:
    with served(tmp_path) as (server, port), opened(port, "/slow"):
        server.until(lambda: "waiting" in server.output)
        server.process.send_signal(signal.SIGINT)
        server.until(lambda: "Stopping" in server.output)
        assert server.stop(signal.SIGINT) == 1


@pytest.mark.parametrize("workers", [1, 2])
def test_err_31_a_shutdown_hook_that_fails_stops_no_other_and_shows_in_the_status(
    tmp_path: Path, workers: int
) -> None:
    with served(tmp_path, "--workers", workers, FAIL="1") as (server, _):
        assert server.stop() == 1
    assert "RuntimeError: cannot stop" in server.output
    assert "stopped\n" in server.output


@EVERY_LANE
def test_an_open_stream_does_not_hold_up_a_reload(tmp_path: Path, lane: str) -> None:
    with served(tmp_path, "--lane", lane, "--reload") as (server, port), opened(port, "/stream") as stream:
        assert b"tick" in stream.recv(65536) + stream.recv(65536)
        time.sleep(0.5)  # the reloader must have seen the file as it was
        file = tmp_path / "served.py"
        started = time.monotonic()
        file.write_text(file.read_text().replace("served by", "reloaded in"))
        server.until(lambda: b"reloaded in" in server.fetch(port))
        assert time.monotonic() - started < 10  # and not the 30 seconds of a drain
        assert server.stop() == 0, server.output


def test_a_reload_outlives_a_broken_file(tmp_path: Path) -> None:
    with served(tmp_path, "--reload") as (server, port):
        time.sleep(0.5)
        file = tmp_path / "served.py"
        whole = file.read_text()
        file.write_text("1 / 0")
        server.until(lambda: "ZeroDivisionError" in server.output)
        time.sleep(0.5)
        file.write_text(whole)
        assert b"served by" in server.fetch(port)
        assert server.stop(signal.SIGHUP) == 0, server.output
