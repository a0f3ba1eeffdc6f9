"""Falcon: responders of resources; no validation of models of its own, so pydantic is called by hand."""

# mypy: ignore-errors
# The peer is installed in its own environment, where no type checker looks.

import falcon
import falcon.asgi
from pydantic import TypeAdapter, ValidationError

from benchmarks.models import EVENTS, RECORDS, Order, Record, receipt_of
from benchmarks.statics import FOLDER

_write_records = TypeAdapter(list[Record]).dump_json


class Plaintext:
    async def on_get(self, req, resp):
        resp.content_type = falcon.MEDIA_TEXT
        resp.text = "Hello, World!"


class Json:
    async def on_get(self, req, resp):
        resp.media = {"message": "Hello, World!"}


class User:
    async def on_get(self, req, resp, id):
        page = req.get_param_as_int("page", default=1)
        resp.media = {"id": id, "page": page, "tags": req.get_param_as_list("tags") or []}


class Orders:
    async def on_post(self, req, resp):
        try:
            found = Order.model_validate_json(await req.stream.read())
        except ValidationError as error:
            raise falcon.HTTPUnprocessableEntity(description=str(error)) from None
        resp.status = falcon.HTTP_201
        resp.content_type = falcon.MEDIA_JSON
        resp.text = receipt_of(found).model_dump_json()


class Records:
    async def on_get(self, req, resp):
        resp.content_type = falcon.MEDIA_JSON
        resp.data = _write_records(RECORDS)


class Upload:
    async def on_post(self, req, resp):
        fields = size = 0
        async for part in await req.get_media():
            if part.filename is None:
                await part.text
                fields += 1
            else:
                size = len(await part.get_data())
        resp.media = {"fields": fields, "size": size}


async def events():
    for event in EVENTS:
        yield event


class Stream:
    async def on_get(self, req, resp):
        resp.content_type = "text/event-stream"
        resp.stream = events()


app = falcon.asgi.App()
app.add_route("/plaintext", Plaintext())
app.add_route("/json", Json())
app.add_route("/users/{id:int}", User())
app.add_route("/orders", Orders())
app.add_route("/records", Records())
app.add_route("/upload", Upload())
app.add_route("/stream", Stream())


app.add_static_route("/static", str(FOLDER))
