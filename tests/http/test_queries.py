from urllib.parse import parse_qsl, unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.http.test_parameters import steps
from wadjet.http.queries import parse_query, parse_query_values
from wadjet.http.urls import format_query

#: Any text that can be encoded.
TEXT = st.text()


@pytest.mark.parametrize(
    ("query", "pairs"),
    [
        pytest.param("a=1&b=x&a=2", [("a", "1"), ("b", "x"), ("a", "2")], id="URL-20"),
        pytest.param("a", [("a", "")], id="URL-23"),
        pytest.param("&&a=1&", [("a", "1")], id="URL-25"),
        pytest.param("a=b=c", [("a", "b=c")], id="URL-26"),
        pytest.param("a=%zz", [("a", "%zz")], id="URL-27"),
        pytest.param("a=%4", [("a", "%4")], id="URL-28"),
        pytest.param("a=%FF", [("a", "\ufffd")], id="URL-29"),
        pytest.param("a[b]=1", [("a[b]", "1")], id="URL-32"),
        pytest.param("a+b=c%2Bd", [("a b", "c+d")], id="FORM-03"),
        pytest.param("%C3%A9=%e2%82%ac", [("é", "€")], id="FORM-04"),
        pytest.param("a=%00b", [("a", "\0b")], id="NUL is kept"),
        pytest.param("a=1;b=2", [("a", "1;b=2")], id="a semicolon does not separate"),
        pytest.param("%61%3D=%26", [("a=", "&")], id="escapes do not separate"),
        pytest.param("=&=b", [("", ""), ("", "b")], id="empty names"),
        pytest.param("a=%EF%BB%BFx", [("a", "\ufeffx")], id="no BOM is dropped"),
        pytest.param("a=%F0%9F%98%80", [("a", "😀")], id="beyond the BMP"),
        pytest.param("", [], id="empty"),
    ],
)
def test_a_query_is_split_as_browsers_split_it(query: str, pairs: list[tuple[str, str]]) -> None:
    assert parse_query(query) == pairs
    assert parse_query(query.encode()) == pairs


@pytest.mark.parametrize(
    ("query", "value"),
    [
        (b"a=\xc3\xa9", "é"),
        (b"a=\xff", "\ufffd"),
        (b"a=\xc3%A9", "é"),
        (b"a=\xc3&b=\xa9", "\ufffd"),
        ("a=é", "é"),
    ],
)
def test_raw_bytes_are_read_as_utf_8(query: bytes | str, value: str) -> None:
    assert parse_query(query)[0] == ("a", value)


def test_the_number_of_parameters_is_limited() -> None:
    assert len(parse_query(b"a=1&" * 1000)) == 1000
    for query in (b"a&" * 1001, b"&".join([b"a=%20"] * 1001), b"&" * 100_000):
        with pytest.raises(ValueError, match="more than 1000 parameters"):
            parse_query(query)
    with pytest.raises(ValueError, match="more than 2 parameters"):
        parse_query("a&b&c", max_pairs=2)


@given(st.lists(st.tuples(TEXT, TEXT)))
def test_a_query_that_is_written_is_read_back(pairs: list[tuple[str, str]]) -> None:
    query = format_query(pairs)
    assert query.isascii()
    assert parse_query(query) == pairs


@given(st.text(st.sampled_from("ab=&%+;03aCE9zF\x00 ")))
def test_a_query_is_split_as_by_the_standard_library(query: str) -> None:
    assert parse_query(query.encode()) == parse_qsl(query, keep_blank_values=True)


@given(st.one_of(st.binary(), st.text(st.characters())))
def test_reading_a_query_never_raises(query: bytes | str) -> None:
    parse_query(query)


@given(st.text(st.sampled_from("ab=&é")))
def test_the_short_way_agrees_with_the_long_way(query: str) -> None:
    assert parse_query(query + "&%20") == [*parse_query(query), (" ", "")]


@pytest.mark.parametrize("hostile", ["a=b&", "&", "=", "%", "%e", "%41", "+", "a", "\x00"], ids=repr)
def test_the_work_on_a_query_grows_with_its_length(hostile: str) -> None:
    def read(query: str) -> None:
        parse_query(query, charset="latin-1")
        parse_query(query)
        parse_query_values(query.encode(), max_pairs=10_000)

    read("a=%41")
    assert steps(read, hostile * 400) <= 2.1 * steps(read, hostile * 200) + 200


@pytest.mark.parametrize("hostile", [b"%", b"%e", b"%zz"])
def test_percent_signs_that_escape_nothing_cost_nothing(hostile: bytes) -> None:
    assert steps(lambda text: parse_query(text), hostile.decode() * 5000) < 50


@given(st.binary(max_size=30).map(lambda raw: raw.replace(b"&", b"%")))
def test_escapes_are_read_as_the_standard_library_reads_them(raw: bytes) -> None:
    piece = raw.replace(b"=", b"%3d").replace(b"+", b"%2b")
    (pair,) = parse_query(b"a=" + piece) if piece else [("a", "")]
    assert pair == ("a", unquote_to_bytes(piece).decode("utf-8", "replace"))


BYTES = st.one_of(
    st.binary(),
    st.lists(st.sampled_from([b"a", b"b", b"=", b"&", b"+", b"%20", b"%", b"\xff"])).map(b"".join),
)


@given(BYTES, st.sampled_from(["utf-8", "latin-1"]))
def test_the_values_of_each_name_are_those_of_the_pairs(query: bytes, charset: str) -> None:
    expected: dict[str, list[str]] = {}
    for name, value in parse_query(query, charset=charset):
        expected.setdefault(name, []).append(value)
    found = parse_query_values(query, charset=charset)
    assert found == expected
    assert list(found) == list(expected)


@pytest.mark.parametrize("query", [b"a&b&c", b"a=%20&b&c", b"&&&"])
def test_the_number_of_values_is_limited(query: bytes) -> None:
    with pytest.raises(ValueError, match="more than 2 parameters"):
        parse_query_values(query, max_pairs=2)
