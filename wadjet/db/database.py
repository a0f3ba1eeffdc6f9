"""Database: an address, and the connections to it."""

from __future__ import annotations

import asyncio
import os
import traceback
import weakref
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from contextvars import ContextVar, Token
from pathlib import Path
from typing import Any, NamedTuple, Self, TypeVar

from sqlalchemy import Connection, MetaData, exc
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.util import greenlet_spawn

from ..conf import env
from ..conf.settings import Settings
from ..errors import ConfigError
from ..logs import database as _log
from .engine import address_of, engine_of, lock_tables
from .scopes import SCOPE, nearest
from .sqlite import WRITES
from .units import Joined, Taken, Unit, enter, holding, transacting, working

__all__ = ["Database", "PoolStatus", "current_database", "database_of", "request_connection", "transaction"]

T = TypeVar("T")
_HERE = str(Path(__file__).parent)


class PoolStatus(NamedTuple):
    """The connections of this event loop: what a dashboard shows."""

    #: How many there are at the most.
    size: int
    #: How many units have one now.
    in_use: int
    #: How many are open, and nobody's.
    idle: int
    #: How many units wait for one.
    waiting: int
    #: How many were taken so far.
    taken: int
    #: How many units have waited in vain.
    timed_out: int


class Database:
    """Where rows are: an address, and a pool of connections on each event loop that uses it.

    It connects when it is first asked something. ``async with Database(...) as database:`` makes it the one that models use in
    that context, and closes it in the end.

    Args:
        url: ``sqlite:///./app.db``, ``postgresql://user:password@host/name``; None for the setting ``DATABASE_URL`` of the
            environment.
        pool_size: how many connections one event loop opens; who finds none free waits for one.
        pool_timeout: seconds that are waited for one, and in SQLite for whoever writes; then the answer is 503.
        timeout: seconds that a statement may take in PostgreSQL.
        warn_after: seconds that a unit of work may keep a connection before the log says where it was taken; None for never.

    Raises:
        ConfigError: the address is none, or its driver blocks.
        MissingExtra: the driver is not installed.
    """

    def __init__(
        self,
        url: str | None = None,
        *,
        pool_size: int = 10,
        pool_timeout: float = 5.0,
        timeout: float = 30.0,
        warn_after: float | None = None,
    ) -> None:
        self.url = address_of(env.read(None, os.environ).DATABASE_URL if url is None else url)
        self._options = {"size": pool_size, "patience": pool_timeout, "timeout": timeout}
        self._warn_after = warn_after
        self._is_sqlite = self.url.get_backend_name() == "sqlite"
        #: Connections belong to the loop that has opened them.
        self._engines: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, AsyncEngine]
        self._engines = weakref.WeakKeyDictionary()
        self._ending: set[asyncio.Task[None]] = set()
        self._waiting = self._taken = self._timed_out = 0
        self._tokens: list[Token[Database | None]] = []

    @property
    def engine(self) -> AsyncEngine:
        """SQLAlchemy's engine for the event loop that runs."""
        loop = asyncio.get_running_loop()
        engine = self._engines.get(loop)
        if engine is None:
            for gone in [each for each in self._engines if each.is_closed()]:
                del self._engines[gone]
            engine = self._engines[loop] = engine_of(self.url, **self._options)  # type: ignore[arg-type]  # of these names
        return engine

    @property
    def pool(self) -> PoolStatus:
        """How the connections of this event loop are used."""
        pool: Any = self.engine.pool
        return PoolStatus(
            pool.size(),
            pool.checkedout(),
            pool.checkedin(),
            self._waiting,
            self._taken,
            self._timed_out,
        )

    # -- units of work ------------------------------------------------------------------------------------------------------

    def begin(self, *, writes: bool = True) -> Unit | Joined:
        """Return a unit of work that queries of this context find, those of its tasks too. Inside of another one it joins that.

        It takes no connection: a request that asks nothing costs none.

        Args:
            writes: whether it is meant to write. In SQLite it then waits for whoever writes before it reads; one that was not
                meant to, and does, may be told that the database is busy.
        """
        scope = nearest(self)
        if scope is not None:
            return Joined(scope)
        unit = Unit(self, writes=writes, outer=nearest(None))
        enter(unit)
        return unit

    def transaction(self) -> AbstractAsyncContextManager[None]:
        """Keep what a block writes as one, or undo it if it raises; see :func:`transaction`."""
        return transacting(self, None)

    def connection(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """Give a connection for a block; see :func:`request_connection`."""
        return holding(self, None)

    async def connect(self, first: Callable[[Connection], T], *, writes: bool) -> Taken[T]:
        """Take a connection, begin a transaction, and do something; if anything fails, the connection is given back.

        Args:
            first: what is done with it at once.
            writes: whether the transaction is meant to write.
        """
        engine, place = self.engine.sync_engine, self._place()
        kept: Connection | None = None
        watch: asyncio.TimerHandle | None = None

        def begin() -> T:
            nonlocal kept, watch
            self._waiting += 1
            try:
                kept = connection = engine.connect()
            except exc.TimeoutError:
                self._timed_out += 1
                raise
            finally:
                self._waiting -= 1
            self._taken += 1
            if place is not None:
                watch = self._watch(place)
            if self._is_sqlite:
                connection.execution_options(**{WRITES: writes})
            connection.begin()
            return first(connection)

        try:
            result = await greenlet_spawn(begin)
        except BaseException:
            if watch is not None:
                watch.cancel()
            if kept is not None:
                await self.shielded(greenlet_spawn(kept.close))
            raise
        assert kept is not None
        return Taken(kept, watch, result)

    async def shielded(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something to its end, even if whoever waits for it is cancelled."""
        task = asyncio.create_task(work)
        self._ending.add(task)
        task.add_done_callback(self._ended)
        await asyncio.shield(task)

    async def settled(self) -> None:
        """Wait until every unit that has ended has given its connection back, those too for which nobody waits any more."""
        while self._ending:
            await asyncio.wait(tuple(self._ending))

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._ending.discard(task)
        if not task.cancelled():
            task.exception()  # who waited for it was told; if nobody did, nobody was left

    def _place(self) -> traceback.FrameSummary | None:
        """Return where a connection is asked for; None where nobody is warned."""
        if self._warn_after is None:
            return None
        frames = traceback.extract_stack()
        return next((frame for frame in reversed(frames) if not _is_machinery(frame.filename)), frames[-1])

    def _watch(self, place: traceback.FrameSummary) -> asyncio.TimerHandle:
        """Begin to watch how long a connection is kept."""
        return asyncio.get_running_loop().call_later(self._warn_after or 0, self._warn, place)

    def _warn(self, place: traceback.FrameSummary) -> None:
        _log.warning(
            "a connection has been kept for %s s; it was taken at %s:%s. Do what takes long before the first query, or after "
            "the response, and write what has to stand together in `async with transaction():`",
            self._warn_after,
            place.filename,
            place.lineno,
        )

    # -- its life -----------------------------------------------------------------------------------------------------------

    def serve(self) -> None:
        """Be what models use outside of requests, in hooks of the lifespan for example, until it is closed."""
        _SERVING.add(self)

    @contextmanager
    def chosen(self) -> Iterator[None]:
        """Be what models use in a block, and in tasks that are made in it. It is not closed in the end."""
        token = _CURRENT.set(self)
        try:
            yield
        finally:
            _CURRENT.reset(token)

    async def create_all(self, metadata: MetaData) -> None:
        """Create the tables that are not there. What is there stays as it is; migrations change it.

        Processes that start at once may all do so: they wait for each other.

        Args:
            metadata: whose tables: ``Model.metadata``.
        """
        async with working(self, None, writes=True) as connection:
            await lock_tables(connection)
            await connection.run_sync(metadata.create_all)

    async def close(self) -> None:
        """Let go of the connections of this event loop. A database that is used again opens them again."""
        _SERVING.discard(self)
        for key in [key for key, database in _KNOWN.items() if database is self]:
            del _KNOWN[key]
        await self.settled()
        engine = self._engines.pop(asyncio.get_running_loop(), None)
        if engine is not None:
            await engine.dispose()

    async def __aenter__(self) -> Self:
        self._tokens.append(_CURRENT.set(self))
        return self

    async def __aexit__(self, *_: object) -> None:
        _CURRENT.reset(self._tokens.pop())
        await self.close()


def _is_machinery(path: str) -> bool:
    return path.startswith(_HERE) or "sqlalchemy" in path or "asyncio" in path or "contextlib" in path


_CURRENT: ContextVar[Database | None] = ContextVar("wadjet_database", default=None)
#: Those that applications serve from.
_SERVING: weakref.WeakSet[Database] = weakref.WeakSet()
#: One for each address and way to use it, as settings name them.
_KNOWN: dict[tuple[object, ...], Database] = {}


def database_of(settings: Settings) -> Database:
    """Return the database that settings name: the same one for the same settings.

    Raises:
        ConfigError: ``DATABASE_URL`` is no address.
        MissingExtra: its driver is not installed.
    """
    warn_after = settings.DATABASE_PIN_WARNING if settings.environment == "development" else None
    key = (
        settings.DATABASE_URL,
        settings.DATABASE_POOL_SIZE,
        settings.DATABASE_POOL_TIMEOUT,
        settings.DATABASE_TIMEOUT,
        warn_after,
    )
    database = _KNOWN.get(key)
    if database is None:
        database = _KNOWN[key] = Database(
            settings.DATABASE_URL,
            pool_size=settings.DATABASE_POOL_SIZE,
            pool_timeout=settings.DATABASE_POOL_TIMEOUT,
            timeout=settings.DATABASE_TIMEOUT,
            warn_after=warn_after,
        )
    return database


def current_database() -> Database:
    """Return the database that queries of this context use where no unit of work is open.

    It is that of ``async with database:``, and in hooks of the lifespan that of the application; else that of the request, or of
    the unit of work that was open; else the one that an application of this process has; else that of the environment.

    Raises:
        ConfigError: applications of this process have several.
    """
    chosen = _CURRENT.get()
    if chosen is not None:
        return chosen
    scope = SCOPE.get()
    if scope is not None:
        unit: Unit = scope.unit
        if isinstance(unit.database, Database):
            return unit.database
    if len(_SERVING) > 1:
        raise ConfigError(
            "applications of this process have several databases; say which: `async with database.transaction():`"
        )
    return next(iter(_SERVING), None) or database_of(env.read(None, os.environ))


def transaction(database: Database | None = None) -> AbstractAsyncContextManager[None]:
    """Keep what a block writes as one, or undo it if it raises.

    In a request it is a part of the request's transaction: it can be undone by itself, and is kept when that is. Outside it is
    one of its own, with its own connection. Queries that run at once in it wait for each other.

    Args:
        database: which; None for the one of this context.
    """
    return transacting(database, current_database)


def request_connection(database: Database | None = None) -> AbstractAsyncContextManager[AsyncConnection]:
    """Give SQLAlchemy's connection of this request, for what models do not say. Its transaction is the request's.

    Outside of a request it is a connection and a transaction of its own, kept at the end of the block. Whatever else asks the
    database in this request meanwhile waits; what the block itself asks does not.

    Args:
        database: which; None for the one of this context.
    """
    return holding(database, current_database)
