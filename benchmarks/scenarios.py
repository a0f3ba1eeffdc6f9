"""What is asked, and what has to be answered. Every entry answers all of it before it is timed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

__all__ = ["ORDER", "SCENARIOS", "Answer", "Asked", "Scenario", "complaint"]


class Asked(NamedTuple):
    """One request."""

    path: str
    method: str = "GET"
    content: bytes = b""

    @property
    def headers(self) -> dict[str, str]:
        """Its fields, beside those that every client adds."""
        return {"content-type": "application/json"} if self.content else {}


class Answer(NamedTuple):
    """One response; ``fields`` in their order, names in small letters."""

    status: int
    fields: tuple[tuple[str, str], ...]
    content: bytes

    @property
    def content_type(self) -> str:
        """The media type, without parameters."""
        return dict(self.fields).get("content-type", "").partition(";")[0]


class Scenario(NamedTuple):
    """One thing to measure.

    Args:
        key: short, for the command line.
        title: for the report.
        asked: the request that is repeated.
        status: of its answer.
        content_type: of its answer, without parameters.
        agrees: tells whether the content is right.
        refused: requests that have to get a 4xx.
        connections: how many wrk keeps open.
    """

    key: str
    title: str
    asked: Asked
    status: int
    content_type: str
    agrees: Callable[[bytes], bool]
    refused: tuple[Asked, ...] = ()
    connections: int = 64


def complaint(scenario: Scenario, ask: Callable[[Asked], Answer]) -> str | None:
    """Say what is wrong with the answers of an entry; None when nothing is."""
    answer = ask(scenario.asked)
    if (answer.status, answer.content_type) != (scenario.status, scenario.content_type):
        return f"{scenario.asked.path} was answered with {answer.status} {answer.content_type}"
    if not scenario.agrees(answer.content):
        return f"{scenario.asked.path} was answered with {answer.content[:80]!r}"
    for asked in scenario.refused:
        status = ask(asked).status
        if not 400 <= status < 500:
            return f"{asked.method} {asked.path} should have been refused, but was answered with {status}"
    return None


def _is(document: object) -> Callable[[bytes], bool]:
    return lambda content: json.loads(content) == document


def _is_receipt(content: bytes) -> bool:
    found: dict[str, Any] = json.loads(content)
    order = json.loads(ORDER)
    return bool(found["count"] == 8 and found["items"] == order["items"] and found["total"] == 510.0)


def _are_records(content: bytes) -> bool:
    found: list[dict[str, Any]] = json.loads(content)
    return len(found) == 100 and found[3]["price"] == "3.25" and found[0]["created"].startswith("2026-01-01T")


#: About a kilobyte.
ORDER = json.dumps(
    {
        "customer": 4242,
        "email": "alice@example.com",
        "placed": "2026-01-02T03:04:05Z",
        "shipping": {"street": "1 Long Street", "city": "Springfield", "postcode": "12345", "country": "US"},
        "items": [
            {
                "sku": f"SKU-{number:05d}",
                "name": f"Product number {number}",
                "quantity": number + 1,
                "price": 9.5 + number,
                "tags": ["red", "large"],
            }
            for number in range(8)
        ],
        "note": "leave at the door",
    },
    separators=(",", ":"),
).encode()

_JSON, _TEXT, _STREAM = "application/json", "text/plain", "text/event-stream"

SCENARIOS = (
    Scenario("S1", "plaintext", Asked("/plaintext"), 200, _TEXT, b"Hello, World!".__eq__),
    Scenario("S2", "JSON", Asked("/json"), 200, _JSON, _is({"message": "Hello, World!"})),
    Scenario(
        "S3a",
        "typed path",
        Asked("/users/42"),
        200,
        _JSON,
        _is({"id": 42}),
        refused=(Asked("/users/abc"), Asked("/users/")),
    ),
    Scenario(
        "S3",
        "typed path and query",
        Asked("/users/42/orders?page=2&tags=a&tags=b"),
        200,
        _JSON,
        _is({"id": 42, "page": 2, "tags": ["a", "b"]}),
        refused=(Asked("/users/abc/orders?page=2&tags=a"),),
    ),
    Scenario(
        "S4",
        "order of 1 KB, validated both ways",
        Asked("/orders", "POST", ORDER),
        201,
        _JSON,
        _is_receipt,
        refused=(Asked("/orders", "POST", ORDER.replace(b'"quantity":1,', b'"quantity":-1,')),),
    ),
    Scenario("S6", "100 models", Asked("/records"), 200, _JSON, _are_records),
    Scenario(
        "S9",
        "stream of 100 chunks",
        Asked("/stream"),
        200,
        _STREAM,
        b"".join(b"data: %d\n\n" % number for number in range(100)).__eq__,
        connections=32,
    ),
)
