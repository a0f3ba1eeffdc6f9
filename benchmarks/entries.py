"""Who is measured, on which server, out of which virtual environment."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

__all__ = ["BARE", "ENTRIES", "HERE", "OURS", "ROOT", "Entry", "pinned", "provide", "python_of"]

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent

_UVICORN = (
    "{python} -m uvicorn {app} --host {host} --port {port} --http httptools --loop uvloop "
    "--no-access-log --log-level warning"
)
_GRANIAN = (
    "{python} -m granian {app} --host {host} --port {port} --http 1 --no-ws --workers 1 --loop uvloop "
    "--runtime-mode st --log-level error --interface "
)


class Entry(NamedTuple):
    """One application on one server.

    Args:
        name: who.
        server: where; only entries of one server are compared.
        environment: the file under ``requirements/`` that its virtual environment is made from.
        app: module and attribute.
        command: starts the server.
    """

    name: str
    server: str
    environment: str
    app: str
    command: str

    def argv(self, host: str, port: int) -> list[str]:
        """Return the command that serves the entry."""
        return self.command.format(
            python=python_of(self.environment), app=self.app, host=host, port=port
        ).split()


BARE, OURS = "bare", "wadjet"

ENTRIES = (
    Entry(BARE, "uvicorn", "wadjet", "benchmarks.bare:app", _UVICORN),
    Entry(OURS, "uvicorn", "wadjet", "benchmarks.app:app", _UVICORN),
    Entry("starlette", "uvicorn", "starlette", "benchmarks.peers.on_starlette:app", _UVICORN),
    Entry("blacksheep", "uvicorn", "blacksheep", "benchmarks.peers.on_blacksheep:app", _UVICORN),
    Entry(BARE, "granian", "wadjet", "benchmarks.bare:app", _GRANIAN + "asgi"),
    Entry(OURS, "granian", "wadjet", "benchmarks.app:app", _GRANIAN + "asgi"),
    Entry("emmett55", "granian", "emmett55", "benchmarks.peers.on_emmett:app", _GRANIAN + "rsgi"),
)


def python_of(environment: str) -> Path:
    """Return the interpreter of a virtual environment."""
    return HERE / ".peers" / environment / "bin" / "python"


def pinned(environment: str) -> dict[str, str]:
    """Return the versions that a virtual environment is made of, by package."""
    versions: dict[str, str] = {}
    for line in _requirements(environment).read_text("utf-8").splitlines():
        if line.startswith("-r "):
            versions |= pinned(line.removeprefix("-r ").removesuffix(".txt"))
        elif "==" in line:
            package, _, version = line.partition("==")
            versions[package] = version
    return versions


def provide(environment: str) -> None:
    """Make a virtual environment, unless it is there with these very versions.

    Raises:
        SystemExit: a package cannot be installed; pip has said which.
    """
    python = python_of(environment)
    folder = python.parents[1]
    made_of = folder / "versions"
    wanted = f"{sys.version}\n{sorted(pinned(environment).items())}"
    if made_of.is_file() and made_of.read_text("utf-8") == wanted:
        return
    print(f"making the environment of {environment}", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    install = (python, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "-r")
    try:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True, timeout=120)
        subprocess.run((*install, _requirements(environment)), check=True, timeout=600)
    except subprocess.SubprocessError as error:
        raise SystemExit(f"the environment of {environment} cannot be made: {error}") from None
    made_of.write_text(wanted, "utf-8")


def _requirements(environment: str) -> Path:
    return HERE / "requirements" / f"{environment}.txt"
