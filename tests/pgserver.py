"""A real PostgreSQL on a free port of this machine, for the length of a ``with`` block."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Self

__all__ = ["PostgresServer", "programs"]

PATIENCE_SECONDS = 60
#: Whom the server runs as where the tests are root's: it refuses to be.
ACCOUNT = "postgres"


def programs() -> Path | None:
    """Return the folder of PostgreSQL's programs; None where it is not installed."""
    found = shutil.which("initdb")  # which may be a link to where the others are
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


class PostgresServer:
    """A server whose files are gone when it ends.

    Args:
        folder: of its programs.
    """

    def __init__(self, folder: Path) -> None:
        self._programs = folder
        self._folder = Path(tempfile.mkdtemp(prefix="wadjet-pg-"))
        self._process: subprocess.Popen[bytes] | None = None
        self._is_root = os.geteuid() == 0
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        if self._is_root:
            shutil.chown(self._folder, ACCOUNT)
        self._run(
            "initdb",
            "-D",
            str(self._data),
            "-A",
            "trust",
            "-U",
            "wadjet",
            "-E",
            "UTF8",
            "--no-sync",
            "--locale=C",
        )

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def url(self, database: str = "postgres") -> str:
        """Return the address of a database."""
        return f"postgresql://wadjet@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = [
            "-p",
            str(self.port),
            "-h",
            "127.0.0.1",
            "-k",
            str(self._folder),
            "-c",
            "fsync=off",
            "-N",
            "60",
        ]
        self._process = subprocess.Popen(
            self._command("postgres", "-D", str(self._data), *options),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd=self._folder,
        )
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self._run("pg_isready", "-h", "127.0.0.1", "-p", str(self.port), "-q", checks=False):
            assert self._process.poll() is None, "postgres has ended"
            assert time.monotonic() < deadline, "postgres does not answer"
            time.sleep(0.02)

    def sql(self, statement: str, database: str = "postgres") -> str:
        """Run a statement, and return what it gives as text."""
        command = self._command(
            "psql", "-h", "127.0.0.1", "-p", str(self.port), "-U", "wadjet", "-qAt", "-c", statement, database
        )
        return subprocess.run(
            command, capture_output=True, text=True, check=True, cwd=self._folder
        ).stdout.strip()

    def stop(self) -> None:
        """End it at once, as a crash would."""
        if self._process is not None:
            pid = int((self._data / "postmaster.pid").read_text().split()[0])
            os.kill(pid, signal.SIGQUIT)
            self._process.wait(PATIENCE_SECONDS)
            self._process = None

    def _command(self, program: str, *options: str) -> list[str]:
        account = ["runuser", "-u", ACCOUNT, "--"] if self._is_root else []
        return [*account, str(self._programs / program), *options]

    def _run(self, program: str, *options: str, checks: bool = True) -> int:
        done = subprocess.run(self._command(program, *options), capture_output=True, cwd=self._folder)
        assert not checks or done.returncode == 0, done.stderr.decode()
        return done.returncode

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)
