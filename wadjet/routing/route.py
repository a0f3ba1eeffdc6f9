"""Route: what a verb records. It holds no application's state, and it still is the function it wraps."""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import Callable, Iterable, Iterator
from types import MethodType
from typing import Any, Protocol, TypeVar, Unpack, cast, overload, runtime_checkable
from weakref import WeakSet

from ..concurrency import is_async
from ..errors import ConfigError, RouteError, SealedError
from ..http.parameters import is_token
from ..types import Handler
from .options import RouteOptions

__all__ = [
    "METHODS",
    "Decorator",
    "Holder",
    "Route",
    "RouteOptions",
    "RouteSource",
    "Verb",
    "check_error_handler",
    "check_error_key",
    "delete",
    "get",
    "head",
    "options",
    "patch",
    "place_of",
    "post",
    "put",
    "query",
    "route",
]

F = TypeVar("F", bound=Handler)

#: The methods that have a verb. QUERY is RFC 10008: safe, with content.
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "QUERY")


class Holder(Protocol):
    """What a route knows of an application that serves it."""

    async def invalidate(self, route: Route) -> None:
        """Forget the answers of a route that are kept."""


@runtime_checkable
class RouteSource(Protocol):
    """What stands where a handler does and is several: a view has one for each of its methods."""

    #: Where it answers, if nobody says another path.
    path: str | None

    def wadjet_routes(self, base: str, held: Route) -> Iterator[tuple[str, Route]]:
        """Yield its routes with their whole paths.

        Args:
            base: the whole path of the route that holds it.
            held: that route, for its options and, if it names any, its methods.
        """


class Route:
    """A handler with its path, methods and options.

    Args:
        path: from the root of what holds the route; None for the holder's own path.
        handler: what answers; another route stands for the function that it wraps.
        methods: in any case; None for GET, or for whatever a view has.
        declared: the options.
        aliases: further names for ``url_for``, as long as no other path has them.

    Raises:
        RouteError: no such option, no methods, or no function.
    """

    def __init__(
        self,
        path: str | None,
        handler: Handler,
        methods: Iterable[str] | None,
        declared: RouteOptions,
        aliases: tuple[str, ...] = (),
    ) -> None:
        self.path = path
        self.handler: Handler = handler.handler if isinstance(handler, Route) else handler
        self.aliases = aliases
        self.options = declared
        #: What runs before the handler and around it, the outermost first.
        self.around: list[Handler] = handler.around if isinstance(handler, Route) else []
        #: What answers errors, by status or class.
        self.errors: dict[int | type[BaseException], Handler] = (
            handler.errors if isinstance(handler, Route) else {}
        )
        #: The routes that a route of a view was made of.
        self.origins: tuple[Route, ...] = ()
        #: Whether an application that serves has the route as it is now.
        self.is_sealed = False
        #: Whether it was made by a free verb, and so is for who scans its module.
        self.is_free = True
        #: The applications that have it.
        self.holders: WeakSet[Holder] = handler.holders if isinstance(handler, Route) else WeakSet()
        if not callable(self.handler):
            raise RouteError(
                f"route {path!r}: {handler!r} is not a function; write `@app.get({path!r})` above `async def …`"
            )
        #: In capitals; none for all that a view has.
        self.methods = _methods_of(self.handler) if methods is None else _capitals(path, methods)
        unknown = set(declared) - RouteOptions.__annotations__.keys()
        if unknown:
            raise RouteError(
                f"{self.where}: route {path!r} has no option {min(unknown)!r}; "
                f"the options are {', '.join(RouteOptions.__annotations__)}"
            )
        functools.update_wrapper(self, self.handler, updated=())  # its attributes are not the route's
        if is_async(self.handler):
            _mark_coroutine_function(self)

    @property
    def name(self) -> str:
        """The name that ``url_for`` knows: the option, else the function's."""
        return self.options.get("name") or str(getattr(self.handler, "__name__", type(self.handler).__name__))

    @property
    def own(self) -> tuple[Route, ...]:
        """What says the options that are the route's own, and no defaults of what holds it."""
        # What a route of a view was made of: first what holds the view, then the verb above the method, if there is one.
        return self.origins[1:] if self.origins else (self,)

    @property
    def where(self) -> str:
        """File, line and name of the handler, for messages."""
        return place_of(self.handler)

    @overload
    def middleware(self, function: F, /) -> F: ...
    @overload
    def middleware(self, /) -> Callable[[F], F]: ...
    def middleware(self, function: Any = None, /) -> Any:
        """Let a function run before the handler, or around it; decorates, with or without parentheses (view.py).

        It may name any of the handler's parameters, and ``request``. What it returns, unless that is None, or raises is the
        answer. If its first parameter is ``call_next``, it stands around: ``await call_next()`` gives the handler's result. The
        first one registered is outermost.

        Raises:
            SealedError: an application serves the route already.
        """
        if function is None:
            return self.middleware
        if self.is_sealed:
            raise SealedError(f"{self.where}: middleware comes too late: the route is being served already")
        self.around.append(function)
        return function

    def error(self, key: int | type[BaseException], /) -> Callable[[F], F]:
        """Decorate what answers an error of this route: a function of nothing, of the request, or of request and error (view.py).

        Args:
            key: a status from 300 to 599, or an exception class; the route's functions are asked before the application's.

        Raises:
            ConfigError: the key is neither, or taken.
            SealedError: an application serves the route already.
        """
        check_error_key(key, f"{self.where}: error({key!r})")
        if self.is_sealed:
            raise SealedError(
                f"{self.where}: error({key!r}) comes too late: the route is being served already"
            )

        def decorate(function: F) -> F:
            if key in self.errors:
                raise ConfigError(f"{self.where}: error({key!r}) is taken by {self.errors[key]!r}; keep one")
            self.errors[key] = function
            return function

        return decorate

    def seal(self, holder: Holder) -> None:
        """Refuse further middleware and error handlers, here and in what the route was made of: an application serves it."""
        for each in (self, *self.origins):
            each.is_sealed = True
            each.holders.add(holder)

    async def invalidate(self) -> None:
        """Forget the answers of the handler that are kept, as ``cache_rate`` and ``cache_ttl`` say.

        Raises:
            ConfigError: no application serves the route, or several do.
            StoreUnavailable: they are kept in Redis, and Redis does not answer.
        """
        holders = list(self.holders)
        if len(holders) != 1:
            raise ConfigError(
                f"{self.where}: invalidate() needs the one application that serves the route, and {len(holders) or 'none'} "
                f"{'do' if holders else 'does'}; write `await app.invalidate(route)`"
            )
        await holders[0].invalidate(self)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the handler, as if it had not been decorated."""
        return self.handler(*args, **kwargs)

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        """Bind the handler as a method."""
        return self if instance is None else MethodType(self, instance)

    def __repr__(self) -> str:
        return f"<Route {'|'.join(self.methods)} {self.path} {self.name}>"


def check_error_key(key: object, where: str) -> None:
    """Refuse what names no errors.

    Raises:
        ConfigError: it is neither an exception class nor a status from 300 to 599.
    """
    is_class = isinstance(key, type) and issubclass(key, Exception)
    if not is_class and not (isinstance(key, int) and not isinstance(key, bool) and 300 <= key <= 599):
        raise ConfigError(
            f"{where}: give an exception class or a status from 300 to 599, as in `@app.exception_handler(404)`"
        )


def check_error_handler(function: Handler, where: str) -> None:
    """Refuse a function that could not be called when an error has come.

    Raises:
        ConfigError: it does not take request and error.
    """
    try:
        inspect.signature(function).bind(None, None)
    except TypeError:
        raise ConfigError(
            f"{where}: {place_of(function)} does not take request and error, which it is called with; write "
            "`async def handler(request, error):`"
        ) from None
    except ValueError:
        return  # written in C: nobody knows what it takes


def place_of(handler: Handler) -> str:
    """Return file, line and name of a function, for messages; what knows better where it was written says so itself."""
    known = getattr(handler, "wadjet_where", None)
    if isinstance(known, str):
        return known
    function = inspect.unwrap(handler)
    code = getattr(function, "__code__", None) or getattr(type(function).__call__, "__code__", None)
    label = getattr(function, "__qualname__", repr(function))
    return label if code is None else f"{code.co_filename}:{code.co_firstlineno}: {label}()"


def _methods_of(handler: object) -> tuple[str, ...]:
    """What a handler answers if nobody says it."""
    return () if isinstance(handler, RouteSource) else ("GET",)


def _capitals(path: str | None, given: Iterable[str]) -> tuple[str, ...]:
    methods = tuple(dict.fromkeys(method.upper() for method in given))
    if not methods:
        raise RouteError(f"route {path!r}: methods is empty; name at least one, as in methods=['GET']")
    if isinstance(given, str):
        raise RouteError(f"route {path!r}: methods={given!r} is one text; write methods=[{given!r}]")
    if "*" in methods:
        raise RouteError(
            f"route {path!r}: '*' stands for no methods; name each, as in methods=['GET', 'POST']"
        )
    for method in methods:
        if not is_token(method):
            raise RouteError(f"route {path!r}: {method!r} is no method; a method is a word, as 'GET'")
    return methods


def _mark_coroutine_function(target: Route) -> None:
    """Make ``inspect`` and ``asyncio`` see that calling the route gives a coroutine."""
    mark = getattr(inspect, "markcoroutinefunction", None)
    if mark is not None:  # from Python 3.12
        mark(target)
    else:
        target._is_coroutine = asyncio.coroutines._is_coroutine  # type: ignore[attr-defined]  # noqa: SLF001 - asyncio's own mark


Decorator = Callable[[Handler], Route]


class Verb(Protocol):
    """A free verb: decorates a handler, or takes it as its second argument."""

    @overload
    def __call__(self, path: str | None = None, /, **declared: Unpack[RouteOptions]) -> Decorator: ...
    @overload
    def __call__(self, path: str | None, handler: Handler, /, **declared: Unpack[RouteOptions]) -> Route: ...

    def reg(self, path: str | None, handler: Handler, /, **declared: Unpack[RouteOptions]) -> Route:
        """Make a route of a handler that stands elsewhere; Rapidy's spelling of the second form."""


@overload
def route(
    path: str | None = None, /, *, methods: Iterable[str] | None = ..., **declared: Unpack[RouteOptions]
) -> Decorator: ...
@overload
def route(
    path: str | None,
    handler: Handler,
    /,
    *,
    methods: Iterable[str] | None = ...,
    **declared: Unpack[RouteOptions],
) -> Route: ...
def route(
    path: str | None = None,
    handler: Handler | None = None,
    /,
    *,
    methods: Iterable[str] | None = None,
    **declared: Unpack[RouteOptions],
) -> Route | Decorator:
    """Make a route that no application holds yet.

    Args:
        path: None for the path of what will hold the route.
        handler: the handler; without it the result decorates one.
        methods: in any case; GET if none are given, or all that a view has.
        **declared: see :class:`RouteOptions`.
    """
    if handler is not None:
        return Route(path, handler, methods, declared)
    return lambda function: Route(path, function, methods, declared)


def _verb(method: str) -> Verb:
    def reg(path: str | None, handler: Handler, /, **declared: Unpack[RouteOptions]) -> Route:
        return Route(path, handler, (method,), declared)

    def verb(
        path: str | None = None, handler: Handler | None = None, /, **declared: Unpack[RouteOptions]
    ) -> Any:
        if handler is not None:
            return reg(path, handler, **declared)
        return lambda function: reg(path, function, **declared)

    verb.reg = reg  # type: ignore[attr-defined]  # functions take attributes

    verb.__name__ = verb.__qualname__ = method.lower()
    verb.__doc__ = f"Make a {method} route that no application holds yet; see :func:`route`."
    return cast("Verb", verb)


get, post, put, patch, delete, head, options, query = map(_verb, METHODS)
