"""Registry: what an application knows of itself, for whoever has a request (Pyramid)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .subscribers import Notify, Subscription, notifier

__all__ = ["Registry"]


class Registry:
    """The settings of an application, and the door to its subscribers.

    Args:
        settings: of the application.
        subscriptions: what has been recorded.
    """

    def __init__(self, settings: Any, subscriptions: Sequence[Subscription]) -> None:
        self.settings = settings
        self._subscriptions = subscriptions
        self._notifiers: dict[type, Notify | None] = {}

    def notifier(self, event: type) -> Notify | None:
        """Return what tells the events of a class; None where nobody wants them."""
        if event not in self._notifiers:
            self._notifiers[event] = notifier(self._subscriptions, event)
        return self._notifiers[event]

    async def notify(self, event: Any) -> None:
        """Tell an event, one of your own too, to whoever has subscribed to its class, and wait for them.

        Args:
            event: any object.
        """
        notify = self.notifier(type(event))
        pending = None if notify is None else notify(event)
        if pending is not None:
            await pending
