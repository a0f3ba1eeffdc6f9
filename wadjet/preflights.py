"""The automatic answer to OPTIONS where middleware stands around a route: it sees what browsers ask before they ask the route."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import takewhile
from typing import Any, NamedTuple

from .http.request import Request
from .http.response import Response
from .http.seam import Handle
from .middleware.hooks import Hook

__all__ = ["Asked", "by_method"]


class Asked(NamedTuple):
    """A method of a path, and the hooks around what answers it, inside of those around everything."""

    method: str
    hooks: tuple[Hook, ...]


def by_method(asked: Sequence[Asked], fused: Callable[[Sequence[Hook]], Handle]) -> Handle:
    """Return what answers OPTIONS for a path.

    A preflight is seen by the hooks around the route that it is about (Fetch §3.2.2), every other request by those that all
    routes of the path have.

    Args:
        asked: the methods of the path.
        fused: returns the plain answer with hooks around it.
    """
    shared = fused(_shared([each.hooks for each in asked]))
    handles: Mapping[str, Handle] = {each.method: fused(each.hooks) for each in asked}

    async def options(request: Request) -> Response[Any]:
        field = request.header(b"access-control-request-method")
        handle = shared if field is None else handles.get(field.decode("latin-1"), shared)
        return await handle(request)

    return options


def _shared(stacks: Sequence[tuple[Hook, ...]]) -> tuple[Hook, ...]:
    """Return those that all begin with."""
    levels = zip(*stacks, strict=False)
    return tuple(
        level[0] for level in takewhile(lambda level: all(hook is level[0] for hook in level), levels)
    )
