"""Sanic: no validation in the core, so pydantic is called by hand; its own server, one process."""
# ruff: noqa: ARG001 - handlers take the request
# mypy: ignore-errors
# The peer is installed in its own environment, where no type checker looks.

import sys

from pydantic import TypeAdapter, ValidationError
from sanic import Sanic, response

from benchmarks.models import EVENTS, RECORDS, Order, Record, receipt_of
from benchmarks.statics import FOLDER

app = Sanic("bench", configure_logging=False)
_write_records = TypeAdapter(list[Record]).dump_json


@app.get("/plaintext")
async def plaintext(request):
    return response.text("Hello, World!")


@app.get("/json")
async def json(request):
    return response.json({"message": "Hello, World!"})


@app.get("/users/<id:int>")
async def user(request, id: int):
    query = request.args
    return response.json({"id": id, "page": int(query.get("page", 1)), "tags": query.getlist("tags")})


@app.post("/orders")
async def order(request):
    try:
        found = Order.model_validate_json(request.body)
    except ValidationError as error:
        return response.raw(error.json(), 422, content_type="application/json")
    return response.raw(receipt_of(found).model_dump_json(), 201, content_type="application/json")


@app.get("/records")
async def records(request):
    return response.raw(_write_records(RECORDS), content_type="application/json")


@app.post("/upload")
async def upload(request):
    return response.json({"fields": len(request.form), "size": len(request.files.get("file").body)})


@app.get("/stream")
async def stream(request):
    answer = await request.respond(content_type="text/event-stream")
    for event in EVENTS:
        await answer.send(event)
    await answer.eof()


app.static("/static", FOLDER)


if __name__ == "__main__":
    host, port = sys.argv[1], int(sys.argv[2])
    app.run(host=host, port=port, single_process=True, access_log=False, motd=False)
