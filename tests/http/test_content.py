"""What a request brings, for every kind of reader."""

import asyncio
import errno
import gc
import gzip
import json
import os
import random
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.http.multiparts import form, part, pieces
from tests.http.scopes import receiving, scope
from wadjet import Request
from wadjet.errors import BodyNotRead
from wadjet.http import spool
from wadjet.http.body import Replay
from wadjet.http.exceptions import (
    ClientDisconnect,
    HTTPException,
    InsufficientStorage,
    MalformedBody,
    RequestEntityTooLarge,
    UnsupportedMediaType,
)
from wadjet.http.forms import FormLimits

MULTIPART = "multipart/form-data; boundary=BOUND"
LARGE = random.Random(1).randbytes(3_000_000)


class Plan:
    """What a request knows of its route."""

    app = None
    max_body_size = 100 << 20

    def __init__(self, limits: FormLimits = FormLimits(), encodings: tuple[str, ...] = ()) -> None:
        self.form_limits = limits
        self.content_encodings = encodings


def request(
    content: bytes, kind: str = MULTIPART, size: int = 65536, plan: Plan | None = None, **more: Any
) -> Request:
    headers = {"content-type": kind, "transfer-encoding": "chunked", **more.pop("headers", {})}
    found = Request(
        scope(method="POST", headers=headers), receiving(*(pieces(content, size) or [b""]), **more)
    )
    found.plan = plan or Plan()
    return found


def run(work: Callable[[], Awaitable[None]]) -> None:
    async def wrapped() -> None:
        await work()

    asyncio.run(wrapped())


async def pairs(found: Request) -> list[tuple[str, Any]]:
    return [
        (name, value if isinstance(value, str) else (value.filename, await value.read()))
        for name, value in (await found.form()).items()
    ]


def descriptors() -> int:
    """Count the files that have no name any more: those that contents are kept in."""
    return sum("(deleted)" in target for target in map(_target, os.listdir("/proc/self/fd")))


def _target(descriptor: str) -> str:
    try:
        return os.readlink(f"/proc/self/fd/{descriptor}")
    except OSError:  # it was that of the listing
        return ""


def test_fields_are_text_and_files_are_files_in_order() -> None:
    """MP-03."""

    async def work() -> None:
        found = request(form(part("a", "é".encode()), part("f", b"1", "f.txt"), part("a", b"2")), size=10)
        assert await pairs(found) == [("a", "é"), ("f", ("f.txt", b"1")), ("a", "2")]
        assert found.POST is await found.form()
        assert [*found.params] == ["a", "f", "a"]
        upload = found.POST["f"]
        assert (upload.name, upload.size, upload.headers["content-disposition"]) == (
            "f",
            1,
            'form-data; name="f"; filename="f.txt"',
        )

    run(work)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        pytest.param(
            part("a", b"+ADw-", None, "Content-Type: text/plain; charset=utf-7"), "+ADw-", id="MP-57"
        ),
        pytest.param(
            part("a", b"\xe9", None, "Content-Type: text/plain; charset=us-ascii"), "\ufffd", id="MP-58"
        ),
        pytest.param(
            part("a", b"\xe9", None, "Content-Type: text/plain; charset=latin-1"), "é", id="latin-1"
        ),
        pytest.param(part("a", b"\xff"), "\ufffd", id="MP-59"),
        pytest.param(part("_charset_", b"utf-7") + part("a", b"+ADw-"), "+ADw-", id="MP-61"),
        pytest.param(part("a", b"1", None, "Content-Type: application/json"), "1", id="a field with a type"),
    ],
)
def test_text_of_fields_is_read_or_replaced(written: bytes, value: str) -> None:
    async def work() -> None:
        assert (await request(form(written)).form())["a"] == value

    run(work)


def test_a_file_that_nobody_chose_is_left_out() -> None:
    async def work() -> None:
        found = await request(form(part("f", b"", ""), part("g", b"x", ""), part("h", b"", "h"))).form()
        assert [(name, file.filename, file.original_filename) for name, file in found.items()] == [
            ("g", "upload", ""),
            ("h", "h", "h"),
        ]

    run(work)


LIMITED = FormLimits(3, 2, 10, 15, 16, 8192)


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        pytest.param([part("a", b"1")] * 4, "more than 3 form fields", id="MP-73"),
        pytest.param([part("f", b"1", "f")] * 3, "more than 2 files", id="files"),
        pytest.param([part("a", b"x" * 11)], "a form field of more than 10 bytes", id="field"),
        pytest.param([part("a", b"x" * 8)] * 2, "form fields of more than 15 bytes", id="fields"),
    ],
)
def test_a_form_beyond_a_limit_is_a_413(parts: list[bytes], reason: str) -> None:
    async def work() -> None:
        within = (
            [*parts[:-1], part("f", b"y" * 100, "f")]
            if len(parts) > 1 and b"filename" not in parts[0]
            else []
        )
        assert len(await request(form(*within), plan=Plan(LIMITED)).form()) == len(within)
        for size in (1, 1000):
            with pytest.raises(RequestEntityTooLarge, match=reason):
                await request(form(*parts), size=size, plan=Plan(LIMITED)).form()

    run(work)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        pytest.param(form(part("a", b"1")), "multipart/form-data", id="MP-38"),
        pytest.param(form(part("a", b"1"))[:-12], MULTIPART, id="MP-43"),
        pytest.param(b"", MULTIPART, id="MP-41"),
    ],
)
def test_what_is_no_form_is_a_400_in_every_reader(content: bytes, kind: str) -> None:
    async def work() -> None:
        with pytest.raises(MalformedBody):
            await request(content, kind).form()
        with pytest.raises(MalformedBody):
            async for _ in request(content, kind).parts():
                pass
        buffered = request(content, kind)
        await buffered.body()
        with pytest.raises(MalformedBody):
            buffered.POST  # noqa: B018
        with pytest.raises(MalformedBody):
            await buffered.form()

    run(work)


async def after_form(found: Request) -> None:
    await found.form()


async def after_body(found: Request) -> None:
    await found.body()


async def after_buffer(found: Request) -> None:
    await found.buffer()


@pytest.mark.parametrize("first", [after_form, after_body, after_buffer])
@pytest.mark.parametrize("payload", [b"x" * 100, LARGE])
def test_whoever_reads_a_form_first_the_next_reader_gets_it_whole(
    first: Callable[[Request], Awaitable[None]], payload: bytes
) -> None:
    content = form(part("a", b"1"), part("f", payload, "f.bin"))

    async def work() -> None:
        found = request(content)
        await first(found)
        replayed: list[Any] = []
        replay = Replay(found.content)
        while not replayed or replayed[-1]["more_body"]:
            replayed.append(await replay())
        assert b"".join(message["body"] for message in replayed) == content
        assert await replay() == {"type": "http.disconnect"}
        assert b"".join([chunk async for chunk in found.stream()]) == content
        assert [part.name async for part in found.parts()] == ["a", "f"]
        twin = Request(found.scope, Replay(found.content))
        assert await pairs(twin) == [("a", "1"), ("f", ("f.bin", payload))]
        assert found.POST["f"].value == payload
        assert found.body_file.read(10) == content[:10]
        assert found.body_file.read() == content[10:]
        assert found.body_bytes == content
        assert await found.body() == content
        await found.finish()

    run(work)


def test_readers_of_a_form_may_take_turns() -> None:
    content = form(part("f", LARGE, "f.bin"))

    async def work() -> None:
        found = request(content, size=20_000)
        replay, parts = Replay(found.content), []
        first = await replay()
        reading = asyncio.ensure_future(found.form())
        parts.append(first["body"])
        while True:
            message = await replay()
            parts.append(message["body"])
            if not message["more_body"]:
                break
        assert (await reading)["f"].size == len(LARGE)
        assert b"".join(parts) == content
        await found.finish()

    run(work)


def test_what_was_streamed_away_is_not_there_any_more() -> None:
    async def work() -> None:
        found = request(form(part("a", b"1")))
        assert [part.name async for part in found.parts()] == ["a"]
        with pytest.raises(RuntimeError, match="streamed away"):
            await found.form()

    run(work)


@pytest.mark.parametrize(
    "content",
    [form(part("f", b"x" * (1 << 20), "f")), form(part("f", LARGE, "f")), form(part("f", b"x", "f"))],
)
def test_files_are_on_disk_above_a_mebibyte_and_closed_when_the_request_is_over(
    content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MP-92."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    async def work() -> None:
        gc.collect()
        before = descriptors()
        found = request(content)
        upload = (await found.form())["f"]
        assert (descriptors() > before) == (upload.size > 1 << 20)
        assert upload.file.is_in_memory == (upload.size <= 1 << 20)
        assert os.listdir(tmp_path) == []
        other = request(content)
        kept = (await other.form())["f"].detach()
        await found.finish()
        await other.finish()
        with pytest.raises(ValueError, match="the request is over"):
            await upload.read()
        assert len(await kept.read()) == upload.size
        await kept.close()
        assert descriptors() == before

    run(work)


def test_a_client_that_leaves_in_the_middle_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """BODY-15, BODY-24."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    async def work() -> None:
        gc.collect()
        before = descriptors()
        for read in (after_form, after_buffer):
            found = request(form(part("f", LARGE, "f"))[:-20], disconnects=True)
            with pytest.raises(ClientDisconnect):
                await read(found)
            assert found.content.spool is not None
            await found.finish()
            assert descriptors() == before
        with pytest.raises(ClientDisconnect):
            async for each in request(form(part("f", LARGE, "f"))[:-20], disconnects=True).parts():
                await each.read(max_size=len(LARGE))
        cancelled = request(form(part("f", LARGE, "f")))
        reading = asyncio.ensure_future(cancelled.form())
        await asyncio.sleep(0)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        await cancelled.finish()
        for _ in range(100):
            if descriptors() == before:
                break
            await asyncio.sleep(0.01)
        assert descriptors() == before

    run(work)


def test_a_full_disk_is_a_507_and_whoever_reads_next_still_gets_the_content(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """MP-93."""
    content = form(part("f", LARGE, "f"))

    def full(descriptor: int, blocks: Sequence[memoryview], offset: int) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    async def work() -> None:
        found = request(content)
        with monkeypatch.context() as patch:
            patch.setattr(spool, "_write_at", full)
            with pytest.raises(InsufficientStorage) as caught:
                await found.form()
        assert "No space left" in str(caught.value.__cause__)
        assert (await found.form())["f"].size == len(LARGE)
        await found.finish()

    run(work)


def test_a_request_that_lets_an_error_out_finishes_all_the_same() -> None:
    async def work() -> None:
        found = request(form(part("f", LARGE, "f")), plan=Plan(FormLimits(max_files=0)))
        with pytest.raises(RequestEntityTooLarge):
            await found.form()
        await found.finish()
        assert found.content.spool is not None
        with pytest.raises(ValueError, match="over"):
            await found.content.spool.read(0)

    run(work)


# -- part by part -----------------------------------------------------------------------------------------------------------


def test_parts_come_while_the_content_comes() -> None:
    content = form(part("a", b"1"), part("f", LARGE, "../f.bin", "Content-Type: image/png"), part("b", b"2"))
    taken = []

    async def work() -> None:
        found = request(content)
        receive = found._receive
        assert receive is not None

        async def counted() -> Any:
            message = await receive()
            taken.append(len(message["body"]))
            return message

        found._receive = counted
        async for each in found.parts():
            if each.name == "a":
                assert await each.text() == "1"
                assert repr(each) == "<Part 'a' >"
                assert (each.filename, each.original_filename, each.content_type) == (None, None, "")
            elif each.name == "f":
                assert (each.filename, each.original_filename) == ("f.bin", "../f.bin")
                assert (each.content_type, each.headers["content-type"]) == ("image/png", "image/png")
                assert sum(taken) < 70_000, "the client was read ahead of the handler"
                size = 0
                async for chunk in each:
                    size += len(chunk)
                    assert sum(taken) <= size + 2 * 65536
                assert size == len(LARGE)
                assert await each.read() == b""
            else:
                assert await each.read() == b"2"

    run(work)


def test_what_is_not_read_of_a_part_is_passed_over() -> None:
    async def work() -> None:
        found = request(form(part("f", LARGE, "f"), part("a", b"1")))
        assert [each.name async for each in found.parts()] == ["f", "a"]

    run(work)


def test_a_part_is_saved_and_counted(tmp_path: Path) -> None:
    import hashlib

    async def work() -> None:
        hasher = hashlib.sha256()
        async for each in request(form(part("f", LARGE, "f"))).parts():
            assert await each.save(tmp_path / "f", hasher=hasher) == len(LARGE)
        assert hasher.digest() == hashlib.sha256(LARGE).digest()
        with pytest.raises(MalformedBody):
            async for each in request(form(part("g", LARGE, "g"))[:-20]).parts():
                await each.save(tmp_path / "g")

    run(work)
    assert (tmp_path / "f").read_bytes() == LARGE
    assert os.listdir(tmp_path) == ["f"]


def test_a_part_that_is_too_much_for_memory_is_a_413() -> None:
    async def work() -> None:
        with pytest.raises(RequestEntityTooLarge, match="more than 10 bytes"):
            async for each in request(form(part("a", b"x" * 11)), plan=Plan(LIMITED)).parts():
                await each.read()
        for parts in ([part("a")] * 4, [part("f", b"", "f")] * 3):
            with pytest.raises(RequestEntityTooLarge, match="more parts"):
                async for _ in request(form(*parts), plan=Plan(LIMITED)).parts():
                    pass

    run(work)


def test_parts_of_what_is_no_multipart_form_are_a_415() -> None:
    for kind, told in (("application/json", "application/json"), ("", "of no type")):
        with pytest.raises(UnsupportedMediaType, match=told):
            request(b"{}", kind).parts()


# -- text, codings ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "content", "text"),
    [
        ("text/plain", "é".encode(), "é"),
        ("text/plain; charset=latin-1", b"\xe9", "é"),
        ('text/plain; charset="UTF-16"', "é".encode("utf-16"), "é"),
        ("text/plain; charset=Windows-1252", b"\x80", "€"),
        ("text/plain; charset=bogus", b"a", 415),
        ("text/plain; charset=zlib", b"a", 415),
        ("text/plain; charset=unicode_escape", b"a", 415),
        ("text/plain; charset=" + "x" * 9000, b"a", 415),
        ("text/plain; charset=us-ascii", b"\xe9", 400),
        ("text/plain", b"\xff", 400),
        ("text/plain; charset=utf-16", b"a", 400),
    ],
)
def test_text_is_read_in_the_charset_that_is_declared(kind: str, content: bytes, text: str | int) -> None:
    async def work() -> None:
        found = request(content, kind)
        if isinstance(text, str):
            assert await found.text() == text == found.text_body
            return
        with pytest.raises(HTTPException) as caught:
            await found.text()
        assert caught.value.status_code == text

    run(work)


@pytest.mark.parametrize("plan", [None, Plan(), Plan(encodings=("deflate",))])
def test_compressed_content_is_a_415_for_every_reader(plan: Plan | None) -> None:
    """BODY-12."""
    content = gzip.compress(b"[1]")

    async def work() -> None:
        found = request(content, "application/json", headers={"content-encoding": "gzip"})
        found.plan = plan
        for read in (found.body, found.json, found.text, found.form, found.buffer):
            with pytest.raises(UnsupportedMediaType) as caught:
                await read()
            assert caught.value.headers["accept-encoding"] == (
                ", ".join(plan.content_encodings) if plan and plan.content_encodings else "identity"
            )
        with pytest.raises(UnsupportedMediaType):
            found.stream()
        assert (await Replay(found.content)())["body"] == content, "plain ASGI code decodes for itself"

    run(work)


def test_a_coding_is_not_hidden_by_another_line_of_its_field() -> None:
    head = scope(method="POST", headers={"content-encoding": "gzip"})
    head["headers"].append((b"content-encoding", b"identity"))
    with pytest.raises(UnsupportedMediaType):
        Request(head, receiving(gzip.compress(b"[1]"))).stream()


def test_a_route_that_takes_a_coding_reads_what_was_meant() -> None:
    plan = Plan(encodings=("gzip",))
    document, content = json.dumps([1] * 1000).encode(), form(part("f", LARGE, "f"))

    async def work() -> None:
        headers = {"content-encoding": "GZip"}
        found = request(gzip.compress(document), "application/json", plan=plan, headers=headers)
        assert await found.json() == [1] * 1000 == found.json_body
        assert (await Replay(found.content)())["body"] == gzip.compress(document)
        streamed = request(gzip.compress(document), plan=plan, headers=headers)
        assert b"".join([chunk async for chunk in streamed.stream()]) == document
        uploaded = request(gzip.compress(content, 1), plan=plan, headers=headers)
        upload = (await uploaded.form())["f"]
        assert upload.value == LARGE
        assert await uploaded.readable().read() == content
        await uploaded.finish()
        with pytest.raises(ValueError, match="over"):
            upload.value  # noqa: B018

    run(work)


@pytest.mark.parametrize(
    "headers", [{"content-encoding": "identity"}, {"content-encoding": "gzip", "content-length": "0"}]
)
def test_what_is_not_compressed_is_read_as_it_is(headers: dict[str, str]) -> None:
    async def work() -> None:
        found = Request(scope(method="POST", headers=headers), receiving(b""))
        assert await found.body() == b""

    run(work)


def test_content_that_has_not_been_read_says_how() -> None:
    found = request(form(part("a", b"1")))
    for look in (lambda: found.POST, lambda: found.body_file, lambda: found.body_bytes, lambda: found.params):
        with pytest.raises(BodyNotRead, match=r"await request.body\(\)"):
            look()


def test_a_form_is_parsed_once_whoever_asks() -> None:
    async def work() -> None:
        found = request(b"a=1", "application/x-www-form-urlencoded")
        assert await found.form() is await found.form() is found.POST
        assert found.body_file is found.body_file
        limited = request(b"a=1&b=2&c=3&d=4", "application/x-www-form-urlencoded", plan=Plan(LIMITED))
        with pytest.raises(RequestEntityTooLarge, match="more than 3"):
            await limited.form()

    run(work)


@pytest.mark.parametrize(
    ("fields", "is_at_hand"),
    [
        ({"content-type": "application/json"}, True),
        ({}, True),
        ({"content-type": "Multipart/form-data; boundary=x"}, False),
        ({"content-type": "application/json", "content-encoding": "gzip"}, False),
        ({"content-encoding": "identity"}, False),
    ],
)
def test_content_that_is_there_as_it_was_sent_is_at_hand(fields: dict[str, str], is_at_hand: bool) -> None:
    request = Request.blank("/", method="POST", headers=fields)
    request.body = b"{}"
    assert request.is_at_hand() is is_at_hand
    if is_at_hand:
        assert request.body_bytes == b"{}"


def test_content_is_not_at_hand_before_it_has_come_or_beyond_the_limit() -> None:
    request = Request.blank("/", method="POST")
    request.body = b"{}"
    request.content.limit = 1
    assert not request.is_at_hand()
    assert not Request({"type": "http", "path": "/", "headers": []}).is_at_hand()


@pytest.mark.parametrize(
    ("kinds", "document"),
    [
        ([b"application/json"], b"{}"),
        ([b"text/plain", b"application/json"], b"{}"),
        ([b"application/json", b"text/plain"], None),
        ([b"application/json; charset=utf-8"], None),
        ([b"APPLICATION/JSON"], None),
        ([], None),
    ],
)
def test_content_at_hand_is_known_to_be_json_only_in_the_usual_words(
    kinds: list[bytes], document: bytes | None
) -> None:
    request = Request.blank("/", method="POST")
    request.body = b"{}"
    request.raw_headers.extend((b"content-type", kind) for kind in kinds)
    assert request.json_at_hand is None
    assert request.is_at_hand()
    assert request.json_at_hand == document
    assert (document is not None) is (request.header(b"content-type") == b"application/json")
    request.body = b"[]"  # what was made of the head is forgotten
    assert request.json_at_hand is None
