"""Values that are a header field: what they are asked is read from its text, and what they are told is written there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, MutableSet
from collections.abc import Set as AbstractSet
from typing import ClassVar, Protocol, Self

from .headers import MutableHeaders
from .parameters import is_token, split_list

__all__ = ["FieldText", "FieldView", "HasHeaders", "HeaderSet"]


class HasHeaders(Protocol):
    """A message whose fields can be changed."""

    @property
    def headers(self) -> MutableHeaders:
        """The fields."""


class FieldText(Protocol):
    """Where the text of a field is kept. None stands for no field."""

    text: str | None


class _Loose:
    """The text of a field that belongs to no message."""

    __slots__ = ("text",)

    def __init__(self, text: str | None) -> None:
        self.text = text


class _OfMessage:
    """The text of a field of a message, its lines joined by commas."""

    __slots__ = ("_message", "_name")

    def __init__(self, message: HasHeaders, name: str) -> None:
        self._message = message
        self._name = name

    @property
    def text(self) -> str | None:
        return self._message.headers.joined(self._name)

    @text.setter
    def text(self, text: str | None) -> None:
        if text is None:
            self._message.headers.delete(self._name)
        else:
            self._message.headers.set(self._name, text)


class FieldView:
    """A value that is kept as the text of a header field, and nowhere else. A new one belongs to no message."""

    __slots__ = ("_field",)

    def __init__(self) -> None:
        self._field: FieldText = _Loose(None)

    @classmethod
    def parse(cls, text: str | None) -> Self:
        """Return the value of a field, its lines joined by commas; None where there is no field."""
        return cls.over(_Loose(text))

    @classmethod
    def of(cls, message: HasHeaders, name: str) -> Self:
        """Return a live view over a field of a message: each change of one is seen in the other."""
        return cls.over(_OfMessage(message, name))

    @classmethod
    def over(cls, field: FieldText) -> Self:
        """Return a view over a text that somebody else keeps."""
        view = cls()
        view._field = field
        return view

    def __str__(self) -> str:
        return self._field.text or ""

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self}>"


class HeaderSet(FieldView, MutableSet[str]):
    """The names that a field lists, in order, each once: Vary, Content-Language; compared without case.

    Args:
        names: tokens.

    Raises:
        ValueError: a name that is not a token.
    """

    __slots__ = ()

    is_case_sensitive: ClassVar[bool] = False

    def __init__(self, names: Iterable[str] = ()) -> None:
        super().__init__()
        self.update(names)

    def add(self, value: str) -> None:
        """Name something, if it is not named yet."""
        self.update((value,))

    def update(self, *names: Iterable[str]) -> None:
        """Name all of these, each once."""
        known = dict(self._named())
        for some in names:
            for name in [some] if isinstance(some, str) else some:
                if not is_token(name):
                    raise ValueError(f"{name!r:.60} is not a token; use letters, digits and hyphens")
                known.setdefault(self._key(name), name)
        self._write(known.values())

    def __iadd__(self, names: Iterable[str]) -> Self:
        self.update(names)
        return self

    def discard(self, value: str) -> None:
        """Name something no more, if it is named; without any name left there is no field."""
        known = self._named()
        if known.pop(self._key(value), None) is not None:
            self._write(known.values())

    def clear(self) -> None:
        """Name nothing, and have no field."""
        self._field.text = None

    def _write(self, names: Iterable[str]) -> None:
        self._field.text = ", ".join(names) or None

    def _named(self) -> dict[str, str]:
        members = split_list(self._field.text or "")
        named: dict[str, str] = {}
        for member in members:
            named.setdefault(self._key(member), member)
        return named

    def _key(self, name: str) -> str:
        return name if self.is_case_sensitive else name.lower()

    def __contains__(self, value: object) -> bool:
        return isinstance(value, str) and self._key(value) in self._named()

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._named().values()))

    def __len__(self) -> int:
        return len(self._named())

    def __eq__(self, other: object) -> bool:
        """Compare: with a list or tuple in order, with a set in any."""
        if isinstance(other, list | tuple):
            return list(map(self._key, self)) == list(map(self._key, other))
        if isinstance(other, AbstractSet):
            return set(map(self._key, self)) == set(map(self._key, other))
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]  # it changes
