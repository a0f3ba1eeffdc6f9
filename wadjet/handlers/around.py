"""Route middleware: functions that run before one handler, or around it, with the handler's own arguments (view.py)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from ..concurrency import ThreadPool, is_async
from ..errors import SignatureError
from ..http.request import Request
from ..types import Handler
from .plan import Call
from .signature import read

__all__ = ["surrounded"]

#: The parameter that makes a middleware stand around the handler, and not only before it.
_CALL_NEXT = "call_next"
_REQUEST = "request"

Function = Callable[..., Awaitable[Any]]


def surrounded(
    call: Call,
    middleware: Sequence[Handler],
    names: Sequence[str],
    pool: ThreadPool,
    where: Callable[[Handler], str],
) -> Call:
    """Return a call with middleware before and around it, the first one outermost.

    One without ``call_next`` runs before what is inside: what it raises, or returns if that is not None, is the answer. One
    whose first parameter is ``call_next`` gets what is inside as a coroutine function without arguments, and its own result is
    the answer.

    Args:
        call: of the handler.
        middleware: what the route was given; may name any of the handler's parameters, and ``request``.
        names: of the handler's parameters.
        pool: where a plain ``def`` runs.
        where: gives file, line and name of a function.

    Raises:
        SignatureError: it names what the handler does not take, or stands around it without being a coroutine function.
    """
    if not middleware:
        return call
    function, arguments, reads = call
    takes_request = _REQUEST in names
    inner = function if takes_request else _without_request(function)
    for layer in reversed(middleware):
        inner = _layer(layer, inner, (*names, _REQUEST), pool, where(layer))
    return Call(inner, arguments if takes_request else _with_request(arguments), reads)


def _layer(layer: Handler, inner: Function, known: Sequence[str], pool: ThreadPool, where: str) -> Function:
    asked = [parameter.name for parameter in read(layer, where).parameters]
    is_around = asked[:1] == [_CALL_NEXT]
    names = tuple(asked[is_around:])
    unknown = [name for name in names if name not in known]
    if unknown:
        raise SignatureError(
            f"{where}: the middleware asks for {unknown[0]!r}, which the handler does not take; "
            f"it may ask for {', '.join(dict.fromkeys(known))}"
        )
    if is_around and not is_async(layer):
        raise SignatureError(f"{where}: what takes call_next has to await it; write `async def`")
    return _around(layer, inner, names) if is_around else _before(layer, inner, names, pool)


def _around(layer: Handler, inner: Function, names: Sequence[str]) -> Function:
    async def around(**bound: Any) -> Any:
        async def call_next() -> Any:
            return await inner(**bound)

        return await layer(call_next, **{name: bound[name] for name in names})

    return around


def _before(layer: Handler, inner: Function, names: Sequence[str], pool: ThreadPool) -> Function:
    run = layer if is_async(layer) else _threaded(layer, pool)

    async def before(**bound: Any) -> Any:
        early = await run(**{name: bound[name] for name in names})
        return await inner(**bound) if early is None else early

    return before


def _threaded(layer: Handler, pool: ThreadPool) -> Function:
    async def run(**bound: Any) -> Any:
        return await pool.run(layer, **bound)

    return run


def _with_request(
    arguments: Callable[[Request], Mapping[str, Any]],
) -> Callable[[Request], Mapping[str, Any]]:
    return lambda request: {**arguments(request), _REQUEST: request}


def _without_request(function: Function) -> Function:
    async def call(request: Request, **bound: Any) -> Any:  # noqa: ARG001 - it is for the middleware alone
        return await function(**bound)

    return call
