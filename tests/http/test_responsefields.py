import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wadjet.http.authorization import Challenge
from wadjet.http.caching import CacheControl
from wadjet.http.exceptions import NotFound
from wadjet.http.ranges import ContentRange
from wadjet.http.response import FileResponse, Response, StreamingResponse
from wadjet.http.responsefields import ChallengeField, Field, ListField, ResponseFields

FIXED = "Sun, 06 Nov 1994 08:49:37 GMT"
MOMENT = datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)

#: Property, value, the field on the wire, what it reads as.
TABLE: list[tuple[str, Any, str, Any]] = [
    ("accept_ranges", "bytes", "bytes", "bytes"),
    ("age", 60, "60", 60),
    ("age", timedelta(minutes=1), "60", 60),
    ("allow", ("GET", "HEAD"), "GET, HEAD", ("GET", "HEAD")),
    ("allow", "GET,HEAD", "GET, HEAD", ("GET", "HEAD")),
    ("allow", (), "", ()),
    ("content_disposition", 'attachment; filename="a.txt"', 'attachment; filename="a.txt"', None),
    ("content_encoding", "gzip", "gzip", "gzip"),
    ("content_language", ("de", "en-GB"), "de, en-GB", ("de", "en-GB")),
    ("content_location", "/é", "/%C3%A9", "/%C3%A9"),
    ("content_md5", "Q2hlY2sgSW50ZWdyaXR5IQ==", "Q2hlY2sgSW50ZWdyaXR5IQ==", None),
    ("content_range", (0, 5, 10), "bytes 0-4/10", ContentRange(0, 5, 10)),
    ("content_range", (0, 5), "bytes 0-4/*", ContentRange(0, 5)),
    ("content_range", "bytes */10", "bytes */10", ContentRange(None, None, 10)),
    ("content_range", ContentRange(2, 3, 4), "bytes 2-2/4", ContentRange(2, 3, 4)),
    ("date", MOMENT, FIXED, MOMENT),
    ("etag", "abc", '"abc"', "abc"),
    ("etag", ("abc", False), 'W/"abc"', "abc"),
    ("expires", FIXED, FIXED, MOMENT),
    ("last_modified", 784111777, FIXED, MOMENT),
    ("last_modified", 784111777.5, FIXED, MOMENT),
    ("location", "/a b", "/a%20b", "/a%20b"),
    ("pragma", "no-cache", "no-cache", "no-cache"),
    ("retry_after", MOMENT, FIXED, MOMENT),
    ("server", "me/1", "me/1", "me/1"),
    ("vary", ("Accept", "Cookie"), "Accept, Cookie", ("Accept", "Cookie")),
    ("vary", "*", "*", ("*",)),
    ("www_authenticate", Challenge("Basic", realm="a"), 'Basic realm="a"', (Challenge("Basic", realm="a"),)),
    ("www_authenticate", ("Basic", {"realm": "a"}), 'Basic realm="a"', (Challenge("Basic", realm="a"),)),
    (
        "www_authenticate",
        [Challenge("Negotiate"), Challenge("Basic", realm="a")],
        'Negotiate, Basic realm="a"',
        (Challenge("Negotiate"), Challenge("Basic", realm="a")),
    ),
    ("www_authenticate", "Basic realm=a", 'Basic realm="a"', (Challenge("Basic", realm="a"),)),
    ("proxy_authenticate", "Negotiate", "Negotiate", (Challenge("Negotiate"),)),
]


@pytest.mark.parametrize(("name", "value", "field", "read"), TABLE)
def test_a_property_writes_its_field_and_reads_it(name: str, value: Any, field: str, read: Any) -> None:
    response = Response("x")
    setattr(response, name, value)
    assert response.headers.getall(name.replace("_", "-")) == [field]
    assert getattr(response, name) == (value if read is None else read)


@pytest.mark.parametrize(("name", "value", "field", "read"), TABLE)
def test_a_property_may_be_a_keyword(name: str, value: Any, field: str, read: Any) -> None:
    response = Response("x", **{name: value})
    assert response.headers.getall(name.replace("_", "-")) == [field]


@pytest.mark.parametrize("name", sorted({name for name, *_ in TABLE}))
def test_none_and_del_remove_the_field(name: str) -> None:
    value = next(value for known, value, *_ in TABLE if known == name)
    response = Response("x")
    empty = (
        ()
        if name in {"allow", "vary", "content_language", "www_authenticate", "proxy_authenticate"}
        else None
    )
    assert getattr(response, name) == empty
    for is_deleted in (False, True):
        setattr(response, name, value)
        delattr(response, name) if is_deleted else setattr(response, name, None)
        assert name.replace("_", "-") not in response.headers
        assert getattr(response, name) == empty


def test_the_table_is_whole() -> None:
    kinds = (Field, ListField, ChallengeField)
    fields = {name for name, value in vars(ResponseFields).items() if isinstance(value, kinds)}
    assert fields - {name for name, *_ in TABLE} == set()
    assert isinstance(Response.etag, Field)
    assert isinstance(Response.vary, ListField)
    assert isinstance(Response.www_authenticate, ChallengeField)
    assert "entity tag" in str(Response.etag.__doc__)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("age", "x"),
        ("age", "-1"),
        ("date", "yesterday"),
        ("expires", "0"),
        ("last_modified", ""),
        ("etag", "abc"),
        ("retry_after", "soon"),
        ("content_length", "abc"),
    ],
)
def test_what_nobody_understands_reads_as_none(name: str, text: str) -> None:
    response = Response("x", headers={name.replace("_", "-"): text})
    assert getattr(response, name) is None


def test_lists_are_read_from_all_their_fields_and_can_be_added_to() -> None:
    response = Response("x", headers=[("vary", "Accept"), ("vary", "Cookie")])
    response.vary.add("Origin")
    assert response.headers.getall("vary") == ["Accept, Cookie, Origin"]
    response.vary |= {"origin", "X-A"}
    assert response.vary == ("Accept", "Cookie", "Origin", "X-A")
    response.allow = ("GET",)
    response.allow.add("get")
    assert response.allow == ["GET", "get"]
    response.vary = ()
    assert "vary" not in response.headers


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("content_disposition", "a\r\nX-Evil: 1"),
        ("content_encoding", "a\nb"),
        ("content_language", ("a\rb",)),
        ("content_location", "/\r\nX: 1"),
        ("content_location", "javascript:alert(1)"),
        ("server", "a\x00"),
        ("etag", 'a"b'),
        ("vary", ("a\nb",)),
        ("age", -1),
        ("content_range", (5, 2, 10)),
        ("content_range", "bytes x"),
    ],
)
def test_what_cannot_be_sent_is_refused(name: str, value: Any) -> None:
    response = Response("x")
    with pytest.raises(ValueError):
        setattr(response, name, value)
    assert name.replace("_", "-") not in response.headers


def test_a_weak_tag_has_no_strong_form() -> None:
    response = Response("x", etag="abc")
    assert response.etag_strong == "abc"
    response.etag = "abc", False
    assert response.etag == "abc"
    assert not response.etag_strong
    del response.etag
    assert response.etag_strong is None


# -- caching ----------------------------------------------------------------------------------------------------------------


def test_cache_control_is_a_live_view() -> None:
    response = Response("x", cache_control={"max_age": 60, "public": True})
    response.cache_control.no_cache = True
    assert response.headers["cache-control"] == "max-age=60, public, no-cache"
    response.cache_control.no_cache = False
    response.cache_control = "private"
    assert response.cache_control.private is True
    response.cache_control = CacheControl(immutable=True)
    assert response.headers["cache-control"] == "immutable"
    for is_deleted in (False, True):
        response.cache_control = "private"
        if is_deleted:
            del response.cache_control
        else:
            response.cache_control = None
        assert "cache-control" not in response.headers


@pytest.mark.parametrize("seconds", [0, True, False, timedelta(-5)])
def test_nothing_is_kept(seconds: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 784111777)
    response = Response("x", cache_control="public")
    response.cache_expires(seconds)
    assert response.headers["cache-control"] == "max-age=0, must-revalidate, no-cache, no-store"
    assert (response.headers["expires"], response.headers["last-modified"]) == (FIXED, FIXED)
    assert response.headers["pragma"] == "no-cache"


def test_a_response_may_be_kept_for_so_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 784111777 - 10)
    response = Response("x", cache_expires=0, last_modified=1)
    assert response.headers["last-modified"] == "Thu, 01 Jan 1970 00:00:01 GMT"
    response.cache_expires(10, public=True)
    assert response.headers["cache-control"] == "max-age=10, public"
    assert response.headers["expires"] == FIXED
    assert "pragma" not in response.headers
    response.cache_expires = timedelta(seconds=10)
    assert (response.headers["cache-control"], response.headers["expires"]) == ("max-age=10", FIXED)
    response.cache_expires(None, private=True)
    assert response.headers["cache-control"] == "max-age=10, private"


@pytest.mark.parametrize(("seconds", "kind"), [(-5, ValueError), (1.5, TypeError), ("5", TypeError)])
def test_what_is_no_time_is_refused(seconds: Any, kind: type[Exception]) -> None:
    response = Response("x")
    with pytest.raises(kind):
        response.cache_expires(seconds)
    assert "cache-control" not in response.headers


@pytest.mark.parametrize(
    "make",
    [lambda **k: StreamingResponse([], **k), lambda **k: NotFound(**k), lambda **k: FileResponse("x", **k)],
)
def test_every_kind_takes_the_properties(make: Any) -> None:
    response = make(etag="abc", vary=("Accept",), conditional_response=True)
    assert (response.headers["etag"], response.headers["vary"]) == ('"abc"', "Accept")


@given(text=st.text(st.characters(max_codepoint=255, exclude_categories=["Cc"])))
def test_reading_never_raises(text: str) -> None:
    for name in {name for name, *_ in TABLE}:
        getattr(Response("x", headers={name.replace("_", "-"): text}), name)
