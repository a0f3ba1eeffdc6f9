"""Content that is kept: in memory while it is little, beyond that in a temporary file that has no name."""

from __future__ import annotations

import errno
import os
import sys
import tempfile
import threading
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Any, ClassVar

from ..concurrency import ThreadPool
from .openfile import OpenFile
from .servererrors import InsufficientStorage

__all__ = ["BLOCK", "IN_MEMORY", "Spool", "gather"]

#: How many bytes of files a form may bring before they are kept on disk.
IN_MEMORY = 1024 * 1024
#: How many bytes are read at once.
BLOCK = 256 * 1024
#: How many bytes wait in memory until they are written at once: the way to a thread costs little beside them.
_BATCH = 1024 * 1024
#: Chunks below this size are put together, because each would cost more than its bytes, up to blocks of so many bytes.
_SMALL, _GATHERED = 4096, 65536

#: How many blocks are written at once: POSIX lets a system take as few as 16, those that we run on take 1024.
_MOST_AT_ONCE = 1024

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class Spool:
    """What has come of a content, in order.

    It grows at the end, by :meth:`add`; every reader has a place of its own. The file belongs to whoever refers to it, a
    thread at work included, and is gone when nobody does: it never had a name.
    """

    #: Where files are written and read.
    pool: ClassVar[ThreadPool] = ThreadPool("wadjet-spool", 8)

    __slots__ = ("_blocks", "_file", "_is_closed", "_making", "_starts", "_stored", "is_for_disk", "size")

    def __init__(self) -> None:
        #: How many bytes there are.
        self.size = 0
        #: Whether a file is to take what is more than one batch.
        self.is_for_disk = False
        self._file: OpenFile | None = None
        #: Two threads may want it: one reader's, and that of another one, who may have been cancelled.
        self._making = threading.Lock()
        #: How many of the bytes are in the file.
        self._stored = 0
        #: The others, and the place where each block begins.
        self._blocks: list[bytes | bytearray] = []
        self._starts: list[int] = []
        self._is_closed = False

    def add(self, chunk: bytes | bytearray) -> None:
        """Take a chunk."""
        if gather(self._blocks, chunk):
            self._starts.append(self.size)
        self.size += len(chunk)

    async def settle(self, batch: int = _BATCH) -> None:
        """Write to the file what is to go there, if it is so many bytes.

        Raises:
            InsufficientStorage: there is no room for it.
            OSError: the machine has failed otherwise.
        """
        start = self._stored
        if not self.is_for_disk or self.size - start < batch:
            return
        # What a thread is writing must not grow.
        blocks = [bytes(block) for block in self._blocks]
        self._blocks[:] = blocks
        await self.pool.run(self._store, blocks, start)
        if self._stored == start:  # another reader may have done the same meanwhile
            self._stored += sum(map(len, blocks))
            del self._blocks[: len(blocks)]
            del self._starts[: len(blocks)]

    def _store(self, blocks: list[bytes], offset: int) -> None:
        """Write blocks at a place of the file; writing them twice does no harm."""
        try:
            with self._making:
                file = self._file = self._file or _nameless()
            rest = [memoryview(block) for block in reversed(blocks)]
            while rest:
                count = _write_at(file.descriptor, rest[: -_MOST_AT_ONCE - 1 : -1], offset)
                offset += count
                while rest and count >= len(rest[-1]):
                    count -= len(rest.pop())
                if count:
                    rest[-1] = rest[-1][count:]
        except OSError as error:
            if error.errno in _FULL:
                raise InsufficientStorage("There is no room for the files of this request.") from error
            raise

    async def read(self, offset: int, count: int = BLOCK) -> bytes:
        """Read bytes at a place; fewer than asked for only where they end, or where the file does.

        Raises:
            ValueError: it has been closed.
        """
        if self.is_in_memory(offset):
            return self.read_now(offset, count)
        return await self.pool.run(self.read_now, offset, count)

    def is_in_memory(self, offset: int) -> bool:
        """Tell whether reading at a place needs no file."""
        return offset >= self._stored or self._is_closed

    def read_now(self, offset: int, count: int) -> bytes:
        """Read bytes at a place as :meth:`read`; blocks where a file is read."""
        self._check_open()
        if offset >= self._stored:
            return self._gathered(offset, count)
        assert self._file is not None
        return self._file.read(offset, min(count, self._stored - offset))

    def _check_open(self) -> None:
        if self._is_closed:
            raise ValueError(
                "the request is over, and its files are closed; "
                "write `upload.detach()` before, and close the file when you are done"
            )

    def block(self, offset: int) -> bytes:
        """Return the rest of a block in memory, as it came if it begins there.

        Raises:
            ValueError: it has been closed.
        """
        self._check_open()
        index = bisect_right(self._starts, offset) - 1
        block, skipped = self._blocks[index], offset - self._starts[index]
        return bytes(block[skipped:] if skipped else block)

    def _gathered(self, offset: int, count: int) -> bytes:
        starts, end = self._starts, min(offset + count, self.size)
        if offset >= end:
            return b""
        first, beyond = bisect_right(starts, offset) - 1, bisect_left(starts, end)
        pieces: list[Any] = self._blocks[first:beyond]
        # The last one first: it may be the first one too.
        pieces[-1] = memoryview(pieces[-1])[: end - starts[beyond - 1]]
        pieces[0] = memoryview(pieces[0])[offset - starts[first] :]
        return b"".join(pieces)

    def share(self) -> Spool:
        """Return a twin that holds the same content, and is closed by itself.

        Raises:
            ValueError: it has been closed.
        """
        self._check_open()
        twin = Spool()
        twin.size, twin.is_for_disk = self.size, self.is_for_disk
        twin._file, twin._stored = self._file, self._stored
        twin._blocks, twin._starts = self._blocks[:], self._starts[:]
        return twin

    def close(self) -> None:
        """Let go of the content. A thread that is at work with the file closes it when it is done."""
        self._is_closed = True
        self._file = None
        self._blocks, self._starts = [], []


def gather(blocks: list[bytes | bytearray], chunk: bytes | bytearray) -> bool:
    """Put a chunk behind blocks, and tell whether it has become another one. Only the last block ever grows."""
    if len(chunk) >= _SMALL:
        blocks.append(chunk)
        return True
    last = blocks[-1] if blocks else b""
    if isinstance(last, bytearray) and len(last) < _GATHERED:
        # SECURITY: a chunk of a few bytes takes ten times their room.
        last += chunk
        return False
    blocks.append(bytearray(chunk))
    return True


def _nameless() -> OpenFile:
    with tempfile.TemporaryFile(prefix="wadjet-", buffering=0) as made:
        return OpenFile(os.dup(made.fileno()))


def _write_at(descriptor: int, blocks: Sequence[memoryview], offset: int) -> int:
    """Write some of some blocks at a place, at once where the system can, and return how many bytes it was."""
    if sys.platform == "win32":  # it has no pwrite
        os.lseek(descriptor, offset, os.SEEK_SET)
        return os.write(descriptor, blocks[0])
    if not hasattr(os, "pwritev"):  # macOS before 11
        return os.pwrite(descriptor, blocks[0], offset)
    return os.pwritev(descriptor, blocks, offset)
