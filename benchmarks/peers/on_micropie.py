"""MicroPie: handlers are methods; pydantic is called by hand."""
# mypy: ignore-errors
# The peer is installed in its own environment, where no type checker looks.

from micropie import App
from pydantic import TypeAdapter, ValidationError

from benchmarks.models import EVENTS, RECORDS, Order, Record, receipt_of

_write_records = TypeAdapter(list[Record]).dump_json
_TEXT = [("content-type", "text/plain; charset=utf-8")]
_JSON = [("content-type", "application/json")]
_EVENTS = [("content-type", "text/event-stream")]


async def events():
    for event in EVENTS:
        yield event


class Root(App):
    async def plaintext(self):
        return 200, "Hello, World!", _TEXT

    async def json(self):
        return {"message": "Hello, World!"}

    async def users(self, id):
        query = self.request.query_params
        try:
            found = {"id": int(id), "page": int(query["page"][0])}
        except ValueError:
            return 404, "Not Found", _TEXT
        return found | {"tags": query.get("tags", [])}

    async def orders(self):
        try:
            found = Order.model_validate(self.request.json())
        except ValidationError as error:
            return 422, error.json(), _JSON
        return 201, receipt_of(found).model_dump_json(), _JSON

    async def records(self):
        return 200, _write_records(RECORDS), _JSON

    async def upload(self, name, title, kind, file):
        size = 0
        while (chunk := await file["content"].get()) is not None:
            size += len(chunk)
        return {"fields": len((name, title, kind)), "size": size}

    async def stream(self):
        return 200, events(), _EVENTS


app = Root()
