"""Header fields: their names, their values, and a mapping over the wire's list of pairs (RFC 9110 §5).

Nothing enters a list of outgoing fields without `field_name` and `field_value`.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, TypeAlias, TypeVar, overload

from wadjet.http.multidict import MultiMapping
from wadjet.http.parameters import is_token

__all__ = [
    "Fields",
    "Headers",
    "MutableHeaders",
    "WatchedHeaders",
    "encode_fields",
    "field_name",
    "field_value",
]

D = TypeVar("D")

Name: TypeAlias = str | bytes
Value: TypeAlias = str | bytes | int
#: What a caller may give as header fields.
Fields: TypeAlias = Mapping[str, Value] | Mapping[bytes, Value] | Iterable[tuple[Name, Value]]

_MISSING: Final[Any] = object()
#: RFC 9110 §5.5: a field value has no control characters but HTAB.
_FORBIDDEN = frozenset({*range(32), 127} - {9})


@lru_cache(maxsize=512)  # PERF: an application sends the same few names over and over
def field_name(name: Name) -> bytes:
    """Return a field name as the wire has it, lower-case (RFC 9110 §5.1, RFC 9113 §8.2.1).

    Raises:
        ValueError: the name is not a token (RFC 9110 §5.6.2).
        TypeError: neither str nor bytes.
    """
    if not isinstance(name, str | bytes):
        raise TypeError(f"a header name is str or bytes, not {name!r:.60}")
    text = name if isinstance(name, str) else name.decode("latin-1")
    if not is_token(text):
        raise ValueError(f"header name {text!r:.80} is not a token; use letters, digits and hyphens")
    return text.lower().encode("ascii")


def field_value(value: Value, name: Name = "") -> bytes:
    """Return a field value as the wire has it, without surrounding whitespace (RFC 9110 §5.5).

    Args:
        value: text of Latin-1 characters, bytes, or an int.
        name: the field it is for, named in the error.

    Raises:
        ValueError: a control character other than HTAB, or a character beyond Latin-1.
        TypeError: neither str, bytes nor int.
    """
    if isinstance(value, str):
        if value.isascii() and value.isprintable():  # PERF: the usual case needs no search
            return value.encode("ascii").strip(b" ")
        try:
            encoded = value.encode("latin-1")
        except UnicodeEncodeError as error:
            raise ValueError(
                f"header {_shown(name)}: U+{ord(value[error.start]):04X} at position {error.start} is not "
                "Latin-1; encode the value (percent-encoding, or the parameter form of RFC 8187)"
            ) from None
    elif isinstance(value, bytes):
        encoded = value
    elif isinstance(value, int):
        return b"%d" % value
    else:
        raise TypeError(f"header {_shown(name)}: the value is str, bytes or int, not {type(value).__name__}")
    # SECURITY: CR and LF would end the field; the value is not echoed, it may be a secret.
    if not _FORBIDDEN.isdisjoint(encoded):
        raise ValueError(
            f"header {_shown(name)}: a control character in the value; remove it or encode the value"
        )
    return encoded.strip(b" \t")


def _shown(name: Name) -> str:
    return repr(name if isinstance(name, str) else name.decode("latin-1"))


def encode_fields(fields: Fields | None) -> list[tuple[bytes, bytes]]:
    """Check header fields and return them as the wire has them, in a new list.

    Args:
        fields: a mapping (all pairs of one with several values a key), pairs, or None for no fields.

    Raises:
        ValueError: an invalid name or value.
    """
    if not fields:
        return []
    pairs: Iterable[tuple[Name, Value]] = fields.items() if isinstance(fields, Mapping) else fields
    return [(key := field_name(name), field_value(value, key)) for name, value in pairs]


def _lookup(name: object) -> bytes:
    # Lower-cased after encoding: some characters beyond ASCII become ASCII letters in str.lower.
    if isinstance(name, str):
        return name.encode("latin-1", "replace").lower()
    return name.lower() if isinstance(name, bytes) else b""


class Headers(MultiMapping[str]):
    """Received header fields: immutable, case-insensitive, decoded as Latin-1.

    ``[]`` and ``get`` give the last value, iteration and ``len`` go over distinct names (lower-case),
    ``items``, ``keys`` and ``values`` over all fields. Names may be asked for as str or bytes.
    """

    __slots__ = ("_last", "_raw")

    def __init__(self, raw: Sequence[tuple[bytes, bytes]] = ()) -> None:
        """Take the wire's fields as they are; names are lower-case already (ASGI, ``encode_fields``)."""
        self._raw = raw
        self._last: dict[bytes, bytes] | None = None

    @property
    def raw(self) -> Sequence[tuple[bytes, bytes]]:
        """The fields as the wire has them."""
        return self._raw

    def _index(self) -> dict[bytes, bytes]:
        if self._last is None:
            self._last = dict(self._raw)  # PERF: of equal names dict() keeps the last, which is our rule
        return self._last

    def multi_items(self) -> list[tuple[str, str]]:
        """Return all fields, in order, decoded."""
        return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in self._raw]

    def getall(self, key: Name) -> list[str]:
        """Return all values of a field, in order; an empty list when it is absent."""
        wanted = _lookup(key)
        return [value.decode("latin-1") for name, value in self._raw if name == wanted]

    def getlist(self, key: Name) -> list[str]:
        """Return all values of a field: ``getall`` under its other name."""
        return self.getall(key)

    def getone(self, key: Name) -> str:
        """Return the only value of a field; KeyError when there is none, or there are several."""
        return super().getone(key if isinstance(key, str) else key.decode("latin-1"))

    def joined(self, name: Name) -> str | None:
        """Return all values of a list field joined by commas (RFC 9110 §5.3); None when it is absent."""
        return ", ".join(values) if (values := self.getall(name)) else None

    @overload
    def get(self, key: Name, /) -> str | None: ...
    @overload
    def get(self, key: Name, /, default: str) -> str: ...
    @overload
    def get(self, key: Name, /, default: D) -> str | D: ...
    def get(self, key: Name, /, default: object = None) -> object:
        """Return the last value of a field, else ``default``."""
        value = self._index().get(_lookup(key))
        return default if value is None else value.decode("latin-1")

    def __getitem__(self, key: Name) -> str:
        value = self._index().get(_lookup(key))
        if value is None:
            raise KeyError(key)
        return value.decode("latin-1")

    def __contains__(self, key: object) -> bool:
        return _lookup(key) in self._index()

    def __iter__(self) -> Iterator[str]:
        return iter([name.decode("latin-1") for name in self._index()])

    def __len__(self) -> int:
        return len(self._index())

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Mapping) and not isinstance(other, MultiMapping):
            other = {key.lower() if isinstance(key, str) else key: value for key, value in other.items()}
        return super().__eq__(other)

    __hash__ = None


class WatchedHeaders(Headers):
    """Received header fields that remember whether some of them were looked at, by name or among all.

    Args:
        raw: the fields as the wire has them.
        names: of those that matter, in small letters.
    """

    __slots__ = ("_names", "was_read")

    def __init__(self, raw: Sequence[tuple[bytes, bytes]], names: frozenset[bytes]) -> None:
        super().__init__(raw)
        self._names = names
        #: Whether one of them was looked at; that it is absent says something, too.
        self.was_read = False

    @property
    def raw(self) -> Sequence[tuple[bytes, bytes]]:
        """The fields as the wire has them."""
        self._note_all()
        return self._raw

    def multi_items(self) -> list[tuple[str, str]]:
        """Return all fields, in order, decoded."""
        self._note_all()
        return super().multi_items()

    def getall(self, key: Name) -> list[str]:
        """Return all values of a field, in order; an empty list when it is absent."""
        self._note(key)
        return super().getall(key)

    @overload
    def get(self, key: Name, /) -> str | None: ...
    @overload
    def get(self, key: Name, /, default: str) -> str: ...
    @overload
    def get(self, key: Name, /, default: D) -> str | D: ...
    def get(self, key: Name, /, default: object = None) -> object:
        """Return the last value of a field, else ``default``."""
        self._note(key)
        return super().get(key, default)

    def __getitem__(self, key: Name) -> str:
        self._note(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self._note(key)
        return super().__contains__(key)

    def _note(self, key: object) -> None:
        self.was_read = self.was_read or _lookup(key) in self._names

    def _note_all(self) -> None:
        self.was_read = self.was_read or not self._names.isdisjoint(self._index())


class MutableHeaders(Headers):
    """The header fields of a message in the making: a live view over its list of pairs, changed in place."""

    __slots__ = ()

    _raw: list[tuple[bytes, bytes]]

    def __init__(self, raw: list[tuple[bytes, bytes]] | None = None) -> None:
        """Take the list to look at and to change; its names are lower-case."""
        super().__init__([] if raw is None else raw)

    @property
    def raw(self) -> list[tuple[bytes, bytes]]:
        """The list itself."""
        return self._raw

    def _index(self) -> dict[bytes, bytes]:
        return dict(self._raw)  # the list has other owners, so nothing is kept

    def set(self, name: Name, value: Value) -> None:
        """Replace all fields of that name by one; ValueError for an invalid name or value."""
        key = field_name(name)
        pair = (key, field_value(value, key))
        self._drop({key})
        self._raw.append(pair)

    def __setitem__(self, name: Name, value: Value) -> None:
        self.set(name, value)

    def append(self, name: Name, value: Value) -> None:
        """Add a field, keeping those of the same name; ValueError for an invalid name or value."""
        key = field_name(name)
        self._raw.append((key, field_value(value, key)))

    add = append

    def extend(self, fields: Fields) -> None:
        """Add all these fields, keeping those of the same names."""
        self._raw += encode_fields(fields)

    def update(self, fields: Fields) -> None:
        """Replace: every name that is given gets exactly the values given."""
        new = encode_fields(fields)
        self._drop({name for name, _ in new})
        self._raw += new

    def delete(self, name: Name) -> None:
        """Remove all fields of that name, if there are any."""
        self._drop({_lookup(name)})

    def __delitem__(self, name: Name) -> None:
        if name not in self:
            raise KeyError(name)
        self.delete(name)

    def _drop(self, names: Container[bytes]) -> None:
        if any(name in names for name, _ in self._raw):
            self._raw[:] = [pair for pair in self._raw if pair[0] not in names]

    @overload
    def pop(self, name: Name, /) -> str: ...
    @overload
    def pop(self, name: Name, /, default: D) -> str | D: ...
    def pop(self, name: Name, /, default: object = _MISSING) -> object:
        """Remove all fields of that name and return the last value, else ``default``, else KeyError."""
        value = self.get(name, default)
        if value is _MISSING:
            raise KeyError(name)
        self.delete(name)
        return value

    def setdefault(self, name: Name, value: Value) -> str:
        """Return the last value of a field; when it is absent, add it with ``value`` first."""
        if name not in self:
            self.append(name, value)
        return self[name]

    def add_vary(self, *names: str) -> None:
        """Name these request fields in ``Vary``, each once (RFC 9110 §12.5.5); ``*`` stands for all."""
        listed = self.joined("vary")
        members = [member for part in (listed or "").split(",") if (member := part.strip(" \t"))]
        known = {member.lower() for member in members}
        for name in names:
            if name.lower() not in known:
                known.add(name.lower())
                members.append(name)
        if members:
            value = "*" if "*" in known else ", ".join(members)
            (self.append if listed is None else self.set)("vary", value)
