"""Which middleware has to stand outside of which, checked before anything is served."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ..errors import ConfigError

__all__ = ["check_order", "inside", "name_of"]

#: More wrappers than anybody writes: an application that wraps itself is not followed for ever.
_MOST_WRAPPERS = 64
#: What is no attribute of requests.
_CALLED = {"database": "the database"}


def check_order(stack: Sequence[Any]) -> None:
    """Refuse a stack in which something is used before it is there.

    Args:
        stack: outermost first; what each ``uses`` has to be ``provided`` outside of it, if anything provides it.

    Raises:
        ConfigError: names the two that are to be swapped.
    """
    for place, outer in enumerate(stack):
        uses: frozenset[str] = getattr(outer, "uses", frozenset())
        for inner in stack[place + 1 :]:
            for name in uses & getattr(inner, "provides", frozenset()):
                mine, theirs = type(outer).__name__, type(inner).__name__
                raise ConfigError(
                    f"{mine} uses {_CALLED.get(name, f'request.{name}')} and stands outside of {theirs}, which provides it; "
                    f"swap the two: {theirs} first, then {mine}"
                )


def inside(app: Any) -> Iterator[Any]:
    """Iterate over an application and what it is wrapped around, outermost first."""
    for _ in range(_MOST_WRAPPERS):
        if app is None:
            return
        yield app
        app = getattr(app, "app", None)


def name_of(middleware: object) -> str:
    """Return the module and the class of a middleware."""
    kind = type(middleware)
    return f"{kind.__module__}:{kind.__qualname__}"
