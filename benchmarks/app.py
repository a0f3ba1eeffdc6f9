"""Wadjet's entry, written as a user would write it."""

from __future__ import annotations

from collections.abc import AsyncIterator

from benchmarks.models import EVENTS, RECORDS, Order, Receipt, Record, receipt_of
from benchmarks.statics import FOLDER
from wadjet import Request, Wadjet

__all__ = ["app"]

app = Wadjet()
static = app.static("/static", FOLDER)


@app.get("/plaintext")
async def plaintext() -> str:
    return "Hello, World!"


@app.get("/cached", cache_ttl=86_400)
async def cached() -> str:
    return "Hello, World!"


@app.get("/json")
async def json():  # type: ignore[no-untyped-def]  # without an annotation nothing is validated
    return {"message": "Hello, World!"}


@app.get("/accounts/{id:int}")
async def account(id: int):  # type: ignore[no-untyped-def]
    return {"id": id}


@app.get("/users/{id:int}")
async def user(id: int, page: int = 1, tags: list[str] = []):  # type: ignore[no-untyped-def]  # noqa: B006
    return {"id": id, "page": page, "tags": tags}


@app.post("/orders", status_code=201)
async def order(order: Order) -> Receipt:
    return receipt_of(order)


@app.get("/records")
async def records() -> list[Record]:
    return RECORDS


@app.post("/upload")
async def upload(request: Request):  # type: ignore[no-untyped-def]  # as above
    form = await request.form()
    fields = sum(isinstance(value, str) for value in form.values())
    return {"fields": fields, "size": len(await form["file"].read())}


@app.get("/stream", response_content_type="text/event-stream")
async def stream() -> AsyncIterator[bytes]:
    for event in EVENTS:
        yield event
