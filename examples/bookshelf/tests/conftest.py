"""A shelf in a temporary file, and the bookshelf as a process of its own."""

from __future__ import annotations

import itertools
import os
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx2
import pytest

from examples.bookshelf.catalogue import invent
from examples.bookshelf.isbn import check_digit
from examples.bookshelf.people import LIBRARIAN, People
from examples.bookshelf.store import Store
from wadjet.security.passwords import Argon2

ROOT = Path(__file__).parents[3]
START_SECONDS = 120.0
STOP_SECONDS = 60.0

_numbers = itertools.count(1)
#: Passwords of tests need not cost anything.
QUICK = Argon2(1, 8, 1)


@dataclass(frozen=True)
class Server:
    """A bookshelf that is being served."""

    process: subprocess.Popen[bytes]
    port: int
    #: Of a librarian's program.
    token: str

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self, **options: Any) -> httpx2.Client:
        """Return what asks as a librarian does: a program with a token, in a page of the site."""
        fields = {"authorization": f"Bearer {self.token}", "sec-fetch-site": "same-origin"}
        headers = {**fields, **options.pop("headers", {})}
        return httpx2.Client(base_url=self.url, trust_env=False, timeout=60, headers=headers, **options)

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=60)


Serve = Callable[[Path], Any]


def known(database: Path) -> str:
    """Let ann the librarian and bob the reader be known, if they are not; return a token of ann's."""
    people = People(database)
    with suppress(sqlite3.IntegrityError):
        people.add("bob", QUICK.hash("battery staple"))
    return people.add(f"ann{next(_numbers)}", QUICK.hash("correct horse"), LIBRARIAN)


@contextmanager
def serving(database: Path, place: Mapping[str, str] = MappingProxyType({})) -> Iterator[Server]:
    """Start ``python -m examples.bookshelf`` and wait until it listens; stop it at the end.

    Args:
        database: its file.
        place: further variables of its environment.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "BOOKSHELF_DB": str(database), "WADJET_PORT": str(port), **place}
    token = known(database)
    log = database.with_suffix(".log")
    command = [sys.executable, "-m", "examples.bookshelf"]
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
    try:
        _wait_until_listening(process, port, log)
        yield Server(process, port, token)
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise


def _wait_until_listening(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"the bookshelf did not start:\n{log.read_text('utf-8', 'replace')}")


@pytest.fixture(scope="session")
def serve() -> Serve:
    return serving


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("served") / "books.sqlite3") as running:
        yield running


@pytest.fixture
def client(server: Server) -> Iterator[httpx2.Client]:
    with server.client() as connected:
        yield connected


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "books.sqlite3").open(invent(300)) as opened:
        yield opened


@pytest.fixture
def book() -> dict[str, Any]:
    """A new book as the API takes it; no two tests get the same ISBN."""
    twelve = f"979{next(_numbers):09}"
    return {
        "isbn": twelve + check_digit(twelve),
        "title": "The Cobra & the Eye",
        "author": "Nofret Šmídová",
        "year": 1999,
        "language": "en",
        "pages": 320,
        "price": "12.50",
        "subjects": ["History", "Travel"],
        "description": "A guard, an eye, and a long river.",
    }
