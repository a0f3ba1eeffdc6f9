"""The one list of what may exceed its budget. It can only shrink."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["EXEMPTIONS", "Exemption"]


class Exemption(NamedTuple):
    """Permission for one function or file to be larger than others, and why.

    Args:
        name: ``wadjet.room.module`` or ``wadjet.room.module:Class.function``.
        budget: ``lines`` of a file; ``code lines`` or ``branches`` of a function.
        amount: the size signed for; a larger one fails, and so does a smaller one.
        reason: what would be worse if it were divided.
    """

    name: str
    budget: str
    amount: int
    reason: str


EXEMPTIONS: tuple[Exemption, ...] = ()
