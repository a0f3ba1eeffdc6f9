"""Every request field is an attribute: what is read of each, what is written, and when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.http.scopes import scope
from wadjet import Request
from wadjet.http.authorization import Authorization
from wadjet.http.conditional import EntityTag, evaluate
from wadjet.http.ranges import Range
from wadjet.http.requestfields import Field, Fielded

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
NOON_TEXT = "Sat, 21 Nov 2026 12:00:00 GMT"

FIELDS = {name: found for name, found in vars(Fielded).items() if isinstance(found, Field)}


def received(*fields: tuple[str, str]) -> Request:
    raw = [(name.encode(), value.encode("latin-1")) for name, value in fields]
    return Request({**scope(), "headers": raw})


#: Attribute, the field as it is sent, what is read.
READ: list[tuple[str, str, Any]] = [
    ("access_control_request_headers", "X-A, x-b", ("x-a", "x-b")),
    ("access_control_request_method", "PUT", "PUT"),
    ("content_encoding", "GZIP, br", ("gzip", "br")),
    ("content_language", "de, en", ("de", "en")),
    ("content_location", "/x", "/x"),
    ("date", NOON_TEXT, NOON),
    ("date", "Saturday, 21-Nov-26 12:00:00 GMT", NOON),
    ("date", "Sat Nov 21 12:00:00 2026", NOON),
    ("date", "tomorrow", None),
    ("expect", "100-Continue", "100-continue"),
    ("from_", "me@example.org", "me@example.org"),
    ("if_modified_since", NOON_TEXT, NOON),
    ("if_modified_since", "nonsense", None),
    ("if_unmodified_since", NOON_TEXT, NOON),
    ("max_forwards", "10", 10),
    ("max_forwards", "many", None),
    ("max_forwards", "-1", None),
    ("max_forwards", "1_0", None),
    ("max_forwards", "\u00b2", None),
    ("max_forwards", "9" * 5000, None),
    ("origin", "https://own.test", "https://own.test"),
    ("pragma", "no-cache", "no-cache"),
    ("range", "bytes=0-4", Range(0, 5)),
    ("range", "bytes=-", None),
    ("range", "items=0-1", None),
    ("referer", "/x", "/x"),
    ("sec_fetch_site", "Same-Origin", "same-origin"),
    ("te", "trailers, deflate;q=0.5", ("trailers", "deflate;q=0.5")),
    ("upgrade", "websocket", ("websocket",)),
    ("user_agent", "me/1.0", "me/1.0"),
    ("via", "1.1 a, 1.1 b", ("1.1 a", "1.1 b")),
    ("authorization", "Basic dTpw", Authorization("Basic", "dTpw")),
    ("authorization", "Bearer tok", Authorization("Bearer", "tok")),
    ("authorization", 'Digest username="u"', Authorization("Digest", username="u")),
    ("authorization", "", None),
    ("proxy_authorization", "Basic dTpw", Authorization("Basic", "dTpw")),
]


@pytest.mark.parametrize(("attribute", "text", "value"), READ)
def test_a_field_is_read(attribute: str, text: str, value: Any) -> None:
    name = FIELDS[attribute].name.decode()
    assert getattr(received((name, text)), attribute) == value


#: What an absent field is.
ABSENT: dict[str, Any] = {
    "access_control_request_headers": (),
    "content_encoding": (),
    "content_language": (),
    "te": (),
    "upgrade": (),
    "via": (),
}


@pytest.mark.parametrize("attribute", sorted(FIELDS))
def test_an_absent_field_is_nothing(attribute: str) -> None:
    found = getattr(received(), attribute)
    if attribute in {"accept", "accept_charset", "accept_encoding", "accept_language"}:
        assert not found
        assert found.best_of(["a/b"]) == "a/b"
    elif attribute in {"if_match", "if_none_match", "if_range"}:
        assert not found
    else:
        assert found == ABSENT.get(attribute)


def test_tags_are_matched_as_their_field_demands() -> None:
    """WebOb drops weak tags of If-Match, and `If-None-Match: *` is false."""
    request = received(("if-match", 'W/"a", "b"'), ("if-none-match", 'W/"a"'))
    assert ("a" in request.if_match, "b" in request.if_match) == (False, True)
    assert not request.if_match.strong(EntityTag("a", is_weak=True))
    assert EntityTag("a") in request.if_none_match
    assert "anything" in received(("if-none-match", "*")).if_none_match
    assert received(("if-none-match", "*")).if_none_match


def test_lines_of_a_field_are_one_text() -> None:
    request = received(
        ("if-none-match", '"a"'), ("if-none-match", '"b"'), ("user-agent", "one"), ("user-agent", "two")
    )
    assert [tag.value for tag in request.if_none_match] == ["a", "b"]
    assert request.user_agent == "one, two"


@pytest.mark.parametrize(
    ("name", "first", "second"),
    [
        ("if-modified-since", "Fri, 20 Nov 2026 12:00:00 GMT", "Sat, 21 Nov 2026 12:00:00 GMT"),
        ("if-unmodified-since", "Fri, 20 Nov 2026 12:00:00 GMT", "Sat, 21 Nov 2026 12:00:00 GMT"),
        ("range", "bytes=0-1", "bytes=2-3"),
        ("authorization", "Basic YTpi", "Bearer t"),
        ("max-forwards", "1", "2"),
    ],
)
def test_two_lines_of_a_field_that_has_one_value_are_nonsense(name: str, first: str, second: str) -> None:
    """RFC 9110 §13.1.3 says so of dates. The server answers by the same reading."""
    request = received((name, first), (name, second))
    assert not getattr(request, name.replace("-", "_"))
    verdict = evaluate(
        "GET", request.headers, etag=EntityTag("b"), last_modified=datetime(2026, 11, 21, 12, tzinfo=UTC)
    )
    assert (verdict.status, verdict.range) == (None, None)


def test_what_the_client_accepts_can_be_asked() -> None:
    request = received(
        ("accept", "text/html;q=0.5, application/json"),
        ("accept-language", "da, en-GB;q=0.8"),
        ("accept-encoding", "gzip;q=0.5, br"),
        ("accept-charset", "utf-8"),
    )
    assert request.accept.best_of(["text/html", "application/json"]) == "application/json"
    assert request.accept_language.best_of(["en-GB", "da"]) == "da"
    assert request.accept_encoding.best_of(["gzip", "br"]) == "br"
    assert "utf-8" in request.accept_charset


#: Attribute, what is given, the field as it is sent then.
WRITTEN: list[tuple[str, Any, str]] = [
    ("if_modified_since", NOON, NOON_TEXT),
    ("if_modified_since", NOON.astimezone(timezone(timedelta(hours=5))), NOON_TEXT),
    ("if_modified_since", date(2026, 11, 21), "Sat, 21 Nov 2026 00:00:00 GMT"),
    ("if_modified_since", NOON.timestamp(), NOON_TEXT),
    ("if_modified_since", NOON_TEXT, NOON_TEXT),
    ("date", int(NOON.timestamp()), NOON_TEXT),
    ("if_none_match", "a", '"a"'),
    ("if_none_match", '"a", W/"b"', '"a", W/"b"'),
    ("if_none_match", "*", "*"),
    ("if_match", [EntityTag("a"), "b"], '"a", "b"'),
    ("if_match", EntityTag("a", is_weak=True), 'W/"a"'),
    ("if_range", "a", '"a"'),
    ("if_range", NOON, NOON_TEXT),
    ("if_range", NOON_TEXT, NOON_TEXT),
    ("range", (0, 5), "bytes=0-4"),
    ("range", (5, None), "bytes=5-"),
    ("range", "bytes=-3", "bytes=-3"),
    ("range", Range(0, 5), "bytes=0-4"),
    ("accept", "text/html", "text/html"),
    ("accept", ["text/html", "a/b"], "text/html, a/b"),
    ("accept", {"text/html": 0.5, "a/b": 1}, "text/html;q=0.5, a/b"),
    ("accept_language", {"en": 1, "da": 0.25}, "en, da;q=0.25"),
    ("authorization", ("Basic", "dTpw"), "Basic dTpw"),
    ("authorization", ("Digest", {"username": "u"}), 'Digest username="u"'),
    ("authorization", Authorization("Bearer", "t"), "Bearer t"),
    ("authorization", "Bearer t", "Bearer t"),
    ("max_forwards", 3, "3"),
    ("via", ("1.1 a", "1.1 b"), "1.1 a, 1.1 b"),
    ("te", "trailers", "trailers"),
    ("user_agent", "me", "me"),
]


@pytest.mark.parametrize(("attribute", "value", "text"), WRITTEN)
def test_a_field_of_a_request_of_our_own_making_is_written(attribute: str, value: Any, text: str) -> None:
    request = Request.blank("/", **{attribute: value})
    name = FIELDS[attribute].name.decode()
    assert request.headers[name] == text
    setattr(request, attribute, None)
    assert name not in request.headers
    setattr(request, attribute, value)
    delattr(request, attribute)
    assert name not in request.headers


def test_a_moment_from_now_is_one() -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    request = Request.blank("/", if_modified_since=timedelta(hours=1))
    assert request.if_modified_since is not None
    assert before + timedelta(hours=1) <= request.if_modified_since <= datetime.now(UTC) + timedelta(hours=1)


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("user_agent", "a\r\nx: y"),
        ("if_none_match", 'a"b" c'),
        ("max_forwards", -1),
        ("content_length", -1),
        ("if_modified_since", "tomorrow"),
        ("host", "a b"),
        ("host", "a\r\nx: y"),
        ("method", "GET /x"),
        ("scheme", "ftp"),
        ("cookies", {"a": "b;c"}),
        ("cookies", {"a b": "c"}),
        ("content_type", "a/b\r\nx: y"),
    ],
)
def test_what_no_field_can_say_is_refused(attribute: str, value: Any) -> None:
    with pytest.raises(ValueError):
        setattr(Request.blank("/", content_type="a/b; c=d"), attribute, value)


# -- received requests ------------------------------------------------------------------------------------------------------

READ_ONLY = [
    *FIELDS,
    *("method", "path_info", "script_name", "query_string", "host", "scheme", "remote_addr"),
    *("body", "body_bytes", "body_file", "text_body", "json_body", "charset", "cookies"),
    *("content_type", "content_length", "cache_control"),
]


@pytest.mark.parametrize("attribute", READ_ONLY)
def test_a_received_request_cannot_be_changed_and_says_what_to_do(attribute: str) -> None:
    values = {"charset": "latin-1", "scheme": "https", "body_file": __import__("io").BytesIO(), "cookies": {}}
    value = values.get(attribute, b"x" if attribute.startswith("body") else "x")
    with pytest.raises(
        AttributeError, match=rf"request.{attribute} cannot be set: .*`mine = request.copy\(\)"
    ):
        setattr(
            received(), attribute, None if attribute in FIELDS or attribute == "content_length" else value
        )


def test_segments_of_a_received_request_are_only_peeked_at() -> None:
    request = Request(scope("/a/b"))
    assert request.path_info_peek() == "a"
    with pytest.raises(AttributeError, match="request.path_info cannot be set"):
        request.path_info_pop()


def test_cache_control_of_a_received_request_is_read_and_not_written() -> None:
    request = received(("cache-control", "no-cache"), ("cache-control", "max-age=5"))
    assert (request.cache_control.no_cache, request.cache_control.max_age) == (True, 5)
    assert request.cache_control is request.cache_control
    with pytest.raises(AttributeError, match="cannot be set"):
        request.cache_control.max_age = 6


def test_cache_control_of_a_request_of_our_own_making_is_kept_in_its_field() -> None:
    request = Request.blank("/", cache_control="no-cache")
    request.cache_control.max_age = 5
    assert request.headers["cache-control"] == "no-cache, max-age=5"
    request.cache_control = {"no_store": True}
    assert request.headers["cache-control"] == "no-store"
    request.cache_control.no_store = False
    assert "cache-control" not in request.headers


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda cookies: cookies.update({"c": "3"}), "a=1; b=2; c=3"),
        (lambda cookies: cookies.pop("a"), "b=2"),
        (lambda cookies: cookies.setdefault("c", "3"), "a=1; b=2; c=3"),
        (lambda cookies: cookies.popitem(), "b=2"),
        (lambda cookies: cookies.clear(), None),
        (lambda cookies: cookies.__delitem__("b"), "a=1"),
        (lambda cookies: cookies.__ior__({"c": "x y"}), 'a=1; b=2; c="x y"'),
    ],
)
def test_cookies_of_a_request_of_our_own_making_are_kept_in_their_field(
    change: Callable[[dict[str, str]], object], field: str | None
) -> None:
    request = Request.blank("/", headers={"cookie": "a=1; b=2"})
    change(request.cookies)
    assert request.headers.get("cookie") == field


# -- when -------------------------------------------------------------------------------------------------------------------


def test_a_field_is_parsed_when_it_is_asked_for_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[bytes] = []
    read = Field.read

    def counting(field: Any, request: Any) -> Any:
        parsed.append(field.name)
        return read(field, request)

    monkeypatch.setattr(Field, "read", counting)
    request = received(("accept", "a/b"), ("if-none-match", '"a"'), ("range", "bytes=0-1"))
    assert parsed == []
    for _ in range(3):
        assert request.accept
        assert request.if_none_match
        assert request.date is None
    assert parsed == [b"accept", b"if-none-match", b"date"]


# -- whatever arrives -------------------------------------------------------------------------------------------------------


@settings(max_examples=60)
@given(
    st.lists(st.binary(max_size=40).map(lambda raw: raw.replace(b"\n", b"").replace(b"\r", b"")), max_size=3)
)
def test_reading_raises_nothing_whatever_is_sent(values: list[bytes]) -> None:
    for attribute, field in FIELDS.items():
        request = Request({**scope(), "headers": [(field.name, value) for value in values]})
        getattr(request, attribute)
    request = Request({**scope(), "headers": [(b"content-type", value) for value in values]})
    assert isinstance(request.charset, str)
    assert isinstance(request.content_type, str)
