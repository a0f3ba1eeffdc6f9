"""The layer of a cache: inside of everything that runs for each request, around the handler."""

from __future__ import annotations

from typing import Any

from ..cache.responses import ResponseCache
from ..cache.stored import Kept
from ..http.request import Request
from ..http.response import Response
from .layers import Layer
from .prepare import Prepare
from .returning import Makers

__all__ = ["cached"]


def cached(inner: Layer, makers: Makers, prepare: Prepare, cache: ResponseCache) -> Layer:
    """Return a layer that gives what a cache has, and else calls what is inside and lets the cache have the answer.

    Args:
        inner: calls the handler.
        makers: the route's.
        prepare: gives a response its content, before it is kept.
        cache: the route's.
    """
    # What comes out of a cache is as ready as what a compiled route makes, and nobody else's.
    makers[Kept] = _as_it_is

    async def answer(request: Request, bound: dict[str, Any]) -> Response[Any]:
        async def run() -> Response[Any]:
            value = await inner(request, bound)
            response = makers[type(value)](value)
            return response if response.is_ready else await prepare.made(request, response)

        return await cache.answer(request, run)

    return answer


def _as_it_is(response: Response[Any]) -> Response[Any]:
    return response
