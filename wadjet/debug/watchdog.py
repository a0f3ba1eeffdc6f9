"""Watchdog: says which line keeps an event loop from everything else. For development; a thread of its own looks."""

from __future__ import annotations

import asyncio
import sys
import sysconfig
import threading
import weakref
from pathlib import Path
from types import FrameType

from ..logs import lifecycle as _log

__all__ = ["Watchdog", "watch"]

#: Beats of the loop between two looks: one may come late.
_BEATS = 4
#: Code that nobody here has written: what called it is looked for.
_OTHERS = (
    str(Path(__file__).parents[1]),
    *{sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")},
    "<",
)
#: What calls what the loop has to do; who has called that only runs the loop.
_LOOP = frozenset({asyncio.events.__file__, asyncio.base_events.__file__, asyncio.runners.__file__})
_WATCHED: weakref.WeakSet[asyncio.AbstractEventLoop] = weakref.WeakSet()


class Watchdog:
    """Watches the loop that runs: while it is alive it beats, and a line that blocks keeps it from that.

    Args:
        patience: seconds without a beat after which the log names the line, once for each time.
    """

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self._beats = 0
        self._stopped = threading.Event()
        self._beat()
        _WATCHED.add(self._loop)
        threading.Thread(target=self._watch, name="wadjet-watchdog", daemon=True).start()

    def stop(self) -> None:
        """Watch no more."""
        self._stopped.set()
        self._timer.cancel()
        _WATCHED.discard(self._loop)

    def _beat(self) -> None:
        self._beats += 1
        self._timer = self._loop.call_later(self._patience / _BEATS, self._beat)

    def _watch(self) -> None:
        seen = told = 0
        while not self._stopped.wait(self._patience):
            beats = self._beats
            if seen == beats != told and not self._loop.is_closed():
                told = beats
                self._tell()
            seen = beats

    def _tell(self) -> None:
        frame = sys._current_frames().get(self._thread)  # noqa: SLF001 - the only way to see what another thread does
        place = _place_of(frame)
        if place is not None:
            _log.warning(
                "the event loop has been blocked for %g seconds or more by %s:%s in %s(), and nobody else is answered meanwhile; "
                "write `def` instead of `async def` there, or `await asyncio.to_thread(…)`",
                self._patience,
                place.f_code.co_filename,
                place.f_lineno,
                place.f_code.co_name,
            )


def watch(patience: float) -> Watchdog | None:
    """Watch the loop that runs; None where somebody does already, another application for example."""
    return None if asyncio.get_running_loop() in _WATCHED else Watchdog(patience)


def _place_of(frame: FrameType | None) -> FrameType | None:
    """Return the innermost call of code that is the application's; the innermost one where there is none."""
    each = frame
    while each is not None and each.f_code.co_filename not in _LOOP:
        if not each.f_code.co_filename.startswith(_OTHERS):
            return each
        each = each.f_back
    return frame
