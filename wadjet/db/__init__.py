"""Rows as objects, on SQLAlchemy: models, their manager, transactions, one connection for each request."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from ..errors import MissingExtra

if TYPE_CHECKING:
    from sqlalchemy import ForeignKey
    from sqlalchemy.orm import Mapped, mapped_column, relationship

    from .database import Database, PoolStatus, database_of, request_connection, transaction
    from .failures import (
        DatabaseUnavailable,
        DoesNotExist,
        FieldError,
        IntegrityError,
        MultipleObjectsReturned,
        NotLoaded,
        TransactionError,
    )
    from .model import Model, create_all
    from .query import Query
    from .scopes import on_commit
    from .store import DatabaseStore

    atomic = transaction

__all__ = [
    "Database",
    "DatabaseStore",
    "DatabaseUnavailable",
    "DoesNotExist",
    "FieldError",
    "ForeignKey",
    "IntegrityError",
    "Mapped",
    "Model",
    "MultipleObjectsReturned",
    "NotLoaded",
    "PoolStatus",
    "Query",
    "TransactionError",
    "atomic",
    "create_all",
    "database_of",
    "mapped_column",
    "on_commit",
    "relationship",
    "request_connection",
    "transaction",
]

_ROOMS = {
    "sqlalchemy": ("ForeignKey",),
    "sqlalchemy.orm": ("Mapped", "mapped_column", "relationship"),
    "wadjet.db.database": ("Database", "PoolStatus", "database_of", "request_connection", "transaction"),
    "wadjet.db.failures": (
        "DatabaseUnavailable",
        "DoesNotExist",
        "FieldError",
        "IntegrityError",
        "MultipleObjectsReturned",
        "NotLoaded",
        "TransactionError",
    ),
    "wadjet.db.model": ("Model", "create_all"),
    "wadjet.db.query": ("Query",),
    "wadjet.db.scopes": ("on_commit",),
    "wadjet.db.store": ("DatabaseStore",),
}
_HOME = {name: module for module, names in _ROOMS.items() for name in names}


def __getattr__(name: str) -> object:
    """Load what is asked for (PEP 562)."""
    if name == "atomic":
        name = "transaction"  # Django's name
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return getattr(importlib.import_module(_HOME[name]), name)
    except ModuleNotFoundError as missing:
        if missing.name not in {"sqlalchemy", "greenlet", "aiosqlite"}:
            raise
        raise MissingExtra(
            'wadjet.db needs SQLAlchemy and its drivers: pip install "wadjet[db]"'
        ) from missing
