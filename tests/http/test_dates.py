from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wadjet.http.dates import format_date, parse_date

RFC_MOMENT = datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)
#: 1 January 2026.
NOW = 1767225600.0


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Sun, 06 Nov 1994 08:49:37 GMT", id="IMF-fixdate"),
        pytest.param("Sunday, 06-Nov-94 08:49:37 GMT", id="RFC 850"),
        pytest.param("Sun Nov  6 08:49:37 1994", id="asctime"),
    ],
)
def test_the_three_forms_of_rfc_9110_are_read(text: str) -> None:
    assert parse_date(text) == RFC_MOMENT
    assert parse_date(text, now=NOW) == RFC_MOMENT


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "784111777",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 08:49:37 +0000",
        " Sun, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMT\n",
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "sun, 06 nov 1994 08:49:37 gmt",
        "Sun, 06 Nov 1994 08:49:61 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT",
        "Tue, 31 Feb 2023 00:00:00 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 0000 08:49:37 GMT",
        "Sun, ٠٦ Nov 1994 08:49:37 GMT",
        "Sun, 06-Nov-1994 08:49:37 GMT",
    ],
)
def test_what_is_no_http_date_is_none(text: str) -> None:
    assert parse_date(text) is None


def test_a_leap_second_is_the_second_before() -> None:
    assert parse_date("Sat, 31 Dec 2016 23:59:60 GMT") == datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("year", "now", "full"),
    [
        ("94", NOW, 1994),
        ("25", NOW, 2025),
        ("30", NOW, 2030),
        ("76", NOW, 2076),
        ("77", NOW, 1977),
        ("69", None, 2069),
        ("70", None, 1970),
    ],
)
def test_a_two_digit_year_is_at_most_fifty_years_ahead(year: str, now: float | None, full: int) -> None:
    parsed = parse_date(f"Sunday, 06-Nov-{year} 08:49:37 GMT", now=now)
    assert parsed is not None
    assert parsed.year == full


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
        (1900000000, "Sun, 17 Mar 2030 17:46:40 GMT"),
        (784111777.9, "Sun, 06 Nov 1994 08:49:37 GMT"),
        (-1, "Wed, 31 Dec 1969 23:59:59 GMT"),
        (RFC_MOMENT, "Sun, 06 Nov 1994 08:49:37 GMT"),
        (RFC_MOMENT.replace(tzinfo=None), "Sun, 06 Nov 1994 08:49:37 GMT"),
        (datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=5))), "Thu, 01 Jan 2026 07:00:00 GMT"),
    ],
    ids=["epoch", "CK-26", "fraction", "before the epoch", "aware", "naive", "zone"],
)
def test_a_moment_is_written_as_an_imf_fixdate(moment: float | datetime, text: str) -> None:
    assert format_date(moment) == text


@pytest.mark.parametrize(
    "moment",
    [
        float("nan"),
        float("inf"),
        1e20,
        10**400,
        -1e13,
        datetime.max.replace(tzinfo=timezone(timedelta(hours=-1))),
        datetime.min.replace(tzinfo=timezone(timedelta(hours=1))),
    ],
)
def test_a_moment_beyond_the_calendar_is_refused(moment: float | datetime) -> None:
    with pytest.raises(ValueError, match="no HTTP date"):
        format_date(moment)


@given(st.datetimes(timezones=st.just(UTC)))
def test_what_is_written_is_read_back(moment: datetime) -> None:
    assert parse_date(format_date(moment)) == moment.replace(microsecond=0)


@given(st.text())
def test_reading_never_raises(text: str) -> None:
    parse_date(text)
    parse_date(text, now=NOW)


@given(st.from_regex(r"\A[A-Z][a-z]{2,9},? [0-9A-Za-z :-]{10,24}( GMT)?\Z"))
def test_reading_never_raises_on_what_resembles_a_date(text: str) -> None:
    parse_date(text)
