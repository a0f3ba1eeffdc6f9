"""The applications of the benchmark answer its scenarios on every lane, and the bare ones send what ours sends."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import wadjet
from benchmarks import app, bare, inwire, secured
from benchmarks.bareproto import BareProtocol
from benchmarks.data.__main__ import FIGURES
from benchmarks.entries import ENTRIES
from benchmarks.environments import ROOT
from benchmarks.inproc import CASES, LOOKUPS, App, call, started
from benchmarks.production import PRODUCTION
from benchmarks.scenarios import ORDER, SCENARIOS, TYPED_PATH, Answer, Asked, Scenario, complaint
from benchmarks.stacks import STACKS

Ask = Callable[[Asked], Answer]

EVERY_SCENARIO = pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.key)
EVERY_LANE = pytest.mark.parametrize("name", ["wadjet", "wadjet fast", "bare", "bare protocol"])


@pytest.fixture(scope="module")
def lanes() -> Iterator[dict[str, Ask]]:
    """Ask our application and the bare ones, each in its two forms."""
    with asyncio.Runner() as runner:
        lives = [runner.run(started(one)) for one in (app.app, secured.app)]
        fast, guarded = inwire.lane(runner, app.app), inwire.lane(runner, secured.app)

        def ours(asked: Asked) -> App:
            return secured.app if asked.path == "/secure" else app.app

        def lane(asked: Asked) -> inwire.Protocols:
            return guarded if asked.path == "/secure" else fast

        yield {
            "wadjet": lambda asked: runner.run(call(ours(asked), asked)),
            "bare": lambda asked: runner.run(call(bare.app, asked)),
            "wadjet fast": lambda asked: inwire.read_answer(runner.run(inwire.ask(lane(asked), asked))),
            "bare protocol": lambda asked: inwire.read_answer(runner.run(inwire.ask(BareProtocol, asked))),
        }
        for life in lives:
            life.cancel()


def ask(application: App, asked: Asked) -> Answer:
    return asyncio.run(call(application, asked))


@EVERY_SCENARIO
@EVERY_LANE
def test_an_application_answers(lanes: dict[str, Ask], name: str, scenario: Scenario) -> None:
    assert complaint(scenario, lanes[name]) is None


@EVERY_SCENARIO
@pytest.mark.parametrize(("floor", "ours"), [("bare", "wadjet"), ("bare protocol", "wadjet fast")])
def test_what_is_bare_sends_the_same(
    lanes: dict[str, Ask], floor: str, ours: str, scenario: Scenario
) -> None:
    sent, expected = lanes[floor](scenario.asked), lanes[ours](scenario.asked)
    assert [name for name, _ in sent.fields] == [name for name, _ in expected.fields]
    assert sent.without("date", *scenario.varying) == expected.without("date", *scenario.varying)
    assert ("date" in dict(sent.fields)) == ("date" in dict(expected.fields))


@pytest.mark.parametrize("application", [app.app, bare.app], ids=["wadjet", "bare"])
def test_the_typed_path_is_answered_in_process(application: App) -> None:
    assert complaint(TYPED_PATH, lambda asked: ask(application, asked)) is None


def test_the_order_has_the_size_that_its_scenario_says() -> None:
    assert len(ORDER) == 973


def test_a_browser_sends_nine_fields() -> None:
    browser = next(scenario for scenario in SCENARIOS if scenario.key == "S2h")
    assert len(browser.asked.headers) == 9


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
    taken = Answer(200, (("content-type", "application/json"),), b'{"id":42}')
    assert "/accounts/abc should have been refused" in str(complaint(TYPED_PATH, lambda _: taken))


def test_a_stack_that_leaves_a_field_out_is_noticed() -> None:
    stack = next(scenario for scenario in SCENARIOS if scenario.is_secured)
    fields = [("content-type", "application/json"), *stack.fields]
    bare = [field for field in fields if field[0] != "x-frame-options"]
    answer = Answer(200, tuple(bare), b'{"user":"alice","ok":true}')
    assert complaint(stack, lambda _: answer) == "/secure was answered without x-frame-options"


def test_every_stack_of_a_peer_is_served() -> None:
    written = {f"benchmarks.peers.{path.stem}" for path in (ROOT / "benchmarks/peers").glob("secured_*.py")}
    served = {entry.stack.partition(":")[0] for entry in ENTRIES if entry.is_peer and entry.stack is not None}
    assert served == written


def test_an_answer_can_leave_a_field_out() -> None:
    answer = Answer(200, (("date", "today"), ("content-length", "0")), b"")
    assert answer.without("date").fields == (("content-length", "0"),)


def test_every_reason_that_the_package_gives_is_measured() -> None:
    package = Path(wadjet.__file__).parent
    named = {
        name
        for path in package.rglob("*.py")
        for name in re.findall(r"PERF\(bench: (\w+)\)", path.read_text("utf-8"))
    }
    assert named <= {*CASES, *LOOKUPS, *PRODUCTION, *STACKS, *inwire.WIRES, *FIGURES}


@pytest.mark.parametrize("case", PRODUCTION)
def test_the_production_stack_answers_and_refuses(case: str) -> None:
    app, scenario = PRODUCTION[case]

    async def asked() -> str | None:
        life = await started(app)
        answer = await call(app, scenario.asked)
        refused = [await call(app, one) for one in scenario.refused]
        life.cancel()
        has_fields = {"x-request-id", "x-ratelimit-remaining", "content-security-policy"} <= dict(
            answer.fields
        ).keys()
        assert has_fields is (case not in {"inproc_stack_none", "inproc_token"})
        found = dict(zip(scenario.refused, refused, strict=True))
        return complaint(scenario, lambda one: found.get(one, answer))

    assert asyncio.run(asked()) is None
