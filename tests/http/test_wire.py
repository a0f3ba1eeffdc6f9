"""Messages as text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wadjet.http.wire import (
    CONTINUE,
    LAST_CHUNK,
    chunk,
    field_lines,
    fields_of_lines,
    request_head,
    status_line,
)


def test_a_status_line_has_its_reason() -> None:
    assert status_line(200) == b"HTTP/1.1 200 OK\r\n"
    assert status_line(404) == b"HTTP/1.1 404 Not Found\r\n"


@given(st.integers(100, 599))
def test_every_status_has_a_line(status: int) -> None:
    line = status_line(status)
    assert line.startswith(b"HTTP/1.1 %d " % status)
    assert (line.count(b"\r\n"), line[-2:]) == (1, b"\r\n")


@pytest.mark.parametrize("status", [0, 99, 600])
def test_what_is_no_status_has_no_line(status: int) -> None:
    with pytest.raises(KeyError):
        status_line(status)


def test_fields_are_lines() -> None:
    assert field_lines([]) == b""
    assert field_lines([(b"a", b"b"), (b"c", b"")]) == b"a: b\r\nc: \r\n"
    assert field_lines(iter([(b"a", b"b")])) == b"a: b\r\n"


@given(st.lists(st.tuples(st.binary(max_size=5), st.binary(max_size=5)), max_size=5))
def test_fields_are_as_many_lines_or_refused(fields: list[tuple[bytes, bytes]]) -> None:
    is_clean = not any(mark in name + value for name, value in fields for mark in (b"\r", b"\n", b"\0"))
    try:
        lines = field_lines(fields)
    except ValueError:
        assert not is_clean
    else:
        assert is_clean
        assert len(lines.split(b"\r\n")) == len(fields) + 1


def test_a_pair_that_ends_one_line_and_another_that_lacks_an_end_are_not_taken_for_two_fields() -> None:
    with pytest.raises(ValueError, match="line end"):
        field_lines([(b"a", b"b\r\nc: d"), (b"e", b"f")])


@given(st.binary(min_size=1, max_size=300))
def test_a_chunk_says_its_size(data: bytes) -> None:
    size, _, rest = chunk(data).partition(b"\r\n")
    assert int(size, 16) == len(data)
    assert rest == data + b"\r\n"


def test_the_last_chunk_is_an_empty_one_without_trailers() -> None:
    assert LAST_CHUNK == b"0\r\n\r\n"


def test_the_word_to_go_on_is_a_whole_interim_response() -> None:
    assert CONTINUE == b"HTTP/1.1 100 Continue\r\n\r\n"


def test_a_request_is_written_out_again() -> None:
    head = request_head(b"GET", b"/a?b", "1.0", [(b"host", b"c"), (b"x", b"\xff")])
    assert head == b"GET /a?b HTTP/1.0\r\nhost: c\r\nx: \xff\r\n\r\n"


@given(st.lists(st.tuples(st.binary(max_size=8), st.binary(max_size=8)), max_size=4))
def test_fields_can_be_read_of_their_lines(fields: list[tuple[bytes, bytes]]) -> None:
    fields = [(b"x" + name.replace(b": ", b"").rstrip(b":"), value) for name, value in fields]
    try:
        lines = field_lines(fields)
    except ValueError:
        return
    assert fields_of_lines(lines, len(fields)) == fields


@pytest.mark.parametrize("lines", [b"a: b\r\nc: d\r\n", b"a: b\n", b"a: b\r", b"a: \0\r\n", b"a: b"])
def test_lines_that_are_not_as_many_as_fields_are_refused(lines: bytes) -> None:
    with pytest.raises(ValueError, match="line end or NUL"):
        fields_of_lines(lines, 1)
