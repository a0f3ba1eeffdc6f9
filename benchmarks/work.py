"""The work that no server and no framework can avoid, by hand: what both bare entries do between a request and its answer."""

from __future__ import annotations

from typing import NamedTuple

import orjson
from pydantic import TypeAdapter, ValidationError

from benchmarks.forms import read_form
from benchmarks.models import RECORDS, Order, Receipt, Record, receipt_of

__all__ = ["NOT_FOUND", "Done", "account", "message", "order", "records", "upload", "user"]

_read_order = Order.__pydantic_validator__.validate_json
_write_receipt = Receipt.__pydantic_serializer__.to_json
_write_records = TypeAdapter(list[Record]).serializer.to_json

_TEXT, _JSON = b"text/plain; charset=utf-8", b"application/json"


class Done(NamedTuple):
    """One answer."""

    status: int
    content_type: bytes
    content: bytes


NOT_FOUND = Done(404, _TEXT, b"Not Found")
_INVALID = Done(422, _TEXT, b"Unprocessable")


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


def records() -> Done:
    """Answer S6."""
    return Done(200, _JSON, _write_records(RECORDS))


def upload(content: bytes) -> Done:
    """Answer S8."""
    fields, size = read_form(content)
    return Done(200, _JSON, orjson.dumps({"fields": fields, "size": size}))
