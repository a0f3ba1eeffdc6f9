"""What browsers are told: policies, frames, cookies, and which other sites may do what."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from ..auth.sessions import SessionAuthentication
from ..middleware.auth import AuthenticationMiddleware
from ..middleware.cors import CORSMiddleware, CORSPolicy
from ..middleware.csrf import CSRFMiddleware
from ..middleware.security import SecurityMiddleware, SecurityPolicy
from ..middleware.session import SessionMiddleware
from .catalogue import found
from .finding import Finding, Inspected

__all__ = ["CHECKS"]

#: What tells other sites whole addresses. Of several policies the last one counts that a browser knows.
_TELLING = {"unsafe-url", "no-referrer-when-downgrade"}
#: Sources that stand for scripts of anybody (CSP Level 3 §6.7.2).
_WEAK_SOURCES = {"*", "http:", "https:", "data:", "blob:", "'unsafe-eval'"}
#: What makes browsers pass over 'unsafe-inline' (CSP Level 3 §6.7.3.2).
_STRICT = ("'nonce", "'sha256-", "'sha384-", "'sha512-", "'strict-dynamic'")
_LOCAL = ("localhost", "127.0.0.1", "::1")


def security(inspected: Inspected) -> Iterator[Finding]:
    """Look at the fields that make browsers careful."""
    for made in inspected.every(SecurityMiddleware):
        yield from _security(made.policy)


def cors(inspected: Inspected) -> Iterator[Finding]:
    """Look which origins may read."""
    for made in inspected.every(CORSMiddleware):
        yield from _cors(made.policy)


def csrf(inspected: Inspected) -> Iterator[Finding]:
    """Look whether other sites can make requests in a visitor's name."""
    settings = inspected.settings
    if not inspected.every(CSRFMiddleware):
        if inspected.every(SessionMiddleware):
            yield found("csrf-off", "there are sessions, and no CSRFMiddleware")
        elif _are_sent_unasked(inspected):
            yield found("csrf-off", "browsers send credentials by themselves, and there is no CSRFMiddleware")
        return
    for origin in settings.CSRF_TRUSTED_ORIGINS:
        if origin.startswith("http://"):
            yield found("csrf-plain", f"CSRF_TRUSTED_ORIGINS has {origin}")
    if not settings.CSRF_COOKIE_SECURE:
        yield found("cookie-plain", inspected.said("CSRF_COOKIE_SECURE"))
    if settings.CSRF_COOKIE_SAMESITE.lower() == "none":
        yield found("cookie-cross-site", inspected.said("CSRF_COOKIE_SAMESITE"))


def _are_sent_unasked(inspected: Inspected) -> bool:
    ways = (way for made in inspected.every(AuthenticationMiddleware) for way in made.backends.ways)
    return any(
        way.is_resent or (way.is_ambient and not isinstance(way, SessionAuthentication)) for way in ways
    )


def _security(policy: SecurityPolicy) -> Iterator[Finding]:
    yield from _content_policy(policy)
    if not policy.x_frame_options and "frame-ancestors" not in _directives(policy):
        yield found("frames-open", "any site may show pages in a frame: X_FRAME_OPTIONS is empty")
    if not policy.content_type_nosniff:
        yield found("sniffing-open", "SecurityMiddleware has content_type_nosniff=False")
    if (policy.referrer_policy or "").lower().rpartition(",")[2].strip() in _TELLING:
        yield found("referrer-open", f"SECURE_REFERRER_POLICY={policy.referrer_policy!r}")
    if policy.xss_filter:
        yield found("xss-filter", "SECURE_BROWSER_XSS_FILTER=True")


def _cors(policy: CORSPolicy) -> Iterator[Finding]:
    if policy.origins.is_any:
        yield found(
            "cors-any",
            "CORSMiddleware lets scripts of every origin read: CORS_ALLOWED_ORIGINS is not set, or has '*'",
        )
    for origin in sorted(origin.decode() for origin in policy.origins.exact):
        if origin == "null":
            yield found("cors-null", "scripts of the origin null may read")
        elif _is_local(origin):
            yield found("cors-local", f"scripts of {origin} may read")
        elif origin.startswith("http://"):
            yield found("cors-plain", f"scripts of {origin} may read")


def _content_policy(policy: SecurityPolicy) -> Iterator[Finding]:
    if not policy.csp:
        yield found(
            "csp-off", "there is no Content-Security-Policy: SECURE_CONTENT_SECURITY_POLICY is not set"
        )
        return
    directives = _directives(policy)
    sources = directives.get("script-src", directives.get("default-src"))
    if sources is None:
        yield found(
            "csp-weak", "the policy says nothing of scripts: it has neither script-src nor default-src"
        )
        return
    is_strict = any(source.startswith(_STRICT) for source in sources)
    weak = _WEAK_SOURCES.intersection(sources) | (
        set() if is_strict else {"'unsafe-inline'"}.intersection(sources)
    )
    if weak:
        yield found("csp-weak", f"the policy lets scripts come from {', '.join(sorted(weak))}")


def _directives(policy: SecurityPolicy) -> dict[str, list[str]]:
    """Return the sources of each directive that is enforced; the first of a name counts (CSP Level 3 §2.2.1)."""
    content = dict(policy.content_policies()).get("content-security-policy")
    parts = content.with_nonce("").decode().lower().split(";") if content is not None else []
    words = [part.split() for part in parts if part.strip()]
    return {name: sources for name, *sources in reversed(words)}


def _is_local(origin: str) -> bool:
    host = urlsplit(origin).hostname or ""
    return host in _LOCAL or host.endswith(".localhost")


CHECKS = (security, cors, csrf)
