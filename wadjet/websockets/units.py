"""The unit of work of a conversation: one for each message, so that nobody who waits for one holds a connection."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Protocol

from ..http.request import Request

__all__ = ["UNIT", "UNITS", "Unit", "Units", "end_unit", "next_unit"]

#: Where a handshake holds the unit that is open, and what begins the next one.
UNIT, UNITS = "wadjet.unit", "wadjet.units"


class Unit(Protocol):
    """A unit of work; see :class:`wadjet.middleware.Unit`."""

    def end(self, *, commits: bool) -> Awaitable[None] | None:
        """End it.

        Args:
            commits: keep what was written; else undo it.
        """


class Units(Protocol):
    """What begins units: a database."""

    def begin(self, *, writes: bool) -> Unit:
        """Begin one in this context; see :class:`wadjet.middleware.Database`."""


async def end_unit(request: Request, *, commits: bool) -> None:
    """End the open unit, if there is one.

    Args:
        request: the handshake.
        commits: keep what was written; else undo it.
    """
    unit: Unit | None = request.state.pop(UNIT, None)
    ending = None if unit is None else unit.end(commits=commits)
    if ending is not None:
        await ending


def next_unit(request: Request, units: Units) -> None:
    """Begin the unit of a message."""
    request.state[UNIT] = units.begin(writes=True)
