"""RedisChannels: channels of every process that knows the address. One connection listens for all of a process."""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

from ..errors import ConfigError, MissingExtra
from ..stores.outage import Outage
from .channels import ChannelsUnavailable, Policy, Subscription, check_message, check_sizes, new_subscription

if TYPE_CHECKING:
    from redis.asyncio import Redis

__all__ = ["RedisChannels"]

#: Seconds before Redis is asked again when it has not answered.
_PAUSE = 0.5
#: Seconds that a history is kept after the last message.
_HISTORY_SECONDS = 24 * 3600
#: Keeps and publishes at once: who sees a message twice, in the history and live, can tell.
_PUBLISH = """
if tonumber(ARGV[2]) > 0 then
  redis.call('RPUSH', KEYS[1], ARGV[1])
  redis.call('LTRIM', KEYS[1], -tonumber(ARGV[2]), -1)
  redis.call('EXPIRE', KEYS[1], ARGV[3])
end
return redis.call('PUBLISH', KEYS[2], ARGV[1])
"""


class RedisChannels:
    """Channels in Redis or Valkey.

    What is published while a process has lost its connection reaches its listeners afterwards as far as the history has it. A
    process hears the messages of all channels below the prefix, and hands out those that somebody listens to. Use an instance
    on one event loop; ``close`` it at shutdown.

    Args:
        url: ``redis://``, ``rediss://`` or ``unix://``.
        history: how many messages of each channel are kept, for a day.
        prefix: what every name begins with.
        timeout: seconds that Redis may take for one answer.

    Raises:
        MissingExtra: redis-py is not installed.
        ConfigError: the address is none.
        ValueError: a history that cannot be.
    """

    def __init__(
        self, url: str, *, history: int = 0, prefix: str = "wadjet:channel:", timeout: float = 1.0
    ) -> None:
        check_sizes(history=history)
        self._kept = history
        self._prefix = prefix
        self._timeout = timeout
        self._outage = Outage("Redis", time.monotonic)
        self._redis = _client(url)
        #: Each with what it has of the history, and may come once more.
        self._listeners: dict[str, dict[Subscription, set[str]]] = {}
        #: What has come for those who are reading the history yet.
        self._joining: dict[str, dict[int, list[str]]] = {}
        #: What came last of each channel, or was last in its history, for the gap after an outage; empty for nothing.
        self._latest: dict[str, str] = {}
        #: Whether Redis sends what is published.
        self._listening = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def publish(self, channel: str, message: str) -> None:
        """Send a message to all who listen to a channel; see :meth:`Channels.publish`.

        Raises:
            ChannelsUnavailable: Redis does not answer.
            TypeError: the message is no text.
        """
        check_message(message)
        keys = (f"{self._prefix}past:{channel}", f"{self._prefix}live:{channel}")
        item = f"{secrets.token_hex(8)}:{message}"
        await self._asked(self._redis.eval(_PUBLISH, 2, *keys, item, self._kept, _HISTORY_SECONDS))

    @asynccontextmanager
    async def subscribe(
        self, *channels: str, history: int = 0, size: int = 100, policy: Policy = "drop"
    ) -> AsyncIterator[Subscription]:
        """Listen to channels; see :meth:`Channels.subscribe`.

        Raises:
            ChannelsUnavailable: Redis does not answer.
        """
        subscription = new_subscription(history, size, policy)
        try:
            for channel in channels:
                await self._join(channel, subscription, history)
            yield subscription
        finally:
            for channel in channels:
                self._leave(channel, subscription)

    async def close(self) -> None:
        """Let go of the connections."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait({task})
        self._listening.clear()
        await self._redis.aclose()

    # -- listening ----------------------------------------------------------------------------------------------------------

    async def _join(self, channel: str, subscription: Subscription, history: int) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="wadjet-channels")
        await self._asked(self._listening.wait())
        # Live messages come already: those that the history has too wait for it.
        early: list[str] = []
        joining = self._joining.setdefault(channel, {})
        joining[id(early)] = early
        # Where nothing has come yet, the history says after which item a gap would begin.
        count = history or int(bool(self._kept and channel not in self._latest))
        try:
            found = await self._past(channel, count) if count else []
        finally:
            del joining[id(early)]
        if self._kept:
            self._latest.setdefault(channel, ["", *found, *early][-1])
        past = found if history else []
        seen = set(past)
        self._listeners.setdefault(channel, {})[subscription] = seen
        for item in past:
            subscription.put(_text(item))
        for item in early:
            _put(item, subscription, seen)

    async def _past(self, channel: str, count: int) -> list[str]:
        """Return the last items of a channel, at most so many."""
        found = await self._asked(self._redis.lrange(f"{self._prefix}past:{channel}", -count, -1))
        return [item for data in found if (item := _item(data))]

    def _leave(self, channel: str, subscription: Subscription) -> None:
        listeners = self._listeners.get(channel, {})
        listeners.pop(subscription, None)
        if not (listeners or self._joining.get(channel)):
            self._listeners.pop(channel, None)
            self._joining.pop(channel, None)
            self._latest.pop(channel, None)

    async def _run(self) -> None:
        """Hand out messages, for ever; listen again when the connection is lost."""
        from redis.exceptions import RedisError

        pattern = f"{_GLOB.sub(_ESCAPED, self._prefix)}live:*"
        while True:
            pubsub: Any = self._redis.pubsub()
            try:
                # One pattern for all: nobody has to wait for Redis who listens to one channel more.
                await pubsub.psubscribe(pattern)
                async for message in pubsub.listen():
                    await self._take(message)
            except Exception as error:  # whatever it is: those who listen would never hear anything again
                self._outage.fails(error)
                self._listening.clear()
            finally:
                with suppress(RedisError, OSError):
                    await pubsub.aclose()
            await asyncio.sleep(_PAUSE)

    async def _take(self, message: dict[str, Any]) -> None:
        if (
            message["type"] == "psubscribe"
        ):  # at the beginning, and after each time that the connection was lost
            for channel in list(self._latest):
                await self._fill_gap(channel)
            self._outage.answers()
            self._listening.set()
        elif message["type"] == "pmessage":
            item = _item(message["data"])
            if item:
                channel = message["channel"].decode("utf-8", "replace")[len(f"{self._prefix}live:") :]
                self._hand_out(channel, item)

    async def _fill_gap(self, channel: str) -> None:
        """Hand out what was published while there was no connection."""
        past, latest = await self._past(channel, self._kept), self._latest.get(channel)
        missed = past[past.index(latest) + 1 :] if latest in past else past
        for item in missed:
            self._hand_out(channel, item)
        for seen in self._listeners.get(channel, {}).values():
            seen.update(missed)

    def _hand_out(self, channel: str, item: str) -> None:
        for early in self._joining.get(channel, {}).values():
            early.append(item)
        listeners = self._listeners.get(channel)
        if listeners is None:
            return
        if self._kept:
            self._latest[channel] = item
        for listener, seen in listeners.items():
            _put(item, listener, seen)

    async def _asked(self, asking: Any) -> Any:
        from redis.exceptions import RedisError

        try:
            async with asyncio.timeout(self._timeout):
                return await asking
        except (RedisError, OSError) as error:  # a time-out is an OSError
            self._outage.fails(error)
            raise ChannelsUnavailable from error


#: What a pattern of Redis takes for more than itself.
_GLOB, _ESCAPED = re.compile(r"[*?\[\]\\^]"), r"\\\g<0>"


def _put(item: str, listener: Subscription, seen: set[str]) -> None:
    """Give a listener an item, unless it has had it: what is live and what is kept come on connections of their own."""
    if item in seen:
        seen.discard(item)
    else:
        listener.put(_text(item))


#: What was published by RedisChannels: sixteen digits that tell equal messages apart, and the message.
_ITEM = re.compile(rb"[0-9a-f]{16}:")


def _item(data: bytes) -> str:
    """Return what Redis gives; nothing for what somebody else has put there."""
    return data.decode("utf-8", "replace") if _ITEM.match(data) else ""


def _text(item: str) -> str:
    return item.partition(":")[2]


def _client(url: str) -> Redis:
    try:
        from redis.asyncio import Redis
    except ModuleNotFoundError as missing:
        raise MissingExtra('RedisChannels needs redis-py: pip install "wadjet[redis]"') from missing
    try:
        return Redis.from_url(url)
    except ValueError as error:
        # SECURITY: the address may hold a password, so it is not repeated.
        raise ConfigError(
            f"this is no address of Redis ({error}); write one as redis://host:6379/0"
        ) from None
