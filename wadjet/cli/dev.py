"""``wadjet dev``: serve an application to the developer who works on it."""

from __future__ import annotations

import os
from pathlib import Path

import click

from ..conf.dotenv import read_dotenv
from ..errors import ConfigError
from ..server.run import run as serve
from .place import import_from_here, told_in_lines

__all__ = ["dev"]


@click.command()
@click.argument("app", envvar="WADJET_APP")
@click.option("--host", help="An address to listen at. [WADJET_HOST; 127.0.0.1]")
@click.option("--port", help="A port; 0 takes any. [WADJET_PORT, PORT; 8000]")
@click.option("--reload/--no-reload", default=True, help="Start again when a Python file changes. [on]")
@click.option("--factory", is_flag=True, help="APP is a function that returns the application.")
def dev(app: str, host: str | None, port: str | None, reload: bool, factory: bool) -> None:
    """Serve APP, which is MODULE:NAME, in development: .env is read, errors show where they come from, changes are taken up.

    It sets WADJET_ENV=development, and WADJET_DEBUG=1 unless it is set. What is refused in production is allowed here: serve
    nobody else with it.
    """
    if os.environ.get("WADJET_ENV") == "production":
        raise click.UsageError("WADJET_ENV says production; type: wadjet run")
    import_from_here()
    try:
        kept = {name: line.text for name, line in read_dotenv(Path(".env")).items()} | dict(os.environ)
    except ConfigError as error:
        raise click.ClickException(str(error)) from None
    os.environ["WADJET_ENV"] = "development"
    os.environ["WADJET_DEBUG"] = kept.get("WADJET_DEBUG", "1")
    host, port = host or kept.get("WADJET_HOST"), port or kept.get("WADJET_PORT")
    with told_in_lines():
        serve(app, host, port, reload=reload, factory=factory)
