"""DatabaseStore: bytes under keys in a table, for sessions that should be where everything else is."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import Mapped, mapped_column

from ..stores.store import StoreUnavailable
from .database import Database, current_database, transaction
from .failures import DatabaseUnavailable
from .model import Model
from .units import working

__all__ = ["DatabaseStore", "Kept"]

#: After so many writes those are forgotten that are over.
_BETWEEN_SWEEPS = 500


class Kept(Model):
    """One value. Its table is ``wadjet_store``."""

    __tablename__ = "wadjet_store"

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[bytes]
    #: In seconds since the epoch; None for never.
    expires: Mapped[float | None] = mapped_column(index=True)


class DatabaseStore:
    """A :class:`~wadjet.stores.Store` in a table of the database. In a request it is part of the request's transaction.

    Args:
        database: which; None for that of the context.
        clock: gives seconds since the epoch.
    """

    __slots__ = ("_clock", "_database", "_writes")

    #: Where it has to stand inside of.
    uses = frozenset({"database"})

    def __init__(self, database: Database | None = None, *, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock
        self._writes = 0

    async def get(self, key: str) -> bytes | None:
        """Return the value; None where there is none, or no more."""
        return (await self.get_many(key))[0]

    async def get_many(self, *keys: str) -> list[bytes | None]:
        """Return the value of each key, in one go."""
        statement = select(Kept.key, Kept.value).where(Kept.key.in_(keys), self._lives())
        async with self._working(writes=False) as connection:
            found = {key: bytes(value) for key, value in await connection.execute(statement)}
        return [found.get(key) for key in keys]

    async def set(self, key: str, value: bytes, ttl: float | None = None) -> None:
        """Keep a value, instead of the one that was there."""
        await self._put(key, value, ttl, replaces=None)

    async def add(self, key: str, value: bytes, ttl: float | None = None) -> bool:
        """Keep a value where there is none; tell whether there was none."""
        return await self._put(key, value, ttl, replaces=~self._lives())

    async def swap(self, key: str, old: bytes, new: bytes, ttl: float | None = None) -> bool:
        """Keep a value instead of one that is known; tell whether it was still that one."""
        statement = (
            update(Kept)
            .where(Kept.key == key, Kept.value == old, self._lives())
            .values(value=new, expires=self._end_of(ttl))
        )
        async with self._working(writes=True) as connection:
            return (await connection.execute(statement)).rowcount == 1

    async def increment(self, key: str, amount: int = 1, ttl: float | None = None) -> int:
        """Add to a number, 0 where there is none, and return it.

        Raises:
            ValueError: what is kept there is no number.
        """
        locked = select(Kept.value).where(Kept.key == key, self._lives()).with_for_update()
        async with self._failing(), transaction(self._database):
            if await self.add(key, str(amount).encode(), ttl):
                return amount
            async with self._working(writes=True) as connection:
                number = int((await connection.execute(locked)).scalar_one()) + amount
                changed = update(Kept).where(Kept.key == key).values(value=str(number).encode())
                await connection.execute(changed)
            return number

    async def delete(self, *keys: str) -> None:
        """Forget values, if they are there."""
        async with self._working(writes=True) as connection:
            await connection.execute(delete(Kept).where(Kept.key.in_(keys)))

    async def sweep(self) -> None:
        """Forget what is over; it is done now and then by itself."""
        async with self._working(writes=True) as connection:
            await connection.execute(delete(Kept).where(Kept.expires <= self._clock()))

    async def close(self) -> None:
        """Leave the database to whoever has it."""

    async def _put(
        self, key: str, value: bytes, ttl: float | None, *, replaces: ColumnElement[bool] | None
    ) -> bool:
        self._writes += 1
        if self._writes % _BETWEEN_SWEEPS == 0:
            await self.sweep()
        values = {"value": value, "expires": self._end_of(ttl)}
        async with self._working(writes=True) as connection:
            insert: Any = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert
            statement = insert(Kept).values(key=key, **values)
            statement = statement.on_conflict_do_update(index_elements=["key"], set_=values, where=replaces)
            return (await connection.execute(statement)).rowcount == 1

    def _lives(self) -> ColumnElement[bool]:
        return or_(Kept.expires.is_(None), Kept.expires > self._clock())

    def _end_of(self, ttl: float | None) -> float | None:
        return None if ttl is None else self._clock() + ttl

    @asynccontextmanager
    async def _failing(self) -> AsyncIterator[None]:
        try:
            yield
        except DatabaseUnavailable as error:
            raise StoreUnavailable("the database does not answer") from error

    @asynccontextmanager
    async def _working(self, *, writes: bool) -> AsyncIterator[AsyncConnection]:
        async with self._failing(), working(self._database, current_database, writes=writes) as connection:
            yield connection
