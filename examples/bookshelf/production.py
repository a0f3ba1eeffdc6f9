"""The bookshelf where strangers can reach it: ``WADJET_SETTINGS=examples.bookshelf.production:Production``.

What differs from place to place comes from the environment: ``WADJET_SECRET_KEY`` (or ``WADJET_SECRET_KEY_FILE``),
``WADJET_DATABASE_URL``, ``WADJET_ALLOWED_HOSTS``, ``WADJET_TRUSTED_PROXIES``, ``WADJET_CORS_ALLOWED_ORIGINS`` and, for several
workers, ``WADJET_RATE_LIMIT_BACKEND=redis`` with ``WADJET_REDIS_URL``, which the live feed uses too.
``wadjet check examples.bookshelf.app:app --deploy`` says what is missing.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from examples.bookshelf.settings import Bookshelf

__all__ = ["Production"]

YEAR = 365 * 24 * 3600


@dataclasses.dataclass(frozen=True)
class Production(Bookshelf):
    """What stands around the bookshelf where strangers reach it, outermost first, and what it is told."""

    MIDDLEWARE: tuple[Any, ...] = (
        "wadjet.middleware.requestid.RequestIdMiddleware",
        "wadjet.middleware.security.SecurityMiddleware",
        "wadjet.middleware.cors.CORSMiddleware",
        "wadjet.middleware.ratelimit.RateLimitMiddleware",
        "wadjet.middleware.compression.CompressionMiddleware",
    )
    #: Nobody adds more than a book at a time.
    MAX_BODY_SIZE: int = 64 * 1024
    RATE_LIMIT_REQUESTS: int = 600
    #: The API may be read by the sites that the environment names.
    CORS_ALLOWED_ORIGINS: tuple[str, ...] | None = ()
    CORS_ALLOWED_METHODS: tuple[str, ...] = ("GET", "HEAD")
    CORS_EXPOSE_HEADERS: tuple[str, ...] = ("ETag", "X-Request-ID", "X-RateLimit-Remaining")
    SESSION_COOKIE_SECURE: bool = True
    CSRF_COOKIE_SECURE: bool = True
    CSRF_COOKIE_HTTPONLY: bool = True
    SECURE_SSL_REDIRECT: bool = True
    SECURE_HSTS_SECONDS: int = YEAR
    SECURE_HSTS_INCLUDE_SUBDOMAINS: bool = True
    #: The pages have a stylesheet, an empty icon and forms, and one a script, which listens for new books.
    SECURE_CONTENT_SECURITY_POLICY: str | Mapping[str, Any] | None = dataclasses.field(
        default_factory=lambda: {
            "default-src": "'none'",
            "style-src": "'self'",
            "script-src": "'self'",
            "connect-src": "'self'",
            "img-src": "'self' data:",
            "form-action": "'self'",
            "base-uri": "'none'",
            "frame-ancestors": "'none'",
        }
    )
    SECURE_CROSS_ORIGIN_OPENER_POLICY: str | None = "same-origin"
    SECURE_PERMISSIONS_POLICY: str | None = "camera=(), geolocation=(), microphone=()"
