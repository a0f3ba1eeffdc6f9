"""Outage: what is known of somebody who may not answer. Who asks waits once, not every time; the log says so once."""

from __future__ import annotations

from collections.abc import Callable

from ..logs import stores as _log
from .store import StoreUnavailable

__all__ = ["Outage"]

#: Seconds in which nobody asks somebody who has not answered: one request waits for it, and not every one.
_PAUSE = 0.5
#: Seconds between two lines on what is refused.
_REFUSED_PAUSE = 60


class Outage:
    """Whether somebody answers.

    Args:
        name: for the log.
        clock: gives seconds, never fewer than before.
    """

    __slots__ = ("_clock", "_down_until", "_is_down", "_name", "_quiet_until")

    def __init__(self, name: str, clock: Callable[[], float]) -> None:
        self._name = name
        self._clock = clock
        self._is_down = False
        self._down_until = self._quiet_until = clock()

    def check(self) -> None:
        """Refuse to ask somebody who has not answered lately.

        Raises:
            StoreUnavailable: it is of no use yet.
        """
        if self._clock() < self._down_until:
            raise StoreUnavailable(f"{self._name} has not answered lately")

    def fails(self, error: Exception) -> StoreUnavailable:
        """Remember that there was no answer, and return what to raise."""
        self._down_until = self._clock() + _PAUSE
        if not self._is_down:
            self._is_down = True
            _log.error("%s does not answer: %r", self._name, error)
        return StoreUnavailable(f"{self._name} does not answer: {error!r}")

    def refuses(self, error: Exception) -> StoreUnavailable:
        """Say that it has answered, and will not do it; return what to raise."""
        now = self._clock()
        if now >= self._quiet_until:
            self._quiet_until = now + _REFUSED_PAUSE
            _log.error("%s refuses: %s", self._name, error)
        return StoreUnavailable(f"{self._name} refuses: {error}")

    def answers(self) -> None:
        """Remember that there was an answer."""
        if self._is_down:
            self._is_down = False
            _log.warning("%s answers again", self._name)
