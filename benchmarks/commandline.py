"""The command line of figures that are promised one by one."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Collection, Iterable

from benchmarks.faults.figure import Figure, table

__all__ = ["command"]


def command(
    kind: str, known: Collection[str], measure: Callable[[str, bool], Iterable[Figure]], *, quick: str
) -> None:
    """Measure what the command line names, print a table, and end with status 1 when a promise is broken.

    Args:
        kind: the package within the benchmarks.
        known: what can be named; all of it where nothing is.
        measure: gives the figures of a name, in the quick form or the whole one.
        quick: what the quick form is.
    """
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{kind}", description=f"Measure {kind}.")
    parser.add_argument("--quick", action="store_true", help=quick)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of them: {', '.join(known)}")
    arguments = parser.parse_args()
    unknown = set(arguments.names).difference(known)
    if unknown:
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    if sys.platform != "linux":
        raise SystemExit("The figures need Linux: they are read from /proc.")
    figures: list[Figure] = []
    for name in arguments.names or known:
        print(f"{name} ...", file=sys.stderr, flush=True)
        figures += measure(name, arguments.quick)
    print("\n".join(table(figures)))
    sys.exit(not all(figure.is_kept for figure in figures))
