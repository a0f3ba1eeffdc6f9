"""Where the time of a request goes, for a developer's browser: Server-Timing, in development only."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Sequence
from typing import Any

from ..http.request import Request
from ..http.response import Head, Response
from ..http.seam import Handle
from .hooks import Hook

__all__ = ["timed"]

_STATE = "wadjet.timing"


def timed(hooks: Sequence[Hook], call: Handle) -> tuple[list[Hook], Handle]:
    """Return hooks and a handle that do the same, and say on each response how long each has taken.

    SECURITY: how long something takes tells what it has found; nobody but a developer is told.

    Args:
        hooks: outermost first.
        call: what they stand around.
    """

    async def handle(request: Request) -> Response[Any]:
        start = time.perf_counter_ns()
        try:
            return await call(request)
        finally:
            _note(request, "handler", start)

    return [_Report(), *map(_timed, hooks)], handle


class _Report:
    """The outermost hook: it tells what the others have noted."""

    def before(self, request: Request) -> None:
        request.state[_STATE] = [("total", time.perf_counter_ns())]

    def after(self, request: Request, response: Head) -> None:
        (_, start), *phases = request.state.pop(_STATE)
        phases.append(("total", time.perf_counter_ns() - start))
        said = ", ".join(f"{name};dur={nanoseconds / 1e6:.3f}" for name, nanoseconds in phases)
        response.headers.append("server-timing", said)


class _Timed:
    """A hook, by the clock."""

    before: Callable[..., Any] | None = None
    after: Callable[..., Any] | None = None


def _timed(hook: Hook) -> Hook:
    """Return a hook that notes how long another one takes; it is called as that one is, for messages."""
    kind = type(hook)
    names = {"__module__": kind.__module__, "__qualname__": kind.__qualname__}
    made: Hook = type(kind.__name__, (_Timed,), names)()
    for phase in ("before", "after"):
        function = getattr(hook, phase)
        if function is not None:
            setattr(made, phase, _clocked(function, f"{kind.__name__}.{phase}"))
    return made


def _clocked(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    async def waited(request: Request, pending: Any, start: int) -> Any:
        try:
            return await pending
        finally:
            _note(request, name, start)

    def clocked(request: Request, *given: Any) -> Any:
        start = time.perf_counter_ns()
        result = pending = None
        try:
            result = function(request, *given)
            pending = result if inspect.isawaitable(result) else None
        finally:
            if pending is None:
                _note(request, name, start)
        return result if pending is None else waited(request, pending, start)

    clocked.__module__, clocked.__qualname__ = function.__module__, function.__qualname__
    return clocked


def _note(request: Request, name: str, start: int) -> None:
    request.state[_STATE].append((name, time.perf_counter_ns() - start))
