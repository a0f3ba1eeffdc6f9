"""Plan: a compiled route. Everything that could be decided before the first request has been."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Collection, Mapping
from operator import attrgetter
from typing import Any, NamedTuple, Protocol, runtime_checkable

from ..concurrency import ThreadPool, is_async
from ..conf.settings import Settings
from ..http.forms import FormLimits
from ..http.request import Request
from ..http.response import Response
from ..http.seam import AtOnce, Finalise, Handle, Recover
from ..routing.pattern import Pattern
from ..routing.route import Route
from ..routing.router import Declared
from ..types import ASGIApp, Handler
from .arguments import compile_arguments, takes_path_alone
from .binding import Binding
from .completing import completed
from .returning import Makers

__all__ = ["Call", "Compiled", "Direct", "Plan", "call_of", "direct_of", "guarded", "with_request"]


class Call(NamedTuple):
    """A function to await, and what makes its arguments of a request."""

    function: Callable[..., Awaitable[Any]]
    arguments: Callable[[Request], Mapping[str, Any]]
    #: Reads the content that the arguments are made of, or that the handler cannot wait for; None where there is no need, and
    #: None of a request whose content is there.
    reads: Callable[[Request], Awaitable[object] | None] | None = None


@runtime_checkable
class Direct(Protocol):
    """A handler that brings the handle of its plan: nothing has to be bound for it, and what it returns is final."""

    def wadjet_handle(
        self, prepare: Finalise, recover: Recover, settings: Settings, pool: ThreadPool
    ) -> Handle:
        """Return the handle.

        Args:
            prepare: makes a response final.
            recover: makes a response of what is raised.
            settings: the application's.
            pool: for what blocks.

        Raises:
            ConfigError: it cannot work.
        """


class Compiled(NamedTuple):
    """A route as assembly read it: what describes a plan, and what a view's ``dispatch`` asks for."""

    route: Route
    declared: Declared
    pattern: Pattern
    binding: Binding
    makers: Makers
    #: Where a plain ``def`` runs; None for the loop.
    pool: ThreadPool | None
    #: What stands before it: who may ask, and how often.
    guards: tuple[Any, ...] = ()


class Plan:
    """What answers a request, whole.

    Args:
        name: the route's, for messages and ``matched_route``.
        pattern: the path as declared.
        app: the application.
        max_body_size: the most bytes of content.
        form_limits: what a form may bring.
        content_encodings: the codings of content that are decoded.
    """

    __slots__ = (
        "app",
        "asgi",
        "at_once",
        "compiled",
        "content_encodings",
        "form_limits",
        "handle",
        "inner",
        "inner_asgi",
        "max_body_size",
        "name",
        "pattern",
    )

    def __init__(
        self,
        name: str,
        pattern: str,
        app: Any,
        max_body_size: int,
        form_limits: FormLimits = FormLimits(),  # noqa: B008 - it cannot be changed
        content_encodings: tuple[str, ...] = (),
    ) -> None:
        self.name = name
        self.pattern = pattern
        self.app = app
        self.max_body_size = max_body_size
        self.form_limits = form_limits
        self.content_encodings = content_encodings
        #: The fused handle; None for what only speaks ASGI.
        self.handle: Handle | None = None
        #: What may answer before a task is made; None for most.
        self.at_once: AtOnce | None = None
        #: The ASGI form, for mounts.
        self.asgi: ASGIApp | None = None
        #: Both forms as they are inside of all middleware: permissions, and what answers.
        self.inner: Handle | None = None
        self.inner_asgi: ASGIApp | None = None
        #: The route that was compiled, if one was.
        self.compiled: Compiled | None = None

    def __repr__(self) -> str:
        return f"<Plan {self.name} {self.pattern}>"


def guarded(
    call: Call,
    makers: Makers,
    prepare: Finalise,
    recover: Recover,
) -> Handle:
    """Return the handle of a handler: bind, call, return, prepare; what is raised inside becomes a response here."""
    function, arguments, reads = call

    async def handle(request: Request) -> Response[Any]:
        try:
            if reads is not None:
                pending = reads(request)
                if pending is not None:
                    await pending
            value = await function(**arguments(request))
            response = makers[type(value)](value)
            # PERF(bench: inproc_json): what a compiled route made has nothing left to prepare.
            if response.is_ready and not request.response_callbacks:
                return response
            return await prepare(request, completed(request, value, response))
        except Exception as error:
            return await recover(request, error)

    return handle


def call_of(
    handler: Handler, binding: Binding, path_names: Collection[str], pool: ThreadPool, *, inline: bool
) -> Call:
    """Return what calls a handler, whatever kind it is.

    Args:
        handler: what the user wrote.
        binding: where its arguments come from.
        path_names: what the path captures.
        pool: where a plain ``def`` runs.
        inline: run it on the loop all the same.
    """
    if is_async(handler) and not inspect.isasyncgenfunction(handler):
        return _asynchronous(handler, binding, path_names)
    if inline or inspect.isasyncgenfunction(handler) or inspect.isgeneratorfunction(handler):
        return _inline(handler, binding)
    return _threaded(handler, binding, pool)


def direct_of(
    handler: object, prepare: Finalise, recover: Recover, settings: Settings, pool: ThreadPool
) -> Handle | None:
    """Return the handle that a handler brings itself, None for an ordinary one; arguments as :class:`Direct`."""
    return handler.wadjet_handle(prepare, recover, settings, pool) if isinstance(handler, Direct) else None


def with_request(function: Callable[[Request], Awaitable[Any]]) -> Call:
    """Return what calls a coroutine function with the request."""
    return Call(function, lambda request: {"request": request})


def _asynchronous(
    handler: Callable[..., Awaitable[Any]], binding: Binding, path_names: Collection[str]
) -> Call:
    if takes_path_alone(binding, path_names):
        return Call(handler, attrgetter("path_params"))
    arguments = compile_arguments(binding, path_names)
    return Call(handler, arguments, binding.read_content_first if binding.takes_content else None)


def _inline(handler: Handler, binding: Binding) -> Call:
    async def call(**bound: Any) -> Any:
        return handler(**bound)

    # A generator of an `async def` reads its content itself; a plain function cannot.
    buffers = binding.takes_content or not inspect.isasyncgenfunction(handler)
    return Call(call, compile_arguments(binding), _reading(binding) if buffers else None)


def _threaded(handler: Handler, binding: Binding, pool: ThreadPool) -> Call:
    async def call(**bound: Any) -> Any:
        return await pool.run(handler, **bound)

    return Call(call, compile_arguments(binding), _reading(binding))


def _reading(binding: Binding) -> Callable[[Request], Awaitable[object] | None]:
    """Return what takes the content in for a plain function: what its arguments need, or all of it."""
    return binding.read_content_first if binding.takes_content else Request.buffer
