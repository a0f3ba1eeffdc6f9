import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.http.test_parameters import steps
from wadjet.http.ranges import (
    MAX_RANGES,
    ByteRanges,
    ContentRange,
    Range,
    parse_content_range,
    parse_range,
)

#: How many bytes hello.txt of the catalogue has.
LENGTH = 26
MANY = "9" * 30


@pytest.mark.parametrize(
    ("field", "sent"),
    [
        pytest.param("bytes=0-499", [(0, 500)], id="RFC 9110 §14.1.2, the first 500"),
        pytest.param("bytes=500-999", [(500, 1000)], id="RFC 9110 §14.1.2, the second 500"),
        pytest.param("bytes=-500", [(9500, 10000)], id="RFC 9110 §14.1.2, the last 500"),
        pytest.param("bytes=9500-", [(9500, 10000)], id="RFC 9110 §14.1.2, from 9500"),
        pytest.param("bytes=0-0,-1", [(0, 1), (9999, 10000)], id="RFC 9110 §14.1.2, first and last"),
        pytest.param("bytes= 0-999, 4500-5499, -1000", [(0, 1000), (4500, 5500), (9000, 10000)], id="thirds"),
        pytest.param("bytes=500-600,601-999", [(500, 1000)], id="RFC 9110 §14.1.2, parts that touch"),
        pytest.param("bytes=500-700,601-999", [(500, 1000)], id="RFC 9110 §14.1.2, parts that overlap"),
    ],
)
def test_the_examples_of_rfc_9110_are_sent(field: str, sent: list[tuple[int, int]]) -> None:
    parsed = parse_range(field)
    assert parsed is not None
    assert parsed.ranges_of(10000) == sent


@pytest.mark.parametrize(
    ("field", "sent"),
    [
        pytest.param("bytes=20-", [(20, 26)], id="RNG-02"),
        pytest.param("bytes=-5", [(21, 26)], id="RNG-03"),
        pytest.param("bytes=-100", [(0, 26)], id="RNG-04"),
        pytest.param("bytes=0-25", [(0, 26)], id="RNG-06"),
        pytest.param("bytes=25-25", [(25, 26)], id="RNG-07"),
        pytest.param("bytes=26-30", [], id="RNG-09"),
        pytest.param(f"bytes={MANY}-", [], id="RNG-11"),
        pytest.param(f"bytes=0-{MANY}", [(0, 26)], id="RNG-12"),
        pytest.param("bytes=0-" + "9" * 5000, [(0, 26)], id="RNG-13"),
        pytest.param("bytes=0-1,4-5", [(0, 2), (4, 6)], id="RNG-40"),
        pytest.param("bytes=0-1, 4-5 ,\t-1", [(0, 2), (4, 6), (25, 26)], id="RNG-41"),
        pytest.param("bytes=100-200,300-", [], id="RNG-43"),
        pytest.param("bytes=-0", [], id="a suffix of nothing"),
        pytest.param("bytes=100-,0-1", [(0, 2)], id="one of two is there"),
        pytest.param("bytes=20-,0-1,1-2", [(20, 26), (0, 3)], id="in the order they were asked for"),
        pytest.param("bytes=5-9,0-4", [(0, 10)], id="touching backwards"),
        pytest.param("BYTES=0-0", [(0, 1)], id="unit in capitals"),
        pytest.param("bytes=,,0-0,,", [(0, 1)], id="empty members"),
        pytest.param("bytes=" + "0" * 5000 + "1-", [(1, 26)], id="leading zeros"),
    ],
)
def test_what_is_asked_for_is_sent_in_merged_parts(field: str, sent: list[tuple[int, int]]) -> None:
    parsed = parse_range(field)
    assert parsed is not None
    assert parsed.ranges_of(LENGTH) == sent


@pytest.mark.parametrize(
    "field",
    [
        pytest.param(None, id="absent"),
        pytest.param("", id="empty"),
        pytest.param("bytes=5-2", id="RNG-15"),
        pytest.param("bytes=", id="RNG-17"),
        pytest.param("bytes", id="RNG-18"),
        pytest.param("bytes=--5", id="RNG-20"),
        pytest.param("bytes=1-+5", id="RNG-23"),
        pytest.param("bytes=0x1-5", id="RNG-24"),
        pytest.param("bytes=1_0-2_0", id="RNG-25"),
        pytest.param("bytes=1-5;q=1", id="RNG-26"),
        pytest.param("=0-4", id="RNG-27"),
        pytest.param("bytes=0-4=", id="RNG-29"),
        pytest.param("bytes=0-\xb9", id="RNG-32"),
        pytest.param("items=0-4", id="RNG-34"),
        pytest.param("bytes=" + ",".join(["0-"] * 1000), id="RNG-47"),
        pytest.param("bytes=" + ",".join(f"{n}-{n}" for n in range(9000, 3000, -2)), id="RNG-49"),
        pytest.param("bytes=" + "," * 14_000, id="RNG-50"),
        pytest.param("bytes=" + "1-" * 7_000, id="RNG-51"),
        pytest.param("bytes=-", id="webob 14.2.5"),
        pytest.param("bytes=0-1, bytes=3-4", id="two lines"),
        pytest.param("bytes=0-1,x", id="one of two is nonsense"),
        pytest.param("bytes=0 - 1", id="blanks inside"),
    ],
)
def test_what_is_no_range_of_bytes_is_ignored(field: str | None) -> None:
    assert parse_range(field) is None


def test_parts_are_capped() -> None:
    fields = ["bytes=" + ",".join(f"{n * 2}-{n * 2}" for n in range(count)) for count in (16, 17)]
    allowed, refused = map(parse_range, fields)
    assert allowed is not None
    assert len(allowed.parts) == MAX_RANGES == 16
    assert refused is None


@pytest.mark.parametrize("field", ["bytes=0-", "bytes=-5", "bytes=0-4,5-"])
def test_an_empty_content_is_sent_whole(field: str) -> None:
    parsed = parse_range(field)
    assert parsed is not None
    assert parsed.ranges_of(0) is None
    assert parsed.content_range(0) is None


@pytest.mark.parametrize(
    ("made", "field", "pair"),
    [
        (Range(0, 5), "bytes=0-4", (0, 5)),
        (Range(5), "bytes=5-", (5, None)),
        (Range(-3), "bytes=-3", (-3, None)),
        (Range(0, 0), "bytes=-0", (0, 0)),
        (Range(0, 2, (4, 6), (-1, None)), "bytes=0-1,4-5,-1", (0, 2)),
    ],
)
def test_a_range_is_written_as_it_is_read(made: Range, field: str, pair: tuple[int, int | None]) -> None:
    assert str(made) == field
    assert parse_range(field) == made
    assert hash(parse_range(field)) == hash(made)
    assert tuple(made) == (made.start, made.end) == pair
    assert repr(made) == f"<Range {field}>"
    assert made != field


@pytest.mark.parametrize("part", [(5, 2), (5, 5), (-3, 5), (-3, -1)])
def test_a_range_ends_after_it_begins(part: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="is no range"):
        Range(*part)
    with pytest.raises(ValueError, match="is no range"):
        Range(0, 1, part)


def test_one_part_has_a_content_range() -> None:
    assert Range(-3).content_range(10) == ContentRange(7, 10, 10)
    assert Range(0, 5, (5, None)).content_range(10) == ContentRange(0, 10, 10)
    assert Range(0, 1, (5, None)).content_range(10) is None
    assert Range(10).content_range(10) is None


@pytest.mark.parametrize(
    ("made", "field"),
    [
        pytest.param(
            ContentRange(42, 1234, 1234), "bytes 42-1233/1234", id="RFC 9110 §14.4, complete length"
        ),
        pytest.param(ContentRange(42, 1234), "bytes 42-1233/*", id="RFC 9110 §14.4, unknown length"),
        pytest.param(ContentRange(None, None, 1234), "bytes */1234", id="RFC 9110 §14.4, unsatisfied"),
        pytest.param(ContentRange(734, 1235, 1235), "bytes 734-1234/1235", id="the rest"),
        pytest.param(ContentRange(0, 1, 1), "bytes 0-0/1", id="all of one byte"),
        pytest.param(ContentRange(None, None, 0), "bytes */0", id="nothing of nothing"),
    ],
)
def test_a_content_range_is_written_as_it_is_read(made: ContentRange, field: str) -> None:
    assert str(made) == field
    parsed = parse_content_range(f" {field}\t")
    assert parsed == made
    assert hash(parsed) == hash(made)
    assert made != field
    assert repr(made) == f"<ContentRange {field}>"
    assert tuple(made) == (made.start, made.stop, made.length)


@pytest.mark.parametrize(
    "field",
    [
        None,
        "",
        "bytes",
        "bytes */*",
        "bytes 5-4/10",
        "bytes 0-10/10",
        "bytes 0-4",
        "bytes=0-4/10",
        "items 0-4/10",
        "bytes -4/10",
        "bytes 0-4/\xb9",
        "bytes 0-4/10, bytes 5-6/10",
    ],
)
def test_what_is_no_content_range_is_none(field: str | None) -> None:
    assert parse_content_range(field) is None


@pytest.mark.parametrize(
    "parts",
    [(0, 0, 1), (0, 5, 4), (-1, 5, 9), (None, 5, 9), (5, None, 9), (None, None, None), (None, None, -1)],
)
def test_a_content_range_lies_in_the_content(parts: tuple[int | None, int | None, int | None]) -> None:
    with pytest.raises(ValueError, match="is no part of a content"):
        ContentRange(*parts)


def test_several_parts_are_sent_as_rfc_9110_shows() -> None:
    """RFC 9110 §14.6."""
    parts = ByteRanges([(500, 1000), (7000, 8000)], 8000, "application/pdf", "THIS_STRING_SEPARATES")
    content = b"".join([parts.heads[0], b"a" * 500, parts.heads[1], b"b" * 1000, parts.end])
    assert content == (
        b"--THIS_STRING_SEPARATES\r\n"
        b"Content-Type: application/pdf\r\n"
        b"Content-Range: bytes 500-999/8000\r\n"
        b"\r\n" + b"a" * 500 + b"\r\n--THIS_STRING_SEPARATES\r\n"
        b"Content-Type: application/pdf\r\n"
        b"Content-Range: bytes 7000-7999/8000\r\n"
        b"\r\n" + b"b" * 1000 + b"\r\n--THIS_STRING_SEPARATES--\r\n"
    )
    assert parts.content_length == len(content)
    assert parts.content_type == "multipart/byteranges; boundary=THIS_STRING_SEPARATES"


def test_parts_of_a_content_without_type_have_none() -> None:
    parts = ByteRanges([(0, 1), (2, 3)], 4, None, "x")
    assert parts.heads == [
        b"--x\r\nContent-Range: bytes 0-0/4\r\n\r\n",
        b"\r\n--x\r\nContent-Range: bytes 2-2/4\r\n\r\n",
    ]


POSITIONS = st.integers(0, 40)
PARTS = st.one_of(
    st.tuples(POSITIONS, st.none()),
    st.tuples(st.integers(-40, -1), st.none()),
    st.tuples(POSITIONS, POSITIONS).filter(lambda part: part[0] < part[1]),
)


@given(st.lists(PARTS, min_size=1, max_size=MAX_RANGES))
def test_what_is_written_is_read_back(parts: list[tuple[int, int | None]]) -> None:
    made = Range(*parts[0], *parts[1:])
    assert parse_range(str(made)) == made


@given(st.lists(PARTS, min_size=1, max_size=MAX_RANGES), st.integers(1, 50))
def test_what_is_sent_is_what_was_asked_for_once(parts: list[tuple[int, int | None]], length: int) -> None:
    asked: set[int] = set()
    for start, end in parts:
        asked.update(range(length)[start:end])
    ranges = Range(*parts[0], *parts[1:]).ranges_of(length)
    assert ranges is not None
    sent = [place for start, stop in ranges for place in range(start, stop)]
    assert len(sent) == len(set(sent))
    assert set(sent) == asked


@given(st.text(), st.text(st.sampled_from("0123456789-, \t=")), st.integers(0, 50))
def test_reading_never_raises(text: str, ranges: str, length: int) -> None:
    parse_content_range(text)
    parse_content_range(f"bytes {ranges}/{ranges}")
    for field in (text, f"bytes={text}", f"bytes={ranges}"):
        if (parsed := parse_range(field)) is not None:
            parsed.ranges_of(length)


@pytest.mark.parametrize("hostile", [",", "0-,", "-", "9", "1-1", " ", "=", "0-0, "], ids=repr)
def test_the_work_grows_with_the_length(hostile: str) -> None:
    def read(field: str) -> None:
        parse_content_range(field)
        if (parsed := parse_range(field)) is not None:
            parsed.ranges_of(LENGTH)

    read("bytes=0-1")
    assert steps(read, "bytes=" + hostile * 400) <= 2.1 * steps(read, "bytes=" + hostile * 200) + 200
