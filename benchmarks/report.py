"""The report: ratios first, then what they were made of."""

from __future__ import annotations

import platform
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from statistics import median

from benchmarks.entries import BARE, OURS, Entry, pinned
from benchmarks.figures import Round, column, ratio
from benchmarks.inproc import Cost
from benchmarks.scenarios import Scenario

__all__ = ["BOUND", "OWN_CALLS", "Results", "write"]

#: The most that a request may cost on the ASGI lane, as a multiple of the bare callable: plaintext, JSON, typed path.
BOUND = 1.18
#: The most calls of our own functions for a typed path.
OWN_CALLS = 14

_BOUNDED = ("S1", "S2", "S3a")

#: By scenario, then by entry.
Results = Mapping[Scenario, Mapping[Entry, Sequence[Round]]]


def write(results: Results, inside: Mapping[str, Mapping[str, Cost]], how: str) -> str:
    """Return the report as Markdown.

    Args:
        results: what was measured on the wire.
        inside: what was measured in process, by name and case.
        how: rounds and seconds, in words.
    """
    return "\n".join(chain(_head(results, how), _verdicts(results, inside), _wire(results), _inside(inside)))


def _head(results: Results, how: str) -> Iterator[str]:
    entries = {entry for of_one in results.values() for entry in of_one}
    yield "# Results"
    yield ""
    yield f"{time.strftime('%Y-%m-%d')}, CPython {platform.python_version()}, {_machine()}; {how}."
    yield f"On every entry: {_versions('servers')}."
    peers = sorted({entry.environment for entry in entries} - {OURS})
    if peers:
        yield f"Peers: {', '.join(f'{peer} {pinned(peer)[peer]}' for peer in peers)}."
    yield ""
    yield "CPU µs are those of the whole server process group for one request. A ratio is the median of the ratios within"
    yield "each round, in brackets the least and the most. How it is measured is in [benchmarks.md](../docs/benchmarks.md)."
    yield ""


def _verdicts(results: Results, inside: Mapping[str, Mapping[str, Cost]]) -> Iterator[str]:
    yield "## What was promised"
    yield ""
    yield "| promise | measured | kept |"
    yield "|---|---|---|"
    calls = inside[OURS]["inproc_path"].calls
    yield f"| own calls for a typed path, in process: ≤ {OWN_CALLS} | {calls} | {_kept(calls <= OWN_CALLS)} |"
    for scenario, of_one in results.items():
        for server, of_server in _by_server(of_one).items():
            for entry, rounds in of_server.items():
                if entry.name != OURS:
                    yield from _verdict(
                        scenario, server, entry.name, column(_ours(of_server)), column(rounds)
                    )
    yield ""


def _verdict(
    scenario: Scenario, server: str, name: str, ours: Sequence[float], theirs: Sequence[float]
) -> Iterator[str]:
    found = ratio(ours, theirs)
    is_bare = name == BARE
    if is_bare and (server != "uvicorn" or scenario.key not in _BOUNDED):
        return
    bound = BOUND if is_bare else 1.0
    measured = f"{found.median:.2f} ({found.least:.2f}-{found.most:.2f})"
    yield (
        f"| {scenario.title}, {server}: {'≤' if is_bare else '<'} {bound} times {name} "
        f"| {measured} | {_kept(found.median <= bound if is_bare else found.median < bound)} |"
    )


def _wire(results: Results) -> Iterator[str]:
    yield "## On the wire"
    for scenario, of_one in results.items():
        yield ""
        yield f"### {scenario.key} {scenario.title}"
        yield ""
        yield "| entry | server | ratio to bare | CPU µs, median (least-most) | requests/s | p50, p99 ms |"
        yield "|---|---|---|---|---|---|"
        for server, of_server in _by_server(of_one).items():
            bare = next(rounds for entry, rounds in of_server.items() if entry.name == BARE)
            for entry, rounds in sorted(of_server.items(), key=lambda item: median(column(item[1]))):
                yield _row(entry.name, server, column(bare), rounds)
    yield ""


def _row(name: str, server: str, bare: Sequence[float], rounds: Sequence[Round]) -> str:
    cpu, to_bare = column(rounds), ratio(column(rounds), bare)
    p50, p99 = (median(getattr(one.wrk, field) for one in rounds) * 1e3 for field in ("p50", "p99"))
    rate = median(one.rate for one in rounds)
    return (
        f"| {name} | {server} | {to_bare.median:.2f} ({to_bare.least:.2f}-{to_bare.most:.2f}) "
        f"| {median(cpu):.1f} ({min(cpu):.1f}-{max(cpu):.1f}) | {rate:.0f} | {p50:.2f}, {p99:.2f} |"
    )


def _inside(inside: Mapping[str, Mapping[str, Cost]]) -> Iterator[str]:
    yield "## In process"
    yield ""
    yield "One request without server and sockets: CPU µs / calls of the package's own Python functions / objects left to the"
    yield "cycle collector. What a package has compiled makes no calls that can be seen."
    yield ""
    yield f"| case | {' | '.join(inside)} |"
    yield f"|---|{'---|' * len(inside)}"
    for case in inside[OURS]:
        yield f"| `{case}` | {' | '.join(_cost(costs.get(case)) for costs in inside.values())} |"
    yield ""


def _cost(cost: Cost | None) -> str:
    return "" if cost is None else f"{cost.us:.2f} / {cost.calls} / {cost.garbage:.0f}"


def _by_server(of_one: Mapping[Entry, Sequence[Round]]) -> dict[str, dict[Entry, Sequence[Round]]]:
    servers: dict[str, dict[Entry, Sequence[Round]]] = {}
    for entry, rounds in of_one.items():
        servers.setdefault(entry.server, {})[entry] = rounds
    return servers


def _ours(of_server: Mapping[Entry, Sequence[Round]]) -> Sequence[Round]:
    return next(rounds for entry, rounds in of_server.items() if entry.name == OURS)


def _kept(is_kept: bool) -> str:
    return "yes" if is_kept else "**no**"


def _versions(environment: str) -> str:
    named: Iterable[str] = ("uvicorn", "granian", "httptools", "uvloop", "orjson", "pydantic")
    versions = pinned(environment)
    return ", ".join(f"{package} {versions[package]}" for package in named)


def _machine() -> str:
    """Return the kind of machine: processor, number of processors, kernel."""
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    kernel = ".".join(platform.release().split(".")[:2])
    return f"{len(models)} processors {models[0] if models else platform.machine()}, {platform.system()} {kernel}"
