"""Who is timed, in which order, and who is left out."""

from __future__ import annotations

from typing import cast

import pytest

from benchmarks.entries import BARE, ENTRIES, FAST, Entry
from benchmarks.figures import Round, Wrk
from benchmarks.measuring import Plan, checked, in_turns
from benchmarks.scenarios import SCENARIOS, Answer, Asked, Scenario
from benchmarks.wire import Server

S1 = SCENARIOS[0]
FLOOR = next(entry for entry in ENTRIES if (entry.name, entry.server) == (BARE, "protocol"))
PEER = next(entry for entry in ENTRIES if entry.name == "starlette")
RIGHT = Answer(200, (("content-type", "text/plain; charset=utf-8"), ("date", "now")), b"Hello, World!")


class Canned:
    """A server that answers what it is told to, and writes down what is done with it."""

    def __init__(self, entry: Entry, done: list[str], answer: Answer = RIGHT, *, fails: bool = False) -> None:
        self.entry = entry
        self._done = done
        self._answer = answer
        self._fails = fails

    def ask(self, asked: Asked) -> Answer:
        return self._answer

    def measure(self, scenario: Scenario, seconds: int, connections: int | None = None) -> Round:
        self._done.append(self.entry.name)
        if self._fails:
            raise RuntimeError("3 requests failed")
        return Round(1.0, Wrk(1000, 1.0, 0.001, 0.002, 0))

    def warm(self, scenario: Scenario) -> None:
        self._done.append(f"{self.entry.name} warmed")

    def resume(self) -> None:
        self._done.append("awake")

    def pause(self) -> None:
        self._done.append("asleep")


def servers(*canned: Canned) -> list[Server]:
    return cast("list[Server]", list(canned))


def test_rounds_go_forwards_and_backwards_and_nobody_else_is_awake() -> None:
    done: list[str] = []
    found = in_turns(servers(Canned(FLOOR, done), Canned(FAST, done)), S1, Plan(2, 1), [])
    assert [name for name in done if name not in {"awake", "asleep"}] == ["bare", "wadjet", "wadjet", "bare"]
    assert done[::3] == ["awake"] * 4
    assert done[2::3] == ["asleep"] * 4
    assert [len(rounds) for rounds in found.values()] == [2, 2]


def test_a_peer_that_fails_under_load_is_left_out_and_named() -> None:
    failures: list[tuple[str, str]] = []
    done: list[str] = []
    found = in_turns(servers(Canned(FAST, []), Canned(PEER, done, fails=True)), S1, Plan(3, 1), failures)
    assert list(found) == [FAST]
    assert done.count("starlette") == 1
    assert failures == [("starlette, granian S1", "3 requests failed")]


def test_ours_has_to_hold_under_load() -> None:
    with pytest.raises(SystemExit, match="3 requests failed"):
        in_turns(servers(Canned(FAST, [], fails=True)), S1, Plan(1, 1), [])


def test_a_wrong_answer_is_not_timed() -> None:
    failures: list[tuple[str, str]] = []
    wrong = RIGHT._replace(content=b"Hello")
    done: list[str] = []
    able = checked(S1, servers(Canned(FAST, done), Canned(PEER, done, wrong)), failures)
    assert [server.entry for server in able] == [FAST]
    assert done == ["awake", "wadjet warmed", "asleep", "awake", "asleep"]
    assert failures[0][0] == "starlette, granian S1"


def test_ours_has_to_answer() -> None:
    with pytest.raises(SystemExit, match="answered with b'Hello'"):
        checked(S1, servers(Canned(FAST, [], RIGHT._replace(content=b"Hello"))), [])


def test_the_date_may_differ_from_the_floors() -> None:
    later = RIGHT._replace(fields=(RIGHT.fields[0], ("date", "later")))
    assert len(checked(S1, servers(Canned(FLOOR, [], later), Canned(FAST, [])), [])) == 2


def test_nothing_else_may() -> None:
    more = RIGHT._replace(fields=(*RIGHT.fields, ("server", "bare")))
    with pytest.raises(SystemExit, match="does not send what Wadjet sends"):
        checked(S1, servers(Canned(FLOOR, [], more), Canned(FAST, [])), [])
