"""The time that a route has to answer; then its handler is cancelled, and the answer is a 503."""

from __future__ import annotations

import asyncio
import inspect
from datetime import timedelta
from typing import Any

from ..errors import ConfigError
from ..http.exceptions import ServiceUnavailable
from ..http.request import Request
from ..http.response import Response
from ..http.seam import Handle, Recover
from .cached import AT_ONCE, at_once_of
from .plan import Compiled

__all__ = ["in_time"]


def in_time(handle: Handle, compiled: Compiled, recover: Recover) -> Handle:
    """Return a handle that is cancelled when the time of its route is over, and answered with 503 (RFC 9110 §15.6.4).

    Args:
        handle: reads the content, makes the arguments, runs the handler and makes a response.
        compiled: the route; without ``timeout=`` the handle stays as it is. A stream has its time for the first piece.
        recover: makes a response of an exception.

    Raises:
        ConfigError: the route says ``timeout=``, and its handler runs in a thread, which nobody can cancel.
    """
    seconds = _deadline_of(compiled)
    if seconds is None:
        return handle

    async def run(request: Request) -> Response[Any]:
        try:
            async with asyncio.timeout(seconds) as limit:
                return await handle(request)
        except TimeoutError as error:
            if not limit.expired():
                return await recover(request, error)
            refusal = ServiceUnavailable("the answer took too long")
            refusal.__cause__ = TimeoutError(f"cancelled after {seconds:g} s, the time that the route has")
            return await recover(request, refusal)

    if (at_once := at_once_of(handle)) is not None:
        setattr(run, AT_ONCE, at_once)
    return run


def _deadline_of(compiled: Compiled) -> float | None:
    """Return the seconds that a route has to answer; None for as many as it wants."""
    route = compiled.route
    value = compiled.declared.options.get("timeout")
    if value is None:
        return None
    function: Any = inspect.unwrap(route.handler)
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        return value.total_seconds() if isinstance(value, timedelta) else float(value)
    # What is said of many routes at once is meant for those that it can be said of.
    if any("timeout" in each.options for each in route.own):
        raise ConfigError(
            f"{route.where}: timeout= cancels, and a plain def runs in a thread, which nobody can cancel; "
            "write async def, or leave timeout= out"
        )
    return None
