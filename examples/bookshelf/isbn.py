"""ISBN-13: thirteen digits, the last of which checks the others (ISO 2108)."""

from __future__ import annotations

__all__ = ["check_digit", "compact", "is_isbn13"]

PREFIXES = ("978", "979")


def check_digit(twelve: str) -> str:
    """Return the digit that makes the weighted sum, 1 and 3 in turn, a multiple of ten."""
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(twelve))
    return str(-total % 10)


def compact(text: str) -> str:
    """Drop the spaces and hyphens with which people write an ISBN."""
    return "".join(character for character in text if character not in " -\u2010\u2011\u2013\u00a0")


def is_isbn13(text: str) -> bool:
    """Tell whether ``text``, already compact, is an ISBN-13 with the right check digit."""
    if len(text) != 13 or not (text.isascii() and text.isdigit()):
        return False
    return text.startswith(PREFIXES) and check_digit(text[:12]) == text[12]
