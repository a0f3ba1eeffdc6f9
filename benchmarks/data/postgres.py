"""The database of these figures: the one that ``DATABASE_URL`` names, or a PostgreSQL that is started for them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from tests.pgserver import PostgresServer, programs

__all__ = ["postgres"]


@contextmanager
def postgres() -> Iterator[str]:
    """Give its address.

    Raises:
        RuntimeError: there is none, and PostgreSQL is not installed.
    """
    address = os.environ.get("DATABASE_URL")
    if address is not None:
        yield address
        return
    folder = programs()
    if folder is None:
        raise RuntimeError("PostgreSQL is not installed; install it, or name one in DATABASE_URL")
    with PostgresServer(folder) as server:
        yield server.url()
