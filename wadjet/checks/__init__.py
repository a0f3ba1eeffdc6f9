"""Checks: what is looked at before an application is served to strangers."""

from __future__ import annotations

from .finding import Check, Finding, Inspected
from .inspecting import Inspection, inspect

__all__ = ["Check", "Finding", "Inspected", "Inspection", "inspect"]
