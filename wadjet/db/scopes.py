"""Scopes: which unit of work, or which transaction in it, is open in a context, and what follows when it is kept."""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from typing import Any

from ..logs import database as _log

__all__ = ["SCOPE", "Scope", "follow", "nearest", "on_commit"]

_Work = Callable[[], object]


class Scope:
    """Where queries of a context go: a unit, or a transaction inside of one.

    Args:
        outer: what was open where it began.
    """

    __slots__ = ("failure", "followers", "is_open", "lock", "outer", "unit")

    #: The unit of work that it belongs to; for a unit, itself.
    unit: Any

    def __init__(self, outer: Scope | None) -> None:
        self.outer = outer
        self.is_open = True
        self.lock = asyncio.Lock()
        #: Why it cannot be kept.
        self.failure: BaseException | None = None
        #: What is called when it is kept.
        self.followers: list[_Work] = []

    async def failed(self, error: BaseException) -> None:
        """Remember that a statement has failed: what PostgreSQL is told then it refuses, and its COMMIT undoes silently."""
        self.failure = error


SCOPE: ContextVar[Scope | None] = ContextVar("wadjet_scope", default=None)


def nearest(database: object | None) -> Scope | None:
    """Return what is open in this context, of a database or of any; None if nothing is."""
    scope = SCOPE.get()
    while scope is not None and not (scope.is_open and database in {None, scope.unit.database}):
        scope = scope.outer
    return scope


async def on_commit(function: Callable[..., Any], /, *args: Any, database: object | None = None) -> None:
    """Call a function when what is written here is kept for good, and not if it is undone; at once where nothing is open.

    In a request it is called after the commit and before the head of the answer leaves; what it raises makes the answer a 500,
    while what was committed stays. What was said in a ``transaction()`` that is undone by itself is forgotten with it.

    Args:
        function: asynchronous or not; a plain ``def`` runs on the loop, and must not block.
        *args: its arguments.
        database: whose transaction; None for the one that is open.
    """
    work = functools.partial(function, *args)
    scope = nearest(database)
    if scope is None:
        await follow((work,))
    else:
        scope.followers.append(work)


async def follow(works: Iterable[_Work]) -> None:
    """Call what follows, each of it even if another fails; then raise the first failure. The others are in the log."""
    first: Exception | None = None
    for work in works:
        try:
            result = work()
            if inspect.isawaitable(result):
                await result
        except Exception as error:
            if first is not None:
                _log.exception("%r failed after the commit", work)
            first = first or error
    if first is not None:
        raise first
