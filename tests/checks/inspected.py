"""Applications to be checked."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from wadjet import Settings, Wadjet
from wadjet.checks import inspect

__all__ = ["HARDENED", "KEY", "STACK", "hardened", "ids"]

KEY = "Wb1R0s5oQ2yX7uJd9kZtLm4vNc8hEaGpYf3iTqSx6rBo"

STACK = (
    "wadjet.middleware.security.SecurityMiddleware",
    "wadjet.middleware.cors.CORSMiddleware",
    "wadjet.middleware.session.SessionMiddleware",
    "wadjet.middleware.csrf.CSRFMiddleware",
    "wadjet.middleware.ratelimit.RateLimitMiddleware",
)
#: Settings of which nothing is found.
HARDENED: dict[str, Any] = {
    "SECRET_KEY": KEY,
    "ALLOWED_HOSTS": ("www.example.com",),
    "SECURE_SSL_REDIRECT": True,
    "SECURE_HSTS_SECONDS": 31_536_000,
    "SECURE_CONTENT_SECURITY_POLICY": {"default-src": "'self'", "script-src": "'self' 'nonce'"},
    "CORS_ALLOWED_ORIGINS": ("https://app.example.com",),
    "CSRF_COOKIE_SECURE": True,
    "SESSION_COOKIE_SECURE": True,
    "TRUSTED_PROXIES": ("10.0.0.0/8",),
}


def hardened(
    middleware: Iterable[Any] = STACK,
    *,
    debug: bool | None = None,
    routes: Iterable[Any] = (),
    **changed: Any,
) -> Wadjet:
    """Return an application of which nothing is found, but for what is changed."""
    return Wadjet(Settings(**{**HARDENED, **changed}), middleware=middleware, debug=debug, routes=routes)


def ids(app: Any, *, deploy: bool = True, workers: int = 1, environ: Any = os.environ) -> list[str]:
    """Return the ids of what is found."""
    return [finding.id for finding in inspect(app, environ, deploy=deploy, workers=workers).findings]
