"""What the framework and its middleware attach to a request while it is being answered."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from ..errors import ConfigError
from .incoming import Incoming

__all__ = ["Attached"]


class Attached(Incoming):
    """What is attached to a request."""

    __slots__ = ("_tmpl_context", "_urlargs")

    # Unset until they are needed.
    _tmpl_context: SimpleNamespace
    _urlargs: tuple[str, ...]

    @property
    def app(self) -> Any:
        """The application that answers."""
        if self.plan is None:
            raise ConfigError("request.app: this request is not being answered by an application")
        return self.plan.app

    @property
    def matchdict(self) -> Mapping[str, Any]:
        """Pyramid's name for :attr:`path_params`."""
        return self.path_params

    @property
    def urlvars(self) -> dict[str, Any]:
        """WebOb's name for :attr:`path_params`; what is changed in it stays."""
        return self.path_params

    @urlvars.setter
    def urlvars(self, value: Mapping[str, Any]) -> None:
        self.path_params = dict(value)

    @urlvars.deleter
    def urlvars(self) -> None:
        self.path_params = {}

    @property
    def urlargs(self) -> tuple[str, ...]:
        """What a path captured by position; routes capture by name, so it is empty unless somebody has set it."""
        return getattr(self, "_urlargs", ())

    @urlargs.setter
    def urlargs(self, value: tuple[str, ...]) -> None:
        self._urlargs = tuple(value)

    @urlargs.deleter
    def urlargs(self) -> None:
        self._urlargs = ()

    @property
    def tmpl_context(self) -> SimpleNamespace:
        """An empty bag for whoever fills templates (Pyramid)."""
        try:
            return self._tmpl_context
        except AttributeError:
            self._tmpl_context = SimpleNamespace()
            return self._tmpl_context

    @property
    def session(self) -> Any:
        """The session.

        Raises:
            ConfigError: nothing provides sessions.
        """
        session = (self._scope or {}).get("session")
        if session is None:
            raise ConfigError(
                "request.session: there is no session; add SessionMiddleware to the application's middleware"
            )
        return session
