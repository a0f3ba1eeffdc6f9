"""``wadjet run``: serve an application by its name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from ..conf.settings import Settings
from ..server.options import DEFAULT_LANE, LANES, LIMITS
from ..server.run import run as serve
from .place import import_from_here, told_in_lines

__all__ = ["run"]

F = TypeVar("F", bound=Callable[..., Any])

_LEVELS = ("critical", "error", "warning", "info", "debug", "trace")
_FILE = click.Path(dir_okay=False)


def _limits(command: F) -> F:
    """Give a command an option for each limit among the settings."""
    for name, kind in reversed(LIMITS.items()):
        setting = name.upper()
        text = f"The setting {setting}; {getattr(Settings, setting)} unless the application says otherwise."
        command = click.option(f"--{name.replace('_', '-')}", name, type=kind, help=text)(command)
    return command


@click.command()
@click.argument("app", envvar="WADJET_APP")
@click.option("--host", help="An address to listen at. [WADJET_HOST; 127.0.0.1]")
@click.option("--port", help="A port; 0 takes any. [WADJET_PORT, PORT; 8000]")
@click.option("--uds", type=_FILE, help="A path for a unix socket, instead of host and port.")
@click.option("--fd", type=int, help="An inherited socket by its descriptor, instead of host and port.")
@click.option("--workers", type=int, help="Processes that serve. [WEB_CONCURRENCY; 1]")
@click.option("--reload/--no-reload", help="Start again when a Python file changes: for development.")
@click.option(
    "--reload-dir", "reload_dirs", multiple=True, help="What to watch; repeatable. [the current directory]"
)
@click.option("--ssl-certfile", type=_FILE, help="A certificate and its chain, PEM.")
@click.option("--ssl-keyfile", type=_FILE, help="Its key, PEM; without, it is in the certificate's file.")
@click.option("--ssl-keyfile-password", help="The password of the key.")
@click.option(
    "--lane", type=click.Choice(list(LANES)), default=DEFAULT_LANE, show_default=True, help="What reads HTTP."
)
@click.option("--access-log/--no-access-log", default=True, help="Log a line for each request. [on]")
@click.option("--log-level", type=click.Choice(_LEVELS), help="The least that the server logs. [info]")
@click.option("--root-path", help="The path below which a proxy serves the application.")
@click.option("--factory", is_flag=True, help="APP is a function that returns the application.")
@click.option("--server-header/--no-server-header", default=False, help="Name the server in responses. [off]")
@_limits
def run(app: str, host: str | None, port: str | None, **options: Any) -> None:
    """Serve APP, which is MODULE:NAME, until a signal comes.

    APP is WADJET_APP from the environment if it is left out. SIGTERM and SIGINT stop the server once open requests are
    answered; SIGHUP replaces the workers one after another.
    """
    import_from_here()
    options["reload_dirs"] = list(options["reload_dirs"]) or None
    with told_in_lines():
        serve(app, host, port, **options)
