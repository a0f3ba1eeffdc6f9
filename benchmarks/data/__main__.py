"""Measure every figure, print a table, and end with status 1 when a promise is broken."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator

from benchmarks.data import fortunes, rows, sockets
from benchmarks.faults.figure import Figure, table

__all__ = ["FIGURES", "main"]

#: Each by its name on the command line, and in comments ``PERF(bench: name)`` of the package.
FIGURES: dict[str, Callable[..., Iterator[Figure]]] = {
    "db": rows.db,
    "fortunes": fortunes.fortunes,
    "sockets": sockets.sockets,
}


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.data", description="Measure data.")
    parser.add_argument("--quick", action="store_true", help="fewer rounds, fewer sockets")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of them: {', '.join(FIGURES)}")
    arguments = parser.parse_args()
    unknown = set(arguments.names) - FIGURES.keys()
    if unknown:
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    if sys.platform != "linux":
        raise SystemExit("The figures need Linux: they are read from /proc.")
    figures: list[Figure] = []
    for name in arguments.names or FIGURES:
        print(f"{name} ...", file=sys.stderr, flush=True)
        figures += FIGURES[name](quick=arguments.quick)
    print("\n".join(table(figures)))
    sys.exit(not all(figure.is_kept for figure in figures))


if __name__ == "__main__":
    main()
