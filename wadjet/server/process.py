"""A process that serves: uvicorn's server, with an end that loses nothing and a status that tells how it went."""

from __future__ import annotations

import asyncio
import importlib.util
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType

import uvicorn
from uvicorn.config import STARTUP_FAILURE

from ..conf import env
from ..conf.settings import Settings
from ..errors import SettingsError
from ..types import ASGIApp
from .listening import Listening
from .loading import load, settings_of
from .memory import keep_freed_memory
from .options import LANES, OptionError

__all__ = ["Config", "Server"]

#: The log of a server process: uvicorn has set it up, and writes its own lines there.
_log = logging.getLogger("uvicorn.error")

#: Seconds for connections that the kernel has made to be accepted, once no further ones come.
_DOOR_SECONDS = 0.1
#: Seconds that a silent connection is kept at the end: a request may be under way on it, which closing would lose.
_SILENT_SECONDS = 0.5
#: Seconds that cancelled requests have to let go of what they hold.
_CANCELLED_SECONDS = 1.0
#: The most seconds that open requests have before a reload.
_RELOAD_SECONDS = 1.0
_TICK_SECONDS = 0.02

_EXIT_FAILURE = 1


class Config(uvicorn.Config):
    """uvicorn's configuration, which takes what was not said from the application's settings."""

    def load_app(self) -> ASGIApp:
        """Import the application, unless it is there.

        Raises:
            OptionError: there is none of that name.
        """
        app = self.app
        return load(app, factory=self.factory) if isinstance(app, str) else app  # type: ignore[return-value] # ASGI 3

    def load(self) -> None:
        """Load all that a serving process needs; called once there."""
        app = self.load_app()
        own = settings_of(app)
        # Ours has a lifespan, and a start that fails must not be taken for the lack of one.
        self.lifespan = "auto" if own is None else "on"
        settings = env.read(None, os.environ) if own is None else own
        drain = min(settings.DRAIN_TIMEOUT, _RELOAD_SECONDS) if self.reload else settings.DRAIN_TIMEOUT
        self.timeout_graceful_shutdown = drain  # type: ignore[assignment] # fractions are fine
        if self.http == LANES["asgi"]:
            self.timeout_keep_alive = settings.KEEP_ALIVE_TIMEOUT  # type: ignore[assignment] # fractions are fine
            # uvicorn counts the connection that asks.
            self.limit_concurrency = settings.MAX_CONNECTIONS + 1
        self._take_sockets(settings)
        self.app, self.factory = app, False
        super().load()

    def _take_sockets(self, settings: Settings) -> None:
        """Speak WebSockets as the settings say, on either lane; nothing of it where there is no library for them."""
        self.ws_max_size = settings.WEBSOCKET_MAX_SIZE
        self.ws_ping_interval = self.ws_ping_timeout = settings.WEBSOCKET_PING_INTERVAL
        self.ws_per_message_deflate = settings.WEBSOCKET_DEFLATE
        if self.ws == "auto" and importlib.util.find_spec("websockets") is not None:
            self.ws = "wadjet.server.sockets:SocketProtocol"


class Server(uvicorn.Server):
    """uvicorn's server.

    Args:
        config: ours.
        listening: the sockets, where this process alone serves them; None where a supervisor has them.
    """

    def __init__(self, config: Config, listening: Listening | None = None) -> None:
        super().__init__(config)
        self._listening = listening

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until a signal comes.

        Args:
            sockets: bound.

        Raises:
            SystemExit: the application could not start, or not stop.
        """
        keep_freed_memory()
        try:
            super().run(sockets)
        except (OptionError, SettingsError) as error:
            _log.error("%s", error)
            sys.exit(STARTUP_FAILURE)
        except Exception:
            if self.started:
                raise
            # A status that tells the supervisor not to try again.
            _log.exception("the server cannot start")
            sys.exit(STARTUP_FAILURE)
        if self.force_exit or self.lifespan.shutdown_failed:
            sys.exit(_EXIT_FAILURE)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start the application, then accept connections. Arguments as :meth:`run`."""
        await super().startup(sockets)
        if self._listening is not None:
            _log.info("Serving on %s (Ctrl+C stops)", self._listening.where)

    # -- signals --------------------------------------------------------------------------------------------------------------

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Stop in order at SIGHUP too, unless whoever started us ignores it: nohup does, and a supervisor."""
        is_main = threading.current_thread() is threading.main_thread()
        with super().capture_signals():
            hangup = getattr(signal, "SIGHUP", None)  # Windows has none
            if hangup is None or not is_main or signal.getsignal(hangup) is signal.SIG_IGN:
                yield
                return
            before = signal.signal(hangup, self.handle_exit)
            try:
                yield
            finally:
                signal.signal(hangup, before)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin the end; at a second Ctrl+C hurry. What uvicorn does here would make it raise the signal again at the end."""
        if self.should_exit and sig == signal.SIGINT:
            self.force_exit = True
        else:
            self.should_exit = True

    # -- the end --------------------------------------------------------------------------------------------------------------

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer what was sent, then let the application stop. Arguments as :meth:`run`."""
        _log.info("Stopping")
        self._announce_end()
        if self._listening is not None:
            self._listening.seal()
        await asyncio.sleep(_DOOR_SECONDS)
        for server in self.servers:
            server.close()
        for sock in sockets or ():
            sock.close()
        try:
            async with asyncio.timeout(self.config.timeout_graceful_shutdown):
                await self._drain()
        except TimeoutError:
            await self._cut()
        if not self.force_exit:
            await self.lifespan.shutdown()

    def _announce_end(self) -> None:
        """Have every response from now on say that it is the last one of its connection."""
        lane = getattr(self.server_state, "wadjet_lane", None)
        if lane is not None:
            lane.shutdown()
        else:  # uvicorn's own protocol reads it here, and then does as it has said
            self.server_state.default_headers = [
                *self.server_state.default_headers,
                (b"connection", b"close"),
            ]

    async def _drain(self) -> None:
        """Wait until all have been answered."""
        state, loop = self.server_state, asyncio.get_running_loop()
        silent_until = loop.time() + _SILENT_SECONDS
        # In TLS a connection is none for us before its handshake is over.
        is_arriving = self.config.is_ssl
        while (state.connections or state.tasks or is_arriving) and not self.force_exit:
            if loop.time() >= silent_until:
                is_arriving = False
                for connection in list(state.connections):
                    connection.shutdown()
            await asyncio.sleep(_TICK_SECONDS)

    async def _cut(self) -> None:
        """Cancel what is still open, and wait until it has let go of what it holds."""
        for connection in list(self.server_state.connections):
            connection.shutdown()  # which enlists what it is busy with
        tasks = list(self.server_state.tasks)
        _log.warning(
            "%d requests did not end within %g seconds, and are cancelled",
            len(tasks),
            self.config.timeout_graceful_shutdown,
        )
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=_CANCELLED_SECONDS)
