"""Measure: in process, then on the wire, round by round; then write the report.

One server worker on core 0, wrk on core 1. The rounds go over the entries forwards, then backwards, so that all suffer alike
from what else the machine does; a server that is not measured is stopped by a signal. Every answer is checked first.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from benchmarks.entries import BARE, ENTRIES, HERE, OURS, ROOT, Entry, provide, python_of
from benchmarks.figures import Round
from benchmarks.inproc import Cost
from benchmarks.report import write
from benchmarks.scenarios import SCENARIOS, Scenario, complaint
from benchmarks.wire import Server, pinned_to, running

#: Whose calls are counted in process; compiled peers and other interfaces are measured on the wire only.
_INSIDE = {OURS: "wadjet", BARE: "benchmarks", "starlette": "starlette"}


def main() -> None:
    """Run from the command line."""
    arguments = _arguments()
    _check_machine()
    entries = _chosen(everything=arguments.all)
    scenarios = [one for one in SCENARIOS if not arguments.scenarios or one.key in arguments.scenarios]
    rounds = arguments.rounds or (5 if arguments.all else 10)
    for environment in dict.fromkeys(entry.environment for entry in entries):
        provide(environment)
    start = time.monotonic()
    inside = {entry.name: _inside(entry) for entry in entries if _runs_inside(entry)}
    results = _measure(entries, scenarios, rounds, arguments.seconds)
    how = f"{rounds} rounds of {arguments.seconds} s, {(time.monotonic() - start) / 60:.0f} min in all"
    report = write(results, inside, how)
    arguments.output.write_text(report, "utf-8")
    print(report)
    print(f"written to {arguments.output}")


def _chosen(*, everything: bool) -> list[Entry]:
    """Return all entries, or ours and the bare callable on the server that we promise something of."""
    ours = {OURS, BARE}
    return [entry for entry in ENTRIES if everything or (entry.name in ours and entry.server == "uvicorn")]


def _runs_inside(entry: Entry) -> bool:
    return entry.server == "uvicorn" and entry.name in _INSIDE


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure the speed.")
    parser.add_argument("--all", action="store_true", help="beside other frameworks, and on granian too")
    parser.add_argument("--scenarios", nargs="*", metavar="KEY", help=", ".join(one.key for one in SCENARIOS))
    parser.add_argument("--rounds", type=int, help="10, or 5 with --all")
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


def _inside(entry: Entry) -> dict[str, Cost]:
    """Measure an entry in process, in its own environment."""
    print(f"in process: {entry.name}", flush=True)
    printed = subprocess.run(
        [python_of(entry.environment), "-m", "benchmarks.inproc", entry.app, _INSIDE[entry.name]],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        check=True,
        timeout=120,
        preexec_fn=pinned_to(0),
    ).stdout
    return {case: Cost(*cost) for case, cost in json.loads(printed).items()}


def _measure(
    entries: Sequence[Entry], scenarios: Sequence[Scenario], rounds: int, seconds: int
) -> dict[Scenario, dict[Entry, list[Round]]]:
    """Measure entries on the wire."""
    with ExitStack() as stack:
        servers = [stack.enter_context(running(entry)) for entry in entries]
        results = {}
        for scenario in scenarios:
            print(f"{scenario.key} {scenario.title}", flush=True)
            _check(scenario, servers)
            found: dict[Entry, list[Round]] = {entry: [] for entry in entries}
            for number in range(rounds):
                for server in servers[:: -1 if number % 2 else 1]:
                    found[server.entry].append(_awake(server, scenario, seconds))
            results[scenario] = found
        return results


def _awake(server: Server, scenario: Scenario, seconds: int) -> Round:
    server.resume()
    try:
        return server.measure(scenario, seconds)
    finally:
        server.pause()


def _check(scenario: Scenario, servers: Sequence[Server]) -> None:
    """Refuse to time wrong answers; ours and the bare callable's have to be the same to the byte. Warms up too."""
    answers = {}
    for server in servers:
        server.resume()
        wrong = complaint(scenario, server.ask)
        if wrong is not None:
            raise SystemExit(f"{server.entry.name} on {server.entry.server}: {wrong}")
        answer = server.ask(scenario.asked)
        fields = tuple(field for field in answer.fields if field[0] != "date")
        answers[server.entry.name, server.entry.server] = answer._replace(fields=fields)
        server.measure(scenario, 1)
        server.pause()
    for (name, where), answer in answers.items():
        if name == OURS and answer != answers[BARE, where]:
            raise SystemExit(
                f"the bare callable does not send what Wadjet sends: {answers[BARE, where]}, {answer}"
            )


if __name__ == "__main__":
    main()
