"""Measure every figure, print a table, and end with status 1 when a promise is broken."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from benchmarks.commandline import command
from benchmarks.data import fortunes, rows, sockets
from benchmarks.faults.figure import Figure

__all__ = ["FIGURES", "main"]

#: Each by its name on the command line, and in comments ``PERF(bench: name)`` of the package.
FIGURES: dict[str, Callable[..., Iterator[Figure]]] = {
    "db": rows.db,
    "fortunes": fortunes.fortunes,
    "sockets": sockets.sockets,
}


def main() -> None:
    """Run from the command line."""
    command("data", FIGURES, _measured, quick="fewer rounds, fewer sockets")


def _measured(name: str, quick: bool) -> Iterator[Figure]:
    return FIGURES[name](quick=quick)


if __name__ == "__main__":
    main()
