"""Fuse: many pairs of hooks and one handle become one handle. What each early exit unwinds is decided here, not per request."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from operator import attrgetter, length_hint
from typing import Any, NamedTuple, Protocol

from ..http.request import Request
from ..http.response import Response
from ..http.seam import Finalise, Handle, Recover
from ..server.asgi import Dispatch, Forms, Planned
from .hooks import Hook, settle, settle_after

__all__ = ["Fused", "Ring", "fuse", "fuse_rings"]

After = Callable[[Request, Any], Any]
#: Takes an early answer out again, through all who have been entered.
Leave = Callable[[Request, Response[Any]], Awaitable[Response[Any]]]


class Step(NamedTuple):
    """What is done when a hook answers, or raises, before the handle."""

    hook: Hook
    #: Makes a response of what was raised.
    recover: Recover
    #: The way out.
    leave: Leave


class Ring(NamedTuple):
    """Hooks that stand around a handle, and what turns exceptions of theirs into final responses."""

    #: Outermost first.
    hooks: Sequence[Hook]
    recover: Recover


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
    ring = Ring(hooks, recover)
    return _fused(tuple(_steps(ring)), _afters(hooks), call, prepare, recover)


def fuse_rings(outer: Ring, inner: Ring, call: Handle, prepare: Finalise) -> Handle:
    """Return what :func:`fuse` makes of the outer hooks around what it makes of the inner ones."""
    if not (outer.hooks and inner.hooks) or _afters(inner.hooks):
        return fuse(outer.hooks, fuse(inner.hooks, call, prepare, inner.recover), prepare, outer.recover)
    # PERF(bench: inproc_stack): those that look at no response need no coroutine of their own.
    steps = *_steps(outer), *_steps(inner, outer)
    within = functools.partial(_left, [((), inner.recover)])
    return _fused(steps, _afters(outer.hooks), call, prepare, outer.recover, within)


def _steps(ring: Ring, outside: Ring | None = None) -> Iterator[Step]:
    """Yield what is done before a handle for one ring, which may stand inside another one."""
    ways = [] if outside is None else [(_afters(outside.hooks), outside.recover)]
    for place, hook in enumerate(ring.hooks, 1):
        if hook.before is not None:
            own = _afters(ring.hooks[:place]), ring.recover
            yield Step(hook, ring.recover, functools.partial(_left, [own, *ways]))


def _afters(hooks: Sequence[Hook]) -> tuple[After, ...]:
    return tuple(hook.after for hook in reversed(hooks) if hook.after is not None)


async def _left(
    ways: Sequence[tuple[Sequence[After], Recover]], request: Request, response: Response[Any]
) -> Response[Any]:
    """Take an early answer out through rings, innermost first."""
    for afters, recover in ways:
        response = await _unwound(afters, request, response, recover)
    return response


async def _refuse(step: Step, request: Request, error: Exception) -> Response[Any]:
    """Answer what a hook has raised before the handle."""
    return await step.leave(request, await step.recover(request, error))


async def _answer(result: Any, step: Step, request: Request, prepare: Finalise) -> Response[Any] | None:
    """Return the answer of a hook; None where it has none after all."""
    try:
        early = await settle(result, step.hook)
        if early is None:
            return None
        early = await prepare(request, early)
    except Exception as error:
        return await _refuse(step, request, error)
    return await step.leave(request, early)


async def _as_it_is(_: Request, response: Response[Any]) -> Response[Any]:
    return response


def _fused(
    steps: Sequence[Step],
    whole: Sequence[After],
    call: Handle,
    prepare: Finalise,
    recover: Recover,
    within: Leave = _as_it_is,
) -> Handle:
    befores: Sequence[Any] = tuple(map(attrgetter("hook.before"), steps))

    async def fused(request: Request) -> Response[Any]:
        # PERF(bench: stack_six): where a hook stands is found out when it answers: by how many have not been asked yet.
        asked = iter(befores)
        for before in asked:
            try:
                result = before(request)
            except Exception as error:
                return await _refuse(steps[~length_hint(asked)], request, error)
            if result is not None:
                early = await _answer(result, steps[~length_hint(asked)], request, prepare)
                if early is not None:
                    return early
        response = await call(request)
        if not response.is_ready:
            response = await within(request, response)
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
