"""StoredSessions: each session in a store, under a key that is made of what its client shows. They can be listed and revoked."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from hashlib import sha256

from ..errors import SessionTooLarge
from ..media import json
from ..stores.store import Store, StoreUnavailable
from .policy import SessionPolicy
from .record import ID_LENGTH, Record, SessionInfo, key_of
from .state import State

__all__ = ["StoredSessions"]

#: What an identifier looks like, in base64url.
_ID = re.compile(rf"[A-Za-z0-9_-]{{{ID_LENGTH}}}")
#: How often something is tried again that somebody else has changed meanwhile. Each time, somebody else was done.
_TURNS = 100
_MOST_BYTES = 1024 * 1024


class StoredSessions:
    """Sessions in a store.

    Args:
        store: keeps them for as long as they live.
        policy: how long that is.
        clock: seconds since 1970.
    """

    __slots__ = ("_clock", "policy", "store")

    def __init__(self, store: Store, policy: SessionPolicy, clock: Callable[[], float] = time.time) -> None:
        self.store = store
        self.policy = policy
        self._clock = clock

    def now(self) -> int:
        """Return the moment in seconds since 1970."""
        return int(self._clock())

    # -- one session --------------------------------------------------------------------------------------------------------

    def key_of(self, cookie: str) -> str:
        """Return the key of the session that a client shows, whether or not it lives; empty where it shows none."""
        return key_of(cookie) if _ID.fullmatch(cookie) else ""

    async def load(self, cookie: str) -> Record | None:
        """Return the session that a client shows; None where there is none, or it is over.

        Raises:
            StoreUnavailable: nobody knows.
        """
        key = self.key_of(cookie)
        raw = await self.store.get(_session(key)) if key else None
        return self._alive(raw, cookie)

    async def save(self, state: State) -> bool:
        """Keep a session; tell whether it is kept. One that was revoked meanwhile does not come back.

        What other requests have changed meanwhile stays, unless this one has changed the same keys.

        Args:
            state: what was done to it.

        Raises:
            StoreUnavailable: it could not be kept.
            SessionTooLarge: it is larger than anything that should be kept for one client.
        """
        record, old = state.record, state.old
        if record.raw:
            return await self._swap(record, state.changes)
        if old is not None and not state.is_ended and not await self._catches_up(state, old):
            return False
        await self.store.set(_session(record.key), self._bytes(record), self._left(record))
        if record.user_id is not None:
            # Only what is there is listed, because others take off the list what is not.
            await self._enlist(record.user_id, record.key)
            if old is not None and not state.is_login and await self.store.get(_session(old.key)) is None:
                # SECURITY: who has revoked it meanwhile may have looked at the list before this one stood on it.
                await self.end(record)
                return False
        if old is not None:
            await self.end(old)
        return True

    async def end(self, record: Record) -> None:
        """End a session, now.

        Raises:
            StoreUnavailable: it could not be ended.
        """
        await self.store.delete(_session(record.key))

    async def _swap(self, record: Record, changes: Iterable[str]) -> bool:
        name = _session(record.key)
        for _ in range(_TURNS):
            if await self.store.swap(name, record.raw, self._bytes(record), self._left(record)):
                return True
            current = self._alive(await self.store.get(name), record.id)
            if current is None:
                return False
            current.merge(record, changes)
            current.seen = max(current.seen, record.seen)
            record = current
        raise StoreUnavailable("a session is changed by too many requests at once")

    async def _catches_up(self, state: State, old: Record) -> bool:
        """Take what others have changed in a session while it was given another id; tell whether it goes on."""
        record = state.record
        current = self._alive(await self.store.get(_session(old.key)), old.id)
        if current is None:
            # SECURITY: of a session that was revoked meanwhile nothing goes on but what this request has written at a login.
            record.data = {key: record.data[key] for key in state.changes if key in record.data}
            return state.is_login
        current.merge(record, state.changes)
        record.data = current.data
        return True

    def _alive(self, raw: bytes | None, identifier: str) -> Record | None:
        record = None if raw is None else Record.loads(raw, identifier)
        if record is None or self.policy.is_over(record.created, record.seen, self.now()):
            return None
        return record

    def _bytes(self, record: Record) -> bytes:
        # SECURITY: who reads the store cannot show what it reads to the site.
        raw = record.dumps(shows_id=False)
        if len(raw) > _MOST_BYTES:
            raise SessionTooLarge(
                f"a session of {len(raw)} bytes is more than {_MOST_BYTES}; keep what it holds where it belongs, and its id here"
            )
        return raw

    def _left(self, record: Record) -> float:
        return max(1.0, self.policy.left(record.created, self.now()))

    # -- all sessions of a user ---------------------------------------------------------------------------------------------

    async def of_user(self, user_id: object) -> list[SessionInfo]:
        """Return the sessions of a user, the one that was seen last first.

        Args:
            user_id: as it was bound.

        Raises:
            StoreUnavailable: nobody knows.
        """
        raw = await self.store.get(_user(user_id))
        found = await self._living(str(user_id), _keys(raw))
        return sorted(found, key=lambda info: info.seen, reverse=True)

    async def revoke(self, user_id: object, key: str) -> bool:
        """End a session of a user, now; tell whether it was one of this user's.

        Args:
            user_id: as it was bound.
            key: of :class:`SessionInfo`.

        Raises:
            StoreUnavailable: it could not be ended.
        """
        is_theirs = any(info.key == key for info in await self.of_user(user_id))
        if is_theirs:
            await self.store.delete(_session(key))
        return is_theirs

    async def revoke_all(self, user_id: object, *, keep: str = "") -> int:
        """End all sessions of a user, now, and return how many there were.

        Args:
            user_id: as it was bound.
            keep: the key of one that stays: ``request.session.key``.

        Raises:
            StoreUnavailable: some could not be ended.
        """
        count = 0
        for _ in range(_TURNS):  # one may have been given another id meanwhile
            keys = [info.key for info in await self.of_user(user_id) if info.key != keep]
            if not keys:
                break
            await self.store.delete(*map(_session, keys))
            count += len(keys)
        return count

    async def _enlist(self, user_id: str, key: str) -> None:
        name = _user(user_id)
        for _ in range(_TURNS):
            raw = await self.store.get(name)
            living = [info.key for info in await self._living(user_id, _keys(raw))]
            written = json.dumps([*living, key])
            ttl = self.policy.lifetime
            if await (
                self.store.add(name, written, ttl)
                if raw is None
                else self.store.swap(name, raw, written, ttl)
            ):
                return
        raise StoreUnavailable("a user logs in too often at once")

    async def _living(self, user_id: str, keys: Iterable[str]) -> list[SessionInfo]:
        keys = list(keys)
        if not keys:
            return []
        found = []
        for key, raw in zip(keys, await self.store.get_many(*map(_session, keys)), strict=True):
            record = self._alive(raw, "")
            if record is not None and record.user_id == user_id:
                found.append(SessionInfo(key, record.created, record.seen, user_id))
        return found


def _session(key: str) -> str:
    return f"session:{key}"


def _user(user_id: object) -> str:
    return f"sessions-of:{sha256(str(user_id).encode()).hexdigest()}"


def _keys(raw: bytes | None) -> list[str]:
    return [] if raw is None else json.loads(raw)
