"""Wadjet: records, and gives servers their entry points. It decides nothing; assembly does."""

from __future__ import annotations

import functools
import inspect
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager
from itertools import chain
from typing import TYPE_CHECKING, Any, Unpack

from .assembly import Assembled, assemble
from .conf import env
from .conf.settings import Settings
from .errors import ConfigError
from .events.background import Background
from .events.lifespan import Lifespan, LifespanFactory, Phase
from .events.registry import Registry
from .events.signals import ApplicationCreated
from .handlers.plan import Plan
from .http.constantfields import ConstantFields
from .http.forwarded import TrustedProxies, forwarded_scope
from .http.request import Request
from .http.response import Response
from .logs import lifecycle as _log
from .recording import Recording
from .routing.options import SharedOptions
from .routing.route import Route
from .server.asgi import Entry, Forms, serve, serve_socket
from .server.lifespan import life_of, refuse, run_lifespan
from .server.options import LIMITS, export_limits
from .server.run import run
from .server.threaded import ThreadedApp
from .static.files import folder_named
from .templating import Templates
from .traversal.acl import permits, principals_of
from .traversal.resources import DefaultRoot
from .types import Receive, Scope, Send

if TYPE_CHECKING:
    from .debug.watchdog import Watchdog

__all__ = ["Wadjet", "new_app"]


class Wadjet(Recording):
    """An application: what it answers, what stands around that, and how it starts and stops.

    It records until it is sealed, at the server's startup or at the first request; then it is an ASGI 3 application.

    Args:
        settings: an instance or a subclass of :class:`~wadjet.conf.Settings`, or its dotted path.
        routes: routes, routers, views, mounts.
        middleware: outermost first; each a class, ``(class, options)``, a factory or a dotted path. The setting ``MIDDLEWARE``
            stands around it.
        lifespan: gives, for the application, an asynchronous context manager around its life; what that yields is the state.
        root_factory: gives, for a request, the resource where traversal begins; may be asynchronous.
        debug: answer crashes with their traceback.
        **defaults: options of all routes, unless their router, their view or they themselves say otherwise.

    Raises:
        ConfigError: settings that cannot be.
        RouteError: no such option.
    """

    def __init__(
        self,
        settings: Settings | type[Settings] | str | None = None,
        *,
        routes: Iterable[Any] = (),
        middleware: Iterable[Any] = (),
        lifespan: LifespanFactory | None = None,
        root_factory: Callable[[Request], Any] | None = None,
        debug: bool | None = None,
        **defaults: Unpack[SharedOptions],
    ) -> None:
        self.settings = env.read(settings, os.environ, debug=debug)
        self._proxies = (
            TrustedProxies(self.settings.TRUSTED_PROXIES, host=self.settings.TRUSTED_PROXY_HOST) or None
        )
        super().__init__(routes, (*self.settings.MIDDLEWARE, *middleware), defaults)
        #: What renders ``HTMLResponse(template=…)``, unless :meth:`template_renderer` says otherwise.
        self.templates = Templates(
            self.settings.TEMPLATES_DIR, self.settings.INSTALLED_APPS, is_strict=self.settings.DEBUG
        )
        self.root_factory = root_factory
        self._assembled: Assembled | None = None
        self._is_announced = False
        self._settles: list[Callable[[], Awaitable[None]]] = []
        self._watchdog: Watchdog | None = None
        self._life = Lifespan(self, lifespan, self._mounted_lives, self.startup_hooks, self.shutdown_hooks)

    # -- assembled ----------------------------------------------------------------------------------------------------------

    def seal(self) -> Assembled:
        """Assemble the application, once; from then on nothing can be recorded.

        Raises:
            ConfigError: something that was recorded cannot work.
        """
        if self._assembled is None:
            self._assembled = assemble(self._recorded(self.settings, self._renderer or self.templates.render))
            self.router.seal()
        return self._assembled

    @property
    def registry(self) -> Registry:
        """What subscribers are told by: ``await app.registry.notify(event)``. To ask for it seals the application."""
        return self.seal().registry

    @property
    def background(self) -> Background:
        """The work that runs when responses have left. To ask for it seals the application."""
        return self.seal().background

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

    def static_url(self, file: str, /, folder: str | None = None) -> str:
        """Return the path of the present version of a static file, which caches may keep for ever, below the root path.

        Args:
            file: its name below the folder; or, where the folder has a manifest, that of its source.
            folder: the name of the folder, where there are several.

        Raises:
            StaticMissing: there is no such file, or no such folder.
        """
        files = folder_named(folder, (compiled.route.handler for compiled in self.seal().compiled))
        return self.url_for(files.name, path=files.versioned(file))

    def openapi(
        self, *, title: str | None = None, version: str | None = None, description: str | None = None
    ) -> dict[str, Any]:
        """Return the OpenAPI 3.1 document of the application, which seals it.

        Args:
            title: of the API; ``PROJECT_NAME``.
            version: of the API; ``VERSION``.
            description: in CommonMark.

        Raises:
            ConfigError: the application cannot be assembled, or two operations have one ``operation_id``.
        """
        from .middleware.auth import AuthenticationMiddleware
        from .openapi import document  # few processes ask for it

        settings, sealed = self.settings, self.seal()
        backends = (each.backends for each in sealed.middleware if isinstance(each, AuthenticationMiddleware))
        return document(
            sealed.compiled,
            title=settings.PROJECT_NAME if title is None else title,
            version=settings.VERSION if version is None else version,
            description=description,
            ways=[way for found in backends for way in found.ways],
        )

    async def startup(self) -> dict[str, Any]:
        """Assemble and start; return the state that requests share. A server calls it through the lifespan protocol.

        What runs already is not started again; what was stopped begins a new life.
        """
        try:
            with self._living():
                state = await self._life.startup()
        except BaseException:
            if self._life.phase is not Phase.RUNNING:
                await self._let_go()
            raise
        seconds = self.settings.LOOP_WARNING
        if seconds is not None and self._watchdog is None and self.settings.environment == "development":
            from .debug.watchdog import watch  # a process in production never has it

            self._watchdog = watch(seconds)
        return state

    async def shutdown(self) -> None:
        """Stop what :meth:`startup` started. Until the next startup, requests are answered 503."""
        while self._settles:
            await self._settles.pop()()
        watchdog, self._watchdog = self._watchdog, None
        if watchdog is not None:
            watchdog.stop()
        if self._assembled is not None:
            await self._assembled.background.drain(self.settings.DRAIN_TIMEOUT)
        try:
            with self._living():
                await self._life.shutdown()
        finally:
            await self._let_go()

    def _living(self) -> ExitStack:
        """Give what hooks of the lifespan run in."""
        stack = ExitStack()
        for middleware in self.seal().middleware:
            stack.enter_context(middleware.living())
        return stack

    async def _let_go(self) -> None:
        """Let go of threads and connections; a life that begins takes new ones."""
        self.templates.close()
        if self._assembled is not None:
            self._assembled.pool.shutdown()
            self._assembled.streams.shutdown()
            await self._assembled.caches.close()
            for middleware in self._assembled.middleware:
                await middleware.close()

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
        if kind == "http":
            return await serve(assembled.dispatch, assembled.outer, scope, receive, send)
        return await serve_socket(assembled.sockets, assembled.outer, scope, receive, send)

    async def handle(self, request: Request, *, middleware: bool = True) -> Response[Any]:
        """Answer a request, here and now, and return the whole response (Pyramid's sub-requests).

        What is answered is a copy: it shares the content, and nothing that it could change. What is raised becomes a response.

        Args:
            request: of your own making, as ``Request.blank("/x")``, or one that has been received.
            middleware: let it pass middleware, that of routes too. Permissions are asked in any case; CSRF tokens, limits and
                sessions are middleware.
        """
        return await request.get_response(self if middleware else self._bare)

    async def _bare(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Be what is inside of all middleware, for requests of our own making."""
        if self._life.phase is Phase.STOPPED:
            return await refuse(scope, receive, send)
        assembled = await self._started()
        scope["state"] = {**scope.get("state", {}), **self._life.state}
        return await serve(_inside(assembled.dispatch), None, scope, receive, send)

    @functools.cached_property
    def wsgi(self) -> ThreadedApp:
        """The application for WSGI servers: ``gunicorn module:app.wsgi``. It runs on a loop of its own, in a thread."""
        return ThreadedApp(self)

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

    def find_template(self, name: str) -> None:
        """Look whether a template that a route names is there; where something else renders, only that knows.

        Raises:
            ConfigError: it is not.
        """
        if self._renderer is None:
            self.templates.find(name)

    def constant_fields(self, scheme: str) -> Iterator[ConstantFields]:
        """Iterate over the fields that every response has, for refusals of the server; there are none while no life has begun.

        Args:
            scheme: ``http`` or ``https``.
        """
        around = () if self._assembled is None else self._assembled.around
        return chain.from_iterable(each.constant_fields(scheme) for each in reversed(around))

    def wadjet_plan(self, request: Request) -> Plan:
        """Return what will answer a request, for middleware that stands around the application."""
        return self.seal().dispatch(request)

    def root_of(self, request: Request) -> Any:
        """Return the root of a request that a route answers.

        Raises:
            ConfigError: it is asynchronous, and only traversal waits for it.
        """
        root = (self.root_factory or DefaultRoot)(request)
        if inspect.isawaitable(root):
            getattr(root, "close", list)()
            raise ConfigError(
                f"request.root: {self.root_factory!r} is asynchronous, and a route does not wait for it; await it yourself"
            )
        return root

    def permits(self, request: Request, context: Any, permission: str) -> bool:
        """Tell whether who is asking may do something with an object; ``request.has_permission`` asks here."""
        return permits(context, principals_of(request), permission)

    async def _started(self) -> Assembled:
        """Start without a server's word: where there is no lifespan, the first request begins the life."""
        if self._life.phase is Phase.NEW:
            _log.info("no lifespan from the server; starting with the first request")
        await self.startup()
        return self.seal()

    def _mounted_lives(self) -> Iterator[AbstractAsyncContextManager[None]]:
        sealed = self.seal()
        return chain(
            [sealed.providers.alive(), self._announced()],
            (life_of(mounted.app, mounted.state) for mounted in sealed.mounts),
        )

    @asynccontextmanager
    async def _announced(self) -> AsyncIterator[None]:
        """Tell subscribers that there is an application, once."""
        if not self._is_announced:
            await self.registry.notify(ApplicationCreated(self))
            self._is_announced = True
        yield

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
            self.refuse_when_sealed("a limit as an option of run()")
            options = export_limits(options, os.environ)
            self.settings = env.read(self.settings, os.environ, debug=self.settings.DEBUG)
        run(self, host, port, **options)


def _inside(dispatch: Callable[[Request], Plan]) -> Callable[[Request], Forms]:
    """Return a dispatch that leaves out all middleware."""

    def inside(request: Request) -> Forms:
        plan = dispatch(request)
        return Forms(plan.inner, plan.inner_asgi, plan.max_body_size)

    return inside


def new_app(**settings: Any) -> Wadjet:
    """Return an application: :class:`Wadjet` under view.py's name."""
    return Wadjet(**settings)
