"""The stacks that are measured are those that answer."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.stacks import COUNT, STACKS, application, measure_stacks
from wadjet.testing import TestClient

#: A field that each stack adds.
ADDED = {
    "stack_six": "x-header-5",
    "stack_request_id": "x-request-id",
    "stack_rate_limit": "ratelimit",
    "stack_security": "x-frame-options",
    "stack_cors": "vary",
    "stack_csrf": "set-cookie",
}


@pytest.mark.parametrize("name", STACKS)
def test_each_stack_answers_and_adds_its_fields(name: str) -> None:
    stack: Any = STACKS[name]
    answer = TestClient(application(stack), base_url="http://127.0.0.1:8000").get("/json")
    assert answer.json() == {"message": "Hello, World!"}
    assert name not in ADDED or ADDED[name] in answer.headers


def test_each_is_measured() -> None:
    found = measure_stacks(rounds=1)
    assert found.keys() == {*STACKS, COUNT}
    assert all(cost > 0 for cost in found.values())
