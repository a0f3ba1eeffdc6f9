"""The report: ratios, verdicts and the words around them."""

from __future__ import annotations

import pytest

from benchmarks.entries import BARE, ENTRIES, FAST, OURS, STRUCTS, UNLIMITED, Entry, chosen, floor_of
from benchmarks.environments import pinned, wanted_python
from benchmarks.figures import Round, Wrk
from benchmarks.inproc import Cost
from benchmarks.measuring import Measured
from benchmarks.promises import PROMISES
from benchmarks.report import Inside, write
from benchmarks.scenarios import SCENARIOS, Scenario
from benchmarks.verdicts import asgi_floor, asgi_rank, fast_floor, fast_peer, latencies

BY_KEY = {scenario.key: scenario for scenario in SCENARIOS}
S1, S4 = BY_KEY["S1"], BY_KEY["S4"]


def entry(name: str, server: str) -> Entry:
    return next(one for one in ENTRIES if (one.name, one.server) == (name, server))


def rounds(*microseconds: float, p99: float = 0.002) -> list[Round]:
    return [Round(us / 1e6 * 1000, Wrk(1000, 1.0, 0.001, p99, 0)) for us in microseconds]


FLOOR = entry(BARE, "protocol")
COLUMNS = {
    FLOOR: rounds(6.0, 12.0),
    FAST: rounds(10.0, 20.0),
    entry(BARE, "uvicorn"): rounds(24.0, 24.0),
    entry(OURS, "uvicorn"): rounds(30.0, 30.0),
    entry(BARE, "granian"): rounds(20.0, 20.0),
    entry(OURS, "granian"): rounds(23.0, 23.0),
    entry("lihil", "granian"): rounds(25.0, 30.0),
    entry("muffin", "granian"): rounds(26.0, 50.0),
    entry("aiohttp", "its own"): rounds(30.0, 60.0),
}


def test_each_entry_of_ours_has_its_floor() -> None:
    assert {floor_of(one).label for one in ENTRIES if one.name == OURS} == {
        "bare, protocol",
        "bare, uvicorn",
        "bare, granian",
    }
    assert floor_of(UNLIMITED) == FLOOR


def test_ten_peers_are_usual() -> None:
    assert len({one.name for one in chosen(everything=False) if one.is_peer}) == 10


def test_peers_can_be_named() -> None:
    assert {one.name for one in chosen(everything=False, names=("sanic",))} == {OURS, BARE, "sanic"}


@pytest.mark.parametrize("environment", sorted({one.environment for one in ENTRIES}))
def test_every_version_is_pinned(environment: str) -> None:
    versions = pinned(environment)
    assert environment == "wadjet" or environment in versions
    assert {"pydantic", "orjson", "uvloop"} <= versions.keys()


def test_an_environment_may_ask_for_another_python() -> None:
    assert (wanted_python("hawkapi"), wanted_python("starlette")) == ("3.12", None)


def test_the_floor_is_compared_round_by_round() -> None:
    (verdict,) = fast_floor({S1: COLUMNS})
    assert verdict.found.median == pytest.approx(0.6)
    assert (verdict.promised, verdict.aim) == (0.56, 0.72)
    assert verdict.is_kept


def test_a_broken_promise_is_told() -> None:
    (verdict,) = fast_floor({S1: {**COLUMNS, FAST: rounds(12.0, 24.0)}})
    assert not verdict.is_kept


def test_the_best_peer_is_the_one_that_costs_least() -> None:
    (verdict,) = fast_peer({S1: COLUMNS})
    assert verdict.about == ("S1", "plaintext", "lihil, granian")
    assert verdict.found.median == pytest.approx(2.0)


def test_where_models_matter_the_best_peer_with_the_same_models_is_told_too() -> None:
    found = [verdict.about[2] for verdict in fast_peer({S4: COLUMNS})]
    assert found == ["lihil, granian; msgspec", "muffin, granian; pydantic"]


def test_ours_with_the_models_of_the_peer_is_told_too() -> None:
    found = {
        verdict.about[2]: verdict for verdict in fast_peer({S4: {**COLUMNS, STRUCTS: rounds(8.0, 16.0)}})
    }
    assert found["lihil, granian; msgspec in both"].found.median == pytest.approx(2.5)
    assert len(found) == 3


def test_the_asgi_lane_is_compared_on_the_same_server() -> None:
    found = {verdict.about[2]: verdict for verdict in asgi_floor({S1: COLUMNS})}
    assert found["uvicorn"].found.median == pytest.approx(0.8)
    assert not found["uvicorn"].is_kept
    assert found["granian"].is_kept


def test_only_asgi_frameworks_on_the_same_server_are_ranked() -> None:
    (verdict,) = asgi_rank({S1: COLUMNS})
    assert verdict.about == ("S1", "plaintext", "granian", "lihil")
    assert verdict.is_kept


def test_latencies_are_compared() -> None:
    columns = {FLOOR: rounds(6.0, p99=0.001), FAST: rounds(10.0, p99=0.002)}
    p50, p99 = latencies({S1: columns})
    assert p50.found.median == pytest.approx(1.0)
    assert p99.found.median == pytest.approx(2.0)
    assert (p50.is_kept, p99.is_kept) == (True, False)


def test_every_promise_has_a_scenario() -> None:
    assert PROMISES.keys() <= BY_KEY.keys()


@pytest.fixture
def report() -> str:
    results: dict[Scenario, dict[Entry, list[Round]]] = {S1: COLUMNS, S4: COLUMNS}
    limits = {FAST: rounds(10.0, 10.4), UNLIMITED: rounds(10.0, 10.0)}
    measured = Measured(results, {S1: COLUMNS}, limits, [("hawkapi, granian S9", "it said 500")])
    costs = {
        "inproc_path": Cost(4.0, 13, 0),
        "wire_plaintext": Cost(6.0, 12, 0),
        "limits_off": Cost(5.9, 12, 0),
    }
    return write(measured, Inside({OURS: costs}, {BARE: {}, OURS: costs}), "2 rounds of 1 s")


def test_the_report_begins_with_ratios(report: str) -> None:
    assert report.index("## The fast lane") < report.index("## CPU µs for a request")
    assert "| S1 | plaintext | 0.60 (0.60-0.60) | 0.56 | yes | 0.72 |" in report


def test_the_report_says_what_limits_cost(report: str) -> None:
    assert "| on the wire | 0.20 (0.00-0.40) | 0.3 | yes |" in report
    assert "| in process | 0.10 | 0.3 | yes |" in report


def test_the_report_says_what_was_not_measured(report: str) -> None:
    assert "* hawkapi, granian S9: it said 500" in report


def test_the_report_has_a_column_for_each_scenario(report: str) -> None:
    assert "| entry | server | models | S1 | S4 |" in report
    assert "| **wadjet** | fast lane | pydantic | 15.0 | 15.0 |" in report
