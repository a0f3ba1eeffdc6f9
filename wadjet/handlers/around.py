"""Route middleware: functions that run before one handler, or around it, with the handler's own arguments (view.py)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from ..concurrency import ThreadPool, is_async
from ..errors import SignatureError
from ..http.request import Request
from ..types import Handler
from .layers import Layer
from .signature import read

__all__ = ["surrounded"]

#: The parameter that makes a middleware stand around the handler, and not only before it.
_CALL_NEXT = "call_next"
_REQUEST = "request"


def surrounded(
    inner: Layer,
    middleware: Sequence[Handler],
    names: Sequence[str],
    pool: ThreadPool,
    where: Callable[[Handler], str],
) -> Layer:
    """Return a layer with middleware before and around it, the first one outermost.

    One without ``call_next`` runs before what is inside: what it raises, or returns if that is not None, is the answer. One
    whose first parameter is ``call_next`` gets what is inside as a coroutine function without arguments, and its own result is
    the answer.

    Args:
        inner: what it stands around.
        middleware: what the route was given; may name any of the handler's parameters, and ``request``.
        names: of the handler's parameters.
        pool: where a plain ``def`` runs.
        where: gives file, line and name of a function.

    Raises:
        SignatureError: it names what the handler does not take, or stands around it without being a coroutine function.
    """
    known = tuple(dict.fromkeys((*names, _REQUEST)))
    for function in reversed(middleware):
        inner = _layer(function, inner, known, pool, where(function))
    return inner


def _layer(function: Handler, inner: Layer, known: Sequence[str], pool: ThreadPool, where: str) -> Layer:
    asked = [parameter.name for parameter in read(function, where).parameters]
    is_around = asked[:1] == [_CALL_NEXT]
    names = tuple(asked[is_around:])
    unknown = [name for name in names if name not in known]
    if unknown:
        raise SignatureError(
            f"{where}: the middleware asks for {unknown[0]!r}, which the handler does not take; "
            f"it may ask for {', '.join(known)}"
        )
    if is_around and not is_async(function):
        raise SignatureError(f"{where}: what takes call_next has to await it; write `async def`")
    return _around(function, inner, names) if is_around else _before(function, inner, names, pool)


def _around(function: Handler, inner: Layer, names: Sequence[str]) -> Layer:
    async def around(request: Request, bound: dict[str, Any]) -> Any:
        async def call_next() -> Any:
            return await inner(request, bound)

        return await function(call_next, **_chosen(names, request, bound))

    return around


def _before(function: Handler, inner: Layer, names: Sequence[str], pool: ThreadPool) -> Layer:
    run = function if is_async(function) else _threaded(function, pool)

    async def before(request: Request, bound: dict[str, Any]) -> Any:
        early = await run(**_chosen(names, request, bound))
        return await inner(request, bound) if early is None else early

    return before


def _chosen(names: Sequence[str], request: Request, bound: Mapping[str, Any]) -> dict[str, Any]:
    return {name: bound.get(name, request) for name in names}


def _threaded(function: Handler, pool: ThreadPool) -> Callable[..., Awaitable[Any]]:
    async def run(**chosen: Any) -> Any:
        return await pool.run(function, **chosen)

    return run
