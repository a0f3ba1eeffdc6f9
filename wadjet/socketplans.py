"""The routes for WebSockets, compiled: found by handshakes, with plans that converse."""

from __future__ import annotations

import importlib.util
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Any, NamedTuple

from .concurrency import ThreadPool
from .dispatch import Dispatcher
from .errors import MissingExtra, SignatureError
from .fallbacks import Answer, Fallbacks, wanting_upgrade
from .handlers.arguments import compile_arguments
from .handlers.around import surrounded
from .handlers.binding import bind
from .handlers.layers import Layer
from .handlers.plan import Plan
from .handlers.providers import Providers
from .handlers.signature import MISSING, Parameter, read
from .http.request import Request
from .http.seam import Finalise
from .middleware.base import BaseMiddleware
from .middleware.conversing import Conversing, Step, Talk
from .middleware.guarding import Guarding
from .middleware.recovery import Recovery
from .middleware.sockets import constants_of, trusted_origins
from .middleware.stacks import Stacks
from .routing.matcher import Entry, Matcher
from .routing.pattern import Pattern
from .routing.route import place_of
from .routing.router import Declared
from .routing.socketroute import SocketRoute
from .websockets.limits import Limits
from .websockets.socket import WebSocket

__all__ = ["SocketPlans", "upgrades"]

#: Parameters without an annotation that are the WebSocket.
_NAMES = frozenset({"socket", "websocket"})


class SocketPlans(NamedTuple):
    """Makes plans of routes for WebSockets.

    Args:
        app: the application.
        stacks: what stands around it.
        guarding: makes what stands before a route.
        providers: fill parameters by their type.
        pool: where plain ``def`` route middleware runs.
        prepare: makes a response final.
        recover: makes a response of what is raised.
    """

    app: Any
    stacks: Stacks
    guarding: Guarding
    providers: Providers
    pool: ThreadPool
    prepare: Finalise
    recover: Recovery

    def dispatch(
        self, parsed: Iterable[tuple[Declared, Pattern]], others: Iterable[Entry[Plan]]
    ) -> Callable[[Request], Plan]:
        """Return what finds the plan of a handshake.

        Args:
            parsed: what was declared, whatever it is.
            others: what answers requests; mounts among it may speak WebSockets themselves.

        Raises:
            ConfigError: a route that cannot work.
            MissingExtra: there is one, and no library that speaks the protocol.
        """
        entries = [*self._entries(parsed), *(entry for entry in others if entry.mount)]
        answers = Fallbacks(self._fixed)
        return Dispatcher(Matcher(entries, answers), answers.bad_host, answers.failed).plan_of

    def _entries(self, parsed: Iterable[tuple[Declared, Pattern]]) -> Iterator[Entry[Plan]]:
        for declared, pattern in parsed:
            route = declared.target
            if isinstance(route, SocketRoute):
                _check_library(route)
                is_strict = declared.options.get("slashes", "redirect") == "strict"
                plan = self._plan(route, declared, pattern)
                route.seal(self.app)
                yield Entry(pattern, {"GET": plan}, declared.host, is_strict, origin=route.where)

    def _plan(self, route: SocketRoute, declared: Declared, pattern: Pattern) -> Plan:
        options, where = declared.options, route.where
        hooks = [*self.stacks.hooks, *self.stacks.around(options.get("middleware", ()), where)]
        guards = self.guarding.of(options, route.handler, where)
        steps: list[Step] = [*_steps(hooks)]
        steps += [(guard, guard.before) for guard in guards if guard.before is not None]
        trusted = None if options.get("csrf_exempt", False) else trusted_origins(self.app.settings)
        plan = Plan(route.name, str(pattern), self.app, self.app.settings.MAX_BODY_SIZE)
        plan.asgi = Conversing(
            self._talk(route, pattern),
            steps,
            trusted,
            Limits.of(self.app.settings),
            self.prepare,
            self.recover,
            constants_of(hooks),
            where,
        )
        return plan

    def _talk(self, route: SocketRoute, pattern: Pattern) -> Talk:
        """Return what calls a handler with all that it asks for."""
        where, handler = route.where, route.handler
        signature = read(handler, where)
        names = [parameter.name for parameter in signature.parameters if _is_socket(parameter)]
        if not names:
            raise SignatureError(f"{where} takes no WebSocket; write `async def handler(socket: WebSocket)`")
        binding = bind(signature, pattern.types(), ("GET",), where, is_other=self._is_other)
        arguments = compile_arguments(binding, pattern.names)

        async def converse(request: Request, bound: dict[str, Any]) -> Any:  # noqa: ARG001 - what stands around wants it
            return await handler(**bound)

        everything = [parameter.name for parameter in signature.parameters]
        layer: Layer = surrounded(converse, route.around, everything, self.pool, place_of)
        provided = [(other.name, other.annotation) for other in binding.others if self.providers.takes(other)]
        layer = self.providers.providing(layer, provided, streams=False)
        is_bare = not (provided or route.around)

        def talk(request: Request, socket: WebSocket) -> Awaitable[Any]:
            bound = {**arguments(request), **dict.fromkeys(names, socket)}
            # What waits keeps its frame, and most waits for long: no more of them than there must be.
            return handler(**bound) if is_bare else layer(request, bound)

        return talk

    def _is_other(self, parameter: Parameter) -> bool:
        return _is_socket(parameter) or self.providers.takes(parameter)

    def _fixed(self, name: str, answer: Answer) -> Plan:
        """Return a plan that no route declared: it refuses, but the hooks are asked first."""
        plan = Plan(name, "", self.app, self.app.settings.MAX_BODY_SIZE)
        plan.asgi = Conversing(
            lambda request, _: answer(request),
            [*_steps(self.stacks.hooks)],
            None,
            Limits.of(self.app.settings),
            self.prepare,
            self.recover,
            constants_of(self.stacks.hooks),
            name,
        )
        return plan


def upgrades(
    parsed: Iterable[tuple[Declared, Pattern]],
    entries: Iterable[Entry[Plan]],
    fixed: Callable[[str, Answer], Plan],
) -> list[Entry[Plan]]:
    """Return what answers GET where only a WebSocket is (RFC 9110 §15.5.22).

    Args:
        parsed: what was declared, whatever it is.
        entries: what answers requests.
        fixed: makes a plan of a name and of what answers.
    """
    plan = fixed("upgrade required", wanting_upgrade)
    taken = {(entry.host, entry.pattern.shape) for entry in entries if "GET" in entry.methods}
    return [
        Entry(pattern, {"GET": plan}, declared.host, origin=declared.target.where)
        for declared, pattern in parsed
        if isinstance(declared.target, SocketRoute) and (declared.host, pattern.shape) not in taken
    ]


def _steps(hooks: Iterable[BaseMiddleware]) -> Iterator[Step]:
    for hook in hooks:
        if hook.before_socket is not None:
            yield hook, hook.before_socket


def _is_socket(parameter: Parameter) -> bool:
    cls = parameter.annotation
    if cls is MISSING:
        return parameter.name in _NAMES
    return isinstance(cls, type) and issubclass(cls, WebSocket)


def _check_library(route: SocketRoute) -> None:
    if importlib.util.find_spec("websockets") is None:
        raise MissingExtra(
            f'{route.where} answers WebSockets, which needs websockets: pip install "wadjet[standard]"'
        )
