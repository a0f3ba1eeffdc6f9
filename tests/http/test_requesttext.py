"""Text of requests: what is written is read again, and what is read raises nothing but ValueError."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wadjet import Request
from wadjet.http.requesttext import RequestText, read_request, write_request

TOKENS = st.text("abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=10).filter(
    lambda name: name != "content-length"
)
VALUES = st.binary(max_size=20).map(
    lambda raw: bytes(byte for byte in raw if byte > 31 and byte != 127).strip()
)


@settings(max_examples=60)
@given(
    st.sampled_from(["GET", "POST", "PURGE"]),
    st.dictionaries(TOKENS.map(str.encode), VALUES, max_size=4),
    st.binary(min_size=1, max_size=50),
)
def test_what_is_written_is_read_again(method: str, fields: dict[bytes, bytes], body: bytes) -> None:
    length = (b"content-length", b"%d" % len(body))
    text = RequestText(method, "/a?b=c", "1.1", sorted([*fields.items(), length]), body)
    again = read_request(write_request(text))
    assert again._replace(fields=sorted(again.fields)) == text


@settings(max_examples=100)
@given(st.binary(max_size=200) | st.binary(max_size=100).map(lambda rest: b"GET / HTTP/1.1\r\n" + rest))
def test_reading_raises_nothing_but_value_errors(data: bytes) -> None:
    try:
        read_request(data)
        Request.from_bytes(data)
    except ValueError:
        pass


def test_content_without_a_length_is_all_that_follows_the_empty_line() -> None:
    assert read_request(b"PUT / HTTP/1.1\n\nab\r\n\r\ncd").body == b"ab\r\n\r\ncd"
    assert read_request(b"PUT / HTTP/1.1\nHost: h").body == b""


@pytest.mark.parametrize(
    "field", [(b"x", b"a\r\ny: z"), (b"x", b"a\ny: z"), (b"x\r\ny", b"z"), (b"x", b"\0")]
)
def test_a_field_that_would_end_its_line_is_not_written(field: tuple[bytes, bytes]) -> None:
    with pytest.raises(ValueError, match="contains a line end or NUL"):
        write_request(RequestText("GET", "/", "1.1", [field], b""))


def test_reading_passes_over_its_text_once() -> None:
    """Lines are split, not searched: twice as many fields are twice as many lines, whatever stands in them."""
    for count in (10, 1000):
        text = b"GET / HTTP/1.1\r\n" + b"a: " + b'"' * 50 + b"\r\n"
        fields = read_request(text + b"a: b\r\n" * count).fields
        assert len(fields) == count + 1
