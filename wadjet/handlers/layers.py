"""Layers: what stands between a route and its handler, each around the next, with the request and the arguments."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from ..http.request import Request
from .plan import Call

__all__ = ["Layer", "innermost", "through"]

#: Gets the request and the arguments of the handler, by name; gives the handler's result, or another one.
Layer = Callable[[Request, dict[str, Any]], Awaitable[Any]]


def innermost(call: Call) -> Layer:
    """Return the layer that calls the handler."""
    function = call.function

    async def run(request: Request, bound: dict[str, Any]) -> Any:  # noqa: ARG001 - what stands around wants it
        return await function(**bound)

    return run


def through(layer: Layer, call: Call) -> Call:
    """Return a call that goes through layers.

    Args:
        layer: the outermost.
        call: the handler's own, whose arguments and reading stay.
    """
    arguments = call.arguments
    return Call(layer, lambda request: {"request": request, "bound": dict(arguments(request))}, call.reads)
