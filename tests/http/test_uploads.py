import asyncio
import csv
import hashlib
import io
import os
import threading
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from wadjet import UploadFile
from wadjet.http.headers import Headers
from wadjet.http.spool import Spool
from wadjet.http.uploads import Replacing, SpooledFile

CONTENT = bytes(range(256)) * 40


def upload(content: bytes = CONTENT, *, on_disk: bool = False, **about: Any) -> UploadFile:
    """Return a file that stands in the middle of what is kept."""
    spool = Spool()
    spool.add(b"before" + content[:100])
    spool.add(content[100:] + b"after")
    if on_disk:
        spool.is_for_disk = True
        asyncio.run(spool.settle(1))
    about = {"filename": "../é.txt", "content_type": 'text/csv; header="present"', **about}
    return UploadFile.kept(spool, 6, len(content), **about)


EITHER_PLACE = pytest.mark.parametrize("on_disk", [False, True])


def test_it_says_what_the_client_says() -> None:
    found = upload(name="f", headers=Headers([(b"content-type", b"text/csv")]))
    assert (found.filename, found.original_filename, found.name) == ("é.txt", "../é.txt", "f")
    assert (found.content_type, found.type, found.type_options) == (
        'text/csv; header="present"',
        "text/csv",
        {"header": "present"},
    )
    assert (found.size, found.headers["Content-Type"]) == (len(CONTENT), "text/csv")
    assert repr(found) == "<UploadFile 'é.txt' text/csv; header=\"present\">"


def test_it_can_be_made_of_any_file() -> None:
    async def run() -> None:
        found = UploadFile("a.txt", file=io.BytesIO(b"abc"))
        assert found.content_type == "application/octet-stream"
        assert (found.size, await found.read(2), found.size, await found.read()) == (3, b"ab", 3, b"c")
        assert await UploadFile("a", "").detach().read() == b""

    asyncio.run(run())


@EITHER_PLACE
def test_it_is_read_in_pieces_and_from_any_place(on_disk: bool) -> None:
    found = upload(on_disk=on_disk)

    async def run() -> None:
        assert await found.read(3) == CONTENT[:3]
        assert found.size == len(CONTENT)
        assert await found.read() == CONTENT[3:]
        assert await found.read() == b""
        await found.seek(5)
        assert await found.read(2) == CONTENT[5:7]
        assert found.value == CONTENT
        await found.seek(len(CONTENT) + 5)
        assert await found.read() == b""

    asyncio.run(run())


@EITHER_PLACE
def test_a_digest_is_made_in_passing(on_disk: bool, tmp_path: Path) -> None:
    found, read, saved = upload(on_disk=on_disk), hashlib.sha256(), hashlib.sha256()

    async def run() -> None:
        while await found.read(100, hasher=read):
            pass
        await found.save(tmp_path / "a", hasher=saved)

    asyncio.run(run())
    assert read.digest() == saved.digest() == hashlib.sha256(CONTENT).digest()


@EITHER_PLACE
def test_saving_replaces_and_obeys_the_umask(on_disk: bool, tmp_path: Path) -> None:
    found, target = upload(on_disk=on_disk), tmp_path / "a"
    target.write_bytes(b"old")
    found.file.seek(7)
    asyncio.run(found.save(target))
    assert target.read_bytes() == CONTENT
    umask = os.umask(0)
    os.umask(umask)
    assert target.stat().st_mode & 0o777 == 0o666 & ~umask
    assert os.listdir(tmp_path) == ["a"]


def test_saving_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    class Failing:
        def update(self, data: bytes, /) -> None:
            raise OSError("disk")

    async def run() -> None:
        with pytest.raises(OSError, match="disk"):
            await upload().save(tmp_path / "a", hasher=Failing())
        with pytest.raises(FileNotFoundError):
            await upload().save(tmp_path / "no" / "a")
        (tmp_path / "folder").mkdir()
        with pytest.raises(OSError):
            await upload().save(tmp_path / "folder")

    asyncio.run(run())
    assert os.listdir(tmp_path) == ["folder"]


def test_what_is_cancelled_while_a_thread_writes_leaves_nothing_behind(tmp_path: Path) -> None:
    """The thread cannot be cancelled: it has its turn, and then the file goes."""
    begun, go = threading.Event(), threading.Event()

    class Slow:
        def update(self, data: bytes, /) -> None:
            begun.set()
            go.wait(60)

    target = Replacing(tmp_path / "a")
    writing = threading.Thread(target=target.write, args=(b"x", Slow()))
    writing.start()
    assert begun.wait(60)
    closing = threading.Thread(target=target.close)
    closing.start()
    go.set()
    writing.join()
    closing.join()
    with pytest.raises(ValueError, match="closed"):
        target.write(b"y")
    assert os.listdir(tmp_path) == []


@EITHER_PLACE
def test_what_is_detached_outlives_what_it_came_with(on_disk: bool) -> None:
    found, left = upload(on_disk=on_disk), upload(on_disk=on_disk)
    file: Any = found.file
    spool = file.raw.spool
    assert found.detach() is found
    spool.close()

    async def run() -> None:
        assert await found.read() == CONTENT
        left_file: Any = left.file
        left_file.raw.spool.close()
        with pytest.raises(ValueError, match=r"upload.detach\(\)"):
            await left.read()
        with pytest.raises(ValueError, match=r"upload.detach\(\)"):
            left.detach()

    asyncio.run(run())


def test_a_closed_file_is_closed() -> None:
    async def run() -> None:
        async with upload() as found:
            pass
        assert found.size == len(CONTENT)
        with pytest.raises(ValueError, match="closed"):
            await found.read()

    asyncio.run(run())


@given(
    st.binary(max_size=50),
    st.lists(
        st.tuples(st.sampled_from(["read", "read1", "peek", "seek", "end", "line"]), st.integers(-1, 60))
    ),
)
def test_the_file_is_a_file_as_any_other(content: bytes, steps: list[tuple[str, int]]) -> None:
    found: Any = upload(content).file
    other = io.BufferedReader(io.BytesIO(content))
    for step, number in steps:
        if step == "read":
            assert found.read(number) == other.read(number)
        elif step == "read1":
            taken = found.read1(number)
            assert other.read(len(taken)) == taken
            assert taken or number == 0 or not other.peek()
        elif step == "peek":
            assert other.peek().startswith(found.peek(max(number, 0))[: len(other.peek())])
        elif step == "line":
            assert found.readline() == other.readline()
        elif step == "end":
            assert found.seek(0, os.SEEK_END) == other.seek(0, os.SEEK_END)
        else:
            assert found.seek(abs(number)) == other.seek(abs(number))
        assert found.tell() == other.tell()


def test_a_place_before_the_beginning_is_refused() -> None:
    file = upload().file
    with pytest.raises(ValueError, match="no place -1"):
        file.seek(-1)
    file.seek(4)
    assert file.seek(-2, os.SEEK_CUR) == 2
    assert file.readable()
    assert file.seekable()


@EITHER_PLACE
def test_libraries_that_want_a_file_read_it(on_disk: bool) -> None:
    rows = [["a", "é"], ["b", "line\nbreak"]]
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    found = upload(text.getvalue().encode(), on_disk=on_disk)
    with io.TextIOWrapper(found.file, "utf-8", newline="") as lines:
        assert list(csv.reader(lines)) == rows
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.txt", CONTENT)
    with zipfile.ZipFile(upload(packed.getvalue(), on_disk=on_disk).file) as archive:
        assert archive.read("a.txt") == CONTENT


@EITHER_PLACE
def test_lines_are_read_in_few_steps(on_disk: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [b"a line\n", b"\n", b"x" * 10_000 + b"\n", *[b"one more\n"] * 1000, b"the end"]
    steps: list[int] = []
    read_now = Spool.read_now

    def counted(self: Spool, offset: int, count: int) -> bytes:
        steps.append(count)
        return read_now(self, offset, count)

    monkeypatch.setattr(Spool, "read_now", counted)
    assert list(upload(b"".join(lines), on_disk=on_disk).file) == lines
    assert len(steps) < 10


def test_a_spool_in_memory_needs_no_thread() -> None:
    assert SpooledFile(Spool(), 0, 0).is_in_memory


def test_a_file_in_a_schema_is_binary_text() -> None:
    assert TypeAdapter(UploadFile).json_schema() == {"type": "string", "format": "binary"}


def test_it_is_where_the_documents_say() -> None:
    from wadjet.http import request

    assert request.UploadFile is UploadFile
