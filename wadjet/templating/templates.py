"""Templates: an application's engine, loaded when it is first used, for Jinja2 is an extra."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import MissingExtra
from ..http.request import Request
from ..http.response import Template

if TYPE_CHECKING:
    from jinja2 import Environment

    from .engine import Computed, Engine

__all__ = ["Templates"]


class Templates:
    """What renders the templates of an application.

    Args:
        directory: the application's folder; a relative one is below the working directory.
        packages: dotted names of packages whose folders ``templates`` are searched after it.
        is_strict: whether a name that nothing gives is an error, and files are read again when they have changed: for
            development.
    """

    __slots__ = ("_engine", "_options")

    def __init__(self, directory: str, packages: tuple[str, ...], *, is_strict: bool) -> None:
        self._options: dict[str, Any] = {
            "directory": directory,
            "packages": packages,
            "is_strict": is_strict,
        }
        self._engine: Engine | None = None

    @property
    def engine(self) -> Engine:
        """The engine.

        Raises:
            MissingExtra: Jinja2 is not installed.
            ConfigError: one of the packages is none.
        """
        if self._engine is None:
            try:
                from .engine import Engine
            except ModuleNotFoundError as missing:
                raise MissingExtra('templates need Jinja2: pip install "wadjet[templates]"') from missing
            self._engine = Engine(**self._options)
        return self._engine

    @property
    def environment(self) -> Environment:
        """Jinja2's environment, for filters, tests, globals and extensions of your own."""
        return self.engine.environment

    @property
    def names(self) -> dict[str, Computed]:
        """Functions of the request that give the values of names, when a template uses them and only then."""
        return self.engine.names

    async def render(self, request: Request, template: Template) -> str:
        """Return the text of a template; see :meth:`Engine.render`."""
        return await self.engine.render(request, template)

    def find(self, name: str) -> None:
        """Look whether a template is there; see :meth:`Engine.find`."""
        self.engine.find(name)

    def close(self) -> None:
        """Let go of the threads."""
        if self._engine is not None:
            self._engine.close()
