"""The table, run in each lane."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.scenarios.app import app
from tests.scenarios.table import SCENARIOS, Scenario
from tests.scenarios.wire import Malformed, Reply, converse, replies
from wadjet.testing import TestClient

IN_EVERY_LANE = [scenario for scenario in SCENARIOS if scenario.lane == "any"]


def fault(scenario: Scenario, found: list[Reply]) -> str:
    """Say how responses differ from what a scenario asks for; nothing when they do not."""
    if not found:
        return "" if scenario.may_close else "it closes without an answer"
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
    if len(others) > len(scenario.after):
        return f"it answers more than it was asked: {others}"
    for reply, judge in zip(others, scenario.after, strict=False):
        if not judge(reply):
            return f"its next answer is {reply}"
    return ""


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with TestClient(app, "http://own.test", raise_server_exceptions=False, timeout=20) as client:
        yield client


@pytest.mark.parametrize("scenario", IN_EVERY_LANE, ids=lambda scenario: scenario.name)
def test_on_the_asgi_lane(scenario: Scenario, client: TestClient) -> None:
    head, _, content = scenario.sent.partition(b"\r\n\r\n")
    line, *lines = head.split(b"\r\n")
    method, target, _ = line.split(b" ")
    fields: list[Any] = []
    for each in lines:
        name, _, value = each.partition(b":")
        if name.lower() not in {b"connection", b"content-length", b"transfer-encoding"}:
            fields.append((name, value.strip()))
    is_chunked = b"Transfer-Encoding: chunked" in lines
    request = client.build_request(
        method.decode(),
        "http://own.test/",
        headers=fields,
        content=iter(_chunks(content)) if is_chunked else content or None,
        extensions={"target": target},
    )
    response = client.send(request)
    found = [(name.decode().lower(), value.decode("latin-1")) for name, value in response.headers.raw]
    reply = Reply(response.status_code, found, response.content)
    assert not fault(scenario, [reply])


def _chunks(content: bytes) -> Iterator[bytes]:
    while content:
        size, _, content = content.partition(b"\r\n")
        length = int(size, 16)
        yield content[:length]
        content = content[length + 2 :]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_on_uvicorn(scenario: Scenario, port: int) -> None:
    received, is_closed = converse(port, scenario.sent, 3 if scenario.lane == "fast" else 10)
    try:
        found = replies(received, scenario.methods)
        problem = fault(scenario, found) or ("" if is_closed else "it leaves the connection open")
    except Malformed as error:
        problem = str(error)
    if problem and scenario.lane == "fast":
        pytest.skip(f"{scenario.name}: the server layer is uvicorn here, and {problem[:200]}")
    assert not problem


def test_names_are_unique_up_to_what_the_catalogue_leaves_out() -> None:
    names = [scenario.name for scenario in SCENARIOS]
    assert len(names) == len(set(names))
