"""Templates: whether what visitors write stays text."""

from __future__ import annotations

from collections.abc import Iterator

from .catalogue import found
from .finding import Finding, Inspected

__all__ = ["CHECKS"]


def autoescape(inspected: Inspected) -> Iterator[Finding]:
    """Look whether templates escape."""
    templates = inspected.app.templates
    if inspected.has_module("jinja2") and templates.environment.autoescape is not True:
        yield found(
            "autoescape-off", f"autoescape={templates.environment.autoescape!r} of the templates' environment"
        )


CHECKS = (autoescape,)
