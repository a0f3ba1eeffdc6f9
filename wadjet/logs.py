"""The loggers of the framework, by name, in one place."""

from __future__ import annotations

import logging

__all__ = ["caches", "connections", "errors", "lifecycle", "printable", "settings", "stores"]

#: Answers that a cache could not keep, and why.
caches = logging.getLogger("wadjet.cache")
#: What clients did wrong on a connection.
connections = logging.getLogger("wadjet.connection")
#: Crashes, one record each, with the error's id.
errors = logging.getLogger("wadjet.error")
#: Startup, shutdown, what was sealed.
lifecycle = logging.getLogger("wadjet.lifecycle")
#: What was read from where.
settings = logging.getLogger("wadjet.settings")
#: Stores that do not answer, and that do again.
stores = logging.getLogger("wadjet.store")


def printable(text: str) -> str:
    """Return what a client sent as it may stand in a log line: line ends and escapes written out."""
    # SECURITY: log injection (CWE-117).
    return text.encode("unicode_escape").decode()
