"""The connection on which tables are changed. SQLite changes a table by making it anew, which must cost no other table rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection

from .database import Database
from .engine import engine_of, lock_tables
from .failures import TransactionError, translating
from .sqlite import WRITES

__all__ = ["migrating"]

#: Seconds that are waited for whoever writes into a SQLite file.
_PATIENCE = 30.0


@asynccontextmanager
async def migrating(database: Database) -> AsyncIterator[AsyncConnection]:
    """Give a connection to change tables on, and keep what was done at the end of the block, in one transaction.

    Who else changes tables waits. No statement is cut off: to make an index of many rows takes its time. In SQLite foreign keys
    wait until all is done: there a table is changed by copying it and dropping the old one, which would delete, or be kept from
    it by, what refers to its rows (https://sqlite.org/lang_altertable.html, "Making Other Kinds Of Table Schema Changes").

    Args:
        database: whose tables.

    Raises:
        TransactionError: rows would refer to what is not there any more; nothing is kept.
        DatabaseUnavailable: it does not answer.
    """
    engine = engine_of(database.url, size=1, patience=_PATIENCE, timeout=None)
    is_sqlite = database.url.get_backend_name() == "sqlite"
    if is_sqlite:
        # It has no effect within a transaction.
        event.listen(engine.sync_engine, "connect", _let_references_be)
    try:
        with translating():
            async with engine.connect() as connection:
                await connection.execution_options(**{WRITES: True})
                async with connection.begin():
                    await lock_tables(connection)
                    before = await _dangling(connection) if is_sqlite else Counter[str]()
                    yield connection
                    after = await _dangling(connection) if is_sqlite else Counter[str]()
                    if broken := after - before:
                        raise TransactionError(
                            f"rows would refer to what is not there any more ({', '.join(sorted(broken))}); nothing was changed"
                        )
    finally:
        await engine.dispose()


def _let_references_be(connection: Any, _: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = OFF")
    cursor.close()


async def _dangling(connection: AsyncConnection) -> Counter[str]:
    """Return how many rows of which tables refer to rows that are not there."""
    rows = await connection.exec_driver_sql("PRAGMA foreign_key_check")
    return Counter(f"{row['table']} to {row['parent']}" for row in rows.mappings())
