"""A server in the test's own loop, connections of exact bytes to it, and the proof that nothing of it is left."""

from __future__ import annotations

import asyncio
import logging
import socket
import struct
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import uvicorn
import uvloop

from tests.scenarios.wire import Reply, replies
from wadjet.server.http1 import Connection
from wadjet.server.sockets import SocketProtocol

__all__ = ["PATIENCE_SECONDS", "Peer", "Served", "run", "serving"]

T = TypeVar("T")

#: Far more than anything here needs.
PATIENCE_SECONDS = 60
#: Where a server says that something of its own went wrong.
_LOGS = ("wadjet.error", "wadjet.lifecycle", "uvicorn.error", "asyncio")


def run(test: Coroutine[Any, Any, T], *, on_uvloop: bool = True) -> T:
    """Run a test in a loop of its own, but not for ever."""

    async def bounded() -> T:
        async with asyncio.timeout(PATIENCE_SECONDS * 6):
            return await test

    factory = uvloop.new_event_loop if on_uvloop else asyncio.SelectorEventLoop
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(bounded())


class Errors(logging.Handler):
    """What was logged as an error, or reached the loop unhandled."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        cause = record.exc_info[1] if record.exc_info else None
        self.found.append(
            f"{record.name}: {record.getMessage()}" + ("" if cause is None else f" ({cause!r})")
        )

    def unhandled(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self.found.append(f"unhandled: {context.get('message')} {context.get('exception')!r}")


class Patient(uvicorn.Server):
    """uvicorn's server, without its clock: a test need not wait for the next look at ``should_exit``."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.serves = asyncio.Event()
        self.ends = asyncio.Event()

    async def main_loop(self) -> None:
        await self.on_tick(0)
        self.serves.set()
        await self.ends.wait()


class Served:
    """A server that runs."""

    def __init__(self, server: Patient, errors: Errors) -> None:
        self.server = server
        self._errors = errors
        self.running: asyncio.Task[None] | None = None
        #: The clients that are open.
        self.peers: set[Peer] = set()

    @property
    def state(self) -> Any:
        return self.server.server_state

    @property
    def lane(self) -> Any:
        """The lane; there is one from the first connection on."""
        return self.state.wadjet_lane

    @property
    def address(self) -> Any:
        return self.server.servers[0].sockets[0].getsockname()

    @property
    def port(self) -> int:
        return int(self.address[1])

    @property
    def errors(self) -> list[str]:
        """What went wrong in the server. Whoever expects something takes it out."""
        return self._errors.found

    def taken_errors(self) -> list[str]:
        """Return what went wrong, and forget it: it was expected."""
        found = list(self.errors)
        self.errors.clear()
        return found

    async def open(self) -> Peer:
        """Connect."""
        address = self.address
        family = (
            socket.AF_UNIX
            if isinstance(address, str)
            else socket.AF_INET6
            if len(address) == 4
            else socket.AF_INET
        )
        client = socket.socket(family)
        client.setblocking(False)
        await asyncio.get_running_loop().sock_connect(client, address)
        return Peer(client, self.peers)

    async def ask(self, sent: bytes, methods: list[str] | None = None) -> list[Reply]:
        """Send bytes on a connection of their own; return all responses, until the server closes."""
        peer = await self.open()
        try:
            await peer.send(sent)
            return replies(await peer.rest(), methods or [sent.partition(b" ")[0].decode()])
        finally:
            peer.close()

    async def stop(self) -> None:
        """Stop the server, as a signal would, and wait until it has."""
        self.server.should_exit = True
        self.server.ends.set()
        assert self.running is not None
        async with asyncio.timeout(PATIENCE_SECONDS):
            await asyncio.wait({self.running})

    async def abandon(self) -> None:
        """Leave nothing behind of a test that has failed: a loop with open transports does not close."""
        if self.running is None or self.running.done():
            return
        for one in self.state.connections:
            if (transport := getattr(one, "transport", None)) is not None:
                transport.abort()
        for server in self.server.servers:
            server.close()
        self.running.cancel()
        await asyncio.wait({self.running}, timeout=1)

    async def until_idle(self) -> None:
        """Wait until no connection is open."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while self.state.tasks or any(
                one is not getattr(self.state, "wadjet_lane", None) for one in self.state.connections
            ):
                await asyncio.sleep(0.005)


class Peer:
    """A client's end of a connection: bytes, and no opinion."""

    def __init__(self, client: socket.socket, others: set[Peer]) -> None:
        self.socket = client
        self._loop = asyncio.get_running_loop()
        self._others = others
        others.add(self)

    async def send(self, data: bytes) -> None:
        """Send; a server that has closed need not read everything."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._loop.sock_sendall(self.socket, data)
        except (BrokenPipeError, ConnectionResetError):
            pass

    async def some(self, size: int = 65536) -> bytes:
        """Return what has come, as soon as something has; nothing at the end."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await self._loop.sock_recv(self.socket, size)
        except ConnectionResetError:
            return b""

    async def until(self, mark: bytes, count: int = 1) -> bytes:
        """Read until ``mark`` has come so often."""
        found = b""
        while found.count(mark) < count:
            data = await self.some()
            assert data, f"the connection ended after {found!r}"
            found += data
        return found

    async def rest(self) -> bytes:
        """Read until the server closes."""
        found = bytearray()
        while data := await self.some():
            found += data
        return bytes(found)

    def half_close(self) -> None:
        """Send no more."""
        self.socket.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        self._others.discard(self)
        self.socket.close()

    def reset(self) -> None:
        """Close so that the other end learns it by a reset."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()


@asynccontextmanager
async def serving(app: Any, http: Any = Connection, **options: Any) -> AsyncIterator[Served]:
    """Serve an application.

    At the end nothing must be left: no connection, no task; and nothing must have gone wrong that the test has not taken.

    Args:
        app: an ASGI application.
        http: a protocol class, or uvicorn's name for one.
        **options: of ``uvicorn.Config``.
    """
    given: dict[str, Any] = {
        "lifespan": "on",
        "interface": "asgi3",
        "proxy_headers": False,
        "server_header": False,
        "log_config": None,
        "ws": SocketProtocol,
    }
    given |= {"host": "127.0.0.1", "port": 0, "timeout_graceful_shutdown": PATIENCE_SECONDS} | options
    errors, loop = Errors(), asyncio.get_running_loop()
    server = Patient(uvicorn.Config(app, http=http, **given))
    served = Served(server, errors)
    before = asyncio.all_tasks()
    loop.set_exception_handler(errors.unhandled)
    for name in _LOGS:
        logging.getLogger(name).addHandler(errors)
    try:
        served.running = asyncio.create_task(server._serve())
        serves = asyncio.create_task(server.serves.wait())
        await asyncio.wait({served.running, serves}, return_when=asyncio.FIRST_COMPLETED)
        serves.cancel()
        assert server.started, errors.found
        yield served
        await served.stop()
        await asyncio.sleep(0)
        assert errors.found == []
        assert not getattr(served.state, "wadjet_lane", served.state).connections
        assert not served.state.connections
        assert not served.state.tasks
        left = {task for task in asyncio.all_tasks() - before if not task.done()}
        assert not left
    finally:
        for name in _LOGS:
            logging.getLogger(name).removeHandler(errors)
        for peer in list(served.peers):
            peer.close()
        await served.abandon()
