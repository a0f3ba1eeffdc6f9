"""The response of WebOb, table by table: what ours does as it does, and where it does better (marked so)."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from wadjet.http.ranges import ContentRange
from wadjet.http.response import Response

FIXED = "Sun, 06 Nov 1994 08:49:37 GMT"
TEXT = "text/plain; charset=utf-8"

#: The constructor: arguments; status, content type and body of what they make.
CONSTRUCTOR: list[tuple[dict[str, Any], str, str | None, bytes]] = [
    # Better: nothing is said of content that is not there. WebOb says text/html.
    ({}, "200 OK", None, b""),
    ({"body": "hello world!", "content_type": "text/plain"}, "200 OK", TEXT, b"hello world!"),
    ({"content": "é", "charset": "latin1"}, "200 OK", "text/plain; charset=latin1", b"\xe9"),
    # Better: text under any type is UTF-8. WebOb raises a TypeError without a charset.
    ({"content": "x", "content_type": "image/png"}, "200 OK", "image/png", b"x"),
    ({"content": "x", "content_type": "application/json"}, "200 OK", "application/json", b"x"),
    ({"content": "x", "content_type": "image/svg+xml"}, "200 OK", "image/svg+xml; charset=utf-8", b"x"),
    ({"content": "x", "content_type": "application/xml"}, "200 OK", "application/xml; charset=utf-8", b"x"),
    (
        {"content": "x", "content_type": "application/rss+xml"},
        "200 OK",
        "application/rss+xml; charset=utf-8",
        b"x",
    ),
    ({"content": "x", "content_type": "text/css"}, "200 OK", "text/css; charset=utf-8", b"x"),
    ({"json_body": {"a": 1}}, "200 OK", "application/json", b'{"a":1}'),
    ({"json": {"a": 1}}, "200 OK", "application/json", b'{"a":1}'),
    (
        {"json": {"a": 1}, "content_type": "application/vnd.x+json"},
        "200 OK",
        "application/vnd.x+json",
        b'{"a":1}',
    ),
    ({"status": 404}, "404 Not Found", None, b""),
    ({"status": "404"}, "404 Not Found", None, b""),
    ({"status": b"404 x"}, "404 Not Found", None, b""),
    # Otherwise: a reason is the standard's; HTTP/2 and ASGI have none.
    ({"status": "404 Nope"}, "404 Not Found", None, b""),
    ({"status": 299}, "299 Success", None, b""),
    ({"status": 599}, "599 Server Error", None, b""),
    ({"headers": {"X-A": "1"}, "body": b"x"}, "200 OK", "application/octet-stream", b"x"),
    (
        {"content": "x", "content_type": "application/json", "charset": "UTF-8"},
        "200 OK",
        "application/json; charset=utf-8",
        b"x",
    ),
    ({"json": {"a": 1}, "status": 201}, "201 Created", "application/json", b'{"a":1}'),
    # Otherwise: a list of fields without a type leaves the type to the content.
    ({"headerlist": [("X-A", "1")], "body": b"x"}, "200 OK", "application/octet-stream", b"x"),
    ({"app_iter": [b"a", b"b"], "content_type": "text/plain"}, "200 OK", TEXT, b"ab"),
    # Better: fields that are given do not take the content type away.
    ({"content": "x", "headers": {"X-A": "1"}}, "200 OK", TEXT, b"x"),
]


@pytest.mark.parametrize(("arguments", "status", "kind", "body"), CONSTRUCTOR)
def test_6_1_the_constructor(arguments: dict[str, Any], status: str, kind: str | None, body: bytes) -> None:
    response = Response(**arguments)
    assert (response.status, response.headers.get("content-type"), response.body) == (status, kind, body)


@pytest.mark.parametrize("status", [204, 205, 304])
def test_6_1_some_statuses_have_no_content_also_when_it_is_set_later(status: int) -> None:
    for response in (Response("text", status), Response("text")):
        response.status_code = status
        assert response.parts() == (status, [], b"")


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        ({"status": 700}, ValueError),  # WebOb: KeyError
        ({"status": 4.5}, ValueError),  # WebOb: KeyError
        ({"status": "Nope"}, ValueError),
        ({"app_iter": [], "body": b"x"}, TypeError),
        ({"bogus": 1}, TypeError),
        ({"body": 5}, TypeError),
    ],
)
def test_6_1_what_the_constructor_refuses(arguments: dict[str, Any], kind: type[Exception]) -> None:
    with pytest.raises(kind):
        Response(**arguments)


#: Property, what is set, what it reads as, what stands in the field; None where it is no field.
PROPERTIES: list[tuple[str, Any, Any, str | None]] = [
    ("status", 201, "201 Created", None),
    ("status_int", 201, 201, None),
    ("status_code", 201, 201, None),
    ("body", b"x", b"x", None),
    ("text", "é", "é", None),
    ("unicode_body", "é", "é", None),
    ("ubody", "é", "é", None),
    ("json", {"a": 1}, {"a": 1}, None),
    ("json_body", {"a": 1}, {"a": 1}, None),
    ("content_type", "text/html", "text/html", "text/html; charset=utf-8"),
    ("charset", "latin1", "latin1", None),
    ("content_length", 5, 5, "5"),
    ("age", 5, 5, "5"),
    ("date", FIXED, datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC), FIXED),
    ("expires", 784111777, datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC), FIXED),
    ("last_modified", 784111777.9, datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC), FIXED),
    (
        "retry_after",
        datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC),
        datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC),
        FIXED,
    ),
    ("etag", "a", "a", '"a"'),
    ("etag", ("a", False), "a", 'W/"a"'),
    ("etag", '"a"', "a", '"a"'),
    ("allow", ("GET", "HEAD"), ("GET", "HEAD"), "GET, HEAD"),
    ("vary", ["Accept"], ("Accept",), "Accept"),
    ("content_language", ("de", "en"), ("de", "en"), "de, en"),
    ("content_encoding", "gzip", "gzip", "gzip"),
    ("content_location", "/a", "/a", "/a"),
    ("content_md5", "x", "x", "x"),
    ("content_disposition", "inline", "inline", "inline"),
    ("accept_ranges", "bytes", "bytes", "bytes"),
    ("location", "/a", "/a", "/a"),
    ("pragma", "no-cache", "no-cache", "no-cache"),
    ("server", "me", "me", "me"),
    ("conditional_response", True, True, None),
]


@pytest.mark.parametrize(("name", "value", "read", "field"), PROPERTIES)
def test_6_2_properties(name: str, value: Any, read: Any, field: str | None) -> None:
    response = Response("text")
    setattr(response, name, value)
    found = getattr(response, name)
    assert found == read
    if field is not None:
        assert response.headers[name.replace("_", "-")] == field


def test_6_2_compound_values() -> None:
    response = Response("0123456789", content_range=(0, 5, 10), www_authenticate=("Basic", {"realm": "a"}))
    assert response.content_range is not None
    assert tuple(response.content_range) == (0, 5, 10)
    [(scheme, parameters)] = response.www_authenticate
    assert (scheme, parameters) == ("Basic", {"realm": "a"})
    response.content_type_params = {"charset": "utf-8", "q": "a b"}
    assert response.headers["content-type"] == 'text/plain; charset=utf-8; q="a b"'
    response.headerlist.append(("X-A", "1"))
    assert response.headers["x-a"] == "1"
    response.body_file.write("!")
    response.write(b"?")
    assert response.text == "0123456789!?"
    response.body_file = io.BytesIO(b"file")
    assert response.body == b"file"


#: The argument of cache_expires; Cache-Control, seconds until Expires, Pragma.
CACHE_EXPIRES: list[tuple[Any, dict[str, Any], str | None, int | None, str | None]] = [
    (0, {}, "max-age=0, must-revalidate, no-cache, no-store", 0, "no-cache"),
    (True, {}, "max-age=0, must-revalidate, no-cache, no-store", 0, "no-cache"),
    (False, {}, "max-age=0, must-revalidate, no-cache, no-store", 0, "no-cache"),
    (10, {}, "max-age=10", 10, None),
    (timedelta(seconds=10), {}, "max-age=10", 10, None),
    (10, {"public": True}, "max-age=10, public", 10, None),
    (None, {}, None, None, None),
    (None, {"private": True}, "private", None, None),
]


@pytest.mark.parametrize(("seconds", "directives", "control", "later", "pragma"), CACHE_EXPIRES)
def test_6_2_cache_expires(
    monkeypatch: pytest.MonkeyPatch,
    seconds: Any,
    directives: dict[str, Any],
    control: str | None,
    later: int | None,
    pragma: str | None,
) -> None:
    monkeypatch.setattr(time, "time", lambda: 784111777 - (later or 0))
    response = Response("x")
    response.cache_expires(seconds, **directives)
    assert response.headers.get("cache-control") == control
    assert response.headers.get("expires") == (None if later is None else FIXED)
    assert response.headers.get("pragma") == pragma
    assert ("last-modified" in response.headers) == (pragma is not None)


@pytest.mark.parametrize("seconds", [-5, 1.5])
def test_6_2_cache_expires_takes_whole_seconds(seconds: Any) -> None:
    """Better: WebOb writes them down."""
    with pytest.raises((TypeError, ValueError)):
        Response("x").cache_expires(seconds)


def test_6_3_methods() -> None:
    response: Response[Any] = Response(app_iter=iter([b"a", b"b"]), content_type="text/plain")
    assert response.copy().body == response.body == b"ab"
    assert str(response) == f"200 OK\r\ncontent-type: {TEXT}\r\n\r\nab"
    again: Response[Any] = Response.from_file(
        io.StringIO("HTTP/1.1 404 Nope\r\nX-A: 1\r\nContent-Length: 1\r\n\r\nx")
    )
    assert (again.status_code, again.headers["x-a"], again.body) == (404, "1", b"x")
    response.encode_content()
    response.decode_content()
    assert response.body == b"ab"
    response.md5_etag(set_content_md5=True)
    assert (response.etag, response.content_md5) == ("GH70Q2Ei0cwvQNwrkvDroA", "GH70Q2Ei0cwvQNwrkvDroA==")
    assert b"".join(response.app_iter_range(1, 2)) == b"b"


#: Property, what stands in the field, what it reads as: what nobody understands is None, where WebOb raises or guesses.
READ: list[tuple[str, str, Any]] = [
    ("age", "5", 5),
    ("age", "abc", None),
    ("age", "-5", None),
    ("content_length", "abc", None),
    ("date", "garbage", None),
    ("expires", "0", None),
    ("last_modified", "Sunday, 06-Nov-94 08:49:37 GMT", datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)),
    ("last_modified", "Sun Nov  6 08:49:37 1994", datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)),
    ("retry_after", "soon", None),
    ("etag", "no quotation marks", None),
    ("etag", 'W/"a"', "a"),
    ("etag_strong", '"a"', "a"),
    ("etag_strong", 'W/"a"', None),
    ("content_range", "bytes */10", ContentRange(None, None, 10)),
    ("content_range", "bytes 4-2/10", None),
    ("www_authenticate", "", ()),
    ("content_type_params", "x; a=1", {"a": "1"}),
]


@pytest.mark.parametrize(("name", "text", "value"), READ)
def test_6_2_reading_never_raises(name: str, text: str, value: Any) -> None:
    response = Response("x")
    field = {"etag_strong": "etag", "content_type_params": "content-type"}.get(name, name.replace("_", "-"))
    response.headers[field] = text
    assert getattr(response, name) == value


@pytest.mark.parametrize("name", [row[0] for row in PROPERTIES if row[3] is not None])
def test_6_2_a_property_can_be_taken_back(name: str) -> None:
    value = next(row[1] for row in PROPERTIES if row[0] == name)
    for is_deleted in (True, False):
        response = Response("x")
        setattr(response, name, value)
        if is_deleted:
            delattr(response, name)
        else:
            setattr(response, name, None)
        assert name.replace("_", "-") not in response.headers


@pytest.mark.parametrize("name", ["body", "text", "json", "json_body", "app_iter", "body_file", "ubody"])
def test_6_2_content_can_be_taken_back(name: str) -> None:
    response = Response("x", content_md5="y")
    delattr(response, name)
    assert (response.body, response.has_body, response.content_md5) == (b"", False, None)


def test_6_2_an_iterable_is_read_once_and_closed_and_has_no_length_before() -> None:
    closed = []

    def chunks() -> Iterator[bytes]:
        try:
            yield b"a"
            yield b"b"
        finally:
            closed.append(True)

    response: Response[Any] = Response(app_iter=chunks(), content_type="text/plain")
    before = response.content_length
    assert (response.body, closed) == (b"ab", [True])
    assert (before, response.content_length) == (None, 2)


def test_6_2_a_length_that_is_not_the_contents_is_an_error_when_it_leaves() -> None:
    """Theirs is an AssertionError, where there is more than one chunk; else the connection breaks."""
    with pytest.raises(ValueError, match="the body has 1 bytes"):
        Response("x", content_length=2).parts()


def test_6_2_the_body_as_a_file() -> None:
    response = Response("", content_type="text/plain", charset="latin-1")
    file = response.body_file
    file.write("é")
    file.writelines(["a", b"b"])
    file.flush()
    assert (file.tell(), file.mode, file.encoding, file.closed) == (3, "wb", "latin-1", False)
    assert response.body == b"\xe9ab"
    file.close()  # theirs: NotImplementedError
    with pytest.raises(ValueError, match="closed"):
        file.write("c")


@pytest.mark.parametrize("value", [b"x", 5, None])
def test_6_2_text_is_text(value: Any) -> None:
    with pytest.raises(TypeError):
        Response("x").text = value


#: Location: what is set, what is sent. Theirs is made absolute by whatever Host the client has sent.
LOCATIONS: list[tuple[str, str | None]] = [
    ("/x", "/x"),
    ("x", "x"),
    ("../y", "../y"),
    ("?q", "?q"),
    ("", ""),
    ("//evil/x", None),
    (" //evil/x", None),
    ("/\t/evil/x", None),
    ("https:evil", None),
    ("http:evil", None),
    ("javascript:alert(1)", None),
]


@pytest.mark.parametrize(("target", "sent"), LOCATIONS)
def test_6_3_a_location_is_sent_as_it_is_written(target: str, sent: str | None) -> None:
    if sent is None:
        with pytest.raises(ValueError, match="Location"):
            Response(location=target)
    else:
        assert Response(location=target).parts()[1][0] == (b"location", sent.encode())


@pytest.mark.parametrize("coding", ["deflate", "gzip"])
@pytest.mark.parametrize("data", [b"x", b""])
def test_6_3_what_is_not_in_its_coding_stays_as_it_is(coding: str, data: bytes) -> None:
    response: Response[Any] = Response(data, content_encoding=coding)
    if not data and coding == "gzip":
        response.decode_content()  # gzip of no members is nothing
        assert response.body == b""
        return
    with pytest.raises(ValueError):
        response.decode_content()
    assert (response.body, response.content_encoding) == (data, coding)


@pytest.mark.parametrize(
    "text", ["", "nonsense", "HTTP/1.1", "200 OK\r\nno colon\r\n\r\n", "200 OK\r\nContent-Length: 5\r\n\r\nx"]
)
def test_6_3_what_is_no_response_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):
        Response.from_file(io.StringIO(text))


def test_6_3_a_response_is_read_without_its_protocol_too() -> None:
    response: Response[Any] = Response.from_file(io.BytesIO(b"404 Nope\nX-A: 1\n\nbody"))
    assert (response.status, response.headers["x-a"], response.body) == ("404 Not Found", "1", b"body")


def test_6_3_a_copy_shares_nothing() -> None:
    response = Response("x", cache_control="no-store")
    twin = response.copy()
    twin.headers["x-a"] = "1"
    twin.cache_control.max_age = 5
    twin.write("y")
    assert (response.body, response.headers["cache-control"], "x-a" in response.headers) == (
        b"x",
        "no-store",
        False,
    )


def test_6_3_cookies_are_merged_into_another_response() -> None:
    response = Response("x")
    response.set_cookie("a", "1", path=None, samesite=None)
    other = Response("y", headers={"set-cookie": "b=2"})
    assert response.merge_cookies(other) is other
    assert other.headers.getall("set-cookie") == ["b=2", "a=1"]


# -- 14.2: the list of findings -------------------------------------------------------------------------------------------------


def test_14_2_11_moments_are_of_the_zone_that_they_say() -> None:
    response = Response(
        "x", last_modified=datetime.fromisoformat("1994-11-06T17:49:37+09:00"), retry_after=30
    )
    assert response.headers["last-modified"] == FIXED
    assert response.retry_after is not None
    assert response.retry_after.tzinfo is UTC


def test_14_2_12_cache_control_can_be_set_after_it_was_read() -> None:
    response = Response("x")
    response.cache_control.max_age = 5
    response.cache_control = "no-cache"
    response.cache_control.no_cache = True
    response.cache_control.no_cache = False
    assert "cache-control" not in response.headers


def test_14_2_14_a_new_charset_encodes_again_and_a_hand_set_length_follows_no_content() -> None:
    response = Response("é")
    response.charset = "latin-1"
    assert response.body == b"\xe9"
    response.status_code = 204
    assert response.parts() == (204, [], b"")
    assert dict(Response("é").final_headers(head=True))[b"content-length"] == b"2"
