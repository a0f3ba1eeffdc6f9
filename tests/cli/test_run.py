"""``wadjet run``: what it serves, where, and what it says of a mistake."""

from __future__ import annotations

import os
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.running import free_port, running, wadjet_run
from wadjet.cli import main
from wadjet.server.options import LANES, LIMITS

APPLICATION = """
from wadjet import Wadjet

app = Wadjet()

@app.get("/")
async def index(request):
    return f"{request.scheme} {app.settings.MAX_BODY_SIZE}"

def make():
    return app

async def plain(scope, receive, send):
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
    await send({"type": "http.response.body", "body": b"plain"})
"""

EVERY_LANE = pytest.mark.parametrize("lane", LANES)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "shop.py").write_text(APPLICATION)
    (tmp_path / "broken.py").write_text("import nowhere_to_be_found")
    return tmp_path


@EVERY_LANE
def test_an_application_is_served_by_its_name_with_its_limits(directory: Path, lane: str) -> None:
    port = free_port()
    command = wadjet_run("shop:app", "--port", port, "--lane", lane, "--max-body-size", 77)
    with running(command, directory) as server:
        assert server.fetch(port).endswith(b"http 77")
        assert server.stop() == 0, server.output
    assert f"Serving on http://127.0.0.1:{port} (Ctrl+C stops)" in server.output


@pytest.mark.parametrize("workers", [1, 2])
def test_a_factory_makes_what_is_served(directory: Path, workers: int) -> None:
    port = free_port()
    with running(
        wadjet_run("shop:make", "--factory", "--port", port, "--workers", workers), directory
    ) as server:
        assert server.fetch(port).endswith(b"http 10485760")


@EVERY_LANE
def test_any_asgi_application_is_served(directory: Path, lane: str) -> None:
    port = free_port()
    with running(wadjet_run("shop:plain", "--port", port, "--lane", lane), directory) as server:
        assert server.fetch(port).endswith(b"plain")
        assert server.stop() == 0, server.output


def test_the_environment_names_application_and_port(directory: Path) -> None:
    port = free_port()
    with running(wadjet_run(), directory, {"WADJET_APP": "shop:app", "PORT": str(port)}) as server:
        assert server.fetch(port).endswith(b"http 10485760")


@pytest.mark.parametrize("workers", [1, 2])
@EVERY_LANE
def test_a_unix_socket_is_made_and_removed(directory: Path, lane: str, workers: int) -> None:
    path = directory / "s"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))  # and whoever did has gone
    path.chmod(0o600)
    with running(
        wadjet_run("shop:app", "--uds", path, "--lane", lane, "--workers", workers), directory
    ) as server:
        assert server.fetch(str(path)).endswith(b"http 10485760")
        assert path.stat().st_mode & 0o777 == 0o600
        assert server.stop() == 0, server.output
    assert not path.exists()


@EVERY_LANE
def test_an_inherited_socket_outlives_the_server(directory: Path, lane: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port, fd = listener.getsockname()[1], listener.fileno()
        command = wadjet_run("shop:app", "--fd", fd, "--lane", lane)
        for _ in range(2):
            with running(command, directory, pass_fds=(fd,)) as server:
                assert server.fetch(port).endswith(b"http 10485760")
                assert server.stop() == 0, server.output


@EVERY_LANE
def test_tls_with_a_certificate(directory: Path, lane: str, needs: Callable[[str], str]) -> None:
    certify(directory, needs("openssl"))
    port = free_port()
    with running(
        wadjet_run(
            "shop:app", "--port", port, "--lane", lane, "--ssl-certfile", "c.pem", "--ssl-keyfile", "k.pem"
        ),
        directory,
    ) as server:
        server.until(lambda: f"Serving on https://127.0.0.1:{port}" in server.output)
        context = ssl.create_default_context(cafile=directory / "c.pem")
        with (
            socket.create_connection(("127.0.0.1", port), timeout=60) as plain,
            context.wrap_socket(plain, server_hostname="localhost") as connection,
        ):
            connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            answer = b""
            while chunk := connection.recv(65536):
                answer += chunk
        assert answer.endswith(b"https 10485760")
        assert server.stop(signal.SIGINT) == 0, server.output


def certify(directory: Path, openssl: str, *options: str) -> None:
    """Make a certificate for localhost, c.pem, and its key, k.pem."""
    subprocess.run(
        [
            *(
                openssl,
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-days",
                "2",
            ),
            *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
            *("-keyout", "k.pem", "-out", "c.pem", *(options or ("-nodes",))),
        ],
        cwd=directory,
        check=True,
        capture_output=True,
    )


# -- mistakes -----------------------------------------------------------------------------------------------------------------


def refused(directory: Path, *arguments: object) -> str:
    """Return the line that a mistake is told in."""
    with running(wadjet_run(*arguments), directory) as server:
        assert server.end() == 2
    return server.output


def test_a_module_that_is_not_there_is_told_in_one_line(directory: Path) -> None:
    for reload in ([], ["--reload"]):
        last = refused(directory, "stop:app", "--port", 0, *reload).splitlines()[-1]
        assert last.startswith(f"Error: there is no module 'stop' in {directory} or among what is installed")


def test_a_name_that_is_not_there_is_told_in_one_line_whatever_the_workers(directory: Path) -> None:
    for workers in (1, 2):
        found = refused(directory, "shop:ap", "--port", 0, "--workers", workers)
        assert found == "Error: the module shop has no 'ap'; type shop:app\n"


def test_what_goes_wrong_inside_a_module_keeps_its_traceback(directory: Path) -> None:
    with running(wadjet_run("broken:app", "--port", 0), directory) as server:
        assert server.end() == 1
    assert "broken.py" in server.output
    assert server.output.endswith("ModuleNotFoundError: No module named 'nowhere_to_be_found'\n")


@pytest.mark.parametrize("workers", [1, 2])
def test_settings_that_cannot_be_are_told_in_a_line_each(directory: Path, workers: int) -> None:
    environ = {"WADJET_CACHE_SIZE": "much", "WADJET_DRAIN_TIMEOUT": "-1", "WADJET_SECRET_KEY": "[hunter2"}
    command = wadjet_run("shop:app", "--port", 0, "--workers", workers)
    with running(command, directory, environ) as server:
        assert server.end() == 1
    assert "CACHE_SIZE='much' from the variable WADJET_CACHE_SIZE is no whole number from 0" in server.output
    assert "3 settings cannot be:" in server.output
    assert "Traceback" not in server.output
    assert "hunter2" not in server.output


def test_settings_that_cannot_be_wait_for_a_change_where_one_is_waited_for(directory: Path) -> None:
    command = wadjet_run("shop:app", "--port", 0, "--reload")
    with running(command, directory, {"WADJET_CACHE_SIZE": "much"}) as server:
        server.until(lambda: "CACHE_SIZE='much' from the variable WADJET_CACHE_SIZE" in server.output)
        assert server.stop() == 0
    assert "Traceback" not in server.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["shop"], "type its module and its name in it, as in shop:app"),
        (["shop.py:app"], "type the name of its module: shop:app"),
        (["shop:app", "--port", "http"], "port 'http' is not a number from 0 to 65535"),
        (["shop:app", "--workers", "0"], "workers '0' is no number of processes"),
        (["shop:app", "--reload", "--workers", "2"], "leave out workers=, or reload="),
        (["shop:app", "--reload", "--reload-dir", "nowhere"], "'nowhere' is no directory"),
        (["shop:app", "--ssl-certfile", "none.pem"], "ssl_certfile 'none.pem' cannot be read"),
        (["shop:app", "--ssl-keyfile", "none.pem"], "without ssl_certfile="),
        (["shop:app", "--header-timeout", "0"], "HEADER_TIMEOUT=0.0 is no time above 0"),
        (["shop:app", "--fd", "999"], "descriptor 999 is no open socket"),
        (["shop:app", "--uds", "a", "--fd", "1"], "give one of them"),
        (["shop:app", "--uds", "missing/a"], "no socket can be made at missing/a"),
        (["shop:app", "--host", "203.0.113.9"], "'203.0.113.9' is no address of this machine"),
        (["shop:app", "--lane", "slow"], "'slow' is not one of 'fast', 'asgi'"),
        (["shop:app", "--prot", "8000"], "--port"),
        ([], "Missing argument 'APP'"),
    ],
)
def test_a_mistake_of_the_command_line_is_told_with_status_2(
    arguments: list[str], message: str, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("WADJET_") or name == "WEB_CONCURRENCY"]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(directory)
    monkeypatch.setattr(sys, "path", sys.path[:])
    result = CliRunner().invoke(main, ["run", *arguments])
    assert result.exit_code == 2, result.output
    assert message in result.output


def test_every_limit_among_the_settings_is_an_option() -> None:
    text = CliRunner().invoke(main, ["run", "--help"]).output
    assert [name for name in LIMITS if f"--{name.replace('_', '-')}" not in text] == []
    assert {"max_connections", "max_header_count", "header_timeout", "drain_timeout"} < LIMITS.keys()


def test_the_command_says_its_version() -> None:
    result = CliRunner().invoke(main, ["--version"])
    assert result.exit_code == 0
    assert "0.1.0" in result.output
