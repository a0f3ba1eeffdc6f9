"""Announcing: tells subscribers of requests and responses, as the innermost of the application's middleware."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from ..events.registry import Registry
from ..events.signals import BeforeTraversal, ContextFound, NewRequest, NewResponse
from ..http.request import Request
from ..http.response import Head
from ..types import Receive, Scope, Send
from .base import BaseMiddleware

__all__ = ["Announcing", "announcing", "locating"]


class Announcing(BaseMiddleware):
    """A pair of hooks of subscribers; where nobody wants an event, the hook of it is absent.

    Args:
        before: tells that there is a request.
        after: tells that there is a response.
    """

    def __init__(
        self,
        before: Callable[[Request], Awaitable[None] | None] | None,
        after: Callable[[Request, Head], Awaitable[None] | None] | None = None,
    ) -> None:
        super().__init__(_nothing)
        self.before = before
        self.after = after


async def _nothing(scope: Scope, receive: Receive, send: Send) -> None:
    """Stand where an application does: these hooks are only ever fused, or put around what is mounted."""


def announcing(registry: Registry) -> list[Announcing]:
    """Return the hooks around every plan; none where nobody wants the events."""
    asked, answered = registry.notifier(NewRequest), registry.notifier(NewResponse)
    if asked is None and answered is None:
        return []
    before = None if asked is None else lambda request: asked(NewRequest(request))
    after = None if answered is None else lambda request, response: answered(NewResponse(request, response))
    return [Announcing(before, after)]


def locating(registry: Registry) -> list[Announcing]:
    """Return the hooks around a route, whose context is the root itself; none where nobody wants the events."""
    wanted = [(event, registry.notifier(event)) for event in (BeforeTraversal, ContextFound)]
    return [
        Announcing(lambda request, event=event, notify=notify: notify(event(request)))  # type: ignore[misc]  # bound early
        for event, notify in wanted
        if notify is not None
    ]
