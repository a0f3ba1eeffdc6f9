"""What the framework and its middleware attach to a request while it is being answered."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any, Protocol, Self

from ..errors import ConfigError
from .headers import WatchedHeaders
from .identity import AnonymousUser, Identification
from .incoming import Incoming

__all__ = ["Attached"]


class CsrfGuard(Protocol):
    """What guards a client's requests against those that other sites make in its name."""

    def token(self) -> str:
        """Return a token for a form."""

    def rotate(self) -> None:
        """Let no token be good any more that was given out before."""


class Attached(Incoming):
    """What is attached to a request."""

    __slots__ = (
        "_auth",
        "_csp_nonce",
        "_csrf",
        "_identification",
        "_opens_session",
        "_session",
        "_tmpl_context",
        "_urlargs",
    )

    # Unset until they are needed.
    _csrf: CsrfGuard
    _auth: dict[str, Any]
    _identification: Identification
    _csp_nonce: str | None
    _opens_session: Callable[[Any], Any]
    _session: Any
    _tmpl_context: SimpleNamespace
    _urlargs: tuple[str, ...]

    @property
    def app(self) -> Any:
        """The application that answers."""
        if self.plan is None:
            raise ConfigError("request.app: this request is not being answered by an application")
        return self.plan.app

    def watch_headers(self, names: frozenset[bytes]) -> WatchedHeaders:
        """Give ``headers`` from now on as fields that remember whether some of them were looked at.

        Args:
            names: of those that matter, in small letters.
        """
        self._headers = watched = WatchedHeaders(self.raw_headers, names)
        return watched

    @property
    def csp_nonce(self) -> str:
        """The nonce of this request: what has it, as ``<script nonce="…">``, a policy with ``'nonce'`` allows (CSP Level 3).

        Raises:
            ConfigError: the head has left without it; a stream asks before it yields.
        """
        first = self.first
        try:
            nonce: str | None = first._csp_nonce  # noqa: SLF001 - the first is of our own class
        except AttributeError:
            first.is_personal = True
            nonce = first._csp_nonce = secrets.token_urlsafe(16)  # noqa: SLF001 - as above
        if nonce is None:
            raise ConfigError(
                "request.csp_nonce: the head has left, and its policy names no nonce; ask before the first yield"
            )
        return nonce

    def take_csp_nonce(self) -> str | None:
        """Return the nonce for the policy, if somebody has asked for it; from now on nobody can ask for one."""
        first = self.first
        if not hasattr(first, "_csp_nonce"):
            first._csp_nonce = None  # noqa: SLF001 - as above
        nonce: str | None = first._csp_nonce  # noqa: SLF001 - as above
        return nonce

    @property
    def matchdict(self) -> Mapping[str, Any]:
        """Pyramid's name for :attr:`path_params`."""
        return self.path_params

    @property
    def urlvars(self) -> dict[str, Any]:
        """WebOb's name for :attr:`path_params`; what is changed in it stays."""
        return self.path_params

    @urlvars.setter
    def urlvars(self, value: Mapping[str, Any]) -> None:
        self.path_params = dict(value)

    @urlvars.deleter
    def urlvars(self) -> None:
        self.path_params = {}

    @property
    def urlargs(self) -> tuple[str, ...]:
        """What a path captured by position; routes capture by name, so it is empty unless somebody has set it."""
        return getattr(self, "_urlargs", ())

    @urlargs.setter
    def urlargs(self, value: tuple[str, ...]) -> None:
        self._urlargs = tuple(value)

    @urlargs.deleter
    def urlargs(self) -> None:
        self._urlargs = ()

    @property
    def tmpl_context(self) -> SimpleNamespace:
        """An empty bag for whoever fills templates (Pyramid)."""
        try:
            return self._tmpl_context
        except AttributeError:
            self._tmpl_context = SimpleNamespace()
            return self._tmpl_context

    @property
    def user(self) -> Any:
        """Who is asking; :class:`AnonymousUser` (falsy) when nobody found out.

        Raises:
            AuthenticationFailed: the credentials are not good, and the application refuses such; once.
        """
        # PERF(bench: inproc_token): asked more than once, by a permission and the handler.
        first = self if self._parent is None else self._parent
        first.is_personal = True
        try:
            identification = first._identification  # noqa: SLF001 - the first is of our own class
        except AttributeError:
            pass  # nothing finds out
        else:
            if not identification.is_over:
                identification.settle(self)
        try:
            return first._user  # noqa: SLF001 - the first is of our own class
        except AttributeError:  # other frameworks' middleware leaves it in the scope
            return (self._scope or {}).get("user") or AnonymousUser()

    @user.setter
    def user(self, value: object) -> None:
        identification = self.identification
        if identification is not None:
            identification.dismiss()
        self.first._user = value  # noqa: SLF001 - as above
        if self._scope is not None:
            self._scope["user"] = value

    @property
    def auth(self) -> dict[str, Any]:
        """How it was found out; its ``type`` is ``none`` when nobody did."""
        self.first.is_personal = True
        self._settle()
        return getattr(self.first, "_auth", {"type": "none"})

    @auth.setter
    def auth(self, value: dict[str, Any]) -> None:
        self.first._auth = value  # noqa: SLF001 - as above
        if self._scope is not None:
            self._scope["auth"] = value

    def keep_identity(self, user: object, auth: dict[str, Any]) -> None:
        """Keep who is asking, and how it was found out, as what finds it out says it."""
        first = self if self._parent is None else self._parent
        first._user, first._auth = user, auth  # noqa: SLF001 - as above
        if self._scope is not None:
            self._scope["user"], self._scope["auth"] = user, auth

    @property
    def is_authenticated(self) -> bool:
        """Whether it is known who is asking (Pyramid)."""
        return getattr(self.user, "is_authenticated", False) is True

    @property
    def identity(self) -> Any:
        """Who is asking; None when nobody found out (Pyramid)."""
        return self.user if self.is_authenticated else None

    @property
    def authenticated_userid(self) -> Any:
        """The ``pk`` or ``id`` of who is asking; None when nobody found out (Pyramid)."""
        user = self.identity
        return getattr(user, "pk", getattr(user, "id", None))

    @property
    def identification(self) -> Identification | None:
        """What finds out who is asking; None where nothing does."""
        return getattr(self.first, "_identification", None)

    @identification.setter
    def identification(self, value: Identification) -> None:
        first = self if self._parent is None else self._parent
        first._identification = value  # noqa: SLF001 - as above

    def _settle(self) -> None:
        identification = self.identification
        if identification is not None:
            identification.settle(self)

    @property
    def session(self) -> Any:
        """The session.

        Raises:
            ConfigError: nothing provides sessions.
        """
        self.first.is_personal = True
        session = self._known_session()
        if session is None:
            raise ConfigError(
                "request.session: there is no session; add SessionMiddleware to the application's middleware"
            )
        return session

    @property
    def session_key(self) -> str:
        """What tells this client's session from others; empty where there is none."""
        session = self._known_session()
        if session is None:
            return ""
        return str(getattr(session, "binding", None) or getattr(session, "key", None) or "")

    def provide_session(self, opens: Callable[[Self], Any]) -> None:
        """Let ``opens(request)`` be the session, when somebody first asks for it."""
        first = self.first
        first._opens_session, first._session = opens, None  # noqa: SLF001 - the first is of our own class
        if self._scope is not None and "session" in self._scope:
            self._scope["session"] = self.opened_session(opens=True)

    def opened_session(self, *, opens: bool = False) -> Any:
        """Return the session that was provided, if somebody has asked for it.

        Args:
            opens: ask for it.
        """
        first = self.first
        opener = getattr(first, "_opens_session", None)
        if opener is None:
            return None
        session = first._session  # noqa: SLF001 - as above
        if session is None and opens:
            session = first._session = opener(first)  # noqa: SLF001 - as above
        return session

    def _known_session(self) -> Any:
        # Other frameworks' middleware leaves one in the scope, which is nearer than what was provided outside of it.
        session = (self._scope or {}).get("session")
        return self.opened_session(opens=True) if session is None else session

    @property
    def csrf(self) -> CsrfGuard | None:
        """What guards this client's requests; None where nothing does."""
        return getattr(self.first, "_csrf", None)

    @csrf.setter
    def csrf(self, value: CsrfGuard) -> None:
        self.first._csrf = value  # noqa: SLF001 - the first is of our own class

    @property
    def csrf_token(self) -> str:
        """A token for a form or a script of this client; each time another one.

        Raises:
            ConfigError: nothing would check it.
        """
        self.first.is_personal = True
        guard = self.csrf
        if guard is None:
            raise ConfigError(
                "request.csrf_token: nothing checks it; add CSRFMiddleware to the application's middleware"
            )
        return guard.token()

    def rotate_csrf_token(self) -> None:
        """Let no token be good any more that this client was given before: at a login, and at a logout."""
        guard = self.csrf
        if guard is not None:
            guard.rotate()
