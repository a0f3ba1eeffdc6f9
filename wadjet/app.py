"""Wadjet: records, and gives servers their entry points. It decides nothing; assembly does."""

from __future__ import annotations

import os
import sys
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import AbstractAsyncContextManager
from itertools import chain
from typing import Any, TypeVar, Unpack, overload

from .assembly import Assembled, Recorded, assemble
from .concurrency import is_async
from .conf import env
from .conf.settings import Settings
from .errors import ConfigError, SealedError
from .events.lifespan import Hook, Lifespan, LifespanFactory, Phase
from .handlers.content import BodyParser, check_body_parser
from .handlers.providers import Lifetime, Provider, check_provider
from .http.forwarded import TrustedProxies, forwarded_scope
from .http.request import Request
from .http.response import Template
from .logs import lifecycle as _log
from .middleware.error import ExceptionHandler
from .routing.converters import Converter
from .routing.route import Route, RouteOptions, check_error_key, place_of
from .routing.router import Router, Verbs
from .server.asgi import Entry, serve, serve_socket
from .server.lifespan import life_of, refuse, run_lifespan
from .server.options import LIMITS, export_limits
from .server.run import run
from .templating import Templates
from .types import ASGIApp, Handler, Receive, Scope, Send

__all__ = ["Wadjet", "new_app"]

H = TypeVar("H", bound=Callable[..., Any])


class Wadjet(Verbs):
    """An application: what it answers, what stands around that, and how it starts and stops.

    It records until it is sealed, at the server's startup or at the first request; then it is an ASGI 3 application.

    Args:
        settings: an instance or a subclass of :class:`~wadjet.conf.Settings`, or its dotted path.
        routes: routes, routers, views, mounts.
        middleware: outermost first; each a class, ``(class, options)``, a factory or a dotted path.
        lifespan: gives, for the application, an asynchronous context manager around its life; what that yields is the state.
        debug: answer crashes with their traceback.

    Raises:
        ConfigError: settings that cannot be.
    """

    def __init__(
        self,
        settings: Settings | type[Settings] | str | None = None,
        *,
        routes: Iterable[Any] = (),
        middleware: Iterable[Any] = (),
        lifespan: LifespanFactory | None = None,
        debug: bool | None = None,
    ) -> None:
        self.settings = env.read(settings, os.environ, debug=debug)
        self._proxies = (
            TrustedProxies(self.settings.TRUSTED_PROXIES, host=self.settings.TRUSTED_PROXY_HOST) or None
        )
        self.router = Router(routes=routes)
        self._middleware = tuple(middleware)
        self._on_startup: list[Hook] = []
        self._on_shutdown: list[Hook] = []
        self._exception_handlers: dict[type[BaseException] | int, ExceptionHandler] = {}
        self._converters: dict[str, Converter] = {}
        self._providers: dict[Any, Provider] = {}
        self._response_adapters: dict[type, Callable[[Any], Any]] = {}
        self._body_parsers: dict[str, BodyParser] = {}
        self._renderer: Callable[[Request, Template], Any] | None = None
        #: What renders ``HTMLResponse(template=…)``, unless :meth:`template_renderer` says otherwise.
        self.templates = Templates(
            self.settings.TEMPLATES_DIR, self.settings.INSTALLED_APPS, is_strict=self.settings.DEBUG
        )
        self._assembled: Assembled | None = None
        self._settles: list[Callable[[], Awaitable[None]]] = []
        self._life = Lifespan(self, lifespan, self._mounted_lives, self._on_startup, self._on_shutdown)

    # -- recording ----------------------------------------------------------------------------------------------------------

    def add(
        self,
        path: str | None,
        handler: Handler,
        *,
        methods: Iterable[str] | None = None,
        **declared: Unpack[RouteOptions],
    ) -> Route:
        """Record a route and return it; see :meth:`Verbs.add`."""
        return self.router.add(path, handler, methods=methods, **declared)

    def add_routes(self, routes: Iterable[Any]) -> None:
        """Record routes that were made elsewhere."""
        self.router.add_routes(routes)

    def include(self, routes: Any, prefix: str = "") -> None:
        """Record what a router, a view or an iterable of routes holds; see :meth:`Router.include`."""
        self.router.include(routes, prefix)

    def mount(self, path: str, app: ASGIApp, name: str | None = None) -> None:
        """Record an ASGI application below a path; see :meth:`Router.mount`."""
        self.router.mount(path, app, name)

    def on_startup(self, hook: H) -> H:
        """Call ``hook()`` before the first request, or ``hook(app)`` if it needs an argument; may be asynchronous. Decorates."""
        self._refuse_when_sealed("on_startup")
        self._on_startup.append(hook)
        return hook

    def on_shutdown(self, hook: H) -> H:
        """Call ``hook()`` or ``hook(app)`` after the last request, the last one added first. Decorates.

        It runs too when a startup hook fails, and whatever else fails; not when the start failed before the startup hooks.
        """
        self._refuse_when_sealed("on_shutdown")
        self._on_shutdown.append(hook)
        return hook

    def exception_handler(self, key: type[BaseException] | int) -> Callable[[H], H]:
        """Decorate ``handler(request, error)``, whose result answers what is raised.

        Args:
            key: an exception class, for it and its subclasses; or a status, for the errors that have it (500: every crash).

        Raises:
            ConfigError: the key is neither, or taken.
        """
        check_error_key(key, f"exception_handler({key!r})")

        def decorate(handler: H) -> H:
            self._refuse_when_sealed("exception_handler")
            if key in self._exception_handlers:
                raise ConfigError(
                    f"exception_handler({key!r}) is taken by {self._exception_handlers[key]!r}; keep one"
                )
            self._exception_handlers[key] = handler
            return handler

        return decorate

    def template_renderer(self, render: H) -> H:
        """Let ``render(request, template)`` make the text of ``HTMLResponse(template=…)``; may be asynchronous. Decorates.

        The template has a ``name``, a ``context`` and a ``directory``, which is None where none was given.

        Raises:
            ConfigError: there is one already.
        """
        self._refuse_when_sealed("template_renderer")
        if self._renderer is not None:
            raise ConfigError(f"template_renderer: {self._renderer!r} renders templates already; keep one")
        self._renderer = render
        return render

    def add_converter(self, name: str, converter: Converter) -> None:
        """Let paths say ``{value:name}``.

        Args:
            name: an identifier.
            converter: reads and writes the values.
        """
        self._refuse_when_sealed("add_converter")
        self._converters[name] = converter

    def add_body_parser(self, media_type: str, parse: BodyParser) -> None:
        """Let parameters that take the content be sent as another media type.

        Args:
            media_type: without parameters, as ``application/msgpack``; JSON and forms cannot be replaced.
            parse: makes plain Python values of the bytes, which are then validated as JSON is. A ValueError that it raises is
                a 400. It runs on the loop.

        Raises:
            ConfigError: this is no media type, or it has a reader already.
        """
        self._refuse_when_sealed("add_body_parser")
        check_body_parser(media_type, self._body_parsers)
        self._body_parsers[media_type.lower()] = parse

    def add_response_adapter(self, cls: type, adapter: Callable[[Any], Any]) -> None:
        """Send what handlers return of a class as what a function makes of it (Pyramid).

        Args:
            cls: results of it and of its subclasses; it goes before every rule of ours.
            adapter: takes the result; returns a response, or anything else that a handler may return.

        Raises:
            ConfigError: it is no class or no plain function, or the class is taken.
            SealedError: the application is serving already.
        """
        self._refuse_when_sealed("add_response_adapter")
        given: tuple[Any, Any] = cls, adapter  # whatever was given
        taken = self._response_adapters.get(cls)
        if not isinstance(given[0], type) or not callable(given[1]) or is_async(adapter):
            raise ConfigError(
                f"add_response_adapter({cls!r}, {adapter!r}): give a class and a function that is not asynchronous"
            )
        if taken is not None:
            raise ConfigError(f"add_response_adapter({cls!r}): {taken!r} adapts it already; keep one")
        self._response_adapters[cls] = adapter

    @overload
    def provide(self, cls: Any, factory: H, *, lifetime: Lifetime = ...) -> H: ...
    @overload
    def provide(self, cls: Any, *, lifetime: Lifetime = ...) -> Callable[[H], H]: ...
    def provide(self, cls: Any, factory: Any = None, *, lifetime: Lifetime = "request") -> Any:
        """Fill parameters of a type with what a factory makes; decorates the factory when none is given.

        Args:
            cls: the annotation of the parameters.
            factory: a class, a function or a generator function, asynchronous or not, which does not block. It may ask for the
                request and for other types that are provided. What follows its ``yield`` runs when the handler has returned, or,
                with the exception, has failed; for a generator handler when its stream has ended.
            lifetime: ``request`` for a value of each request's own, ``app`` for one that is made at startup and kept.

        Raises:
            ConfigError: the type is taken, it is no factory, or there is no such lifetime.
            SealedError: the application is serving already.
        """
        self._refuse_when_sealed("provide")
        if factory is None:
            return lambda function: self.provide(cls, function, lifetime=lifetime)
        check_provider(cls, factory, lifetime, self._providers)
        self._providers[cls] = Provider(factory, lifetime, place_of(factory))
        return factory

    def _refuse_when_sealed(self, what: str) -> None:
        if self._assembled is not None:
            raise SealedError(
                f"{what} comes too late: the application is serving already; call it before the first request"
            )

    # -- assembled ----------------------------------------------------------------------------------------------------------

    def seal(self) -> Assembled:
        """Assemble the application, once; from then on nothing can be recorded.

        Raises:
            ConfigError: something that was recorded cannot work.
        """
        if self._assembled is None:
            self._assembled = assemble(
                Recorded(
                    self,
                    self.router,
                    self._middleware,
                    self.settings,
                    self._converters,
                    self._exception_handlers,
                    self._providers,
                    self._response_adapters,
                    self._body_parsers,
                    self._renderer or self.templates.render,
                )
            )
            self.router.seal()
        return self._assembled

    async def invalidate(self, route: Route) -> None:
        """Forget the answers of a route that are kept, as ``cache_rate`` and ``cache_ttl`` say.

        Args:
            route: what a verb has returned; the answers of its handler are forgotten, wherever it stands.

        Raises:
            StoreUnavailable: they are kept in Redis, and Redis does not answer.
        """
        await self.seal().caches.invalidate(route)

    def url_for(self, name: str, /, **values: object) -> str:
        """Return the path of a named route, below the application's root path.

        Args:
            name: the route's ``name=``, or its function's where only one route has it.
            **values: its path parameters.

        Raises:
            NoSuchRoute: nothing has this name.
            TypeError, ValueError: values that the path does not take.
        """
        return self.seal().reverse.url_for(name, **values)

    def openapi(
        self, *, title: str = "API", version: str = "1.0.0", description: str | None = None
    ) -> dict[str, Any]:
        """Return the OpenAPI 3.1 document of the application, which seals it.

        Args:
            title: of the API.
            version: of the API.
            description: in CommonMark.

        Raises:
            ConfigError: the application cannot be assembled, or two operations have one ``operation_id``.
        """
        from .openapi import document  # few processes ask for it

        return document(self.seal().compiled, title=title, version=version, description=description)

    async def startup(self) -> dict[str, Any]:
        """Assemble and start; return the state that requests share. A server calls it through the lifespan protocol.

        What runs already is not started again; what was stopped begins a new life.
        """
        self.seal()
        return await self._life.startup()

    async def shutdown(self) -> None:
        """Stop what :meth:`startup` started. Until the next startup, requests are answered 503."""
        while self._settles:
            await self._settles.pop()()
        try:
            await self._life.shutdown()
        finally:
            self.templates.close()
            if self._assembled is not None:
                self._assembled.pool.shutdown()
                self._assembled.streams.shutdown()
                await self._assembled.caches.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Be an ASGI application."""
        kind = scope["type"]
        if kind == "lifespan":
            return await run_lifespan(self, scope, receive, send)
        if kind not in {"http", "websocket"}:
            raise ConfigError(f"a scope of type {kind!r} is none that Wadjet knows")
        life, assembled = self._life, self._assembled
        if life.phase is Phase.STOPPED:
            return await refuse(scope, receive, send)
        if assembled is None or life.phase is not Phase.RUNNING:
            assembled = await self._started()
        if self._proxies is not None:
            scope = forwarded_scope(self._proxies, scope)
        if life.state:
            scope["state"] = {**scope.get("state", {}), **life.state}
        lane = serve if kind == "http" else serve_socket
        return await lane(assembled.dispatch, assembled.outer, scope, receive, send)

    def wadjet_lane(self, settle: Callable[[], Awaitable[None]]) -> Entry | None:
        """Let the fast lane in, past the scope; None while no life has begun, for then the ASGI form begins it.

        Args:
            settle: awaited before the application stops.
        """
        assembled = self._assembled
        if assembled is None or self._life.phase is not Phase.RUNNING:
            return None
        self._settles.append(settle)
        return Entry(assembled.dispatch, assembled.outer)

    async def _started(self) -> Assembled:
        """Start without a server's word: where there is no lifespan, the first request begins the life."""
        if self._life.phase is Phase.NEW:
            _log.info("no lifespan from the server; starting with the first request")
        await self.startup()
        return self.seal()

    def _mounted_lives(self) -> Iterator[AbstractAsyncContextManager[None]]:
        sealed = self.seal()
        return chain([sealed.providers.alive()], (life_of(app, state) for app, state in sealed.mounts))

    def run(self, host: str | None = None, port: int | None = None, **options: Any) -> None:
        """Serve until a signal comes. Does nothing but log when the module is being imported, by a server or a test.

        Args:
            host: an address; ``WADJET_HOST``, else 127.0.0.1.
            port: a port; ``WADJET_PORT``, then ``PORT``, else 8000.
            **options: ``lane``, limits by the names of their settings in lower case, as ``header_timeout=5``, and what
                ``uvicorn.Config`` takes.

        Raises:
            ConfigError: an option that is none or cannot be; or workers or ``reload`` are asked for, and the application cannot
                be imported again.
            SystemExit: the address is taken, or the application failed to start or to stop.
        """
        caller = sys._getframe(1).f_globals.get("__name__")  # noqa: SLF001 - who calls is the question
        if caller != "__main__":
            _log.info("app.run() in %s does nothing while the module is imported", caller)
            return
        if not LIMITS.keys().isdisjoint(options):
            self._refuse_when_sealed("a limit as an option of run()")
            options = export_limits(options, os.environ)
            self.settings = env.read(self.settings, os.environ, debug=self.settings.DEBUG)
        run(self, host, port, **options)


def new_app(**settings: Any) -> Wadjet:
    """Return an application: :class:`Wadjet` under view.py's name."""
    return Wadjet(**settings)
