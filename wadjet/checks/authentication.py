"""Who is asking: how long a token is good, and how often a password may be tried."""

from __future__ import annotations

from collections.abc import Iterator

from ..auth.jwt import JWTAuthentication
from ..middleware.auth import AuthenticationMiddleware
from ..middleware.ratelimit import RateLimitMiddleware
from .catalogue import found
from .finding import Finding, Inspected

__all__ = ["CHECKS"]

_A_DAY = 86_400


def tokens(inspected: Inspected) -> Iterator[Finding]:
    """Look how long tokens are good that nobody can take back."""
    ways = [way for made in inspected.every(AuthenticationMiddleware) for way in made.backends.ways]
    is_long = inspected.settings.JWT_ACCESS_TOKEN_EXPIRE > _A_DAY
    if is_long and any(isinstance(way, JWTAuthentication) for way in ways):
        yield found("token-long", inspected.said("JWT_ACCESS_TOKEN_EXPIRE"))


def logins(inspected: Inspected) -> Iterator[Finding]:
    """Look whether anything limits how often passwords are tried."""
    has_accounts = any(
        made.backends.accounts is not None for made in inspected.every(AuthenticationMiddleware)
    )
    options = [compiled.declared.options for compiled in inspected.app.seal().compiled]
    is_limited = (
        inspected.every(RateLimitMiddleware)
        or inspected.settings.DEFAULT_THROTTLE_CLASSES
        or any(each.get("throttle_classes") for each in options)
    )
    if has_accounts and not is_limited:
        yield found(
            "login-unlimited", "there are passwords, and neither RateLimitMiddleware nor throttle_classes"
        )


CHECKS = (tokens, logins)
