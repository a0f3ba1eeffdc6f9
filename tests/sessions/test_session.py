"""Session: a dict that knows what was changed in it, and when it can be used."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.clocks import Clock
from tests.sessions.sites import SECRET, showing
from wadjet.errors import (
    ConfigError,
    SessionError,
    SessionNotLoaded,
    SessionReadOnly,
    SessionTooLarge,
    SessionValueError,
)
from wadjet.sessions import Record, SealedSessions, Session, SessionPolicy, StoredSessions
from wadjet.sessions.state import Outcome
from wadjet.stores.memory import MemoryStore

POLICY = SessionPolicy(timeout=100, lifetime=1000)


def opened(clock: Clock | None = None, **data: Any) -> Session:
    """Return a session that came in a cookie; a new one where it has nothing in it."""
    clock = clock or Clock()
    sessions = SealedSessions(POLICY, SECRET, clock)
    record = Record("an id", int(clock.now), int(clock.now), None, data)
    return Session(sessions, showing(sessions.write(record) if data else None), "sessionid")


def outcome(session: Session, *, fails: bool = False) -> Outcome:
    state = session.close("it is over")
    if state is None:
        return Outcome.NOTHING
    return state.settle(POLICY, session.sessions.now(), fails=fails)


# -- a mapping --------------------------------------------------------------------------------------------------------------


def test_it_is_a_dict() -> None:
    session = opened(a=1, b=[2])
    assert dict(session) == {"a": 1, "b": [2]}
    assert (len(session), "a" in session, "c" in session, session.get("c", 3)) == (2, True, False, 3)
    session.update(c=4)
    assert session.pop("a") == 1
    assert session.setdefault("d", 5) == 5
    for key in session:  # which may be changed meanwhile
        del session[key]
    assert not session
    with pytest.raises(KeyError):
        session["a"]
    with pytest.raises(KeyError):
        del session["a"]


def test_its_text_shows_nothing_of_what_is_in_it() -> None:
    session = opened(password="hunter2")
    assert repr(session) == f"<Session {session.key}>"
    assert repr(opened()) == "<Session without a key>"


# -- what counts as a change ------------------------------------------------------------------------------------------------


def read(session: Session) -> None:
    session.get("a")
    list(session.values())


def write(session: Session) -> None:
    session["a"] = 1


def clear(session: Session) -> None:
    session.clear()


def change_inside(session: Session) -> None:
    session["list"].append(3)


def change_deep_inside(session: Session) -> None:
    session["dict"]["deep"].append(3)


def change_the_type_inside(session: Session) -> None:
    session["list"][0] = True


def change_and_take_back(session: Session) -> None:
    session["list"].append(3)
    session["list"].pop()


def look_and_delete(session: Session) -> None:
    session["list"].append(3)
    del session["list"]


def write_the_same(session: Session) -> None:
    session["dict"] = {"deep": []}
    session["list"] = list(session["list"])


def write_the_same_and_change_it(session: Session) -> None:
    session["list"] = same = list(session["list"])
    same.append(3)


def change_inside_and_write_the_same(session: Session) -> None:
    session["list"].append(3)
    session["list"] = list(session["list"])


def delete_what_is_not_there(session: Session) -> None:
    with pytest.raises(KeyError):
        del session["nothing"]


@pytest.mark.parametrize(
    ("action", "is_kept"),
    [
        (read, False),
        (write, True),
        (write_the_same, False),
        (write_the_same_and_change_it, True),
        (change_inside_and_write_the_same, True),
        (delete_what_is_not_there, False),
        (clear, True),
        (change_inside, True),
        (change_deep_inside, True),
        (change_the_type_inside, True),
        (change_and_take_back, False),
        (look_and_delete, True),
        (Session.changed, True),
        (Session.rotate, True),
        (Session.peek_flash, False),
        (Session.pop_flash, False),
    ],
)
def test_a_session_is_kept_when_it_was_changed(action: Any, is_kept: bool) -> None:
    session = opened(a=0, list=[1], dict={"deep": []})
    action(session)
    assert outcome(session) is (Outcome.IS_KEPT if is_kept else Outcome.NOTHING)


@pytest.mark.parametrize("value", [{1}, "x" * 5000])
def test_no_session_begins_where_nothing_could_be_written(value: Any) -> None:
    session = opened()
    with pytest.raises(SessionError):
        session["a"] = value
    delete_what_is_not_there(session)
    session.invalidate()
    assert session.key == ""
    assert outcome(session) is Outcome.NOTHING


def test_what_nobody_has_touched_is_nothing_to_do() -> None:
    session = opened(a=1)
    assert session.key
    assert not session.is_touched
    assert outcome(session) is Outcome.NOTHING
    assert outcome(opened()) is Outcome.NOTHING


def test_what_was_put_into_a_value_is_checked_when_the_answer_is_there() -> None:
    session = opened(list=[1])
    session["list"].append({2})
    with pytest.raises(SessionValueError, match=r"session\['list'\]\[1\] is \{2\}"):
        outcome(session)
    session = opened()
    value: list[Any] = []
    session["new"] = value
    value.append({2})
    with pytest.raises(SessionValueError, match=r"session\['new'\]\[0\]"):
        outcome(session)


def test_time_is_extended_when_a_tenth_of_it_has_passed_and_somebody_looks() -> None:
    clock = Clock()
    session = opened(clock, a=1)
    clock.now += 9
    read(session)
    assert outcome(session) is Outcome.NOTHING
    session = opened(clock, a=1)
    clock.now += 10
    read(session)
    assert outcome(session) is Outcome.IS_KEPT


def test_of_an_answer_that_failed_nothing_is_kept_but_an_end_is_an_end() -> None:
    session = opened(a=1)
    session["a"] = 2
    assert outcome(session, fails=True) is Outcome.NOTHING
    session = opened(a=1)
    session.invalidate()
    assert outcome(session, fails=True) is Outcome.ENDS


# -- its life ---------------------------------------------------------------------------------------------------------------


def test_it_has_no_key_before_anything_is_written() -> None:
    session = opened()
    assert (session.key, session.new, session.created, session.user_id) == ("", True, 1000, None)
    session["a"] = 1
    assert session.key
    assert session.new


def test_a_rotation_changes_the_key_and_nothing_else() -> None:
    session = opened(a=1)
    before = session.key
    session.rotate()
    assert session.key not in {"", before}
    assert (dict(session), session.new, session.created) == ({"a": 1}, False, 1000)
    once = session.key
    session.rotate()
    assert session.key not in {"", before, once}


def test_a_login_rotates_and_binds_and_begins_its_time_again() -> None:
    clock = Clock()
    session = opened(clock, cart=[1])
    before = session.key
    clock.now += 50
    session.bind_user(7)
    assert session.key != before
    assert (session.user_id, dict(session), session.created) == ("7", {"cart": [1]}, 1050)


def test_another_user_finds_nothing_of_the_one_before() -> None:
    session = opened(cart=[1])
    session.bind_user(7)
    session["secret"] = "of 7"
    session.bind_user(7)
    assert session["secret"] == "of 7"
    session.bind_user(8)
    assert (session.user_id, dict(session)) == ("8", {})
    assert session.new


def test_a_session_that_was_invalidated_is_empty_and_another_begins_after_it() -> None:
    session = opened(a=1)
    before = session.key
    session.invalidate()
    assert (dict(session), session.key, session.new) == ({}, "", True)
    session["b"] = 2
    assert session.key not in {"", before}
    assert outcome(session) is Outcome.IS_KEPT


def test_what_was_never_kept_needs_no_end() -> None:
    session = opened()
    session["a"] = 1
    session.invalidate()
    assert outcome(session) is Outcome.NOTHING


def test_a_session_that_is_closed_can_be_read_and_not_changed() -> None:
    session = opened(a=1)
    session.close("the head has left")
    assert session["a"] == 1
    for change in (write, clear, Session.rotate, Session.invalidate, Session.changed):
        with pytest.raises(SessionReadOnly, match="cannot be changed: the head has left"):
            change(session)
    with pytest.raises(SessionReadOnly):
        session.flash("a message")


# -- flash messages ---------------------------------------------------------------------------------------------------------


def test_messages_wait_in_queues_until_they_are_taken() -> None:
    session = opened()
    session.flash("one")
    session.flash("two")
    session.flash("other", "errors")
    assert session.peek_flash() == session.peek_flash() == ["one", "two"]
    assert session.pop_flash() == ["one", "two"]
    assert session.pop_flash() == session.peek_flash() == []
    assert session.pop_flash("errors") == ["other"]
    assert not session


def test_a_message_that_waits_already_can_be_left_out() -> None:
    session = opened()
    session.flash("one")
    session.flash("one", allow_duplicate=False)
    session.flash("one", "other", allow_duplicate=False)
    session.flash("one")
    assert session.pop_flash() == ["one", "one"]
    assert session.pop_flash("other") == ["one"]


def test_what_is_done_to_the_messages_that_were_shown_changes_nothing() -> None:
    session = opened()
    session.flash("one")
    session.peek_flash().append("two")
    assert session.pop_flash() == ["one"]


# -- values -----------------------------------------------------------------------------------------------------------------


def test_a_value_that_json_has_not_changes_nothing() -> None:
    session = opened(a=1)
    with pytest.raises(SessionValueError, match=r"session\['a'\] is \{1\} \(set\)"):
        session["a"] = {1}
    assert session["a"] == 1
    with pytest.raises(SessionValueError, match="a key is text, not int"):
        session[1] = 1  # type: ignore[index] # the mistake
    assert outcome(session) is Outcome.NOTHING


def test_what_does_not_fit_into_a_cookie_is_refused_when_it_is_written_and_changes_nothing() -> None:
    session = opened(a=1)
    with pytest.raises(
        SessionTooLarge,
        match=r"and browsers keep \d+; the most is in session\['b'\]. .* SESSION_STORE='redis'",
    ):
        session["b"] = "x" * 3000
    assert dict(session) == {"a": 1}
    session["b"] = "x" * 2500


def test_they_are_all_session_errors() -> None:
    assert all(
        issubclass(error, SessionError)
        for error in (SessionNotLoaded, SessionReadOnly, SessionTooLarge, SessionValueError)
    )


# -- on the server ----------------------------------------------------------------------------------------------------------


def test_one_on_the_server_is_used_after_it_was_read() -> None:
    async def questions() -> None:
        sessions = StoredSessions(MemoryStore(10_000), POLICY)
        for cookie in (None, "x" * 43):
            session = Session(sessions, showing(cookie), "sessionid", asyncio.get_running_loop())
            with pytest.raises(SessionNotLoaded, match=r"write `await request.session.load\(\)` first"):
                session.get("a")
            with pytest.raises(SessionNotLoaded, match="SESSION_EAGER=True"):
                session["a"] = 1
            assert await session.load() is session
            assert not session

    asyncio.run(questions())


def test_a_thread_without_a_loop_cannot_wait() -> None:
    session = Session(StoredSessions(MemoryStore(10_000), POLICY), showing(None), "sessionid")
    with pytest.raises(SessionNotLoaded):
        session.get("a")


def test_of_two_that_read_it_at_once_both_see_the_same() -> None:
    async def questions() -> None:
        sessions = StoredSessions(MemoryStore(10_000), POLICY)
        session = Session(sessions, showing("x" * 43), "sessionid", asyncio.get_running_loop())

        async def write() -> None:
            (await session.load())["a"] = 1

        await asyncio.gather(write(), session.load(), write())
        assert dict(session) == {"a": 1}

    asyncio.run(questions())


def test_sessions_in_cookies_cannot_be_listed() -> None:
    with pytest.raises(ConfigError, match="cannot be listed or revoked; .* SESSION_STORE='redis'"):
        _ = opened().store
