"""Muffin: no validation of its own, so pydantic is called by hand."""
# ruff: noqa: ARG001 - handlers take the request
# mypy: ignore-errors
# The peer is installed in its own environment, where no type checker looks.

from muffin import Application, Response, ResponseStream
from pydantic import TypeAdapter, ValidationError

from benchmarks.models import EVENTS, RECORDS, Order, Record, receipt_of

app = Application()
_write_records = TypeAdapter(list[Record]).dump_json


@app.route("/plaintext")
async def plaintext(request):
    return Response("Hello, World!", content_type="text/plain; charset=utf-8")


@app.route("/json")
async def json(request):
    return {"message": "Hello, World!"}


@app.route("/users/{id:int}")
async def user(request):
    query = request.url.query
    page, tags = int(query.get("page", 1)), query.getall("tags", [])
    return {"id": request.path_params["id"], "page": page, "tags": tags}


@app.route("/orders", methods=["POST"])
async def order(request):
    try:
        found = Order.model_validate_json(await request.body())
    except ValidationError as error:
        return Response(error.json(), status_code=422, content_type="application/json")
    written = receipt_of(found).model_dump_json()
    return Response(written, status_code=201, content_type="application/json")


@app.route("/records")
async def records(request):
    return Response(_write_records(RECORDS), content_type="application/json")


@app.route("/upload", methods=["POST"])
async def upload(request):
    form = await request.form()
    file = form.pop("file")
    return {"fields": len(form), "size": len(file.read())}


async def events():
    for event in EVENTS:
        yield event


@app.route("/stream")
async def stream(request):
    return ResponseStream(events(), content_type="text/event-stream")
