"""The servers whose sockets are measured: Wadjet's, a bare ASGI application on uvicorn, and a bare ``websockets`` server.

``python -m benchmarks.data.telling NAME PORT`` serves one. ``/`` listens to what anybody says at ``/tell``; ``/idle`` waits.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from typing import Any

import uvicorn
import uvloop
from websockets.asyncio.server import ServerConnection, broadcast, serve
from websockets.exceptions import ConnectionClosed

from wadjet import Settings, Wadjet, WebSocket
from wadjet.server.options import LANES
from wadjet.server.process import Config, Server
from wadjet.websockets import MemoryChannels

__all__ = ["SERVERS", "app", "main"]

_HOST = "127.0.0.1"
#: Nobody is asked whether they are there while something is measured.
_SILENT_SECONDS = 3600.0

app = Wadjet(Settings(WEBSOCKET_PING_INTERVAL=_SILENT_SECONDS, WEBSOCKET_MAX_RATE=0))
channels = MemoryChannels()


@app.websocket("/")
async def listen(socket: WebSocket) -> None:
    async with channels.subscribe("all") as feed:
        await socket.feed(feed)


@app.websocket("/tell")
async def tell(socket: WebSocket) -> None:
    async for text in socket.iter_text():
        await channels.publish("all", text)


@app.websocket("/idle")
async def idle(socket: WebSocket) -> None:
    async for message in socket:
        await socket.send(message)


def _ours(port: int) -> None:
    Server(Config(app, http=LANES["fast"], host=_HOST, port=port, log_level="error")).run()


async def _waits(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        while (message := await receive())["type"] != "websocket.disconnect":
            await send({**message, "type": "websocket.send"})


def _asgi(port: int) -> None:
    uvicorn.run(
        _waits,
        host=_HOST,
        port=port,
        log_level="error",
        lifespan="off",
        ws_per_message_deflate=False,
        ws_ping_interval=_SILENT_SECONDS,
    )


def _websockets(port: int) -> None:
    listeners: set[ServerConnection] = set()

    async def handler(connection: ServerConnection) -> None:
        if connection.request is not None and connection.request.path == "/tell":
            with contextlib.suppress(ConnectionClosed):
                async for text in connection:
                    broadcast(listeners, text)
            return
        listeners.add(connection)
        try:
            await connection.wait_closed()
        finally:
            listeners.discard(connection)

    async def forever() -> None:
        async with serve(handler, _HOST, port, compression=None, ping_interval=_SILENT_SECONDS):
            await asyncio.Future()

    uvloop.run(forever())


SERVERS = {"wadjet": _ours, "asgi": _asgi, "websockets": _websockets}


def main() -> None:
    """Run from the command line."""
    with contextlib.suppress(KeyboardInterrupt):
        SERVERS[sys.argv[1]](int(sys.argv[2]))


if __name__ == "__main__":
    main()
