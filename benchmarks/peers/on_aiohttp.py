"""aiohttp: no validation of its own, so pydantic is called by hand; its own server, on uvloop."""
# ruff: noqa: ARG001 - handlers take the request
# mypy: ignore-errors
# The peer is installed in its own environment, where no type checker looks.

import sys

import uvloop
from aiohttp import web
from pydantic import TypeAdapter, ValidationError

from benchmarks.models import EVENTS, RECORDS, Order, Record, receipt_of
from benchmarks.statics import FOLDER

_write_records = TypeAdapter(list[Record]).dump_json
routes = web.RouteTableDef()


@routes.get("/plaintext")
async def plaintext(request):
    return web.Response(text="Hello, World!")


@routes.get("/json")
async def json(request):
    return web.json_response({"message": "Hello, World!"})


@routes.get(r"/users/{id:\d+}")
async def user(request):
    query = request.query
    found = {
        "id": int(request.match_info["id"]),
        "page": int(query.get("page", 1)),
        "tags": query.getall("tags", []),
    }
    return web.json_response(found)


@routes.post("/orders")
async def order(request):
    try:
        found = Order.model_validate_json(await request.read())
    except ValidationError as error:
        return web.Response(text=error.json(), status=422, content_type="application/json")
    written = receipt_of(found).model_dump_json()
    return web.Response(text=written, status=201, content_type="application/json")


@routes.get("/records")
async def records(request):
    return web.Response(body=_write_records(RECORDS), content_type="application/json")


@routes.post("/upload")
async def upload(request):
    form = await request.post()
    fields = sum(isinstance(value, str) for value in form.values())
    return web.json_response({"fields": fields, "size": len(form["file"].file.read())})


@routes.get("/stream")
async def stream(request):
    response = web.StreamResponse(headers={"content-type": "text/event-stream"})
    await response.prepare(request)
    for event in EVENTS:
        await response.write(event)
    await response.write_eof()
    return response


if __name__ == "__main__":
    app = web.Application(client_max_size=10 * 1024 * 1024)
    app.add_routes(routes)
    app.router.add_static("/static", FOLDER)
    options = {"access_log": None, "print": None, "loop": uvloop.new_event_loop()}
    web.run_app(app, host=sys.argv[1], port=int(sys.argv[2]), **options)
