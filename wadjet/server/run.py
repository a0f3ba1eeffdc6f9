"""Serve an application with uvicorn: its supervision, signals and sockets."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..errors import ConfigError
from ..types import ASGIApp

__all__ = ["run"]


def run(app: ASGIApp, host: str | None = None, port: int | None = None, **options: Any) -> None:
    """Serve ``app`` until a signal comes.

    Args:
        app: an ASGI application.
        host: an address; ``WADJET_HOST``, else 127.0.0.1.
        port: a port; ``WADJET_PORT``, else 8000.
        **options: what ``uvicorn.Config`` takes.

    Raises:
        ConfigError: the port is none; or workers or ``reload`` are asked for, and the application cannot be imported again.
    """
    import uvicorn

    host = host or os.environ.get("WADJET_HOST", "127.0.0.1")
    text = str(os.environ.get("WADJET_PORT", "8000") if port is None else port)
    if not text.isdigit() or int(text) > 65535:
        raise ConfigError(f"port {text!r} is not a number from 0 to 65535")
    workers = int(options.get("workers") or os.environ.get("WEB_CONCURRENCY") or "1")
    is_imported = options.get("reload") or workers > 1
    with _terminated_in_order():
        uvicorn.run(
            _import_path(app) if is_imported else app, host=host, port=int(text), **{**_DEFAULTS, **options}
        )


#: What we ask of uvicorn, unless the caller asks for something else.
_DEFAULTS: dict[str, Any] = {
    "interface": "asgi3",
    "lifespan": "on",
    # SECURITY: forwarded headers are believed by our own rule, never by the server's.
    "proxy_headers": False,
    "server_header": False,
    #: Seconds that open requests have to end after a signal.
    "timeout_graceful_shutdown": 30,
}


def _import_path(app: ASGIApp) -> str:
    """Return where further processes import the application from: ``module:name``, of the program that is running."""
    main = sys.modules["__main__"]
    name = next((name for name, value in vars(main).items() if value is app), None)
    file = getattr(main, "__file__", None)
    module = main.__spec__.name if main.__spec__ is not None else Path(file).stem if file else None
    if name is None or module is None:
        raise ConfigError(
            "workers and reload import the application again, and it is no global name of the program; "
            "keep it in one, or type: python -m uvicorn package.module:app"
        )
    return f"{module}:{name}"


@contextmanager
def _terminated_in_order() -> Iterator[None]:
    """Let a drained stop exit with status 0: uvicorn raises SIGTERM again when it has stopped."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals are the main thread's
        return
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
