"""Router: records routes, mounts and other routers. Recording decides nothing; assembly walks what was recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple, Protocol, Unpack, cast, overload, runtime_checkable
from weakref import WeakSet

from ..errors import RouteError, SealedError
from ..types import ASGIApp, Handler
from .route import Decorator, Route, RouteOptions, RouteSource
from .socketroute import SocketOptions, SocketRoute
from .stacks import merged

__all__ = ["Declared", "Mount", "Routed", "Router", "Verbs"]


class Mount(NamedTuple):
    """An ASGI application below a path."""

    path: str
    app: ASGIApp
    name: str | None = None


class Declared(NamedTuple):
    """A route or mount as assembly finds it: whole path, host and options merged from the outside in."""

    path: str
    target: Route | Mount
    options: RouteOptions
    host: str | None


@runtime_checkable
class Routed(Protocol):
    """Anything that yields routes as a router does."""

    def walk(self, prefix: str, inherited: RouteOptions, host: str | None) -> Iterator[Declared]:
        """Yield what it holds, with whole paths."""


class Verbs:
    """The recording methods that an application and a router share. One declaration of the options serves them all."""

    def add(
        self,
        path: str | None,
        handler: Handler,
        *,
        methods: Iterable[str] | None = None,
        **declared: Unpack[RouteOptions],
    ) -> Route:
        """Record a route and return it.

        Args:
            path: below the prefix; None for the prefix itself.
            handler: what answers, or a view.
            methods: in any case; GET if none are given, or all that a view has.
            **declared: see :class:`RouteOptions`.

        Raises:
            SealedError: the application has begun to serve.
        """
        raise AttributeError("add")

    @overload
    def route(
        self,
        path: str | None = None,
        /,
        *,
        methods: Iterable[str] | None = ...,
        **declared: Unpack[RouteOptions],
    ) -> Decorator: ...
    @overload
    def route(
        self,
        path: str | None,
        handler: Handler,
        /,
        *,
        methods: Iterable[str] | None = ...,
        **declared: Unpack[RouteOptions],
    ) -> Route: ...
    def route(
        self,
        path: str | None = None,
        handler: Handler | None = None,
        /,
        *,
        methods: Iterable[str] | None = None,
        **declared: Unpack[RouteOptions],
    ) -> Route | Decorator:
        """Record a route for several methods; decorates when there is no ``handler``."""
        if handler is not None:
            return self.add(path, handler, methods=methods, **declared)
        return lambda function: self.add(path, function, methods=methods, **declared)

    def get(self, path: str | None = None, **declared: Unpack[RouteOptions]) -> Decorator:
        """Record a GET route (and HEAD, unless ``allow_head=False``)."""
        return self._decorator("GET", path, declared)

    def post(self, path: str | None = None, **declared: Unpack[RouteOptions]) -> Decorator:
        """Record a POST route."""
        return self._decorator("POST", path, declared)

    def put(self, path: str | None = None, **declared: Unpack[RouteOptions]) -> Decorator:
        """Record a PUT route."""
        return self._decorator("PUT", path, declared)

    def patch(self, path: str | None = None, **declared: Unpack[RouteOptions]) -> Decorator:
        """Record a PATCH route."""
        return self._decorator("PATCH", path, declared)

    def delete(self, path: str | None = None, **declared: Unpack[RouteOptions]) -> Decorator:
        """Record a DELETE route."""
        return self._decorator("DELETE", path, declared)

    def head(self, path: str | None = None, **declared: Unpack[RouteOptions]) -> Decorator:
        """Record a HEAD route of its own."""
        return self._decorator("HEAD", path, declared)

    def options(self, path: str | None = None, **declared: Unpack[RouteOptions]) -> Decorator:
        """Record an OPTIONS route of its own; without one the answer is made of the path's methods."""
        return self._decorator("OPTIONS", path, declared)

    def query(self, path: str | None = None, **declared: Unpack[RouteOptions]) -> Decorator:
        """Record a QUERY route (RFC 10008)."""
        return self._decorator("QUERY", path, declared)

    def include(self, routes: Any, prefix: str = "") -> None:
        """Record what a router, a view or an iterable of routes holds, now and later.

        Args:
            routes: what to include.
            prefix: before its paths.
        """
        raise AttributeError("include")

    def websocket(
        self, path: str | None = None, **declared: Unpack[SocketOptions]
    ) -> Callable[[Handler], SocketRoute]:
        """Record a route for WebSockets; decorates an ``async def`` that takes a :class:`~wadjet.websockets.WebSocket`."""
        if callable(path):
            raise RouteError(f"@websocket stands above {path!r} without a path; write `@app.websocket('/')`")
        return lambda handler: self.add_websocket(path, handler, **declared)

    def add_websocket(
        self, path: str | None, handler: Handler, **declared: Unpack[SocketOptions]
    ) -> SocketRoute:
        """Record a route for WebSockets and return it."""
        recorded = SocketRoute(path, handler, declared)
        self.include(recorded)
        return recorded

    def add_get(self, path: str | None, handler: Handler, **declared: Unpack[RouteOptions]) -> Route:
        """Record a GET route (and HEAD, unless ``allow_head=False``) and return it; aiohttp's and Rapidy's spelling."""
        return self.add(path, handler, methods=("GET",), **declared)

    def add_post(self, path: str | None, handler: Handler, **declared: Unpack[RouteOptions]) -> Route:
        """Record a POST route and return it."""
        return self.add(path, handler, methods=("POST",), **declared)

    def add_put(self, path: str | None, handler: Handler, **declared: Unpack[RouteOptions]) -> Route:
        """Record a PUT route and return it."""
        return self.add(path, handler, methods=("PUT",), **declared)

    def add_patch(self, path: str | None, handler: Handler, **declared: Unpack[RouteOptions]) -> Route:
        """Record a PATCH route and return it."""
        return self.add(path, handler, methods=("PATCH",), **declared)

    def add_delete(self, path: str | None, handler: Handler, **declared: Unpack[RouteOptions]) -> Route:
        """Record a DELETE route and return it."""
        return self.add(path, handler, methods=("DELETE",), **declared)

    def add_head(self, path: str | None, handler: Handler, **declared: Unpack[RouteOptions]) -> Route:
        """Record a HEAD route of its own and return it."""
        return self.add(path, handler, methods=("HEAD",), **declared)

    def add_options(self, path: str | None, handler: Handler, **declared: Unpack[RouteOptions]) -> Route:
        """Record an OPTIONS route of its own and return it."""
        return self.add(path, handler, methods=("OPTIONS",), **declared)

    def _decorator(self, method: str, path: str | None, declared: RouteOptions) -> Decorator:
        if callable(path):
            raise RouteError(
                f"@{method.lower()} stands above {path!r} without a path; write `@app.{method.lower()}('/')`"
            )
        return lambda handler: self.add(path, handler, methods=(method,), **declared)


class Router(Verbs):
    """Routes below a prefix.

    Args:
        prefix: begins with a slash and does not end with one; empty for none.
        routes: what it holds from the beginning.
        host: answer only for this host, ``api.example.com`` or ``*.example.com``.
        **defaults: options of all it holds, unless they say otherwise; not ``name``, which is one route's.

    Raises:
        RouteError: a prefix that is not one, or no such option.
    """

    def __init__(
        self,
        prefix: str = "",
        *,
        routes: Iterable[Any] = (),
        host: str | None = None,
        **defaults: Unpack[RouteOptions],
    ) -> None:
        _check_prefix(prefix, "Router")
        _check_defaults(prefix, defaults)
        self.prefix = prefix
        self.host = host
        self.defaults = defaults
        self._held: list[tuple[str, Route | Mount | Routed]] = []
        self._is_sealed = False
        self._holders: WeakSet[Router] = WeakSet()
        self.add_routes(routes)

    def add(
        self,
        path: str | None,
        handler: Handler,
        *,
        methods: Iterable[str] | None = None,
        **declared: Unpack[RouteOptions],
    ) -> Route:
        """Record a route and return it; see :meth:`Verbs.add`."""
        recorded = Route(path, handler, methods, declared)
        recorded.is_free = False
        self._hold("", recorded)
        return recorded

    def add_routes(self, routes: Iterable[Any]) -> None:
        """Record routes, mounts, routers or views that were made elsewhere."""
        for entry in routes:
            self.include(entry)

    def include(self, routes: Any, prefix: str = "") -> None:
        """Record what a router, a view or an iterable of routes holds, now and later.

        Args:
            routes: what to include.
            prefix: before its paths.

        Raises:
            RouteError: it yields no routes, or holds this router; or the prefix is none.
        """
        _check_prefix(prefix, "include")
        if isinstance(routes, RouteSource):
            self._hold(prefix, Route(routes.path, cast("Handler", routes), None, {}))
        elif isinstance(routes, Route | Mount | Routed):
            self._hold(prefix, routes)
        elif isinstance(routes, Iterable) and not isinstance(routes, str):
            for entry in routes:
                self.include(entry, prefix)
        else:
            raise RouteError(f"include({routes!r}): this is no Route, Router, View or list of them")

    def mount(self, path: str, app: ASGIApp, name: str | None = None) -> None:
        """Record an ASGI application that answers everything below a path.

        Args:
            path: literal, as ``/legacy``.
            app: any ASGI 3 application; its lifespan runs with ours.
            name: for ``url_for``.

        Raises:
            RouteError: it is no application, or this router itself.
        """
        own: object = app  # whatever was given
        if not callable(own) or getattr(own, "router", None) is self:
            raise RouteError(f"mount({path!r}, {app!r}): this is no other ASGI application")
        self._hold("", Mount(path, app, name))

    def walk(
        self, prefix: str = "", inherited: RouteOptions | None = None, host: str | None = None
    ) -> Iterator[Declared]:
        """Yield every route and mount with its whole path, host and merged options, in the order recorded."""
        defaults = merged(inherited or {}, self.defaults, self)
        host = self.host or host
        for own_prefix, held in self._held:
            base = prefix + self.prefix + own_prefix
            if isinstance(held, Route):
                for path, each in _each(_joined(base, held), held):
                    yield Declared(path, each, merged(defaults, each.options, each), host)
            elif isinstance(held, Mount):
                yield Declared(base + held.path.rstrip("/"), held, defaults, host)
            else:
                yield from held.walk(base, defaults, host)

    def seal(self) -> None:
        """Refuse further recording, here and in the routers that only sealed ones hold.

        A router that an open application holds too stays open for it: what is recorded later is not in the sealed one.
        """
        self._is_sealed = True

    @property
    def is_sealed(self) -> bool:
        """Whether nothing can be recorded here any more."""
        return self._is_sealed or (
            len(self._holders) > 0 and all(holder.is_sealed for holder in self._holders)
        )

    def _hold(self, prefix: str, held: Route | Mount | Routed) -> None:
        if self.is_sealed:
            raise SealedError(
                f"{held!r} comes too late: the application is serving already; register it before the first request"
            )
        if isinstance(held, Router) and held._holds(self):  # noqa: SLF001 - it is of our own class
            raise RouteError(f"{self!r} holds itself through {held!r}; its routes would have no end")
        self._held.append((prefix, held))
        if isinstance(held, Router):
            held._holders.add(self)  # noqa: SLF001 - it is of our own class

    def _holds(self, other: Router) -> bool:
        return other is self or any(
            isinstance(held, Router) and held._holds(other)  # noqa: SLF001 - it is of our own class
            for _, held in self._held
        )

    def __repr__(self) -> str:
        return f"<Router {self.prefix or '/'}>"


#: The options that no two routes share.
_OF_ONE = frozenset({"name", "operation_id"})


def _check_defaults(prefix: str, defaults: RouteOptions) -> None:
    given: dict[str, Any] = {**defaults}
    for own in _OF_ONE & given.keys():
        raise RouteError(
            f"Router({prefix!r}, {own}={given[own]!r}): {own} is one route's; write `@router.get('/x', {own}='x')`"
        )
    known = [option for option in RouteOptions.__annotations__ if option not in _OF_ONE]
    unknown = set(defaults) - set(known)
    if unknown:
        raise RouteError(
            f"Router({prefix!r}) has no option {min(unknown)!r}; the options are {', '.join(known)}"
        )


def _check_prefix(prefix: str, where: str) -> None:
    if prefix and (not prefix.startswith("/") or prefix.endswith("/")):
        raise RouteError(
            f"{where}(prefix={prefix!r}): a prefix begins with a slash and does not end with one, as '/api'"
        )


def _each(path: str, held: Route) -> Iterable[tuple[str, Route]]:
    """A route with its path; or, of a view, each of its routes with theirs."""
    source: object = held.handler
    return source.wadjet_routes(path, held) if isinstance(source, RouteSource) else [(path, held)]


def _joined(base: str, held: Route) -> str:
    if held.path is None and not base:
        raise RouteError(
            f"{held.where}: the route has no path and nothing above it has one; write `@app.get('/')`"
        )
    return base if held.path is None else base + held.path
