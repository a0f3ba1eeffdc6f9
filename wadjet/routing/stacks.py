"""Which middleware stands around a route: that of the routers that hold it, then that of the route itself."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..errors import RouteError
from .options import RouteOptions

__all__ = ["Stack", "merged", "stacks_of"]


class Stack(NamedTuple):
    """Middleware that was given at one place, and is made once, however many routes it stands around."""

    #: The router or route that it was given.
    owner: object
    #: Outermost first, as the application's.
    entries: tuple[Any, ...]


def stacks_of(options: RouteOptions, owner: object) -> tuple[Stack, ...]:
    """Return the middleware among some options, outermost first.

    Args:
        options: whose ``middleware`` is as it was written, or of stacks already.
        owner: what they were given.

    Raises:
        RouteError: it is no list.
    """
    entries: Any = options.get("middleware", ())
    if not isinstance(entries, list | tuple):
        raise RouteError(f"{owner!r}: middleware={entries!r} is no list; write middleware=[{entries!r}]")
    if all(isinstance(entry, Stack) for entry in entries):
        return tuple(entries)
    return (Stack(owner, tuple(entries)),)


def merged(outer: RouteOptions, own: RouteOptions, owner: object) -> RouteOptions:
    """Return options merged from the outside in: the nearer ones win, but middleware stands inside of middleware.

    Args:
        outer: what a router says of all that it holds.
        own: what the nearer one says.
        owner: that nearer one.

    Raises:
        RouteError: its middleware is no list.
    """
    whole: RouteOptions = {**outer, **own}
    stacks = (*stacks_of(outer, owner), *stacks_of(own, owner))
    if stacks:
        whole["middleware"] = stacks
    return whole
