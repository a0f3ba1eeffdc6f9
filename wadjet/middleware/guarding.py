"""Guarding: the options of a route that say who may ask, and how often, become hooks before its handler."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any

from ..auth.accounts import Accounts, accounts_of
from ..auth.guards import Guard, Identify, view_of
from ..auth.identity import authentication_of
from ..auth.named import imported
from ..auth.permissions import permissions_of
from ..auth.question import Backends
from ..conf.settings import Settings
from ..errors import ConfigError
from ..routing.checked import marks_of
from ..routing.options import RouteOptions
from ..types import ASGIApp, Handler
from .auth import AuthenticationMiddleware
from .base import BaseMiddleware
from .hooks import Hook
from .ratelimit import RateLimitMiddleware
from .ratepolicy import RatePolicy
from .throttles import Throttle

__all__ = ["Guarding"]


class Guarding:
    """Makes the hooks of routes; what several routes list is made once.

    Args:
        settings: of the application.
        inner: the application, as middleware stands around it.
        closing: takes what has something to let go of in the end.
    """

    def __init__(self, settings: Settings, inner: ASGIApp, closing: list[BaseMiddleware]) -> None:
        self._settings = settings
        self._inner = inner
        self._closing = closing
        self._throttles: dict[Any, RateLimitMiddleware] = {}

    def of(self, options: RouteOptions, handler: Handler, where: str) -> tuple[Hook, ...]:
        """Return what stands before a route, outermost first: who asks, how often, who may.

        Args:
            options: of the route.
            handler: of the route.
            where: its place, for messages.

        Raises:
            ConfigError: an option that cannot be.
        """
        settings = self._settings
        hooks: list[Hook] = []
        ways = options.get("authentication_classes")
        if ways is not None:
            hooks.append(Identify(self._backends(ways, f"{where}: authentication_classes")))
        # Each try counts, those too that are refused: so nobody goes on guessing tokens.
        hooks += self._limits(options.get("throttle_classes", settings.DEFAULT_THROTTLE_CLASSES), where)
        asked = options.get("permission_classes")
        if asked is None:
            default = "DEFAULT_PERMISSION_CLASSES"
            asked = [imported(each, default) for each in settings.DEFAULT_PERMISSION_CLASSES]
        marks = marks_of(handler)
        permissions = (*permissions_of(asked, f"{where}: permission_classes"), *marks)
        if permissions:
            hooks.append(Guard(view_of(handler), permissions, marks))
        return tuple(hooks)

    def around(self, options: RouteOptions, app: ASGIApp, where: str) -> tuple[BaseMiddleware, ...]:
        """Return what stands around a mount, outermost first: what its routers say. Defaults are of routes.

        Args:
            options: of its routers.
            app: what is mounted.
            where: its place, for messages.

        Raises:
            ConfigError: an option that cannot be.
        """
        hooks: list[BaseMiddleware] = []
        ways = options.get("authentication_classes")
        if ways is not None:
            hooks.append(AuthenticationMiddleware(self._inner, backends=ways))
            self._closing.append(hooks[0])
        hooks += self._limits(options.get("throttle_classes", ()), where)
        permissions = permissions_of(options.get("permission_classes", ()), f"{where}: permission_classes")
        if permissions:
            hooks.append(_Asking(self._inner, Guard(app, permissions)))
        return tuple(hooks)

    def _backends(self, ways: Any, where: str) -> Backends:
        accounts = self._accounts
        return Backends(
            [authentication_of(each, self._settings, accounts, where) for each in ways],
            refuses=self._settings.AUTH_ON_FAILURE == "refuse",
            accounts=accounts,
        )

    @functools.cached_property
    def _accounts(self) -> Accounts | None:
        return accounts_of(self._settings)

    def _limits(self, throttles: Iterable[Any], where: str) -> list[RateLimitMiddleware]:
        return [self._throttle(each, f"{where}: throttle_classes") for each in throttles]

    def _throttle(self, entry: Any, where: str) -> RateLimitMiddleware:
        found = imported(entry, where)
        if found not in self._throttles:
            made = self._throttles[found] = RateLimitMiddleware(self._inner, policies=[_policy(found, where)])
            self._closing.append(made)
        return self._throttles[found]


class _Asking(BaseMiddleware):
    """Asks permissions before an application: of requests and of handshakes."""

    def __init__(self, app: ASGIApp, guard: Guard) -> None:
        super().__init__(app)
        self.before = self.before_socket = guard.before


def _policy(found: Any, where: str) -> RatePolicy:
    if isinstance(found, RatePolicy):
        return found
    if not (isinstance(found, type) and issubclass(found, Throttle)):
        raise ConfigError(f"{where}: {found!r} is no throttle; give a subclass of Throttle, or a RatePolicy")
    return found.policy()
