"""A figure beside its promise, and the arithmetic of faults. No processes here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from statistics import fmean
from typing import NamedTuple

__all__ = ["KIB", "MIB", "Figure", "percentile", "slope", "table"]

KIB, MIB = 1 << 10, 1 << 20


class Figure(NamedTuple):
    """One thing that was promised and measured.

    Args:
        fault: what was done.
        promise: what should come of it.
        measured: what came of it.
        is_kept: whether that is what was promised.
    """

    fault: str
    promise: str
    measured: str
    is_kept: bool


def table(figures: Iterable[Figure]) -> Iterator[str]:
    """Return the lines of a Markdown table."""
    yield "| fault | promised | measured | kept |"
    yield "|---|---|---|---|"
    for figure in figures:
        kept = "yes" if figure.is_kept else "**no**"
        yield f"| {figure.fault} | {figure.promise} | {figure.measured} | {kept} |"


def percentile(figures: Sequence[float], share: float) -> float:
    """Return the figure that ``share`` of all are at most.

    Raises:
        ValueError: there is none.
    """
    if not figures:
        raise ValueError("nothing was measured")
    return sorted(figures)[min(len(figures) - 1, int(len(figures) * share))]


def slope(points: Sequence[tuple[float, float]]) -> float:
    """Return how fast the second figure grows with the first: the line of least squares.

    Raises:
        ValueError: fewer than two points, or all at one place.
    """
    x0, y0 = (fmean(column) for column in zip(*points, strict=True)) if points else (0.0, 0.0)
    spread = sum((x - x0) ** 2 for x, _ in points)
    if not spread:
        raise ValueError("a slope needs points at two places")
    return sum((x - x0) * (y - y0) for x, y in points) / spread
