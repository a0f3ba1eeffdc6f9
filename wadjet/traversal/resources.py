"""Resources: objects that know what stands below them, ``__getitem__``, and what they stand below, ``__parent__`` (Pyramid)."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import unquote_to_bytes

from ..http.exceptions import BadRequest
from ..http.located import Location

__all__ = ["DefaultRoot", "lineage", "segments_of", "traverse"]

#: What has items, and none of them is a resource.
_LEAVES = (str, bytes, bytearray, memoryview, list, tuple)


class DefaultRoot:
    """The root where nobody has given one: nothing stands below it."""

    __name__ = ""
    __parent__: Any = None

    def __init__(self, request: Any = None) -> None:
        """Take the request, as every factory of roots does."""


def lineage(resource: Any) -> Iterator[Any]:
    """Yield a resource, what it stands below, and so on up to the root."""
    while resource is not None:
        yield resource
        resource = getattr(resource, "__parent__", None)


def segments_of(path: bytes) -> tuple[str, ...]:
    """Return the segments of a path as it was sent, decoded; empty ones and ``.`` are left out.

    Args:
        path: percent-encoded; an encoded slash is part of its segment.

    Raises:
        BadRequest: it climbs, or is not UTF-8.
    """
    try:
        decoded = [unquote_to_bytes(segment).decode() for segment in path.split(b"/")]
    except UnicodeDecodeError:
        raise BadRequest("The path is not UTF-8.") from None
    if ".." in decoded:
        raise BadRequest("The path climbs.")
    return tuple(segment for segment in decoded if segment not in {"", "."})


async def traverse(root: Any, segments: Sequence[str], virtual: Sequence[str] = ()) -> Location:
    """Go from a root as far as the segments lead.

    Each is asked of ``__getitem__``, which may give an awaitable, until there is none or it raises KeyError. The segment that
    leads nowhere is the view's name, so is one after ``@@``; what follows is the subpath. Attributes are never looked at.

    Args:
        root: where the way begins.
        segments: of the path.
        virtual: those before, which lead to the virtual root.
    """
    context, virtual_root = root, root
    way = (*virtual, *segments)
    for place, segment in enumerate(way):
        if place == len(virtual):
            virtual_root = context
        child = _NONE if segment.startswith(("@@", "_")) else await _child(context, segment)
        if child is _NONE:
            name, rest = segment.removeprefix("@@"), way[place + 1 :]
            return Location(context, root, name, rest, way[:place], virtual_root, tuple(virtual))
        context = child
    return Location(context, root, "", (), way, context if not segments else virtual_root, tuple(virtual))


_NONE = object()


async def _child(context: Any, segment: str) -> Any:
    if isinstance(context, _LEAVES) or not hasattr(type(context), "__getitem__"):
        return _NONE
    try:
        child = context[segment]
        return await child if inspect.isawaitable(child) else child
    except KeyError:
        return _NONE
