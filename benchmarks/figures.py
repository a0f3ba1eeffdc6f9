"""The arithmetic: medians, ratios within one round, and what wrk prints. No processes here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

__all__ = ["Ratio", "Round", "Wrk", "column", "difference", "parse_wrk", "ratio", "spread"]

_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_TOTAL = re.compile(r"(\d+) requests in ([\d.]+)([a-z]+),")
_LATENCY = re.compile(r"^\s+(50|99)%\s+([\d.]+)([a-z]+)", re.MULTILINE)
_FAILURES = re.compile(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)")
_REFUSALS = re.compile(r"Non-2xx or 3xx responses: (\d+)")


class Wrk(NamedTuple):
    """One run of wrk.

    Args:
        requests: how many were answered.
        seconds: how long it ran.
        p50: the median latency in seconds.
        p99: the latency that one request in a hundred exceeds, in seconds.
        failures: socket errors, and answers that are neither 2xx nor 3xx.
    """

    requests: int
    seconds: float
    p50: float
    p99: float
    failures: int


class Round(NamedTuple):
    """One entry in one scenario, once.

    Args:
        cpu: CPU seconds of the server, all its processes and threads.
        wrk: what the client saw.
    """

    cpu: float
    wrk: Wrk

    @property
    def cpu_us(self) -> float:
        """CPU microseconds of the server for each request."""
        return self.cpu / self.wrk.requests * 1e6

    @property
    def rate(self) -> float:
        """Requests per second."""
        return self.wrk.requests / self.wrk.seconds


class Ratio(NamedTuple):
    """The median of some figures, one of each round, and the ends of their range."""

    median: float
    least: float
    most: float


def column(rounds: Sequence[Round]) -> list[float]:
    """Return the CPU microseconds of each round."""
    return [one.cpu_us for one in rounds]


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> Ratio:
    """Divide round by round: what a round suffers from its neighbours, both entries suffer.

    Args:
        ours: one figure a round.
        theirs: as many.

    Raises:
        ValueError: not as many, or none.
    """
    return spread([one / other for one, other in zip(ours, theirs, strict=True)])


def difference(ours: Sequence[float], theirs: Sequence[float]) -> Ratio:
    """Subtract round by round; arguments as :func:`ratio`."""
    return spread([one - other for one, other in zip(ours, theirs, strict=True)])


def spread(figures: Sequence[float]) -> Ratio:
    """Return the median and the range.

    Raises:
        ValueError: there is none.
    """
    if not figures:
        raise ValueError("at least one round is needed")
    return Ratio(median(figures), min(figures), max(figures))


def parse_wrk(text: str) -> Wrk:
    """Read what ``wrk --latency`` prints.

    Raises:
        ValueError: it is not that, or nothing was answered.
    """
    total = _TOTAL.search(text)
    latency = {share: float(number) * _UNITS[unit] for share, number, unit in _LATENCY.findall(text)}
    if total is None or total[1] == "0" or latency.keys() != {"50", "99"}:
        raise ValueError(f"wrk did not measure: {text.strip() or 'it printed nothing'}")
    failures = _FAILURES.search(text)
    refusals = _REFUSALS.search(text)
    return Wrk(
        int(total[1]),
        float(total[2]) * _UNITS[total[3]],
        latency["50"],
        latency["99"],
        sum(map(int, failures.groups() if failures else ())) + int(refusals[1] if refusals else 0),
    )
