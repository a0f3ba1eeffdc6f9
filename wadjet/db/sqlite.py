"""SQLite: connections that let go of the file whatever ends a query, and keep what PostgreSQL keeps anyway."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import suppress
from typing import Any

import aiosqlite
from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import PoolResetState

__all__ = ["WRITES", "options", "prepare"]

#: The option of a connection that says whether it is to begin with the lock for writing.
WRITES = "wadjet_writes"
#: Rows that a cursor takes from the driver's thread at once, where somebody goes through them one by one.
_AT_ONCE = 64


def options(patience: float) -> dict[str, Any]:
    """Return what a connection is made with.

    Args:
        patience: seconds that are waited for whoever writes.
    """
    return {"timeout": patience, "factory": _Handle, "async_creator_fn": _Driver}


def prepare(engine: AsyncEngine) -> None:
    """Make each connection of an engine ready, and let it begin transactions as it is meant to use them."""
    event.listen(engine.sync_engine, "connect", _set_up)
    event.listen(engine.sync_engine, "begin", _begin)
    event.listen(engine.sync_engine, "reset", _undo)


class _Handle(sqlite3.Connection):
    """What gives up its transaction and its lock when it is closed.

    SQLite keeps both as long as something refers to a statement; the traceback of a query that was cancelled does, until it
    is collected, and all who write would wait for that.
    """

    def close(self) -> None:
        """Undo what was not committed, and close."""
        with suppress(sqlite3.Error):
            self.rollback()
        super().close()


class _Driver(aiosqlite.Connection):
    """A connection whose thread is told to stop once.

    Who is cancelled twice while a connection is closed has it stopped by force beside; the thread ends at the first word, and
    nobody would ever answer the second: the task that waits for it would keep the loop from ending.
    """

    def __init__(self, database: str, **arguments: Any) -> None:
        super().__init__(lambda: sqlite3.connect(database, **arguments), _AT_ONCE)
        self._thread.daemon = True  # a process that is told to end does not wait for it
        self._stopped: asyncio.Future[Any] | None = None

    def stop(self) -> asyncio.Future[Any] | None:
        """Tell the thread to close what it has and to end, or return what tells when it has."""
        self._stopped = self._stopped or super().stop()
        return self._stopped

    async def _connect(self) -> aiosqlite.Connection:
        try:
            return await super()._connect()
        except BaseException:
            # The loop may be closed next, and the thread would have nobody to tell that it has ended.
            if self._stopped is not None:
                await asyncio.wait({self._stopped})
            raise


def _set_up(connection: Any, _: object) -> None:
    """Let readers go on while somebody writes, and let foreign keys and the case of LIKE count."""
    # The driver would begin transactions by itself, and only before some statements.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode = WAL", "foreign_keys = ON", "case_sensitive_like = ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    """Begin, with the lock for writing where it will be needed.

    Who has read, and writes then, finds the file locked at once if somebody else has written meanwhile; nothing would wait.
    """
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _undo(connection: Any, _: object, state: PoolResetState) -> None:
    """Undo what is open still: a COMMIT that fails leaves it so, and SQLAlchemy takes it for ended, as it is in PostgreSQL."""
    if state.asyncio_safe and connection.driver_connection.in_transaction:
        connection.rollback()
