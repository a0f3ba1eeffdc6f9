"""The work that no server and no framework can avoid, by hand: what both bare entries do between a request and its answer."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import NamedTuple

import orjson
from pydantic import TypeAdapter, ValidationError

from benchmarks.forms import read_form
from benchmarks.models import RECORDS, Order, Receipt, Record, receipt_of
from benchmarks.stackrules import FIELDS, LIMIT, ORIGINS, SECONDS, TOKENS, serves

__all__ = [
    "NOT_FOUND",
    "SECURED",
    "Counted",
    "Done",
    "account",
    "message",
    "order",
    "records",
    "secured",
    "upload",
    "user",
]

_read_order = Order.__pydantic_validator__.validate_json
_write_receipt = Receipt.__pydantic_serializer__.to_json
_write_records = TypeAdapter(list[Record]).serializer.to_json

_TEXT, _JSON = b"text/plain; charset=utf-8", b"application/json"


class Done(NamedTuple):
    """One answer."""

    status: int
    content_type: bytes
    content: bytes


class Counted(NamedTuple):
    """One answer of S5.

    Args:
        content: the document.
        remaining: how many more requests there may be.
        reset: when the window ends, in seconds since the epoch.
        seconds: until then.
    """

    content: bytes
    remaining: int
    reset: int
    seconds: int


NOT_FOUND = Done(404, _TEXT, b"Not Found")
_INVALID = Done(422, _TEXT, b"Unprocessable")
_OTHER_HOST = Done(400, _TEXT, b"Bad Request")
_UNKNOWN = Done(401, _TEXT, b"Unauthorized")
_LIMITED = Done(429, _TEXT, b"Too Many Requests")

_ORDER = (
    "x-content-type-options",
    "x-frame-options",
    "referrer-policy",
    "cross-origin-opener-policy",
    "content-security-policy",
    "strict-transport-security",
)
#: The fields that every answer of S5 has, in the order in which Wadjet sends them.
SECURED = (
    (b"content-type", _JSON),
    (b"x-ratelimit-limit", b"%d" % LIMIT),
    (b"ratelimit-policy", b'"default";q=%d;w=%d' % (LIMIT, SECONDS)),
    (b"access-control-allow-origin", ORIGINS[0].encode()),
    (b"access-control-allow-credentials", b"true"),
    (b"vary", b"Origin"),
    *((name.encode(), FIELDS[name].encode()) for name in _ORDER),
)
_USERS = {b"Bearer " + token.encode(): user for token, user in TOKENS.items()}
_counts: dict[str, tuple[int, int]] = {}


def message() -> bytes:
    """Return the document of S2."""
    return orjson.dumps({"message": "Hello, World!"})


def account(path: str) -> Done:
    """Answer the typed path."""
    try:
        return Done(200, _JSON, orjson.dumps({"id": int(path[10:])}))
    except ValueError:
        return NOT_FOUND


def user(path: str, query: str) -> Done:
    """Answer S3."""
    values: dict[str, list[str]] = {}
    try:
        for pair in query.split("&"):
            name, _, value = pair.partition("=")
            values.setdefault(name, []).append(value)
        found = {"id": int(path[7:]), "page": int(values["page"][-1]), "tags": values["tags"]}
    except (ValueError, KeyError):
        return NOT_FOUND
    return Done(200, _JSON, orjson.dumps(found))


def order(content: bytes) -> Done:
    """Answer S4."""
    try:
        return Done(201, _JSON, _write_receipt(receipt_of(_read_order(content))))
    except ValidationError:
        return _INVALID


def secured(fields: Mapping[bytes, bytes], client: str) -> Counted | Done:
    """Answer S5.

    Args:
        fields: of the request, names in small letters.
        client: its address.
    """
    if not serves(fields[b"host"].decode()):
        return _OTHER_HOST
    user = _USERS.get(fields.get(b"authorization", b""))
    if user is None or fields.get(b"origin") != SECURED[3][1]:
        return _UNKNOWN
    now = time.time()
    window = int(now // SECONDS)
    since, count = _counts.get(client, (window, 0))
    count = count + 1 if since == window else 1
    if count > LIMIT:
        return _LIMITED
    _counts[client] = window, count
    reset = (window + 1) * SECONDS
    return Counted(orjson.dumps({"user": user, "ok": True}), LIMIT - count, reset, reset - int(now))


def records() -> Done:
    """Answer S6."""
    return Done(200, _JSON, _write_records(RECORDS))


def upload(content: bytes) -> Done:
    """Answer S8."""
    fields, size = read_form(content)
    return Done(200, _JSON, orjson.dumps({"fields": fields, "size": size}))
