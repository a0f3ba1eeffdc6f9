"""Serve an application with uvicorn: its supervision, signals and sockets."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from types import FrameType
from typing import Any

from ..types import ASGIApp
from .listening import Listening
from .loading import import_path
from .options import Options, export_limits

__all__ = ["run"]


def run(app: ASGIApp | str, host: str | None = None, port: int | str | None = None, **options: Any) -> None:
    """Serve ``app`` until a signal comes.

    Args:
        app: an ASGI application, or where to import it: ``package.module:name``.
        host: an address; ``WADJET_HOST``, else 127.0.0.1.
        port: a port; ``WADJET_PORT``, then ``PORT``, else 8000.
        **options: ``lane``, limits by the names of their settings in lower case, and what ``uvicorn.Config`` takes.

    Raises:
        OptionError: an option that is none or cannot be; or workers or ``reload`` are asked for, and the application cannot be
            imported again.
        SystemExit: the address is taken, or the application failed to start or to stop.
    """
    asked = Options.read(host, port, export_limits(options, os.environ), os.environ)
    if not isinstance(app, str) and asked.is_supervised:
        app = import_path(app)
    with _terminated_in_order():
        try:
            listening = Listening.on(asked)
        except OSError as error:
            sys.exit(f"Error: {error.strerror}")
        with closing(listening):
            from .serving import serve  # uvicorn is loaded only where something is served

            serve(app, asked, listening)


@contextmanager
def _terminated_in_order() -> Iterator[None]:
    """Exit with status 0 at a signal that comes before the server has begun to take them, or after it has ceased."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals are the main thread's
        return
    before = {number: signal.signal(number, _exit) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _exit(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - a signal handler's form
    sys.exit(0)
