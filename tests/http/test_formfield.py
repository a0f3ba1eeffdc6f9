"""Looking for one field of a form, however the content is cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wadjet.http.formfield import FieldSearch

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=b"


def part(name: str, value: str, extra: str = "") -> str:
    return f'--b\r\nContent-Disposition: form-data; name="{name}"{extra}\r\n\r\n{value}\r\n'


def search(kind: str, *chunks: bytes) -> str | None:
    found = FieldSearch(kind, "token")
    for chunk in chunks:
        if found.feed(chunk):
            return found.value
    found.end()
    return found.value


FORMS = [
    (URLENCODED, "token=abc", "abc"),
    (URLENCODED, "token=abc&a=1", "abc"),
    (URLENCODED, "a=1&token=abc&token=def", "abc"),
    (URLENCODED, "a=1&token=", ""),
    (f"{URLENCODED}; charset=utf-8", "a=1&token=abc", "abc"),
    (URLENCODED, "mytoken=abc", None),
    (URLENCODED, "a=token=abc", None),
    (URLENCODED, "token", None),
    (URLENCODED, "", None),
    (MULTIPART, part("token", "abc") + "--b--\r\n", "abc"),
    (MULTIPART, part("a", "1") + part("token", "abc") + part("c", "2") + "--b--\r\n", "abc"),
    (MULTIPART, part("a", "token=abc") + "--b--\r\n", None),
    (MULTIPART, part("token", "abc", '; filename="x"') + "--b--\r\n", None),
    (MULTIPART, part("token", ""), None),
    (MULTIPART, "garbage", None),
    (MULTIPART, "--b\r\nno field\r\n\r\nabc\r\n--b--\r\n", None),
    ("multipart/form-data", part("token", "abc"), None),
    ("application/json", '{"token": "abc"}', None),
    ("", "token=abc", None),
]


@pytest.mark.parametrize(("kind", "content", "value"), FORMS)
def test_the_field_is_found_however_the_content_is_cut(kind: str, content: str, value: str | None) -> None:
    data = content.encode()
    assert search(kind, data) == value
    assert search(kind, *(data[place : place + 1] for place in range(len(data)))) == value
    for place in range(len(data)):
        assert search(kind, data[:place], data[place:]) == value


@pytest.mark.parametrize("kind", ["multipart/form-data", "application/json", "", "text/plain; a=b"])
def test_what_is_no_form_is_not_worth_reading(kind: str) -> None:
    assert FieldSearch(kind, "token").is_hopeless


def test_a_value_that_is_too_long_is_cut_and_not_kept() -> None:
    for kind, begin in ((URLENCODED, "token="), (MULTIPART, part("token", "")[:-2])):
        found = FieldSearch(kind, "token")
        is_over = [found.feed(chunk) for chunk in [begin.encode(), *[b"a" * 1000] * 100]]
        if kind == URLENCODED:
            assert is_over[3]
        else:
            found.feed(b"\r\n--b--\r\n")
        assert len(found.value or "") == 1024


@given(st.sampled_from([URLENCODED, MULTIPART]), st.lists(st.binary(max_size=40), max_size=8))
def test_no_content_raises(kind: str, chunks: list[bytes]) -> None:
    search(kind, *chunks)
