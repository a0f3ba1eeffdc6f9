"""What an application is told: routes, middleware, hooks, handlers of exceptions, providers. Recording decides nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from types import ModuleType
from typing import Any, TypeVar, Unpack, overload

from .assembly import Recorded
from .concurrency import is_async
from .conf.settings import Settings
from .errors import ConfigError, SealedError
from .events.lifespan import Hook
from .events.subscribers import Subscriber, Subscription, subscription
from .handlers.content import BodyParser, check_body_parser
from .handlers.providers import Lifetime, Provider, check_provider
from .http.extending import attribute_of
from .http.request import Request
from .http.response import Template
from .middleware.recovery import ExceptionHandler
from .routing.converters import Converter
from .routing.options import RouteOptions, SharedOptions
from .routing.route import Route, check_error_handler, check_error_key, place_of
from .routing.router import Router, Verbs
from .scanning import free_standing
from .static.files import StaticFiles, StaticOptions
from .traversal.views import ViewConfig, configured
from .types import ASGIApp, Handler

__all__ = ["Recording"]

C = TypeVar("C", bound=Callable[[Any], Iterable[Any]])
H = TypeVar("H", bound=Callable[..., Any])
S = TypeVar("S", bound=Subscriber)


class Recording(Verbs):
    """The recording half of an application; it takes things until the router is sealed.

    Args:
        routes: routes, routers, views, mounts.
        middleware: outermost first.
        defaults: options of all routes, unless they say otherwise.
    """

    def __init__(self, routes: Iterable[Any], middleware: Iterable[Any], defaults: SharedOptions) -> None:
        self.router = Router(routes=routes, **defaults)
        self.startup_hooks: list[Hook] = []
        self.shutdown_hooks: list[Hook] = []
        #: What stands around all routes, as it was given.
        self.middleware_entries = tuple(middleware)
        self._exception_handlers: dict[type[BaseException] | int, ExceptionHandler] = {}
        self._converters: dict[str, Converter] = {}
        self._providers: dict[Any, Provider] = {}
        self._subscriptions: list[Subscription] = []
        self._response_adapters: dict[type, Callable[[Any], Any]] = {}
        self._body_parsers: dict[str, BodyParser] = {}
        #: What ``wadjet check`` asks beside our own, and whether only for deployment.
        self.checks: list[tuple[Callable[[Any], Iterable[Any]], bool]] = []
        self._renderer: Callable[[Request, Template], Any] | None = None
        #: What requests have beside their own attributes.
        self.request_methods: dict[str, Any] = {}
        self._scanned: set[int] = set()
        #: What answers by traversal.
        self.views: list[ViewConfig] = []

    def _recorded(self, settings: Settings, renderer: Callable[[Request, Template], Any]) -> Recorded:
        """Return what has been recorded, for assembly."""
        return Recorded(
            self,
            self.router,
            self.middleware_entries,
            settings,
            self._converters,
            self._exception_handlers,
            self._providers,
            self._response_adapters,
            self._subscriptions,
            self._body_parsers,
            renderer,
        )

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

    def scan(self, package: str | ModuleType) -> None:
        """Import a package with all its modules, and record what stands free in them.

        That is what a free verb has decorated, views with a ``path``, and what :func:`~wadjet.events.subscriber` and
        :func:`~wadjet.traversal.view_config` have decorated; what a router holds, that router has to be included for. It is
        recorded in the order of the modules' names, and within a module in the order in which it is written.

        Args:
            package: its name, or itself; a single module is good too.

        Raises:
            ConfigError: there is no such module; what a module raises itself passes.
            SealedError: the application is serving already.
        """
        self.refuse_when_sealed("scan")
        for found in free_standing(package, self._scanned):
            if isinstance(found, Subscription):
                self._subscriptions.append(found)
            elif isinstance(found, ViewConfig):
                self.views.append(found)
            else:
                self.include(found)

    def static(
        self, prefix: str, directory: str | os.PathLike[str], **options: Unpack[StaticOptions]
    ) -> StaticFiles:
        """Record a folder whose files are sent below a path; see :class:`~wadjet.static.StaticFiles`.

        Args:
            prefix: the path; ``/`` for all that nothing else answers.
            directory: the folder; a relative one is below the working directory.
            **options: ``index``, ``fallback``, ``cache_control``, ``precompressed``, ``symlinks``, ``dotfiles``, ``manifest``,
                ``fresh_for``, and those of routes, ``name`` among them.

        Raises:
            ConfigError: an option that cannot be. That there is no such folder is an error when the application starts.
        """
        files = StaticFiles(prefix, directory, **options)
        self.include(files)
        return files

    def on_startup(self, hook: H) -> H:
        """Call ``hook()`` before the first request, or ``hook(app)`` if it needs an argument; may be asynchronous. Decorates."""
        self.refuse_when_sealed("on_startup")
        self.startup_hooks.append(hook)
        return hook

    def on_shutdown(self, hook: H) -> H:
        """Call ``hook()`` or ``hook(app)`` after the last request, the last one added first. Decorates.

        It runs too when a startup hook fails, and whatever else fails; not when the start failed before the startup hooks.
        """
        self.refuse_when_sealed("on_shutdown")
        self.shutdown_hooks.append(hook)
        return hook

    def exception_handler(self, key: type[BaseException] | int) -> Callable[[H], H]:
        """Decorate ``handler(request, error)``, whose result answers what is raised.

        Args:
            key: an exception class, for it and its subclasses; or a status, for the errors that have it (500: every crash).

        Raises:
            ConfigError: the key is neither, or taken; or the function takes something else.
        """
        where = f"exception_handler({key!r})"
        check_error_key(key, where)

        def decorate(handler: H) -> H:
            self.refuse_when_sealed("exception_handler")
            check_error_handler(handler, where)
            if key in self._exception_handlers:
                raise ConfigError(f"{where} is taken by {self._exception_handlers[key]!r}; keep one")
            self._exception_handlers[key] = handler
            return handler

        return decorate

    def template_renderer(self, render: H) -> H:
        """Let ``render(request, template)`` make the text of ``HTMLResponse(template=…)``; may be asynchronous. Decorates.

        The template has a ``name``, a ``context`` and a ``directory``, which is None where none was given.

        Raises:
            ConfigError: there is one already.
        """
        self.refuse_when_sealed("template_renderer")
        if self._renderer is not None:
            raise ConfigError(f"template_renderer: {self._renderer!r} renders templates already; keep one")
        self._renderer = render
        return render

    def add_check(self, check: C, *, deploy: bool = False) -> C:
        """Have ``wadjet check`` ask a function, too. Decorates.

        Args:
            check: takes what :class:`~wadjet.checks.Inspected` has; returns the :class:`~wadjet.checks.Finding` that it makes.
            deploy: ask it with ``--deploy`` only.
        """
        self.checks.append((check, deploy))
        return check

    def add_converter(self, name: str, converter: Converter) -> None:
        """Let paths say ``{value:name}``.

        Args:
            name: an identifier.
            converter: reads and writes the values.
        """
        self.refuse_when_sealed("add_converter")
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
        self.refuse_when_sealed("add_body_parser")
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
        self.refuse_when_sealed("add_response_adapter")
        given: tuple[Any, Any] = cls, adapter  # whatever was given
        taken = self._response_adapters.get(cls)
        if not isinstance(given[0], type) or not callable(given[1]) or is_async(adapter):
            raise ConfigError(
                f"add_response_adapter({cls!r}, {adapter!r}): give a class and a function that is not asynchronous"
            )
        if taken is not None:
            raise ConfigError(f"add_response_adapter({cls!r}): {taken!r} adapts it already; keep one")
        self._response_adapters[cls] = adapter

    def add_subscriber(
        self,
        subscriber: S,
        event: type | Sequence[type] = (),
        *,
        order: int = 0,
        when: Callable[[Any], bool] | None = None,
        **predicates: Any,
    ) -> S:
        """Call a function with each event of a class; it may be asynchronous (Pyramid).

        Args:
            subscriber: takes the event. A plain ``def`` runs on the loop.
            event: the class, or several: those of :mod:`wadjet.events`, or your own; every event if none is given.
            order: those with smaller numbers are called first, and of equal ones who was recorded first.
            when: a function of the event that tells whether to call.
            **predicates: as :func:`~wadjet.events.subscriber`.

        Raises:
            ConfigError: no class, no such predicate, or one that the events cannot answer.
            SealedError: the application is serving already.
        """
        self.refuse_when_sealed("add_subscriber")
        events = tuple(event) if isinstance(event, Sequence) else (event,)
        self._subscriptions.append(subscription(subscriber, events, order, when, predicates))
        return subscriber

    def add_view(
        self,
        view: H,
        *,
        context: type = object,
        name: str = "",
        renderer: Any = None,
        request_method: str | tuple[str, ...] | None = None,
        permission: str | None = None,
        attr: str | None = None,
    ) -> H:
        """Let a function or a class answer for resources; arguments and errors as :func:`~wadjet.traversal.view_config`."""
        self.refuse_when_sealed("add_view")
        self.views.append(configured(view, context, name, renderer, request_method, permission, attr))
        return view

    @overload
    def add_request_method(
        self, function: H, name: str | None = ..., property: bool = ..., reify: bool = ...
    ) -> H: ...
    @overload
    def add_request_method(
        self, function: None = ..., name: str | None = ..., property: bool = ..., reify: bool = ...
    ) -> Callable[[H], H]: ...
    def add_request_method(
        self,
        function: Any = None,
        name: str | None = None,
        property: bool = False,
        reify: bool = False,
    ) -> Any:
        """Give every request of the application a method, or an attribute (Pyramid). Decorates when no function is given.

        Args:
            function: takes the request, and a method further arguments.
            name: the attribute's; the function's if not given.
            property: it is an attribute, computed each time that it is asked for.
            reify: it is an attribute, computed once for each request.

        Raises:
            ConfigError: requests have that name already, or it is none; or the attribute would be a coroutine.
            SealedError: the application is serving already.
        """
        self.refuse_when_sealed("add_request_method")
        if function is None:
            return lambda given: self.add_request_method(given, name, property, reify)
        own = str(name or getattr(function, "__name__", ""))
        self.request_methods[own] = attribute_of(function, own, self.request_methods, property, reify)
        return function

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
        self.refuse_when_sealed("provide")
        if factory is None:
            return lambda function: self.provide(cls, function, lifetime=lifetime)
        check_provider(cls, factory, lifetime, self._providers)
        self._providers[cls] = Provider(factory, lifetime, place_of(factory))
        return factory

    def refuse_when_sealed(self, what: str) -> None:
        """Refuse what comes when the application is serving already.

        Raises:
            SealedError: it is.
        """
        if self.router.is_sealed:
            raise SealedError(
                f"{what} comes too late: the application is serving already; call it before the first request"
            )
