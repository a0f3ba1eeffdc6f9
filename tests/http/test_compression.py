import asyncio
import gzip
import importlib
import threading
import zlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.driving import Sent, exchange, run
from wadjet import BaseMiddleware, FileResponse, Request, Response, Wadjet
from wadjet.http import compression
from wadjet.http.compression import (
    CODINGS,
    Encoder,
    encode_chunks,
    encode_whole,
    encoder_for,
    is_compressible,
    is_encodable,
    mark_encoded,
)
from wadjet.http.headers import MutableHeaders

TEXT = b"all work and no play makes a dull server; " * 100


def installed(coding: str) -> Any:
    """The module of a coding; without it the test is skipped: a server without it does without it too."""
    names = {
        "zstd": ("compression.zstd", "backports.zstd"),
        "br": ("brotli", "brotlicffi"),
        "gzip": ("gzip",),
    }
    for name in names[coding]:
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    pytest.skip(f"{coding} is not installed")


def encoder(coding: str = "gzip") -> Encoder:
    found = encoder_for(coding)
    assert found is not None
    return found


# -- which coding -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, None),
        ("", None),
        ("gzip", "gzip"),
        ("gzip;q=0", None),
        ("identity", None),
        ("notgzip", None),
        ("gzipped, br;q=0", None),
        ("GZIP", "gzip"),
        ("gzip, deflate, br, zstd", "gzip"),
        ("*", "gzip"),
        ("*;q=0", None),
        ("gzip;q=0.5, identity", None),
        ("gzip;q=0.5", "gzip"),
        ("gzip;q=2", None),
        ("gzip, " * 200, None),
    ],
    ids=[
        "GZ-14 absent",
        "empty",
        "GZ-13 gzip",
        "GZ-03 forbidden",
        "GZ-05 identity",
        "GZ-06 contains gzip",
        "GZ-07 starts with gzip",
        "GZ-08 capitals",
        "GZ-09 browser",
        "anything",
        "nothing",
        "identity first",
        "weighted",
        "malformed",
        "too many",
    ],
)
def test_gzip_is_for_clients_that_take_it(accept: str | None, chosen: str | None) -> None:
    found = encoder_for(accept, ("gzip",))
    assert (found and found.coding) == chosen


def test_the_client_s_weights_come_before_our_preference() -> None:
    for coding in CODINGS:
        installed(coding)
    assert encoder("gzip, deflate, br, zstd").coding == "zstd"
    assert encoder("gzip, br;q=0.9").coding == "gzip"
    assert encoder("gzip, br").coding == "br"


def test_what_is_not_installed_is_not_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Any:
        if name.partition(".")[0] in {"compression", "backports", "brotli", "brotlicffi"}:
            raise ImportError(name)
        return zlib

    monkeypatch.setattr("importlib.import_module", missing)
    compression._module.cache_clear()
    assert encoder("zstd, br, gzip;q=0.1").coding == "gzip"
    monkeypatch.undo()
    compression._module.cache_clear()


# -- encoders -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("coding", CODINGS)
def test_what_is_encoded_can_be_decoded(coding: str) -> None:
    module = installed(coding)
    machine = encoder(coding)
    encoded = machine.feed(TEXT) + machine.feed(b"end") + machine.finish()
    assert module.decompress(encoded) == TEXT + b"end"
    assert len(encoded) < len(TEXT)


@pytest.mark.parametrize(
    ("coding", "reader"),
    [
        ("gzip", lambda module: zlib.decompressobj(31).decompress),
        ("br", lambda module: module.Decompressor().process),
        ("zstd", lambda module: module.ZstdDecompressor().decompress),
    ],
)
def test_what_is_flushed_can_be_read_at_once(
    coding: str, reader: Callable[[Any], Callable[[bytes], bytes]]
) -> None:
    read = reader(installed(coding))
    machine = encoder(coding)
    for event in (b"one", b"two", b"three"):
        assert read(machine.feed(event) + machine.flush()) == event
    assert read(machine.finish()) == b""


def test_equal_content_is_equal_bytes() -> None:
    no_date = bytes(4)
    assert encoder().finish()[4:8] == no_date


@given(st.lists(st.binary(max_size=200)))
@settings(max_examples=40)
def test_chunks_are_those_of_the_content(chunks: list[bytes]) -> None:
    async def content() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    async def encode() -> list[bytes]:
        return [piece async for piece in encode_chunks(content(), encoder(), flushes=True)]

    pieces = asyncio.run(encode())
    assert gzip.decompress(b"".join(pieces)) == b"".join(chunks)
    assert len(pieces) == len([chunk for chunk in chunks if chunk]) + 1


def test_much_is_encoded_in_a_thread() -> None:
    threads: list[bool] = []

    class Watching:
        coding = "watched"

        def feed(self, data: bytes) -> bytes:
            threads.append(threading.current_thread() is threading.main_thread())
            return data

        def flush(self) -> bytes:
            return b""

        finish = flush

    async def content() -> AsyncIterator[bytes]:
        yield b"a" * 100_000
        yield b"a"

    async def encode() -> None:
        assert await encode_whole(b"a" * 100_000, Watching()) == b"a" * 100_000
        assert await encode_whole(b"a", Watching()) == b"a"
        assert len([piece async for piece in encode_chunks(content(), Watching(), flushes=False)]) == 3

    asyncio.run(encode())
    assert threads == [False, True, False, True]


# -- what may be encoded ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "fields", "may"),
    [
        (200, {}, True),
        (404, {"cache-control": "max-age=1"}, True),
        (204, {}, False),
        (205, {}, False),
        (304, {}, False),
        (206, {"content-range": "bytes 0-1/9"}, False),
        (416, {"content-range": "bytes */9"}, False),
        (200, {"content-encoding": "br"}, False),
        (200, {"cache-control": "public, No-Transform"}, False),
    ],
)
def test_content_that_may_not_be_changed_is_not(status: int, fields: dict[str, str], may: bool) -> None:
    response: Response[None] = Response(None, status, fields)
    assert is_encodable(status, response.headers) is may
    before = list(response.raw_headers)
    response.encode_with(encoder())
    assert (response.encoder is not None) is may
    assert (response.raw_headers == before) is not may


@pytest.mark.parametrize(
    ("content_type", "does"),
    [
        (None, False),
        ("text/html; charset=utf-8", True),
        ("application/json", True),
        ("image/svg+xml", True),
        ("image/PNG", False),
        ("video/mp4", False),
        ("font/woff2", False),
        ("application/octet-stream", False),
        ("application/zip", False),
    ],
)
def test_what_is_dense_already_is_not_worth_it(content_type: str | None, does: bool) -> None:
    assert is_compressible(content_type) is does


def test_the_fields_tell_of_the_content_that_leaves() -> None:
    headers = MutableHeaders()
    headers.extend(
        [
            ("etag", '"v1"'),
            ("content-length", "9"),
            ("accept-ranges", "bytes"),
            ("vary", "Origin"),
            ("content-md5", "x"),
        ]
    )
    mark_encoded(headers, "gzip")
    assert dict(headers) == {"etag": 'W/"v1"', "vary": "Origin, Accept-Encoding", "content-encoding": "gzip"}


# -- a hook that encodes, fused and around any application --------------------------------------------------------------------


class Encoding(BaseMiddleware):
    def after(self, request: Request, response: Any) -> None:
        found = encoder_for(request.headers.joined("accept-encoding"), ("gzip",))
        if found is not None:
            response.encode_with(found)


def application(*middleware: Any) -> Wadjet:
    app = Wadjet(middleware=middleware)

    @app.get("/whole")
    async def whole() -> Any:
        return TEXT.decode(), {"etag": '"v1"'}

    @app.get("/large")
    async def large() -> str:
        return TEXT.decode() * 50

    @app.get("/stream")
    async def stream() -> AsyncIterator[str]:
        yield "one"
        yield "two"

    @app.get("/file")
    async def file() -> FileResponse:
        return FileResponse(__file__)

    @app.get("/empty")
    async def empty() -> None:
        return None

    @app.get("/encoded")
    async def encoded() -> Any:
        return b"encoded", {"content-encoding": "br"}

    return app


def decoded(sent: Sent) -> Sent:
    if sent.field(b"content-encoding") == b"gzip" and sent.body:
        return sent._replace(body=gzip.decompress(sent.body))
    return sent


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", ["/whole", "/large", "/stream", "/file", "/empty", "/encoded", "/nope"])
@pytest.mark.parametrize("layers", [1, 2])
def test_both_forms_of_a_hook_encode_alike(path: str, method: str, layers: int) -> None:
    """GZ-15, GZ-17, GZ-18, GZ-20, GZ-23."""
    fused = application(*[Encoding] * layers)
    around: Any = application()
    for _ in range(layers):
        around = Encoding(around)
    accept = [("accept-encoding", "gzip")]
    one, other = run(fused, method, path, headers=accept), run(around, method, path, headers=accept)
    assert decoded(one) == decoded(other) or path == "/nope"
    assert (one.status, {name for name, _ in one.fields}) == (
        other.status,
        {name for name, _ in other.fields},
    )
    plain = run(application(), method, path)
    assert decoded(one).body == plain.body or path == "/nope"
    if one.body and one.field(b"content-length"):
        assert one.field(b"content-length") == b"%d" % len(one.body)
    assert run(fused, method, path).body == plain.body


def test_each_chunk_of_a_stream_can_be_read_when_it_comes() -> None:
    async def read(app: Any) -> None:
        reader = zlib.decompressobj(31)
        seen: list[bytes] = []

        async def send(message: Any) -> None:
            if message.get("body"):
                seen.append(reader.decompress(message["body"]))

        from tests.driving import http_scope

        async def receive() -> Any:
            await asyncio.sleep(60)

        await app(http_scope(target="/stream", headers=[("accept-encoding", "gzip")]), receive, send)
        assert [piece for piece in seen if piece] == [b"one", b"two"]

    asyncio.run(read(application(Encoding)))
    asyncio.run(read(Encoding(application())))


def test_the_first_of_two_encoders_counts() -> None:
    response = Response("text")
    first = encoder()
    response.encode_with(first)
    response.encode_with(encoder())
    assert response.encoder is first
    assert response.headers["content-encoding"] == "gzip"


def test_a_failure_after_the_head_was_held_back_is_still_an_error() -> None:
    class Failing(BaseMiddleware):
        def after(self, request: Request, response: Any) -> None:
            response.encode_with(encoder())
            raise RuntimeError("boom")

    sent = asyncio.run(exchange(Failing(application()), "GET", "/whole"))
    assert sent.status == 500
    assert sent.field(b"content-encoding") is None
