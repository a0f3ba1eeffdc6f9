"""Which library reads and writes an annotation: pydantic, or msgspec where that owns a class in it.

Neither is imported before an annotation needs it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection
from types import ModuleType
from typing import Any, get_args, get_type_hints

from ..errors import MissingExtra
from .codecs import Codec, PydanticCodec

__all__ = ["codec_for", "constraint", "is_struct"]

#: What the classes have that msgspec reads.
_MARKS = ("__struct_fields__", "__attrs_attrs__")


def codec_for(annotation: Any, *, finite: bool = False) -> Codec:
    """Make the codec of an annotation.

    Args:
        annotation: any type that one of the libraries can make a schema of.
        finite: of what clients send: refuse NaN and infinity, which text can spell and JSON cannot.

    Raises:
        TypeError: there is none; the message is the library's first line.
        MissingExtra: the library is not installed.
    """
    if not is_struct(annotation):
        return PydanticCodec(annotation, finite=finite)
    made: Codec = _structs(annotation).StructCodec(annotation, finite=finite)
    return made


def _structs(annotation: Any) -> ModuleType:
    try:
        from . import structs
    except ImportError as missing:
        raise MissingExtra(
            f'{annotation} is read and written by msgspec: pip install "wadjet[msgspec]"'
        ) from missing
    return structs


def is_struct(annotation: Any) -> bool:
    """Tell whether msgspec has to read an annotation: it holds Structs, attrs classes, or constraints of msgspec.

    Nothing is imported: the classes are known by what their libraries put on them.
    """
    seen: dict[int, Any] = {}
    waiting = [annotation]
    while waiting:
        part = waiting.pop()
        if id(part) in seen:
            continue
        seen[id(part)] = part
        if _is_of_msgspec(part):
            return True
        waiting += get_args(part)
        # A generic class, an alias (PEP 695), a NewType.
        waiting += [getattr(part, name, None) for name in ("__origin__", "__value__", "__supertype__")]
        waiting += _hints(part) if _holds_fields(part) else ()
    return False


def _is_of_msgspec(part: Any) -> bool:
    if isinstance(part, type):
        return any(hasattr(part, mark) for mark in _MARKS)
    return (type(part).__module__, type(part).__qualname__) == ("msgspec", "Meta")


def _holds_fields(part: Any) -> bool:
    """Tell whether a class has fields that either library may read; pydantic's own are its own."""
    if not isinstance(part, type) or hasattr(part, "__pydantic_validator__"):
        return False
    return dataclasses.is_dataclass(part) or hasattr(part, "__required_keys__")


def _hints(cls: type) -> Collection[Any]:
    try:
        return get_type_hints(cls, include_extras=True).values()
    except (NameError, TypeError):  # the codec says what is wrong with them
        return ()


def constraint(annotation: Any) -> tuple[Callable[..., Any], Collection[str]]:
    """Return what makes a constraint of the library that reads an annotation, and the names that it takes."""
    if is_struct(annotation):
        structs = _structs(annotation)
        return structs.Meta, structs.CONSTRAINTS
    from pydantic import Field

    return Field, list(Field.__kwdefaults__ or ())
