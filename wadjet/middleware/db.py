"""DatabaseMiddleware: one unit of work a request. What a unit is, the database says; when it begins and ends is said here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol, runtime_checkable

from ..errors import ConfigError
from ..http.exceptions import HTTPException
from ..http.request import Request
from ..http.response import Head
from ..types import ASGIApp
from ..websockets.units import UNIT, UNITS
from .base import BaseMiddleware
from .entries import imported

__all__ = ["Database", "DatabaseMiddleware", "Unit"]

#: RFC 9110 §9.2.1.
_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "QUERY"})


class Unit(Protocol):
    """A unit of work: the connection that its first query takes, the only one, and the transaction on it."""

    def end(self, *, commits: bool) -> Awaitable[None] | None:
        """End the transaction and give the connection back, in this order, whatever fails; later queries are of no unit.

        Args:
            commits: keep what was written; else undo it.

        Returns:
            What is to be waited for; None if no connection was taken.
        """


@runtime_checkable
class Database(Protocol):
    """What DatabaseMiddleware wants of a database."""

    def begin(self, *, writes: bool) -> Unit:
        """Return a unit of work that queries of this context find, those of its tasks and threads too.

        It takes no connection: a request that asks nothing costs none.

        Args:
            writes: whether the request is meant to change something: its method is not safe (RFC 9110 §9.2.1).
        """


class DatabaseMiddleware(BaseMiddleware):
    """Gives each request one unit of work: one connection, from its first query on, and one transaction.

    It is committed before the head of the response leaves, and the connection given back before a stream begins. It is undone if
    something was raised, but for a success or a redirect, if the status is 500 or more, and if the client left before there was
    an answer. A commit that fails is answered with 500.

    Args:
        app: the application inside.
        database: where the connections are; None for what the setting ``DATABASE`` names, or else ``DATABASE_URL``.

    Raises:
        ConfigError: it is no database, or its address is none.
        MissingExtra: the driver is not installed.
    """

    provides = frozenset({"database"})

    def __init__(self, app: ASGIApp, *, database: Database | None = None) -> None:
        super().__init__(app)
        path = self.settings.DATABASE
        given: object = imported(path, "DATABASE") if database is None and path else database
        if given is None:
            from ..db import database_of  # who brings another one needs no SQLAlchemy

            given = database_of(self.settings)
        if not isinstance(given, Database) or isinstance(given, type):
            raise ConfigError(
                f"DATABASE={given!r} is no database: it has no begin(); give an object, not its class"
            )
        #: Where the units of work are from.
        self.database: Database = given
        serve = getattr(given, "serve", None)
        if serve is not None:
            serve()

    def before(self, request: Request) -> None:
        """Begin a unit."""
        request.state[UNIT] = self.database.begin(writes=request.method not in _SAFE)
        request.add_finished_callback(_give_up)

    def before_socket(self, request: Request) -> None:
        """Begin the unit of the handshake; each message has one of its own (:mod:`wadjet.websockets.units`)."""
        request.state[UNIT] = self.database.begin(writes=True)
        request.state[UNITS] = self.database
        request.add_finished_callback(_give_up)

    def living(self) -> AbstractContextManager[object]:
        """Let models use this database in hooks of the lifespan, whatever others the process has."""
        chosen: Callable[[], AbstractContextManager[object]] = getattr(self.database, "chosen", nullcontext)
        return chosen()

    async def close(self) -> None:
        """Let go of the connections."""
        close = getattr(self.database, "close", None)
        if close is not None:
            await close()

    def after(self, request: Request, response: Head) -> Awaitable[None] | None:
        """End it, while what goes wrong can still be answered."""
        unit = request.state.pop(UNIT, None)
        if unit is None:
            return None
        ending: Awaitable[None] | None = unit.end(commits=_has_worked(request, response))
        return ending


def _has_worked(request: Request, response: Any) -> bool:
    """Tell whether a request is to have an effect."""
    raised = request.exception
    is_answer = raised is None or (isinstance(raised, HTTPException) and raised.status_code < 400)
    return is_answer and response.status_code < 500


async def _give_up(request: Request) -> None:
    """Undo what nobody has ended: there was no head, or the client had left."""
    unit = request.state.pop(UNIT, None)
    ending = None if unit is None else unit.end(commits=False)
    if ending is not None:
        await ending
