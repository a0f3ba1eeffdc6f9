"""Timing: whether the client has had its time, for whatever is waited for."""

from __future__ import annotations

import math
from abc import abstractmethod

from ...http.clienterrors import RequestTimeout
from ...http.raising import HTTPException
from ...logs import connections as _log
from .lane import Lane
from .parsing import CONTENT, HEAD, Parsing

__all__ = ["LAST_SECONDS", "Timing"]

#: Seconds that a connection that closes waits for its client to do so too.
_LINGER_SECONDS = 2.0
#: Seconds that an idle connection may still bring a request when the server stops.
LAST_SECONDS = 1.0


class Timing(Parsing):
    """The side of a connection that the lane's clock sees.

    Args:
        lane: what it shares with the others.
    """

    __slots__ = ("is_admitted", "is_paused")

    def __init__(self, lane: Lane) -> None:
        super().__init__(lane)
        #: Whether it is within the limit of connections.
        self.is_admitted = True
        #: Whether nothing is read for now.
        self.is_paused = False

    @abstractmethod
    def refuse_next(self, refusal: HTTPException) -> None:
        """Refuse what is arriving, in its turn; nothing more is read."""

    def check(self, now: float) -> None:
        """Look whether the client has had its time; the lane's clock calls it."""
        # The clock has been one tick behind at the most when the time began: never too early.
        waited = now - self.since - self.lane.tick_seconds
        if self.is_closing:
            self._check_end(now, waited)
        elif self.is_stuck(now):
            _log.info("a client that takes nothing was cut off")
            self.transport.abort()
        elif waited > self._patience(now):
            self._time_out()

    def _patience(self, now: float) -> float:
        """Return how many seconds may pass with what is waited for."""
        settings = self.lane.settings
        if not self.is_admitted:
            return _LINGER_SECONDS
        if self.phase == CONTENT:
            return math.inf if self._waits_for_us() else settings.BODY_TIMEOUT
        if self.request is not None or self.arrived:
            return math.inf
        if self.phase == HEAD:
            return settings.HEADER_TIMEOUT
        if self.lane.is_draining:
            return now - self.since - self.lane.drained_for() + LAST_SECONDS
        if not self.status:
            return settings.HEADER_TIMEOUT
        return settings.KEEP_ALIVE_TIMEOUT

    def _waits_for_us(self) -> bool:
        """Tell whether the client could not send its content: we do not read, or have not said that we would."""
        return self.is_paused or (self.body is not None and self.body.expects)

    def _time_out(self) -> None:
        """End what was waited for in vain."""
        if self.phase in {HEAD, CONTENT}:
            what = "head" if self.phase == HEAD else "content"
            self.refuse_next(RequestTimeout(f"The {what} of the request did not come in time."))
            if self.arrived and self.request is None:
                self.begin()
        else:
            self.close()

    def _check_end(self, now: float, waited: float) -> None:
        """Cut a connection that has been closed, but not by the client, when there is nothing left for it to take."""
        unsent = self.transport.get_write_buffer_size()
        if unsent != self.unsent:
            self.unsent, self.since = unsent, now
        elif waited > (self.lane.settings.SEND_TIMEOUT if unsent else _LINGER_SECONDS):
            if self.scheme == "https" and not self.transport.is_closing():
                self.since = now
                self.transport.close()  # TLS has an end of its own, which an abort would leave out
            else:
                self.transport.abort()
