"""Litestar: typed parameters, and its native msgspec models."""
# mypy: ignore-errors
# The peer is installed in its own environment, where no type checker looks.

from litestar import Litestar, MediaType, get, post
from litestar.response import Stream
from litestar.static_files import create_static_files_router

from benchmarks.peers.structs import EVENTS, RECORDS, Order, Receipt, Record, receipt_of
from benchmarks.statics import FOLDER


@get("/plaintext", media_type=MediaType.TEXT)
async def plaintext() -> str:
    return "Hello, World!"


@get("/json")
async def json() -> dict[str, str]:
    return {"message": "Hello, World!"}


@get("/users/{id:int}")
async def user(id: int, tags: list[str], page: int = 1) -> dict[str, object]:
    return {"id": id, "page": page, "tags": tags}


@post("/orders")
async def order(data: Order) -> Receipt:
    return receipt_of(data)


@get("/records")
async def records() -> list[Record]:
    return RECORDS


async def events():
    for event in EVENTS:
        yield event


@get("/stream")
async def stream() -> Stream:
    return Stream(events(), media_type="text/event-stream")


static = create_static_files_router(path="/static", directories=[FOLDER])
app = Litestar([plaintext, json, user, order, records, stream, static], openapi_config=None)
