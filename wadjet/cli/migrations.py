"""Running Alembic on the database of an application."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import click
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection

from ..conf import env
from ..conf.settings import settings_of
from ..db.database import Database, database_of
from ..db.failures import DatabaseUnavailable, TransactionError
from ..db.migrating import migrating
from ..db.model import Model
from ..middleware.entries import imported
from ..middleware.order import inside

__all__ = ["run"]


async def run(served: object, folder: Path, work: Callable[[Config], object]) -> None:
    """Do something with Alembic, on a connection to an application's database and in one transaction.

    Args:
        served: the application, or what is wrapped around it.
        folder: where migrations are.
        work: takes Alembic's configuration, whose ``attributes`` have the connection and the tables.

    Raises:
        ClickException: Alembic cannot, the database does not answer, or what was done cannot be kept.
        ConfigError: the application names no database.
    """
    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["metadata"] = Model.metadata

    def run_on(connection: Connection) -> None:
        config.attributes["connection"] = connection
        work(config)

    try:
        async with migrating(_database_of(served)) as connection:
            await connection.run_sync(run_on)
    except (CommandError, TransactionError, DatabaseUnavailable) as error:
        raise click.ClickException(str(error)) from None


def _database_of(served: object) -> Database:
    """Return the database of the application's DatabaseMiddleware; else that of its settings."""
    settings = settings_of(served) or env.read(None, os.environ)
    given = [
        entry[1].get("database")
        for app in inside(served)
        for entry in getattr(app, "middleware_entries", ())
        if isinstance(entry, tuple) and len(entry) == 2 and isinstance(entry[1], Mapping)
    ]
    if settings.DATABASE:
        given.append(imported(settings.DATABASE, "DATABASE"))
    return next((each for each in given if isinstance(each, Database)), None) or database_of(settings)
