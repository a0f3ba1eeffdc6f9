"""What a session may hold: what comes back from JSON as it went in."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from ..errors import SessionValueError
from ..media import json

__all__ = ["checked"]

#: How deep a value may nest.
_MOST_LEVELS = 32
_SIMPLE = frozenset({str, bool, type(None)})
#: What orjson reads back as a whole number.
_INTEGERS = range(-(2**63), 2**64)
_REMEDIES = {
    "tuple": "it would come back as a list; write list(...)",
    "set": "write sorted(...)",
    "datetime": "write its isoformat()",
    "date": "write its isoformat()",
    "Decimal": "write str(...)",
    "UUID": "write str(...)",
    "bytes": "decode it",
}


def checked(key: object, value: object) -> bytes:
    """Return the JSON of a value.

    Args:
        key: under which it is kept.
        value: what to keep.

    Raises:
        SessionValueError: it would not come back as it is; the message names the key.
    """
    if type(key) is not str:
        raise SessionValueError(f"session[{key!r:.60}]: a key is text, not {type(key).__name__}")
    _check(value, f"session[{key!r:.60}]", 0)
    try:
        return json.dumps({key: value})
    except TypeError as error:  # half of a surrogate pair
        raise SessionValueError(f"session[{key!r:.60}] has no JSON form: {error}") from error


def _check(value: Any, place: str, level: int) -> None:
    if _is_simple(value):
        return
    if level == _MOST_LEVELS:
        raise SessionValueError(f"{place:.200} nests deeper than {_MOST_LEVELS} levels")
    for step, item in _items(value, place):
        _check(item, f"{place}[{step!r:.60}]", level + 1)


def _is_simple(value: Any) -> bool:
    kind = type(value)
    return kind in _SIMPLE or (kind is int and value in _INTEGERS) or (kind is float and math.isfinite(value))


def _items(value: Any, place: str) -> Iterable[tuple[object, Any]]:
    kind = type(value)
    if kind is list:
        return enumerate(value)
    if kind is not dict:
        remedy = _REMEDIES.get(kind.__name__, "keep text, numbers, lists and dicts")
        raise SessionValueError(
            f"{place:.200} is {value!r:.60} ({kind.__name__}), which JSON has not: {remedy}"
        )
    for name in value:
        if type(name) is not str:
            raise SessionValueError(f"{place:.200}: a key is text, not {name!r:.60}")
    found: Iterable[tuple[object, Any]] = value.items()
    return found
