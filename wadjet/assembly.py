"""The startup path: check, decide, compile, seal. Every mistake that can be known is an error here, with its place and remedy."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from .cache.caches import Caches
from .concurrency import ThreadPool, is_async, is_generator
from .conf.settings import Settings
from .dispatch import Dispatcher
from .errors import ConfigError, RouteError
from .events.background import Background
from .events.registry import Registry
from .events.signals import BeforeRender
from .events.subscribers import Subscription
from .fallbacks import Fallbacks, telling
from .handlers.around import surrounded
from .handlers.binding import Binding, bind
from .handlers.cached import at_once_of, cache_of, cached, guarded_cached
from .handlers.compressing import compressing_of
from .handlers.content import BodyParser
from .handlers.deadline import in_time
from .handlers.fieldnames import check_field_names
from .handlers.filling import filling, is_response
from .handlers.layers import Layer, innermost, through
from .handlers.plan import Call, Compiled, Plan, call_of, direct_of, guarded, with_request
from .handlers.prepare import Prepare
from .handlers.providers import Provider, Providers
from .handlers.rendering import rendering, renders
from .handlers.respond import Respond
from .handlers.returning import Adapters, Makers
from .handlers.signature import MISSING, Parameter, Signature, read
from .http.extending import extended
from .http.forms import FormLimits
from .http.request import Request
from .http.response import Template
from .http.seam import Handle, Render
from .middleware.announcing import announcing, locating
from .middleware.base import BaseMiddleware
from .middleware.fuse import Ring, fuse, fuse_rings
from .middleware.guarding import Guarding
from .middleware.hooks import Hook
from .middleware.recovery import ExceptionHandler, Guarded, Recovery, fitted
from .middleware.stacks import Stacks
from .middleware.timing import timed
from .preflights import Asked, by_method
from .routing.converters import CONVERTERS, Converter
from .routing.matcher import ANY_METHOD, Entry, Matcher
from .routing.naming import origin_of, reverse_of
from .routing.options import RouteOptions, check_options
from .routing.pattern import Pattern
from .routing.reverse import Reverse
from .routing.route import Route, place_of
from .routing.router import Declared, Mount, Router
from .routing.socketroute import SocketRoute
from .server.asgi import InnerApp, mounted
from .socketplans import SocketPlans, upgrades
from .stores.redis import RedisStore, redis_url
from .traversal.answering import traversing
from .types import ASGIApp

__all__ = ["Assembled", "Recorded", "assemble"]


class Recorded(NamedTuple):
    """What an application recorded."""

    app: Any
    router: Router
    middleware: tuple[Any, ...]
    settings: Settings
    converters: Mapping[str, Converter]
    exception_handlers: Mapping[type[BaseException] | int, ExceptionHandler]
    providers: Mapping[Any, Provider]
    response_adapters: Adapters
    subscriptions: Sequence[Subscription]
    #: What reads documents, by media type.
    body_parsers: Mapping[str, BodyParser]
    #: What makes text of a template.
    renderer: Callable[[Request, Template], Any] | None


class Mounted(NamedTuple):
    """Another application below a path."""

    app: ASGIApp
    #: Of its own; its lifespan fills it.
    state: dict[str, Any]
    where: str
    #: Middleware of the routers around it, outermost first; the application's own stands outside of that.
    hooks: tuple[BaseMiddleware, ...]


class Assembled(NamedTuple):
    """What serves."""

    #: Finds the plan of a request.
    dispatch: Callable[[Request], Plan]
    #: Finds that of a handshake for a WebSocket.
    sockets: Callable[[Request], Plan]
    #: Middleware that only speaks ASGI, around everything; None when there is none.
    outer: ASGIApp | None
    reverse: Reverse
    pool: ThreadPool
    streams: ThreadPool
    mounts: tuple[Mounted, ...]
    providers: Providers
    #: The routes, for who describes them.
    compiled: tuple[Compiled, ...]
    caches: Caches
    #: Middleware that has something to let go of in the end.
    middleware: tuple[BaseMiddleware, ...]
    #: Of it what stands around the whole application, outermost first.
    around: tuple[BaseMiddleware, ...]
    registry: Registry
    #: What runs when responses have left.
    background: Background


def assemble(recorded: Recorded) -> Assembled:
    """Compile an application.

    Raises:
        ConfigError: something that was recorded cannot work; the message says what, where, and what to write instead.
    """
    return _Assembly(recorded).whole()


class _Assembly:
    """One run of assembly: what the steps share."""

    def __init__(self, recorded: Recorded) -> None:
        self.app = recorded.app
        self.settings = recorded.settings
        self.converters = {**CONVERTERS, **recorded.converters}
        self.declared = list(recorded.router.walk())
        self.compiled: list[Compiled] = []
        self.mounts: dict[int, Mounted] = {}
        self.form_limits = _form_limits(recorded.settings)
        self.parsers = recorded.body_parsers
        self.pool = ThreadPool("wadjet-handler", recorded.settings.THREAD_POOL_SIZE)
        makers = Makers(Respond(), MISSING, "an exception handler", recorded.response_adapters)
        self.streams = ThreadPool("wadjet-stream", recorded.settings.STREAM_POOL_SIZE)
        self.prepare = Prepare(makers, self.streams, self.pool, self._renderer(recorded.renderer))
        self.recover = Recovery(self.prepare, makers, self._off_the_loop(recorded.exception_handlers))
        self.makers = makers
        self.providers = Providers(recorded.providers)
        self.adapters = recorded.response_adapters
        self.registry = Registry(recorded.settings, recorded.subscriptions)
        self.caches = Caches(recorded.settings.CACHE_BACKEND, recorded.settings.CACHE_SIZE, self._redis)
        self.inner = InnerApp(_not_yet, recorded.settings)
        self.own_hooks: dict[Plan, tuple[BaseMiddleware, ...]] = {}
        self.stacks = Stacks(recorded.middleware, self.inner, self.prepare, self.recover)
        self.stacks.hooks += announcing(self.registry)
        self.locating = locating(self.registry)
        self.guarding = Guarding(recorded.settings, self.inner, self.stacks.made)
        self.recover.show(recorded.settings, self.stacks.names)

    def whole(self) -> Assembled:
        """Run the steps."""
        parsed = [(declared, self._pattern(declared)) for declared in self.declared]
        explicit_heads = {
            (declared.host, pattern.shape)
            for declared, pattern in parsed
            if isinstance(declared.target, Route) and "HEAD" in declared.target.methods
        }
        entries = [
            self._entry(declared, pattern, (declared.host, pattern.shape) in explicit_heads)
            for declared, pattern in parsed
            if not isinstance(declared.target, SocketRoute)
        ]
        shared = self.stacks, self.guarding, self.providers, self.pool, self.prepare, self.recover
        sockets = extended(SocketPlans(self.app, *shared).dispatch(parsed, entries), self.app.request_methods)
        entries += upgrades(parsed, entries, self.fixed)
        answers = Fallbacks(self.fixed, traversing(self.app, self.registry, self.pool, self.adapters))
        entries += self._preflights(entries)
        found = Dispatcher(Matcher(entries, answers), answers.bad_host, answers.failed).plan_of
        dispatch = extended(found, self.app.request_methods)
        self.inner.dispatch, self.inner.sockets = dispatch, sockets
        return Assembled(
            dispatch,
            sockets,
            self.stacks.outer,
            reverse_of(parsed),
            self.pool,
            self.streams,
            tuple(self.mounts.values()),
            self.providers,
            tuple(self.compiled),
            self.caches,
            tuple(self.stacks.made),
            self.stacks.whole,
            self.registry,
            Background(self.pool),
        )

    def _off_the_loop(
        self, handlers: Mapping[type[BaseException] | int, ExceptionHandler]
    ) -> dict[type[BaseException] | int, ExceptionHandler]:
        """Let plain ``def`` exception handlers run in a thread, as plain handlers do."""

        def threaded(handler: ExceptionHandler) -> ExceptionHandler:
            return lambda request, error: self.pool.run(handler, request, error)

        return {key: handler if is_async(handler) else threaded(handler) for key, handler in handlers.items()}

    def _renderer(self, render: Callable[[Request, Template], Any] | None) -> Render | None:
        """Let a plain ``def`` renderer run in a thread, too: it reads files."""
        if render is None or is_async(render):
            return render
        return lambda request, template: self.pool.run(render, request, template)

    # -- routes -----------------------------------------------------------------------------------------------------------

    def _pattern(self, declared: Declared) -> Pattern:
        try:
            if isinstance(declared.target, Mount):
                return _literal(Pattern.prefix(declared.path or "/", self.converters))
            return Pattern.parse(declared.path, self.converters)
        except RouteError as error:
            raise RouteError(f"{origin_of(declared)}: {error}") from None

    def _entry(self, declared: Declared, pattern: Pattern, has_own_head: bool) -> Entry[Plan]:
        origin = origin_of(declared)
        check_options(declared.options, origin)
        is_strict = declared.options.get("slashes", "redirect") == "strict"
        if isinstance(declared.target, Mount):
            plan = self._mount_plan(declared.target, pattern, declared.options)
            return Entry(pattern, {ANY_METHOD: plan}, declared.host, is_strict, mount=True, origin=origin)
        plan = self._plan(declared.target, declared, pattern)
        methods = dict.fromkeys(declared.target.methods, plan)
        if "GET" in methods and declared.options.get("allow_head", True) and not has_own_head:
            methods["HEAD"] = plan
        return Entry(pattern, methods, declared.host, is_strict, mount=False, origin=origin)

    def _plan(self, route: Route, declared: Declared, pattern: Pattern) -> Plan:
        options, where = declared.options, route.where
        signature = read(route.handler, where)
        path_types = pattern.types()
        binding = bind(signature, path_types, route.methods, where, self.parsers, self._is_other)
        makers = Makers(Respond.of(options, where), signature.returns, where, self.adapters)
        check_field_names(route, makers.declared)
        inline = options.get("inline", False)
        call = call_of(route.handler, binding, pattern.names, self.pool, inline=inline)
        limit = options.get("max_body_size", self.settings.MAX_BODY_SIZE)
        encodings = tuple(options.get("content_encodings", ()))
        forms = self.form_limits._replace(files=binding.file_rules)
        plan = Plan(route.name, str(pattern), self.app, limit, forms, encodings)
        guards = self.guarding.of(options, route.handler, where)
        plan.compiled = Compiled(
            route, declared, pattern, binding, makers, None if inline else self.pool, guards
        )
        self.compiled.append(plan.compiled)
        recover = self.recover
        if route.errors:
            functions = {key: fitted(handler) for key, handler in route.errors.items()}
            recover = recover.within(self._off_the_loop(functions))
        own = self.own_hooks[plan] = self.stacks.around(options.get("middleware", ()), where)
        hooks: list[Hook] = [*self.stacks.hooks, *self.locating, *own, *compressing_of(options, where)]
        handle = in_time(self._guarded(call, plan.compiled, signature, recover), plan.compiled, recover)
        plan.inner = fuse(guards, handle, self.prepare, recover)
        plan.handle = self._fused(hooks, handle, Ring(guards, recover))
        plan.at_once = at_once_of(plan.handle)
        route.seal(self.app)
        return plan

    def _is_other(self, parameter: Parameter) -> bool:
        return self.providers.takes(parameter) or is_response(parameter)

    def _layers(
        self, layer: Layer, route: Route, signature: Signature, binding: Binding, makers: Makers
    ) -> Layer:
        """Put around a handler what makes its other arguments, and inside of that the route's own middleware."""
        names = [parameter.name for parameter in signature.parameters]
        layer = surrounded(layer, route.around, names, self.pool, place_of)
        layer = filling(layer, list(filter(is_response, binding.others)), makers)
        provided = [(other.name, other.annotation) for other in binding.others if self.providers.takes(other)]
        return self.providers.providing(layer, provided, streams=is_generator(inspect.unwrap(route.handler)))

    def _guarded(self, call: Call, compiled: Compiled, signature: Signature, recover: Recovery) -> Handle:
        """Return the handle of a call, with everything around it that the route says."""
        route, binding, makers = compiled.route, compiled.binding, compiled.makers
        options = compiled.declared.options
        direct = direct_of(route.handler, self.prepare, recover, self.settings, self.pool)
        cache = cache_of(compiled, self.caches, self.providers.lasts)
        layer = innermost(call)
        if renders(options):
            before = self.registry.notifier(BeforeRender)
            streams = is_generator(inspect.unwrap(route.handler))
            layer = rendering(
                layer, options, makers, self.makers, before, self.app.find_template, streams=streams
            )
        if cache is not None and not (route.around or binding.others):
            return guarded_cached(call, layer, makers, self.prepare, recover, cache)
        if route.around or binding.others or renders(options):
            layer = layer if cache is None else cached(layer, makers, self.prepare, cache)
            call = through(self._layers(layer, route, signature, binding, makers), call)
        elif direct is not None:
            return direct
        return guarded(call, makers, self.prepare, recover)

    def _redis(self) -> RedisStore:
        settings = self.settings
        return RedisStore(redis_url(settings.REDIS_URL, settings.CACHES), timeout=settings.REDIS_TIMEOUT)

    def _fused(self, hooks: Sequence[Hook], handle: Handle, guards: Ring | None = None) -> Handle:
        inner = guards or Ring((), self.recover)
        if self.settings.DEBUG:
            hooks, handle = timed(hooks, fuse(inner.hooks, handle, self.prepare, inner.recover))
            return fuse(hooks, handle, self.prepare, self.recover)
        return fuse_rings(Ring(hooks, self.recover), inner, handle, self.prepare)

    def _preflights(self, entries: Sequence[Entry[Plan]]) -> Iterator[Entry[Plan]]:
        """Yield what answers OPTIONS where nobody else does, and a route has hooks of its own."""
        paths: dict[Any, list[Entry[Plan]]] = {}
        for entry in entries:
            paths.setdefault((entry.host, entry.pattern.shape), []).append(entry)
        for (host, _), found in paths.items():
            plans = {method: plan for entry in found for method, plan in entry.methods.items()}
            asked = [Asked(method, self.own_hooks.get(plan, ())) for method, plan in plans.items()]
            is_wanted = any(each.hooks for each in asked) and plans.keys().isdisjoint({"OPTIONS", ANY_METHOD})
            if is_wanted:
                first = found[0]
                plan = self._preflight(asked)
                yield Entry(
                    first.pattern,
                    {"OPTIONS": plan},
                    host,
                    all(each.strict for each in found),
                    origin=first.origin,
                )

    def _preflight(self, asked: Sequence[Asked]) -> Plan:
        allow = tuple(sorted({*(each.method for each in asked), "OPTIONS"}))
        plain = guarded(with_request(telling(allow)), self.makers, self.prepare, self.recover)
        handle = by_method(asked, lambda hooks: fuse(hooks, plain, self.prepare, self.recover))
        plan = Plan("options", "", self.app, self.settings.MAX_BODY_SIZE, self.form_limits)
        plan.inner, plan.handle = handle, self._fused(self.stacks.hooks, handle)
        return plan

    def fixed(self, name: str, answer: Callable[[Request], Awaitable[Any]]) -> Plan:
        """Return a plan that no route declared: the answers to what matches nothing are plans too, so hooks see them."""
        plan = Plan(name, "", self.app, self.settings.MAX_BODY_SIZE, self.form_limits)
        handle = guarded(with_request(answer), self.makers, self.prepare, self.recover)
        plan.inner, plan.handle = handle, self._fused(self.stacks.hooks, handle)
        return plan

    def _mount_plan(self, mount: Mount, pattern: Pattern, options: RouteOptions) -> Plan:
        prefix = "".join(f"/{segment}" for segment in pattern.segments)  # decoded, as root_path is (ASGI)
        where = f"mount {prefix}"
        own = self.stacks.around(options.get("middleware", ()), where)
        # An application that is mounted twice has one life, and one state.
        one = self.mounts.setdefault(id(mount.app), Mounted(mount.app, {}, where, own))
        form: ASGIApp = Guarded(mounted(mount.app, prefix, one.state), self.recover)
        # SECURITY: what a router asks is asked of all below it, whoever answers there.
        guards = self.guarding.around(options, mount.app, where)
        for guard in guards:
            guard.wadjet_recover, guard.wadjet_prepare = self.recover, self.prepare
        for guard in reversed(guards):
            form = functools.partial(guard.around, form)
        plan = Plan(mount.name or prefix, prefix, self.app, self.settings.MAX_BODY_SIZE, self.form_limits)
        plan.inner_asgi = form
        for hook in reversed([*self.stacks.hooks, *own]):
            form = functools.partial(hook.around, form)
        plan.asgi = form
        return plan


def _form_limits(settings: Settings) -> FormLimits:
    return FormLimits(
        settings.MAX_FORM_FIELDS, settings.MAX_FORM_FILES, settings.MAX_FIELD_SIZE, settings.MAX_FIELDS_SIZE
    )


def _not_yet(request: Request) -> Any:
    raise ConfigError(f"{request!r} came before the application was assembled")


def _literal(prefix: Pattern) -> Pattern:
    """Return the path of a mount, whose application is told it as its root path, if it has no parameters."""
    if prefix.names:
        raise RouteError(
            f"the path {str(prefix)!r} of a mount, its routers' prefixes included, has the parameter {prefix.names[0]!r}; "
            "mount at a literal path, as '/legacy', or write a route that ends in {rest:path}"
        )
    return prefix
