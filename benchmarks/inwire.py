"""The cost of one request in a protocol class without sockets: bytes in, bytes out, on a real loop.

As many connections as a server under load has are fed in one turn of the loop, so that what a turn costs is divided by all.
"""

from __future__ import annotations

import asyncio
import dataclasses
import gc
import http.client
import io
import json
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple, cast

from benchmarks.inproc import App, Cost, fastest, loop_factory, own_calls, started
from benchmarks.scenarios import BROWSER, SCENARIOS, Answer, Asked
from benchmarks.statics import TAG

__all__ = [
    "WIRES",
    "FakeTransport",
    "Load",
    "Wire",
    "alive",
    "ask",
    "lane",
    "measure_bare",
    "measure_wires",
    "read_answer",
    "written",
]

_CONNECTIONS = 32
_CYCLES = 20
_PIPELINED = 8

Protocols = Callable[[], asyncio.Protocol]
_BY_KEY = {scenario.key: scenario.asked for scenario in SCENARIOS}


class Wire(NamedTuple):
    """One thing to feed: requests that arrive together, on each connection."""

    asked: Asked
    requests: int = 1


WIRES = {
    "wire_plaintext": Wire(_BY_KEY["S1"]),
    "wire_cached": Wire(Asked("/cached")),
    "wire_json": Wire(_BY_KEY["S2"]),
    "wire_headers": Wire(_BY_KEY["S1"]._replace(headers=BROWSER)),
    "wire_body": Wire(_BY_KEY["S4"]),
    "wire_stream": Wire(_BY_KEY["S9"]),
    "wire_file": Wire(_BY_KEY["S7"]),
    "wire_not_modified": Wire(_BY_KEY["S7n"]._replace(headers=(("if-none-match", TAG.decode()),))),
    "wire_upload": Wire(_BY_KEY["S8"]),
    "wire_pipelined": Wire(_BY_KEY["S1"], _PIPELINED),
}


class FakeTransport(asyncio.Transport):
    """A transport that takes everything, and tells when a number of bytes has come."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 50000), "sockname": ("127.0.0.1", 8000)})
        self.kept: list[bytes] | None = []
        self.missing = 0
        self.finished: Callable[[], None] | None = None

    def write(self, data: Any) -> None:
        if self.kept is not None:
            self.kept.append(bytes(data))
        self.missing -= len(data)
        if self.missing == 0 and self.finished is not None:
            self.finished()

    def writelines(self, pieces: Any) -> None:
        self.write(b"".join(pieces))

    def get_write_buffer_size(self) -> int:
        return 0

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        pass

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        pass

    def is_closing(self) -> bool:
        return False

    def close(self) -> None:
        pass

    def abort(self) -> None:
        pass

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass


class Load:
    """Connections that are all fed the same, turn after turn."""

    def __init__(self, protocols: Protocols, data: bytes, size: int) -> None:
        self._data, self._size = data, size
        self._open = 0
        self._done: asyncio.Future[None] | None = None
        self._pairs = [_connected(protocols) for _ in range(_CONNECTIONS)]
        for _, transport in self._pairs:
            transport.kept, transport.finished = None, self._finished

    async def turn(self) -> None:
        """Feed every connection once, and wait for every answer."""
        data, size = self._data, self._size
        self._done = asyncio.get_running_loop().create_future()
        self._open = len(self._pairs)
        for protocol, transport in self._pairs:
            transport.missing = size
            protocol.data_received(data)
        await self._done

    def _finished(self) -> None:
        self._open -= 1
        if not self._open:
            assert self._done is not None
            self._done.set_result(None)

    def close(self) -> None:
        """Let every connection go."""
        for protocol, _ in self._pairs:
            protocol.connection_lost(None)


@contextmanager
def alive(runner: asyncio.Runner, app: App) -> Iterator[None]:
    """Run an application's lifespan around what is inside."""
    life = runner.run(started(app))
    try:
        yield
    finally:
        life.cancel()


def lane(runner: asyncio.Runner, app: App, limits: Mapping[str, int] | None = None) -> Protocols:
    """Return what makes connections of the fast lane, as uvicorn makes them.

    Args:
        runner: whose loop they live on.
        app: a Wadjet that is alive.
        limits: settings of the lane, instead of the application's.
    """
    from uvicorn import Config
    from uvicorn.server import ServerState

    from wadjet.server.http1 import Connection
    from wadjet.server.http1.lane import lane_of

    config = Config(app, http=Connection, log_config=None, access_log=False, proxy_headers=False)
    config.load()
    state = ServerState()
    state.default_headers = [(b"date", b"Sat, 21 Nov 2026 12:00:00 GMT")]

    async def opened() -> None:
        shared, changes = lane_of(config, state, {}), dict[str, Any](limits or {})
        shared.settings = dataclasses.replace(shared.settings, **changes)

    runner.run(opened())
    return lambda: Connection(config, state, {})


def measure_wires() -> dict[str, Cost]:
    """Measure Wadjet's connections; ``limits_off`` is ``wire_plaintext`` with limits that never act."""
    from benchmarks.app import app
    from benchmarks.entries import LIMITS

    plaintext = WIRES["wire_plaintext"]
    with asyncio.Runner(loop_factory=loop_factory()) as runner, alive(runner, app):
        limited, unlimited = lane(runner, app), lane(runner, app, LIMITS)
        found = {case: runner.run(_cost(limited, wire, "wadjet")) for case, wire in WIRES.items()}
        found["limits_off"] = runner.run(_cost(unlimited, plaintext, "wadjet"))
        # In turns: what else the machine does must not be taken for a difference.
        for _ in range(4):
            for case, protocols in (("wire_plaintext", limited), ("limits_off", unlimited)):
                again = runner.run(_cost(protocols, plaintext, "wadjet"))
                found[case] = min(found[case], again)
    return found


def measure_bare() -> dict[str, Cost]:
    """Measure the protocol by hand."""
    from benchmarks.bareproto import BareProtocol

    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        return {case: runner.run(_cost(BareProtocol, wire, "benchmarks")) for case, wire in WIRES.items()}


async def ask(protocols: Protocols, asked: Asked) -> bytes:
    """Return all that a connection writes in answer to one request."""
    protocol, transport = _connected(protocols)
    protocol.data_received(written(asked))
    size = -1
    while size != len(
        answer := b"".join(transport.kept or ())
    ):  # until a whole turn has brought nothing more
        size = len(answer)
        await asyncio.sleep(0.01)
    protocol.connection_lost(None)
    return answer


def written(asked: Asked) -> bytes:
    """Return a request as it is on the wire."""
    lines = [f"{asked.method} {asked.path} HTTP/1.1", "host: 127.0.0.1:8000"]
    lines += [f"{name}: {value}" for name, value in asked.headers]
    if asked.content:
        lines.append(f"content-length: {len(asked.content)}")
    return "\r\n".join([*lines, "", ""]).encode() + asked.content


def read_answer(data: bytes) -> Answer:
    """Read one whole response.

    Raises:
        ValueError: it is none, or not whole.
    """
    response = http.client.HTTPResponse(cast("socket.socket", _Canned(data)))
    try:
        response.begin()
        content = response.read()
    except http.client.HTTPException as error:
        raise ValueError(f"no whole response: {data[:80]!r}") from error
    fields = tuple((name.lower(), value) for name, value in response.getheaders())
    return Answer(response.status, fields, content)


class _Canned:
    """What http.client wants of a socket."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, _: str) -> io.BytesIO:
        return io.BytesIO(self._data)


def _connected(protocols: Protocols) -> tuple[asyncio.Protocol, FakeTransport]:
    protocol, transport = protocols(), FakeTransport()
    protocol.connection_made(transport)
    return protocol, transport


async def _cost(protocols: Protocols, wire: Wire, package: str) -> Cost:
    data = written(wire.asked) * wire.requests
    size = len(await ask(protocols, wire.asked)) * wire.requests
    load = Load(protocols, data, size)

    async def run(count: int) -> None:
        for _ in range(count):
            await load.turn()

    await run(10)
    shared = _CONNECTIONS * wire.requests
    with own_calls(package) as calls:
        await load.turn()
    gc.collect()
    gc.disable()
    await run(_CYCLES)
    garbage = gc.collect() / _CYCLES / shared
    gc.enable()
    try:
        return Cost(await fastest(run) / shared, round(len(calls) / shared), garbage)
    finally:
        load.close()


if __name__ == "__main__":
    json.dump({"bare": measure_bare(), "wadjet": measure_wires()}, sys.stdout)
