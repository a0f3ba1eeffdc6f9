"""The messages of HTTP and their grammar. Pure: no I/O, no clock, no application."""

from __future__ import annotations

__all__: list[str] = []
