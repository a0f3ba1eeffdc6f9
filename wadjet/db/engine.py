"""Engines: what an address becomes."""

from __future__ import annotations

import importlib.util
from typing import Any

from sqlalchemy import AsyncAdaptedQueuePool, event, exc
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from ..errors import ConfigError, MissingExtra
from ..media import json
from . import sqlite

__all__ = ["address_of", "engine_of", "is_in_memory", "lock_tables"]

#: The drivers that are used where an address names none.
_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
}
_EXTRAS = {"aiosqlite": "db", "asyncpg": "postgres"}
#: Seconds after which a connection is not used again: firewalls forget what is older, and say nothing.
_OLDEST = 1800
#: Seconds that connecting may take.
_CONNECTING = 5
#: PostgreSQL's CREATE TABLE IF NOT EXISTS fails where another process creates the same table; SQLite has one writer anyway.
_LOCK_TABLES = f"SELECT pg_advisory_xact_lock({int.from_bytes(b'wadjet')})"


def address_of(text: str) -> URL:
    """Read an address, and say which driver it is for where it does not.

    Raises:
        ConfigError: it is none, or of a driver that blocks.
        MissingExtra: its driver is not installed.
    """
    try:
        url = make_url(text)
        url = url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))
        is_async = url.get_dialect().is_async
    except (exc.ArgumentError, exc.NoSuchModuleError, ValueError, ImportError):
        # SECURITY: it may hold a password, so it is not repeated.
        raise ConfigError(
            "DATABASE_URL is no address; write one as sqlite:///./app.db or postgresql://user:password@host/name"
        ) from None
    driver = url.get_driver_name()
    if not is_async:
        raise ConfigError(
            f"DATABASE_URL names the driver {driver}, which would block the loop; write postgresql+asyncpg:// or "
            "sqlite+aiosqlite://, or leave the driver out"
        )
    if importlib.util.find_spec(driver) is None:
        extra = _EXTRAS.get(driver)
        command = f'"wadjet[{extra}]"' if extra else driver
        raise MissingExtra(f"DATABASE_URL needs {driver}: pip install {command}")
    return url


def is_in_memory(url: URL) -> bool:
    """Tell whether an address is of a database that ends with its connection."""
    return url.get_backend_name() == "sqlite" and (
        url.database in {None, "", ":memory:"} or url.query.get("mode") == "memory"
    )


def engine_of(url: URL, *, size: int, patience: float, timeout: float | None) -> AsyncEngine:
    """Make an engine; nothing is connected yet.

    Args:
        url: with its driver.
        size: how many connections there are at the most.
        patience: seconds that are waited for one, and for the lock of a SQLite file.
        timeout: seconds that a statement may take in PostgreSQL; None for no limit.
    """
    options: dict[str, Any] = {}
    is_sqlite = url.get_backend_name() == "sqlite"
    if is_sqlite:
        options = sqlite.options(patience)
    elif url.get_driver_name() == "asyncpg":
        options = {"timeout": _CONNECTING, "command_timeout": timeout}
    engine = create_async_engine(
        url,
        connect_args=options,
        poolclass=AsyncAdaptedQueuePool,
        pool_size=1 if is_in_memory(url) else size,
        max_overflow=0,
        pool_timeout=patience,
        pool_recycle=-1 if is_sqlite else _OLDEST,
        pool_use_lifo=True,
        json_serializer=_written,
        json_deserializer=json.loads,
    )
    if is_sqlite:
        sqlite.prepare(engine)
    else:
        event.listen(engine.sync_engine, "checkout", _refuse_closed)
    return engine


async def lock_tables(connection: AsyncConnection) -> None:
    """Wait until no other process creates or changes tables, and keep others from it to the end of the transaction."""
    if connection.dialect.name == "postgresql":
        await connection.exec_driver_sql(_LOCK_TABLES)


def _written(value: object) -> str:
    return json.dumps(value).decode()


def _refuse_closed(connection: Any, _: object, __: object) -> None:
    """Let nobody have a connection that the server has closed while it was idle: the pool takes another."""
    is_closed = getattr(connection.driver_connection, "is_closed", None)
    if is_closed is not None and is_closed():
        raise exc.DisconnectionError
