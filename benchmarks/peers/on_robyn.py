"""Robyn: its own server in Rust; pydantic is called by hand."""
# mypy: ignore-errors
# The peer is installed in its own environment, where no type checker looks.

import os

from pydantic import TypeAdapter, ValidationError
from robyn import Request, Response, Robyn, StreamingResponse

from benchmarks.models import EVENTS, RECORDS, Order, Record, receipt_of
from benchmarks.statics import FOLDER

app = Robyn(__file__)
_write_records = TypeAdapter(list[Record]).dump_json
_JSON = {"content-type": "application/json"}


@app.get("/plaintext")
async def plaintext():
    return "Hello, World!"


@app.get("/json")
async def json():
    return {"message": "Hello, World!"}


@app.get("/users/:id")
async def user(request: Request):
    query = request.query_params
    try:
        found = {"id": int(request.path_params["id"]), "page": int(query.get("page", "1"))}
    except ValueError:
        return Response(404, {"content-type": "text/plain"}, "Not Found")
    return found | {"tags": query.get_all("tags") or []}


@app.post("/orders")
async def order(request: Request):
    try:
        found = Order.model_validate_json(request.body)
    except ValidationError as error:
        return Response(422, _JSON, error.json())
    return Response(201, _JSON, receipt_of(found).model_dump_json())


@app.get("/records")
async def records():
    return Response(200, _JSON, _write_records(RECORDS))


@app.post("/upload")
async def upload(request: Request):
    (content,) = request.files.values()
    return {"fields": len(request.form_data), "size": len(content)}


async def events():
    for event in EVENTS:
        yield event.decode()


@app.get("/stream")
async def stream():
    return StreamingResponse(events(), media_type="text/event-stream")


app.serve_directory("/static", str(FOLDER))


if __name__ == "__main__":
    app.start(host=os.environ["HOST"], port=int(os.environ["PORT"]))
