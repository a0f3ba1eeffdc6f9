"""``wadjet db``: migrations, by Alembic, of the tables of an application."""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import ConfigError
from ..server.loading import load
from ..server.options import OptionError
from .place import import_from_here

if TYPE_CHECKING:
    from alembic.config import Config

__all__ = ["db"]

_ENV = '''"""Runs migrations; ``wadjet db`` gives the connection and the tables."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=context.config.attributes["metadata"],
    render_as_batch=connection.dialect.name == "sqlite",  # SQLite changes a table by making it anew
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
'''
_SCRIPT = '''"""${message}

Revision: ${up_revision}, after ${down_revision | comma,n}
"""

import sqlalchemy as sa
import wadjet.db.fields
from alembic import op
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
'''


@click.group()
@click.option(
    "--app", envvar="WADJET_APP", required=True, help="MODULE:NAME of the application. [WADJET_APP]"
)
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default=Path("migrations"),
    show_default=True,
    help="Where migrations are.",
)
@click.pass_context
def db(context: click.Context, app: str, folder: Path) -> None:
    """Create and change the tables of an application."""
    if importlib.util.find_spec("alembic") is None:
        raise click.ClickException('wadjet db needs Alembic: pip install "wadjet[db]"')
    context.obj = (app, folder)


@db.command()
@click.pass_obj
def init(given: tuple[str, Path]) -> None:
    """Make the folder of migrations."""
    folder = given[1]
    if (folder / "env.py").exists():
        raise click.UsageError(f"{folder} has migrations already")
    (folder / "versions").mkdir(parents=True, exist_ok=True)
    (folder / "env.py").write_text(_ENV)
    (folder / "script.py.mako").write_text(_SCRIPT)
    click.echo(f"{folder} is ready; next: wadjet db revision -m 'the first tables'")


@db.command()
@click.option("-m", "--message", required=True, help="What changes.")
@click.option("--empty", is_flag=True, help="Write nothing into it: you do.")
@click.pass_obj
def revision(given: tuple[str, Path], message: str, empty: bool) -> None:
    """Write a migration of what differs between models and database. Read it before you run it."""
    from alembic import command

    _run(given, lambda config: command.revision(config, message, autogenerate=not empty))


@db.command()
@click.argument("revision", default="head")
@click.pass_obj
def migrate(given: tuple[str, Path], revision: str) -> None:
    """Bring the database to REVISION: ``head``, ``+1``, or part of an id; ``-1`` and ``base`` go back, after ``--``."""
    from alembic import command

    goes_back = revision.startswith("-") or revision == "base"
    _run(given, lambda config: (command.downgrade if goes_back else command.upgrade)(config, revision))


@db.command()
@click.pass_obj
def status(given: tuple[str, Path]) -> None:
    """Say where the database stands; the exit status is 1 where migrations wait."""
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    found: list[Any] = []

    def look(config: Config) -> None:
        connection = config.attributes["connection"]
        found.append(MigrationContext.configure(connection).get_current_revision())
        found.append(ScriptDirectory.from_config(config).get_current_head())

    _run(given, look)
    current, head = found
    click.echo(f"database: {current or 'nothing'}\nmigrations: {head or 'none'}")
    if current != head:
        raise SystemExit(1)


def _run(given: tuple[str, Path], work: Callable[[Config], object]) -> None:
    """Do something with Alembic, on a connection to the application's database and in one transaction."""
    app, folder = given
    if not (folder / "env.py").exists():
        raise click.UsageError(f"{folder} has no migrations; type: wadjet db init")
    import_from_here()
    from .migrations import run

    try:
        asyncio.run(run(load(app, factory=False), folder.resolve(), work))
    except OptionError as error:
        raise click.UsageError(str(error)) from None
    except ConfigError as error:
        raise click.ClickException(str(error)) from None
