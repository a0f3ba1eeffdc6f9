"""A value as text: bounded, whatever it is, and without the secrets in it. Nothing that it does breaks the page."""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Iterator
from itertools import islice
from typing import Any

from ..conf.masking import MASK, is_secret
from .secrets import Masker

__all__ = ["cut", "shown"]

#: The most characters of one value, items of one container, and containers within each other.
_MOST_CHARACTERS, _MOST_ITEMS, _DEEPEST = 1000, 20, 5

_BRACKETS: dict[type, tuple[str, str]] = {
    list: ("[", "]"),
    tuple: ("(", ")"),
    set: ("{", "}"),
    frozenset: ("frozenset({", "})"),
    deque: ("deque([", "])"),
}
#: What stands around the braces of a mapping.
_MAPPINGS: dict[type, tuple[str, str]] = {
    dict: ("", ""),
    OrderedDict: ("OrderedDict(", ")"),
    defaultdict: ("defaultdict(", ")"),
    Counter: ("Counter(", ")"),
}
_TEXTS = frozenset({str, bytes, bytearray})
_SIZED = _TEXTS | _BRACKETS.keys() | _MAPPINGS.keys()


def cut(text: str, most: int = _MOST_CHARACTERS) -> str:
    """Return a text that is not too long, and says how much is missing."""
    return text if len(text) <= most else f"{text[:most]}… {len(text) - most} more characters"


def shown(value: Any, masker: Masker, name: str = "") -> str:
    """Return a value as a developer may see it.

    Args:
        value: anything; only what is asked of it runs.
        masker: takes secrets out.
        name: what it is called; of what is called like a secret nothing is shown, unless it says nothing.
    """
    if is_secret(name) and not _says_nothing(value):
        return MASK
    taken: list[str] = []
    length = 0
    try:
        for piece in _pieces(value, _DEEPEST):
            taken.append(piece)
            length += len(piece)
            if length > _MOST_CHARACTERS:
                break
    except Exception as error:  # a container that is changed meanwhile
        taken.append(_failed(value, error))
    # Masked before it is cut, so that no half of a secret is left.
    text = masker.text("".join(taken)[: 2 * _MOST_CHARACTERS])
    if len(text) <= _MOST_CHARACTERS:
        return text
    return f"{text[:_MOST_CHARACTERS]}…" + (f" ({len(value)} in all)" if type(value) in _SIZED else "")


def _says_nothing(value: Any) -> bool:
    """Tell whether a value is no secret, whatever it is called."""
    return (
        value is None or type(value) is bool or (type(value) in {str, bytes, tuple, list, dict} and not value)
    )


def _pieces(value: Any, depth: int) -> Iterator[str]:
    """Yield the text of a value, piece by piece: whoever has enough takes no more."""
    kind = type(value)
    if kind in _TEXTS:
        yield repr(value[: 2 * _MOST_CHARACTERS])
    elif depth == 0 and kind in _SIZED:
        yield "…"
    elif kind in _MAPPINGS:
        yield from _mapping(value, depth)
    elif kind is tuple and len(value) == 2:  # a header field, an item of a mapping
        yield from ("(", *_pieces(value[0], depth - 1), ", ", *_named(value[0], value[1], depth), ")")
    elif kind in _BRACKETS:
        yield from _items(value, depth)
    else:
        yield _represented(value)


def _mapping(value: dict[Any, Any], depth: int) -> Iterator[str]:
    start, end = _MAPPINGS[type(value)]
    yield f"{start}{{"
    for place, (key, member) in enumerate(islice(value.items(), _MOST_ITEMS)):
        yield ", " if place else ""
        yield from _pieces(key, depth - 1)
        yield ": "
        yield from _named(key, member, depth)
    yield _rest(value)
    yield f"}}{end}"


def _named(name: object, value: Any, depth: int) -> Iterator[str]:
    """Yield the text of what stands beside its name, if that may be shown."""
    text = name.decode("latin-1") if type(name) is bytes else name
    if type(text) is str and is_secret(text) and not _says_nothing(value):
        yield MASK
    else:
        yield from _pieces(value, depth - 1)


def _items(value: Any, depth: int) -> Iterator[str]:
    start, end = _BRACKETS[type(value)] if value or type(value) in {list, tuple} else (repr(value), "")
    yield start
    for place, member in enumerate(islice(value, _MOST_ITEMS)):
        yield ", " if place else ""
        yield from _pieces(member, depth - 1)
    yield _rest(value) or ("," if type(value) is tuple and len(value) == 1 else "")
    yield end


def _rest(value: Any) -> str:
    return f", … {len(value) - _MOST_ITEMS} more" if len(value) > _MOST_ITEMS else ""


def _represented(value: Any) -> str:
    """Return what a value says of itself, be it a lie, far too much, or an error."""
    try:
        text = repr(value)
    except BaseException as error:  # what a repr() raises concerns nobody else, SystemExit included
        return _failed(value, error)
    return str.__getitem__(
        text, slice(2 * _MOST_CHARACTERS)
    )  # of a subclass of str, whose methods are anybody's, a str


def _failed(value: object, error: BaseException) -> str:
    return f"<{type(value).__qualname__}: its repr() raised {type(error).__name__}>"
