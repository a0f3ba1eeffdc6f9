"""What goes wrong between an application and its database: as answers where a client can be told, as errors where it cannot."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc
from sqlalchemy.orm.exc import StaleDataError

from ..errors import WadjetError
from ..http.exceptions import Conflict, NotFound, ServiceUnavailable, UnprocessableEntity

__all__ = [
    "DatabaseUnavailable",
    "DoesNotExist",
    "FieldError",
    "IntegrityError",
    "MultipleObjectsReturned",
    "NotLoaded",
    "TransactionError",
    "missing_column",
    "translated",
    "translating",
]


class DoesNotExist(NotFound):
    """There is no such row: 404 unless it is caught."""


class IntegrityError(Conflict):
    """A constraint of the database is against it: 409 unless it is caught."""


class FieldError(UnprocessableEntity):
    """A field that the model has not, or a value that its field cannot have: 422 unless it is caught."""


class DatabaseUnavailable(ServiceUnavailable):
    """The database does not answer, or not in time: 503, with ``Retry-After``."""

    def __str__(self) -> str:
        """Say what the driver has said: for the log. A client is told nothing of it."""
        cause = self.__cause__
        said = getattr(cause, "orig", None) or cause  # without SQLAlchemy's words around it
        return super().__str__() if said is None else f"the database does not answer: {said}"


class MultipleObjectsReturned(WadjetError, LookupError):
    """There is more than one such row where one was asked for."""


class NotLoaded(WadjetError, AttributeError):
    """A relation was read that was not loaded with its row."""


class TransactionError(WadjetError, RuntimeError):
    """A transaction cannot be kept: something in it has failed, though nobody has said so to the end."""


#: SQLSTATE, by its first characters: what stands behind the failure (PostgreSQL, appendix A).
_UNAVAILABLE = ("08", "40", "53", "55P03", "57")
_WRONG_VALUE = "22"
_NO_VALUE = "23502"
#: SQLite's names: somebody else writes, or the disk does not take it.
_BUSY = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN")
#: Seconds after which somebody may try again.
_PAUSE = 1


@contextmanager
def translating() -> Iterator[None]:
    """Raise what the database raises as what it is for an application."""
    try:
        yield
    except (exc.SQLAlchemyError, OSError) as error:
        known = translated(error)
        if known is None:
            raise
        raise known from error
    except Exception as error:
        # What a driver raises while it connects passes SQLAlchemy as it is.
        if getattr(error, "sqlstate", None) is None:
            raise
        raise _unavailable() from error


def translated(error: Exception) -> Exception | None:
    """Return what a failure is for an application; None for a mistake in the code, which is shown as it is.

    The text of a database is for the log, where it stands as the cause: a client is not told of tables and values.
    """
    if isinstance(error, StaleDataError):
        return DoesNotExist("The row is not there any more.")
    if isinstance(error, exc.IntegrityError):
        return IntegrityError("It is in conflict with what is kept.")
    if isinstance(error, (OSError, exc.TimeoutError)):
        return _unavailable()
    if isinstance(error, exc.DBAPIError):
        return _of_driver(error)
    if isinstance(error, exc.StatementError) and isinstance(
        error.orig, (TypeError, ValueError, OverflowError)
    ):
        return FieldError("A value is not of the kind of its field.")
    return None


def missing_column(error: IntegrityError) -> tuple[str, str] | None:
    """Return table and column of a row that was not kept because it has no value there; None for any other reason."""
    driver = getattr(error.__cause__, "orig", None)
    cause = getattr(driver, "__cause__", None) or driver
    if getattr(cause, "sqlstate", None) == _NO_VALUE:
        return str(cause.table_name), str(cause.column_name)  # type: ignore[union-attr]  # asyncpg's
    if getattr(cause, "sqlite_errorname", "") == "SQLITE_CONSTRAINT_NOTNULL":
        table, _, column = str(cause).rpartition(": ")[2].partition(".")
        return table, column
    return None


def _of_driver(error: exc.DBAPIError) -> Exception | None:
    cause = error.orig and (error.orig.__cause__ or error.orig)
    state = str(getattr(cause, "sqlstate", None) or "")
    if error.connection_invalidated or _is_away(cause, state):
        return _unavailable()
    if state.startswith(_WRONG_VALUE) or isinstance(error, exc.DataError) or isinstance(cause, ValueError):
        return FieldError("A value is not of the kind of its field.")
    return None


def _is_away(cause: object, state: str) -> bool:
    """Tell whether a driver says that the database cannot answer now."""
    if state.startswith(_UNAVAILABLE) or str(getattr(cause, "sqlite_errorname", "")).startswith(_BUSY):
        return True
    return isinstance(cause, OSError)


def _unavailable() -> DatabaseUnavailable:
    return DatabaseUnavailable(retry_after=_PAUSE)
