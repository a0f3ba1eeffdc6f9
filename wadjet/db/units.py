"""Units of work: one connection, taken by the first query, and one transaction on it. Queries of one unit wait for each other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from sqlalchemy import Connection, exc
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.util import greenlet_spawn

from ..logs import database as _log
from .failures import TransactionError, translating
from .scopes import SCOPE, Scope, follow, nearest

__all__ = ["Joined", "Opens", "Taken", "Unit", "asking", "holding", "transacting", "working"]

T = TypeVar("T")

_REMEDY = "what was written before is undone, too; to go on after a failure, write `async with transaction():` around it"


class Taken(NamedTuple, Generic[T]):
    """A connection that was taken, and what was done with it at once."""

    connection: Connection
    #: Warns when it is kept for too long.
    watch: asyncio.TimerHandle | None
    #: What its first work has returned.
    result: T


class Opens(Protocol):
    """What units ask of a database."""

    @property
    def engine(self) -> AsyncEngine:
        """Whose connections they are."""

    async def connect(self, first: Callable[[Connection], T], *, writes: bool) -> Taken[T]:
        """Take a connection, begin, and do something; if anything fails, the connection is given back."""

    async def shielded(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something to its end, even if whoever waits for it is cancelled."""


class Unit(Scope):
    """One connection and one transaction. No connection is taken before a query asks for it.

    Args:
        database: gives connections.
        writes: whether it is meant to write; SQLite wants to know from the beginning.
        outer: what was open where it began.
    """

    __slots__ = ("_connection", "_database", "_lent", "_watch", "_writes", "has_written", "was_lent")

    def __init__(self, database: Opens, *, writes: bool, outer: Scope | None = None) -> None:
        super().__init__(outer)
        self.unit = self
        self._database = database
        self._writes = writes
        #: Whether something would be lost that nobody would write again.
        self.has_written = False
        #: Whether somebody has had the connection in hand: nobody knows what became of it.
        self.was_lent = False
        self._connection: Connection | None = None
        #: The same, for who waits.
        self._lent: AsyncConnection | None = None
        self._watch: asyncio.TimerHandle | None = None

    @property
    def database(self) -> Opens:
        """Where its connection comes from."""
        return self._database

    async def run(self, work: Callable[[Connection], T], *, writes: bool = False) -> T:
        """Do something with the connection; who asks holds the lock.

        PERF(bench: fortunes): SQLAlchemy enters a greenlet for each thing that is asked, whose stack is memory from the kernel;
        so the connection is taken in the one that uses it first.
        """
        if self._connection is not None:
            return await greenlet_spawn(work, self._connection)
        taken = await self._database.connect(work, writes=self._writes or writes)
        self._connection, self._watch, result = taken
        return result

    async def connection(self, *, writes: bool = False) -> AsyncConnection:
        """Return the connection; who asks holds the lock."""
        if self._connection is None:
            await self.run(_nothing_yet, writes=writes)
        if self._lent is None:
            self._lent = AsyncConnection(self._database.engine, self._connection)
        return self._lent

    async def failed(self, error: BaseException) -> None:
        """Begin anew if nothing was written so far: then nothing is lost."""
        if self.has_written:
            self.failure = error
        else:
            await self._database.shielded(self._close())

    def end(self, *, commits: bool) -> Coroutine[Any, Any, None] | None:
        """End the transaction and give the connection back, in this order, whatever fails; later queries are of no unit.

        Args:
            commits: keep what was written; else undo it.

        Returns:
            What is to be waited for; None if no connection was taken, and nothing follows.
        """
        if not self.is_open:
            return None
        self.is_open = False
        if self._connection is None and not self.lock.locked() and not (commits and self.followers):
            return None
        return self._database.shielded(self._end(commits=commits))

    async def _end(self, *, commits: bool) -> None:
        async with self.lock:
            try:
                if commits and self.failure is not None:
                    raise TransactionError(
                        f"a statement of this transaction has failed, and was caught; {_REMEDY}"
                    ) from self.failure
                if commits and self._connection is not None:
                    await self._close(_commit_checked if self.was_lent else _commit)
            finally:
                await self._close()
        if commits:
            await follow(self.followers)

    async def _close(self, way: Callable[[Connection], None] = Connection.close) -> None:
        connection, self._connection, self._lent = self._connection, None, None
        if self._watch is not None:
            self._watch.cancel()
        if connection is not None:
            await greenlet_spawn(way, connection)


def _commit(connection: Connection) -> None:
    """Commit, and give the connection back, whatever comes of it."""
    try:
        connection.commit()
    finally:
        connection.close()


def _commit_checked(connection: Connection) -> None:
    """Commit what nobody knows of whether it has failed, and give the connection back, whatever comes of it."""
    try:
        # PostgreSQL's COMMIT of what has failed undoes it, and says so to nobody; any other statement raises.
        connection.exec_driver_sql("SELECT 1")
        connection.commit()
    finally:
        connection.close()


def _nothing_yet(_: Connection) -> None:
    """Be the first work on a connection that is only taken."""


class Joined:
    """A unit that was begun inside of another one of the same database: it is part of that.

    Args:
        scope: the other one.
    """

    __slots__ = ("_scope",)

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def end(self, *, commits: bool) -> None:
        """Let the outer one go on; or let it keep nothing."""
        if not commits and self._scope.failure is None:
            self._scope.failure = TransactionError("a unit inside of it was to be undone")


def enter(unit: Unit) -> None:
    """Let queries of this context, and of tasks that are made in it, go to a unit."""
    SCOPE.set(unit)


async def _locked(database: Opens | None) -> Scope | None:
    """Wait until nobody else uses what is open, and return it; None if nothing is."""
    while (scope := nearest(database)) is not None:
        await scope.lock.acquire()
        if scope.is_open:
            return scope
        scope.lock.release()
    return None


async def asking(database: Opens | None, default: Any, work: Callable[[Connection], T], *, writes: bool) -> T:
    """Do something with the connection of the open unit, or with one for this alone.

    Args:
        database: whose; None for any.
        default: gives the database where no unit is open.
        work: what is done; it is called once.
        writes: whether it writes.
    """
    async with _asked(database, default, writes=writes) as unit:
        return await unit.run(work, writes=writes)


@asynccontextmanager
async def working(database: Opens | None, default: Any, *, writes: bool) -> AsyncIterator[AsyncConnection]:
    """Give a connection for one query: that of the open unit, or one for this query alone.

    Args:
        database: whose; None for any.
        default: gives the database where no unit is open.
        writes: whether the query does.
    """
    async with _asked(database, default, writes=writes) as unit:
        yield await unit.connection(writes=writes)


@asynccontextmanager
async def _asked(database: Opens | None, default: Any, *, writes: bool) -> AsyncIterator[Unit]:
    """Give the open unit, which nobody else uses meanwhile, or one for this alone; keep account of writing and failing."""
    scope = await _locked(database)
    if scope is None:
        async with _alone(database or default(), writes=writes) as unit:
            with translating():
                yield unit
        return
    try:
        with translating():
            try:
                yield scope.unit
            except (exc.DBAPIError, OSError, asyncio.CancelledError) as error:
                await scope.failed(error)
                raise
        scope.unit.has_written |= writes
    finally:
        scope.lock.release()


@asynccontextmanager
async def _alone(database: Opens, *, writes: bool, outer: Scope | None = None) -> AsyncIterator[Unit]:
    """Give a unit that is nobody else's, and end it."""
    unit = Unit(database, writes=writes, outer=outer)
    try:
        yield unit
    except BaseException:
        await (unit.end(commits=False) or _nothing())
        raise
    await (unit.end(commits=True) or _nothing())


async def _nothing() -> None:
    """Be what is waited for where there is nothing to wait for."""


@asynccontextmanager
async def _opened(scope: Scope) -> AsyncIterator[None]:
    """Let queries of this context go to a scope, and let none be under way when it closes."""
    token = SCOPE.set(scope)
    try:
        yield
    finally:
        SCOPE.reset(token)
        async with scope.lock:
            scope.is_open = False


class _Inner(Scope):
    """A part of a unit, whose queries wait for each other, and all others for it."""

    __slots__ = ()

    def __init__(self, outer: Scope) -> None:
        super().__init__(outer)
        self.unit = outer.unit


@asynccontextmanager
async def holding(database: Opens | None, default: Any) -> AsyncIterator[AsyncConnection]:
    """Give the connection of the open unit for a block, in which queries of this context use it, too; else one of its own."""
    scope = await _locked(database)
    if scope is None:
        async with _alone(database or default(), writes=True, outer=nearest(None)) as unit:
            unit.was_lent = True
            with translating():
                connection = await unit.connection()
                token = SCOPE.set(unit)
                try:
                    yield connection
                finally:
                    SCOPE.reset(token)
        return
    inner = _Inner(scope)
    try:
        with translating():
            connection = await scope.unit.connection(writes=True)
            scope.unit.has_written = scope.unit.was_lent = True
            try:
                async with _opened(inner):
                    yield connection
            except (exc.DBAPIError, OSError, asyncio.CancelledError) as error:
                await scope.failed(error)
                raise
    finally:
        scope.failure = scope.failure or inner.failure
        scope.followers += inner.followers  # what was written in it is not undone by itself
        scope.lock.release()


@asynccontextmanager
async def transacting(database: Opens | None, default: Any) -> AsyncIterator[None]:
    """Keep or undo what a block writes as one; inside of a unit it is a part of that, which can be undone by itself."""
    scope = await _locked(database)
    if scope is None:
        async with _alone(database or default(), writes=True, outer=nearest(None)) as unit:
            token = SCOPE.set(unit)
            try:
                yield
            finally:
                SCOPE.reset(token)
        return
    inner = _Inner(scope)
    try:
        with translating():
            savepoint = await (await scope.unit.connection(writes=True)).begin_nested()
        try:
            async with _opened(inner):
                yield
            if inner.failure is not None:
                raise TransactionError(
                    f"a statement of this transaction has failed, and was caught; {_REMEDY}"
                ) from inner.failure
        except BaseException:
            try:
                if savepoint.is_active:  # else the session that failed has done so
                    await scope.unit.database.shielded(savepoint.rollback())
            except Exception as error:
                _log.warning("a transaction could not be undone by itself", exc_info=error)
                scope.failure = error
            raise
        with translating():
            await savepoint.commit()
        scope.followers += inner.followers
    finally:
        scope.lock.release()
