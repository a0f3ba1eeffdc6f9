"""Channels: what is published under a name reaches all who listen to it. In this process; ``redis`` has those of all."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from typing import Literal, Protocol, Self, get_args

from ..http.exceptions import ServiceUnavailable
from ..stores.store import StoreUnavailable
from .closing import CloseCode, WebSocketException

__all__ = [
    "Channels",
    "ChannelsUnavailable",
    "MemoryChannels",
    "Policy",
    "SlowSubscriber",
    "Subscription",
    "check_message",
    "check_sizes",
    "last",
    "new_subscription",
]

#: What becomes of a subscriber whose queue is full: the oldest message makes room, or the subscription ends.
Policy = Literal["drop", "close"]


class SlowSubscriber(WebSocketException):
    """A subscription has ended because messages came faster than they were taken; closes a WebSocket with 1013."""

    def __init__(self) -> None:
        super().__init__(CloseCode.TRY_AGAIN_LATER, "messages came faster than they were taken")


class ChannelsUnavailable(StoreUnavailable, ServiceUnavailable):
    """What channels go through does not answer: 503 with ``Retry-After`` unless it is caught; closes a WebSocket with 1013."""

    def __init__(self) -> None:
        ServiceUnavailable.__init__(self, retry_after=1)


class Subscription:
    """What one listener has not taken yet: iterate over it. Its queue never grows beyond its size.

    Args:
        size: the most messages that wait.
        policy: ``drop`` lets the oldest message make room, ``close`` ends the subscription.
    """

    __slots__ = ("_is_broken", "_policy", "_size", "_taker", "_waiter", "_waiting", "dropped")

    def __init__(self, size: int, policy: Policy) -> None:
        self._size = size
        self._policy = policy
        self._waiting: deque[str] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._taker: Callable[[str], bool] | None = None
        self._is_broken = False
        #: How many messages were dropped.
        self.dropped = 0

    def put(self, message: str) -> None:
        """Let a message wait; this never does."""
        if self._is_broken or (self._taker is not None and self._is_awaited and self._taker(message)):
            return
        if len(self._waiting) >= self._size:
            if self._policy == "close":
                self._is_broken = True
                self._waiting.clear()
            else:
                self._waiting.popleft()
                self.dropped += 1
        if not self._is_broken:
            self._waiting.append(message)
        self._wake()

    def __len__(self) -> int:
        """Return how many messages wait."""
        return len(self._waiting)

    def __bool__(self) -> bool:
        """Be true, with or without messages."""
        return True

    def __aiter__(self) -> Self:
        """Iterate for ever, or until messages come too fast."""
        return self

    async def __anext__(self) -> str:
        """Return the oldest message that waits; wait for one.

        Raises:
            SlowSubscriber: there were too many.
        """
        while not self._waiting:
            if self._is_broken:
                raise SlowSubscriber
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        return self._waiting.popleft()

    @contextmanager
    def handing(self, taker: Callable[[str], bool]) -> Iterator[None]:
        """Hand messages to somebody at once, for the length of a block, while the listener waits for the next one.

        Args:
            taker: tells whether it has taken a message; what it has not waits for the listener, as usual. It never raises.
        """
        self._taker = taker
        try:
            yield
        finally:
            self._taker = None

    @property
    def _is_awaited(self) -> bool:
        """Whether the listener has done with all that came before."""
        return self._waiter is not None and not self._waiter.done()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


class Channels(Protocol):
    """Where messages are published, and listened to."""

    async def publish(self, channel: str, message: str) -> None:
        """Send a message to all who listen to a channel; this waits for none of them.

        Args:
            channel: its name.
            message: text; JSON for everything else.

        Raises:
            TypeError: it is no text.
        """

    def subscribe(
        self, *channels: str, history: int = 0, size: int = 100, policy: Policy = "drop"
    ) -> AbstractAsyncContextManager[Subscription]:
        """Listen to channels for the length of an ``async with`` block.

        Args:
            *channels: their names.
            history: how many of the last messages of each come first, as far as they are kept.
            size: the most messages that wait for this listener; the history counts too.
            policy: what becomes of a listener who is slower than that: ``drop`` loses its oldest messages, ``close`` ends the
                subscription with :class:`SlowSubscriber`.
        """

    async def close(self) -> None:
        """Let go of connections."""


class MemoryChannels:
    """Channels in this process: whoever publishes and whoever listens is in it.

    Args:
        history: how many messages of each channel are kept for those who come later.
        most_channels: how many channels have a history; the one that was silent for the longest time makes room.

    Raises:
        ValueError: a number that cannot be.
    """

    def __init__(self, history: int = 0, most_channels: int = 10_000) -> None:
        check_sizes(history=history, most_channels=most_channels)
        self._kept = history
        self._most = most_channels
        self._history: dict[str, deque[str]] = {}
        self._listeners: dict[str, dict[Subscription, None]] = {}

    async def publish(self, channel: str, message: str) -> None:
        """Send a message to all who listen to a channel; see :meth:`Channels.publish`."""
        check_message(message)
        if self._kept:
            past = self._history.pop(channel, None) or deque(maxlen=self._kept)
            past.append(message)
            self._history[channel] = past
            if len(self._history) > self._most:
                del self._history[next(iter(self._history))]
        for listener in self._listeners.get(channel, ()):
            listener.put(message)

    @asynccontextmanager
    async def subscribe(
        self, *channels: str, history: int = 0, size: int = 100, policy: Policy = "drop"
    ) -> AsyncIterator[Subscription]:
        """Listen to channels; see :meth:`Channels.subscribe`."""
        subscription = new_subscription(history, size, policy)
        for channel in channels:
            for message in last(self._history.get(channel, ()), history):
                subscription.put(message)
            self._listeners.setdefault(channel, {})[subscription] = None
        try:
            yield subscription
        finally:
            for channel in channels:
                listeners = self._listeners[channel]
                listeners.pop(subscription, None)
                if not listeners:
                    del self._listeners[channel]

    async def close(self) -> None:
        """Forget the history."""
        self._history.clear()


def new_subscription(history: int, size: int, policy: Policy) -> Subscription:
    """Return a subscription of these sizes.

    Raises:
        ValueError: a number or a policy that cannot be.
    """
    check_sizes(history=history, size=size)
    if size < 1 or policy not in get_args(Policy):
        raise ValueError(
            f"subscribe(size={size!r}, policy={policy!r}): give a size of 1 or more, and 'drop' or 'close'"
        )
    return Subscription(size, policy)


def last(messages: Iterable[str], count: int) -> list[str]:
    """Return the last messages."""
    return list(messages)[-count:] if count else []


def check_message(message: object) -> None:
    """Refuse what is no text.

    Raises:
        TypeError: it is none.
    """
    if not isinstance(message, str):
        raise TypeError(f"publish() takes text, not {type(message).__name__}; write `json.dumps(message)`")


def check_sizes(**sizes: int) -> None:
    """Refuse numbers that cannot be.

    Raises:
        ValueError: one is less than 0, or none.
    """
    for name, value in sizes.items():
        if type(value) is not int or value < 0:
            raise ValueError(f"{name}={value!r} is no number of messages; give 0 or more")
