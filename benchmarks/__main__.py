"""Measure: in process, then on the wire, round by round; then write the report.

One server worker on core 0, wrk on core 1. Every answer is checked before anything is timed.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from benchmarks.entries import BARE, OURS, Entry, chosen
from benchmarks.environments import HERE, ROOT, Unavailable, provide, python_of
from benchmarks.inproc import Cost
from benchmarks.measuring import measure
from benchmarks.report import Inside, write
from benchmarks.scenarios import SCENARIOS
from benchmarks.wire import pinned_to

#: Whose calls are counted in process; compiled peers and other interfaces are measured on the wire only.
_INSIDE = {
    OURS: ("wadjet", "benchmarks.app:app", "wadjet"),
    BARE: ("wadjet", "benchmarks.bare:app", "benchmarks"),
    "starlette": ("starlette", "benchmarks.peers.on_starlette:app", "starlette"),
}


def main() -> None:
    """Run from the command line."""
    arguments = _arguments()
    _check_machine()
    entries, failures = _provided(chosen(everything=arguments.all, names=tuple(arguments.peers)))
    scenarios = [one for one in SCENARIOS if not arguments.scenarios or one.key in arguments.scenarios]
    rounds = 0 if arguments.check else arguments.rounds or (9 if arguments.all else 4)
    start = time.monotonic()
    inside = Inside({}, {}) if arguments.check else _inside(entries)
    measured = measure(entries, scenarios, rounds, arguments.seconds)
    measured = measured._replace(failures=[*failures, *measured.failures])
    if arguments.check:
        raise SystemExit("\n".join(f"{who}: {why}" for who, why in measured.failures) or None)
    minutes = (time.monotonic() - start) / 60
    report = write(measured, inside, f"{rounds} rounds of {arguments.seconds} s, {minutes:.0f} min in all")
    arguments.output.write_text(report, "utf-8")
    print(report)
    print(f"written to {arguments.output}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure the speed.")
    parser.add_argument("--all", action="store_true", help="more peers and servers, and more rounds")
    parser.add_argument("--check", action="store_true", help="check every answer, time nothing")
    parser.add_argument(
        "--peers", nargs="*", default=[], metavar="NAME", help="these instead of the usual ones"
    )
    parser.add_argument("--scenarios", nargs="*", metavar="KEY", help=", ".join(one.key for one in SCENARIOS))
    parser.add_argument("--rounds", type=int, help="4, or 9 with --all")
    parser.add_argument("--seconds", type=int, default=1, help="of each round")
    parser.add_argument("--output", type=Path, default=HERE / "RESULTS.md", help="where the report goes")
    return parser.parse_args()


def _check_machine() -> None:
    if sys.platform != "linux" or (os.cpu_count() or 1) < 2:
        raise SystemExit(
            "The benchmark needs Linux and two processors: one for the server, one for the client."
        )
    if shutil.which("wrk") is None:
        raise SystemExit("The benchmark needs wrk, which makes the load; install it: apt-get install -y wrk")


def _provided(entries: Iterable[Entry]) -> tuple[list[Entry], list[tuple[str, str]]]:
    """Make the environments; return who can run, and who cannot and why."""
    able, failures = [], []
    for entry in entries:
        try:
            provide(entry.environment)
        except Unavailable as error:
            if not entry.is_peer:
                raise SystemExit(f"{entry.label}: {error}") from None
            failures.append((entry.label, str(error)))
        else:
            able.append(entry)
    return able, failures


def _inside(entries: Iterable[Entry]) -> Inside:
    """Measure in process: whole requests by name, then the protocols."""
    names = dict.fromkeys(entry.name for entry in entries if entry.name in _INSIDE)
    found = {}
    for name in names:
        environment, app, package = _INSIDE[name]
        found[name] = _costs(_printed(environment, "benchmarks.inproc", app, package))
    wires = _printed("wadjet", "benchmarks.inwire")
    return Inside(found, {name: _costs(costs) for name, costs in wires.items()})


def _printed(environment: str, *module: str) -> Any:
    print(f"in process: {' '.join(module)}", flush=True)
    printed = subprocess.run(
        [python_of(environment), "-m", *module],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        check=True,
        timeout=300,
        preexec_fn=pinned_to(0),
    ).stdout
    return json.loads(printed)


def _costs(found: dict[str, list[float]]) -> dict[str, Cost]:
    return {case: Cost(us, int(calls), garbage) for case, (us, calls, garbage) in found.items()}


if __name__ == "__main__":
    main()
