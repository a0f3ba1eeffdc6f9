"""Pairs of hooks around many handlers, fused at startup. The built-in ones are loaded when they are first asked for."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from .base import BaseMiddleware, build_middleware_stack

if TYPE_CHECKING:
    from .auth import AuthenticationMiddleware
    from .compression import CompressionMiddleware, CompressionPolicy
    from .cors import CORSMiddleware, CORSPolicy
    from .csrf import CSRFMiddleware
    from .db import Database, DatabaseMiddleware, Unit
    from .error import ServerErrorMiddleware
    from .ratelimit import RateLimitMiddleware, RatePolicy, rate_limit
    from .requestid import RequestIdMiddleware
    from .security import SecurityMiddleware, SecurityPolicy
    from .session import SessionMiddleware
    from .throttles import AnonRateThrottle, Throttle, UserRateThrottle

__all__ = [
    "AnonRateThrottle",
    "AuthenticationMiddleware",
    "BaseMiddleware",
    "CORSMiddleware",
    "CORSPolicy",
    "CSRFMiddleware",
    "CompressionMiddleware",
    "CompressionPolicy",
    "Database",
    "DatabaseMiddleware",
    "RateLimitMiddleware",
    "RatePolicy",
    "RequestIdMiddleware",
    "SecurityMiddleware",
    "SecurityPolicy",
    "ServerErrorMiddleware",
    "SessionMiddleware",
    "Throttle",
    "Unit",
    "UserRateThrottle",
    "build_middleware_stack",
    "rate_limit",
]

_ROOMS = {
    "auth": ("AuthenticationMiddleware",),
    "compression": ("CompressionMiddleware", "CompressionPolicy"),
    "cors": ("CORSMiddleware", "CORSPolicy"),
    "db": ("Database", "DatabaseMiddleware", "Unit"),
    "csrf": ("CSRFMiddleware",),
    "error": ("ServerErrorMiddleware",),
    "ratelimit": ("RateLimitMiddleware", "RatePolicy", "rate_limit"),
    "requestid": ("RequestIdMiddleware",),
    "security": ("SecurityMiddleware", "SecurityPolicy"),
    "session": ("SessionMiddleware",),
    "throttles": ("AnonRateThrottle", "Throttle", "UserRateThrottle"),
}
_HOME = {name: module for module, names in _ROOMS.items() for name in names}


def __getattr__(name: str) -> object:
    """Load a built-in (PEP 562)."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{_HOME[name]}", __name__), name)
