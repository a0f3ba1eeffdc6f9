"""Lane: what all connections of one server share: the application, the limits, the clock and the end."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple, Protocol

from ...conf.settings import Settings, settings_of
from ...http.constantfields import ConstantFields
from ...http.forwarded import TrustedProxies
from ...http.problem import represent
from ...http.raising import HTTPException
from ...http.request import Request
from ...http.seam import AtOnce, Handle
from ...http.wire import field_lines, status_line
from ...types import ASGIApp
from ..asgi import Dispatch, Entry

__all__ = ["Client", "Lane", "Served", "lane_of"]

#: Seconds that shutdown hooks wait for cancelled requests to let go of what they hold.
_SETTLE_SECONDS = 5.0
_CLOSE = (b"connection", b"close")
#: How many connections beyond the limit are told so at once; further ones are cut.
_MOST_REFUSED = 100
#: Seconds between two looks at the connections, at the most.
_TICK_SECONDS = 0.25


class Served(Protocol):
    """An application that can be entered without a scope."""

    settings: Settings

    def wadjet_lane(self, settle: Callable[[], Awaitable[None]]) -> Entry | None:
        """Return the way in; None while it is not running.

        Args:
            settle: the application awaits it before its shutdown hooks.
        """


class Client(Protocol):
    """What a lane asks of its connections."""

    task: asyncio.Task[None] | None

    def check(self, now: float) -> None:
        """Look whether the client has had its time."""

    def shutdown(self) -> None:
        """Take no more requests."""


class Lane:
    """What the connections of one server share.

    Args:
        config: uvicorn's.
        server_state: uvicorn's: its connections, its tasks, its default fields.
        app_state: what the lifespan left.
    """

    def __init__(self, config: Any, server_state: Any, app_state: dict[str, Any]) -> None:
        self.config = config
        self.app: Any = config.loaded_app
        self.server_state = server_state
        self.app_state = app_state
        self.loop = asyncio.get_running_loop()
        #: Whether transports write several pieces at once; those of CPython 3.12.0 to 3.13.1 do not say when it is too much.
        self.gathers = type(self.loop).__module__.startswith("uvloop") or sys.version_info >= (3, 13, 2)
        self.settings: Settings = settings_of(self.app) or Settings()
        served = getattr(self.app, "wadjet_lane", None)
        entry: Entry | None = None if served is None else served(self.settle)
        #: Finds what answers a request; a foreign application is one plan.
        self.plan_of: Dispatch = _Foreign(self.app).plan_of
        if entry is not None:
            self.plan_of = entry.dispatch if entry.outer is None else _Around(entry).plan_of
        self.root_path: str = config.root_path
        self.most_fields = self.settings.MAX_HEADER_COUNT
        self.proxies = TrustedProxies(self.settings.TRUSTED_PROXIES, host=self.settings.TRUSTED_PROXY_HOST)
        #: Whether a request may have come from elsewhere, or to elsewhere, than its target says.
        self.is_elsewhere = bool(self.proxies) or bool(self.root_path)
        #: How many requests have been answered.
        self.answered = 0
        access = logging.getLogger("uvicorn.access")
        #: Where accesses are logged; None when they are not.
        self.access = access if access.hasHandlers() and access.isEnabledFor(logging.INFO) else None
        #: What fits in one piece, whatever limit there is: such heads are not counted.
        self.small = min(4096, self.settings.MAX_REQUEST_LINE, self.settings.MAX_HEADER_BYTES)
        self.is_draining = False
        self._drained_from = 0.0
        self.connections: set[Client] = set()
        #: Seconds of the loop's clock, as of the last tick.
        self.now = self.loop.time()
        self.tick_seconds = min(_TICK_SECONDS, self._shortest() / 4)
        #: Connections beyond the limit that have not closed yet.
        self._refused = 0
        self._ticking: asyncio.TimerHandle | None = None
        #: What middleware adds to every response, by the scheme of the connection: refusals have it too.
        self._constants = {scheme: _constant_fields(self.app, scheme) for scheme in ("http", "https")}
        self._defaults: Any = None
        #: The fields of every response and the end of its head, as text.
        self.ending = b""
        # uvicorn tells everything in this set when the end begins: the connections that come even later must know it too.
        server_state.connections.add(self)
        self._read_defaults()

    def _shortest(self) -> float:
        settings = self.settings
        return min(
            settings.HEADER_TIMEOUT, settings.KEEP_ALIVE_TIMEOUT, settings.BODY_TIMEOUT, settings.SEND_TIMEOUT
        )

    # -- the clock ----------------------------------------------------------------------------------------------------------

    def enter(self, connection: Client) -> bool:
        """Take note of a connection; tell whether there is room for it."""
        self.connections.add(connection)
        self.server_state.connections.add(connection)
        if self._ticking is None:
            self._tick()
        # WebSockets are among them, and the lane itself until the end begins.
        others = self._refused + (not self.is_draining)
        is_admitted = len(self.server_state.connections) - others <= self.settings.MAX_CONNECTIONS
        self._refused += not is_admitted
        return is_admitted

    @property
    def is_crowded(self) -> bool:
        """Whether more connections are being refused than it is worth to tell."""
        return self._refused > _MOST_REFUSED

    def leave(self, connection: Client, *, is_admitted: bool) -> None:
        """Forget a connection."""
        self._refused -= not is_admitted
        self.connections.discard(connection)
        self.server_state.connections.discard(connection)

    def _tick(self) -> None:
        """Look at every connection: one timer for all of them (PERF(bench: wire_plaintext): none is set for a request)."""
        self.now = self.loop.time()
        self.server_state.total_requests = self.answered
        self._read_defaults()
        for connection in list(self.connections):
            connection.check(self.now)
        self._ticking = self.loop.call_later(self.tick_seconds, self._tick) if self.connections else None

    def _read_defaults(self) -> None:
        """Make text of the fields that uvicorn renews every second: Date, and Server if it is asked for."""
        found = self.server_state.default_headers
        if found is not self._defaults:
            self._defaults = found
            self.ending = self.default_fields(set()) + b"\r\n"
            if _CLOSE in found:  # a server that stops says so here where there is no lane yet
                self.shutdown()

    def default_fields(self, names: set[bytes]) -> bytes:
        """Return the default fields as text, but those that a response has itself."""
        return field_lines([field for field in self._defaults if field != _CLOSE and field[0] not in names])

    # -- answers of the connection itself ------------------------------------------------------------------------------------

    def refusal(self, error: HTTPException, scheme: str, *, is_head: bool = False) -> bytes:
        """Return the whole response that refuses what is no request, or cannot be taken; the connection closes after it.

        Args:
            error: why.
            scheme: of the connection: of what is no request nobody knows how it came to a proxy.
            is_head: whether the request asks for the head only.
        """
        status, fields, body = represent(error, None).parts()
        for constant in self._constants[scheme]:
            fields = constant.merged(fields)
        lines = field_lines([*fields, _CLOSE])
        return status_line(status) + lines + self.ending + (b"" if is_head else body)

    # -- the end ------------------------------------------------------------------------------------------------------------

    def shutdown(self) -> None:
        """Begin the end: uvicorn calls it, as it does of every connection."""
        if not self.is_draining:
            self.is_draining, self._drained_from = True, self.loop.time()
        self.server_state.connections.discard(self)

    def drained_for(self) -> float:
        """Return how many seconds ago the end began."""
        return self.loop.time() - self._drained_from if self.is_draining else 0.0

    async def settle(self) -> None:
        """Wait, for a while, until requests that were cancelled have let go of what they hold."""
        tasks = {*self.server_state.tasks, *(one.task for one in self.connections if one.task is not None)}
        tasks.discard(asyncio.current_task())
        if tasks:
            await asyncio.wait(tasks, timeout=_SETTLE_SECONDS)


def _constant_fields(app: Any, scheme: str) -> list[ConstantFields]:
    """Return what is added to every response of an application, by it and by all that is wrapped around it, innermost first."""
    found: list[ConstantFields] = []
    while app is not None:
        own = getattr(app, "constant_fields", None)
        if own is not None:
            found[:0] = own(scheme)
        app = getattr(app, "app", None)
    return found


class _Asgi(NamedTuple):
    """A plan that has only an ASGI form."""

    asgi: ASGIApp | None
    max_body_size: int
    handle: Handle | None = None
    at_once: AtOnce | None = None


class _Foreign:
    """What answers every request to an application that is not ours: its limits are its own.

    Args:
        app: the application.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._plan = _Asgi(app, sys.maxsize)

    def plan_of(self, _: Request) -> _Asgi:
        """Return the one plan."""
        return self._plan


class _Around:
    """What answers requests where middleware that only speaks ASGI stands around everything.

    Args:
        entry: the application's.
    """

    def __init__(self, entry: Entry) -> None:
        self._entry = entry

    def plan_of(self, request: Request) -> _Asgi:
        """Find the plan, and return the middleware that will ask for it."""
        return _Asgi(self._entry.outer, self._entry.dispatch(request).max_body_size)


def lane_of(config: Any, server_state: Any, app_state: dict[str, Any]) -> Lane:
    """Return the lane of a server: that of its first connection; arguments as :class:`Lane`."""
    lane: Lane | None = getattr(server_state, "wadjet_lane", None)
    if lane is None:
        lane = server_state.wadjet_lane = Lane(config, server_state, app_state)
    return lane
