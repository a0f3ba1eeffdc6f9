"""What an application tells its subscribers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

__all__ = ["EVENTS", "BeforeRender", "Subscriber"]

Subscriber = Callable[[Any], Awaitable[None] | None]


class BeforeRender(dict[str, Any]):
    """A renderer is about to make a response of a handler's result (Pyramid).

    It is the values that a template gets beside the result; what subscribers add is there for it, unless the result says
    otherwise.

    Args:
        system: ``request`` and ``renderer_name``.
        rendering_val: what the handler returned; subscribers may change it, if it can be changed.
    """

    def __init__(self, system: dict[str, Any], rendering_val: Any) -> None:
        super().__init__(system)
        self.rendering_val = rendering_val


#: What can be subscribed to.
EVENTS: tuple[type, ...] = (BeforeRender,)
