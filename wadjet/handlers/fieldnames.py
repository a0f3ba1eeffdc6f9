"""Whether the fields that a route chooses are there: a name that is misspelt would send nothing, or everything."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Mapping
from typing import Any, get_args, get_origin

from ..errors import ConfigError
from ..routing.route import Route
from .returning import members_of
from .signature import plain_type

__all__ = ["check_field_names"]

_LISTS = (list, tuple, set, frozenset)


def check_field_names(route: Route, declared: Any) -> None:
    """Refuse names that no model of a declared result has; where any document may leave, any name may be chosen.

    Args:
        route: whose own options are looked at. What it inherits is meant for many models.
        declared: what its results are said to be.

    Raises:
        ConfigError: a name that is an alias, or none at all.
    """
    for option in ("response_include_fields", "response_exclude_fields"):
        chosen = [name for each in route.own for name in _names(each.options.get(option))]
        aliases = _aliases_of(declared) if chosen else None
        if aliases is None:
            continue
        for name in chosen:
            if name not in aliases:
                raise ConfigError(f"{route.where}: {option} names {name!r}, {_remedy(name, aliases)}")


def _names(chosen: Any) -> list[str]:
    """Return the names among what is chosen: of a list it may be places."""
    return [name for name in chosen or () if isinstance(name, str)]


def _remedy(name: str, aliases: Mapping[str, str | None]) -> str:
    named = [field for field, alias in aliases.items() if alias == name]
    if named:
        return f"which is an alias; fields are chosen by their names, and this one is {named[0]!r}"
    near = difflib.get_close_matches(name, aliases, 1)
    hint = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(aliases)}"
    return f"which is no field of the result; {hint}"


def _aliases_of(declared: Any) -> dict[str, str | None] | None:
    """Return the names and aliases of the fields of all models that may leave; None where something else may, too."""
    found: dict[str, str | None] = {}
    for member in members_of(declared):
        kind = plain_type(member)
        if kind in (None, type(None)):
            continue
        fields = _fields_of(plain_type(get_args(kind)[0]) if get_origin(kind) in _LISTS else kind)
        if fields is None:
            return None
        found |= fields
    return found or None


def _fields_of(model: Any) -> dict[str, str | None] | None:
    if hasattr(model, "model_fields"):
        named = {name: field.serialization_alias for name, field in model.model_fields.items()}
        return named | {name: field.alias for name, field in model.model_computed_fields.items()}
    if isinstance(model, type) and dataclasses.is_dataclass(model):
        return dict.fromkeys(field.name for field in dataclasses.fields(model))
    return None
