"""What is published reaches the sockets that listen: at once where nothing is in its way, in order wherever."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.server.http1.serving import PATIENCE_SECONDS, Served, run, serving
from wadjet import Settings, Wadjet, WebSocket
from wadjet.http.request import Request
from wadjet.server.http1 import Connection
from wadjet.server.sockets import SocketProtocol
from wadjet.types import Message
from wadjet.websockets import MemoryChannels
from wadjet.websockets.limits import Limits

LANES = pytest.mark.parametrize("http", [Connection, "httptools"], ids=["fast", "asgi"])


class Site:
    """An application whose sockets listen to a channel."""

    def __init__(self, size: int = 100) -> None:
        self.channels = MemoryChannels()
        self.app = Wadjet(Settings())
        self.listening = asyncio.Semaphore(0)
        self.dropped: list[int] = []

        @self.app.websocket("/")
        async def listen(socket: WebSocket) -> None:
            async with self.channels.subscribe("all", size=size) as feed:
                self.listening.release()
                try:
                    await socket.feed(feed)
                finally:
                    self.dropped.append(feed.dropped)

    async def say(self, *texts: str) -> None:
        for text in texts:
            await self.channels.publish("all", text)

    async def heard_by(self, count: int) -> None:
        """Wait until so many more listen, and wait for messages."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            for _ in range(count):
                await self.listening.acquire()
        await asyncio.sleep(
            0.01
        )  # their tasks have begun; a message that comes before is queued, and heard as well


def talking(served: Served, **options: Any) -> connect:
    given = {"compression": None, "proxy": None, "open_timeout": PATIENCE_SECONDS} | options
    return connect(f"ws://127.0.0.1:{served.port}/", **given)


async def heard(socket: ClientConnection, *texts: str) -> bool:
    """Tell whether these texts come next."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        return [await socket.recv() for _ in texts] == list(texts)


@LANES
@pytest.mark.parametrize("deflates", [False, True], ids=["plain", "compressed"])
def test_all_hear_the_same_in_order(http: Any, deflates: bool) -> None:
    async def test() -> None:
        site = Site()
        async with serving(site.app, http=http, ws=SocketProtocol, ws_per_message_deflate=deflates) as served:
            async with talking(served, compression="deflate") as one, talking(served) as two:
                await site.heard_by(2)
                texts = ["same", "same", "", "é" * 200, "x" * 70_000, *map(str, range(20))]
                await site.say(*texts)
                assert await heard(one, *texts)
                assert await heard(two, *texts)

    run(test())


def test_what_is_published_has_left_when_publishing_returns() -> None:
    """No task is woken for a socket that takes it."""

    async def test() -> None:
        site = Site()
        async with serving(site.app) as served, talking(served) as socket:
            await site.heard_by(1)
            before = asyncio.all_tasks()
            (feed,) = site.channels._listeners["all"]
            await site.say("now")
            assert len(feed) == 0
            assert asyncio.all_tasks() == before
            assert await heard(socket, "now")

    run(test())


@pytest.mark.parametrize("on_uvloop", [True, False], ids=["uvloop", "asyncio"])
def test_who_reads_slowly_hears_all_in_order_and_holds_up_nobody(on_uvloop: bool) -> None:
    async def test() -> None:
        site = Site(size=1000)
        async with serving(site.app) as served:
            async with talking(served, max_queue=1) as slow, talking(served) as quick:
                await site.heard_by(2)
                texts = [f"{number} {'x' * 100_000}" for number in range(150)]
                for text in texts:
                    await site.say(text)
                    assert await heard(quick, text)
                assert any(len(feed) for feed in site.channels._listeners["all"])
                assert await heard(slow, *texts)
                await site.say("last")
                assert await heard(slow, "last")
            await served.until_idle()
            assert site.dropped == [0, 0]

    run(test(), on_uvloop=on_uvloop)


def test_a_text_that_is_no_unicode_ends_who_listens_and_not_who_publishes() -> None:
    async def test() -> None:
        site = Site()
        async with serving(site.app) as served, talking(served) as socket:
            await site.heard_by(1)
            await site.say("\ud800")
            with pytest.raises(ConnectionClosed):
                assert await heard(socket, "")
            served.errors.clear()

    run(test())


def test_who_has_left_is_passed_over() -> None:
    async def test() -> None:
        site = Site()
        async with serving(site.app) as served, talking(served) as socket:
            async with talking(served) as other:
                await site.heard_by(2)
                other.transport.abort()
            await site.say("one")
            assert await heard(socket, "one")

    run(test())


class Taking:
    """A server that can send at once."""

    def __init__(self) -> None:
        self.at_once: list[str] = []
        self.sent: list[Message] = []

    async def receive(self) -> Message:
        if not self.sent:
            return {"type": "websocket.connect"}
        return await asyncio.get_running_loop().create_future()  # type: ignore[no-any-return]  # it never comes

    async def send(self, message: Message) -> None:
        self.sent.append(message)

    def send_at_once(self, text: str) -> bool:
        self.at_once.append(text)
        return True


@pytest.mark.parametrize("wraps", [False, True], ids=["bare", "wrapped"])
def test_what_stands_between_the_server_and_the_handler_sees_every_message(wraps: bool) -> None:
    async def test() -> None:
        server, channels = Taking(), MemoryChannels()

        async def send(message: Message) -> None:
            await server.send(message)

        request = Request.of({"type": "websocket", "path": "/", "headers": []}, server.receive)
        socket = WebSocket(request, server.receive, send if wraps else server.send, Limits(100, 0, None))
        async with channels.subscribe("all") as feed:
            feeding = asyncio.ensure_future(socket.feed(feed))
            while len(server.sent) < 1:
                await asyncio.sleep(0)
            for _ in range(5):
                await asyncio.sleep(0)
            await channels.publish("all", "text")
            for _ in range(5):
                await asyncio.sleep(0)
            feeding.cancel()
            await asyncio.wait({feeding})
        assert server.at_once == ([] if wraps else ["text"])
        assert len(server.sent) == (2 if wraps else 1)

    asyncio.run(test())
