"""One process, several, or one that is replaced whenever a file changes."""

from __future__ import annotations

import logging
import signal
import sys

from uvicorn.supervisors import ChangeReload

from ..types import ASGIApp
from .listening import Listening
from .loading import check_module
from .options import Options
from .process import Config, Server
from .workers import Workers

__all__ = ["serve"]

_log = logging.getLogger("uvicorn.error")


def serve(app: ASGIApp | str, asked: Options, listening: Listening) -> None:
    """Serve until a signal comes.

    Args:
        app: the application, or where to import it: ``package.module:name``.
        asked: how.
        listening: where.

    Raises:
        OptionError: there is no such application.
        SystemExit: it failed to start or to stop.
    """
    passed = {name: value for name, value in asked.passed.items() if name not in {"uds", "fd"}}
    config = Config(app, host=asked.host, port=asked.port, **passed)
    if asked.reload:
        _reload(config, listening)
        return
    # Here first: what is wrong with it is said once, whatever the number of workers.
    loaded = config.load_app()
    if asked.workers == 1:
        config.app, config.factory = loaded, False
        Server(config, listening).run(listening.sockets)
        return
    workers = Workers(config, listening)
    _log.info("Serving on %s with %d workers (Ctrl+C stops)", listening.where, asked.workers)
    workers.run()
    if workers.status:
        sys.exit(workers.status)


def _reload(config: Config, listening: Listening) -> None:
    """Serve in a process of its own, and in a new one when a file has changed; a file that is broken may be mended."""
    check_module(str(config.app))
    reloader = ChangeReload(config, target=Server(config).run, sockets=listening.sockets)
    if hasattr(signal, "SIGHUP"):  # or a terminal that closes would leave the serving process behind
        signal.signal(signal.SIGHUP, reloader.signal_handler)
    _log.info("Serving on %s, reloading (Ctrl+C stops)", listening.where)
    reloader.run()
