"""Declarations: what a class of settings says of each, who says it, and what it says in vain."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterator
from typing import Any, get_type_hints

from ..errors import ConfigError
from .kinds import Masked, unwrapped
from .masking import hidden, masked

__all__ = ["annotations_of", "declarer_of", "mistakes", "place_of", "secrets_of", "shown"]

#: More classes of settings than a program has.
_MOST_CLASSES = 64


def annotations_of(cls: Any) -> dict[str, Any]:
    """Return the annotation of each setting: that of the class which first declared it, for it knows what it means.

    Args:
        cls: a class of settings.

    Raises:
        ConfigError: an annotation names what is not there.
    """
    return _annotations(cls)


@functools.lru_cache(_MOST_CLASSES)
def _annotations(cls: type) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for base in reversed([base for base in cls.__mro__ if "__dataclass_fields__" in vars(base)]):
        try:
            hints = get_type_hints(base, include_extras=True)
        except (NameError, TypeError, SyntaxError, AttributeError) as error:
            raise ConfigError(
                f"the annotations of {place_of(base)} cannot be read ({error}); import what they name, at run time too"
            ) from error
        for field in dataclasses.fields(base):
            found.setdefault(field.name, hints[field.name])
    return found


def declarer_of(cls: type, name: str) -> type:
    """Return the class whose default a class of settings has."""
    field = _fields(cls)[name]
    return [base for base in cls.__mro__ if _fields(base).get(name) is field][-1]


def place_of(cls: type) -> str:
    """Return the dotted name of a class."""
    return f"{cls.__module__}.{cls.__qualname__}"


def shown(cls: type, name: str, value: object) -> str:
    """Return the text of a setting's value; stars for a secret."""
    return repr(_masked(cls, name, value))


def secrets_of(cls: type, name: str, value: object) -> Iterator[str]:
    """Yield what is not shown of a setting's value."""
    return hidden(value, _masked(cls, name, value))


def _masked(cls: type, name: str, value: object) -> object:
    _, marks = unwrapped(annotations_of(cls).get(name))
    return masked(name, value, is_secret=any(isinstance(mark, Masked) for mark in marks))


def mistakes(cls: Any) -> tuple[str, ...]:
    """Say what a class of settings declares in vain: Python would pass it over in silence."""
    return _mistakes(cls)


@functools.lru_cache(_MOST_CLASSES)
def _mistakes(cls: type) -> tuple[str, ...]:
    return tuple(mistake for base in cls.__mro__ for mistake in _mistakes_of(base))


def _mistakes_of(cls: type) -> Iterator[str]:
    names = [name for name, value in vars(cls).items() if name.isupper() and not isinstance(value, property)]
    if names and "__dataclass_fields__" not in vars(cls):
        yield (
            f"{place_of(cls)} is no dataclass, so {', '.join(names)} would count for nothing; write "
            "@dataclasses.dataclass(frozen=True) above it"
        )
        return
    inherited = [field for other in cls.__mro__[1:] for field in _fields(other).values()]
    own = {name for name, field in _fields(cls).items() if field not in inherited}
    for name in names:
        if name not in own:
            kind = type(vars(cls)[name]).__name__
            yield f"{place_of(cls)}.{name} has no annotation, so it would count for nothing; write {name}: {kind} = …"


def _fields(cls: type) -> dict[str, Any]:
    found: dict[str, Any] = getattr(cls, "__dataclass_fields__", {})
    return found
