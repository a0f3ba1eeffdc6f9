"""Work that is left to do when a response has left, as it is given."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

__all__ = ["Work", "works_of"]

#: A function without arguments, asynchronous or not.
Work = Callable[[], Awaitable[object] | object]


def works_of(given: Any) -> tuple[Work, ...]:
    """Return background work as it was given: a function without arguments, or several.

    Raises:
        TypeError: it is neither.
    """
    works = (given,) if callable(given) else tuple(given) if isinstance(given, Iterable) else (given,)
    if not all(map(callable, works)):
        raise TypeError(
            f"background={given!r:.100} is no function without arguments, nor a list of such; write "
            "`background=functools.partial(send, address)`, or `request.background(send, address)`"
        )
    return works
