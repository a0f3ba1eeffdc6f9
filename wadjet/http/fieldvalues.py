"""Field values as Python has them: texts of numbers, moments and lists, written and read. Reading never raises.

Only what means "from now" looks at a clock: a timedelta, and a delay that is read as a moment.
"""

from __future__ import annotations

import calendar
import math
import time
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import TypeAlias

from .conditional import EntityTag
from .dates import format_date, parse_date
from .parameters import is_token, split_list
from .ranges import ContentRange, parse_content_range

__all__ = [
    "Delay",
    "Moment",
    "Part",
    "Seconds",
    "Tag",
    "Words",
    "read_delay",
    "read_tag",
    "read_whole",
    "write_content_range",
    "write_delay",
    "write_moment",
    "write_seconds",
    "write_tag",
    "write_text",
    "write_words",
]

#: Whole seconds.
Seconds: TypeAlias = int | timedelta
#: A moment: a naive datetime is taken as UTC, a date as its midnight, a timedelta from now, a number as Unix time, a text as an
#: HTTP date.
Moment: TypeAlias = datetime | date | timedelta | float | str | time.struct_time
#: How long to wait, or until when; a number is seconds.
Delay: TypeAlias = int | timedelta | datetime | str
#: The members of a list field, or the field itself.
Words: TypeAlias = str | Iterable[str]

#: An entity tag: its text, or the field itself, quoted; or a pair of its text and whether it is a strong one.
Tag: TypeAlias = str | tuple[str, bool] | EntityTag
#: The first byte, the byte after the last, and the length of the whole or None; or the field itself.
Part: TypeAlias = tuple[int, int] | tuple[int | None, int | None, int | None] | ContentRange | str

#: Digits of the largest number that is read: more than 300 years of seconds, and no quadratic conversion.
_MOST_DIGITS = 18


def write_moment(value: Moment) -> str:
    """Write an HTTP date (RFC 9110 §5.6.7).

    Raises:
        ValueError: a text that is no HTTP date, or a moment outside of the years 1 to 9999.
    """
    if isinstance(value, str):
        moment = parse_date(value)
        if moment is None:
            raise ValueError(
                f"{value!r:.60} is not an HTTP date; give a datetime, a timedelta from now, or Unix time"
            )
        return format_date(moment)
    if isinstance(value, timedelta):
        return format_date(time.time() + value.total_seconds())
    if isinstance(value, time.struct_time):
        return format_date(calendar.timegm(value))
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    return format_date(value)


def read_whole(text: str) -> int | None:
    """Read a number of digits alone; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else None


def write_seconds(value: Seconds) -> str:
    """Write whole seconds; a part of one counts as a whole, and a timedelta in the past as none.

    Raises:
        ValueError: a negative number.
        TypeError: neither an int nor a timedelta.
    """
    if isinstance(value, timedelta):
        return str(max(0, math.ceil(value.total_seconds())))
    if type(value) is not int:
        raise TypeError(f"give whole seconds or a timedelta, not {value!r:.60}")
    if value < 0:
        raise ValueError(f"{value} seconds are less than none")
    return str(value)


def write_delay(value: Delay) -> str:
    """Write seconds to wait, or the moment until when (RFC 9110 §10.2.3).

    Raises:
        ValueError: a negative number, or a text that is neither digits nor an HTTP date.
        TypeError: it is none of these.
    """
    if isinstance(value, str):
        return value if read_whole(value) is not None else write_moment(value)
    return write_moment(value) if isinstance(value, date) else write_seconds(value)


def read_delay(text: str) -> datetime | None:
    """Return until when to wait, in UTC; seconds count from now."""
    seconds = read_whole(text)
    if seconds is None:
        return parse_date(text)
    try:
        return datetime.now(UTC) + timedelta(seconds=seconds)
    except OverflowError:
        return None


def write_text(value: str) -> str:
    """Return a text as it is.

    Raises:
        TypeError: it is no text.
    """
    if not isinstance(value, str):
        raise TypeError(f"the field is a text, not {value!r:.60}")
    return value


def write_words(value: Words) -> str:
    """Write a list of tokens (RFC 9110 §5.6.1).

    Raises:
        ValueError: a member is no token.
        TypeError: it is neither text nor an iterable.
    """
    members: list[object] = [*split_list(value)] if isinstance(value, str) else [*value]
    for member in members:
        if not (isinstance(member, str) and is_token(member)):
            raise ValueError(f"{member!r:.60} is not a token; give a tuple of them, or a text with commas")
    return ", ".join(map(str, members))


def write_tag(value: Tag) -> str:
    """Write an entity tag (RFC 9110 §8.8.3).

    Raises:
        ValueError: a character that no tag has.
    """
    if isinstance(value, EntityTag):
        return str(value)
    text, is_strong = value if isinstance(value, tuple) else (value, True)
    tag = EntityTag.parse(text) or EntityTag(text)
    return str(tag if is_strong else tag.weakened())


def read_tag(text: str) -> str | None:
    """Return the text of an entity tag, without quotation marks; None for what is none."""
    tag = EntityTag.parse(text)
    return None if tag is None else tag.value


def write_content_range(value: Part) -> str:
    """Write which part of the content this is (RFC 9110 §14.4).

    Raises:
        ValueError: no part of a content of that length, or a text that does not say one.
    """
    found = parse_content_range(value) if isinstance(value, str) else ContentRange(*value)
    if found is None:
        raise ValueError(
            f"{value!r:.60} is no Content-Range; give (first, behind the last, length of the whole)"
        )
    return str(found)
