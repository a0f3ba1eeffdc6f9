"""Virtual environments: one for each peer, made from its pinned versions, made again when they change."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

__all__ = ["HERE", "ROOT", "Unavailable", "pinned", "provide", "python_of", "wanted_python"]

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent


class Unavailable(Exception):
    """An environment cannot be made here; the message says why."""


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


def wanted_python(environment: str) -> str | None:
    """Return the version of Python that an environment asks for (``# Python 3.12`` in its file); None for the one that runs."""
    found = re.search(r"^# Python (\d+\.\d+)$", _requirements(environment).read_text("utf-8"), re.MULTILINE)
    return found[1] if found else None


def provide(environment: str) -> None:
    """Make a virtual environment, unless it is there with these very versions.

    Raises:
        Unavailable: its Python is not there, or a package cannot be installed; pip has said which.
    """
    version = wanted_python(environment)
    python = sys.executable if version is None else _interpreter(version)
    folder = python_of(environment).parents[1]
    made_of = folder / "versions"
    wanted = f"{sys.version if version is None else version}\n{sorted(pinned(environment).items())}"
    if made_of.is_file() and made_of.read_text("utf-8") == wanted:
        return
    print(f"making the environment of {environment}", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    install = (python_of(environment), "-m", "pip", "install", "-qq", "--disable-pip-version-check", "-r")
    try:
        subprocess.run([python, "-m", "venv", folder], check=True, timeout=120)
        subprocess.run((*install, _requirements(environment)), check=True, timeout=600)
    except subprocess.SubprocessError as error:
        raise Unavailable(f"its environment cannot be made: {error}") from None
    made_of.write_text(wanted, "utf-8")


def _interpreter(version: str) -> str:
    """Find another Python: on the PATH, or among those of pyenv."""
    for candidate in _candidates(version):
        try:
            subprocess.run([candidate, "--version"], check=True, capture_output=True, timeout=10)
        except (OSError, subprocess.SubprocessError):  # a shim without a version behind it
            continue
        return str(candidate)
    raise Unavailable(f"it needs Python {version}, and none is here")


def _candidates(version: str) -> Iterator[Path]:
    name = f"python{version}"
    on_path = shutil.which(name)
    if on_path is not None:
        yield Path(on_path)
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    yield from sorted(pyenv.glob(f"versions/{version}.*/bin/{name}"))


def _requirements(environment: str) -> Path:
    return HERE / "requirements" / f"{environment}.txt"
