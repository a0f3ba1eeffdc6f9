"""The middleware of an application: made once, around all of it, around a router, or around a route."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ..errors import ConfigError
from ..http.seam import Finalise, Recover
from ..routing.stacks import Stack
from ..server.asgi import InnerApp, Whole
from ..types import ASGIApp
from .base import BaseMiddleware
from .entries import made_of
from .error import is_net
from .order import check_order, name_of
from .recovery import Guarded

__all__ = ["Stacks"]


class Stacks:
    """Makes the middleware of one application.

    Args:
        entries: what stands around the application, outermost first.
        inner: the application, as it is inside of all of them.
        prepare: makes an early response final.
        recover: turns an exception into a final response.

    Raises:
        ConfigError: an entry is none, or stands outside of what it needs.
    """

    def __init__(self, entries: Iterable[Any], inner: InnerApp, prepare: Finalise, recover: Recover) -> None:
        self._inner = inner
        self._prepare = prepare
        self._recover = recover
        self._owned: dict[int, tuple[BaseMiddleware, ...]] = {}
        #: All that may have something to let go of in the end.
        self.made: list[BaseMiddleware] = []
        #: The hooks around every plan, outermost first; those outside of what only speaks ASGI are in ``outer``.
        self.hooks: list[BaseMiddleware] = []
        #: What only speaks ASGI, and all that is outside of it; None where nothing does.
        self.outer: ASGIApp | None = None
        #: Module and class of each, outermost first.
        self.names: list[str] = []
        outer: ASGIApp | None = None
        for entry in reversed(list(entries)):
            made = made_of(entry, inner if outer is None else Whole(outer))
            self.names.insert(0, name_of(made))
            if is_net(made):
                continue  # the recovery does the same, from inside of all hooks
            if isinstance(made, BaseMiddleware):
                self.made.append(made)
            is_hook = self._is_hook(made)
            if is_hook and outer is None:
                self.hooks.insert(0, made)
            else:
                outer = made if is_hook else Guarded(made, recover)
        #: What stands around the whole of it, outermost first.
        self.whole = tuple(self.made[::-1])
        check_order(self.whole)
        self.outer = outer

    def around(self, stacks: Sequence[Stack], where: str) -> tuple[BaseMiddleware, ...]:
        """Return the hooks around one route, inside of the application's.

        Args:
            stacks: of its routers and its own, outermost first.
            where: the route, for messages.

        Raises:
            ConfigError: an entry is none, only speaks ASGI, or stands outside of what it needs.
        """
        own = tuple(hook for stack in stacks for hook in self._of(stack, where))
        if own:
            check_order([*self.whole, *own])
        return own

    def _of(self, stack: Stack, where: str) -> tuple[BaseMiddleware, ...]:
        """Make what stands at one place, once."""
        known = self._owned.get(id(stack.owner))
        if known is None:
            made = [self._made(entry, where) for entry in stack.entries]
            known = self._owned[id(stack.owner)] = tuple(hook for hook in made if hook is not None)
        return known

    def _made(self, entry: Any, where: str) -> BaseMiddleware | None:
        """Make a hook; None of what an application does by itself."""
        try:
            made = made_of(entry, self._inner)
        except ConfigError as error:
            raise ConfigError(f"{where}: {error}") from error
        if is_net(made):
            return None
        if not self._is_hook(made):
            raise ConfigError(
                f"{where}: {entry!r} only speaks ASGI, and stands around applications; give it to Wadjet(middleware=[…]), "
                "or write it as before() and after()"
            )
        self.made.append(made)
        hook: BaseMiddleware = made
        return hook

    def _is_hook(self, made: Any) -> bool:
        """Tell whether something is a pair of hooks, and let it answer as the application does."""
        if not isinstance(made, BaseMiddleware) or type(made).__call__ is not BaseMiddleware.__call__:
            return False
        made.wadjet_recover, made.wadjet_prepare = self._recover, self._prepare
        return True
