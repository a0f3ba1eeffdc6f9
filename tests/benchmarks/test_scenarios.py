"""The applications of the benchmark answer its scenarios, and the bare one sends what ours sends."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

import wadjet
from benchmarks import app, bare
from benchmarks.inproc import CASES, LOOKUPS, App, call
from benchmarks.scenarios import SCENARIOS, Answer, Asked, Scenario, complaint

EVERY_SCENARIO = pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.key)


def ask(application: App, asked: Asked) -> Answer:
    return asyncio.run(call(application, asked))


@EVERY_SCENARIO
@pytest.mark.parametrize("application", [app.app, bare.app], ids=["wadjet", "bare"])
def test_an_application_answers(application: App, scenario: Scenario) -> None:
    assert complaint(scenario, lambda asked: ask(application, asked)) is None


@EVERY_SCENARIO
def test_the_bare_callable_sends_the_same(scenario: Scenario) -> None:
    assert ask(bare.app, scenario.asked) == ask(app.app, scenario.asked)


@pytest.mark.parametrize(
    ("answer", "wrong"),
    [
        (Answer(500, (("content-type", "text/plain"),), b""), "answered with 500"),
        (Answer(200, (("content-type", "text/html"),), b"Hello, World!"), "answered with 200 text/html"),
        (Answer(200, (("content-type", "text/plain"),), b"Hello"), "answered with b'Hello'"),
    ],
)
def test_a_wrong_answer_is_noticed(answer: Answer, wrong: str) -> None:
    assert wrong in str(complaint(SCENARIOS[0], lambda _: answer))


def test_invalid_input_that_is_taken_is_noticed() -> None:
    typed = next(scenario for scenario in SCENARIOS if scenario.key == "S3a")
    taken = Answer(200, (("content-type", "application/json"),), b'{"id":42}')
    assert "/users/abc should have been refused" in str(complaint(typed, lambda _: taken))


def test_every_reason_that_the_package_gives_is_measured() -> None:
    package = Path(wadjet.__file__).parent
    named = {
        name
        for path in package.rglob("*.py")
        for name in re.findall(r"PERF\(bench: (\w+)\)", path.read_text("utf-8"))
    }
    assert named <= {*CASES, *LOOKUPS}
