"""What happens around the life of an application and of a request."""

from __future__ import annotations

from .signals import BeforeRender

__all__ = ["BeforeRender"]
