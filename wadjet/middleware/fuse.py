"""Fuse: many pairs of hooks and one handle become one handle. What each early exit unwinds is decided here, not per request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from ..http.request import Request
from ..http.response import Response
from .base import BaseMiddleware, Finalise, Recover, settle

__all__ = ["Handle", "fuse"]

Handle = Callable[[Request], Awaitable[Response[Any]]]
After = Callable[[Request, Any], Any]


def fuse(hooks: Sequence[BaseMiddleware], call: Handle, prepare: Finalise, recover: Recover) -> Handle:
    """Return a handle that runs hooks around a handle.

    ``before`` hooks run outermost first. When one answers early, or raises, the ``after`` hooks of those entered run, its own
    included, innermost first. An ``after`` that raises replaces the response, and the outer ones run on the replacement.

    Args:
        hooks: outermost first.
        call: what they stand around; it raises nothing but disconnects.
        prepare: makes an early response final.
        recover: turns an exception into a final response.
    """
    if not hooks:
        return call
    unwinds = [
        tuple(hook.after for hook in reversed(hooks[:count]) if hook.after is not None)
        for count in range(len(hooks) + 1)
    ]
    steps = tuple(
        (hook, hook.before, unwinds[place]) for place, hook in enumerate(hooks, 1) if hook.before is not None
    )
    whole = unwinds[-1]

    async def fused(request: Request) -> Response[Any]:
        for hook, before, unwind in steps:
            try:
                result = before(request)
                if result is not None and (early := await settle(result, hook)) is not None:
                    return await _unwound(unwind, request, await prepare(request, early), recover)
            except Exception as error:
                return await _unwound(unwind, request, await recover(request, error), recover)
        response = await call(request)
        for place, after in enumerate(whole):
            try:
                pending = after(request, response)
                if pending is not None:
                    await pending
            except Exception as error:
                return await _unwound(whole[place + 1 :], request, await recover(request, error), recover)
        return response

    return fused


async def _unwound(
    afters: Sequence[After], request: Request, response: Response[Any], recover: Recover
) -> Response[Any]:
    """Run ``after`` hooks, innermost first, on a response that did not come the usual way."""
    for after in afters:
        try:
            pending = after(request, response)
            if pending is not None:
                await pending
        except Exception as error:
            response = await recover(request, error)
    return response
