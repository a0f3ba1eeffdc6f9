"""Session: what a handler reads and writes. It opens when it is first touched."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any, Self

from ..errors import ConfigError, SessionNotLoaded, SessionReadOnly
from ..http.exceptions import ServiceUnavailable
from ..http.request import Request
from ..stores.store import StoreUnavailable
from .flashes import Flashes
from .record import Record
from .sealed import SealedSessions
from .state import State
from .stored import StoredSessions
from .values import checked

__all__ = ["Session"]


class Session(Flashes):
    """What a site remembers of one client: a dict of what JSON has.

    One that is kept on the server is read by ``await session.load()``, or by itself in ``def`` handlers; one in a cookie needs
    neither.

    Args:
        sessions: where it is kept.
        request: whose it is.
        name: of the cookie.
        loop: where a session on the server is read for a handler in a thread.
    """

    __slots__ = (
        "_is_failed",
        "_loop",
        "_name",
        "_request",
        "_state",
        "_why_closed",
        "is_touched",
        "sessions",
    )

    def __init__(
        self,
        sessions: SealedSessions | StoredSessions,
        request: Request,
        name: str,
        loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        #: Where it is kept.
        self.sessions = sessions
        #: Whether somebody has looked: then the answer depends on the cookie.
        self.is_touched = False
        self._request = request
        self._name = name
        self._loop = loop
        self._state: State | None = None
        #: Whether nobody has answered where it is kept.
        self._is_failed = False
        #: Why nothing can be changed any more.
        self._why_closed = ""

    @property
    def _cookie(self) -> str | None:
        """What the client shows; None where it shows none."""
        root = self._request.first
        was_personal = root.is_personal
        cookie: str | None = root.cookies.get(self._name)
        root.is_personal = was_personal  # that there is a session makes no answer personal
        return cookie

    # -- reading it from where it is kept -----------------------------------------------------------------------------------

    @property
    def is_loaded(self) -> bool:
        """Whether it can be read without waiting."""
        return self._state is not None or isinstance(self.sessions, SealedSessions)

    async def load(self) -> Self:
        """Read it from where it is kept, once; return it.

        Raises:
            ServiceUnavailable: nobody answers there, and ``SESSION_ON_ERROR`` is ``deny``.
        """
        self.is_touched = True
        await self.prefetch()
        return self

    async def prefetch(self) -> None:
        """Read it for whoever may touch it: that alone makes no answer depend on it."""
        if self._state is None:
            record = await self._found()
            if self._state is None:  # nobody else has read it meanwhile
                self._open(record)

    async def _found(self) -> Record | None:
        cookie = self._cookie
        if not cookie:
            return None
        try:
            return await self.sessions.load(cookie)
        except StoreUnavailable:  # which the store has logged, once
            if self.sessions.policy.on_error == "deny":
                raise ServiceUnavailable(retry_after=1) from None
            self._is_failed = True
            return None

    def _open(self, record: Record | None) -> State:
        now = self.sessions.now()
        self._state = State(record or Record("", now, now))
        return self._state

    def _loaded(self) -> State:
        """Return the state, reading it where that is possible here.

        Raises:
            SessionNotLoaded: it is not.
        """
        sessions = self.sessions
        if self._state is not None:
            return self._state
        if isinstance(sessions, SealedSessions):
            cookie = self._cookie
            return self._open(sessions.read(cookie) if cookie else None)
        if self._loop is None or _is_on_a_loop():
            raise SessionNotLoaded(
                "this session is kept on the server and has not been read yet: write `await request.session.load()` first, "
                "or set SESSION_EAGER=True"
            )
        asyncio.run_coroutine_threadsafe(self.load(), self._loop).result()
        return self._loaded()

    def _read(self) -> State:
        self.is_touched = True
        return self._loaded()

    def _written(self) -> State:
        """Return the state to write to."""
        state = self._read()
        if self._is_failed:
            raise ServiceUnavailable(retry_after=1)
        if self._why_closed:
            raise SessionReadOnly(f"this session cannot be changed: {self._why_closed}")
        return state

    # -- a mapping ----------------------------------------------------------------------------------------------------------

    def __getitem__(self, key: str) -> Any:
        return self._read().lend(key)

    def __setitem__(self, key: str, value: Any) -> None:
        written = checked(key, value)
        state = self._written()
        if isinstance(self.sessions, SealedSessions):
            self.sessions.check(state.record, {**state.record.data, key: value})
        state.put(key, value, written)

    def __delitem__(self, key: str) -> None:
        self._written().drop(key)

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._read().record.data))

    def __len__(self) -> int:
        return len(self._read().record.data)

    def __contains__(self, key: object) -> bool:
        return key in self._read().record.data

    def __repr__(self) -> str:
        return f"<Session {self.key or 'without a key'}>"

    # -- what it is ---------------------------------------------------------------------------------------------------------

    @property
    def key(self) -> str:
        """What names it and opens nothing; empty before anything is written. It changes when the session rotates."""
        if self._state is None and isinstance(self.sessions, StoredSessions):
            return self.sessions.key_of(self._cookie or "")
        return self._loaded().record.key

    @property
    def binding(self) -> str:
        """What tokens are bound to: the key, or that of the session that the client shows, whether or not it lives."""
        state = self._state
        if state is None or state.record.id or state.is_ended:
            return self.key
        return self.sessions.key_of(self._cookie or "")

    @property
    def user_id(self) -> str | None:
        """Whose it is; None where nobody has logged in."""
        return self._read().record.user_id

    @property
    def created(self) -> int:
        """When it began, in seconds since 1970."""
        return self._read().record.created

    @property
    def new(self) -> bool:
        """Whether it begins with this request."""
        state = self._read()
        return not state.record.raw and (state.old is None or state.is_ended)

    @property
    def store(self) -> StoredSessions:
        """What lists and revokes sessions.

        Raises:
            ConfigError: they are in cookies, where nobody can.
        """
        if isinstance(self.sessions, StoredSessions):
            return self.sessions
        raise ConfigError(
            "sessions in cookies cannot be listed or revoked; keep them on the server: SESSION_STORE='redis'"
        )

    # -- its life -----------------------------------------------------------------------------------------------------------

    def changed(self) -> None:
        """Write it even if it looks as it did."""
        state = self._written()
        state.begin()
        state.is_marked = True

    def rotate(self) -> None:
        """Give it another id and end the old one: whenever somebody may do more than before (CWE-384)."""
        self._written().rotate()

    def bind_user(self, user_id: object) -> None:
        """Say whose it is, at a login: it rotates, and its time begins again. What another user has left in it is gone.

        Args:
            user_id: text, or what becomes text.
        """
        state, owner, now = self._written(), str(user_id), self.sessions.now()
        if state.record.user_id not in {None, owner}:
            state.invalidate(now)
        state.rotate()
        state.record.user_id = owner
        state.record.created = state.record.seen = now
        state.is_login = True

    def invalidate(self) -> None:
        """End it, at a logout. What is written afterwards begins another one."""
        self._written().invalidate(self.sessions.now())

    # -- CSRF tokens (Pyramid's ISession) -----------------------------------------------------------------------------------

    def get_csrf_token(self) -> str:
        """Return ``request.csrf_token``: each time another one, and all are good.

        Raises:
            ConfigError: nothing would check it.
        """
        return self._request.csrf_token

    def new_csrf_token(self) -> str:
        """Let no token be good any more that was given out before, and return another one.

        Raises:
            ConfigError: nothing would check it.
        """
        self._request.rotate_csrf_token()
        return self.get_csrf_token()

    # -- for the middleware -------------------------------------------------------------------------------------------------

    def close(self, why: str) -> State | None:
        """Let nothing be changed any more, and return what is to be settled; None if nobody has opened it.

        Args:
            why: for whoever changes it all the same.
        """
        self._why_closed = why
        return self._state


def _is_on_a_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
