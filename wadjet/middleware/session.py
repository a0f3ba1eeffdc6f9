"""SessionMiddleware: ``request.session``, opened when it is first touched and written when it was changed."""

from __future__ import annotations

import asyncio
import functools
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from ..conf.settings import Settings
from ..errors import ConfigError
from ..http.exceptions import ServiceUnavailable
from ..http.request import Request
from ..logs import settings as _log
from ..sessions import SealedSessions, Session, SessionPolicy, StoredSessions
from ..sessions.state import Outcome, State
from ..stores.memory import MemoryStore
from ..stores.redis import RedisStore, redis_url
from ..stores.store import Store, StoreUnavailable
from ..stores.timed import TimedStore
from ..types import ASGIApp
from .base import BaseMiddleware
from .sharing import keep_private

__all__ = ["SessionMiddleware"]

_SECURE = ("https", "wss")
_LEFT = "the head has left; a stream changes it before the first yield"
_SOCKET = "a WebSocket only reads it"


def _memory(settings: Settings) -> Store:
    return MemoryStore(settings.SESSION_SIZE)


def _redis(settings: Settings) -> Store:
    return RedisStore(redis_url(settings.REDIS_URL, settings.CACHES), timeout=settings.REDIS_TIMEOUT)


_STORES: dict[str, Callable[[Settings], Store]] = {"memory": _memory, "redis": _redis}


class SessionMiddleware(BaseMiddleware):
    """Gives requests a session. One that nobody touches is neither read nor written.

    Args:
        app: the application inside.
        store: where sessions are kept, instead of ``SESSION_STORE``: ``cookie``, ``memory``, ``redis``, or any store. One that
            asks the database of the request has ``uses = frozenset({"database"})``: it has to stand inside of that.
        secret: what signs cookies; ``SECRET_KEY``.
        policy: how long they live and how the cookie is set, instead of the settings.

    Raises:
        ConfigError: settings that cannot be, or no secret where cookies are signed.
    """

    provides = frozenset({"session"})

    def __init__(
        self,
        app: ASGIApp,
        store: Store | str | None = None,
        *,
        secret: str = "",
        policy: SessionPolicy | None = None,
    ) -> None:
        super().__init__(app)
        settings = self.settings
        policy = policy or SessionPolicy.of(settings)
        place = settings.SESSION_STORE if store is None else store
        self.sessions: SealedSessions | StoredSessions
        if place == "cookie":
            keys = secret or settings.SECRET_KEY or _passing_secret(is_allowed=settings.DEBUG)
            self.sessions = SealedSessions(policy, keys)
        elif not isinstance(place, str):
            self.uses = getattr(place, "uses", self.uses)
            self.sessions = StoredSessions(TimedStore(place, settings.SESSION_STORE_TIMEOUT), policy)
        elif place in _STORES:
            self.sessions = StoredSessions(_STORES[place](settings), policy)
        else:
            raise ConfigError(f"SESSION_STORE={place!r} is not one of cookie, {', '.join(_STORES)}")
        self._is_eager = settings.SESSION_EAGER and isinstance(self.sessions, StoredSessions)

    def before(self, request: Request) -> Awaitable[None] | None:
        """Let there be a session for whoever asks."""
        if isinstance(self.sessions, SealedSessions):
            request.provide_session(self._opened)
            return None
        request.provide_session(functools.partial(self._opened, loop=asyncio.get_running_loop()))
        return self._read(request) if self._is_eager else None

    def before_socket(self, request: Request) -> Awaitable[None] | None:
        """Let there be a session that can be read."""
        pending = self.before(request)
        request.opened_session(opens=True).close(_SOCKET)
        return pending

    async def _read(self, request: Request) -> None:
        session: Session = request.opened_session(opens=True)
        await session.prefetch()

    def _opened(self, request: Request, loop: asyncio.AbstractEventLoop | None = None) -> Session:
        name = self.sessions.policy.cookie_name(secure=request.scheme in _SECURE)
        return Session(self.sessions, request, name, loop)

    def after(self, request: Request, response: Any) -> Awaitable[None] | None:
        """Keep what was changed, and tell the client."""
        session: Session | None = request.opened_session()
        if session is None or session.sessions is not self.sessions:
            return None
        state = session.close(_LEFT)
        if not session.is_touched:
            return None
        response.headers.add_vary("Cookie")
        if state is None:  # it could not be read
            return None
        sessions = self.sessions
        outcome = state.settle(sessions.policy, sessions.now(), fails=response.status_code >= 500)
        if outcome is Outcome.NOTHING:
            return None
        if isinstance(sessions, StoredSessions):
            return self._store(sessions, state, outcome, request, response)
        if outcome is Outcome.ENDS:
            self._forget(request, response)
        else:
            self._tell(sessions.write(state.record), state, request, response)
        return None

    async def _store(
        self, sessions: StoredSessions, state: State, outcome: Outcome, request: Request, response: Any
    ) -> None:
        try:
            if outcome is Outcome.IS_KEPT:
                is_kept = await sessions.save(state)
            elif state.old is not None:
                await sessions.end(state.old)
        except StoreUnavailable:  # which the store has logged, once
            raise ServiceUnavailable(retry_after=1) from None
        if outcome is Outcome.ENDS:
            self._forget(request, response)
        elif is_kept and state.has_new_cookie:
            self._tell(state.record.id, state, request, response)

    def _tell(self, cookie: str, state: State, request: Request, response: Any) -> None:
        left = self.sessions.policy.left(state.record.created, self.sessions.now())
        self._set_cookie(cookie, left, request, response)

    def _forget(self, request: Request, response: Any) -> None:
        self._set_cookie("", 0, request, response)

    def _set_cookie(self, cookie: str, max_age: float, request: Request, response: Any) -> None:
        field = self.sessions.policy.cookie(cookie, max_age, secure=request.scheme in _SECURE)
        response.headers.append("set-cookie", field)
        keep_private(response)

    async def close(self) -> None:
        """Let go of connections."""
        if isinstance(self.sessions, StoredSessions):
            await self.sessions.store.close()


def _passing_secret(*, is_allowed: bool) -> str:
    if not is_allowed:
        raise ConfigError(
            "SessionMiddleware signs cookies, and there is no SECRET_KEY; set WADJET_SECRET_KEY to what "
            "`python -c 'import secrets; print(secrets.token_urlsafe(48))'` prints"
        )
    _log.warning("there is no SECRET_KEY; sessions are good until this process ends")
    return secrets.token_urlsafe(48)
