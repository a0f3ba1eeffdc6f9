"""A function on one side, HTTP on the other."""

from __future__ import annotations

__all__: list[str] = []
