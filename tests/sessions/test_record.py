"""Record: one session as it is kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wadjet.sessions.record import Record, SessionInfo, key_of


def test_it_comes_back_as_it_went_in() -> None:
    record = Record("id", 1, 2, "7", {"a": [1, {"b": None}]})
    raw = record.dumps(shows_id=True)
    found = Record.loads(raw)
    assert found is not None
    assert (found.id, found.created, found.seen, found.user_id, found.data) == ("id", 1, 2, "7", record.data)
    assert found.raw == raw
    assert found.info == SessionInfo(key_of("id"), 1, 2, "7")


def test_what_is_kept_on_the_server_shows_nobody_its_id() -> None:
    raw = Record("the id", 1, 2).dumps(shows_id=False)
    assert b"the id" not in raw
    found = Record.loads(raw, "the id")
    assert found is not None
    assert found.key == key_of("the id")
    assert Record("", 1, 2).key == ""


@pytest.mark.parametrize("raw", [b"", b"{}", b"[]", b"null", b'[2,"",1,2,null,{}]', b"[1,2]", b"\xff"])
def test_bytes_of_another_form_are_no_session(raw: bytes) -> None:
    assert Record.loads(raw) is None


@given(st.binary(max_size=50))
def test_no_bytes_raise(raw: bytes) -> None:
    found = Record.loads(raw)
    assert found is None or found.raw == raw


def test_a_merge_takes_what_was_changed_and_leaves_the_rest() -> None:
    here, there = Record("", 0, 0, data={"a": 1, "b": 1, "c": 1}), Record("", 0, 0, data={"a": 2, "c": 2})
    here.merge(there, {"a", "b", "never"})
    assert here.data == {"a": 2, "c": 1}
