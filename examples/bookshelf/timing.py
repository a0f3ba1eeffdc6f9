"""RequestTimer: tells the client how long the answer took to make."""

from __future__ import annotations

from time import perf_counter

from wadjet import BaseMiddleware, Request
from wadjet.http.response import Head

__all__ = ["RequestTimer"]

STARTED = "bookshelf.started"


class RequestTimer(BaseMiddleware):
    """Adds ``Server-Timing: app;dur=…`` in milliseconds, which browsers show among the network timings."""

    def before(self, request: Request) -> None:
        request.state[STARTED] = perf_counter()

    def after(self, request: Request, response: Head) -> None:
        milliseconds = (perf_counter() - request.state[STARTED]) * 1000
        response.headers.append("server-timing", f"app;dur={milliseconds:.2f}")
