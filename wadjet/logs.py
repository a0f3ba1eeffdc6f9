"""The loggers of the framework, by name, in one place."""

from __future__ import annotations

import logging
from contextvars import ContextVar

__all__ = [
    "REQUEST_ID",
    "RequestIdFilter",
    "authentication",
    "caches",
    "connections",
    "database",
    "errors",
    "lifecycle",
    "printable",
    "security",
    "settings",
    "stores",
]

#: The id of the request that is being answered, where RequestIdMiddleware gives it one.
REQUEST_ID: ContextVar[str | None] = ContextVar("wadjet-request-id", default=None)

#: Credentials that are not good.
authentication = logging.getLogger("wadjet.auth")
#: Answers that a cache could not keep, and why.
caches = logging.getLogger("wadjet.cache")
#: Connections that are kept too long, and transactions that could not be undone.
database = logging.getLogger("wadjet.db")
#: What clients did wrong on a connection.
connections = logging.getLogger("wadjet.connection")
#: Crashes, one record each, with the error's id.
errors = logging.getLogger("wadjet.error")
#: Startup, shutdown, what was sealed.
lifecycle = logging.getLogger("wadjet.lifecycle")
#: What browsers report of policies, and policies that are no longer any use.
security = logging.getLogger("wadjet.security")
#: What was read from where.
settings = logging.getLogger("wadjet.settings")
#: Stores that do not answer, and that do again.
stores = logging.getLogger("wadjet.store")


class RequestIdFilter(logging.Filter):
    """Lets every record pass, with the id of its request as ``request_id``; ``-`` outside of requests.

    The records of the framework's own loggers have it; on a handler it gives it to all others.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Add the id."""
        if not hasattr(record, "request_id"):
            record.request_id = REQUEST_ID.get() or "-"
        return True


for _logger in (authentication, caches, connections, database, errors, lifecycle, security, settings, stores):
    _logger.addFilter(RequestIdFilter())


def printable(text: str) -> str:
    """Return what a client sent as it may stand in a log line: line ends and escapes written out."""
    # SECURITY: log injection (CWE-117).
    return text.encode("unicode_escape").decode()
