"""Fuse: many pairs of hooks and one handle become one handle. What each early exit unwinds is decided here, not per request."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..http.request import Request
from ..http.response import Response
from ..http.seam import Finalise, Handle, Recover
from .base import BaseMiddleware, settle, settle_after

__all__ = ["fuse"]

After = Callable[[Request, Any], Any]
#: A hook, its ``before``, and the ``after`` hooks that run if it answers.
Step = tuple[BaseMiddleware, Callable[[Request], Any], Sequence[After]]


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
    return _fused(steps, unwinds[-1], call, prepare, recover)


def _fused(
    steps: Sequence[Step], whole: Sequence[After], call: Handle, prepare: Finalise, recover: Recover
) -> Handle:
    async def fused(request: Request) -> Response[Any]:
        for hook, before, unwind in steps:
            try:
                result = before(request)
                early = None if result is None else await settle(result, hook)
                if early is not None:
                    early = await prepare(request, early)
            except Exception as error:
                early = await recover(request, error)
            if early is not None:
                return await _unwound(unwind, request, early, recover)
        response = await call(request)
        return await _unwound(whole, request, response, recover) if whole else response

    return fused


async def _unwound(
    afters: Sequence[After], request: Request, response: Response[Any], recover: Recover
) -> Response[Any]:
    """Run ``after`` hooks, innermost first; one that raises, or leaves what cannot be sent, replaces the response."""
    for after in afters:
        try:
            pending = after(request, response)
            if pending is not None:
                await settle_after(pending, after)
        except Exception as error:
            response = await recover(request, error)
    try:
        response.final_headers()  # what a hook has left must be sendable while it can still become an answer
    except ValueError as error:
        response = await recover(request, error)
    return response
