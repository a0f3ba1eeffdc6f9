"""The application that the wire scenarios ask. As a program it serves where WADJET_PORT says: ``app.py LANE LOOP``."""

from __future__ import annotations

import asyncio
import contextvars
import dataclasses
import os
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any

from tests.scenarios.caches import CACHED
from tests.scenarios.conditions import CONTENT, MODIFIED
from tests.scenarios.files import PAGE, PAGE_GZ
from tests.scenarios.guards import GUARDED, MOUNTED
from tests.scenarios.lives import RECORDED, TOLD, prepare
from tests.scenarios.sessions import REMEMBERED
from tests.scenarios.users import KNOWN
from tests.scenarios.views import Shelf
from wadjet import (
    Error,
    EventSourceResponse,
    File,
    FileResponse,
    GZipResponse,
    HTTPException,
    JSONLinesResponse,
    JSONResponse,
    RedirectResponse,
    Request,
    Response,
    ServerSentEvent,
    Settings,
    StreamingResponse,
    UploadFile,
    Wadjet,
)
from wadjet.http.dates import parse_date
from wadjet.http.exceptions import Gone, SeeOther
from wadjet.http.preconditions import check_preconditions
from wadjet.middleware import (
    CORSMiddleware,
    RequestIdMiddleware,
    SecurityMiddleware,
    ServerErrorMiddleware,
    build_middleware_stack,
)
from wadjet.types import Receive, Scope, Send

__all__ = ["app"]


@dataclasses.dataclass(frozen=True)
class ScenarioSettings(Settings):
    """A limit that a test can reach."""

    MAX_BODY_SIZE: int = 1 << 20


app = Wadjet(ScenarioSettings)
WHO: contextvars.ContextVar[str | None] = contextvars.ContextVar("who", default=None)
#: What happened to streams and slow handlers, by the id that the client gave them.
OUTCOMES: dict[str, str] = {}
RUNNING: set[object] = set()
#: What happened so often: requests that are held, or bytes that were made.
COUNTS: Counter[str] = Counter()
#: What is waited for until a request to ``/release`` comes.
GATES: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)


# -- what was asked ---------------------------------------------------------------------------------------------------------


@app.get("/ping")
async def ping() -> str:
    return "pong"


@app.get("/param/{name}")
async def one_segment(name: str) -> Any:
    return {"name": name}


@app.get("/param/{first}/{second}")
async def two_segments(first: str, second: str) -> Any:
    return {"first": first, "second": second}


@app.get("/int/{number:int}")
async def integer(number: int) -> Any:
    return {"digits": len(f"{number:x}")}


@app.route("/echo", methods=["GET", "POST"])
async def echo(request: Request) -> Any:
    return {
        "method": request.method,
        "args": [*request.query_params.items()],
        "headers": [
            [name.decode(), value.decode("latin-1")]
            for name, value in request.raw_headers
            if name not in {b"connection", b"content-length", b"transfer-encoding"}  # these are the hop's
        ],
        "probe": request.headers.getall("X-A"),
        "host": request.host,
        "url": str(request.url),
        "url_path": request.url.path,
        "client": request.client and request.client[0],
    }


@app.post("/json")
async def document(request: Request) -> Any:
    return await request.json()


@app.post("/body")
async def body(request: Request) -> Any:
    content = await request.body()
    return {"length": len(content), "ends": content[-4:].decode("latin-1")}


@app.post("/body/stream")
async def stream_body(request: Request, id: str) -> Any:
    OUTCOMES[id] = "reading"
    try:
        async for _ in request.stream():
            pass
    except BaseException as error:
        OUTCOMES[id] = type(error).__name__
        raise
    OUTCOMES[id] = "complete"
    return OUTCOMES[id]


@app.post("/form")
async def form(request: Request) -> Any:
    found = (await request.form()).multi_items()
    return {
        "pairs": [
            [name, value if isinstance(value, str) else [value.filename, value.content_type, value.size]]
            for name, value in found
        ]
    }


@app.post("/form/large", max_body_size=4 << 20)
async def large_form(request: Request) -> Any:
    upload = (await request.form())["f"]
    return {
        "size": upload.size,
        "disk": not upload.file.is_in_memory,
        "ends": (await upload.read())[-4:].decode(),
    }


@app.post("/form/blocking", max_body_size=4 << 20)
def blocking_form(f: UploadFile) -> Any:
    return {"size": f.size, "ends": f.value[-4:].decode()}


@app.post("/form/picture", max_body_size=1 << 40)
async def picture(
    f: Annotated[list[UploadFile], File(max_size=1000, content_types=["image/*"], max_length=2)],
) -> Any:
    return {"sizes": [each.size for each in f]}


@app.post("/form/parts", max_body_size=4 << 20)
async def parts(request: Request) -> Any:
    return {part.name: len(await part.read(max_size=4 << 20)) async for part in request.parts()}


@app.post("/decoded", content_encodings=["gzip"])
async def decoded(request: Request) -> Any:
    return {"length": len(await request.body())}


@app.post("/ignore")
async def ignore() -> str:
    return "ignored"


# -- what is answered -------------------------------------------------------------------------------------------------------


@app.get("/status/{code:int}")
async def status(code: int) -> Any:
    return Response("content", code)


@app.get("/header")
async def header(name: str, value: str) -> Any:
    return "text", {name: value}


@app.get("/cl/{kind}")
async def wrong_length(kind: str) -> Any:
    length = {"long": "100", "short": "1", "right": "7"}[kind]
    return Response("content", headers={"content-length": length})


@app.get("/stream")
async def stream(n: int, size: int, delay: float = 0) -> AsyncIterator[bytes]:
    for _ in range(n):
        yield b"x" * size
        await asyncio.sleep(delay)


@app.get("/stream/empty")
async def stream_empty() -> AsyncIterator[str]:
    for chunk in ("a", "", "b"):
        yield chunk


@app.get("/stream/events", response_content_type="text/event-stream")
async def stream_events(n: int = 3) -> AsyncIterator[bytes]:
    for number in range(n):
        yield b"data: %d\n\n" % number
        if number % 2:
            await asyncio.sleep(0)


@app.get("/stream/boom")
async def stream_boom(length: int = 0) -> Any:
    async def generate() -> AsyncIterator[str]:
        yield "first"
        await asyncio.sleep(0.05)
        raise RuntimeError("midway")

    return StreamingResponse(generate(), headers={"content-length": str(length)} if length else None)


@app.get("/stream/boom-at-once")
async def stream_boom_at_once() -> AsyncIterator[str]:
    yield str(1 // 0)


@app.get("/stream/endless")
async def stream_endless(id: str, waits: bool = False) -> AsyncIterator[str]:
    OUTCOMES[id] = "open"
    try:
        yield "first"
        while True:
            await asyncio.sleep(3600 if waits else 0.01)
            yield "more"
    finally:
        OUTCOMES[id] = "closed"


@app.get("/outcome")
async def outcome(id: str) -> Any:
    return {"outcome": OUTCOMES.get(id), "running": len(RUNNING)}


@app.get("/etag")
async def tagged() -> Any:
    return "tagged", {"etag": '"one"'}


@app.post("/etag")
async def tagged_post() -> str:
    return "posted"


# -- files, compressed content, events --------------------------------------------------------------------------------------

PLACE = tempfile.TemporaryDirectory()
ROOT = Path(PLACE.name) / "files"


def _lay_out() -> None:
    """Lay files out inside and outside of the folder, with the same times in every process."""
    contents = {
        "files/hello.txt": b"abcdefghijklmnopqrstuvwxyz",
        "files/empty.txt": b"",
        "files/big.txt": b"abcdefghijklmnopqrstuvwxyz" * 10_000,
        "files/blob.unknownext": b"blob",
        "files/100%.txt": b"percent",
        "files/sub/inner.txt": b"inner",
        "files/page.css": PAGE,
        "files/page.css.gz": PAGE_GZ,
        "files/.env": b"secret: 3",
        "files/.git/config": b"secret: 4",
        "files/.well-known/security.txt": b"contact",
        "files/docs/index.html": b"<p>index",
        "files/ü€.txt": b"unicode",
        "files/what?.txt": b"question",
        "secret.txt": b"secret: 1",
        "files-secret/secret.txt": b"secret: 2",
    }
    for name, content in contents.items():
        path = Path(PLACE.name) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (1_700_000_000, 1_700_000_000))
    (ROOT / "link-in").symlink_to(ROOT / "hello.txt")
    (ROOT / "link-out").symlink_to(ROOT.parent / "secret.txt")
    (ROOT / "dir-out").symlink_to(ROOT.parent / "files-secret")
    os.mkfifo(ROOT / "fifo")


_lay_out()
app.static("/static", ROOT)


@app.get("/file/{name:path}")
async def file(name: str) -> FileResponse:
    return FileResponse(ROOT / name, allowed_dir=ROOT)


@app.get("/download")
async def download(name: str) -> FileResponse:
    return FileResponse(ROOT / "hello.txt", filename=name)


@app.get("/gzip/{kind}")
async def gzipped(kind: str) -> Response[Any]:
    if kind == "file":
        return GZipResponse(FileResponse(ROOT / "big.txt"))
    if kind == "stream":
        return GZipResponse(StreamingResponse(["one ", "two"], media_type="text/plain"))
    fields = {"encoded": {"content-encoding": "br"}, "etag": {"etag": '"v1"'}}.get(kind)
    return GZipResponse(Response("all work and no play " * 500, headers=fields))


@app.get("/events")
async def events(request: Request) -> EventSourceResponse:
    start = int(request.last_event_id or 0) + 1
    return EventSourceResponse([ServerSentEvent({"n": n}, "tick", str(n)) for n in range(start, 4)])


@app.get("/events/silent")
async def silent_events() -> EventSourceResponse:
    async def content() -> AsyncIterator[str]:
        yield "first"
        await asyncio.sleep(0.2)
        yield "second"

    return EventSourceResponse(content(), keep_alive=0.05)


@app.get("/documents")
async def documents() -> JSONLinesResponse:
    return JSONLinesResponse([{"n": 1}, None, "two"])


@app.get("/hints")
async def hints(request: Request) -> str:
    await request.send_early_hints(["</style.css>; rel=preload; as=style"])
    return "page"


@app.get("/hints/late")
async def late_hints(request: Request) -> AsyncIterator[str]:
    yield "too "
    await asyncio.sleep(0.01)
    await request.send_early_hints(["</style.css>; rel=preload"])
    yield "late"


# -- what has versions ------------------------------------------------------------------------------------------------------


@app.get("/versioned")
async def versioned() -> Any:
    return Response(
        CONTENT.decode(),
        etag="v1",
        last_modified=MODIFIED,
        vary="Accept",
        cache_control={"max_age": 60},
        conditional_response=True,
    )


@app.put("/versioned")
@app.post("/versioned")
async def write_version(request: Request, id: str) -> None:
    check_preconditions(request, etag="v1", last_modified=parse_date(MODIFIED))
    OUTCOMES[f"written {id}"] = "yes"


@app.get("/versioned/written")
async def was_written(id: str) -> str:
    return OUTCOMES.get(f"written {id}", "no")


@app.get("/versioned/not")
async def no_version() -> Any:
    return Response("nothing", 404, etag="v1", conditional_response=True)


# -- what a handler is told ---------------------------------------------------------------------------------------------------


@app.get("/told")
async def told(request: Request, attribute: str) -> Any:
    """Say what an attribute of the request is."""
    value = getattr(request, attribute)
    return JSONResponse(None if value is None else str(value))


@app.get("/told/changed")
async def changed(request: Request) -> Any:
    try:
        request.method = "PUT"
    except AttributeError as error:
        return JSONResponse(type(error).__name__)
    return JSONResponse(request.method)


@app.get("/told/by-another")
async def by_another(request: Request) -> Any:
    """Ask the same application something else, and say what it says."""
    other = request.copy()
    other.path_info = "/told"
    return await other.get_response(app)


# -- what waits --------------------------------------------------------------------------------------------------------------


@app.route("/hold", methods=["GET", "POST"])
async def hold(request: Request, id: str, reads: bool = False) -> Any:
    """Wait, and read the content only then, if at all."""
    COUNTS[id] += 1
    await GATES[id].wait()
    return {"length": len(await request.body()) if reads else None, "turn": COUNTS[id]}


@app.post("/stream/unread")
async def stream_unread() -> AsyncIterator[str]:
    yield "not "
    yield "read"


@app.get("/release")
async def release(id: str) -> str:
    GATES[id].set()
    return "released"


@app.get("/count")
async def count(id: str) -> Any:
    return {"count": COUNTS[id], "outcome": OUTCOMES.get(id)}


@app.get("/produce")
async def produce(id: str, n: int, size: int) -> AsyncIterator[bytes]:
    """Make content as fast as somebody takes it, and count."""
    OUTCOMES[id] = "open"
    try:
        for _ in range(n):
            COUNTS[id] += size
            yield b"x" * size
    finally:
        OUTCOMES[id] = "closed"


@app.get("/large")
async def large(size: int) -> bytes:
    return b"x" * size


# -- what goes wrong --------------------------------------------------------------------------------------------------------


class Unspeakable(Exception):
    """Cannot even say what it is."""

    def __str__(self) -> str:
        raise RuntimeError("no words")


@app.route("/boom", methods=["GET", "POST"])
async def boom() -> None:
    raise RuntimeError("secret")


@app.get("/boom/group")
async def boom_group() -> None:
    raise ExceptionGroup("several", [ValueError("secret"), KeyError("secret")])


@app.get("/boom/str")
async def boom_str() -> None:
    raise Unspeakable


@app.get("/boom/none")
async def boom_none() -> None:
    return None


@app.get("/http-error/{code:int}")
async def http_error(code: int, detail: str) -> None:
    raise Error(code, detail) if code >= 400 else HTTPException(code, detail)


@app.get("/redirect")
async def redirect(to: str, status: int) -> Any:
    return RedirectResponse(to, status)


@app.get("/redirect/raise")
async def redirect_by_raising(to: str) -> None:
    raise SeeOther(to)


@app.get("/redirect/safe")
async def redirect_safely(request: Request, next: str) -> Any:
    return RedirectResponse(request.safe_url(next), 303)


app.mount("/gone", Gone("Use /v2."))
debug = Wadjet(debug=True)


@debug.get("/boom")
async def debug_boom(request: Request) -> None:
    raise RuntimeError(str(request.query_params.get("x")))


app.mount("/debug", debug)


class SameId(RequestIdMiddleware):
    """Gives every request one id."""

    def before(self, request: Request) -> None:
        request.state["request_id"] = "the-same"


FIELDS: list[Any] = [
    SameId,
    (SecurityMiddleware, {"allowed_hosts": ["*"]}),
    (CORSMiddleware, {"allowed_origins": ["https://app.test"]}),
]
fused = Wadjet(middleware=FIELDS)


@fused.get("/boom")
async def fused_boom() -> None:
    raise RuntimeError("secret")


async def foreign_boom(scope: Scope, receive: Receive, send: Send) -> None:
    raise RuntimeError("secret")


app.mount("/fused", fused)
app.mount("/foreign", build_middleware_stack(foreign_boom, [ServerErrorMiddleware, *FIELDS]))


# -- who is asking ----------------------------------------------------------------------------------------------------------


@app.get("/context")
async def context(request: Request, set: str | None = None, wait: float = 0) -> Any:
    if set is not None:
        WHO.set(set)
        request.state["who"] = set
    await asyncio.sleep(wait)
    return {"context": WHO.get(), "state": request.state.get("who")}


@app.post("/mirror")
async def mirror(request: Request) -> Any:
    content = await request.body()
    await asyncio.sleep(0.01)
    return {"cookie": request.cookies.get("who"), "body": content.decode()}


@app.get("/sync-sleep")
def sync_sleep(s: float) -> str:
    time.sleep(s)
    return "slept"


@app.get("/sleep")
async def sleep(s: float) -> str:
    mark = object()
    RUNNING.add(mark)
    try:
        await asyncio.sleep(s)
    finally:
        RUNNING.discard(mark)
    return "slept"


Shelf.register(app, "/shelf")
app.include(KNOWN)
app.include(CACHED)
app.include(GUARDED)
app.mount("/behind", MOUNTED)
for _pages in (*REMEMBERED, *RECORDED):
    app.include(_pages)
app.mount("/told", TOLD)
app.on_startup(prepare)


if __name__ == "__main__":
    app.run(lane=sys.argv[1], loop=sys.argv[2], log_level="critical", access_log=False)
