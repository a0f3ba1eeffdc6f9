"""Pairs of hooks around many handlers, fused at startup."""

from __future__ import annotations

from .base import BaseMiddleware

__all__ = ["BaseMiddleware"]
