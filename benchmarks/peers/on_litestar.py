"""Litestar: typed parameters, and its native msgspec models."""
# mypy: ignore-errors
# The peer is installed in its own environment, where no type checker looks.

from dataclasses import dataclass
from typing import Annotated

from litestar import Litestar, MediaType, get, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body
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


@dataclass
class Form:
    name: str
    title: str
    kind: str
    file: UploadFile


@post("/upload", status_code=200)
async def upload(data: Annotated[Form, Body(media_type=RequestEncodingType.MULTI_PART)]) -> dict[str, int]:
    return {"fields": len((data.name, data.title, data.kind)), "size": len(await data.file.read())}


async def events():
    for event in EVENTS:
        yield event


@get("/stream")
async def stream() -> Stream:
    return Stream(events(), media_type="text/event-stream")


static = create_static_files_router(path="/static", directories=[FOLDER])
app = Litestar([plaintext, json, user, order, records, upload, stream, static], openapi_config=None)
