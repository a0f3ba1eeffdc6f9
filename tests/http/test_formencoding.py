"""Forms are written as clients write them, and what is in them stays in its place."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wadjet import Request
from wadjet.http.formencoding import encode_form, encode_multipart

NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)


@pytest.mark.parametrize("name", ['n"\r\nX: y', 'a"b', "a\rb", "a\nb"])
def test_a_name_ends_neither_its_quotes_nor_its_line(name: str) -> None:
    """WebOb's encoder does not escape names: WebOb defect 3, CWE-93."""
    for pair in ((name, "v"), ("f", (name, b"v"))):
        head = encode_multipart([pair], "b").split(b"\r\n\r\n")[0].decode()
        lines = head.split("\r\n")
        assert len(lines) == (3 if pair[0] == "f" else 2)
        assert lines[1].count('"') == (4 if pair[0] == "f" else 2)
        assert not {"\r", "\n"} & set("".join(lines))


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(NAMES, st.text(st.characters(exclude_categories=["Cs"]), max_size=20)),
        min_size=1,
        max_size=5,
    )
)
def test_a_urlencoded_form_is_read_as_it_was_written(pairs: list[tuple[str, str]]) -> None:
    assert list(Request.blank("/", POST=pairs).POST.items()) == pairs


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=200), st.text("abcdé", min_size=1, max_size=8))
def test_a_multipart_form_is_read_as_it_was_written(content: bytes, value: str) -> None:
    form = Request.blank("/", POST=[("field", value), ("file", ("a.bin", content))]).POST
    assert form["field"] == value
    assert form["file"].size == len(content)
    assert form["file"].original_filename == "a.bin"


def test_the_charset_of_a_form_is_kept() -> None:
    kind = "application/x-www-form-urlencoded; charset=utf-8"
    assert encode_form({"a": "1"}, kind) == (kind, b"a=1")
    assert encode_form(b"a=1", kind) == (kind, b"a=1")


def test_bytes_are_the_value_of_a_multipart_field_as_they_are() -> None:
    assert b'name="a"\r\n\r\n\xff\r\n' in encode_multipart([("a", b"\xff")], "b")
