"""Sessions: who has logged in is known from the session, until the password changes, the user may not come in, or it ends."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Mapping
from typing import Any, Self

from ..concurrency import is_async
from ..conf.settings import Settings
from ..errors import ConfigError
from ..http.authorization import Challenge
from ..http.request import Request
from .accounts import Accounts
from .identity import Authentication, Found, Identity
from .users import UserSource, is_active, key_of, settled, stamp_of

__all__ = ["SessionAuthentication", "enter", "leave", "session_of"]

_STAMP = "_auth_stamp"


class SessionAuthentication(Authentication):
    """Who has logged in: the session of SessionMiddleware knows.

    Args:
        users: knows the users; without it nobody can log in.
    """

    name = "session"
    is_ambient = True

    def __init__(self, users: UserSource | None = None) -> None:
        self._users = users
        self._is_slow = users is not None and is_async(users.by_id)
        self._cookie = "sessionid"

    @classmethod
    def of(cls, settings: Settings, accounts: Accounts | None) -> Self:
        """Make one with the users of the application."""
        made = cls(None if accounts is None else accounts.users)
        made._cookie = settings.SESSION_COOKIE_NAME
        return made

    @property
    def waits(self) -> bool:
        """Whether a session, or a user, may have to be waited for."""
        return self._users is not None

    def must_wait(self, request: Request) -> bool:
        """Tell whether there is a session that has to be read first, or whose user has to be looked up."""
        session = session_of(request)
        return session is not None and (self._is_slow or not session.is_loaded)

    def authenticate(self, request: Request) -> Found | Awaitable[Found]:
        """Look up whose session it is."""
        session, users = session_of(request), self._users
        if session is None or users is None:
            return None
        if self._is_slow or not session.is_loaded:
            return self._late(session, users)
        identifier = session.user_id
        return None if identifier is None else _identity(session, users.by_id(identifier))

    async def _late(self, session: Any, users: UserSource) -> Found:
        await session.prefetch()
        identifier = session.user_id
        return None if identifier is None else _identity(session, await settled(users.by_id(identifier)))

    def challenge(self) -> Challenge:
        """Return a challenge that says what helps: no browser asks for a password because of it."""
        return Challenge("Session")

    def scheme(self) -> Mapping[str, Any]:
        """Return the scheme ``apiKey`` of a cookie."""
        return {"type": "apiKey", "in": "cookie", "name": self._cookie}


def _identity(session: Any, user: Any) -> Found:
    if user is None or not is_active(user):
        return None
    # SECURITY: a new password ends all sessions that were begun with the old one.
    if not hmac.compare_digest(str(session.get(_STAMP, "")), stamp_of(user)):
        return None
    return Identity(user, {"type": "session"})


def session_of(request: Request) -> Any:
    """Return the session that a client shows; None where it shows none, or nothing of ours provides sessions."""
    if request.header(b"cookie") is None:
        return None
    try:
        session = request.session
    except ConfigError:
        return None
    return session if getattr(session, "key", None) else None


async def enter(request: Request, user: Any) -> None:
    """Let the session be a user's from now on: it gets another key, and another user's is ended.

    Raises:
        ConfigError: there are no sessions of ours, or the user cannot be found again.
    """
    session = await _loaded(request)
    # SECURITY: CWE-384: what somebody else knows of a session before the login opens nothing after it.
    session.bind_user(key_of(user))
    session[_STAMP] = stamp_of(user)


async def leave(request: Request) -> None:
    """End the session, with all that is in it.

    Raises:
        ConfigError: there are no sessions of ours.
    """
    (await _loaded(request)).invalidate()


async def _loaded(request: Request) -> Any:
    session = request.session
    if not hasattr(session, "bind_user"):
        raise ConfigError(
            f"request.session is {type(session).__name__}, and knows no users; let SessionMiddleware provide it"
        )
    return await session.load()
