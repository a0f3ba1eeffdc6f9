import asyncio
import errno
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wadjet.http import spool
from wadjet.http.exceptions import InsufficientStorage
from wadjet.http.openfile import OpenFile
from wadjet.http.spool import Spool


async def filled(chunks: list[bytes], *, for_disk: bool, batch: int = 10) -> Spool:
    found = Spool()
    found.is_for_disk = for_disk
    for chunk in chunks:
        found.add(chunk)
        await found.settle(batch)
    return found


async def contents(found: Spool) -> bytes:
    content, offset = b"", 0
    while piece := await found.read(offset, 7):
        content += piece
        offset += len(piece)
    return content


@given(st.lists(st.binary(min_size=1, max_size=12), max_size=12), st.booleans())
def test_what_was_added_is_there_in_memory_and_on_disk(chunks: list[bytes], for_disk: bool) -> None:
    async def run() -> None:
        found = await filled(chunks, for_disk=for_disk)
        whole = b"".join(chunks)
        assert found.size == len(whole)
        assert await contents(found) == whole
        for offset in range(len(whole)):
            here = await found.read(offset, 3)
            assert here
            assert whole[offset:].startswith(here)
            if found.is_in_memory(offset):
                assert whole[offset:].startswith(found.block(offset))
        assert await found.read(len(whole), 3) == b""
        found.close()

    asyncio.run(run())


def test_a_chunk_comes_back_as_it_came() -> None:
    large = b"x" * 5000
    found = Spool()
    found.add(large)
    assert found.block(0) is large


@pytest.mark.parametrize("offset", [0, 1, 4999, 5000, 5001, 9999, 14999, 15000, 15001])
@pytest.mark.parametrize("count", [0, 1, 5000, 5001, 10000, 20000])
def test_what_is_read_may_begin_and_end_in_any_block(offset: int, count: int) -> None:
    blocks = [bytes([number]) * 4990 + b"0123456789" for number in range(3)]
    found = asyncio.run(filled(blocks, for_disk=False))
    assert found.read_now(offset, count) == b"".join(blocks)[offset : offset + count]


def test_small_chunks_are_put_together() -> None:
    found = Spool()
    for _ in range(200_000):
        found.add(b"ab")
    assert len(found._blocks) <= 7
    assert found.read_now(199_999, 2) == b"ba"


def test_what_is_closed_says_what_to_do() -> None:
    async def run() -> None:
        for for_disk in (False, True):
            found = await filled([b"x" * 100], for_disk=for_disk)
            twin = found.share()
            found.close()
            with pytest.raises(ValueError, match=r"write `upload.detach\(\)` before"):
                await found.read(0)
            with pytest.raises(ValueError, match="detach"):
                found.share()
            with pytest.raises(ValueError, match="detach"):
                found.block(0)
            assert await twin.read(0) == b"x" * 100

    asyncio.run(run())


def test_two_readers_that_settle_at_once_write_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> None:
        found = Spool()
        found.is_for_disk = True
        found.add(b"abc")
        await asyncio.gather(found.settle(1), found.settle(1))
        found.add(b"def")
        await found.settle(1)
        assert await contents(found) == b"abcdef"

    asyncio.run(run())


def test_two_threads_that_want_the_file_at_once_get_the_same_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A write whose reader was cancelled goes on while the next one begins."""
    made: list[OpenFile] = []
    both = threading.Event()

    def nameless() -> OpenFile:
        made.append(make())
        both.wait(0.2)
        return made[-1]

    make = spool._nameless
    monkeypatch.setattr(spool, "_nameless", nameless)

    async def run() -> None:
        found = Spool()
        found.is_for_disk = True
        found.add(b"abc")
        first = asyncio.ensure_future(found.settle(1))
        await asyncio.sleep(0.01)
        first.cancel()
        await found.settle(1)
        assert len(made) == 1
        assert await contents(found) == b"abc"

    asyncio.run(run())


def test_a_file_is_open_as_long_as_somebody_refers_to_it_and_has_no_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    async def run() -> None:
        found = await filled([b"x" * 100], for_disk=True)
        descriptor = found._file.descriptor  # type: ignore[union-attr]  # it is on disk
        os.fstat(descriptor)
        assert list(tmp_path.iterdir()) == []
        twin = found.share()
        found.close()
        os.fstat(descriptor)
        twin.close()
        with pytest.raises(OSError):
            os.fstat(descriptor)

    asyncio.run(run())


def failing(number: int, calls: int) -> Callable[..., int]:
    """Return a write that takes a byte at a time and fails after so many calls."""
    left = [calls]

    def write(descriptor: int, blocks: Sequence[memoryview], offset: int) -> int:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(number, os.strerror(number))
        return os.pwrite(descriptor, blocks[0][:1], offset)

    return write


@pytest.mark.parametrize(
    ("number", "error"),
    [(errno.ENOSPC, InsufficientStorage), (errno.EDQUOT, InsufficientStorage), (errno.EIO, OSError)],
)
def test_a_disk_that_fails_is_an_error_and_nothing_is_lost(
    number: int, error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    """MP-93."""
    monkeypatch.setattr(spool, "_write_at", failing(number, 5))

    async def run() -> None:
        found = Spool()
        found.is_for_disk = True
        found.add(b"x" * 10)
        with pytest.raises(error) as caught:
            await found.settle(1)
        assert not isinstance(caught.value, InsufficientStorage) or caught.value.__cause__ is not None
        assert found.size == 10
        assert await contents(found) == b"x" * 10

    asyncio.run(run())


@pytest.mark.parametrize("has_pwritev", [True, False])
def test_many_blocks_are_written_however_many_the_system_takes_at_once(
    has_pwritev: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not has_pwritev:
        monkeypatch.delattr(os, "pwritev", raising=False)

    async def run() -> None:
        found = Spool()
        found.is_for_disk = True
        for number in range(1500):
            found.add(bytes([number % 256]) * 5000)
        await found.settle(1)
        assert not found.is_in_memory(0)
        found_again = await found.read(0, found.size + 1)
        assert found_again == b"".join(bytes([number % 256]) * 5000 for number in range(1500))

    asyncio.run(run())


def test_a_folder_that_cannot_be_written_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/nowhere")

    async def run() -> None:
        found = Spool()
        found.is_for_disk = True
        found.add(b"x")
        with pytest.raises(FileNotFoundError):
            await found.settle(1)

    asyncio.run(run())


def test_a_write_that_is_cancelled_is_written_again() -> None:
    async def run() -> None:
        found = Spool()
        found.is_for_disk = True
        found.add(b"abc")
        settling: asyncio.Task[Any] = asyncio.ensure_future(found.settle(1))
        await asyncio.sleep(0)
        settling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await settling
        found.add(b"def")
        await found.settle(1)
        assert await contents(found) == b"abcdef"

    asyncio.run(run())
