"""Settings: what can be chosen without touching code. Each is read by something."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

__all__ = ["Settings", "settings_of"]

#: More than any stack has.
_MOST_WRAPPERS = 1000


@dataclasses.dataclass(frozen=True)
class Settings:
    """The settings of one application; a subclass changes defaults and adds its own.

    ``WADJET_<NAME>`` in the environment overrides each.
    """

    #: Answer crashes with their traceback. Only ``debug=True`` and a development environment may choose it.
    DEBUG: bool = False
    #: What stands around the application, outermost first: dotted paths, or what ``middleware=[...]`` takes.
    MIDDLEWARE: tuple[Any, ...] = ()
    #: The most bytes of content that a request may bring; a route may say otherwise.
    MAX_BODY_SIZE: int = 10 * 1024 * 1024
    #: The most fields of a form; more are 413.
    MAX_FORM_FIELDS: int = 1000
    #: The most files of a form; more are 413.
    MAX_FORM_FILES: int = 100
    #: The most bytes of the value of one field of a form; more are 413.
    MAX_FIELD_SIZE: int = 1024 * 1024
    #: The most bytes of all fields of a multipart form, which are kept in memory; more are 413.
    MAX_FIELDS_SIZE: int = 2_500_000
    #: How many plain ``def`` handlers run at once.
    THREAD_POOL_SIZE: int = 40
    #: How many blocking streams are open at once; each keeps a thread until it ends.
    STREAM_POOL_SIZE: int = 64
    #: The longest request line in bytes; a longer one is 414.
    MAX_REQUEST_LINE: int = 8192
    #: The most bytes of a head, its request line included; more are 431.
    MAX_HEADER_BYTES: int = 65536
    #: The most fields of a head; more are 431.
    MAX_HEADER_COUNT: int = 100
    #: Seconds that a head may take to arrive; then 408, and the connection closes.
    HEADER_TIMEOUT: float = 10.0
    #: Seconds that a connection may be idle between two requests.
    KEEP_ALIVE_TIMEOUT: float = 5.0
    #: Seconds that a client may send nothing of the content that it has announced; then 408, and the connection closes.
    BODY_TIMEOUT: float = 20.0
    #: Seconds that a client may take nothing of what waits for it; then the connection is cut.
    SEND_TIMEOUT: float = 60.0
    #: How many requests of one connection may wait for their answers; then no more are read.
    MAX_PIPELINED: int = 16
    #: How many connections are open at once; a further one is answered 503.
    MAX_CONNECTIONS: int = 10_000
    #: How many bytes of a response may wait for a client that does not take them, before what makes them has to wait.
    WRITE_BUFFER_SIZE: int = 65536
    #: Seconds that open requests have to end when the server stops; then they are cancelled.
    DRAIN_TIMEOUT: float = 30.0
    #: Addresses and networks whose forwarded fields are believed: ``10.0.0.0/8``, ``unix`` for a unix socket.
    TRUSTED_PROXIES: tuple[str, ...] = ()
    #: Whether they are believed about the host too.
    TRUSTED_PROXY_HOST: bool = False
    #: Hosts beside the request's own that ``request.safe_url`` lets a redirect go to; with their ports unless standard.
    ALLOWED_REDIRECT_HOSTS: tuple[str, ...] = ()
    #: The folder of the application's templates; a relative one is below the working directory.
    TEMPLATES_DIR: str = "templates"
    #: Packages whose folders ``templates`` are searched after it.
    INSTALLED_APPS: tuple[str, ...] = ()
    #: Where answers are kept that ``cache_rate`` and ``cache_ttl`` ask for: ``memory``, or ``redis`` for all processes.
    CACHE_BACKEND: str = "memory"
    #: The most bytes of answers that are kept in memory.
    CACHE_SIZE: int = 64 * 1024 * 1024
    #: The address of Redis: ``redis://localhost:6379/0``.
    REDIS_URL: str | None = None
    #: Seconds that Redis may take for one answer, connecting included; then it counts as away.
    REDIS_TIMEOUT: float = 0.1
    #: Where ``["default"]["OPTIONS"]["url"]`` is the address of Redis, if REDIS_URL is not set.
    CACHES: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    #: How many requests of one client RateLimitMiddleware lets in, in any window.
    RATE_LIMIT_REQUESTS: int = 2000
    #: Seconds of the window.
    RATE_LIMIT_WINDOW: float = 60
    #: Who is counted: ``ip``, ``user``, or ``path`` (and ``ip``).
    RATE_LIMIT_BY: str = "ip"
    #: Where: in ``memory``, or in ``redis`` for all processes.
    RATE_LIMIT_BACKEND: str = "memory"
    #: What becomes of requests while Redis does not answer: ``allow``, or ``deny`` for 503.
    RATE_LIMIT_ON_ERROR: str = "allow"


def settings_of(app: object) -> Settings | None:
    """Return the settings of an application, through what is wrapped around it; None where it has none of ours."""
    for _ in range(_MOST_WRAPPERS):
        found = getattr(app, "settings", None)
        if isinstance(found, Settings):
            return found
        app = getattr(app, "app", None)
        if app is None:
            break
    return None
