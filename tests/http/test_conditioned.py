from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wadjet.http.compression import encoder_for
from wadjet.http.conditioned import apply_conditions
from wadjet.http.exceptions import Ok
from wadjet.http.headers import Headers, encode_fields
from wadjet.http.response import Response, StreamingResponse

LM = "Sun, 06 Nov 1994 08:49:37 GMT"
EARLIER = "Sun, 06 Nov 1994 08:48:37 GMT"
LATER = "Sun, 06 Nov 1994 08:50:37 GMT"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
WEAK_LM = f'If-None-Match: "v1"\nIf-Modified-Since: {EARLIER}'


def asked(response: Response[Any], lines: str, method: str = "GET") -> Response[Any]:
    """Apply the conditions of header lines."""
    pairs = [line.partition(": ") for line in lines.splitlines()]
    fields = [(name, value) for name, _, value in pairs]
    apply_conditions(response, method, Headers(encode_fields(fields)), NOW)
    return response


def document(**attributes: Any) -> Response[Any]:
    return Response("0123456789", etag="v1", last_modified=LM, **attributes)


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        pytest.param('If-None-Match: "v1"', 304, id="COND-01"),
        pytest.param('If-None-Match: W/"v1"', 304, id="COND-02"),
        pytest.param('If-None-Match: "a,b", "v1"', 304, id="COND-05"),
        pytest.param('If-None-Match: "v', 200, id="COND-09"),
        pytest.param("If-None-Match: @@,,;=", 200, id="COND-11"),
        pytest.param(WEAK_LM, 304, id="COND-14"),
        pytest.param(f"If-Modified-Since: {LATER}", 304, id="COND-16"),
        pytest.param("If-Modified-Since: garbage", 200, id="COND-18"),
        pytest.param("If-Modified-Since: 0", 200, id="COND-20"),
        pytest.param(f"If-Modified-Since: {'9' * 200}", 200, id="COND-22"),
        pytest.param("If-Modified-Since: Thu, 01 Jan 0000 00:00:00 GMT", 200, id="COND-23"),
        pytest.param("If-Modified-Since: Sun, 06 Nov 1994 08:49:37 +9999999999", 200, id="COND-25"),
        pytest.param("If-Modified-Since: Friday, 01-Jan-38 00:00:00 GMT", 304, id="COND-27"),
        pytest.param("If-Modified-Since: Fri Jan  1 00:00:00 2038", 304, id="COND-28"),
        pytest.param('If-Match: "other"', 412, id="COND-29"),
        pytest.param("If-Match: *", 200, id="COND-31"),
        pytest.param('If-Match: W/"v1"', 412, id="COND-32"),
        pytest.param(f"If-Unmodified-Since: {LM}", 200, id="COND-35"),
        pytest.param("If-Unmodified-Since: garbage", 200, id="COND-36"),
        pytest.param(f'If-Match: "v1"\nIf-Unmodified-Since: {EARLIER}', 200, id="COND-37"),
        pytest.param('If-None-Match: "v1"', 304, id="COND-48"),
        pytest.param("If-None-Match: *", 304, id="WebOb: any tag is falsy"),
        pytest.param(
            f'If-None-Match: "v2"\nIf-Modified-Since: {LATER}', 200, id="OpenViper: wrong precedence"
        ),
        pytest.param(f"If-Unmodified-Since: {EARLIER}", 412, id="WebOb: never 412"),
        pytest.param("", 200, id="nothing asked"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_conditions_decide(method: str, lines: str, status: int) -> None:
    assert asked(document(), lines, method).status_code == status


def test_a_condition_on_a_tag_that_is_not_there_ignores_the_date() -> None:
    response = Response("x", last_modified=LM)
    assert asked(response, f'If-None-Match: "v1"\nIf-Modified-Since: {LATER}').status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY"])
def test_what_has_been_done_is_not_denied(method: str) -> None:
    response = asked(document(), 'If-Match: "v0"\nIf-None-Match: "v1"\nRange: bytes=0-1', method)
    assert (response.status_code, response.text) == (200, "0123456789")


@pytest.mark.parametrize("status", [201, 301, 404, 500])
def test_only_a_whole_200_is_divided_and_only_success_is_conditional(status: int) -> None:
    response = asked(document(status_code=status), "Range: bytes=0-1")
    assert (response.status_code, response.text) == (status, "0123456789")
    if status >= 300:
        assert asked(document(status_code=status), 'If-None-Match: "v1"').status_code == status


def test_a_304_says_what_a_cache_has_to_know_and_nothing_of_the_content() -> None:
    """COND-39."""
    response = asked(
        document(
            content_language="de",
            content_location="/a",
            cache_control="max-age=5",
            vary="Accept",
            headers={"set-cookie": "a=b", "content-length": "10"},
        ),
        'If-None-Match: "v1"',
    )
    status, fields, body = response.parts()
    assert (status, body) == (304, b"")
    assert {name for name, _ in fields} == {
        b"etag",
        b"content-location",
        b"cache-control",
        b"vary",
        b"set-cookie",
    }


def test_a_304_without_a_tag_keeps_its_date() -> None:
    response = asked(Response("x", last_modified=LM), f"If-Modified-Since: {LM}")
    assert response.headerlist == [("last-modified", LM)]


def test_a_412_says_nothing_of_what_was_there() -> None:
    response = asked(document(cache_control="max-age=5"), 'If-Match: "other"')
    assert (response.status_code, response.text) == (412, "412 Precondition Failed")
    assert response.headerlist == [("content-type", "text/plain; charset=utf-8")]


# -- ranges -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "text", "label"),
    [
        ("Range: bytes=0-3", "0123", "bytes 0-3/10"),
        ("Range: bytes=5-", "56789", "bytes 5-9/10"),
        ("Range: bytes=-2", "89", "bytes 8-9/10"),
        ("Range: bytes=5-100", "56789", "bytes 5-9/10"),
        ("Range: bytes=-100", "0123456789", "bytes 0-9/10"),
        ("Range: bytes=0-1,1-3", "0123", "bytes 0-3/10"),
        ('Range: bytes=0-3\nIf-Range: "v1"', "0123", "bytes 0-3/10"),
        (f"Range: bytes=0-3\nIf-Range: {LM}", "0123", "bytes 0-3/10"),
    ],
)
def test_a_part_is_labelled(lines: str, text: str, label: str) -> None:
    response = asked(document(), lines)
    assert (response.status_code, response.text, response.headers["content-range"]) == (206, text, label)
    assert (b"content-length", b"%d" % len(text)) in response.final_headers()
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.headers["accept-ranges"] == "bytes"


@pytest.mark.parametrize(
    "lines",
    [
        "Range: bytes=4-2",
        "Range: items=0-1",
        "Range: bytes=-",
        "Range: bytes=" + ",".join(f"{n}-{n}" for n in range(0, 40, 2)),
        'Range: bytes=0-3\nIf-Range: "v2"',
        'Range: bytes=0-3\nIf-Range: W/"v1"',
        f"Range: bytes=0-3\nIf-Range: {EARLIER}",
    ],
)
def test_what_is_no_range_is_ignored(lines: str) -> None:
    response = asked(document(), lines)
    assert (response.status_code, response.text) == (200, "0123456789")
    assert "content-range" not in response.headers


@pytest.mark.parametrize("range", ["bytes=20-30", "bytes=10-", "bytes=-0"])
def test_a_range_beyond_the_end_is_a_416(range: str) -> None:
    response = asked(document(), f"Range: {range}")
    assert (response.status_code, response.headers["content-range"]) == (416, "bytes */10")
    assert "etag" not in response.headers


def test_several_ranges_are_parts_of_one_content() -> None:
    response = asked(document(), "Range: bytes=0-1,8-9")
    essence, _, boundary = response.headers["content-type"].partition("; boundary=")
    assert (response.status_code, essence) == (206, "multipart/byteranges")
    assert response.text == (
        f"--{boundary}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Range: bytes 0-1/10\r\n\r\n01\r\n"
        f"--{boundary}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Range: bytes 8-9/10\r\n\r\n89\r\n"
        f"--{boundary}--\r\n"
    )
    assert "content-range" not in response.headers


def test_head_knows_no_ranges() -> None:
    """RFC 9110 §14.2."""
    response = asked(document(), "Range: bytes=0-3", "HEAD")
    assert response.status_code == 200
    assert dict(response.final_headers(head=True))[b"content-length"] == b"10"


def test_an_empty_content_is_sent_whole() -> None:
    assert asked(Response(""), "Range: bytes=0-3").status_code == 200


def test_the_length_and_digest_of_the_whole_are_not_said_of_a_part() -> None:
    response = document(headers={"content-length": "10"}, content_md5="x")
    fields = dict(asked(response, "Range: bytes=0-3").final_headers())
    assert fields[b"content-length"] == b"4"
    assert b"content-md5" not in fields


@pytest.mark.parametrize(
    "response",
    [
        StreamingResponse([b"0123456789"]),
        Response(app_iter=iter([b"0123456789"])),
        document(content_range=(0, 10, 20)),
        document(accept_ranges="none"),
    ],
)
def test_what_is_not_there_as_a_whole_or_declines_ranges_is_not_divided(response: Response[Any]) -> None:
    before = response.headerlist[:]
    asked(response, "Range: bytes=0-3")
    assert response.status_code == 200
    assert response.headerlist[:] == before


def test_content_that_is_encoded_when_it_leaves_is_not_divided_before() -> None:
    response = document()
    encoder = encoder_for("gzip")
    assert encoder is not None
    response.encode_with(encoder)
    asked(response, "Range: bytes=0-3")
    assert (response.status_code, response.body) == (200, b"0123456789")
    assert "accept-ranges" not in response.headers


@pytest.mark.parametrize("content", [{"detail": "x"}, {"text": "0123456789"}])
def test_a_success_that_was_raised_can_be_a_304(content: Any) -> None:
    response = asked(Ok(etag="v1", conditional_response=True, **content), 'If-None-Match: "v1"')
    assert (response.status_code, response.body, response.headers["etag"]) == (304, b"", '"v1"')


# -- tags made of the content --------------------------------------------------------------------------------------------------


def tagged(content: Any, **attributes: Any) -> Response[Any]:
    response: Response[Any] = Response(content, **attributes)
    response.tags_content = True
    return response


def test_a_tag_is_made_of_the_content_and_its_form() -> None:
    tag = asked(tagged("x"), "").headers["etag"]
    assert tag == asked(tagged("x"), "").headers["etag"]
    assert asked(tagged("x"), f"If-None-Match: {tag}").status_code == 304
    others = [tagged("y"), tagged("x", media_type="text/css"), tagged("x", content_encoding="gzip")]
    assert tag not in {asked(other, "").headers["etag"] for other in others}


@pytest.mark.parametrize(
    ("response", "tag"),
    [
        (tagged("x", etag="mine"), '"mine"'),
        (tagged("x", status_code=404), None),
        (tagged(None, app_iter=[b"x"]), None),
    ],
)
def test_a_tag_is_made_only_where_it_can_be(response: Response[Any], tag: str | None) -> None:
    assert asked(response, "").headers.get("etag") == tag


def test_nothing_is_tagged_where_nothing_is_read() -> None:
    assert "etag" not in asked(tagged("x"), "", "POST").headers


@given(
    value=st.text(st.characters(min_codepoint=32, max_codepoint=126)),
    name=st.sampled_from(
        ["if-match", "if-none-match", "if-modified-since", "if-unmodified-since", "if-range", "range"]
    ),
)
def test_whatever_is_asked_what_leaves_can_be_sent(name: str, value: str) -> None:
    response = document()
    fields = encode_fields([(name, value), ("range", "bytes=0-1")])
    refused = apply_conditions(response, "GET", Headers(fields), NOW)
    assert response.status_code in {200, 206, 304, 412, 416}
    assert refused == (response.status_code in {412, 416})
    response.parts()
