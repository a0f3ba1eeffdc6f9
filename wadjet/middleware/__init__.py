"""Pairs of hooks around many handlers, fused at startup. The built-in ones are loaded when they are first asked for."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from .base import BaseMiddleware

if TYPE_CHECKING:
    from .ratelimit import RateLimitMiddleware, RatePolicy, rate_limit

__all__ = ["BaseMiddleware", "RateLimitMiddleware", "RatePolicy", "rate_limit"]

_HOME = {"RateLimitMiddleware": "ratelimit", "RatePolicy": "ratelimit", "rate_limit": "ratelimit"}


def __getattr__(name: str) -> object:
    """Load a built-in (PEP 562)."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{_HOME[name]}", __name__), name)
