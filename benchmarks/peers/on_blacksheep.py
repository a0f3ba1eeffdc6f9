"""BlackSheep: it binds path, query and pydantic models; bytes that pydantic has written are handed to it as content."""
# mypy: ignore-errors
# The peer is installed in its own environment, where no type checker looks.

from blacksheep import Application, Content, Request, Response, StreamedContent, json, text
from pydantic import TypeAdapter

from benchmarks.models import EVENTS, RECORDS, Order, Record, receipt_of
from benchmarks.statics import FOLDER

app = Application(show_error_details=False)
get, post = app.router.get, app.router.post
_write_records = TypeAdapter(list[Record]).dump_json


@get("/plaintext")
async def plaintext():
    return text("Hello, World!")


@get("/json")
async def message():
    return json({"message": "Hello, World!"})


@get("/accounts/:id")
async def account(id: int):
    return json({"id": id})


@get("/users/:id")
async def user(id: int, page: int = 1, tags: list[str] = []):  # noqa: B006
    return json({"id": id, "page": page, "tags": tags})


@post("/orders")
async def order(data: Order):
    written = receipt_of(data).model_dump_json().encode()
    return Response(201, None, Content(b"application/json", written))


@get("/records")
async def records():
    return Response(200, None, Content(b"application/json", _write_records(RECORDS)))


@post("/upload")
async def upload(request: Request):
    form = await request.form()
    (file,) = form.pop("file")
    return json({"fields": len(form), "size": len(file.data)})


async def events():
    for event in EVENTS:
        yield event


@get("/stream")
async def stream():
    return Response(200, content=StreamedContent(b"text/event-stream", events))


app.serve_files(FOLDER, root_path="/static", extensions={".bin"})
