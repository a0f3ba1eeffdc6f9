"""Stored answers as bytes: whatever was kept comes back, and nothing else is taken for it."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.clocks import Clock
from wadjet.cache.stored import Stored
from wadjet.media import json

CLOCK = Clock()
HEAD: dict[str, Any] = {
    "version": 1,
    "mark": "",
    "identity": "1",
    "made_at": 1000.0,
    "is_conditional": False,
    "fields": [["content-type", "text/plain"]],
}


def load(document: bytes, mark: str = "") -> Stored | None:
    return Stored.load(document, mark, CLOCK)


@given(
    st.binary(),
    st.lists(
        st.tuples(st.from_regex(rb"[a-z][a-z-]*", fullmatch=True), st.from_regex(rb"[!-~]*", fullmatch=True))
    ),
    st.booleans(),
)
def test_what_was_written_is_read_again(
    body: bytes, fields: list[tuple[bytes, bytes]], is_conditional: bool
) -> None:
    stored = Stored(body, tuple(fields), 7.5, CLOCK, is_conditional=is_conditional)
    again = load(stored.dump("mark"), "mark")
    assert again is not None
    assert (again.body, again.fields, again.made_at) == (body, tuple(fields), 7.5)
    assert (again.is_conditional, again.identity) == (is_conditional, stored.identity)


def test_what_was_made_under_another_mark_is_void() -> None:
    document = Stored(b"body", (), 7.5, CLOCK).dump("before")
    assert load(document, "after") is None


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(pickle.dumps({"body": b"a"}), id="CACHE-29: a pickle"),
        b"",
        b"\n",
        b"{}\nbody",
        b"[]\nbody",
        b"null\nbody",
        b'"text"\nbody',
        b"\xff\nbody",
        *(
            json.dumps({**HEAD, **other}) + b"\nbody"
            for other in (
                {"version": 2},
                {"fields": [["a", "b\r\nset-cookie: c=d"]]},
                {"fields": [["a b", "c"]]},
                {"fields": [["a"]]},
                {"fields": [[1, 2]]},
                {"fields": None},
                {"fields": "ab"},
                {"made_at": "yesterday"},
                {"made_at": None},
            )
        ),
    ],
)
def test_what_is_no_stored_answer_is_none(document: bytes) -> None:
    assert load(json.dumps(HEAD) + b"\nbody") is not None
    assert load(document) is None


@given(st.binary())
def test_nothing_that_is_read_raises(document: bytes) -> None:
    load(document)
    load(document + b"\n")


def test_an_answer_is_good_for_as_many_requests_as_it_says() -> None:
    assert [Stored(b"", (), 0, CLOCK, left=0).take()] == [False]
    stored = Stored(b"", (), 0, CLOCK, left=2)
    assert [stored.take() for _ in range(4)] == [True, True, False, False]
    lasting = Stored(b"", (), 0, CLOCK)
    assert all(lasting.take() for _ in range(100))


def test_its_size_is_more_than_its_bytes() -> None:
    assert Stored(b"x" * 1000, ((b"content-type", b"text/plain"),), 0, CLOCK).size > 1022


def test_each_response_is_one_requests_own() -> None:
    stored = Stored(b"body", ((b"content-type", b"text/plain"),), 0, CLOCK)
    one, other = stored.response(), stored.response()
    assert one.is_ready
    one.set_cookie("a", "b")
    one.body = b"other"
    assert other.is_ready
    assert (other.body, other.raw_headers) == (b"body", [(b"content-type", b"text/plain")])
    assert stored.fields == ((b"content-type", b"text/plain"),)
