"""Measure every figure, print a table, and end with status 1 when a promise is broken."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

from benchmarks.commandline import command
from benchmarks.faults import ending, memory, waiting
from benchmarks.faults.figure import Figure
from benchmarks.faults.serving import raise_limits

__all__ = ["FAULTS", "main"]

#: Each by its name on the command line.
FAULTS: dict[str, Callable[..., Iterator[Figure]]] = {
    "idle": waiting.idle,
    "heads": waiting.heads,
    "uploads": waiting.uploads,
    "crowd": waiting.crowd,
    "stop": ending.stop,
    "reload": ending.reload,
    "kill": ending.kill,
    "aborted": memory.aborted,
    "reader": memory.slow_reader,
    "oversized": memory.oversized,
    "soak": memory.soak,
}


def main() -> None:
    """Run from the command line."""
    command("faults", FAULTS, _measured, quick="shorter time-outs, fewer requests")


def _measured(name: str, quick: bool) -> list[Figure]:
    """Measure one fault; a server that fails under it has broken its promise."""
    os.sched_setaffinity(0, {(os.cpu_count() or 1) - 1})
    raise_limits()
    try:
        return list(FAULTS[name](quick=quick))
    except (OSError, RuntimeError) as error:
        return [
            Figure(name, "a figure", f"{type(error).__name__}: {' '.join(str(error).split())}", is_kept=False)
        ]


if __name__ == "__main__":
    main()
