"""The environment, read into Settings."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Callable, Mapping
from typing import Any, get_args, get_type_hints

from ..errors import ConfigError
from ..logs import settings as _log
from .settings import Settings

__all__ = ["read"]

_PREFIX = "WADJET_"
#: Variables that choose an application or a server rather than a setting.
_OTHERS = frozenset({"APP", "ENV", "HOST", "PORT", "SETTINGS"})
_ENVIRONMENTS = ("production", "development", "test")
#: The least that a number can be; what is missing here has its own check where it is read.
_LEAST: dict[str, int] = {
    "CACHE_SIZE": 0,
    "MAX_BODY_SIZE": 0,
    "MAX_CONNECTIONS": 1,
    "MAX_HEADER_BYTES": 256,
    "MAX_HEADER_COUNT": 1,
    "MAX_PIPELINED": 1,
    "MAX_REQUEST_LINE": 64,
    "STREAM_POOL_SIZE": 1,
    "THREAD_POOL_SIZE": 1,
    "WRITE_BUFFER_SIZE": 0,
}
_SECONDS = (
    "BODY_TIMEOUT",
    "DRAIN_TIMEOUT",
    "HEADER_TIMEOUT",
    "KEEP_ALIVE_TIMEOUT",
    "REDIS_TIMEOUT",
    "SEND_TIMEOUT",
)
_A_DAY = 86_400
_BOOLEANS = {
    "1": True,
    "true": True,
    "yes": True,
    "on": True,
    "0": False,
    "false": False,
    "no": False,
    "off": False,
}


def read(
    given: Settings | type[Settings] | str | None, environ: Mapping[str, str], *, debug: bool | None = None
) -> Settings:
    """Return the settings of an application.

    Args:
        given: an instance, a class, a path ``package.module:Class``; None for ``WADJET_SETTINGS``, and else the defaults.
        environ: the environment; its ``WADJET_<NAME>`` variables override.
        debug: True chooses development and sets ``DEBUG``; False forbids it.

    Raises:
        ConfigError: no such class, a value of the wrong type, or an insecure choice in production.
    """
    settings = _located(given or environ.get(_PREFIX + "SETTINGS") or Settings)
    settings = dataclasses.replace(settings, **_overrides(settings, environ))
    _check(settings)
    environment = environ.get(_PREFIX + "ENV", "production")
    if environment not in _ENVIRONMENTS:
        raise ConfigError(f"WADJET_ENV={environment!r} is not one of {', '.join(_ENVIRONMENTS)}")
    if debug is not None:
        return dataclasses.replace(settings, DEBUG=debug)
    if settings.DEBUG and environment == "production":
        raise ConfigError(
            "DEBUG=True would show tracebacks to everyone; pass debug=True to Wadjet(), or set WADJET_ENV=development"
        )
    return settings


def _located(given: Settings | type[Settings] | str) -> Settings:
    if isinstance(given, str):
        module, _, name = given.partition(":")
        try:
            given = getattr(importlib.import_module(module), name)
        except (ImportError, AttributeError, ValueError) as error:
            raise ConfigError(
                f"settings {module}:{name} cannot be imported ({error}); write 'package.module:Class'"
            ) from error
    found = given() if isinstance(given, type) else given
    if not isinstance(found, Settings):
        raise ConfigError(f"settings are a subclass or an instance of wadjet.conf.Settings, not {found!r}")
    return found


def _check(settings: Settings) -> None:
    for name, least in _LEAST.items():
        value = getattr(settings, name)
        if type(value) is not int or value < least:
            raise ConfigError(
                f"{type(settings).__module__}.{type(settings).__qualname__}: {name}={value!r} is no whole number "
                f"from {least}; write one, as {name}={getattr(Settings, name)}"
            )
    for name in _SECONDS:
        value = getattr(settings, name)
        if type(value) not in {int, float} or not 0 < value <= _A_DAY:
            raise ConfigError(
                f"{type(settings).__module__}.{type(settings).__qualname__}: {name}={value!r} is no time above 0 and up "
                f"to a day; write seconds, as {name}={getattr(Settings, name)}"
            )


def _overrides(settings: Settings, environ: Mapping[str, str]) -> dict[str, Any]:
    hints = get_type_hints(type(settings))
    found = {}
    for variable, text in environ.items():
        name = variable.removeprefix(_PREFIX)
        if name == variable or name in _OTHERS:
            continue
        if name not in hints:
            _log.warning("%s is set, but there is no such setting", variable)
            continue
        found[name] = _coerced(variable, text, hints[name])
    return found


def _coerced(variable: str, text: str, kind: Any) -> object:
    members = [member for member in get_args(kind) if member is not type(None)]
    if type(None) in get_args(kind):
        kind = str if str in members else members[0]
    try:
        return _COERCE.get(kind, kind)(text)
    except (KeyError, TypeError, ValueError):
        raise ConfigError(f"{variable}={text!r} is not a {getattr(kind, '__name__', kind)}") from None


def _boolean(text: str) -> bool:
    return _BOOLEANS[text.strip().lower()]


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


_COERCE: dict[Any, Callable[[str], object]] = {
    bool: _boolean,
    tuple: _words,
    tuple[str, ...]: _words,
    tuple[Any, ...]: _words,
    str | tuple[str, ...]: str,
}
