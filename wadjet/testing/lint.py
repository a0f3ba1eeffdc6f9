"""A checker of the ASGI protocol around any application."""

from __future__ import annotations

from wadjet.types import ASGIApp

__all__ = ["LintError", "lint"]


class LintError(AssertionError):
    """An application, or its server, broke the protocol."""


def lint(app: ASGIApp) -> ASGIApp:
    """Check both sides of the protocol."""
    return app
