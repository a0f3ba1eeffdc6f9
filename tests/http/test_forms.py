import pytest
from hypothesis import given
from hypothesis import strategies as st

from wadjet.http.forms import FormError, parse_urlencoded
from wadjet.http.urls import format_query


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        pytest.param(b"a=1&b=2", [("a", "1"), ("b", "2")], id="FORM-01"),
        pytest.param(b"a+b=c%2Bd", [("a b", "c+d")], id="FORM-03"),
        pytest.param(b"%C3%A9=%E2%82%AC", [("é", "€")], id="FORM-04"),
        pytest.param("é=€".encode(), [("é", "€")], id="FORM-05"),
        pytest.param(b"a=%zz&b=%", [("a", "%zz"), ("b", "%")], id="FORM-07"),
        pytest.param(b"a=1%002", [("a", "1\x002")], id="FORM-10"),
        pytest.param(b"a=&=b&&c", [("a", ""), ("", "b"), ("c", "")], id="FORM-11"),
        pytest.param(b"_charset_=utf-7&a=%2BADw-", [("_charset_", "utf-7"), ("a", "+ADw-")], id="FORM-36"),
        pytest.param(b"", [], id="empty"),
    ],
)
def test_a_form_is_split_as_browsers_write_it(body: bytes, fields: list[tuple[str, str]]) -> None:
    assert parse_urlencoded(body) == fields


@pytest.mark.parametrize(
    "charset",
    [
        pytest.param("bogus", id="FORM-17"),
        pytest.param("zlib", id="FORM-19"),
        pytest.param("idna", id="FORM-21"),
        pytest.param('"', id="FORM-23"),
        pytest.param("a" * 20_000, id="FORM-25"),
        "utf-16",
        "utf-7",
        "unicode_escape",
        "undefined",
        "punycode",
        "hz",
        "\x00",
        "",
        "UTF-8",
        "utf8",
    ],
)
def test_a_charset_that_cannot_be_is_read_as_utf_8(charset: str) -> None:
    assert parse_urlencoded(b"a=%C3%A9+%2BADw-", charset=charset) == [("a", "é +ADw-")]


@pytest.mark.parametrize(
    ("charset", "body", "value"),
    [
        ("iso-8859-1", b"a=%E9", "é"),
        ("ISO-8859-15", b"a=\xa4", "€"),
        ("windows-1252", b"a=%80", "€"),
        ("koi8-r", b"a=%C1", "а"),
        ("shift_jis", b"a=%83%5C", "ソ"),
        ("gb18030", b"a=%81%30%81%30", "\x80"),
        ("us-ascii", b"a=%FF", "\ufffd"),
        ("euc-jp", b"a=%A4&b=1", "\ufffd"),
    ],
)
def test_a_declared_charset_is_used(charset: str, body: bytes, value: str) -> None:
    assert parse_urlencoded(body, charset=charset)[0] == ("a", value)


@pytest.mark.parametrize("charset", ["shift_jis", "gbk", "big5", "euc-kr", "gb18030"])
def test_no_charset_hides_a_separator(charset: str) -> None:
    fields = parse_urlencoded(b"a=\x81&b=\xfe&c=1", charset=charset)
    assert [name for name, _ in fields] == ["a", "b", "c"]
    assert fields[2] == ("c", "1")


def test_the_number_of_fields_is_limited() -> None:
    assert len(parse_urlencoded(b"a=1&" * 1000)) == 1000
    for body in (b"a=1&" * 1001, b"&".join([b"a"] * 1001), b"&" * 1_000_000):
        with pytest.raises(FormError, match="more than 1000 form fields"):
            parse_urlencoded(body)
    with pytest.raises(FormError, match="more than 1 form fields"):
        parse_urlencoded(b"a&b", max_fields=1)
    assert issubclass(FormError, ValueError)


def test_the_size_of_a_field_is_limited() -> None:
    """FORM-31, CVE-2026-54283."""
    large = 1024 * 1024
    for body in (b"x" * 2 * large + b"=1", b"a=1&b=" + b"x" * large, b"%" * 2 * large, b"%4" * large):
        with pytest.raises(FormError, match="a form field of more than 1048576 bytes"):
            parse_urlencoded(body)
    assert parse_urlencoded(b"a=%20%20&b=", max_field_bytes=4) == [("a", "  "), ("b", "")]


def test_a_body_of_percent_signs_is_literal() -> None:
    """FORM-32."""
    assert parse_urlencoded(b"a=" + b"%" * 300_000) == [("a", "%" * 300_000)]


@given(st.lists(st.tuples(st.text(), st.text())))
def test_a_form_that_is_written_is_read_back(fields: list[tuple[str, str]]) -> None:
    assert parse_urlencoded(format_query(fields).encode()) == fields


@given(st.binary(), st.one_of(st.text(), st.sampled_from(["shift_jis", "gb18030", "big5", "iso-8859-8"])))
def test_reading_never_raises_within_the_limits(body: bytes, charset: str) -> None:
    parse_urlencoded(body, charset=charset)
