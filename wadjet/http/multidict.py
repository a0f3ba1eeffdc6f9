"""Mappings in which a key may have several values, kept in the order they came.

One rule for "which value": the last. ``[]``, ``get``, ``pop`` and ``setdefault`` all follow it.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import ItemsView, Iterable, Iterator, KeysView, Mapping, MutableMapping, ValuesView
from typing import Any, Final, TypeAlias, TypeVar, overload

from ..conf.masking import is_secret

__all__ = ["ImmutableMultiDict", "MultiDict", "MultiMapping"]

V = TypeVar("V")
D = TypeVar("D")

Pairs: TypeAlias = Mapping[str, V] | Iterable[tuple[str, V]]

_MISSING: Final[Any] = object()


class MultiMapping(Mapping[str, V]):
    """What every mapping with several values a key can be asked.

    ``[]`` and ``get`` give the last value; ``items``, ``keys`` and ``values`` are views over all pairs, in
    order, that can be walked more than once.
    """

    __slots__ = ()

    @abstractmethod
    def multi_items(self) -> list[tuple[str, V]]:
        """Return all pairs, in order."""

    def getall(self, key: str) -> list[V]:
        """Return all values of ``key``, in order; an empty list when there is none."""
        return [value for name, value in self.multi_items() if name == key]

    def getlist(self, key: str) -> list[V]:
        """Return all values of ``key``: ``getall`` under its other name."""
        return self.getall(key)

    def getone(self, key: str) -> V:
        """Return the only value of ``key``.

        Raises:
            KeyError: there is no value, or there are several.
        """
        values = self.getall(key)
        if not values:
            raise KeyError(f"Key not found: {key!r}")
        if len(values) > 1:
            raise KeyError(f"Multiple values match {key!r}: {self._shown(key, values)}")
        return values[0]

    def mixed(self) -> dict[str, V | list[V]]:
        """Return a dict with a value where a key has one, and a list where it has several."""
        return {key: values if len(values) > 1 else values[0] for key, values in self.dict_of_lists().items()}

    def dict_of_lists(self) -> dict[str, list[V]]:
        """Return a dict from each key to the list of its values."""
        lists: dict[str, list[V]] = {}
        for key, value in self.multi_items():
            lists.setdefault(key, []).append(value)
        return lists

    def items(self) -> ItemsView[str, V]:
        """Return a view over all pairs."""
        return _Items(self)

    def keys(self) -> KeysView[str]:
        """Return a view over the keys of all pairs, repetitions included."""
        return _Keys(self)

    def values(self) -> ValuesView[V]:
        """Return a view over the values of all pairs."""
        return _Values(self)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, MultiMapping):
            return self.dict_of_lists() == other.dict_of_lists()
        if isinstance(other, Mapping):
            return self.dict_of_lists() == {key: [value] for key, value in other.items()}
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        pairs = ", ".join(f"({key!r}, {self._shown(key, value)})" for key, value in self.multi_items())
        return f"{type(self).__name__}([{pairs}])"

    def _shown(self, key: str, value: object) -> str:
        # SECURITY: what is in a repr is soon in a log.
        return "'******'" if is_secret(key) else repr(value)


class _Items(ItemsView[str, V]):
    __slots__ = ()
    _mapping: MultiMapping[V]

    def __iter__(self) -> Iterator[tuple[str, V]]:
        return iter(self._mapping.multi_items())

    def __len__(self) -> int:
        return len(self._mapping.multi_items())

    def __contains__(self, item: object) -> bool:
        return item in self._mapping.multi_items()


class _Keys(KeysView[str]):
    __slots__ = ()
    _mapping: MultiMapping[Any]

    def __iter__(self) -> Iterator[str]:
        return iter([key for key, _ in self._mapping.multi_items()])

    def __len__(self) -> int:
        return len(self._mapping.multi_items())


class _Values(ValuesView[V]):
    __slots__ = ()
    _mapping: MultiMapping[V]

    def __iter__(self) -> Iterator[V]:
        return iter([value for _, value in self._mapping.multi_items()])

    def __len__(self) -> int:
        return len(self._mapping.multi_items())

    def __contains__(self, value: object) -> bool:
        return value in list(self)


class _PairList(MultiMapping[V]):
    """A list of pairs, and a dict of last values made at the first question."""

    __slots__ = ("_last", "_list")

    def __init__(self, pairs: Pairs[V] = (), /, **fields: V) -> None:
        """Take a mapping (all its pairs, if it has several values a key) or pairs, then keyword arguments."""
        self._list = _pairs_of(pairs, fields)
        self._last: dict[str, V] | None = None

    def _index(self) -> dict[str, V]:
        if self._last is None:
            self._last = dict(self._list)  # PERF: of equal keys dict() keeps the last, which is our rule
        return self._last

    def last_values(self) -> Mapping[str, V]:
        """Return a plain mapping of the last values; it is not to be changed."""
        return self._index()

    def multi_items(self) -> list[tuple[str, V]]:
        """Return all pairs, in order, in a new list."""
        return list(self._list)

    def getall(self, key: str) -> list[V]:
        """Return all values of ``key``, in order; an empty list when there is none."""
        return [value for name, value in self._list if name == key]

    def copy(self) -> MultiDict[V]:
        """Return a changeable copy."""
        return MultiDict(self._list)

    @overload
    def get(self, key: str, /) -> V | None: ...
    @overload
    def get(self, key: str, /, default: V) -> V: ...
    @overload
    def get(self, key: str, /, default: D) -> V | D: ...
    def get(self, key: str, /, default: object = None) -> object:
        """Return the last value of ``key``, else ``default``."""
        return self._index().get(key, default)

    def __getitem__(self, key: str) -> V:
        return self._index()[key]

    def __contains__(self, key: object) -> bool:
        return key in self._index()

    def __iter__(self) -> Iterator[str]:
        return iter([key for key, _ in self._list])

    def __len__(self) -> int:
        return len(self._list)


class ImmutableMultiDict(_PairList[V]):
    """A mapping with several values a key that cannot be changed; ``len`` counts pairs."""

    __slots__ = ()


class MultiDict(_PairList[V], MutableMapping[str, V]):
    """A changeable mapping with several values a key; ``len`` counts pairs."""

    __slots__ = ()

    def __copy__(self) -> MultiDict[V]:
        return self.copy()

    def __setitem__(self, key: str, value: V) -> None:
        self._keep([pair for pair in self._list if pair[0] != key])
        self._list.append((key, value))

    def __delitem__(self, key: str) -> None:
        if key not in self:
            raise KeyError(key)
        self._keep([pair for pair in self._list if pair[0] != key])

    def _keep(self, pairs: list[tuple[str, V]]) -> None:
        self._list, self._last = pairs, None

    def add(self, key: str, value: V) -> None:
        """Append a value, keeping those that ``key`` has."""
        self._list.append((key, value))
        self._last = None

    def extend(self, pairs: Pairs[V] = (), /, **fields: V) -> None:
        """Append all pairs of a mapping or iterable, then those given by keyword."""
        self._keep(self._list + _pairs_of(pairs, fields))

    def update(self, pairs: Pairs[V] = (), /, **fields: V) -> None:  # type: ignore[override]
        """Replace: every key that is given gets exactly the values given, at the end."""
        new = _pairs_of(pairs, fields)
        keys = {key for key, _ in new}
        self._keep([pair for pair in self._list if pair[0] not in keys] + new)

    @overload
    def pop(self, key: str, /) -> V: ...
    @overload
    def pop(self, key: str, /, default: V) -> V: ...
    @overload
    def pop(self, key: str, /, default: D) -> V | D: ...
    def pop(self, key: str, /, default: object = _MISSING) -> object:
        """Remove the last value of ``key`` and return it; earlier values stay.

        Raises:
            KeyError: there is none, and no ``default``.
        """
        for position in range(len(self._list) - 1, -1, -1):
            if self._list[position][0] == key:
                _, value = self._list.pop(position)
                self._last = None
                return value
        if default is _MISSING:
            raise KeyError(key)
        return default

    def popitem(self) -> tuple[str, V]:
        """Remove the last pair and return it; KeyError when there is none."""
        if not self._list:
            raise KeyError("popitem(): the mapping is empty")
        self._last = None
        return self._list.pop()

    def setdefault(self, key: str, default: V) -> V:
        """Return the last value of ``key``; when there is none, append ``default`` and return that."""
        if key not in self:
            self.add(key, default)
        return self[key]

    def clear(self) -> None:
        """Remove all pairs."""
        self._keep([])


def _pairs_of(pairs: Pairs[V], fields: Mapping[str, V]) -> list[tuple[str, V]]:
    source = pairs.items() if isinstance(pairs, Mapping) else pairs
    return [(key, value) for key, value in source] + list(fields.items())
