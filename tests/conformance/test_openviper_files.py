"""OpenViper's file, stream and gzip responses, table by table: what it answers and, where that is a defect, what ours does."""

from __future__ import annotations

import asyncio
import gzip
import os
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.driving import Sent, run
from wadjet import FileResponse, GZipResponse, JSONResponse, Response, StreamingResponse, Wadjet
from wadjet.http.headers import Headers

MOMENT = 1_700_000_000
DATE, LATER = "Tue, 14 Nov 2023 22:13:20 GMT", "Tue, 14 Nov 2023 22:14:20 GMT"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "ten.txt"
    path.write_bytes(b"0123456789")
    os.utime(path, (MOMENT, MOMENT))
    return path


def asked(response: Any, method: str = "GET", **fields: str) -> Sent:
    app = Wadjet()

    @app.get("/")
    async def handler() -> Response[Any]:
        made: Response[Any] = response
        return made

    return run(app, method, headers=[(name.replace("_", "-"), value) for name, value in fields.items()])


# -- FileResponse -------------------------------------------------------------------------------------------------------------


def test_the_fields_of_a_file(path: Path) -> None:
    sent = asked(FileResponse(path, filename='a"b.txt'))
    assert sent.field(b"content-type") == b"text/plain; charset=utf-8"
    assert sent.field(b"etag") == b'"%x-a"' % (MOMENT * 10**9)  # theirs has whole seconds
    assert sent.field(b"last-modified") == DATE.encode()
    assert (sent.field(b"accept-ranges"), sent.field(b"content-length")) == (b"bytes", b"10")
    assert (sent.field(b"content-disposition") or b"").startswith(b'attachment; filename="a\\"b.txt"')


#: The request's fields; what ours answers: status, content, Content-Range. What theirs answers is said where it differs.
REQUESTS: list[tuple[str, dict[str, str], int, bytes, bytes | None]] = [
    ("the tag", {"if_none_match": "ETAG"}, 304, b"", None),
    ("any tag", {"if_none_match": "*"}, 304, b"", None),
    ("a list of tags: theirs 200", {"if_none_match": '"x", ETAG'}, 304, b"", None),
    ("the weak tag: theirs 200", {"if_none_match": "W/ETAG"}, 304, b"", None),
    ("a later date", {"if_modified_since": LATER}, 304, b"", None),
    ("no date", {"if_modified_since": "soon"}, 200, b"0123456789", None),
    (
        "another tag and a later date: theirs 304",
        {"if_none_match": '"x"', "if_modified_since": LATER},
        200,
        b"0123456789",
        None,
    ),
    ("first to last", {"range": "bytes=2-4"}, 206, b"234", b"bytes 2-4/10"),
    ("to the end", {"range": "bytes=5-"}, 206, b"56789", b"bytes 5-9/10"),
    ("from the end", {"range": "bytes=-3"}, 206, b"789", b"bytes 7-9/10"),
    ("garbage", {"range": "garbage"}, 200, b"0123456789", None),
    ("last before first: theirs 416", {"range": "bytes=4-2"}, 200, b"0123456789", None),
    (
        "If-Range of another version: theirs 206",
        {"range": "bytes=2-4", "if_range": '"x"'},
        200,
        b"0123456789",
        None,
    ),
    ("If-Range of this version", {"range": "bytes=2-4", "if_range": "ETAG"}, 206, b"234", b"bytes 2-4/10"),
]


@pytest.mark.parametrize(
    ("fields", "status", "content", "content_range"),
    [row[1:] for row in REQUESTS],
    ids=[row[0] for row in REQUESTS],
)
def test_what_a_request_gets(
    path: Path, fields: dict[str, str], status: int, content: bytes, content_range: bytes | None
) -> None:
    tag = f'"{MOMENT * 10**9:x}-a"'
    sent = asked(FileResponse(path), **{name: value.replace("ETAG", tag) for name, value in fields.items()})
    assert (sent.status, sent.body, sent.field(b"content-range")) == (status, content, content_range)


@pytest.mark.parametrize("field", ["bytes=10-", "bytes=20-30", "bytes=-0"])
def test_what_is_beyond_the_end_is_a_416_with_a_length(path: Path, field: str) -> None:
    sent = asked(FileResponse(path), range=field)
    assert (sent.status, sent.field(b"content-range")) == (416, b"bytes */10")
    assert sent.field(b"content-length") == b"%d" % len(sent.body)


def test_several_ranges_are_several_parts(path: Path) -> None:
    sent = asked(FileResponse(path), range="bytes=0-1,4-5")
    assert sent.status == 206
    assert (sent.field(b"content-type") or b"").startswith(b"multipart/byteranges; boundary=")
    assert sent.body.count(b"Content-Range: bytes ") == 2


def test_head_has_the_length_and_no_content(path: Path) -> None:
    sent = asked(FileResponse(path), "HEAD")
    assert (sent.status, sent.field(b"content-length"), sent.body) == (200, b"10", b"")


@pytest.mark.parametrize("name", ["none.txt", ".", "../outside.txt"])
def test_what_cannot_be_sent_is_a_404_and_no_500(path: Path, name: str) -> None:
    (path.parent.parent / "outside.txt").write_text("secret")
    sent = asked(FileResponse(path.parent / name, allowed_dir=path.parent))
    assert sent.status == 404
    assert b"secret" not in sent.body


def test_a_folder_that_begins_with_the_name_of_the_allowed_one_is_another(tmp_path: Path) -> None:
    for name in ("files", "files-secret"):
        (tmp_path / name).mkdir()
    (tmp_path / "files-secret" / "a.txt").write_text("secret")
    response = FileResponse(tmp_path / "files" / "../files-secret/a.txt", allowed_dir=tmp_path / "files")
    assert asked(response).status == 404


def test_a_name_that_is_not_latin_is_sent(path: Path) -> None:
    sent = asked(FileResponse(path, filename="отчёт.pdf"))
    assert sent.status == 200
    assert b"filename*=UTF-8''%D0%BE" in (sent.field(b"content-disposition") or b"")


# -- StreamingResponse ----------------------------------------------------------------------------------------------------------


async def asynchronous() -> AsyncIterator[bytes]:
    yield b"a"
    yield b"b"


@pytest.mark.parametrize(
    "content",
    [asynchronous(), asynchronous, [b"a", b"b"], iter([b"a", b"b"]), lambda: [b"a", b"b"], ["a", "b"]],
    ids=["generator", "function", "list", "iterator", "callable", "text: theirs breaks off"],
)
def test_what_a_stream_is_made_of(content: Any) -> None:
    assert asked(StreamingResponse(content)).body == b"ab"


def test_a_plain_iterator_is_pulled_in_a_thread_and_not_on_the_loop() -> None:
    threads: set[int] = set()

    def content() -> Iterator[bytes]:
        threads.add(threading.get_ident())
        yield b"a"

    asked(StreamingResponse(content()))
    assert threads
    assert threading.main_thread().ident not in threads


# -- GZipResponse ---------------------------------------------------------------------------------------------------------------

TEXT = "all work and no play " * 100
ZIP = {"accept_encoding": "gzip"}


@pytest.mark.parametrize(("size", "is_compressed"), [(499, False), (500, False), (501, True)])
def test_more_than_the_minimum_is_compressed(size: int, is_compressed: bool) -> None:
    """The source document says above it; theirs compresses at it too."""
    sent = asked(GZipResponse(Response("a" * size)), **ZIP)
    assert (sent.field(b"content-encoding") == b"gzip") is is_compressed


@pytest.mark.parametrize(
    "media_type",
    [
        "image/jpeg",
        "image/png",
        "image/gif",
        "image/webp",
        "image/avif",
        "video/mp4",
        "audio/ogg",
        "application/zip",
        "application/gzip",
        "application/x-gzip",
        "application/pdf",
        "application/octet-stream",
    ],
)
def test_what_is_dense_is_not_compressed(media_type: str) -> None:
    sent = asked(GZipResponse(Response(TEXT, media_type=media_type)), **ZIP)
    assert (sent.field(b"content-encoding"), sent.body) == (None, TEXT.encode())


def test_w18_the_client_is_asked_vary_is_kept_and_the_head_is_there() -> None:
    response = GZipResponse(
        JSONResponse({"text": TEXT}, 201, {"vary": "Cookie", "etag": '"v1"'}), minimum_size=1
    )
    assert (response.status_code, response.headers["content-type"]) == (201, "application/json")
    plain, packed = asked(response), asked(response, **ZIP)
    assert (plain.status, plain.field(b"content-encoding")) == (201, None)
    assert plain.body == gzip.decompress(packed.body)
    assert packed.field(b"vary") == b"Cookie, Accept-Encoding"
    assert packed.field(b"etag") == b'W/"v1"'


def test_w18_what_is_encoded_is_not_encoded_again() -> None:
    sent = asked(GZipResponse(Response(TEXT, headers={"content-encoding": "br"})), **ZIP)
    assert (sent.field(b"content-encoding"), sent.body) == (b"br", TEXT.encode())


def test_w18_conditions_and_ranges_of_a_file_inside_hold(path: Path) -> None:
    response = GZipResponse(FileResponse(path), minimum_size=1)
    assert asked(response, if_none_match="*", **ZIP).status == 304
    part = asked(response, range="bytes=2-4", **ZIP)
    assert (part.status, part.body, part.field(b"content-encoding")) == (206, b"234", None)


def test_w18_a_stream_inside_is_not_collected() -> None:
    async def take_one() -> bytes:
        async def endless() -> AsyncIterator[str]:
            while True:
                yield TEXT

        response = GZipResponse(StreamingResponse(endless(), media_type="text/plain"))
        inner = response.unwrapped()
        response.compress(inner, Headers([(b"accept-encoding", b"gzip")]))
        assert inner.chunks is not None
        chunks: Any = aiter(inner.chunks)
        first: bytes = await anext(chunks)
        await inner.close()
        return first

    assert asyncio.run(take_one())[:2] == b"\x1f\x8b"
