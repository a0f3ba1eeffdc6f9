"""What a broken rule raises."""

from __future__ import annotations

import reprlib

__all__ = ["LintError", "require"]

brief = reprlib.Repr()
brief.maxstring = brief.maxother = 200


class LintError(AssertionError):
    """An application, or its server, broke a rule. The message has the rule, the value and the source."""


def require(holds: object, rule: str, value: object, source: str) -> None:
    """Raise a LintError unless `holds`."""
    if not holds:
        raise LintError(f"{rule}; got {brief.repr(value)} ({source})")
