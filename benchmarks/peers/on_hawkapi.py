"""HawkAPI: typed parameters, and its native msgspec models. It needs Python 3.12."""
# mypy: ignore-errors
# The peer is installed in its own environment, where no type checker looks.

from hawkapi import HawkAPI, Request, StreamingResponse
from hawkapi.responses import PlainTextResponse

from benchmarks.peers.structs import EVENTS, RECORDS, Order, Receipt, Record, receipt_of

app = HawkAPI()


@app.get("/plaintext")
async def plaintext():
    return PlainTextResponse("Hello, World!")


@app.get("/json")
async def json():
    return {"message": "Hello, World!"}


@app.get("/users/{id:int}")
async def user(request: Request, id: int, page: int = 1):
    return {"id": id, "page": page, "tags": request.query_params.getlist("tags")}


@app.post("/orders", status_code=201)
async def order(body: Order) -> Receipt:
    return receipt_of(body)


@app.get("/records")
async def records() -> list[Record]:
    return RECORDS


@app.post("/upload")
async def upload(request: Request):
    form = await request.form()
    return {"fields": len(form), "size": len(await form.files["file"].read())}


async def events():
    for event in EVENTS:
        yield event


@app.get("/stream")
async def stream() -> StreamingResponse:
    return StreamingResponse(events(), content_type="text/event-stream")
