"""OpenViper's uploads and bodies: what its document promises, and what of it was broken that is not here."""

from __future__ import annotations

import asyncio
import inspect
import io
from typing import Any

import pytest

from tests.http.multiparts import form, part, pieces
from tests.http.scopes import receiving, scope
from wadjet import Request, UploadFile, Wadjet
from wadjet.http.exceptions import ClientDisconnect
from wadjet.http.multidict import ImmutableMultiDict
from wadjet.testing import TestClient

MULTIPART = "multipart/form-data; boundary=BOUND"
URLENCODED = "application/x-www-form-urlencoded"


def answered(content: bytes, kind: str | None, read: str = "form", **headers: str) -> Any:
    """Return the answer to content that a handler reads by a method of the request."""
    app = Wadjet()

    @app.post("/")
    async def handler(request: Request) -> Any:
        found = await getattr(request, read)()
        if isinstance(found, ImmutableMultiDict):
            return [
                [name, value if isinstance(value, str) else value.filename] for name, value in found.items()
            ]
        return found if read == "json" else len(found)

    sent = headers if kind is None else {"content-type": kind, **headers}
    return TestClient(app, raise_server_exceptions=False).post("/", content=content, headers=sent)


#: What content gives: name, content, type, reader, and the status or the document of the answer.
BODIES: list[tuple[str, bytes, str | None, str, Any]] = [
    ("JSON of any type", b"[1]", "text/plain", "json", [1]),
    ("JSON of no type", b"[1]", None, "json", [1]),
    ("JSON null", b"null", "application/json", "json", None),
    ("no JSON", b"{", "application/json", "json", 400),
    ("empty JSON", b"", "application/json", "json", 400),
    ("W11 bytes that are not UTF-8", b'"\xff"', "application/json", "json", 400),
    ("W11 100000 nested arrays", b"[" * 100_000 + b"]" * 100_000, "application/json", "json", 400),
    ("NaN", b"NaN", "application/json", "json", 400),
    ("W11 too long", b"x" * (10 * 1024 * 1024 + 1), "text/plain", "body", 413),
    (
        "order across names",
        b"a=1&b=&a=2&c",
        URLENCODED,
        "form",
        [["a", "1"], ["b", ""], ["a", "2"], ["c", ""]],
    ),
    ("an escape that is no text", b"a=%ff", URLENCODED, "form", [["a", "\ufffd"]]),
    ("a raw byte that is no text", b"a=\xff", URLENCODED, "form", [["a", "\ufffd"]]),
    ("another type is an empty form", b"{}", "application/json", "form", []),
    ("W11 no boundary", form(part("a", b"1")), "multipart/form-data", "form", 400),
    ("W11 garbage", b"garbage", MULTIPART, "form", 400),
    ("no last delimiter", part("a", b"1") + part("b", b"2"), MULTIPART, "form", 400),
    ("W11 more than 100 files", form(*[part("f", b"", "f")] * 101), MULTIPART, "form", 413),
    ("100 files", form(*[part("f", b"", "f")] * 100), MULTIPART, "form", [["f", "f"]] * 100),
    ("no name", form(part("a", b"1")).replace(b'; name="a"', b""), MULTIPART, "form", 400),
    ("a text that is no text", form(part("a", b"\x89PNG")), MULTIPART, "form", [["a", "\ufffdPNG"]]),
]


@pytest.mark.parametrize(
    ("content", "kind", "read", "outcome"), [row[1:] for row in BODIES], ids=[row[0] for row in BODIES]
)
def test_content_gives(content: bytes, kind: str | None, read: str, outcome: Any) -> None:
    answer = answered(content, kind, read)
    if type(outcome) is int and outcome >= 400:
        assert answer.status_code == outcome
    elif outcome is None:
        assert answer.status_code == 204
    else:
        assert (answer.status_code, answer.json()) == (200, outcome)


MEMBERS = ["filename", "original_filename", "content_type", "file", "read", "seek", "close"]


@pytest.mark.parametrize("member", MEMBERS)
def test_an_upload_has_what_the_document_lists(member: str) -> None:
    assert hasattr(UploadFile("a", "text/plain", io.BytesIO(b"")), member)


def test_an_upload_is_made_of_name_type_and_file() -> None:
    assert list(inspect.signature(UploadFile).parameters)[:3] == ["filename", "content_type", "file"]
    assert UploadFile("a").content_type == "application/octet-stream"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../e vil.txt", "e vil.txt"),
        ("a\\b\\c.txt", "c.txt"),
        ("", "upload"),
        (".profile", "upload"),
        ("a\x01b", "ab"),
        ("x" * 300, "x" * 255),
    ],
)
def test_a_name_is_sanitised(sent: str, kept: str) -> None:
    assert (UploadFile(sent).filename, UploadFile(sent).original_filename) == (kept, sent)


def test_w8_nothing_is_reserved_for_a_length_that_was_only_announced() -> None:
    found = Request(scope(method="POST", headers={"content-length": "10000000"}), receiving(b"x"))
    assert found.content.chunks == []
    assert found.content.data is None


@pytest.mark.parametrize("read", ["body", "form", "json", "text"])
def test_w9_a_part_of_the_content_is_never_taken_for_the_whole(read: str) -> None:
    async def run() -> None:
        content = form(part("f", b"x" * 1000, "f"))
        headers = {"content-type": MULTIPART, "transfer-encoding": "chunked"}
        found = Request(
            scope(method="POST", headers=headers), receiving(*pieces(content[:-9], 100), disconnects=True)
        )
        with pytest.raises(ClientDisconnect):
            await getattr(found, read)()

    asyncio.run(run())


def test_w23_reading_what_is_on_disk_does_not_block_the_loop() -> None:
    import threading

    threads = set()

    class Hasher:
        def update(self, data: bytes, /) -> None:
            threads.add(threading.current_thread().name.rpartition("_")[0])

    async def run() -> None:
        content = form(part("f", b"x" * 3_000_000, "f"))
        headers = {"content-type": MULTIPART, "transfer-encoding": "chunked"}
        found = Request(scope(method="POST", headers=headers), receiving(*pieces(content, 65536)))
        await (await found.form())["f"].read(100, hasher=Hasher())
        await found.finish()

    asyncio.run(run())
    assert threads == {"wadjet-spool"}
