"""Kinds: what a setting may be, and how the environment spells it."""

from __future__ import annotations

import dataclasses
import json
import math
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from datetime import timedelta
from types import NoneType, UnionType
from typing import Annotated, Any, TypeAlias, Union, get_args, get_origin

__all__ = [
    "MASKED",
    "Age",
    "Bytes",
    "Duration",
    "Kind",
    "Masked",
    "Seconds",
    "Secret",
    "Size",
    "Whole",
    "checked",
    "read_text",
    "takes_several",
    "unwrapped",
]

_A_DAY = 86_400
_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*(ms|s|min|m|h|d|w)", re.IGNORECASE)
_UNITS = {"ms": 0.001, "s": 1, "m": 60, "min": 60, "h": 3600, "d": _A_DAY, "w": 7 * _A_DAY}
_SIZE = re.compile(r"([0-9]+)\s*([kmg]i?)?b?", re.IGNORECASE)
_SIZES = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "ki": 2**10, "mi": 2**20, "gi": 2**30}
_LISTS = (tuple, list, set, frozenset)
#: What JSON that begins so can become.
_DOCUMENTS = {"[": (tuple, list), "{": (dict, Mapping)}
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


class Kind(ABC):
    """What an annotation says beyond its type. Each raises ValueError, whose text goes on after "is"."""

    @abstractmethod
    def read(self, text: str) -> object:
        """Return the value of a text."""

    @abstractmethod
    def check(self, value: object) -> object:
        """Return a value as it is to be kept."""


class Masked:
    """Says that a value is nobody's to see; it is shown as stars."""

    __slots__ = ()


MASKED = Masked()


@dataclasses.dataclass(frozen=True)
class Whole(Kind):
    """A whole number.

    Args:
        least: the least that it can be.
    """

    least: int = 0

    def read(self, text: str) -> int:
        """Return the number of digits."""
        return self.check(_number(text, int, self._refusal))

    def check(self, value: object) -> int:
        """Return the number, if it is one and large enough."""
        if type(value) is not int or value < self.least:
            raise ValueError(self._refusal)
        return value

    @property
    def _refusal(self) -> str:
        return f"no whole number from {self.least}"


class Size(Whole):
    """A number of bytes; in the environment also ``10MB`` and ``10MiB``."""

    def read(self, text: str) -> int:
        """Return the bytes of digits and a unit."""
        found = _SIZE.fullmatch(text.strip())
        return (
            super().read(text)
            if found is None
            else self.check(int(found[1]) * _SIZES[(found[2] or "").lower()])
        )


@dataclasses.dataclass(frozen=True)
class Duration(Kind):
    """A number of seconds, or a timedelta; in the environment also ``500ms``, ``30s``, ``5m``, ``1h30m``, ``7d``, ``2w``.

    Args:
        most: the most seconds.
        is_whole: whether it has no fractions, and may be 0.
    """

    most: float = _A_DAY
    is_whole: bool = False

    def read(self, text: str) -> float:
        """Return the seconds of a number, with units or without."""
        text = text.strip()
        if _DURATION.sub("", text).strip() or not text:
            return self.check(_number(text, int if self.is_whole else float, self._refusal))
        seconds = sum(float(number) * _UNITS[unit.lower()] for number, unit in _DURATION.findall(text))
        return self.check(timedelta(seconds=seconds))

    def check(self, value: object) -> float:
        """Return the seconds."""
        if isinstance(value, timedelta):
            seconds = value.total_seconds()
            value = int(seconds) if self.is_whole and seconds.is_integer() else seconds
        if type(value) is int and self.is_whole and 0 <= value <= self.most:
            return value
        if type(value) in {int, float} and not self.is_whole and 0 < value <= self.most:  # type: ignore[operator] # a number
            return value  # type: ignore[return-value] # a number
        raise ValueError(self._refusal)

    @property
    def _refusal(self) -> str:
        if self.is_whole:
            return "no whole number of seconds from 0"
        days = "a day" if self.most == _A_DAY else f"{self.most / _A_DAY:g} days"
        return "no time above 0" + ("" if math.isinf(self.most) else f" and up to {days}")


#: A number of bytes.
Bytes: TypeAlias = Annotated[int, Size()]
#: A time to wait: above 0, up to a day.
Seconds: TypeAlias = Annotated[float, Duration()]
#: How long something is good: whole seconds, from 0.
Age: TypeAlias = Annotated[int, Duration(most=math.inf, is_whole=True)]
#: A text that nobody may see.
Secret: TypeAlias = Annotated[str, MASKED]


def unwrapped(annotation: Any) -> tuple[Any, tuple[object, ...]]:
    """Return the type of an annotation, and what ``Annotated`` adds to it."""
    if get_origin(annotation) is Annotated:
        kind, *marks = get_args(annotation)
        return kind, tuple(marks)
    return annotation, ()


def read_text(text: str, annotation: Any) -> object:
    """Return the value that a text of the environment stands for.

    Args:
        text: of a variable.
        annotation: of the setting.

    Raises:
        ValueError: it stands for none; its text goes on after "is".
    """
    kind, mark = _kind_of(annotation)
    if mark is not None:
        return mark.read(text)
    if get_origin(kind) in {Union, UnionType}:
        return _read_union(text, get_args(kind))
    if kind in _READ:
        return _READ[kind](text)
    shape = get_origin(kind) or kind
    if shape in _LISTS:
        return shape(_read_members(text, get_args(kind)))
    if shape in {dict, Mapping}:
        return _document(text, dict, "no JSON object")
    return _validated(text, kind)


def checked(value: object, annotation: Any) -> object:
    """Return a value that was given in code as it is to be kept.

    Args:
        value: of the setting.
        annotation: of the setting.

    Raises:
        ValueError: the setting cannot have it; its text goes on after "is".
    """
    kind, mark = _kind_of(annotation)
    if mark is not None:
        return mark.check(value)
    if get_origin(kind) in {Union, UnionType}:
        return _checked_union(value, get_args(kind))
    shape = get_origin(kind) or kind
    if shape is tuple:
        return _checked_tuple(value, get_args(kind))
    if shape in _IS and not _IS[shape](value):
        raise ValueError(f"no {_NAMES.get(shape, shape.__name__)}")
    return value


def takes_several(annotation: Any) -> bool:
    """Tell whether a setting can be a list."""
    kind, _ = unwrapped(annotation)
    members = get_args(kind) if get_origin(kind) in {Union, UnionType} else (kind,)
    return any((get_origin(member) or member) in _LISTS for member in members)


def _kind_of(annotation: Any) -> tuple[Any, Kind | None]:
    kind, marks = unwrapped(annotation)
    return kind, next((mark for mark in marks if isinstance(mark, Kind)), None)


def _number(text: str, kind: Callable[[str], Any], refusal: str) -> Any:
    try:
        return kind(text)
    except ValueError:
        raise ValueError(refusal) from None


def _boolean(text: str) -> bool:
    try:
        return _BOOLEANS[text.strip().lower()]
    except KeyError:
        raise ValueError("neither true nor false") from None


def _document(text: str, shape: type, refusal: str) -> Any:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if isinstance(found, shape):
        return found
    raise ValueError(refusal)


def _read_members(text: str, kinds: tuple[Any, ...]) -> list[object]:
    member = kinds[0] if kinds else str
    is_document = text.lstrip().startswith("[")
    words: list[object] = (
        _document(text, list, "no JSON list")
        if is_document
        else [word.strip() for word in text.split(",") if word.strip()]
    )
    if member in {str, Any}:
        return words
    return [read_text(word, member) if isinstance(word, str) else checked(word, member) for word in words]


def _read_union(text: str, members: tuple[Any, ...]) -> object:
    """Read what may be one of several: a document where it looks like one, else a plain value."""
    shapes = {_shape(member): member for member in members}
    is_nothing = text.strip().lower() == "none" or not (text.strip() or tuple in shapes)
    if NoneType in shapes and is_nothing:
        return None
    plain = str if str in shapes else next(shape for shape in shapes if shape is not NoneType)
    documents = [shape for shape in _DOCUMENTS.get(text.lstrip()[:1], ()) if shape in shapes]
    return read_text(text, shapes[documents[0] if documents else plain])


def _shape(annotation: Any) -> Any:
    kind, _ = unwrapped(annotation)
    return get_origin(kind) or kind


def _checked_union(value: object, members: tuple[Any, ...]) -> object:
    refusal = ValueError("of no type that it may have")
    for member in members:
        if member is NoneType:
            if value is None:
                return value
            continue
        try:
            return checked(value, member)
        except ValueError as error:
            refusal = error
    raise refusal


def _checked_tuple(value: object, members: tuple[Any, ...]) -> object:
    found = value if isinstance(value, tuple) else tuple(value) if isinstance(value, _LISTS) else None
    if found is None:
        raise ValueError("no tuple")
    if members[:1] == (str,) and not all(isinstance(item, str) for item in found):
        raise ValueError("no tuple of texts")
    return found


def _validated(text: str, kind: Any) -> object:
    """Read what is none of ours: dates, paths, enumerations, models."""
    from pydantic import TypeAdapter  # few settings need it

    adapter = TypeAdapter(kind)
    is_document = text.lstrip()[:1] in {"[", "{"}
    try:
        return adapter.validate_json(text) if is_document else adapter.validate_strings(text)
    except ValueError:
        raise ValueError(f"no {getattr(kind, '__name__', kind)}") from None


_READ: dict[Any, Callable[[str], object]] = {
    Any: str,
    str: str,
    bool: _boolean,
    int: lambda text: _number(text, int, "no whole number"),
    float: lambda text: _number(text, float, "no number"),
}
_IS: dict[Any, Callable[[object], bool]] = {
    str: lambda value: isinstance(value, str),
    bool: lambda value: isinstance(value, bool),
    int: lambda value: type(value) is int,
    float: lambda value: type(value) in {int, float},
    Mapping: lambda value: isinstance(value, Mapping),
    dict: lambda value: isinstance(value, dict),
}
_NAMES = {str: "text", bool: "True or False", int: "whole number", float: "number", Mapping: "mapping"}
