"""Lihil: typed parameters, and its native msgspec models."""
# mypy: ignore-errors
# The peer is installed in its own environment, where no type checker looks.

from typing import Annotated

from lihil import Lihil, Request, Route, Stream, Text, status

from benchmarks.peers.structs import EVENTS, RECORDS, Order, Receipt, Record, receipt_of

_plaintext, _json, _user = Route("/plaintext"), Route("/json"), Route("/users/{id}")
_orders, _records = Route("/orders"), Route("/records")
_upload, _stream = Route("/upload"), Route("/stream")


@_plaintext.get
async def plaintext() -> Text:
    return "Hello, World!"


@_json.get
async def json() -> dict[str, str]:
    return {"message": "Hello, World!"}


@_user.get
async def user(id: int, tags: list[str], page: int = 1) -> dict[str, object]:
    return {"id": id, "page": page, "tags": tags}


@_orders.post
async def order(order: Order) -> Annotated[Receipt, status.CREATED]:
    return receipt_of(order)


@_records.get
async def records() -> list[Record]:
    return RECORDS


@_upload.post
async def upload(request: Request) -> dict[str, int]:
    async with request.form() as form:
        fields = sum(isinstance(value, str) for value in form.values())
        return {"fields": fields, "size": len(await form["file"].read())}


@_stream.get
async def stream() -> Stream[bytes]:
    for event in EVENTS:
        yield event


app = Lihil(_plaintext, _json, _user, _orders, _records, _upload, _stream)
