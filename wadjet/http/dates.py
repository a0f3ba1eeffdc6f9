"""HTTP dates: one way to write them, three ways to read them (RFC 9110 §5.6.7). No clock."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import cache
from time import gmtime

__all__ = ["format_date", "parse_date"]

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_MONTH_NUMBER = {name: number for number, name in enumerate(MONTHS, 1)}


def format_date(moment: float | datetime) -> str:
    """Write ``moment`` as an IMF-fixdate, ``Sun, 06 Nov 1994 08:49:37 GMT`` (RFC 9110 §5.6.7).

    Args:
        moment: Unix time in seconds (fractions are cut off), or a datetime; a naive one is taken as UTC.

    Raises:
        ValueError: the moment is not in the years 1 to 9999.
    """
    try:
        parts = moment.utctimetuple() if isinstance(moment, datetime) else gmtime(moment)
    except (OverflowError, OSError, ValueError):
        raise ValueError(f"no HTTP date can express {moment!r:.60}") from None
    year, month, day, hour, minute, second, weekday = parts[:7]
    if not 1 <= year <= 9999:
        raise ValueError(f"no HTTP date can express {moment!r:.60}")
    # time.strftime would write the names in the language of the locale.
    return f"{DAYS[weekday]}, {day:02} {MONTHS[month - 1]} {year:04} {hour:02}:{minute:02}:{second:02} GMT"


def parse_date(text: str, *, now: float | None = None) -> datetime | None:
    """Read an HTTP date in any of its three forms; None when it is not one (RFC 9110 §5.6.7).

    Args:
        text: the field value, without surrounding whitespace.
        now: Unix time in seconds, to place the two-digit years of RFC 850; without it 70 to 99 are
            1970 to 1999.

    Returns:
        An aware datetime in UTC.
    """
    for form in _forms():
        if found := form.fullmatch(text):
            break
    else:
        return None
    year = int(found["year"])
    if len(found["year"]) == 2:
        year = _full_year(year, now)
    # RFC 9110 §5.6.7 allows second 60; datetime has no leap seconds.
    second = 59 if found["second"] == "60" else int(found["second"])
    month, day, hour, minute = _MONTH_NUMBER[found["month"]], *map(int, found.group("day", "hour", "minute"))
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None


@cache
def _forms() -> tuple[re.Pattern[str], ...]:
    time = r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})"
    month = f"(?P<month>{'|'.join(MONTHS)})"
    day = f"(?:{'|'.join(DAYS)})"
    long_day = "(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
    # RFC 9110 §5.6.7: IMF-fixdate, then the two obsolete forms that recipients still must accept.
    return (
        re.compile(rf"{day}, (?P<day>[0-9]{{2}}) {month} (?P<year>[0-9]{{4}}) {time} GMT"),
        re.compile(rf"{long_day}, (?P<day>[0-9]{{2}})-{month}-(?P<year>[0-9]{{2}}) {time} GMT"),
        re.compile(rf"{day} {month} (?P<day>[ 0-9][0-9]) {time} (?P<year>[0-9]{{4}})"),
    )


def _full_year(year: int, now: float | None) -> int:
    if now is None:
        return year + (1900 if year >= 70 else 2000)
    this_year = gmtime(now).tm_year
    # RFC 9110 §5.6.7: more than 50 years ahead means the last such year in the past.
    full = this_year - this_year % 100 + year
    return full - 100 if full > this_year + 50 else full
