from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wadjet.http.disposition import content_disposition
from wadjet.http.headers import field_value
from wadjet.http.parameters import parse_parameters


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("plain.txt", 'attachment; filename="plain.txt"'),
        ("two words.txt", 'attachment; filename="two words.txt"'),
        ("it's.txt", 'attachment; filename="it\'s.txt"'),
        ('a"b.txt', 'attachment; filename="a\\"b.txt"; filename*=UTF-8\'\'a%22b.txt'),
        ('a"; filename="evil.bat', None),
        ("a\\b.txt", "attachment; filename=\"a\\\\b.txt\"; filename*=UTF-8''a%5Cb.txt"),
        ("a\\", "attachment; filename=\"a\\\\\"; filename*=UTF-8''a%5C"),
        ("100%41.txt", "attachment; filename=\"100%41.txt\"; filename*=UTF-8''100%2541.txt"),
        ("€ rates.txt", "attachment; filename=\"_ rates.txt\"; filename*=UTF-8''%E2%82%AC%20rates.txt"),
        ("what?é.txt", "attachment; filename=\"what__.txt\"; filename*=UTF-8''what%3F%C3%A9.txt"),
        ("what?.txt", 'attachment; filename="what?.txt"'),
        ("文件.txt", "attachment; filename=\"__.txt\"; filename*=UTF-8''%E6%96%87%E4%BB%B6.txt"),
        ("a\nX-Evil: 1", 'attachment; filename="a_X-Evil: 1"'),
        ("a\r\n\0\x7f\x85b", 'attachment; filename="a_____b"'),
        ("\udcff.txt", 'attachment; filename="_.txt"'),
        ("cod\u202etxt.exe", 'attachment; filename="cod_txt.exe"'),
        ("", "attachment"),
        (None, "attachment"),
    ],
    ids=[
        "plain",
        "space",
        "FILE-92 single quote",
        "FILE-85 quote",
        "FILE-86 second parameter",
        "FILE-88 backslash",
        "FILE-89 trailing backslash",
        "FILE-91 percent",
        "beyond Latin-1",
        "Latin-1",
        "question mark",
        "beyond ASCII",
        "FILE-94 line end",
        "controls",
        "half a character",
        "direction of writing",
        "empty",
        "none",
    ],
)
def test_a_name_is_written_so_that_every_client_reads_it(name: str | None, written: str | None) -> None:
    value = content_disposition("attachment", name)
    if written is not None:
        assert value == written
    if name and "filename*" in value:
        assert unquote(parse_parameters(value)[1]["filename*"].removeprefix("UTF-8''")) == name


def test_it_may_be_shown_instead_of_saved() -> None:
    assert content_disposition("inline", "a.pdf") == 'inline; filename="a.pdf"'
    assert content_disposition("inline") == "inline"


def test_another_disposition_is_the_developers_mistake() -> None:
    odd: Any = "attachment; filename=x"
    with pytest.raises(ValueError, match="is neither 'attachment' nor 'inline'"):
        content_disposition(odd)


@given(st.text())
def test_whatever_a_name_holds_it_stays_one_name(name: str) -> None:
    value = content_disposition("attachment", name)
    assert field_value(value).decode() == value
    disposition, parameters = parse_parameters(value)
    assert disposition == "attachment"
    assert set(parameters) <= {"filename", "filename*"}
    if "filename*" in parameters:
        extended = unquote(parameters["filename*"].removeprefix("UTF-8''"))
        assert [a == b or b == "_" for a, b in zip(name, extended, strict=True)].count(False) == 0
