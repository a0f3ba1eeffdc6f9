"""What a path parameter accepts, as a table: text of the URL ⇄ value in Python.

A converter reads strictly and writes only what it would read back, so a URL that `url_for` made is one that
the same route answers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, get_type_hints

__all__ = ["CONVERTERS", "Converter", "Float", "Integer", "Slug", "Str", "SubPath", "Uuid"]

#: Signed 64 bits hold it: a longer number would be refused by the database driver, as a server error.
_LARGEST_INTEGER = 2**63 - 1
_INTEGER_DIGITS = 19
#: A double holds any number of so many digits.
_FLOAT_LENGTH = 308


class Converter:
    """One kind of path parameter; a subclass with `pattern`, or with the two methods, is a new one.

    Attributes:
        rank: the order of trial where several kinds could match; the lowest, most specific, comes first.
        spans: takes the whole rest of the path, slashes included.
        pattern: a regular expression for the text, used within a mixed segment such as ``{name}.{ext}``.
    """

    __slots__ = ()

    rank: int = 40
    spans: bool = False
    pattern: str = "[^/]+"

    @property
    def value_type(self) -> Any:
        """What `to_value` says that it returns; ``object`` if it does not say, or says it to type checkers only."""
        try:
            return get_type_hints(self.to_value).get("return", object)
        except NameError:
            return object

    def to_value(self, text: str) -> object:
        """The value of a decoded, non-empty text.

        Raises:
            ValueError: the text is not one of this kind, so the route does not match.
        """
        if re.fullmatch(self.pattern, text) is None:
            raise ValueError(f"{text!r} does not match {self.pattern}")
        return text

    def to_text(self, value: object) -> str:
        """The text, not yet percent-encoded, that reads back as the value.

        Raises:
            TypeError: no text stands for such a value in a URL.
            ValueError: the text would not be read back.
        """
        text = _as_text(value)
        self.to_value(text)
        return text


def _as_text(value: object) -> str:
    """Spell a value that has a spelling; None, bytes, containers and plain objects have none."""
    if isinstance(value, str):
        return value
    spelt = isinstance(value, int | float) or type(value).__str__ is not object.__str__
    if not spelt or isinstance(value, bytes | bytearray):
        raise TypeError(f"{type(value).__name__} has no form in a URL")
    return str(value)


class Str(Converter):
    """Any non-empty segment."""

    __slots__ = ()
    rank = 60
    pattern = ".+"

    def to_value(self, text: str) -> str:
        """The text itself."""
        if not text:
            raise ValueError("it is empty")
        return text


class Integer(Converter):
    """An unsigned number in ASCII digits that fits a signed 64-bit column (CVE-2020-10735)."""

    __slots__ = ()
    rank = 20
    pattern = f"[0-9]{{1,{_INTEGER_DIGITS}}}"

    def to_value(self, text: str) -> int:
        """The number; the digits are counted before they are converted."""
        if len(text) > _INTEGER_DIGITS or not (text.isdigit() and text.isascii()):
            raise ValueError(f"{text[:40]!r} is not an unsigned number of at most {_INTEGER_DIGITS} digits")
        number = int(text)
        if number > _LARGEST_INTEGER:
            raise ValueError(f"{text} is more than {_LARGEST_INTEGER}")
        return number


class Float(Converter):
    """An unsigned decimal number, with or without a fraction, without an exponent."""

    __slots__ = ()
    rank = 30
    pattern = r"[0-9]+(?:\.[0-9]+)?"

    def to_value(self, text: str) -> float:
        """The number; always finite."""
        if len(text) > _FLOAT_LENGTH or re.fullmatch(self.pattern, text) is None:
            raise ValueError(f"{text[:40]!r} is not an unsigned decimal number")
        return float(text)


class Uuid(Converter):
    """A UUID in its canonical form, 8-4-4-4-12 hexadecimal digits in either case (RFC 9562 section 4)."""

    __slots__ = ()
    rank = 10
    pattern = "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"

    @property
    def value_type(self) -> Any:
        """`uuid.UUID`."""
        from uuid import UUID  # as below

        return UUID

    def to_value(self, text: str) -> object:
        """The `uuid.UUID`."""
        from uuid import UUID  # slow to import, and few applications have such a route

        if len(text) != 36 or re.fullmatch(self.pattern, text) is None:
            raise ValueError(f"{text[:40]!r} is not a UUID")
        return UUID(text)


class Slug(Converter):
    """ASCII letters, digits, hyphens and underscores."""

    __slots__ = ()
    rank = 50
    pattern = "[A-Za-z0-9_-]+"


class SubPath(Converter):
    """The rest of the path, slashes included, not empty; never absolute, as it may be joined to a folder."""

    __slots__ = ()
    rank = 70
    spans = True
    pattern = ".+"

    def to_value(self, text: str) -> str:
        """The rest of the path."""
        if not text or text.startswith("/"):
            raise ValueError("it is empty or begins with a slash")
        return text


#: The built-in kinds by the name written after the colon; `{name}` alone is `{name:str}`.
CONVERTERS: Mapping[str, Converter] = MappingProxyType(
    {
        "str": Str(),
        "int": Integer(),
        "float": Float(),
        "path": SubPath(),
        "uuid": Uuid(),
        "slug": Slug(),
    }
)
