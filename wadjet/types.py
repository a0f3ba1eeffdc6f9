"""Aliases and protocols that several rooms speak of. No logic."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from typing import Any, Protocol, TypeAlias

__all__ = ["ASGIApp", "Handler", "Message", "RawHeaders", "Receive", "Scope", "Send"]

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]

#: What a user writes: any callable that takes bound arguments and returns anything.
Handler: TypeAlias = Callable[..., Any]

#: Header fields as the wire has them: lower-case name, value.
RawHeaders: TypeAlias = list[tuple[bytes, bytes]]


class ASGIApp(Protocol):
    """An ASGI 3 application."""

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Coroutine[Any, Any, None]:
        """Answer one connection."""
