"""Header fields as WSGI has them: a list of pairs of text, over the wire's list of pairs of bytes (PEP 3333)."""

from __future__ import annotations

from collections.abc import Iterable, MutableSequence
from typing import SupportsIndex, overload

from .headers import encode_fields

__all__ = ["HeaderList"]

Pair = tuple[str, str]


class HeaderList(MutableSequence[Pair]):
    """A live view: what changes here changes there, checked as everywhere.

    Args:
        raw: the fields as the wire has them.
    """

    __slots__ = ("_raw",)

    def __init__(self, raw: list[tuple[bytes, bytes]]) -> None:
        self._raw = raw

    @overload
    def __getitem__(self, index: SupportsIndex) -> Pair: ...
    @overload
    def __getitem__(self, index: slice) -> list[Pair]: ...
    def __getitem__(self, index: SupportsIndex | slice) -> Pair | list[Pair]:
        if isinstance(index, slice):
            return [_text(pair) for pair in self._raw[index]]
        return _text(self._raw[index])

    @overload
    def __setitem__(self, index: SupportsIndex, value: Pair) -> None: ...
    @overload
    def __setitem__(self, index: slice, value: Iterable[Pair]) -> None: ...
    def __setitem__(self, index: SupportsIndex | slice, value: Pair | Iterable[Pair]) -> None:
        if isinstance(index, slice):
            self._raw[index] = encode_fields(value)  # type: ignore[arg-type]  # a slice takes pairs
        else:
            self._raw[index] = encode_fields([value])[0]  # type: ignore[list-item]  # an index takes one pair

    def __delitem__(self, index: SupportsIndex | slice) -> None:
        del self._raw[index]

    def __len__(self) -> int:
        return len(self._raw)

    def insert(self, index: SupportsIndex, value: Pair) -> None:
        """Put a field before the one at ``index``; ValueError for an invalid name or value."""
        self._raw[index:index] = encode_fields([value])

    def __eq__(self, other: object) -> bool:
        if isinstance(other, HeaderList):
            return self._raw == other._raw
        return list(self) == other if isinstance(other, list) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # it changes

    def __repr__(self) -> str:
        return f"<HeaderList of {len(self)} fields>"


def _text(pair: tuple[bytes, bytes]) -> Pair:
    return pair[0].decode("latin-1"), pair[1].decode("latin-1")
