"""Providers: arguments by their type, made for one request or for the whole life of the application, and let go afterwards."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from functools import partial
from typing import Any, Literal, NamedTuple, get_args

from ..concurrency import is_async
from ..errors import ConfigError, SignatureError
from ..http.request import Request
from .layers import Layer
from .signature import MISSING, Parameter, read

__all__ = ["Lifetime", "Provider", "Providers", "check_provider"]

#: How long what was made lives: as long as one request, or as the application.
Lifetime = Literal["request", "app"]


class Provider(NamedTuple):
    """What makes the values of one type.

    Args:
        factory: a class, a function or a generator, asynchronous or not, which must not block; its parameters are the request
            and other provided types. A generator yields once, and goes on when the value is let go of.
        lifetime: how long a value lives.
        where: file, line and name of the factory, for messages.
    """

    factory: Callable[..., Any]
    lifetime: Lifetime
    where: str


class _Recipe(NamedTuple):
    """A provider, compiled: how a value is entered, and what it needs."""

    enter: Callable[..., Any]
    needs: tuple[tuple[str, Any], ...]
    lifetime: Lifetime


class Providers:
    """All providers of one application, compiled.

    Args:
        recorded: by type.

    Raises:
        SignatureError: a factory takes what nothing provides.
        ConfigError: factories that need each other, or one for the whole life that needs one for a request.
    """

    def __init__(self, recorded: Mapping[Any, Provider]) -> None:
        self._recipes = {cls: _compiled(provider, recorded) for cls, provider in recorded.items()}
        for cls in recorded:
            _check_order(cls, recorded, self._recipes, ())
        #: What lives as long as the application, once it has started.
        self._lasting: dict[Any, Any] = {}

    def __contains__(self, annotation: object) -> bool:
        """Tell whether values of an annotation are provided."""
        return _is_known(annotation, self._recipes)

    def takes(self, parameter: Parameter) -> bool:
        """Tell whether a parameter is filled from here."""
        return parameter.annotation in self

    def lasts(self, parameter: Parameter) -> bool:
        """Tell whether what fills a parameter lives as long as the application, and so is the same for every client."""
        return self.takes(parameter) and self._recipes[parameter.annotation].lifetime == "app"

    @asynccontextmanager
    async def alive(self) -> AsyncIterator[None]:
        """Make what lives as long as the application, in the order recorded, and let go of it at the end."""
        async with AsyncExitStack() as stack:
            try:
                for cls, recipe in self._recipes.items():
                    if recipe.lifetime == "app":
                        await self._made(cls, None, stack, {})
                yield
            finally:
                self._lasting = {}

    async def _made(
        self, annotation: Any, request: Request | None, stack: AsyncExitStack, made: dict[Any, Any]
    ) -> Any:
        """Return the value of a type, made at most once for each request, or life."""
        recipe = self._recipes[annotation]
        known = self._lasting if recipe.lifetime == "app" else made
        if annotation not in known:
            needed = {
                name: request if need is Request else await self._made(need, request, stack, made)
                for name, need in recipe.needs
            }
            known[annotation] = await recipe.enter(stack, **needed)
        return known[annotation]

    def providing(self, inner: Layer, wanted: Sequence[tuple[str, Any]], *, streams: bool) -> Layer:
        """Return a layer that fills arguments, and lets go of what it made when the handler has returned, or failed.

        Args:
            inner: what gets the arguments.
            wanted: names and types.
            streams: the handler is a generator: what it asked for lives until its stream has ended, and is told if that failed.
        """

        async def provide(request: Request, bound: dict[str, Any]) -> Any:
            async with AsyncExitStack() as stack:
                made: dict[Any, Any] = {}
                for name, annotation in wanted:
                    bound[name] = await self._made(annotation, request, stack, made)
                value = await inner(request, bound)
                if streams:
                    request.add_finished_callback(partial(_let_go, stack.pop_all()))
                return value

        return provide if wanted else inner


def check_provider(cls: Any, factory: Any, lifetime: str, recorded: Mapping[Any, Provider]) -> None:
    """Refuse what cannot be recorded.

    Raises:
        ConfigError: the type is taken, or can be no key; it is no factory, or there is no such lifetime.
    """
    if lifetime not in get_args(Lifetime):
        raise ConfigError(f"provide({cls!r}, lifetime={lifetime!r}): it is 'request' or 'app'")
    if not callable(factory):
        raise ConfigError(f"provide({cls!r}): {factory!r} is no factory; give a class or a function")
    if not _can_be_key(cls):
        raise ConfigError(
            f"provide({cls!r}): nothing could look it up, for a part of it has no hash; write a str or a NewType beside the type"
        )
    if cls in recorded:
        raise ConfigError(f"provide({cls!r}) is taken by {recorded[cls].where}; keep one")


def _compiled(provider: Provider, recorded: Mapping[Any, Provider]) -> _Recipe:
    needs = []
    for parameter in read(provider.factory, provider.where).parameters:
        annotation = parameter.annotation
        is_request = isinstance(annotation, type) and issubclass(annotation, Request)
        if is_request or _is_known(annotation, recorded):
            needs.append((parameter.name, Request if is_request else annotation))
        elif parameter.default is MISSING:
            raise SignatureError(
                f"{parameter.where} is neither the request nor of a type that is provided; "
                f"the types are {_names(recorded)}"
            )
    return _Recipe(_entering(provider.factory), tuple(needs), provider.lifetime)


def _is_known(annotation: object, recorded: Mapping[Any, Any]) -> bool:
    return _can_be_key(annotation) and annotation in recorded


def _can_be_key(annotation: object) -> bool:
    try:
        hash(annotation)
    except TypeError:
        return False
    return True


def _names(recorded: Iterable[Any]) -> str:
    return ", ".join(getattr(cls, "__qualname__", repr(cls)) for cls in recorded) or "none"


async def _let_go(stack: AsyncExitStack, request: Request) -> None:
    """Let go of what a stream has asked for, and tell it how the stream has ended."""
    error = request.exception
    await stack.__aexit__(
        *((None, None, None) if error is None else (type(error), error, error.__traceback__))
    )


def _entering(factory: Callable[..., Any]) -> Callable[..., Any]:
    """Return a coroutine function that makes a value, and leaves with a stack what lets go of it.

    Whoever lets go is told of a failure and cannot make a success of it: there would be nothing to answer.
    """
    if inspect.isasyncgenfunction(factory):
        asynchronous: Any = asynccontextmanager(factory)

        async def enter_asynchronous(stack: AsyncExitStack, **needed: Any) -> Any:
            manager = asynchronous(**needed)
            value = await manager.__aenter__()

            async def leave(*failure: Any) -> None:
                await manager.__aexit__(*failure)

            stack.push_async_exit(leave)
            return value

        return enter_asynchronous
    if inspect.isgeneratorfunction(factory):
        plain: Any = contextmanager(factory)

        async def enter(stack: AsyncExitStack, **needed: Any) -> Any:
            manager = plain(**needed)
            value = manager.__enter__()

            def leave(*failure: Any) -> None:
                manager.__exit__(*failure)

            stack.push(leave)
            return value

        return enter
    is_coroutine = is_async(factory)

    async def call(stack: AsyncExitStack, **needed: Any) -> Any:  # noqa: ARG001 - there is nothing to let go of
        return await factory(**needed) if is_coroutine else factory(**needed)

    return call


def _check_order(
    cls: Any, recorded: Mapping[Any, Provider], recipes: Mapping[Any, _Recipe], above: tuple[Any, ...]
) -> None:
    """Refuse what would never end, and what would outlive what it is made of."""
    if cls in above:
        raise ConfigError(f"{recorded[cls].where}: the providers need each other: {_names((*above, cls))}")
    for _, need in recipes[cls].needs:
        is_short = need is Request or recipes[need].lifetime == "request"
        if recipes[cls].lifetime == "app" and is_short:
            raise ConfigError(
                f"{recorded[cls].where}: it lives as long as the application, but {_names([need])} only as long as a request; "
                "provide it with lifetime='request'"
            )
        if need is not Request:
            _check_order(need, recorded, recipes, (*above, cls))
