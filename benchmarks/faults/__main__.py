"""Measure every figure, print a table, and end with status 1 when a promise is broken."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator

from benchmarks.faults import ending, memory, waiting
from benchmarks.faults.figure import Figure, table
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
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults", description="Measure faults.")
    parser.add_argument("--quick", action="store_true", help="shorter time-outs, fewer requests")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of them: {', '.join(FAULTS)}")
    arguments = parser.parse_args()
    unknown = set(arguments.names) - FAULTS.keys()
    if unknown:
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    if sys.platform != "linux":
        raise SystemExit("The figures need Linux: they are read from /proc.")
    os.sched_setaffinity(0, {(os.cpu_count() or 1) - 1})
    raise_limits()
    figures: list[Figure] = []
    for name in arguments.names or FAULTS:
        print(f"{name} ...", file=sys.stderr, flush=True)
        figures += _measured(name, quick=arguments.quick)
    print("\n".join(table(figures)))
    sys.exit(not all(figure.is_kept for figure in figures))


def _measured(name: str, *, quick: bool) -> list[Figure]:
    """Measure one fault; a server that fails under it has broken its promise."""
    try:
        return list(FAULTS[name](quick=quick))
    except (OSError, RuntimeError) as error:
        return [
            Figure(name, "a figure", f"{type(error).__name__}: {' '.join(str(error).split())}", is_kept=False)
        ]


if __name__ == "__main__":
    main()
