"""Fuse: many pairs of hooks and one handle become one handle. What each early exit unwinds is decided here, not per request."""

from __future__ import annotations

import functools
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Protocol

from ..http.request import Request
from ..http.response import Response
from ..http.seam import Finalise, Handle, Recover
from ..server.asgi import Dispatch, Forms, Planned
from .hooks import Hook, settle, settle_after

__all__ = ["Fused", "fuse"]

After = Callable[[Request, Any], Any]
#: A hook, its ``before``, and the ``after`` hooks that run if it answers.
Step = tuple[Hook, Callable[[Request], Any], Sequence[After]]


def fuse(hooks: Sequence[Hook], call: Handle, prepare: Finalise, recover: Recover) -> Handle:
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
        # PERF(bench: stack_six): _unwound(), as long as nothing has to be waited for.
        rest = iter(whole)
        for after in rest:
            try:
                pending = after(request, response)
                if pending is not None:
                    await settle_after(pending, after)
            except Exception as error:
                response = await recover(request, error)
                return await _unwound(tuple(rest), request, response, recover)
        return response if response.is_ready else await _unwound((), request, response, recover)

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
    if not response.is_ready:
        try:
            response.final_headers()  # what a hook has left must be sendable while it can still become an answer
        except ValueError as error:
            response = await recover(request, error)
    return response


class Wrapper(Hook, Protocol):
    """A hook that stands around a whole application."""

    @property
    def wadjet_recover(self) -> Recover:
        """Turns an exception into a final response."""

    @property
    def wadjet_prepare(self) -> Finalise:
        """Makes an early response final."""


class Fused:
    """Finds what a dispatch finds, with one more hook around it: each plan is fused when it is met for the first time.

    Args:
        hook: stands around the application.
        dispatch: the application's.
        around: runs the hook around an ASGI application.
    """

    __slots__ = ("_around", "_dispatch", "_hook", "_plans")

    def __init__(
        self,
        hook: Wrapper,
        dispatch: Dispatch,
        around: Callable[..., Coroutine[Any, Any, None]],
    ) -> None:
        self._hook = hook
        self._dispatch = dispatch
        self._around = around
        self._plans: dict[Planned, Forms] = {}

    def plan_of(self, request: Request) -> Planned:
        """Return the plan of a request; the one inside stays on the request."""
        inner = self._dispatch(request)
        plan = self._plans.get(inner)
        if plan is None:
            plan = self._plans[inner] = self._fused(inner)
        return plan

    def _fused(self, inner: Planned) -> Forms:
        hook, handle, asgi = self._hook, inner.handle, inner.asgi
        if handle is not None:
            handle = fuse([hook], handle, hook.wadjet_prepare, hook.wadjet_recover)
        return Forms(
            handle, None if asgi is None else functools.partial(self._around, asgi), inner.max_body_size
        )
