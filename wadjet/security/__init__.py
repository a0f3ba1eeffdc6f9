"""What keeps a site from harm and is only arithmetic: tokens, limits. Knows nothing of requests."""

from __future__ import annotations

__all__: list[str] = []
