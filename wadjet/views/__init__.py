"""Handlers that are classes: one method for each HTTP method, and actions beside them."""

from __future__ import annotations

from .actions import action
from .view import View

__all__ = ["View", "action"]
