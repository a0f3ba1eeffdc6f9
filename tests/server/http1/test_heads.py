"""The rules of a head that the parser leaves to us."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wadjet.http.clienterrors import BadRequest, RequestHeaderFieldsTooLarge, RequestURITooLong
from wadjet.http.raising import HTTPException
from wadjet.http.servererrors import NotImplemented as NotSupported
from wadjet.server.http1.heads import (
    Framing,
    check_size,
    framing_of,
    plain_length,
    split_target,
    with_host,
    without_upgrade,
)

NAMES = st.sampled_from([b"connection", b"expect", b"transfer-encoding", b"upgrade"])
VALUES = st.sampled_from(
    [b"", b"chunked", b"Chunked", b"gzip", b"gzip, chunked", b"100-continue", b"close"]
) | st.binary(max_size=20)
LENGTHS = st.lists(
    st.tuples(st.just(b"content-length"), st.integers(0, 2**64).map(lambda size: b"%d" % size)), max_size=1
)
NOTABLE = st.tuples(LENGTHS, st.lists(st.tuples(NAMES, VALUES), max_size=4)).map(
    lambda both: [*both[0], *both[1]]
)
#: What the parser lets through in a target.
ASCII = st.binary(min_size=1, max_size=60).map(lambda data: bytes(33 + byte % 94 for byte in data))


@given(NOTABLE, st.sampled_from(["1.0", "1.1"]))
def test_framing_is_found_or_refused_with_a_status(notable: list[tuple[bytes, bytes]], version: str) -> None:
    try:
        framing = framing_of(notable, version)
    except (BadRequest, NotSupported):
        return
    assert framing.length is None or framing.length >= 0
    assert not (framing.expects and framing.length == 0)


@pytest.mark.parametrize(
    ("fields", "version", "framing"),
    [
        ([], "1.1", Framing(0, False)),
        ([(b"content-length", b"12")], "1.1", Framing(12, False)),
        ([(b"content-length", b"12")], "1.0", Framing(12, False)),
        ([(b"transfer-encoding", b"CHUNKED")], "1.1", Framing(None, False)),
        ([(b"content-length", b"1"), (b"expect", b"100-Continue")], "1.1", Framing(1, True)),
        ([(b"transfer-encoding", b"chunked"), (b"expect", b"100-continue")], "1.1", Framing(None, True)),
        ([(b"content-length", b"1"), (b"expect", b"100-continue")], "1.0", Framing(1, False)),
        ([(b"expect", b"100-continue")], "1.1", Framing(0, False)),
        ([(b"content-length", b"1"), (b"expect", b"else")], "1.1", Framing(1, False)),
    ],
)
def test_the_fields_of_the_connection_say_how_content_is_delimited(
    fields: list[tuple[bytes, bytes]], version: str, framing: Framing
) -> None:
    assert framing_of(fields, version) == framing


@given(st.lists(st.tuples(NAMES, VALUES), max_size=2), LENGTHS, st.booleans())
def test_a_length_that_is_all_a_head_says_is_read_as_the_plain_way_reads_it(
    others: list[tuple[bytes, bytes]], lengths: list[tuple[bytes, bytes]], is_first: bool
) -> None:
    notable = [*lengths, *others] if is_first else [*others, *lengths]
    length = plain_length(notable)
    if length is None:
        assert others or not lengths
    else:
        assert framing_of(notable, "1.1") == Framing(length, False)


@pytest.mark.parametrize(
    ("codings", "version", "status"),
    [
        ([b"gzip"], "1.1", 501),
        ([b"gzip, chunked"], "1.1", 501),
        ([b"chunked", b"chunked"], "1.1", 400),
        ([b"identity", b"chunked"], "1.1", 400),
        ([b"chunked"], "1.0", 400),
    ],
)
def test_a_coding_that_others_may_read_otherwise_is_refused(
    codings: list[bytes], version: str, status: int
) -> None:
    with pytest.raises(HTTPException) as refused:
        framing_of([(b"transfer-encoding", coding) for coding in codings], version)
    assert refused.value.status_code == status


@given(ASCII)
def test_a_target_is_split_or_refused_with_400(target: bytes) -> None:
    try:
        path, sent, query, authority = split_target(target)
    except BadRequest:
        return
    assert sent[:1] == b"/" or sent == b"*" or target.startswith(b"*")
    assert b"?" not in sent
    assert b"#" not in sent + query
    assert path.encode() == sent or b"%" in sent
    assert (authority is None) == (target[:1] in {b"/", b"*"})


@given(ASCII)
def test_what_is_split_is_the_target_again(rest: bytes) -> None:
    target = b"/" + rest.replace(b"#", b"")
    _, sent, query, _ = split_target(target)
    assert (sent + b"?" + query if b"?" in target else sent) == target


@pytest.mark.parametrize(
    ("target", "split"),
    [
        (b"/", ("/", b"/", b"", None)),
        (b"/a?b?c", ("/a", b"/a", b"b?c", None)),
        (b"/a%20b%2Fc?%20", ("/a b/c", b"/a%20b%2Fc", b"%20", None)),
        (b"/a%zz%", ("/a%zz%", b"/a%zz%", b"", None)),
        (b"/a#b?c", ("/a", b"/a", b"", None)),
        (b"/a?b#c?d", ("/a", b"/a", b"b", None)),
        (b"//a//b", ("//a//b", b"//a//b", b"", None)),
        (b"*", ("*", b"*", b"", None)),
        (b"http://a", ("/", b"/", b"", b"a")),
        (b"HTTPS://a:1/b?c", ("/b", b"/b", b"c", b"a:1")),
        (b"http://a?b", ("/", b"/", b"b", b"a")),
        (b"http://a#b", ("/", b"/", b"", b"a")),
        (b"http://[::1]:80/b", ("/b", b"/b", b"", b"[::1]:80")),
    ],
)
def test_a_target_has_a_path_a_query_and_perhaps_an_authority(target: bytes, split: object) -> None:
    assert split_target(target) == split


@pytest.mark.parametrize(
    "target",
    [
        b"a",
        b"a:1",
        b"ftp://a/b",
        b"http:/a",
        b"http://",
        b"http:///a",
        b"http://a b/",
        b"http://u@a/",
        b"http://a:x/",
        b"*a",
    ],
)
def test_a_target_that_is_none_is_refused(target: bytes) -> None:
    with pytest.raises(BadRequest):
        split_target(target)


@pytest.mark.parametrize(
    ("fields", "error"),
    [([], None), ([(b"a", b"b")], None), ([(b"a", b"b" * 60)], RequestHeaderFieldsTooLarge)],
)
def test_a_head_that_is_too_long_is_refused(
    fields: list[tuple[bytes, bytes]], error: type[HTTPException] | None
) -> None:
    if error is None:
        check_size(b"GET", b"/" * 10, fields, 30, 80)
    else:
        with pytest.raises(error):
            check_size(b"GET", b"/" * 10, fields, 30, 80)
    with pytest.raises(RequestURITooLong):
        check_size(b"GET", b"/" * 20, fields, 30, 80)


def test_a_line_and_a_head_may_be_as_long_as_their_limits() -> None:
    line = len(b"GET /a HTTP/1.1")
    total = len(b"GET /a HTTP/1.1\r\na: b\r\n\r\n")
    check_size(b"GET", b"/a", [(b"a", b"b")], line, total)
    with pytest.raises(RequestURITooLong):
        check_size(b"GET", b"/a", [], line - 1, total)
    with pytest.raises(RequestHeaderFieldsTooLarge):
        check_size(b"GET", b"/a", [(b"a", b"b")], line, total - 1)


def test_the_authority_of_a_target_replaces_the_host() -> None:
    assert with_host([(b"host", b"a"), (b"x", b"y")], b"c", "1.1") == [(b"host", b"c"), (b"x", b"y")]
    assert with_host([(b"x", b"y")], b"c", "1.0") == [(b"host", b"c"), (b"x", b"y")]


@pytest.mark.parametrize("fields", [[(b"x", b"y")], [(b"host", b"a"), (b"host", b"a")]], ids=["none", "two"])
def test_the_authority_of_a_target_does_not_hide_a_host_that_must_be_refused(
    fields: list[tuple[bytes, bytes]],
) -> None:
    assert with_host(fields, b"c", "1.1") == fields


def test_a_wish_that_is_not_granted_leaves_the_rest_as_it_was() -> None:
    fields = [(b"upgrade", b"h2c"), (b"http2-settings", b"x"), (b"connection", b"upgrade"), (b"x", b"y")]
    assert without_upgrade(fields) == fields[2:]
