"""Findings: what a check says, and what it is shown."""

from __future__ import annotations

import dataclasses
import importlib.util
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from ..conf.settings import Settings

if TYPE_CHECKING:
    from ..app import Wadjet

__all__ = ["LEVELS", "Check", "Finding", "Inspected"]

M = TypeVar("M")

#: From the worst.
LEVELS = ("error", "warning", "hint")


class Finding(NamedTuple):
    """Something that should be otherwise."""

    #: Words with hyphens, which stay the same: ``SILENCED_CHECKS`` and programs name it so.
    id: str
    #: ``error``, ``warning`` or ``hint``.
    level: str
    #: What is so.
    text: str
    #: What may come of it.
    why: str
    #: What to write.
    fix: str


@dataclasses.dataclass(frozen=True)
class Inspected:
    """What a check is shown: an application as it was assembled, and where it is to run."""

    app: Wadjet
    settings: Settings
    #: What stands around the whole application, outermost first, what is wrapped around it included.
    middleware: tuple[Any, ...]
    environ: Mapping[str, str]
    #: Processes that serve.
    workers: int = 1
    #: What stands around routers, routes and views only.
    inner: tuple[Any, ...] = ()

    def first(self, kind: type[M]) -> M | None:
        """Return the outermost middleware of a class around the whole application; None where there is none."""
        return next((made for made in self.middleware if isinstance(made, kind)), None)

    def every(self, kind: type[M]) -> list[M]:
        """Return all middleware of a class, that of routers, routes and views too."""
        return [made for made in (*self.middleware, *self.inner) if isinstance(made, kind)]

    def said(self, name: str) -> str:
        """Return a setting as it is, and where it comes from."""
        found = next(each for each in self.settings.described() if each.name == name)
        return f"{name}={found.value} from {found.source}"

    @staticmethod
    def has_module(name: str) -> bool:
        """Tell whether a module is installed."""
        return importlib.util.find_spec(name) is not None


Check = Callable[[Inspected], Iterable[Finding]]
