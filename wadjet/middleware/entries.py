"""What an application's list of middleware may hold, and how each entry becomes a middleware."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping
from typing import Any

from ..errors import ConfigError
from ..types import ASGIApp

__all__ = ["build_middleware_stack", "imported", "made_of"]


def build_middleware_stack(app: ASGIApp, middleware_classes: Iterable[Any]) -> ASGIApp:
    """Wrap an application in middleware.

    Args:
        app: any ASGI application.
        middleware_classes: outermost first; each as :func:`made_of` takes it.

    Raises:
        ConfigError: an entry that is none, or options that cannot be.
    """
    for entry in reversed(list(middleware_classes)):
        app = made_of(entry, app)
    return app


def made_of(entry: Any, app: ASGIApp) -> Any:
    """Make one middleware.

    Args:
        entry: a class or factory, a pair of one and its options, or the dotted path of one.
        app: what it stands around.

    Raises:
        ConfigError: it is none of these, or cannot be imported.
    """
    if isinstance(entry, str):
        return _around(imported(entry), app)
    if isinstance(entry, tuple):
        if len(entry) != 2 or not isinstance(entry[1], Mapping):
            raise ConfigError(f"middleware={entry!r}: a tuple is (class, options), the options a dict")
        factory, options = entry
        return _around(imported(factory) if isinstance(factory, str) else factory, app, **options)
    if _is_made(entry) or not callable(entry):
        raise ConfigError(
            f"middleware={entry!r}: give the class, (class, options) or a dotted path; it is made around the application"
        )
    return _around(entry, app)


def _around(factory: Any, app: ASGIApp, **options: Any) -> Any:
    try:
        return factory(app, **options)
    except TypeError as error:
        raise ConfigError(
            f"middleware={factory!r} cannot be made around an application: {error}; "
            "it is called with the application and its options, as a class of BaseMiddleware is"
        ) from error


def _is_made(entry: Any) -> bool:
    """Tell whether this is middleware of ours already: it would be called with a scope."""
    return not isinstance(entry, type) and hasattr(entry, "wadjet_recover")


def imported(path: str, what: str = "middleware") -> Any:
    """Return what a dotted path names.

    Args:
        path: of the module, and in it.
        what: it is, for messages.

    Raises:
        ConfigError: it cannot be imported.
    """
    module, _, name = path.rpartition(".")
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigError(f"{what} {path!r} cannot be imported: {error}") from error
