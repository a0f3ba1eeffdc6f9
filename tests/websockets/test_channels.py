"""Channels in one process: who hears what, and what becomes of slow listeners."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given, strategies

from wadjet import EventSourceResponse, Wadjet, WebSocket, WebSocketDisconnect
from wadjet.testing import TestClient
from wadjet.websockets import Channels, MemoryChannels, RedisChannels, SlowSubscriber, Subscription


async def heard(feed: Subscription) -> list[str]:
    """Take all that waits."""
    return [await anext(feed) for _ in range(len(feed))]


def test_all_who_listen_to_a_channel_hear_it_and_nobody_else() -> None:
    async def test() -> None:
        channels: Channels = MemoryChannels()
        await channels.publish("a", "too early")
        async with channels.subscribe("a") as one, channels.subscribe("a", "b") as two:
            async with channels.subscribe("c") as three:
                for name in ("a", "b"):
                    await channels.publish(name, f"to {name}")
                assert await heard(one) == ["to a"]
                assert await heard(two) == ["to a", "to b"]
                assert await heard(three) == []
        assert one.dropped == 0
        await channels.close()

    asyncio.run(test())


def test_who_has_left_hears_nothing_and_is_forgotten() -> None:
    async def test() -> None:
        channels = MemoryChannels()
        async with channels.subscribe("a") as one, channels.subscribe("a"):
            pass
        await channels.publish("a", "late")
        assert len(one) == 0
        assert channels._listeners == {}

    asyncio.run(test())


def test_a_history_comes_first() -> None:
    async def test() -> None:
        channels = MemoryChannels(history=3, most_channels=2)
        for number in range(5):
            await channels.publish("a", str(number))
        async with channels.subscribe("a", history=2) as two, channels.subscribe("a", history=9) as all_kept:
            async with channels.subscribe("a") as none:
                await channels.publish("a", "live")
                assert await heard(two) == ["3", "4", "live"]
                assert await heard(all_kept) == ["2", "3", "4", "live"]
                assert await heard(none) == ["live"]
        await channels.publish("b", "x")
        await channels.publish("c", "y")  # which makes a's history go
        async with channels.subscribe("a", "b", "c", history=9) as feed:
            assert await heard(feed) == ["x", "y"]
        await channels.close()
        async with channels.subscribe("c", history=9) as feed:
            assert await heard(feed) == []

    asyncio.run(test())


@given(strategies.lists(strategies.text(max_size=3), max_size=30), strategies.integers(1, 10))
def test_a_queue_keeps_the_newest_in_their_order_and_never_grows(messages: list[str], size: int) -> None:
    async def test() -> None:
        feed = Subscription(size, "drop")
        for message in messages:
            feed.put(message)
            assert len(feed) <= size
        assert await heard(feed) == messages[-size:]
        assert feed.dropped == max(0, len(messages) - size)

    asyncio.run(test())


def test_a_slow_listener_is_closed_where_nothing_may_be_lost() -> None:
    async def test() -> None:
        channels = MemoryChannels()
        async with channels.subscribe("a", size=2, policy="close") as feed:
            for number in range(4):
                await channels.publish("a", str(number))
            assert len(feed) == 0
            with pytest.raises(SlowSubscriber, match="1013 messages came faster"):
                await anext(feed)

    asyncio.run(test())


def test_who_waits_is_woken_once_and_who_gives_up_loses_nothing() -> None:
    async def test() -> None:
        feed = Subscription(3, "drop")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await anext(feed)
        waiting = asyncio.ensure_future(anext(feed))
        await asyncio.sleep(0)
        feed.put("one")
        feed.put("two")
        assert await waiting == "one"
        assert feed
        async for message in feed:
            assert message == "two"
            break

    asyncio.run(test())


@given(strategies.lists(strategies.booleans(), max_size=30), strategies.data())
def test_what_is_handed_on_and_what_waits_keep_one_order(
    takes: list[bool], data: strategies.DataObject
) -> None:
    async def test() -> None:
        feed, found = Subscription(100, "drop"), list[str]()

        def taker(message: str) -> bool:
            if takes[int(message)]:
                found.append(message)
            return takes[int(message)]

        async def listen() -> None:
            async for message in feed:
                await asyncio.sleep(0)  # while it is busy with one, nothing may pass by
                found.append(message)

        with feed.handing(taker):
            listening = asyncio.ensure_future(listen())
            for number in range(len(takes)):
                for _ in range(data.draw(strategies.integers(0, 3))):
                    await asyncio.sleep(0)
                feed.put(str(number))
            while len(found) < len(takes):
                await asyncio.sleep(0)
        listening.cancel()
        assert found == [str(number) for number in range(len(takes))]

    asyncio.run(test())


@pytest.mark.parametrize(
    "options", [{"size": 0}, {"size": -1}, {"history": -1}, {"policy": "grow"}, {"size": 1.5}]
)
def test_a_subscription_that_cannot_be_is_refused(options: Any) -> None:
    async def test() -> None:
        with pytest.raises(ValueError, match="give"):
            async with MemoryChannels().subscribe("a", **options):
                pass

    asyncio.run(test())


@pytest.mark.parametrize("options", [{"history": -1}, {"most_channels": "x"}])
def test_channels_that_cannot_be_are_refused(options: Any) -> None:
    with pytest.raises(ValueError, match="no number of messages"):
        MemoryChannels(**options)


@pytest.mark.parametrize(
    "channels", [MemoryChannels(), RedisChannels("redis://127.0.0.1:1")], ids=["memory", "redis"]
)
def test_what_is_no_text_is_a_mistake(channels: Channels) -> None:
    message: Any = {"x": 1}
    with pytest.raises(TypeError, match=r"takes text, not dict; write `json\.dumps"):
        asyncio.run(channels.publish("a", message))


def test_a_channel_feeds_websockets_and_event_streams() -> None:
    channels = MemoryChannels(history=10)
    app = Wadjet()

    @app.websocket("/live")
    async def live(socket: WebSocket) -> None:
        async with channels.subscribe("news", history=10) as feed:
            await socket.feed(feed)

    @app.get("/live.events")
    async def events() -> EventSourceResponse:
        async def content() -> Any:
            async with channels.subscribe("news", history=10) as feed:
                async for message in feed:
                    yield message

        return EventSourceResponse(content())

    @app.post("/news")
    async def post(text: str) -> None:
        await channels.publish("news", text)

    with TestClient(app) as client:
        with client.websocket("/live") as session:
            client.post("/news?text=one")
            assert session.receive() == "one"
        with client.stream("GET", "/live.events") as response:
            assert next(response.iter_lines()) == "data: one"
    assert channels._listeners == {}


def test_a_slow_websocket_is_told_to_come_again() -> None:
    channels = MemoryChannels()
    app = Wadjet()

    @app.websocket("/live")
    async def live(socket: WebSocket) -> None:
        async with channels.subscribe("news", size=1, policy="close") as feed:
            await socket.accept()
            await channels.publish("news", "one")
            await channels.publish("news", "two")
            await socket.feed(feed)

    with TestClient(app).websocket("/live") as session:
        with pytest.raises(WebSocketDisconnect) as over:
            session.receive()
    assert over.value.code == 1013
