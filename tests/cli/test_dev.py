"""``wadjet dev``: it chooses development, and serves."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.running import free_port, running
from wadjet.cli import main

APPLICATION = """
from wadjet import Wadjet

app = Wadjet()

@app.get("/")
async def index():
    return f"{app.settings.environment} {app.settings.DEBUG} {app.settings.MAX_BODY_SIZE}"
"""


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "shop.py").write_text(APPLICATION)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", sys.path[:])
    for name in ("ENV", "DEBUG", "HOST", "PORT", "APP"):
        monkeypatch.delenv(f"WADJET_{name}", raising=False)
    return tmp_path


def dev(monkeypatch: pytest.MonkeyPatch, *arguments: str, **environ: str) -> tuple[Result, list[Any]]:
    """Run the command; return what it would serve, and the environment that it serves in."""
    served: list[Any] = []

    def serve(*given: Any, **options: Any) -> None:
        served.append((given, options, os.environ["WADJET_ENV"], os.environ["WADJET_DEBUG"]))

    monkeypatch.setattr(sys.modules["wadjet.cli.dev"], "serve", serve)
    return CliRunner().invoke(
        main, ["dev", *arguments], env={"WADJET_ENV": None, "WADJET_DEBUG": None, **environ}
    ), served


def test_it_serves_in_development(directory: Path) -> None:
    (directory / ".env").write_text("WADJET_MAX_BODY_SIZE=77\n")
    port = free_port()
    command = [sys.executable, "-m", "wadjet", "dev", "shop:app", "--port", str(port), "--no-reload"]
    with running(command, directory) as server:
        assert server.fetch(port).endswith(b"development True 77")
        assert server.stop() == 0, server.output


@pytest.mark.parametrize(
    ("lines", "environ", "arguments", "served"),
    [
        ("", {}, [], (None, None, "1")),
        ("WADJET_PORT=1\nWADJET_HOST=::1\nWADJET_DEBUG=0", {}, [], ("::1", "1", "0")),
        ("WADJET_PORT=1\nWADJET_DEBUG=0", {"WADJET_PORT": "2", "WADJET_DEBUG": "on"}, [], (None, "2", "on")),
        ("WADJET_PORT=1", {"WADJET_ENV": "test"}, ["--port", "3"], (None, "3", "1")),
    ],
)
def test_what_the_file_says_counts_less_than_variables_and_options(
    lines: str,
    environ: dict[str, str],
    arguments: list[str],
    served: tuple[str | None, str | None, str],
    directory: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (directory / ".env").write_text(lines)
    result, seen = dev(monkeypatch, "shop:app", *arguments, **environ)
    assert result.exit_code == 0, result.output
    ((given, options, environment, debug),) = seen
    assert given == ("shop:app", *served[:2])
    assert options == {"reload": True, "factory": False}
    assert (environment, debug) == ("development", served[2])


def test_it_is_refused_in_production(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result, served = dev(monkeypatch, "shop:app", WADJET_ENV="production")
    assert (result.exit_code, served) == (2, [])
    assert "WADJET_ENV says production; type: wadjet run" in result.output


def test_a_file_that_cannot_be_read_is_told_in_one_line(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (directory / ".env").write_text("hunter2")
    result, served = dev(monkeypatch, "shop:app")
    assert (result.exit_code, served) == (1, [])
    assert ".env, line 1 is no NAME=value" in result.output
    assert "hunter2" not in result.output
