"""The application that is put under faults: each route waits for something else."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator

from wadjet import Request, Wadjet

__all__ = ["BLOB_BYTES", "LARGE_BYTES", "SLOW_SECONDS", "app"]

SLOW_SECONDS = 1.0
LARGE_BYTES = 64 << 20
BLOB_BYTES = 8 << 20
_PIECE = b"x" * (64 << 10)
#: Written, so that its pages are there before anything is measured.
_BLOB = b"x" * BLOB_BYTES

app = Wadjet()


@app.get("/ping")
async def ping() -> str:
    return "pong"


@app.get("/pid")
async def pid() -> str:
    return str(os.getpid())


@app.get("/slow")
async def slow() -> str:
    await asyncio.sleep(SLOW_SECONDS)
    return "done"


@app.post("/upload")
async def upload(request: Request) -> dict[str, int]:
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
    return {"size": size}


@app.get("/blob", response_content_type="application/octet-stream")
async def blob() -> bytes:
    return _BLOB


@app.get("/large", response_content_type="application/octet-stream")
async def large() -> AsyncIterator[bytes]:
    for _ in range(LARGE_BYTES // len(_PIECE)):
        yield _PIECE


@app.get("/ticks", response_content_type="text/event-stream")
async def ticks() -> AsyncIterator[bytes]:
    while True:
        yield b"data: tick\n\n"
        await asyncio.sleep(0.01)
