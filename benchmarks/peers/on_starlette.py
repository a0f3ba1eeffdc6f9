"""Starlette: no validation of its own, so pydantic is called by hand."""
# mypy: ignore-errors
# ruff: noqa: ARG001 - endpoints take the request
# The peer is installed in its own environment, where no type checker looks.

from __future__ import annotations

from pydantic import TypeAdapter, ValidationError
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from benchmarks.models import EVENTS, RECORDS, Order, Record, receipt_of
from benchmarks.statics import FOLDER

_write_records = TypeAdapter(list[Record]).dump_json


async def plaintext(request):
    return PlainTextResponse("Hello, World!")


async def json(request):
    return JSONResponse({"message": "Hello, World!"})


async def account(request):
    return JSONResponse({"id": request.path_params["id"]})


async def user(request):
    query = request.query_params
    page, tags = int(query.get("page", 1)), query.getlist("tags")
    return JSONResponse({"id": request.path_params["id"], "page": page, "tags": tags})


async def order(request):
    try:
        found = Order.model_validate_json(await request.body())
    except ValidationError as error:
        return Response(error.json(), 422, media_type="application/json")
    return Response(receipt_of(found).model_dump_json(), 201, media_type="application/json")


async def records(request):
    return Response(_write_records(RECORDS), media_type="application/json")


async def upload(request):
    async with request.form() as form:
        fields = sum(isinstance(value, str) for value in form.values())
        return JSONResponse({"fields": fields, "size": len(await form["file"].read())})


async def events():
    for event in EVENTS:
        yield event


async def stream(request):
    return StreamingResponse(events(), media_type="text/event-stream")


app = Starlette(
    routes=[
        Route("/plaintext", plaintext),
        Route("/json", json),
        Route("/accounts/{id:int}", account),
        Route("/users/{id:int}", user),
        Route("/orders", order, methods=["POST"]),
        Route("/records", records),
        Route("/upload", upload, methods=["POST"]),
        Route("/stream", stream),
        Mount("/static", StaticFiles(directory=FOLDER)),
    ]
)
