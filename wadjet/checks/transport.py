"""How requests come: for which hosts, by https, through which proxies, and how large."""

from __future__ import annotations

from collections.abc import Iterator

from ..middleware.ratelimit import RateLimitMiddleware
from ..middleware.security import SecurityMiddleware
from ..security.hosts import DEVELOPMENT_HOSTS
from .catalogue import found
from .finding import Finding, Inspected

__all__ = ["CHECKS"]

_HALF_A_YEAR = 180 * 86_400
_WIDE = 100 * 1024 * 1024


def hosts(inspected: Inspected) -> Iterator[Finding]:
    """Look at the hosts that are served."""
    security = inspected.first(SecurityMiddleware)
    if security is None:
        yield found("security-absent", "there is no SecurityMiddleware")
        return
    allowed = tuple(security.policy.allowed_hosts)
    if "*" in allowed:
        yield found("hosts-any", "every host is served: ALLOWED_HOSTS has '*'")
    elif set(allowed) <= set(DEVELOPMENT_HOSTS):
        yield found("hosts-local", "ALLOWED_HOSTS has no host but the machine itself")


def https(inspected: Inspected) -> Iterator[Finding]:
    """Look whether everything goes by https."""
    security = inspected.first(SecurityMiddleware)
    if security is None:
        return
    policy = security.policy
    if not policy.ssl_redirect:
        yield found(
            "https-optional", "requests by http are answered, and not redirected: SECURE_SSL_REDIRECT=False"
        )
    if not policy.hsts_seconds:
        yield found("hsts-off", "there is no Strict-Transport-Security: SECURE_HSTS_SECONDS=0")
    elif policy.hsts_seconds < _HALF_A_YEAR:
        yield found("hsts-short", f"SECURE_HSTS_SECONDS={policy.hsts_seconds} is less than half a year")


def proxies(inspected: Inspected) -> Iterator[Finding]:
    """Look whether proxies are known where it matters who and how."""
    settings = inspected.settings
    security = inspected.first(SecurityMiddleware)
    is_redirecting = security is not None and security.policy.ssl_redirect
    if settings.TRUSTED_PROXIES:
        return
    if settings.TRUSTED_PROXY_HOST:
        yield found("proxy-host-alone", "TRUSTED_PROXY_HOST=True, and TRUSTED_PROXIES is empty")
    if is_redirecting or inspected.every(RateLimitMiddleware):
        yield found("proxies-unset", "TRUSTED_PROXIES is empty: no proxy is believed")


def body_limit(inspected: Inspected) -> Iterator[Finding]:
    """Look how much any request may bring."""
    if inspected.settings.MAX_BODY_SIZE > _WIDE:
        yield found("body-limit-wide", f"{inspected.said('MAX_BODY_SIZE')} goes for every route")


CHECKS = (hosts, https, proxies, body_limit)
