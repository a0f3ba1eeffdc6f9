"""Sessions: their cookie, and where they are kept."""

from __future__ import annotations

from collections.abc import Iterator

from ..middleware.session import SessionMiddleware
from ..sessions.stored import StoredSessions
from ..stores.memory import MemoryStore
from .catalogue import found
from .finding import Finding, Inspected

__all__ = ["CHECKS"]


def cookie(inspected: Inspected) -> Iterator[Finding]:
    """Look at the cookie."""
    for made in inspected.every(SessionMiddleware):
        policy = made.sessions.policy
        if not policy.secure:
            yield found("cookie-plain", "SESSION_COOKIE_SECURE=False")
        if not policy.httponly:
            yield found("cookie-readable", "SESSION_COOKIE_HTTPONLY=False")
        if policy.samesite.lower() == "none":
            yield found("cookie-cross-site", "SESSION_COOKIE_SAMESITE='None'")
        if policy.domain:
            yield found("cookie-shared", f"SESSION_COOKIE_DOMAIN={policy.domain!r}")


def store(inspected: Inspected) -> Iterator[Finding]:
    """Look whether all processes find a session."""
    for made in inspected.every(SessionMiddleware):
        if not isinstance(made.sessions, StoredSessions) or not isinstance(made.sessions.store, MemoryStore):
            continue
        if inspected.workers > 1:
            yield found("session-memory", f"SESSION_STORE='memory', and {inspected.workers} workers")
        else:
            yield found("session-passing", "SESSION_STORE='memory'")


CHECKS = (cookie, store)
