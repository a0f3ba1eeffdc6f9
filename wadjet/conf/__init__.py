"""Settings: typed, frozen, read from code and environment."""

from __future__ import annotations

from .kinds import Age, Bytes, Seconds, Secret
from .masking import is_sensitive, masked
from .settings import Settings

__all__ = ["Age", "Bytes", "Seconds", "Secret", "Settings", "is_sensitive", "masked"]
