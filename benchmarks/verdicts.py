"""From figures to verdicts: each row of the report's first tables, and whether a promise is kept. Nothing is measured here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from statistics import median
from typing import NamedTuple

from benchmarks.entries import FAST, OURS, STRUCTS, Entry, floor_of
from benchmarks.figures import Ratio, column, ratio, spread
from benchmarks.measuring import Columns
from benchmarks.promises import ASGI, ASGI_SCENARIOS, LATENCY, PROMISES
from benchmarks.scenarios import Scenario

__all__ = ["Verdict", "asgi_floor", "asgi_rank", "fast_floor", "fast_peer", "latencies", "rows_of"]

#: Scenarios in which a library of models does most of the work.
_MODELLED = ("S4", "S6")

Results = Mapping[Scenario, Columns]


class Verdict(NamedTuple):
    """One promise beside its figure.

    Args:
        about: scenario, and against whom.
        found: the figure and its range.
        promised: the bound.
        aim: where the bound is to go; None if nowhere.
        is_kept: whether the median keeps the bound.
    """

    about: tuple[str, ...]
    found: Ratio
    promised: float
    aim: float | None
    is_kept: bool


def fast_floor(results: Results) -> Iterator[Verdict]:
    """The bare protocol's cost as a share of the fast lane's."""
    for scenario, columns in results.items():
        promise = PROMISES.get(scenario.key)
        if promise is not None and promise.floor is not None:
            found = _share(columns, floor_of(FAST), FAST)
            yield Verdict(
                (scenario.key, scenario.title),
                found,
                promise.floor,
                promise.floor_aim,
                found.median >= promise.floor,
            )


def fast_peer(results: Results) -> Iterator[Verdict]:
    """The best peer's cost as a multiple of the fast lane's; where models matter, those of the best with the same models too."""
    for scenario, columns in results.items():
        promise = PROMISES.get(scenario.key)
        if promise is None:
            continue
        for ours, one in dict.fromkeys(_rivals(scenario, columns)):
            found = _share(columns, one, ours)
            theirs = f"{one.label}; {one.models}" if scenario.key in _MODELLED else one.label
            about = (scenario.key, scenario.title, f"{theirs} in both" if ours == STRUCTS else theirs)
            yield Verdict(about, found, promise.peer, promise.peer_aim, found.median >= promise.peer)


def _rivals(scenario: Scenario, columns: Columns) -> Iterator[tuple[Entry, Entry]]:
    """Yield an entry of ours, and the best peer of those that it is compared with."""
    peers = [entry for entry in columns if entry.is_peer]
    groups = [(FAST, peers)]
    if scenario.key in _MODELLED:
        ours = [entry for entry in (FAST, STRUCTS) if entry in columns]
        groups += [(one, [peer for peer in peers if peer.models == one.models]) for one in ours]
    for one, group in groups:
        best = _best(columns, group)
        if best is not None:
            yield one, best


def asgi_floor(results: Results) -> Iterator[Verdict]:
    """The bare callable's cost as a share of ours, server by server."""
    for scenario, columns in results.items():
        if scenario.key in ASGI_SCENARIOS:
            for entry in columns:
                if entry.name == OURS and entry.speaks_asgi:
                    found = _share(columns, floor_of(entry), entry)
                    yield Verdict(
                        (scenario.key, scenario.title, entry.server), found, ASGI, None, found.median >= ASGI
                    )


def asgi_rank(results: Results) -> Iterator[Verdict]:
    """The best other ASGI framework's cost as a multiple of ours, server by server."""
    for scenario, columns in results.items():
        for entry in columns:
            if entry.name != OURS or not entry.speaks_asgi:
                continue
            others = [
                one for one in columns if one.is_peer and one.speaks_asgi and one.server == entry.server
            ]
            best = _best(columns, others)
            if best is not None:
                found = _share(columns, best, entry)
                yield Verdict(
                    (scenario.key, scenario.title, entry.server, best.name),
                    found,
                    1.0,
                    None,
                    found.median > 1.0,
                )


def latencies(latency: Results) -> Iterator[Verdict]:
    """The fast lane's latencies as multiples of the bare protocol's."""
    for scenario, columns in latency.items():
        ours, floor = columns[FAST], columns[floor_of(FAST)]
        for field in ("p50", "p99"):
            these, those = ([getattr(one.wrk, field) * 1e3 for one in rounds] for rounds in (ours, floor))
            found = ratio(these, those)
            about = (scenario.key, field, f"{spread(those).median:.3f}", f"{spread(these).median:.3f}")
            yield Verdict(about, found, LATENCY, None, found.median <= LATENCY)


def rows_of(results: Results) -> list[tuple[Entry, dict[str, float]]]:
    """Return each entry's median CPU microseconds by scenario, the cheapest first."""
    table: dict[Entry, dict[str, float]] = {}
    for scenario, columns in results.items():
        for entry, rounds in columns.items():
            table.setdefault(entry, {})[scenario.key] = median(column(rounds))
    return sorted(table.items(), key=lambda item: next(iter(item[1].values())))


def _share(columns: Columns, cost: Entry, of: Entry) -> Ratio:
    return ratio(column(columns[cost]), column(columns[of]))


def _best(columns: Columns, entries: list[Entry]) -> Entry | None:
    return min(entries, key=lambda entry: median(column(columns[entry])), default=None)
