"""The layer of a cache: inside of everything that runs for each request, around the handler."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from inspect import unwrap
from typing import Any

from ..cache.caches import Caches
from ..cache.policy import OPTIONS, Policy
from ..cache.responses import ResponseCache
from ..cache.stored import Kept
from ..concurrency import is_generator
from ..http.request import Request
from ..http.response import Response
from ..http.seam import AtOnce, Handle, Recover
from .completing import completed
from .filling import is_response
from .layers import Layer
from .plan import Call, Compiled
from .prepare import Prepare
from .returning import Makers
from .signature import Parameter

__all__ = ["AT_ONCE", "at_once_of", "cache_of", "cached", "guarded_cached"]

#: The attribute of a handle that has a form without waiting; hooks around it have not.
AT_ONCE = "wadjet_at_once"


Run = Callable[[Request, dict[str, Any]], Awaitable[Response[Any]]]


def cache_of(compiled: Compiled, caches: Caches, lasts: Callable[[Parameter], bool]) -> ResponseCache | None:
    """Return the cache of a route; None where nothing is to be kept.

    Args:
        compiled: the route.
        caches: of the application.
        lasts: tells of a parameter whether the same value fills it for every client.

    Raises:
        ConfigError: as :meth:`Policy.of`.
    """
    route, declared, pattern, binding = compiled.route, compiled.declared, compiled.pattern, compiled.binding
    sources = [(reader.place, reader.wire_name) for reader in binding.readers]
    sources += [("provider", other.name) for other in binding.others if not lasts(other)]
    unfit = "it yields, and a stream is not kept" if is_generator(unwrap(route.handler)) else ""
    if any(map(is_response, binding.others)):
        unfit = "the handler fills a response, of which nothing would be kept; return one instead"
    policy = Policy.of(
        declared.options,
        route.methods,
        sources,
        route.where,
        varies=() if declared.options.get("produces") is None else ("accept",),
        unfit=unfit,
        is_inherited=all(each.options.keys().isdisjoint(OPTIONS) for each in route.own),
    )
    if policy is None:
        return None
    return caches.of(route, f"{route.handler.__module__}:{route.name} {declared.host or ''}{pattern}", policy)


def cached(inner: Layer, makers: Makers, prepare: Prepare, cache: ResponseCache) -> Layer:
    """Return a layer that gives what a cache has, and else calls what is inside and lets the cache have the answer.

    Args:
        inner: calls the handler.
        makers: the route's.
        prepare: gives a response its content, before it is kept.
        cache: the route's.
    """
    # What comes out of a cache was made for one request: nobody needs a copy of it.
    makers[Kept] = _as_it_is
    return partial(cache.answer, _running(inner, makers, prepare))


def guarded_cached(
    call: Call, inner: Layer, makers: Makers, prepare: Prepare, recover: Recover, cache: ResponseCache
) -> Handle:
    """Return the handle of a handler whose answers are kept, and around which nothing else stands; see :func:`guarded`."""
    _, arguments, reads = call
    kept, answer = cache.kept, cache.answer
    run = _running(inner, makers, prepare)

    async def handle(request: Request) -> Response[Any]:
        # PERF(bench: wire_cached): what is kept costs about what a route costs that returns a constant.
        try:
            if reads is not None:
                pending = reads(request)
                if pending is not None:
                    await pending
            bound = arguments(request)
            response = kept(request)
            if response is None:
                response = await answer(run, request, dict(bound))
            if response.is_ready and not request.response_callbacks:
                return response
            return await prepare(request, response)
        except Exception as error:
            return await recover(request, error)

    setattr(handle, AT_ONCE, cache.at_once)
    return handle


def at_once_of(handle: Handle) -> AtOnce | None:
    """Return what answers without waiting, where a handle can: it finds what is kept in this process."""
    found: AtOnce | None = getattr(handle, AT_ONCE, None)
    return found


def _running(inner: Layer, makers: Makers, prepare: Prepare) -> Run:
    """Return what runs the handler and gives its response the content that is kept."""

    async def run(request: Request, bound: dict[str, Any]) -> Response[Any]:
        value = await inner(request, bound)
        response = completed(request, value, makers[type(value)](value))
        return response if response.is_ready else await prepare.made(request, response)

    return run


def _as_it_is(response: Response[Any]) -> Response[Any]:
    return response
