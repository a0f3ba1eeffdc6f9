"""The wire: connections, lifespan, adapters. The only room with transport events."""

from __future__ import annotations

__all__: list[str] = []
