"""Each test of the room runs on SQLite and on PostgreSQL, in a database of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pgserver import PostgresServer


@pytest.fixture
def postgres_url(shared_postgres: PostgresServer) -> str:
    """Give the address of a database in PostgreSQL that was emptied."""
    shared_postgres.sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    return shared_postgres.url()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """Give the address of an empty file."""
    return f"sqlite:///{tmp_path}/test.db"


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> str:
    """Give the address of an empty database."""
    address: str = request.getfixturevalue(f"{request.param}_url")
    return address
