"""The parsed header fields of WebOb, row by row: what a field means as a value, and where ours means something else."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from wadjet.http.authorization import parse_authorization
from wadjet.http.caching import CacheControl, RequestCacheControl
from wadjet.http.conditional import parse_if_match, parse_if_none_match, parse_if_range
from wadjet.http.dates import format_date, parse_date
from wadjet.http.languages import AcceptLanguage
from wadjet.http.negotiation import Accept, AcceptCharset, AcceptEncoding, Preferences
from wadjet.http.ranges import ContentRange, Range, parse_content_range, parse_range

MOMENT = datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)


@pytest.mark.parametrize(
    ("field", "moment"),
    [
        ("Sun, 06 Nov 1994 08:49:37 GMT", MOMENT),
        ("Sunday, 06-Nov-94 08:49:37 GMT", MOMENT),
        ("Sun Nov  6 08:49:37 1994", MOMENT),
        ("garbage", None),
        # RFC 9110 §5.6.7 knows no numeric zones; WebOb reads them.
        ("Sun, 06 Nov 1994 08:49:37 +0000", None),
    ],
)
def test_dates(field: str, moment: datetime | None) -> None:
    assert parse_date(field) == moment


def test_an_aware_date_is_written_in_gmt() -> None:
    """14.2.11: WebOb drops the zone."""
    noon = datetime.fromisoformat("2026-01-01T12:00:00+05:00")
    assert format_date(noon) == "Thu, 01 Jan 2026 07:00:00 GMT"


@pytest.mark.parametrize(
    ("field", "has_a", "is_sent"),
    [
        (None, True, False),
        ("*", True, True),
        ('"a"', True, True),
        ('W/"a"', False, True),
        ('"b"', False, True),
    ],
)
def test_if_match(field: str | None, has_a: bool, is_sent: bool) -> None:
    tags = parse_if_match(field)
    assert ("a" in tags) is has_a
    assert bool(tags) is is_sent


@pytest.mark.parametrize(
    ("field", "has_a", "is_sent"),
    [
        (None, False, False),
        # 14.2.10: WebOb's object for any tag is false, so that it is passed over.
        ("*", True, True),
        ('"a"', True, True),
        ('W/"a"', True, True),
        ('"b"', False, True),
    ],
)
def test_if_none_match(field: str | None, has_a: bool, is_sent: bool) -> None:
    tags = parse_if_none_match(field)
    assert ("a" in tags) is has_a
    assert bool(tags) is is_sent


@pytest.mark.parametrize(
    ("field", "matches"),
    [
        (None, True),
        ('"a"', True),
        ('W/"a"', False),
        ('"b"', False),
        ("Sun, 06 Nov 1994 08:49:37 GMT", True),
        # WebOb compares with <=; RFC 9110 §13.1.5 wants the very same date.
        ("Sun, 06 Nov 1994 08:49:38 GMT", False),
        ("Sun, 06 Nov 1994 08:49:36 GMT", False),
    ],
)
def test_if_range(field: str | None, matches: bool) -> None:
    current = parse_if_none_match('"a"').tags[0]
    assert parse_if_range(field).matches(current, MOMENT) is matches


@pytest.mark.parametrize(
    ("field", "pair"),
    [
        ("bytes=0-4", (0, 5)),
        ("bytes=5-", (5, None)),
        ("bytes=-3", (-3, None)),
        ("BYTES=0-4", (0, 5)),
        ("bytes=4-2", None),
        ("items=0-1", None),
        ("bytes=abc", None),
        # 14.2.5: WebOb raises.
        ("bytes=-", None),
    ],
)
def test_range(field: str, pair: tuple[int, int | None] | None) -> None:
    parsed = parse_range(field)
    assert (None if parsed is None else tuple(parsed)) == pair


@pytest.mark.parametrize(
    ("field", "ranges"),
    [
        ("bytes=0-3", [(0, 4)]),
        ("bytes=5-", [(5, 10)]),
        ("bytes=-2", [(8, 10)]),
        ("bytes=-3", [(7, 10)]),
        ("bytes=5-100", [(5, 10)]),
        ("bytes=20-30", []),
        ("bytes=10-", []),
        # 14.2.10: WebOb has nothing for a long suffix, all for an empty one, and the first of several.
        ("bytes=-100", [(0, 10)]),
        ("bytes=-0", []),
        ("bytes=0-1,4-5", [(0, 2), (4, 6)]),
        ("bytes=0-4,6-8", [(0, 5), (6, 9)]),
    ],
)
def test_ranges_of_ten_bytes(field: str, ranges: list[tuple[int, int]]) -> None:
    parsed = parse_range(field)
    assert parsed is not None
    assert parsed.ranges_of(10) == ranges


@pytest.mark.parametrize(
    ("value", "field"),
    [
        (ContentRange(0, 5, 10), "bytes 0-4/10"),
        (ContentRange(None, None, 10), "bytes */10"),
        (ContentRange(0, 5, None), "bytes 0-4/*"),
    ],
)
def test_content_range(value: ContentRange, field: str) -> None:
    assert str(value) == field
    assert parse_content_range(field) == value
    assert len(list(value)) == 3
    assert parse_content_range("nonsense") is None
    assert Range(0, 5).content_range(10) == ContentRange(0, 5, 10)


@pytest.mark.parametrize(
    ("field", "scheme", "parameters"),
    [
        ("Basic dTpw", "Basic", "dTpw"),
        ("Bearer tok", "Bearer", "tok"),
        ('Digest username="u", nc=1', "Digest", {"username": "u", "nc": "1"}),
        ('Basic realm="x"', "Basic", {"realm": "x"}),
        ("X a=b", "X", {"a": "b"}),
    ],
)
def test_authorization(field: str, scheme: str, parameters: str | dict[str, str]) -> None:
    authorization = parse_authorization(field)
    assert authorization is not None
    assert tuple(authorization) == (scheme, parameters)


@pytest.mark.parametrize(
    ("field", "name", "value"),
    [
        # WebOb's "*" for a directive without argument is True.
        ("max-stale", "max_stale", True),
        ("max-stale=5", "max_stale", 5),
        ("min-fresh=5", "min_fresh", 5),
        ("only-if-cached", "only_if_cached", True),
        ("no-cache", "no_cache", True),
        ("no-store", "no_store", True),
        ("no-transform", "no_transform", True),
        ("max-age=5", "max_age", 5),
        # WebOb gives -1, and the text 'abc'.
        ("max-age", "max_age", 0),
        ("max-age=abc", "max_age", 0),
    ],
)
def test_cache_control_of_a_request(field: str, name: str, value: object) -> None:
    assert getattr(RequestCacheControl.parse(field), name) == value


@pytest.mark.parametrize(
    ("name", "value", "field"),
    [
        ("public", True, "public"),
        ("private", True, "private"),
        ("private", "Set-Cookie", 'private="Set-Cookie"'),
        ("no_cache", "*", "no-cache"),
        ("no_cache", ("A", "B"), 'no-cache="A, B"'),
        # 14.2.12: WebOb writes no-cache=False.
        ("no_cache", False, ""),
        ("must_revalidate", True, "must-revalidate"),
        ("proxy_revalidate", True, "proxy-revalidate"),
        ("s_maxage", 5, "s-maxage=5"),
        ("stale_while_revalidate", 5, "stale-while-revalidate=5"),
        ("stale_if_error", 5, "stale-if-error=5"),
        # 14.2.19: WebOb has neither.
        ("immutable", True, "immutable"),
        ("must_understand", True, "must-understand"),
    ],
)
def test_cache_control_of_a_response(name: str, value: Any, field: str) -> None:
    control = CacheControl()
    setattr(control, name, value)
    assert str(control) == field


def test_a_directive_has_its_direction() -> None:
    assert not hasattr(RequestCacheControl(), "public")
    assert not hasattr(CacheControl(), "max_stale")
    with pytest.raises(AttributeError):
        setattr(RequestCacheControl(), "public", True)


def test_unknown_directives_are_kept_and_quoted() -> None:
    control = CacheControl.parse('x="a b", y=1')
    assert dict(control) == {"x": "a b", "y": "1"}
    assert str(control.copy()) == 'x="a b", y=1'


MEASURED = ["text/html", "application/json", "text/plain", "image/png", "bad"]


@pytest.mark.parametrize(
    ("field", "offers", "accepted"),
    [
        (
            "text/html;q=0.5, application/json, text/*;q=0.1, */*;q=0.01",
            MEASURED,
            [("application/json", 1.0), ("text/html", 0.5), ("text/plain", 0.1), ("image/png", 0.01)],
        ),
        (
            "text/html;level=1, text/html;q=0.3",
            ["text/html;level=1", "text/html", "text/html;level=2"],
            [("text/html;level=1", 1.0), ("text/html", 0.3), ("text/html;level=2", 0.3)],
        ),
        ("text/html;q=0, */*", ["text/html", "a/b"], [("a/b", 1.0)]),
        ("text/html;q=0.2, text/html;q=0.8", ["text/html"], [("text/html", 0.2)]),
        # Missing or malformed: every offer that is a media type, alike. Empty: none.
        (None, MEASURED, [(offer, 1.0) for offer in MEASURED[:-1]]),
        ("*;q=0.2, text/html", MEASURED, [(offer, 1.0) for offer in MEASURED[:-1]]),
        ("", MEASURED, []),
    ],
)
def test_accept(field: str | None, offers: list[str], accepted: list[tuple[str, float]]) -> None:
    accept = Accept(field)
    assert accept.acceptable_offers(offers) == accepted
    # 14.2.18: the natural spelling says the same, and does not warn.
    assert {offer for offer in offers if offer in accept} == {offer for offer, _ in accepted}
    assert accept.best_of(offers) == (accepted[0][0] if accepted else None)


@pytest.mark.parametrize(
    ("field", "offers", "accepted"),
    [
        ("gzip", ["identity"], ["identity"]),
        ("gzip, identity;q=0", ["gzip", "identity"], ["gzip"]),
        ("gzip, *;q=0", ["gzip", "identity", "br"], ["gzip"]),
        ("gzip, *;q=0, identity;q=0.1", ["gzip", "identity", "br"], ["gzip", "identity"]),
        ("", ["gzip", "identity"], ["identity"]),
        (None, ["gzip", "identity"], ["gzip", "identity"]),
    ],
)
def test_accept_encoding(field: str | None, offers: list[str], accepted: list[str]) -> None:
    assert [offer for offer, _ in AcceptEncoding(field).acceptable_offers(offers)] == accepted


def test_accept_charset() -> None:
    charset = AcceptCharset("utf-8;q=0.5, *;q=0.1")
    assert charset.acceptable_offers(["latin-1", "UTF-8"]) == [("UTF-8", 0.5), ("latin-1", 0.1)]


def test_accept_language() -> None:
    language = AcceptLanguage("da, en-GB;q=0.8, en;q=0.7")
    assert language.basic_filtering(["en", "en-gb", "da-DK", "fr"]) == [
        ("da-DK", 1.0),
        ("en-gb", 0.8),
        ("en", 0.7),
    ]
    assert language.lookup(["en-US", "en"], default_tag="fr") == "en"
    assert AcceptLanguage(None).basic_filtering(["en"]) == []
    assert AcceptLanguage(None).lookup(["en"], default="de") == "de"
    assert AcceptLanguage(None).lookup(["en"], default=lambda: "de") == "de"
    # WebOb raises a TypeError when nothing is left to return.
    assert AcceptLanguage("de").lookup(["en"]) is None


@pytest.mark.parametrize("kind", [Accept, AcceptCharset, AcceptEncoding, AcceptLanguage])
def test_the_four_have_their_members_in_common(kind: type[Preferences]) -> None:
    text = "a/b" if kind is Accept else "aa"
    valid, absent, malformed = kind(text), kind(None), kind("a/b;q=7")
    assert (bool(valid), bool(absent), bool(malformed)) == (True, False, False)
    assert (str(valid), str(absent)) == (text, "")
    assert valid.members == ((text, 1.0),)
    assert str(valid + {text: 0.5}) == f"{text}, {text};q=0.5"
    assert str([text] + valid) == f"{text}, {text}"
    assert valid + malformed == valid
