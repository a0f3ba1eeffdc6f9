"""What an application answers, described: an OpenAPI 3.1 document of its plans."""

from __future__ import annotations

from .document import document

__all__ = ["document"]
