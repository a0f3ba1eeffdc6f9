"""Which library reads and writes an annotation: pydantic, or msgspec where that owns a class in it.

Neither is imported before an annotation needs it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection
from typing import Any, get_args, get_origin, get_type_hints

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
    try:
        from .structs import StructCodec
    except ModuleNotFoundError as missing:
        raise MissingExtra(
            f'{annotation} is read and written by msgspec: pip install "wadjet[msgspec]"'
        ) from missing
    return StructCodec(annotation, finite=finite)


def is_struct(annotation: Any, _seen: frozenset[Any] = frozenset()) -> bool:
    """Tell whether msgspec has to read an annotation: it holds Structs, attrs classes, or constraints of msgspec.

    Nothing is imported: the classes are known by what their libraries put on them.
    """
    if isinstance(annotation, type) and any(hasattr(annotation, mark) for mark in _MARKS):
        return True
    cls = type(annotation)
    if (cls.__module__, cls.__qualname__) == ("msgspec", "Meta"):
        return True
    parts = [get_origin(annotation), getattr(annotation, "__value__", None), *get_args(annotation)]
    parts += getattr(annotation, "__metadata__", ())
    if _holds_fields(annotation) and annotation not in _seen:
        parts += _hints(annotation)
        _seen |= {annotation}
    return any(is_struct(part, _seen) for part in parts if part is not None and not isinstance(part, str))


def _holds_fields(annotation: Any) -> bool:
    """Tell whether a class has fields that either library may read; pydantic's own are its own."""
    if not isinstance(annotation, type) or hasattr(annotation, "__pydantic_validator__"):
        return False
    return dataclasses.is_dataclass(annotation) or hasattr(annotation, "__required_keys__")


def _hints(cls: type) -> Collection[Any]:
    try:
        return get_type_hints(cls, include_extras=True).values()
    except (NameError, TypeError):  # the codec says what is wrong with them
        return ()


def constraint(annotation: Any) -> tuple[Callable[..., Any], Collection[str]]:
    """Return what makes a constraint of the library that reads an annotation, and the names that it takes."""
    if is_struct(annotation):
        from .structs import CONSTRAINTS, Meta

        return Meta, CONSTRAINTS
    from pydantic import Field

    return Field, list(Field.__kwdefaults__ or ())
