"""Cache-Control: how long an answer may be kept, by whom, and what a client accepts (RFC 9111 §5.2). Reading never raises."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from datetime import timedelta
from typing import Any, Generic, Literal, Self, TypeAlias, TypedDict, TypeVar, Unpack

from .fieldviews import FieldView
from .parameters import has_control, is_token, quote, split_list, unquote

__all__ = [
    "MAX_SECONDS",
    "CacheControl",
    "Directives",
    "RequestCacheControl",
    "RequestDirectives",
    "ResponseDirectives",
]

Got = TypeVar("Got")
Set = TypeVar("Set")

#: RFC 9111 §1.2.2: what is longer counts as this.
MAX_SECONDS = 2**31

_FIELD_LISTS = frozenset({"no-cache", "private"})

#: A length of time: whole seconds, or a timedelta.
Seconds: TypeAlias = int | timedelta
#: What a directive that may name fields is told: all, these, or (None, False) that it is not there.
Names: TypeAlias = bool | str | Iterable[str] | None


class Directives(FieldView, MutableMapping[str, str | None]):
    """The directives of a Cache-Control field, by name in any case; None is the value of one without argument.

    What is unknown is kept as it is. Of several with one name the first counts (RFC 9111 §4.2.1).
    """

    __slots__ = ("_read", "_text")

    def __init__(self) -> None:
        super().__init__()
        #: What was read, and of which text.
        self._read: dict[str, str | None] = {}
        self._text: str | None = None

    def _directives(self) -> dict[str, str | None]:
        text = self._field.text
        if text != self._text:
            self._read, self._text = _parse(text or ""), text
        return self._read

    def __getitem__(self, name: str) -> str | None:
        return self._directives()[name.lower()]

    def __setitem__(self, name: str, value: str | None) -> None:
        """Set a directive; ValueError for a name that is not a token, or a control character in the value."""
        if not is_token(name):
            raise ValueError(f"directive {name!r:.60} is not a token; use letters, digits and hyphens")
        if value is not None and has_control(value):
            raise ValueError(f"directive {name!r} has a control character in its value; remove it")
        self._write({**self._directives(), name.lower(): value})

    def __delitem__(self, name: str) -> None:
        directives = dict(self._directives())
        del directives[name.lower()]
        self._write(directives)

    def clear(self) -> None:
        """Remove all directives, and with them the field."""
        self._field.text = None

    def _write(self, directives: Mapping[str, str | None]) -> None:
        self._field.text = ", ".join(_format(*pair) for pair in directives.items()) or None

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._directives()))

    def __len__(self) -> int:
        return len(self._directives())

    def copy(self) -> Self:
        """Return an equal one that belongs to no message."""
        return self.parse(self._field.text)

    def apply(self, directives: Mapping[str, Any]) -> None:
        """Set directives by name, with hyphens or underscores, to values of the attributes' types.

        Raises:
            ValueError: an invalid name or value.
            TypeError: a value of a type that the directive does not take.
        """
        for name, value in directives.items():
            attribute = str.replace(name, "-", "_")
            if isinstance(vars(type(self)).get(attribute), _Directive):
                setattr(self, attribute, value)
            elif value is not False:
                self[name.replace("_", "-")] = None if value is True or value is None else str(value)

    @classmethod
    def text_of(cls, value: str | Mapping[str, Any] | None) -> str | None:
        """Return the text of a field: as it is given, or made of directives as :meth:`apply` does; None for no field."""
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, Directives):
            return str(value) or None
        if not isinstance(value, Mapping):
            raise TypeError(f"cache_control takes directives in a mapping, or text, not {value!r:.60}")
        made = cls()
        made.apply(value)
        return str(made) or None


def _parse(text: str) -> dict[str, str | None]:
    directives: dict[str, str | None] = {}
    for member in split_list(text):
        name, equals, value = member.partition("=")
        name = name.rstrip(" \t").lower()
        if is_token(name):
            directives.setdefault(name, unquote(value.lstrip(" \t")) if equals else None)
    return directives


def _format(name: str, value: str | None) -> str:
    if value is None:
        return name
    # RFC 9111 §5.2.2.4, §5.2.2.7: a list of fields is quoted even where a token would do; seconds never are.
    return f"{name}={value if is_token(value) and name not in _FIELD_LISTS else quote(value)}"


class _Directive(Generic[Got, Set]):
    """An attribute that is the directive of its name, hyphens for underscores. None and False stand for no directive.

    Args:
        absent: what it is where there is no directive.
        read: what it is with this argument, or without one.
        write: the argument for a value, or None for a directive without one; given the name, for the error.
    """

    def __init__(
        self, absent: Got, read: Callable[[str | None], Got], write: Callable[[str, Set], str | None]
    ) -> None:
        self._absent = absent
        self._read = read
        self._write = write

    def __set_name__(self, owner: type[Directives], name: str) -> None:
        self._name = name.replace("_", "-")

    def __get__(self, directives: Directives, owner: type[Directives]) -> Got:
        return self._read(directives[self._name]) if self._name in directives else self._absent

    def __set__(self, directives: Directives, value: Set) -> None:
        if value is None or value is False:
            directives.pop(self._name, None)
        else:
            directives[self._name] = self._write(self._name, value)


def _flag() -> _Directive[bool, bool | None]:
    return _Directive(False, lambda _: True, lambda _name, _value: None)


def _seconds(invalid: int | None = None) -> _Directive[int | None, Seconds | None]:
    """A number of seconds; one that cannot be read counts as ``invalid``."""

    def read(text: str | None) -> int | None:
        seconds = _read_seconds(text)
        return invalid if seconds is None else seconds

    return _Directive(None, read, _write_seconds)


def _seconds_or_any() -> _Directive[int | Literal[True] | None, Seconds | Literal["*"] | None]:
    """A number of seconds, or True for any."""

    def read(text: str | None) -> int | Literal[True] | None:
        return True if text is None else _read_seconds(text)

    def write(name: str, value: object) -> str | None:
        return None if value is True or value == "*" else _write_seconds(name, value)

    return _Directive(None, read, write)


def _field_names() -> _Directive[bool | tuple[str, ...], Names]:
    """True for the whole answer, or the names of the fields that it is about."""
    return _Directive(False, _read_names, _write_names)


def _read_names(text: str | None) -> bool | tuple[str, ...]:
    # What names no field is said of all: the cautious reading.
    return tuple(filter(is_token, split_list(text or ""))) or True


def _write_names(name: str, value: Names) -> str | None:
    if value is None or isinstance(value, bool) or value == "*":
        return None
    names = split_list(value) if isinstance(value, str) else list(value)
    if not names or not all(map(is_token, names)):
        raise ValueError(f"{name}: {value!r:.60} does not name fields; give their names, or True")
    return ", ".join(names)


def _read_seconds(text: str | None) -> int | None:
    """Read delta-seconds (RFC 9111 §1.2.2); None for what they are not."""
    if text is None or not text.isascii() or not text.isdigit():
        return None
    digits = text.lstrip("0") or "0"
    return min(int(digits), MAX_SECONDS) if len(digits) <= len(str(MAX_SECONDS)) else MAX_SECONDS


def _write_seconds(name: str, value: object) -> str:
    if isinstance(value, timedelta):
        value = int(value.total_seconds())
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} is {value!r:.60}; give whole seconds or a timedelta")
    if value < 0:
        raise ValueError(f"{name} is {value}; seconds are not negative, 0 is at once")
    return str(value)


class ResponseDirectives(TypedDict, total=False):
    """What a response can say of itself."""

    public: bool | None
    private: Names
    no_cache: Names
    no_store: bool | None
    no_transform: bool | None
    must_revalidate: bool | None
    proxy_revalidate: bool | None
    must_understand: bool | None
    immutable: bool | None
    max_age: Seconds | None
    s_maxage: Seconds | None
    stale_while_revalidate: Seconds | None
    stale_if_error: Seconds | None


class CacheControl(Directives):
    """The Cache-Control field of a response: ``CacheControl(public=True, max_age=60)`` (RFC 9111 §5.2.2).

    Seconds are an int or a timedelta, None where there are none; ``no_cache`` and ``private`` are True, or the names of
    the fields they are about.

    Raises:
        ValueError: negative seconds, or names that are none.
        TypeError: seconds that are neither int nor timedelta.
    """

    __slots__ = ()

    public = _flag()
    private = _field_names()
    no_cache = _field_names()
    no_store = _flag()
    no_transform = _flag()
    must_revalidate = _flag()
    proxy_revalidate = _flag()
    must_understand = _flag()
    #: RFC 8246.
    immutable = _flag()
    #: RFC 9111 §4.2.1: what cannot be read counts as stale.
    max_age = _seconds(invalid=0)
    s_maxage = _seconds(invalid=0)
    #: RFC 5861.
    stale_while_revalidate = _seconds()
    stale_if_error = _seconds()

    def __init__(self, **directives: Unpack[ResponseDirectives]) -> None:
        super().__init__()
        self.apply(directives)


class RequestDirectives(TypedDict, total=False):
    """What a request can ask of caches."""

    no_cache: bool | None
    no_store: bool | None
    no_transform: bool | None
    only_if_cached: bool | None
    max_age: Seconds | None
    min_fresh: Seconds | None
    max_stale: Seconds | Literal["*"] | None
    stale_if_error: Seconds | None


class RequestCacheControl(Directives):
    """The Cache-Control field of a request: ``request.cache_control.no_cache`` (RFC 9111 §5.2.1).

    Seconds are an int, None where there are none; ``max_stale`` is True where any staleness will do.

    Raises:
        ValueError: negative seconds.
        TypeError: seconds that are neither int nor timedelta.
    """

    __slots__ = ()

    no_cache = _flag()
    no_store = _flag()
    no_transform = _flag()
    only_if_cached = _flag()
    #: What cannot be read asks for what is fresh.
    max_age = _seconds(invalid=0)
    min_fresh = _seconds()
    max_stale = _seconds_or_any()
    #: RFC 5861 §4.
    stale_if_error = _seconds()

    def __init__(self, **directives: Unpack[RequestDirectives]) -> None:
        super().__init__()
        self.apply(directives)
