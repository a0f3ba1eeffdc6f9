"""What is asked, and what has to be answered. Every entry answers all of it before it is timed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from benchmarks.forms import CONTENT_TYPE, FORM
from benchmarks.stackrules import FIELDS, ORIGINS, TOKEN
from benchmarks.statics import CONTENT

__all__ = [
    "BROWSER",
    "ORDER",
    "SCENARIOS",
    "TYPED_PATH",
    "Answer",
    "Asked",
    "Scenario",
    "asked_of",
    "complaint",
]


class Asked(NamedTuple):
    """One request."""

    path: str
    method: str = "GET"
    content: bytes = b""
    #: Its fields, beside those that every client adds.
    headers: tuple[tuple[str, str], ...] = ()


class Answer(NamedTuple):
    """One response; ``fields`` in their order, names in small letters."""

    status: int
    fields: tuple[tuple[str, str], ...]
    content: bytes

    def without(self, *names: str) -> Answer:
        """Leave fields out: those whose values may differ."""
        return self._replace(fields=tuple(field for field in self.fields if field[0] not in names))

    @property
    def content_type(self) -> str:
        """The media type, without parameters."""
        return dict(self.fields).get("content-type", "").partition(";")[0]


class Scenario(NamedTuple):
    """One thing to measure.

    Args:
        key: short, for the command line and the report.
        title: for the report.
        asked: the request that is repeated.
        status: of its answer.
        content_type: of its answer, without parameters.
        agrees: tells whether the content is right.
        refused: requests that have to get a 4xx.
        connections: how many wrk keeps open.
        is_known: whether the client has the content already.
        fields: that the answer has.
        varying: fields of ours whose values are not the same for two requests, beside the date.
    """

    key: str
    title: str
    asked: Asked
    status: int
    content_type: str
    agrees: Callable[[bytes], bool]
    refused: tuple[Asked, ...] = ()
    connections: int = 64
    #: Whether the client has the content already, and tells the tag that the server gave it.
    is_known: bool = False
    fields: tuple[tuple[str, str], ...] = ()
    varying: tuple[str, ...] = ()

    @property
    def is_secured(self) -> bool:
        """Whether it asks an entry's production stack, an application of its own."""
        return self.key == "S5"


def asked_of(scenario: Scenario, ask: Callable[[Asked], Answer]) -> Asked:
    """Return the request of a scenario as it is put to one server.

    Raises:
        ValueError: the server has no tag for what it serves.
    """
    if not scenario.is_known:
        return scenario.asked
    tag = dict(ask(scenario.asked).fields).get("etag")
    if tag is None:
        raise ValueError(f"{scenario.asked.path} has no ETag")
    return scenario.asked._replace(headers=(*scenario.asked.headers, ("if-none-match", tag)))


def complaint(scenario: Scenario, ask: Callable[[Asked], Answer]) -> str | None:
    """Say what is wrong with the answers of an entry; None when nothing is."""
    answer = ask(asked_of(scenario, ask))
    is_typed = answer.content_type == scenario.content_type or scenario.is_known
    if answer.status != scenario.status or not is_typed:
        return f"{scenario.asked.path} was answered with {answer.status} {answer.content_type}"
    lacking = [name for name, value in scenario.fields if dict(answer.fields).get(name) != value]
    if lacking:
        return f"{scenario.asked.path} was answered without {', '.join(lacking)}"
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


#: 973 bytes.
ORDER = json.dumps(
    {
        "customer": 424242,
        "email": "alice@example.com",
        "placed": "2026-01-02T03:04:05Z",
        "shipping": {
            "street": "1 Long Street Name",
            "city": "Springfield",
            "postcode": "12345",
            "country": "US",
        },
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

#: What a browser sends with a request that a script makes.
BROWSER = (
    ("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0"),
    ("accept", "application/json, text/plain, */*"),
    ("accept-language", "en-GB,en;q=0.7,de;q=0.3"),
    ("accept-encoding", "gzip, deflate, br, zstd"),
    ("referer", "https://shop.example.com/list"),
    ("connection", "keep-alive"),
    ("sec-fetch-dest", "empty"),
    ("sec-fetch-mode", "cors"),
    ("sec-fetch-site", "same-site"),
)

_JSON, _TEXT, _STREAM = "application/json", "text/plain", "text/event-stream"
_BINARY = "application/octet-stream"
_ORDERED = (("content-type", "application/json"),)
_MESSAGE = _is({"message": "Hello, World!"})
_ORIGIN = ("origin", ORIGINS[0])
_TOKEN = ("authorization", f"Bearer {TOKEN}")

SCENARIOS = (
    Scenario("S1", "plaintext", Asked("/plaintext"), 200, _TEXT, b"Hello, World!".__eq__),
    Scenario("S2", "JSON", Asked("/json"), 200, _JSON, _MESSAGE),
    Scenario("S2h", "JSON, browser headers", Asked("/json", headers=BROWSER), 200, _JSON, _MESSAGE),
    Scenario(
        "S3",
        "typed path and query",
        Asked("/users/42?page=2&tags=a&tags=b"),
        200,
        _JSON,
        _is({"id": 42, "page": 2, "tags": ["a", "b"]}),
        refused=(Asked("/users/abc?page=2&tags=a"), Asked("/users/?page=2&tags=a")),
    ),
    Scenario(
        "S4",
        "order of 1 KB, validated both ways",
        Asked("/orders", "POST", ORDER, _ORDERED),
        201,
        _JSON,
        _is_receipt,
        refused=(Asked("/orders", "POST", ORDER.replace(b'"quantity":1,', b'"quantity":-1,'), _ORDERED),),
    ),
    Scenario(
        "S5",
        "production stack",
        Asked("/secure", headers=(_TOKEN, _ORIGIN)),
        200,
        _JSON,
        _is({"user": "alice", "ok": True}),
        refused=(
            Asked("/secure", headers=(_ORIGIN,)),
            Asked("/secure", headers=(("authorization", "Bearer wrong"), _ORIGIN)),
            Asked("/secure", headers=(_TOKEN, _ORIGIN, ("host", "evil.test"))),
        ),
        fields=(*FIELDS.items(), ("access-control-allow-origin", ORIGINS[0])),
        varying=("x-ratelimit-remaining", "x-ratelimit-reset", "ratelimit"),
    ),
    Scenario("S6", "100 models", Asked("/records"), 200, _JSON, _are_records),
    Scenario("S7", "static file of 64 KB", Asked("/static/file.bin"), 200, _BINARY, CONTENT.__eq__),
    Scenario("S7n", "its 304", Asked("/static/file.bin"), 304, "", b"".__eq__, is_known=True),
    Scenario(
        "S8",
        "form with a file of 1 MB",
        Asked("/upload", "POST", FORM, (("content-type", CONTENT_TYPE),)),
        200,
        _JSON,
        _is({"fields": 3, "size": 1024 * 1024}),
        connections=8,
    ),
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

#: Measured in process only: what a path that is typed costs beyond one that is not.
TYPED_PATH = Scenario(
    "S3a",
    "typed path",
    Asked("/accounts/42"),
    200,
    _JSON,
    _is({"id": 42}),
    refused=(Asked("/accounts/abc"), Asked("/accounts/")),
)
