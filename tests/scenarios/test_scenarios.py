"""The table, run on each lane through a server process, and through the test client; and that all of them agree."""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import httpx2
import pytest

from tests.scenarios.app import app
from tests.scenarios.scenario import Scenario
from tests.scenarios.table import SCENARIOS
from tests.scenarios.wire import Malformed, Reply, converse, replies
from wadjet.testing import TestClient

IN_EVERY_LANE = [scenario for scenario in SCENARIOS if scenario.lane == "any"]

#: Fields that are a connection's or a moment's: lanes need not agree on them.
OF_THE_CONNECTION = {"connection", "date", "server", "transfer-encoding"}
OF_THE_CONNECTION |= {"x-request-id", "x-ratelimit-remaining", "x-ratelimit-reset", "ratelimit"}

EVERY_SCENARIO = pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
COMMON_SCENARIOS = pytest.mark.parametrize("scenario", IN_EVERY_LANE, ids=lambda scenario: scenario.name)


def fault(scenario: Scenario, found: list[Reply], *, may_close: bool) -> str:
    """Say how responses differ from what a scenario asks for; nothing when they do not."""
    if not found:
        return "" if may_close else "it closes without an answer"
    first, *others = found
    if first.status not in scenario.status:
        return f"it answers {first.status}"
    if isinstance(scenario.body, bytes) and first.body != scenario.body:
        return f"its body is {first.body[:200]!r}"
    if callable(scenario.body) and not scenario.body(first):
        return f"it answers {first.status} {first.fields} {first.body[:400]!r}"
    for name, value in scenario.fields.items():
        if first.field(name) != value:
            return f"its {name} is {first.field(name)!r}"
    return fault_after(scenario, others)


def fault_after(scenario: Scenario, others: list[Reply]) -> str:
    """Say how the further responses differ."""
    if len(others) > len(scenario.after):
        return f"it answers more than it was asked: {others}"
    if len(others) < len(scenario.after) and scenario.every:
        return f"it answers only {1 + len(others)} of {1 + len(scenario.after)} requests"
    for reply, judge in zip(others, scenario.after, strict=False):
        if not judge(reply):
            return f"its next answer is {reply}"
    return ""


class Conversation(NamedTuple):
    """What came back, and whether the server closed the connection."""

    found: list[Reply]
    is_closed: bool


def held(port: int, scenario: Scenario, *, is_promised: bool = True) -> Conversation:
    received, is_closed = converse(port, scenario.sent, 10 if is_promised else 1)
    return Conversation(replies(received, scenario.asked), is_closed)


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with TestClient(app, "http://own.test", raise_server_exceptions=False, timeout=120) as client:
        yield client


@functools.cache
def through_client(scenario: Scenario, client: TestClient) -> Reply:
    """Ask by the test client, with the same fields in the same order."""
    head, _, content = scenario.sent.partition(b"\r\n\r\n")
    line, *lines = head.split(b"\r\n")
    method, target, _ = line.split(b" ")
    fields: list[Any] = []
    for each in lines:
        name, _, value = each.partition(b":")
        if name.lower() not in {b"connection", b"content-length", b"transfer-encoding"}:
            fields.append((name, value.strip()))
    is_chunked = b"Transfer-Encoding: chunked" in lines
    request = httpx2.Request(
        method.decode(),
        "http://own.test/",
        headers=fields,
        content=iter(_chunks(content)) if is_chunked else content or None,
        extensions={"target": target},
    )
    response = client.send(request)
    found = [(name.decode().lower(), value.decode("latin-1")) for name, value in response.headers.raw]
    return Reply(response.status_code, found, response.content)


def _chunks(content: bytes) -> Iterator[bytes]:
    while content:
        size, _, content = content.partition(b"\r\n")
        length = int(size, 16)
        yield content[:length]
        content = content[length + 2 :]


@COMMON_SCENARIOS
def test_through_the_client(scenario: Scenario, client: TestClient) -> None:
    assert not fault(scenario, [through_client(scenario, client)], may_close=False)


@EVERY_SCENARIO
def test_through_a_server(scenario: Scenario, server: str, port: int) -> None:
    is_ours = server.startswith("fast")
    try:
        found, is_closed = held(port, scenario, is_promised=is_ours or scenario.lane != "fast")
        # Ours says why it closes.
        problem = fault(scenario, found, may_close=scenario.may_close and not is_ours)
        problem = problem or ("" if is_closed else "it leaves the connection open")
    except Malformed as error:
        problem = str(error)
    if problem and scenario.lane == "fast" and not is_ours:
        pytest.skip(f"{scenario.name}: the server layer is uvicorn's own here, and {problem[:200]}")
    assert not problem


@COMMON_SCENARIOS
def test_all_lanes_agree(scenario: Scenario, client: TestClient, port_of: Callable[[str], int]) -> None:
    ((fast,), _), ((asgi,), _) = held(port_of("fast"), scenario), held(port_of("asgi"), scenario)
    assert comparable(fast) == comparable(asgi) == comparable(through_client(scenario, client))


def comparable(reply: Reply) -> tuple[int, Counter[tuple[str, str]], bytes]:
    """Return what lanes must agree on."""
    fields = Counter((name, value) for name, value in reply.fields if name not in OF_THE_CONNECTION)
    # Each error has an id of its own.
    return reply.status, fields, re.sub(rb"\b[0-9a-f]{8,32}\b", b"<id>", reply.body)


def test_names_are_unique_up_to_what_the_catalogue_leaves_out() -> None:
    names = [scenario.name for scenario in SCENARIOS]
    assert len(names) == len(set(names))
