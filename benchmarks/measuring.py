"""Measure on the wire: check every answer, then time round by round.

The rounds go over the entries forwards, then backwards, so that all suffer alike from what else the machine does; a server
that is not measured is stopped by a signal.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import NamedTuple

from benchmarks.entries import FAST, OURS, UNLIMITED, Entry, floor_of
from benchmarks.figures import Round
from benchmarks.scenarios import SCENARIOS, Answer, Scenario, asked_of, complaint
from benchmarks.wire import Server, running

__all__ = ["LATENCY_CONNECTIONS", "Columns", "Measured", "Plan", "checked", "in_turns", "measure"]

LATENCY_CONNECTIONS = 8
_LATENCY_SCENARIOS = ("S1", "S2", "S3")
_LIMITS_SCENARIO = "S1"

#: The rounds of each entry, in their order.
Columns = Mapping[Entry, Sequence[Round]]


class Measured(NamedTuple):
    """All that was measured on the wire.

    Args:
        results: by scenario.
        latency: by scenario, with few connections: the fast lane and its floor.
        limits: the fast lane with its limits and with limits that never act.
        failures: who was not measured, where, and why.
    """

    results: Mapping[Scenario, Columns]
    latency: Mapping[Scenario, Columns]
    limits: Columns
    failures: Sequence[tuple[str, str]]


class Plan(NamedTuple):
    """How long it takes.

    Args:
        rounds: of each entry in each scenario; none: the answers are checked, and nothing is timed.
        seconds: of each round.
    """

    rounds: int
    seconds: int


def measure(entries: Sequence[Entry], scenarios: Sequence[Scenario], rounds: int, seconds: int) -> Measured:
    """Measure entries in scenarios.

    Raises:
        SystemExit: an entry of ours, or a bare one, does not answer as it should.
    """
    plan, failures = Plan(rounds, seconds), list[tuple[str, str]]()
    with ExitStack() as stack:
        servers = _started(stack, [(entry, entry.app) for entry in [*entries, UNLIMITED]], failures)
        stacks = [(entry, entry.stack) for entry in entries if entry.stack is not None]
        is_asked = any(scenario.is_secured for scenario in scenarios)
        secured = _started(stack, stacks if is_asked else [], failures)
        unlimited = servers.pop(UNLIMITED)
        results, latency = {}, {}
        for scenario in scenarios:
            print(f"{scenario.key} {scenario.title}", flush=True)
            asked = secured if scenario.is_secured else servers
            able = checked(scenario, list(asked.values()), failures)
            results[scenario] = in_turns(able, scenario, plan, failures)
            if scenario.key in _LATENCY_SCENARIOS:
                pair = [servers[floor_of(FAST)], servers[FAST]]
                latency[scenario] = in_turns(pair, scenario, plan, failures, LATENCY_CONNECTIONS)
        limited = next(one for one in SCENARIOS if one.key == _LIMITS_SCENARIO)
        pair = checked(limited, [servers[FAST], unlimited], failures)
        limits = in_turns(pair, limited, plan._replace(rounds=2 * rounds), failures)
    return Measured(results, latency, limits, failures)


def _started(
    stack: ExitStack, applications: Sequence[tuple[Entry, str]], failures: list[tuple[str, str]]
) -> dict[Entry, Server]:
    servers = {}
    for entry, app in applications:
        try:
            servers[entry] = stack.enter_context(running(entry, app))
        except RuntimeError as error:
            _failed(entry, "", str(error), failures)
    return servers


def in_turns(
    servers: Sequence[Server],
    scenario: Scenario,
    plan: Plan,
    failures: list[tuple[str, str]],
    connections: int | None = None,
) -> Columns:
    """Time servers round by round; a peer that fails under load is left out.

    Args:
        servers: asleep, all of them.
        scenario: what is asked.
        plan: how often, and how long.
        failures: takes who was left out.
        connections: how many, instead of the scenario's.

    Raises:
        SystemExit: an entry of ours, or a bare one, fails under load.
    """
    found: dict[Entry, list[Round]] = {server.entry: [] for server in servers}
    for number in range(plan.rounds):
        for server in servers[:: -1 if number % 2 else 1]:
            if server.entry not in found:
                continue
            server.resume()
            try:
                found[server.entry].append(server.measure(scenario, plan.seconds, connections))
            except (RuntimeError, ValueError, subprocess.SubprocessError) as error:
                _failed(server.entry, scenario.key, str(error), failures)
                del found[server.entry]
            finally:
                server.pause()
    return found


def checked(scenario: Scenario, servers: Sequence[Server], failures: list[tuple[str, str]]) -> list[Server]:
    """Return the servers that answer as they should; ours and the floors' answers have to be the same to the byte.

    Args:
        scenario: what is asked.
        servers: asleep, all of them.
        failures: takes who was left out.

    Raises:
        SystemExit: ours, or a bare one, answers wrongly.
    """
    able, answers = [], dict[Entry, Answer]()
    for server in servers:
        server.resume()
        try:
            wrong = complaint(scenario, server.ask)
            if wrong is None:
                answer = server.ask(asked_of(scenario, server.ask))
                answers[server.entry] = answer.without("date", *scenario.varying)
                able.append(server)
                server.warm(scenario)
        except (OSError, ValueError, RuntimeError, subprocess.SubprocessError) as error:
            wrong = f"{type(error).__name__}: {error}"
        finally:
            server.pause()
        if wrong is not None:
            _failed(server.entry, scenario.key, wrong, failures)
    for entry, answer in answers.items():
        floor = floor_of(entry) if entry.name == OURS else entry
        if floor in answers and answer != answers[floor]:
            raise SystemExit(f"{floor.label}, does not send what Wadjet sends: {answers[floor]}, {answer}")
    return able


def _failed(entry: Entry, where: str, why: str, failures: list[tuple[str, str]]) -> None:
    if not entry.is_peer:
        raise SystemExit(f"{entry.label}, {where}: {why}")
    print(f"  {entry.label}: {why}", flush=True)
    failures.append((f"{entry.label} {where}".rstrip(), " ".join(why.split())[:200]))
