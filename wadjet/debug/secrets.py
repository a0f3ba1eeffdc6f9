"""What nobody is shown, not even a developer, who may share a screen: known by its name, its shape or its value."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..conf.masking import MASK, PARTS, is_secret

__all__ = ["Masker"]

#: The most values that are looked for, and how short one may be: ``1`` and ``true`` would be found everywhere.
_MOST_VALUES, _SHORTEST = 200, 6

_NAMED = rf"\b[\w-]{{0,40}}?(?:{'|'.join(PARTS).replace('_', '[_-]?')})[\w-]{{0,40}}"
#: A text in quotes; and one within a text, whose quotes are escaped.
_QUOTED = (
    r"""(?:b?"(?:[^"\\\n]|\\.)*"?|b?'(?:[^'\\\n]|\\.)*'?"""
    r"""|\\"(?:[^"\\\n]|\\[^"\n])*(?:\\")?|\\'(?:[^'\\\n]|\\[^'\n])*(?:\\')?)"""
)
_QUOTE = re.compile(r"""(\\?)b?(["'])""")
#: ``password='x'``, ``password=x``, ``"password": "x"``.
_ASSIGNED = re.compile(
    rf"""({_NAMED}\\?["']?[ ]{{0,3}}(?:=[ ]{{0,3}}(?!=)|:[ ]{{0,3}}(?=\\?b?["'])))({_QUOTED}|[^\s"'&,;)}}\]]+)""",
    re.IGNORECASE,
)
#: The same in source code, where only what is written out is a secret.
_WRITTEN = re.compile(rf"""({_NAMED}["']?[ ]{{0,3}}(?:==?|:)[ ]{{0,3}})({_QUOTED})""", re.IGNORECASE)
_USER = re.compile(r"(://[^\s/@:\"']*:)[^\s/@\"']+(?=@)")
_SCHEME = re.compile(r"\b((?:Bearer|Basic|Digest|Negotiate) {1,3})[A-Za-z0-9._~+/=-]{6,}", re.IGNORECASE)
_JWT = re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?")


class Masker:
    """Takes secrets out of texts.

    Args:
        values: secrets of this request and this application, which are masked wherever they stand.
    """

    __slots__ = ("_values",)

    def __init__(self, values: Iterable[str] = ()) -> None:
        known = {text for value in values for text in (value, repr(value)[1:-1]) if len(value) >= _SHORTEST}
        # The longest first: one may be a part of another.
        self._values = sorted(known, key=lambda value: (-len(value), value))[:_MOST_VALUES]

    def text(self, text: str) -> str:
        """Return any text without secrets."""
        return _ASSIGNED.sub(_masked, _by_shape(self._without_values(text)))

    def source(self, line: str) -> str:
        """Return a line of source code without those that are written out in it."""
        return _WRITTEN.sub(_masked, _by_shape(self._without_values(line)))

    def named(self, name: str, text: str) -> str:
        """Return the text of something that has a name."""
        return MASK if is_secret(name) else self.text(text)

    def _without_values(self, text: str) -> str:
        for value in self._values:
            text = text.replace(value, MASK)
        return text


def _masked(found: re.Match[str]) -> str:
    """Return an assignment whose value is masked, in the quotes that it has."""
    quote = _QUOTE.match(found[2])
    return f"{found[1]}{MASK}" if quote is None else f"{found[1]}{quote[0]}{MASK}{quote[1]}{quote[2]}"


def _by_shape(text: str) -> str:
    text = _USER.sub(rf"\g<1>{MASK}", text)
    text = _JWT.sub(MASK, _SCHEME.sub(rf"\g<1>{MASK}", text))
    return text.encode(errors="backslashreplace").decode()  # names of files may have halves of characters
