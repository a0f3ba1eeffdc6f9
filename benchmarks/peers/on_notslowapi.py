"""NotSlowAPI, a fork of FastAPI: the same application."""
# mypy: ignore-errors
# The peer is installed in its own environment, where no type checker looks.

from typing import Annotated

from notslowapi import FastAPI, Form, Query, UploadFile
from notslowapi.responses import PlainTextResponse, StreamingResponse

from benchmarks.models import EVENTS, RECORDS, Order, Receipt, Record, receipt_of

app = FastAPI()


@app.get("/plaintext", response_class=PlainTextResponse)
async def plaintext():
    return "Hello, World!"


@app.get("/json")
async def json():
    return {"message": "Hello, World!"}


@app.get("/users/{id}")
async def user(id: int, page: int = 1, tags: Annotated[list[str], Query()] = []):  # noqa: B006
    return {"id": id, "page": page, "tags": tags}


@app.post("/orders", status_code=201)
async def order(order: Order) -> Receipt:
    return receipt_of(order)


@app.get("/records")
async def records() -> list[Record]:
    return RECORDS


@app.post("/upload")
async def upload(
    name: Annotated[str, Form()],
    title: Annotated[str, Form()],
    kind: Annotated[str, Form()],
    file: UploadFile,
):
    return {"fields": len((name, title, kind)), "size": len(await file.read())}


async def events():
    for event in EVENTS:
        yield event


@app.get("/stream")
async def stream():
    return StreamingResponse(events(), media_type="text/event-stream")
