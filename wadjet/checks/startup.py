"""What is looked at wherever an application runs: whether it says what it means, and has what it needs."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Callable, Iterator
from pathlib import Path

from ..conf.env import unknown
from ..conf.settings import Settings
from .catalogue import found
from .finding import Finding, Inspected

__all__ = ["CHECKS"]

#: What a module is needed for, the extra that brings it, and who needs it.
_EXTRAS: tuple[tuple[str, str, str, Callable[[Settings], bool]], ...] = (
    (
        "redis",
        "redis",
        "REDIS_URL, or a backend in Redis,",
        lambda settings: bool(
            settings.REDIS_URL
            or "redis" in {settings.RATE_LIMIT_BACKEND, settings.CACHE_BACKEND, settings.SESSION_STORE}
        ),
    ),
    (
        "argon2",
        "auth",
        "AUTH_USERS, whose passwords are hashed,",
        lambda settings: settings.AUTH_USERS is not None,
    ),
    (
        "jinja2",
        "templates",
        "a folder of templates",
        lambda settings: bool(settings.INSTALLED_APPS) or Path(settings.TEMPLATES_DIR).is_dir(),
    ),
)
#: How near two names are to be taken for one.
_NEAR = 0.85


def variables(inspected: Inspected) -> Iterator[Finding]:
    """Look for variables that are no settings."""
    for message in unknown(inspected.settings, inspected.environ):
        yield found("variable-unknown", message)


def names(inspected: Inspected) -> Iterator[Finding]:
    """Look for settings of the application's own that were meant to be ours."""
    ours = [field.name for field in dataclasses.fields(Settings)]
    for field in dataclasses.fields(inspected.settings):
        near = difflib.get_close_matches(field.name, ours, 1, _NEAR)
        if field.name not in ours and near:
            yield found("setting-misspelt", f"{inspected.said(field.name)} is not {near[0]}")


def extras(inspected: Inspected) -> Iterator[Finding]:
    """Look for what settings ask for and is not installed."""
    for module, extra, what, is_needed in _EXTRAS:
        if is_needed(inspected.settings) and not inspected.has_module(module):
            yield found("extra-missing", f'{what} needs {module}: pip install "wadjet[{extra}]"')


CHECKS = (variables, names, extras)
