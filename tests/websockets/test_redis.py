"""Channels in Redis: what one process publishes the others hear, and outages leave no gap that a history can fill."""

from __future__ import annotations

import asyncio
import secrets
import sys
from contextlib import suppress

import pytest

from tests.redisserver import RedisServer
from wadjet import Wadjet, WebSocket, WebSocketDisconnect
from wadjet.errors import ConfigError, MissingExtra
from wadjet.stores.store import StoreUnavailable
from wadjet.testing import TestClient, WebSocketDenied
from wadjet.websockets import ChannelsUnavailable, RedisChannels, Subscription

PATIENCE_SECONDS = 60


def fresh() -> str:
    return f"test:{secrets.token_hex(4)}:"


async def take(feed: Subscription, count: int) -> list[str]:
    async with asyncio.timeout(PATIENCE_SECONDS):
        return [await anext(feed) for _ in range(count)]


def test_what_one_process_publishes_another_one_hears(shared_redis: RedisServer) -> None:
    async def test() -> None:
        prefix = fresh()
        here = RedisChannels(shared_redis.url, prefix=prefix, timeout=30)
        there = RedisChannels(shared_redis.url, prefix=prefix, timeout=30)
        async with there.subscribe("a") as one, there.subscribe("a", "b:é") as two:
            await here.publish("a", "first: é")
            await here.publish("b:é", "second")
            assert await take(one, 1) == ["first: é"]
            assert await take(two, 2) == ["first: é", "second"]
        assert not there._listeners
        assert not there._joining
        async with there.subscribe("a") as again:
            await here.publish("a", "third")
            assert await take(again, 1) == ["third"]
        for channels in (here, there):
            await channels.close()

    asyncio.run(test())


def test_a_history_comes_first_and_nothing_twice(shared_redis: RedisServer) -> None:
    async def test() -> None:
        channels = RedisChannels(shared_redis.url, prefix=fresh(), history=3, timeout=30)
        for number in range(5):
            await channels.publish("a", str(number))
        async with channels.subscribe("a", history=2) as two:
            await channels.publish("a", "same")
            await channels.publish("a", "same")
            assert await take(two, 4) == ["3", "4", "same", "same"]
            async with channels.subscribe("a", history=9) as kept:
                assert await take(kept, 3) == ["4", "same", "same"]
        await channels.close()

    asyncio.run(test())


def test_those_who_join_while_others_publish_miss_nothing(shared_redis: RedisServer) -> None:
    async def test() -> None:
        channels = RedisChannels(shared_redis.url, prefix=fresh(), history=1000, timeout=30)

        async def publish() -> None:
            for number in range(200):
                await channels.publish("a", str(number))

        async def listen() -> None:
            async with channels.subscribe("a", history=1000, size=1000) as feed:
                assert await take(feed, 200) == [str(number) for number in range(200)]

        publishing = asyncio.create_task(publish())
        listening = []
        for _ in range(5):
            listening.append(asyncio.create_task(listen()))
            await asyncio.sleep(0.01)  # so that they join at different times
        await asyncio.gather(publishing, *listening)
        await channels.close()

    asyncio.run(test())


async def cut_listeners(admin: RedisChannels) -> None:
    """Let every process lose the connection on which it listens."""
    for client in await admin._redis.client_list(_type="pubsub"):
        await admin._redis.client_kill_filter(_id=client["id"])


def test_after_an_outage_of_the_connection_the_history_fills_the_gap(shared_redis: RedisServer) -> None:
    async def test() -> None:
        prefix = fresh()
        channels = RedisChannels(shared_redis.url, prefix=prefix, history=10, timeout=30)
        other = RedisChannels(shared_redis.url, prefix=prefix, history=10, timeout=30)
        async with channels.subscribe("a") as feed, channels.subscribe("b") as quiet:
            await other.publish("a", "before")
            assert await take(feed, 1) == ["before"]
            await cut_listeners(other)
            await other.publish("a", "meanwhile")
            await other.publish("a", "after")
            assert await take(feed, 2) == ["meanwhile", "after"]
            await other.publish("a", "again")
            assert await take(feed, 1) == ["again"]
            assert len(quiet) == len(feed) == 0
        for each in (channels, other):
            await each.close()

    asyncio.run(test())


def test_the_gap_is_filled_of_channels_too_in_which_nothing_was_heard_before(
    shared_redis: RedisServer,
) -> None:
    async def test() -> None:
        prefix = fresh()
        channels = RedisChannels(shared_redis.url, prefix=prefix, history=10, timeout=30)
        other = RedisChannels(shared_redis.url, prefix=prefix, history=10, timeout=30)
        await other.publish("b", "long ago")
        async with channels.subscribe("a") as new, channels.subscribe("b") as old:
            await cut_listeners(other)
            await other.publish("a", "meanwhile")
            await other.publish("b", "meanwhile")
            assert await take(new, 1) == await take(old, 1) == ["meanwhile"]
            assert len(new) == len(old) == 0
        for each in (channels, other):
            await each.close()

    asyncio.run(test())


def test_what_others_put_into_redis_is_passed_over(shared_redis: RedisServer) -> None:
    async def test() -> None:
        prefix = fresh()
        channels = RedisChannels(shared_redis.url, prefix=prefix, history=10, timeout=30)
        redis = channels._redis
        await redis.rpush(f"{prefix}past:a", b"\xff\xfe", b"no item")
        async with channels.subscribe("a", history=10) as feed:
            for data in (b"\xff\xfe", b"no item", b""):
                await redis.publish(f"{prefix}live:a", data)
            await redis.publish(f"{prefix}live:\udcff".encode("utf-8", "surrogateescape"), b"0" * 16 + b":x")
            await channels.publish("a", "text")
            assert await take(feed, 1) == ["text"]
            assert len(feed) == 0
        await channels.close()

    asyncio.run(test())


def test_who_listens_goes_on_even_if_redis_fails_again_while_the_gap_is_filled(
    shared_redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def test() -> None:
        prefix = fresh()
        channels = RedisChannels(shared_redis.url, prefix=prefix, history=10, timeout=30)
        other = RedisChannels(shared_redis.url, prefix=prefix, history=10, timeout=30)
        async with channels.subscribe("a") as feed:
            await other.publish("a", "before")
            assert await take(feed, 1) == ["before"]
            failures = iter([ChannelsUnavailable()])
            past = channels._past

            async def failing_once(channel: str, count: int) -> list[str]:
                for failure in failures:
                    raise failure
                return await past(channel, count)

            monkeypatch.setattr(channels, "_past", failing_once)
            await cut_listeners(other)
            await other.publish("a", "after")
            assert await take(feed, 1) == ["after"]
        for each in (channels, other):
            await each.close()

    asyncio.run(test())


def test_without_redis_requests_are_503_and_sockets_are_told_to_come_again() -> None:
    channels = RedisChannels("redis://127.0.0.1:1/0", timeout=5)
    app = Wadjet()

    @app.post("/news")
    async def tell() -> None:
        await channels.publish("news", "x")

    @app.websocket("/early")
    async def early(socket: WebSocket) -> None:
        await channels.publish("news", "x")

    @app.websocket("/late")
    async def late(socket: WebSocket) -> None:
        await socket.accept()
        await channels.publish("news", "x")

    app.on_shutdown(channels.close)
    with TestClient(app) as client:
        answer = client.post("/news")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        assert "127.0.0.1" not in answer.text
        with pytest.raises(WebSocketDenied) as denied, client.websocket("/early"):
            pass
        assert denied.value.response.status_code == 503
        with pytest.raises(WebSocketDisconnect) as over, client.websocket("/late") as session:
            session.receive()
        assert over.value.code == 1013


def test_without_an_answer_it_is_unavailable(own_redis: RedisServer) -> None:
    async def test() -> None:
        channels = RedisChannels(own_redis.url, timeout=1)
        async with channels.subscribe("a") as feed:
            own_redis.stop()
            with pytest.raises(StoreUnavailable):
                await channels.publish("a", "x")
            own_redis.start()
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not len(feed):
                    await asyncio.sleep(0.05)  # it tries again by itself
                    with suppress(StoreUnavailable):
                        await channels.publish("a", "x")
        await channels.close()
        own_redis.stop()
        late = RedisChannels(own_redis.url, timeout=0.2)
        with pytest.raises(StoreUnavailable):
            async with late.subscribe("b"):
                pass
        await late.close()

    asyncio.run(test())


def test_a_prefix_is_no_pattern(shared_redis: RedisServer) -> None:
    async def test() -> None:
        prefix = fresh()
        wide = RedisChannels(shared_redis.url, prefix=f"{prefix}*[a]?", timeout=30)
        other = RedisChannels(shared_redis.url, prefix=f"{prefix}xxab", timeout=30)
        async with wide.subscribe("c") as feed:
            await other.publish("c", "not this")
            await wide.publish("c", "this")
            assert await take(feed, 1) == ["this"]
        for each in (wide, other):
            await each.close()

    asyncio.run(test())


def test_a_wrong_address_is_a_mistake_and_is_not_repeated() -> None:
    with pytest.raises(ConfigError, match="no address of Redis") as error:
        RedisChannels("http://:secret@host")
    assert "secret" not in str(error.value)
    with pytest.raises(ValueError, match="history=-1"):
        RedisChannels("redis://localhost", history=-1)


def test_without_the_package_the_message_has_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "redis.asyncio", None)
    with pytest.raises(MissingExtra, match=r"pip install \"wadjet\[redis\]\""):
        RedisChannels("redis://localhost")
