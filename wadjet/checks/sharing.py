"""What several processes have to share."""

from __future__ import annotations

from collections.abc import Iterator

from ..cache.policy import OPTIONS
from ..middleware.ratelimit import RateLimitMiddleware
from .catalogue import found
from .finding import Finding, Inspected

__all__ = ["CHECKS"]


def stores(inspected: Inspected) -> Iterator[Finding]:
    """Look for what is counted or kept in one process of several."""
    settings = inspected.settings
    if inspected.workers < 2:
        return
    if inspected.every(RateLimitMiddleware) and settings.RATE_LIMIT_BACKEND == "memory":
        yield found(
            "rate-limit-memory", f"{inspected.said('RATE_LIMIT_BACKEND')}, and {inspected.workers} workers"
        )
    is_kept = any(
        not compiled.declared.options.keys().isdisjoint(OPTIONS) for compiled in inspected.app.seal().compiled
    )
    if is_kept and settings.CACHE_BACKEND == "memory":
        yield found("cache-memory", f"{inspected.said('CACHE_BACKEND')}, and {inspected.workers} workers")


CHECKS = (stores,)
