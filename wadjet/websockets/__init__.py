"""WebSockets: one end of a conversation, what ends it, and channels that many listen to."""

from __future__ import annotations

from .channels import Channels, ChannelsUnavailable, MemoryChannels, SlowSubscriber, Subscription
from .closing import CloseCode, InvalidMessage, WebSocketDisconnect, WebSocketException
from .redis import RedisChannels
from .socket import WebSocket

__all__ = [
    "Channels",
    "ChannelsUnavailable",
    "CloseCode",
    "InvalidMessage",
    "MemoryChannels",
    "RedisChannels",
    "SlowSubscriber",
    "Subscription",
    "WebSocket",
    "WebSocketDisconnect",
    "WebSocketException",
]
