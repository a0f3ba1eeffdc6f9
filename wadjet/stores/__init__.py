"""Bytes under keys, for as long as they are good: in this process, or shared. Know nothing of requests."""

from __future__ import annotations

from .store import Store, StoreUnavailable

__all__ = ["Store", "StoreUnavailable"]
