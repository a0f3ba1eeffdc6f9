"""A shelf in a database of its own, and the bookshelf as a process of its own."""

from __future__ import annotations

import asyncio
import itertools
import os
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx2
import pytest

from examples.bookshelf.catalogue import invent
from examples.bookshelf.isbn import check_digit
from examples.bookshelf.people import LIBRARIAN, add_person
from examples.bookshelf.store import prepare
from tests.conftest import browser, needs, page, shared_postgres
from tests.pgserver import PostgresServer
from wadjet.auth.models import User
from wadjet.db import Database
from wadjet.security.passwords import Argon2

#: ``browser``, ``needs``, ``page`` and ``shared_postgres`` are fixtures of the package's tests.
__all__ = [
    "Server",
    "browser",
    "introduced",
    "known",
    "needs",
    "page",
    "serving",
    "shared_postgres",
    "sqlite",
]

ROOT = Path(__file__).parents[3]
START_SECONDS = 120.0
STOP_SECONDS = 60.0

_numbers = itertools.count(1)
#: Passwords of tests need not cost anything.
QUICK = Argon2(1, 8, 1)
#: Books enough for tests that do not count them.
FEW = 50


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


Shelf = Callable[[Callable[[Database], Awaitable[None]]], None]


def sqlite(folder: Path, name: str = "books") -> str:
    """Return the address of a file."""
    return f"sqlite:///{folder}/{name}.sqlite3"


async def introduced(*people: tuple[str, ...]) -> list[str]:
    """Let people be known, each with name, password and roles, if they are not; return tokens of theirs."""
    return [
        await add_person(name, QUICK.hash(password), *roles)
        for name, password, *roles in people
        if not await User.objects.filter(username=name).exists()
    ]


def known(url: str, books: int = FEW) -> str:
    """Let bob the reader and a librarian be known; return a token of hers. An empty shelf gets its first books here."""

    async def work() -> str:
        async with Database(url) as database:
            await prepare(database, invent(books))
            ann = (f"ann{next(_numbers)}", "correct horse", LIBRARIAN)
            return (await introduced(("bob", "battery staple"), ann))[-1]

    return asyncio.run(work())


@contextmanager
def serving(
    url: str, folder: Path, place: Mapping[str, str] = MappingProxyType({}), books: int = FEW
) -> Iterator[Server]:
    """Start ``python -m examples.bookshelf`` and wait until it listens; stop it at the end.

    Args:
        url: of its database: the one variable that says where books are.
        folder: where its log is written.
        place: further variables of its environment.
        books: how many are there; 0 lets it make and fill its tables itself.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "WADJET_DATABASE_URL": url, "WADJET_PORT": str(port), **place}
    token = known(url, books)
    log = folder / "log"
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
def sqlite_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("served")
    with serving(sqlite(folder), folder, books=0) as running:
        yield running


@pytest.fixture(scope="session")
def postgres_server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    database: PostgresServer = request.getfixturevalue("shared_postgres")
    database.sql("CREATE DATABASE served")
    with serving(database.url("served"), tmp_path_factory.mktemp("served"), books=0) as running:
        yield running


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest) -> Server:
    """Give a bookshelf that is being served: on SQLite, or as a module says."""
    running: Server = request.getfixturevalue(f"{getattr(request, 'param', 'sqlite')}_server")
    return running


@pytest.fixture
def client(server: Server) -> Iterator[httpx2.Client]:
    with server.client() as connected:
        yield connected


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the address of an empty database."""
    if request.param == "sqlite":
        return sqlite(tmp_path)
    server: PostgresServer = request.getfixturevalue("shared_postgres")
    server.sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    return server.url()


@pytest.fixture
def shelf(url: str) -> Shelf:
    """Give what runs something on a shelf of 300 books."""

    async def run(work: Callable[[Database], Awaitable[None]]) -> None:
        async with Database(url) as database:
            await prepare(database, invent(300))
            await work(database)

    return lambda work: asyncio.run(run(work))


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
