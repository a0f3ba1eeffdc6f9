"""Settings: typed, frozen, read from code and environment."""

from __future__ import annotations

from .settings import Settings

__all__ = ["Settings"]
