"""StoredSessions: what requests do at the same time, what was revoked, and whose sessions there are."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.clocks import Clock
from tests.redisserver import RedisServer
from tests.sessions.sites import showing
from wadjet.errors import SessionTooLarge
from wadjet.sessions import Session, SessionPolicy, StoredSessions
from wadjet.sessions.state import Outcome
from wadjet.stores import Store, StoreUnavailable
from wadjet.stores.memory import MemoryStore
from wadjet.stores.redis import RedisStore

POLICY = SessionPolicy(timeout=100, lifetime=1000)
Questions = Callable[[StoredSessions, Clock], Awaitable[None]]
Ask = Callable[[Questions], None]


@pytest.fixture(params=["memory", "redis"])
def ask(request: pytest.FixtureRequest) -> Ask:
    """Give what asks a test's questions: of sessions in memory, and in a real Redis."""

    def store(clock: Clock) -> Store:
        if request.param == "memory":
            return MemoryStore(1_000_000, clock)
        server: RedisServer = request.getfixturevalue("shared_redis")
        return RedisStore(server.url, prefix=f"{request.node.name}:{time.monotonic_ns()}:", timeout=10)

    async def whole(questions: Questions) -> None:
        clock = Clock(1e9)
        sessions = StoredSessions(store(clock), POLICY, clock)
        try:
            await questions(sessions, clock)
        finally:
            await sessions.store.close()

    return lambda questions: asyncio.run(whole(questions))


async def shown(sessions: StoredSessions, cookie: str | None = None) -> Session:
    """Return the session of a request that shows a cookie."""
    return await Session(sessions, showing(cookie), "sessionid").load()


async def done(session: Session) -> str | None:
    """Do what is done when the answer is there; return the cookie, None where nothing is kept."""
    state = session.close("it is over")
    assert state is not None
    assert isinstance(session.sessions, StoredSessions)
    outcome = state.settle(POLICY, session.sessions.now(), fails=False)
    if outcome is Outcome.ENDS:
        assert state.old is not None
        await session.sessions.end(state.old)
    is_kept = outcome is Outcome.IS_KEPT and await session.sessions.save(state)
    return state.record.id if is_kept else None


async def begun(sessions: StoredSessions, user: object = None, **data: Any) -> str:
    """Begin a session, and return its cookie."""
    session = await shown(sessions)
    if user is not None:
        session.bind_user(user)
    session.update(data)
    cookie = await done(session)
    assert cookie is not None
    return cookie


# -- one session ------------------------------------------------------------------------------------------------------------


def test_it_is_there_for_who_shows_its_id(ask: Ask) -> None:
    async def questions(sessions: StoredSessions, clock: Clock) -> None:
        cookie = await begun(sessions, a=1)
        session = await shown(sessions, cookie)
        assert (dict(session), session.new, session.created) == ({"a": 1}, False, 10**9)
        for other in (None, "", "x" * 43, cookie[:-1], cookie + "A", session.key, f"session:{session.key}"):
            assert dict(await shown(sessions, other)) == {}

    ask(questions)


def test_who_reads_the_store_cannot_show_what_is_in_it(ask: Ask) -> None:
    async def questions(sessions: StoredSessions, clock: Clock) -> None:
        cookie = await begun(sessions, a=1)
        key = sessions.key_of(cookie)
        raw = await sessions.store.get(f"session:{key}")
        assert raw is not None
        assert cookie.encode() not in raw
        assert cookie not in key

    ask(questions)


def test_it_ends_when_it_was_idle_too_long_and_lives_while_it_is_used(ask: Ask) -> None:
    async def questions(sessions: StoredSessions, clock: Clock) -> None:
        cookie = await begun(sessions, a=1)
        for _ in range(9):
            clock.now += 99
            session = await shown(sessions, cookie)
            assert dict(session) == {"a": 1}
            assert await done(session) == cookie
        clock.now += 100
        assert dict(await shown(sessions, cookie)) == {}

    ask(questions)


def test_it_ends_when_its_whole_time_is_over_however_much_it_is_used(ask: Ask) -> None:
    async def questions(sessions: StoredSessions, clock: Clock) -> None:
        cookie = await begun(sessions, a=1)
        for _ in range(20):
            session = await shown(sessions, cookie)
            assert dict(session) == {"a": 1}
            await done(session)
            clock.now += 50
        assert dict(await shown(sessions, cookie)) == {}

    ask(questions)


def test_a_rotation_moves_it_and_the_old_id_opens_nothing(ask: Ask) -> None:
    async def questions(sessions: StoredSessions, clock: Clock) -> None:
        before = await begun(sessions, a=1)
        session = await shown(sessions, before)
        session.rotate()
        after = await done(session)
        assert after not in {None, before}
        assert dict(await shown(sessions, after)) == {"a": 1}
        assert dict(await shown(sessions, before)) == {}

    ask(questions)


def test_an_end_is_at_once(ask: Ask) -> None:
    async def questions(sessions: StoredSessions, clock: Clock) -> None:
        cookie = await begun(sessions, user=7, a=1)
        session = await shown(sessions, cookie)
        session.invalidate()
        assert await done(session) is None
        assert dict(await shown(sessions, cookie)) == {}
        assert await sessions.of_user(7) == []

    ask(questions)


def test_an_end_with_a_new_beginning_keeps_nothing_of_the_old_one(ask: Ask) -> None:
    async def questions(sessions: StoredSessions, clock: Clock) -> None:
        cookie = await begun(sessions, user=7, a=1)
        session = await shown(sessions, cookie)
        session.invalidate()
        session.flash("good-bye")
        other = await done(session)
        assert dict(await shown(sessions, cookie)) == {}
        found = await shown(sessions, other)
        assert (found.pop_flash(), found.user_id, list(found)) == (["good-bye"], None, [])

    ask(questions)


def test_what_is_far_too_large_is_refused() -> None:
    async def questions() -> None:
        sessions = StoredSessions(MemoryStore(10_000_000), POLICY)
        with pytest.raises(SessionTooLarge, match="a session of 110.* bytes is more than 1048576"):
            await begun(sessions, a="x" * 1_100_000)

    asyncio.run(questions())


# -- several requests at once -----------------------------------------------------------------------------------------------


def test_requests_that_change_other_keys_lose_nothing_of_each_other(ask: Ask) -> None:
    async def questions(sessions: StoredSessions, clock: Clock) -> None:
        cookie = await begun(sessions, old=0, gone=0)
        open_ = [await shown(sessions, cookie) for _ in range(20)]
        for number, session in enumerate(open_):
            session[f"k{number}"] = number
        del open_[7]["gone"]
        assert await asyncio.gather(*map(done, open_)) == [cookie] * 20
        assert dict(await shown(sessions, cookie)) == {"old": 0} | {f"k{n}": n for n in range(20)}

    ask(questions)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_of_two_that_change_one_key_the_later_wins_and_the_rest_stays(order: tuple[int, ...]) -> None:
    async def questions() -> None:
        sessions = StoredSessions(MemoryStore(100_000), POLICY)
        cookie = await begun(sessions, list=[0], other=0)
        one, two, three = [await shown(sessions, cookie) for _ in range(3)]
        one["list"].append(1)
        two["list"].append(2)
        three["other"] = 3
        for place in order:
            await done((one, two, three)[place])
        later = 2 if order.index(1) > order.index(0) else 1
        assert dict(await shown(sessions, cookie)) == {"list": [0, later], "other": 3}

    asyncio.run(questions())


def test_a_session_that_was_revoked_meanwhile_does_not_come_back(ask: Ask) -> None:
    async def questions(sessions: StoredSessions, clock: Clock) -> None:
        cookie = await begun(sessions, user=7, a=1)
        writes, rotates = await shown(sessions, cookie), await shown(sessions, cookie)
        writes["a"] = 2
        rotates.rotate()
        assert await sessions.revoke_all(7) == 1
        assert await done(writes) is None
        assert await done(rotates) is None
        assert dict(await shown(sessions, cookie)) == {}
        assert await sessions.of_user(7) == []

    ask(questions)


def test_a_login_in_a_session_that_was_revoked_meanwhile_takes_nothing_of_it_along(ask: Ask) -> None:
    async def questions(sessions: StoredSessions, clock: Clock) -> None:
        cookie = await begun(sessions, user=7, a=1)
        session = await shown(sessions, cookie)
        session.bind_user(7)
        session["b"] = 2
        await sessions.revoke_all(7)
        found = await shown(sessions, await done(session))
        assert (found.user_id, dict(found)) == ("7", {"b": 2})

    ask(questions)


def test_what_others_change_while_it_rotates_moves_along(ask: Ask) -> None:
    async def questions(sessions: StoredSessions, clock: Clock) -> None:
        cookie = await begun(sessions, a=1, b=1)
        rotates, writes = await shown(sessions, cookie), await shown(sessions, cookie)
        rotates.bind_user(7)
        rotates["a"] = 2
        writes["b"] = 2
        await done(writes)
        assert dict(await shown(sessions, await done(rotates))) == {"a": 2, "b": 2}

    ask(questions)


class Revoking(MemoryStore):
    """A moment after a session was kept, before it stands on the list, all sessions of the user are revoked."""

    sessions: StoredSessions | None = None

    async def set(self, key: str, value: bytes, ttl: float | None = None) -> None:
        await super().set(key, value, ttl)
        sessions, self.sessions = self.sessions, None
        if sessions is not None:
            await sessions.revoke_all(7)


def test_a_session_that_is_revoked_in_the_middle_of_its_rotation_does_not_come_back() -> None:
    async def questions() -> None:
        store = Revoking(100_000)
        sessions = StoredSessions(store, POLICY)
        session = await shown(sessions, await begun(sessions, user=7, a=1))
        session.rotate()
        store.sessions = sessions
        assert await done(session) is None
        assert await sessions.of_user(7) == []

    asyncio.run(questions())


class Restless(MemoryStore):
    """Everything in it has always been changed meanwhile."""

    async def swap(self, key: str, old: bytes, new: bytes, ttl: float | None = None) -> bool:
        return False


def test_who_never_gets_a_turn_gives_up() -> None:
    async def questions() -> None:
        sessions = StoredSessions(Restless(100_000), POLICY)
        cookie = await begun(sessions, user=7, a=1)
        session = await shown(sessions, cookie)
        session["a"] = 2
        with pytest.raises(StoreUnavailable, match="changed by too many requests"):
            await done(session)
        with pytest.raises(StoreUnavailable, match="logs in too often"):
            await begun(sessions, user=7)

    asyncio.run(questions())


# -- all sessions of a user -------------------------------------------------------------------------------------------------


def test_a_user_sees_all_sessions_the_one_seen_last_first(ask: Ask) -> None:
    async def questions(sessions: StoredSessions, clock: Clock) -> None:
        cookies = []
        for _ in range(3):
            cookies.append(await begun(sessions, user=7))
            clock.now += 1
        await begun(sessions, user=8)
        await begun(sessions, a=1)
        infos = await sessions.of_user("7")
        assert [info.key for info in infos] == [sessions.key_of(cookie) for cookie in reversed(cookies)]
        assert {info.user_id for info in infos} == {"7"}
        assert [info.created for info in infos] == [10**9 + 2, 10**9 + 1, 10**9]
        assert await sessions.of_user(9) == []

    ask(questions)


def test_logins_at_once_are_all_seen(ask: Ask) -> None:
    async def questions(sessions: StoredSessions, clock: Clock) -> None:
        await asyncio.gather(*(begun(sessions, user=7) for _ in range(20)))
        assert len(await sessions.of_user(7)) == 20

    ask(questions)


def test_what_is_over_is_not_seen_and_takes_no_room(ask: Ask) -> None:
    async def questions(sessions: StoredSessions, clock: Clock) -> None:
        for _ in range(5):
            await begun(sessions, user=7)
            clock.now += 100
        assert await sessions.of_user(7) == []
        cookie = await begun(sessions, user=7)
        assert len(await sessions.of_user(7)) == 1
        for _ in range(50):
            session = await shown(sessions, cookie)
            session.bind_user(7)
            cookie = await done(session) or ""
        assert len(await sessions.of_user(7)) == 1
        raw = [await sessions.store.get(name) for name in await named(sessions)]
        assert max(len(value or b"") for value in raw) < 200

    async def named(sessions: StoredSessions) -> list[str]:
        return ["sessions-of:7902699be42c8a8e46fbbb4501726517e86b22c56a189f7625a6da49081b2451"]

    ask(questions)


def test_one_of_them_is_revoked_and_nobody_elses(ask: Ask) -> None:
    async def questions(sessions: StoredSessions, clock: Clock) -> None:
        mine, other, theirs = [await begun(sessions, user=user, a=1) for user in (7, 7, 8)]
        assert not await sessions.revoke(7, sessions.key_of(theirs))
        assert not await sessions.revoke(7, "nothing")
        assert await sessions.revoke(7, sessions.key_of(other))
        assert dict(await shown(sessions, other)) == {}
        for cookie in (mine, theirs):
            assert dict(await shown(sessions, cookie)) == {"a": 1}

    ask(questions)


def test_all_are_revoked_but_the_one_that_asks(ask: Ask) -> None:
    async def questions(sessions: StoredSessions, clock: Clock) -> None:
        mine, *others = [await begun(sessions, user=7, a=1) for _ in range(4)]
        assert await sessions.revoke_all(7, keep=sessions.key_of(mine)) == 3
        assert dict(await shown(sessions, mine)) == {"a": 1}
        for cookie in others:
            assert dict(await shown(sessions, cookie)) == {}
        assert await sessions.revoke_all(7) == 1

    ask(questions)
