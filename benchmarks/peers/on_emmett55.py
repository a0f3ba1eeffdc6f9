"""Emmett55: no validation of its own, so pydantic is called by hand. It runs on granian's own interface, RSGI."""
# mypy: ignore-errors
# The peer is installed in its own environment, where no type checker looks.

from emmett55 import App, request, response
from emmett55.tools import service
from pydantic import TypeAdapter, ValidationError

from benchmarks.models import EVENTS, RECORDS, Order, Record, receipt_of

app = App(__name__)
_write_records = TypeAdapter(list[Record]).dump_json


@app.route("/plaintext")
async def plaintext():
    response.content_type = "text/plain; charset=utf-8"
    return "Hello, World!"


@app.route("/json")
@service.json
async def json():
    return {"message": "Hello, World!"}


@app.route("/users/<int:id>")
@service.json
async def user(id):
    query = request.query_params
    return {"id": id, "page": int(query.page or 1), "tags": query.tags}


@app.route("/orders", methods=["post"])
async def order():
    response.content_type = "application/json"
    try:
        found = Order.model_validate_json(await request.body)
    except ValidationError as error:
        response.status = 422
        return error.json()
    response.status = 201
    return receipt_of(found).model_dump_json()


@app.route("/records")
async def records():
    response.content_type = "application/json"
    return _write_records(RECORDS).decode()


@app.route("/upload", methods=["post"])
@service.json
async def upload():
    form, files = await request.body_params, await request.files
    return {"fields": len(form), "size": len(files.file.read())}


async def events():
    for event in EVENTS:
        yield event


@app.route("/stream")
async def stream():
    response.headers["content-type"] = "text/event-stream"
    return response.wrap_aiter(events())
