"""SessionPolicy: how long a session lives, how its cookie is set, and what becomes of requests without a store."""

from __future__ import annotations

import dataclasses
import functools

from ..conf.settings import Settings
from ..errors import ConfigError
from ..http.cookies import MAX_AGE, format_cookie

__all__ = ["SessionPolicy"]

_PREFIX = "__Host-"
_ON_ERROR = ("deny", "anonymous")
#: A session that is used has its time extended after this part of it, and not by every request.
_PART = 10


@dataclasses.dataclass(frozen=True)
class SessionPolicy:
    """What is decided before anything is served.

    Args:
        name: of the cookie; over https it begins with ``__Host-`` where that can be.
        timeout: seconds that a session may be idle.
        lifetime: seconds that it may last at all.
        path: below which path the cookie is sent.
        domain: to which domain and its subdomains; None for this host alone.
        secure: only over https; it is so anyway when it was set over https.
        httponly: out of reach of scripts.
        samesite: ``Lax``, ``Strict`` or ``None``.
        on_error: what becomes of requests whose session cannot be read: ``deny`` for 503, or ``anonymous``.

    Raises:
        ConfigError: what cannot be.
    """

    name: str = "sessionid"
    timeout: float = 3600
    lifetime: float = 14 * 86400
    path: str = "/"
    domain: str | None = None
    secure: bool = False
    httponly: bool = True
    samesite: str = "Lax"
    on_error: str = "deny"

    def __post_init__(self) -> None:
        for name, seconds in (("SESSION_TIMEOUT", self.timeout), ("SESSION_LIFETIME", self.lifetime)):
            if type(seconds) not in {int, float} or not 1 <= seconds <= MAX_AGE:
                raise ConfigError(f"{name}={seconds!r} is no time from 1 to {MAX_AGE} seconds")
        if self.on_error not in _ON_ERROR:
            raise ConfigError(f"SESSION_ON_ERROR={self.on_error!r} is not one of {', '.join(_ON_ERROR)}")
        try:
            self._frames  # noqa: B018 - it is made here, once
        except (TypeError, ValueError) as error:
            raise ConfigError(
                f"the session cookie cannot be set: {error}; see SESSION_COOKIE_SECURE and the others"
            ) from error

    @classmethod
    def of(cls, settings: Settings) -> SessionPolicy:
        """Return the policy of an application's settings."""
        return cls(
            settings.SESSION_COOKIE_NAME,
            settings.SESSION_TIMEOUT,
            settings.SESSION_LIFETIME,
            settings.SESSION_COOKIE_PATH,
            settings.SESSION_COOKIE_DOMAIN,
            settings.SESSION_COOKIE_SECURE,
            settings.SESSION_COOKIE_HTTPONLY,
            settings.SESSION_COOKIE_SAMESITE,
            settings.SESSION_ON_ERROR,
        )

    def cookie_name(self, *, secure: bool) -> str:
        """Return the name of the cookie.

        Args:
            secure: whether the request came over https.
        """
        # SECURITY: RFC 6265bis §4.1.3.2: neither another host of the domain nor plain http can plant a cookie of this name.
        can_be = (secure or self.secure) and self.path == "/" and not self.domain
        return _PREFIX + self.name if can_be and not self.name.startswith("__") else self.name

    def cookie(self, value: str, max_age: float, *, secure: bool) -> bytes:
        """Return the value of a Set-Cookie field.

        Args:
            value: of the cookie, in base64url.
            max_age: seconds; 0 ends it.
            secure: whether the request came over https.
        """
        if max_age == 0:
            return self._formatted(value, 0, secure=secure)
        before, after = self._frames[secure]
        return b"%b%b; Max-Age=%d%b" % (before, value.encode("ascii"), max_age, after)

    @functools.cached_property
    def _frames(self) -> tuple[tuple[bytes, bytes], ...]:
        """What stands before the value and behind the age, over http and over https: the same for every cookie."""
        wholes = [self._formatted("", 1, secure=secure) for secure in (False, True)]
        return tuple(
            (before, after) for before, _, after in (whole.partition(b"; Max-Age=1") for whole in wholes)
        )

    def _formatted(self, value: str, max_age: int, *, secure: bool) -> bytes:
        return format_cookie(
            self.cookie_name(secure=secure),
            value,
            max_age=max_age,
            path=self.path,
            domain=self.domain,
            secure=secure or self.secure,
            httponly=self.httponly,
            samesite=self.samesite,
        )

    def is_over(self, created: int, seen: int, now: int) -> bool:
        """Tell whether a session has ended, by its idle time or by its whole one.

        Args:
            created: when it began, in seconds.
            seen: when its time was last extended.
            now: the moment.
        """
        return now - seen >= self.timeout or now - created >= self.lifetime

    def left(self, created: int, now: int) -> float:
        """Return how many seconds a session has that is used now."""
        return min(self.timeout, created + self.lifetime - now)

    def is_due(self, seen: int, now: int) -> bool:
        """Tell whether the time of a session that is used is to be extended."""
        return now - seen >= self.timeout / _PART
