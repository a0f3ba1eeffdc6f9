"""A server process for the scenarios' application, on the lane and the loop that are asked for."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.running import free_port, running

__all__ = ["LOOPS", "serving"]

LOOPS = ("uvloop", "asyncio")

#: What a log says when something went wrong that no handler of the scenarios does on purpose.
_FAULTS = (
    "could not be understood",
    "was never retrieved",
    "Exception in callback",
    "Fatal error",
    "RecursionError",
)


@contextmanager
def serving(
    directory: Path, lane: str = "fast", loop: str = "uvloop", **settings: float | str
) -> Iterator[int]:
    """Serve the application; give the port.

    Args:
        directory: an empty one.
        lane: as ``wadjet run`` has them.
        loop: as uvicorn has them.
        settings: of the application, in capitals.
    """
    port = free_port()
    environ = {f"WADJET_{name}": str(value) for name, value in settings.items()}
    command = [sys.executable, "-m", "tests.scenarios.app", lane, loop]
    with running(command, directory, {"WADJET_PORT": str(port), **environ}) as server:
        server.fetch(port, "/ping")
        yield port
        assert server.stop() == 0, server.output
        assert [fault for fault in _FAULTS if fault in server.output] == [], server.output
