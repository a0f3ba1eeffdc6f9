"""The report: ratios first, then what they were made of."""

from __future__ import annotations

import platform
import time
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks.entries import FAST, OURS, UNLIMITED, Entry
from benchmarks.environments import pinned, wanted_python
from benchmarks.figures import Ratio, Round, column, difference, spread
from benchmarks.inproc import Cost
from benchmarks.measuring import LATENCY_CONNECTIONS, Columns, Measured
from benchmarks.promises import LATENCY, LIMITS_US, OWN_CALLS
from benchmarks.verdicts import Verdict, asgi_floor, asgi_rank, fast_floor, fast_peer, latencies, rows_of

__all__ = ["Inside", "write"]

_SHARED = ("uvicorn", "granian", "httptools", "uvloop", "orjson", "pydantic")


class Inside(NamedTuple):
    """What was measured in process.

    Args:
        requests: whole ASGI requests, by name and case.
        wires: bytes through a protocol, by name and case.
    """

    requests: Mapping[str, Mapping[str, Cost]]
    wires: Mapping[str, Mapping[str, Cost]]


def write(measured: Measured, inside: Inside, how: str) -> str:
    """Return the report as Markdown.

    Args:
        measured: on the wire.
        inside: in process.
        how: rounds and seconds, in words.
    """
    return "\n".join(
        chain(
            _head(measured, how),
            _fast(measured),
            _asgi(measured),
            _latency(measured),
            _limits(measured, inside),
            _overview(measured),
            _details(measured),
            _inside(inside),
            _missing(measured),
        )
    )


def _head(measured: Measured, how: str) -> Iterator[str]:
    entries = {entry for columns in measured.results.values() for entry in columns}
    shared = pinned("servers")
    yield "# Results"
    yield ""
    yield f"{time.strftime('%Y-%m-%d')}, CPython {platform.python_version()}, {_machine()}; {how}."
    yield f"On every entry: {', '.join(f'{package} {shared[package]}' for package in _SHARED)}."
    peers = sorted({entry.environment for entry in entries if entry.is_peer})
    if peers:
        yield f"Peers: {', '.join(map(_version, peers))}."
    yield ""
    yield "CPU µs are those of the whole server process group for one request. A ratio is the median of the ratios within"
    yield "each round, in brackets the least and the most; above 1, ours is the cheaper one. How it is measured is in"
    yield "[benchmarks.md](../docs/benchmarks.md)."
    yield ""


def _version(peer: str) -> str:
    python, versions = wanted_python(peer), pinned(peer)
    notes = [f"on CPython {python}"] if python else []
    notes += [
        f"with {name} {versions[name]}"
        for name in ("uvloop",)
        if versions.get(name, "") != pinned("servers")[name]
    ]
    return f"{peer} {versions[peer]}" + (f" ({', '.join(notes)})" if notes else "")


def _fast(measured: Measured) -> Iterator[str]:
    yield "## The fast lane"
    yield ""
    yield "A protocol written by hand with httptools on uvloop, which sends the same bytes, divided by ours."
    yield ""
    yield from _table(
        ("", "scenario", "bare / ours", "promised ≥", "kept", "aim"), fast_floor(measured.results)
    )
    yield "The peer that costs least, on the server that serves it best, divided by ours."
    yield ""
    header = ("", "scenario", "best peer", "peer / ours", "promised ≥", "kept", "aim")
    yield from _table(header, fast_peer(measured.results))


def _asgi(measured: Measured) -> Iterator[str]:
    yield "## The ASGI lane"
    yield ""
    yield "An ASGI callable written by hand that sends the same bytes, on the same server, divided by ours."
    yield ""
    yield from _table(
        ("", "scenario", "server", "bare / ours", "promised ≥", "kept"), asgi_floor(measured.results)
    )
    yield "The ASGI framework that costs least on the same server, divided by ours: above 1, ours is the first."
    yield ""
    yield from _table(
        ("", "scenario", "server", "best other", "other / ours", "promised >", "first"),
        asgi_rank(measured.results),
    )


def _table(header: tuple[str, ...], verdicts: Iterable[Verdict]) -> Iterator[str]:
    yield _row(header)
    yield "|" + "---|" * len(header)
    for verdict in verdicts:
        aim = () if verdict.aim is None else (f"{verdict.aim:.2f}",)
        yield _row(
            (*verdict.about, _range(verdict.found), f"{verdict.promised:.2f}", _kept(verdict.is_kept), *aim)
        )
    yield ""


def _latency(measured: Measured) -> Iterator[str]:
    yield f"## Latency with {LATENCY_CONNECTIONS} connections"
    yield ""
    yield f"The fast lane divided by the bare protocol; at most {LATENCY} is promised."
    yield ""
    yield from _table(
        ("", "", "bare, ms", "ours, ms", "ours / bare", "promised ≤", "kept"), latencies(measured.latency)
    )


def _limits(measured: Measured, inside: Inside) -> Iterator[str]:
    found = difference(column(measured.limits[FAST]), column(measured.limits[UNLIMITED]))
    wires = inside.wires[OURS]
    within = wires["wire_plaintext"].us - wires["limits_off"].us
    calls = inside.requests[OURS]["inproc_path"].calls
    yield "## What limits and timers cost"
    yield ""
    yield "The same server with its defaults, less the same with limits and time-outs that never act, CPU µs for plaintext. What"
    yield "looks whether a limit is reached runs in both; the last line of the table is another promise, on the ASGI lane."
    yield ""
    yield "| | measured | promised ≤ | kept |"
    yield "|---|---|---|---|"
    yield _row(("on the wire", _range(found), f"{LIMITS_US}", _kept(found.median <= LIMITS_US)))
    yield _row(("in process", f"{within:.2f}", f"{LIMITS_US}", _kept(within <= LIMITS_US)))
    yield _row(("own calls for a typed path", f"{calls}", f"{OWN_CALLS}", _kept(calls <= OWN_CALLS)))
    yield ""


def _overview(measured: Measured) -> Iterator[str]:
    keys = [scenario.key for scenario in measured.results]
    yield "## CPU µs for a request, medians"
    yield ""
    yield _row(("entry", "server", "models", *keys))
    yield "|---|---|---|" + "---:|" * len(keys)
    for entry, found in rows_of(measured.results):
        name = f"**{entry.name}**" if entry.name == OURS else entry.name
        yield _row(
            (
                name,
                entry.server,
                entry.models,
                *(f"{found[key]:.1f}" if key in found else "-" for key in keys),
            )
        )
    yield ""


def _details(measured: Measured) -> Iterator[str]:
    for scenario, columns in measured.results.items():
        yield f"### {scenario.key} {scenario.title}"
        yield ""
        yield "| entry | server | CPU µs, median (least-most) | requests/s | p50, p99 ms |"
        yield "|---|---|---|---|---|"
        for entry, rounds in _cheapest_first(columns):
            yield _detail(entry, rounds)
        yield ""


def _cheapest_first(columns: Columns) -> list[tuple[Entry, list[Round]]]:
    return sorted(
        ((entry, list(rounds)) for entry, rounds in columns.items()), key=lambda item: median(column(item[1]))
    )


def _detail(entry: Entry, rounds: list[Round]) -> str:
    cpu = spread(column(rounds))
    p50, p99 = (median(getattr(one.wrk, field) for one in rounds) * 1e3 for field in ("p50", "p99"))
    rate = median(one.rate for one in rounds)
    costs = f"{cpu.median:.1f} ({cpu.least:.1f}-{cpu.most:.1f})"
    return _row((entry.name, entry.server, costs, f"{rate:.0f}", f"{p50:.2f}, {p99:.2f}"))


def _inside(inside: Inside) -> Iterator[str]:
    yield "## In process"
    yield ""
    yield "One request without server and sockets: CPU µs / calls of the package's own Python functions / objects left to the"
    yield "cycle collector. What a package has compiled makes no calls that can be seen."
    yield ""
    yield from _costs(inside.requests)
    yield "Bytes through a protocol on a loop, without sockets."
    yield ""
    yield from _costs(inside.wires)


def _costs(found: Mapping[str, Mapping[str, Cost]]) -> Iterator[str]:
    yield _row(("case", *found))
    yield "|---|" + "---|" * len(found)
    for case in found[OURS]:
        yield _row((f"`{case}`", *(_cost(costs.get(case)) for costs in found.values())))
    yield ""


def _cost(cost: Cost | None) -> str:
    return "" if cost is None else f"{cost.us:.2f} / {cost.calls} / {cost.garbage:.0f}"


def _missing(measured: Measured) -> Iterator[str]:
    yield "## Not measured"
    yield ""
    for who, why in measured.failures:
        yield f"* {who}: {why}"
    yield ""


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _range(found: Ratio) -> str:
    return f"{found.median:.2f} ({found.least:.2f}-{found.most:.2f})"


def _kept(is_kept: bool) -> str:
    return "yes" if is_kept else "**no**"


def _machine() -> str:
    """Return the kind of machine: processor, number of processors, kernel."""
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    kernel = ".".join(platform.release().split(".")[:2])
    return f"{len(models)} processors {models[0] if models else platform.machine()}, {platform.system()} {kernel}"
