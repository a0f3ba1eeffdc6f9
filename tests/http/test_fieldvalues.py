import time
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wadjet.http.conditional import EntityTag
from wadjet.http.fieldvalues import (
    read_delay,
    read_tag,
    read_whole,
    write_delay,
    write_moment,
    write_seconds,
    write_tag,
    write_words,
)

FIXED = "Sun, 06 Nov 1994 08:49:37 GMT"


@pytest.mark.parametrize(
    "value",
    [
        datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC),
        datetime(1994, 11, 6, 8, 49, 37),
        datetime(1994, 11, 6, 10, 49, 37, tzinfo=timezone(timedelta(hours=2))),
        784111777,
        784111777.9,
        time.gmtime(784111777),
        FIXED,
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
    ],
)
def test_a_moment_is_written_as_a_date_whatever_it_comes_as(value: Any) -> None:
    assert write_moment(value) == FIXED


def test_a_day_is_its_midnight() -> None:
    assert write_moment(date(1994, 11, 6)) == "Sun, 06 Nov 1994 00:00:00 GMT"


def test_a_timedelta_counts_from_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 784111777 - 60)
    assert write_moment(timedelta(minutes=1)) == FIXED


@pytest.mark.parametrize("value", ["soon", "", "0", 1e30, "Sun, 06 Nov 1994 08:49:37 GMT\r\nX: 1"])
def test_what_is_no_moment_is_refused(value: Any) -> None:
    with pytest.raises(ValueError):
        write_moment(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (5, "5"), (timedelta(minutes=1), "60"), (timedelta(seconds=0.2), "1"), (timedelta(-1), "0")],
)
def test_seconds_are_whole_and_never_negative(value: Any, text: str) -> None:
    assert write_seconds(value) == text


@pytest.mark.parametrize(
    ("value", "kind"), [(-1, ValueError), (1.5, TypeError), ("5", TypeError), (True, TypeError)]
)
def test_what_is_no_number_of_seconds_is_refused(value: Any, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        write_seconds(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (30, "30"),
        ("30", "30"),
        (timedelta(seconds=30), "30"),
        (FIXED, FIXED),
        (datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC), FIXED),
    ],
)
def test_a_delay_is_seconds_or_a_date(value: Any, text: str) -> None:
    assert write_delay(value) == text


def test_a_delay_reads_as_a_moment_in_utc() -> None:
    before = datetime.now(UTC)
    moment = read_delay("30")
    assert moment is not None
    assert before + timedelta(seconds=30) <= moment <= datetime.now(UTC) + timedelta(seconds=30)
    assert read_delay(FIXED) == datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "soon", "-1", "1.5", "9" * 18, "9" * 5000, "\u0663"])
def test_a_delay_that_nobody_understands_is_none(text: str) -> None:
    assert read_delay(text) is None


@pytest.mark.parametrize(
    ("text", "number"), [("0", 0), ("007", 7), ("", None), ("+1", None), ("1 ", None), ("\u00b2", None)]
)
def test_a_number_is_digits_alone(text: str, number: int | None) -> None:
    assert read_whole(text) == number


@pytest.mark.parametrize("value", [("GET", "HEAD"), ["GET", "HEAD"], "GET,HEAD", " GET , HEAD ,,"])
def test_a_list_is_written_with_commas(value: Any) -> None:
    assert write_words(value) == "GET, HEAD"


@pytest.mark.parametrize("value", [("a b",), ("",), "a b", ("a,b",), ("a\r\nX: 1",), ("é",)])
def test_a_member_that_is_no_token_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="is not a token"):
        write_words(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("abc", '"abc"'),
        ('"abc"', '"abc"'),
        (("abc", True), '"abc"'),
        (("abc", False), 'W/"abc"'),
        (('"abc"', False), 'W/"abc"'),
        (EntityTag("abc", is_weak=True), 'W/"abc"'),
        ('W/"abc"', 'W/"abc"'),
        ("", '""'),
        ("a,b", '"a,b"'),
        ("W/abc", '"W/abc"'),
        ("é", '"é"'),
    ],
)
def test_a_tag_is_quoted_once(value: Any, text: str) -> None:
    assert write_tag(value) == text
    assert read_tag(text) == text.removeprefix("W/")[1:-1]


@pytest.mark.parametrize("value", ['a"b', "a b", "a\nb", "\u20ac", "a\x7f"])
def test_a_tag_with_what_no_tag_has_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="cannot be an entity tag"):
        write_tag(value)


@given(text=st.text())
def test_reading_never_raises(text: str) -> None:
    for read in (read_delay, read_whole, read_tag):
        read(text)
