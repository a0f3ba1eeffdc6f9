import sys
from collections.abc import Callable
from types import FrameType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wadjet.http.parameters import format_parameters, has_control, is_token, media_type, parse_parameters

TOKENS = st.text("!#$%&'*+-.^_`|~0123456789abcXYZ", min_size=1)


@pytest.mark.parametrize("text", ["a", "Content-Type", "x_y.z~!#$%&'*+^`|", "0"])
def test_a_token_is_visible_ascii_without_delimiters(text: str) -> None:
    assert is_token(text)


@pytest.mark.parametrize(
    "text", ["", " ", "a b", "a:b", "(", "a(b)c", '"', "é", "a\n", "\x00", "a/b", "\u212a"]
)
def test_anything_else_is_not_a_token(text: str) -> None:
    assert not is_token(text)


@pytest.mark.parametrize(
    ("text", "answer"),
    [("", False), ("plain", False), ("é\xa0\x85", False), ("\t", True), ("a\nb", True), ("é\x7f", True)],
)
def test_control_characters_are_c0_and_del(text: str, answer: bool) -> None:
    assert has_control(text) is answer


@pytest.mark.parametrize(
    ("field", "value", "parameters"),
    [
        ("text/html", "text/html", {}),
        (" text/html\t", "text/html", {}),
        ("text/html;charset=utf-8", "text/html", {"charset": "utf-8"}),
        ('Text/HTML;Charset="utf-8"', "Text/HTML", {"charset": "utf-8"}),
        ('text/html; charset="utf-8"', "text/html", {"charset": "utf-8"}),
        ("text/html ; charset=utf-8 ; ", "text/html", {"charset": "utf-8"}),
        ('form-data; name="a;b"; filename="c\\"d.txt"', "form-data", {"name": "a;b", "filename": 'c"d.txt'}),
        ("a; x=1; X=2", "a", {"x": "1"}),
        ("a; x; =1; y=2", "a", {"y": "2"}),
        ("a; x =1; y=2", "a", {"y": "2"}),
        ('a; x="open; y=2', "a", {"x": "open; y=2"}),
        ('a; x="b"junk; y=2', "a", {"x": "b", "y": "2"}),
        ("a; filename*=UTF-8''%e2%82%ac", "a", {"filename*": "UTF-8''%e2%82%ac"}),
        ("a; x=", "a", {"x": ""}),
        ('a; x=""', "a", {"x": ""}),
        ("", "", {}),
        (";a=b", "", {"a": "b"}),
    ],
)
def test_a_field_is_split_into_value_and_parameters(
    field: str, value: str, parameters: dict[str, str]
) -> None:
    assert parse_parameters(field) == (value, parameters)


@pytest.mark.parametrize(
    ("field", "essence"),
    [
        pytest.param(
            "Application/X-WWW-Form-Urlencoded; charset=UTF-8",
            "application/x-www-form-urlencoded",
            id="FORM-13",
        ),
        ("text/html", "text/html"),
        (" text/html ;q=1", "text/html"),
        ("", ""),
    ],
)
def test_the_essence_of_a_media_type_is_lower_case(field: str, essence: str) -> None:
    assert media_type(field) == essence


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({}, "a"),
        ({"charset": "utf-8"}, "a; charset=utf-8"),
        ({"name": "b c", "x": ""}, 'a; name="b c"; x=""'),
        ({"name": 'b"\\'}, 'a; name="b\\"\\\\"'),
    ],
)
def test_values_are_quoted_where_a_token_does_not_suffice(parameters: dict[str, str], field: str) -> None:
    assert format_parameters("a", parameters) == field


@pytest.mark.parametrize("name", ["", "a b", "é", "x\r\n"])
def test_a_parameter_name_is_a_token(name: str) -> None:
    with pytest.raises(ValueError, match="is not a token"):
        format_parameters("a", {name: "b"})


@pytest.mark.parametrize("text", ["a\r\nX-Evil: 1", "\x00", "\x7f", "a\nb"])
def test_a_parameter_value_has_no_control_character(text: str) -> None:
    with pytest.raises(ValueError, match="control character"):
        format_parameters("a", {"name": text})


@given(
    st.dictionaries(
        TOKENS.map(str.lower), st.text(st.characters(min_codepoint=32, exclude_characters="\x7f"))
    )
)
def test_what_is_written_is_read_back(parameters: dict[str, str]) -> None:
    assert parse_parameters(format_parameters("a/b", parameters)) == ("a/b", parameters)


@given(st.text(st.sampled_from("abc=;,\" \t\\'*é\x00\n")))
def test_reading_never_raises(field: str) -> None:
    _, parameters = parse_parameters(field)
    assert all(is_token(name) for name in parameters)


def steps(work: Callable[[str], object], field: str) -> int:
    """Count the calls that ``work`` makes, those into C included."""
    count = 0

    def profile(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(profile)
    try:
        work(field)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize(
    "hostile",
    ["; a=b", ";", '; a="b', '; a="\\', ';="', '"', "\\", "; a"],
    ids=repr,
)
def test_the_work_grows_with_the_length(hostile: str) -> None:
    parse_parameters('x; a="b"')
    assert (
        steps(parse_parameters, "x" + hostile * 400)
        <= 2.1 * steps(parse_parameters, "x" + hostile * 200) + 20
    )


def test_a_content_type_of_backslashes_is_read_in_one_pass() -> None:
    """FORM-33, CVE-2024-24762."""
    field = 'application/x-www-form-urlencoded; !="' + "\\" * 200_000
    assert parse_parameters(field)[1] == {"!": "\\" * 100_000}
