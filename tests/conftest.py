"""Rules for every test: property tests have no deadline, and CI excuses no missing service."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import hypothesis
import pytest

from tests.pgserver import PostgresServer, programs
from tests.redisserver import RedisServer

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

#: Keeps Chromium to what tests ask of it.
_CHROMIUM = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

hypothesis.settings.register_profile("house", deadline=None, derandomize=os.environ.get("CI") == "true")
hypothesis.settings.load_profile("house")


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name bytes that nobody can read by their argument: gzip writes the time into them, and ids must be stable."""
    return argname if isinstance(val, bytes) and not val.decode("latin-1").isprintable() else None


@pytest.fixture(scope="session")
def needs() -> Callable[[str], str]:
    """Give a test the path of an outside program: ``needs("redis-server")``."""
    return outside


def outside(command: str) -> str:
    """Return the path of a program; where there is none, skip the test, or fail it under ``CI=true``."""
    if path := shutil.which(command):
        return path
    missed(command)


def missed(command: str) -> NoReturn:
    """Skip the test for want of a program, or fail it under ``CI=true``."""
    missing = f"{command} is not installed"
    if os.environ.get("CI") == "true":
        pytest.fail(f"{missing}, and CI=true excuses no missing service", pytrace=False)
    pytest.skip(missing)


@pytest.fixture(scope="session")
def shared_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """Give a real Redis, which all tests of a run share: keep to keys of your own."""
    with RedisServer(outside("redis-server"), tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[RedisServer]:
    """Give a real Redis that a test may stop, pause and start again."""
    with RedisServer(outside("redis-server"), tmp_path) as server:
        yield server


@pytest.fixture(scope="session")
def shared_postgres() -> Iterator[PostgresServer]:
    """Give a real PostgreSQL, which all tests of a run share: keep to a database of your own."""
    with PostgresServer(programs() or missed("postgresql")) as server:
        yield server


@pytest.fixture
def own_postgres() -> Iterator[PostgresServer]:
    """Give a real PostgreSQL that a test may stop and start again."""
    with PostgresServer(programs() or missed("postgresql")) as server:
        yield server


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give Chromium; while it is open a loop runs in this thread, so no other module's tests may share it."""
    from playwright.sync_api import sync_playwright  # few tests need it

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=outside("chromium"), args=_CHROMIUM)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Give a page of a client that has been nowhere yet."""
    with browser.new_context() as context:
        yield context.new_page()
