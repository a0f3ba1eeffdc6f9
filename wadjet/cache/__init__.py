"""Answers that are kept, so that a handler need not run for each request."""

from __future__ import annotations

__all__: list[str] = []
