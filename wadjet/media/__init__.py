"""Objects to bytes and back, one file per media type. Knows nothing of requests."""

from __future__ import annotations

__all__: list[str] = []
