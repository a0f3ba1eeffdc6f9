"""Scanning: finds what stands free in the modules of a package: routes, views, subscribers."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from .errors import ConfigError
from .events.subscribers import SUBSCRIPTIONS
from .routing.route import Route
from .traversal.views import VIEWS
from .views.view import View

__all__ = ["free_standing"]


def free_standing(package: str | ModuleType, known: set[int]) -> Iterator[Any]:
    """Yield the routes, views and subscriptions of a package, each once.

    Args:
        package: its name, or itself.
        known: what has been found before, by identity.

    Raises:
        ConfigError: there is no such module.
    """
    for module in list(_modules(package)):
        for value in list(vars(module).values()):
            if getattr(value, "__module__", None) == module.__name__ and id(value) not in known:
                known.add(id(value))
                yield from _declared(value)


def _modules(package: str | ModuleType) -> Iterator[ModuleType]:
    top = package if isinstance(package, ModuleType) else _imported(package)
    yield top
    names = [
        found.name
        for found in pkgutil.walk_packages(getattr(top, "__path__", ()), f"{top.__name__}.", _raise)
    ]
    for name in sorted(names):
        if name.rpartition(".")[2] != "__main__":  # which is to be run, not imported
            yield importlib.import_module(name)


def _imported(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise  # something that the module itself wants
        raise ConfigError(f"scan({name!r}): there is no module {error.name!r}; is it on sys.path?") from None


def _raise(name: str) -> None:  # noqa: ARG001 - it is called with one
    """Let the error pass of a package that cannot be imported."""
    error = sys.exc_info()[1]
    assert error is not None
    raise error


def _declared(value: Any) -> Iterator[Any]:
    """Yield what a value of a module stands for."""
    if isinstance(value, Route):
        if value.is_free:
            yield value
    elif isinstance(value, type) and issubclass(value, View) and value.path is not None:
        yield value
    yield from _marks(value, SUBSCRIPTIONS)
    yield from _marks(value, VIEWS)
    if isinstance(value, type):  # Pyramid: above a method it means the class
        for name, method in list(vars(value).items()):
            for config in _marks(method, VIEWS):
                yield config._replace(view=value, attr=config.attr or name)


def _marks(value: Any, mark: str) -> Iterator[Any]:
    """Yield what a decorator has left on a value itself, and not on what it inherits from."""
    yield from getattr(value, "__dict__", {}).get(mark, ())
