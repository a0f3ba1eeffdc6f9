"""UploadFile: a file that came with a form."""

from __future__ import annotations

import io
import os
import secrets
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol, Self, TypeVar

from .filenames import sanitise_filename
from .headers import Headers
from .parameters import media_type, parse_parameters
from .spool import BLOCK, Spool

__all__ = ["Hasher", "Replacing", "SpooledFile", "UploadFile"]

T = TypeVar("T")


class Hasher(Protocol):
    """What takes bytes in passing, such as ``hashlib.sha256()``."""

    def update(self, data: bytes, /) -> object:
        """Take some."""


class Replacing:
    """A file that is written beside another one, and takes its place when it is whole.

    All but making it blocks, and runs in threads, one call after the other: who is cancelled goes on to :meth:`close` while the
    thread of the call before is still at work.

    Args:
        path: of the other one, which may be there or not.
    """

    __slots__ = ("_file", "_is_closed", "_part", "_path", "_turn")

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = path.with_name(f".{secrets.token_hex(8)}.part")
        self._file: io.FileIO | None = None
        self._is_closed = False
        self._turn = threading.Lock()

    def write(self, data: bytes, hasher: Hasher | None = None) -> None:
        """Write all of some bytes.

        Raises:
            OSError: they cannot be written there.
        """
        with self._turn:
            if hasher is not None:
                hasher.update(data)
            file, rest = self._opened(), memoryview(data)
            while rest:
                rest = rest[file.write(rest) :]

    def replace(self) -> None:
        """Take the place; raises as :meth:`write`."""
        with self._turn:
            self._opened().close()
            self._part.replace(self._path)

    def _opened(self) -> io.FileIO:
        if self._is_closed:
            raise ValueError("this file has been closed")
        if self._file is None:
            self._file = self._part.open("xb", buffering=0)
        return self._file

    def close(self) -> None:
        """Close the file; one that has not taken its place is removed."""
        with self._turn:
            self._is_closed = True
            if self._file is not None:
                self._file.close()
                self._part.unlink(missing_ok=True)


class _SpooledBytes(io.RawIOBase):
    """The bytes of a :class:`SpooledFile`; arguments as there."""

    def __init__(self, spool: Spool, start: int, size: int) -> None:
        super().__init__()
        self.spool = spool
        self._start = start
        self.size = size
        self._position = 0

    @property
    def place(self) -> int:
        """Where in what is kept the next read begins."""
        return self._start + self._position

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def seekable(self) -> bool:
        """Tell that there is a position."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Read into a buffer, as files do."""
        view = memoryview(buffer)
        found = self._next(len(view))
        view[: len(found)] = found
        return len(found)

    def readall(self) -> bytes:
        """Read all that follows."""
        pieces = []
        while self._position < self.size and (piece := self._next(self.size)):
            pieces.append(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _next(self, size: int) -> bytes:
        rest = max(0, self.size - self._position)
        found = self.spool.read_now(self.place, min(rest, size))
        self._position += len(found)
        return found

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Move to a place, as files do."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self.size}.get(whence)
        if base is None or base + offset < 0:
            raise ValueError(f"there is no place {offset} in a file")
        self._position = base + offset
        return self._position

    def close(self) -> None:
        """Let go of the content."""
        super().close()
        self.spool = _NOTHING


#: What a file that is closed still has.
_NOTHING: Final = Spool()


class SpooledFile(io.BufferedReader):
    """A part of what is kept of a content, as a file to read. Where it is on disk, reading blocks.

    Args:
        spool: what is kept.
        start: where the part begins.
        size: how many bytes it has.
    """

    raw: _SpooledBytes

    def __init__(self, spool: Spool, start: int, size: int) -> None:
        super().__init__(_SpooledBytes(spool, start, size))

    @property
    def size(self) -> int:
        """How many bytes it has, closed or not."""
        return self.raw.size

    @property
    def is_in_memory(self) -> bool:
        """Whether reading from here on does not block."""
        return self.raw.spool.is_in_memory(self.raw.place)

    def keep(self) -> None:
        """Outlive the request: what is kept stays until this is closed, or nobody refers to it any more."""
        self.raw.spool = self.raw.spool.share()


class UploadFile:
    """A file that came with a form (RFC 7578).

    Its content is in memory, or in a temporary file without a name. It is closed when the request is over, whatever happens;
    :meth:`detach` keeps it longer.

    Args:
        filename: as the client has sent it.
        content_type: as the client says; it may say anything.
        file: the content, open for reading.
        name: of the form's field.
        headers: the fields of the part.
    """

    __slots__ = ("content_type", "file", "filename", "headers", "name", "original_filename")

    def __init__(
        self,
        filename: str,
        content_type: str = "application/octet-stream",
        file: BinaryIO | None = None,
        *,
        name: str = "",
        headers: Headers | None = None,
    ) -> None:
        #: The name that can do no harm: no path, nothing that a system has a meaning for.
        self.filename = sanitise_filename(filename)
        #: The name as it was sent. SECURITY: never part of a path.
        self.original_filename = filename
        #: What the client says the content is, with parameters.
        self.content_type = content_type or "application/octet-stream"
        #: The content, for code that wants a file; reading it blocks where it is on disk.
        self.file: BinaryIO = io.BytesIO() if file is None else file
        self.name = name
        self.headers = Headers([]) if headers is None else headers

    # -- what it is ---------------------------------------------------------------------------------------------------------

    @property
    def size(self) -> int:
        """How many bytes it has."""
        if isinstance(self.file, SpooledFile):
            return self.file.size
        here = self.file.tell()
        end = self.file.seek(0, os.SEEK_END)
        self.file.seek(here)
        return end

    @property
    def type(self) -> str:
        """The media type without parameters (WebOb's name)."""
        return media_type(self.content_type)

    @property
    def type_options(self) -> dict[str, str]:
        """The parameters of the media type (WebOb's name)."""
        return parse_parameters(self.content_type)[1]

    @property
    def value(self) -> bytes:
        """The whole content (WebOb's name); blocks where it is on disk."""
        self.file.seek(0)
        return self.file.read()

    # -- reading ------------------------------------------------------------------------------------------------------------

    async def read(self, size: int = -1, *, hasher: Hasher | None = None) -> bytes:
        """Read at most ``size`` bytes, all that follow when it is negative.

        Args:
            size: in bytes.
            hasher: is given what is read: ``hashlib.sha256()``.

        Raises:
            ValueError: the file has been closed, or the request is over.
        """

        def read() -> bytes:
            found = self.file.read(size)
            if hasher is not None:
                hasher.update(found)
            return found

        return await self._off_the_loop(read)

    async def seek(self, offset: int) -> None:
        """Read from a place on, in bytes from the beginning."""
        self.file.seek(offset)

    async def save(self, path: str | os.PathLike[str], *, hasher: Hasher | None = None) -> None:
        """Write the whole content to a file, off the loop; it is there when all of it is, or not at all.

        Args:
            path: a file that is there already is replaced. SECURITY: never made of :attr:`original_filename`.
            hasher: is given what is written.

        Raises:
            OSError: it cannot be written; nothing is left behind.
            ValueError: the file has been closed, or the request is over.
        """
        await Spool.pool.run(self._save, Path(path), hasher)

    def _save(self, path: Path, hasher: Hasher | None) -> None:
        self.file.seek(0)
        target = Replacing(path)
        try:
            while block := self.file.read(BLOCK):
                target.write(block, hasher)
            target.replace()
        finally:
            target.close()

    async def _off_the_loop(self, call: Callable[[], T]) -> T:
        # What is in memory is there sooner than a thread.
        if isinstance(self.file, io.BytesIO) or getattr(self.file, "is_in_memory", False):
            return call()
        return await Spool.pool.run(call)

    def detach(self) -> Self:
        """Keep the content when the request is over, for a task that works on: who detaches a file closes it.

        What came with it in the same form is kept too, as long as this file is.
        """
        if isinstance(self.file, SpooledFile):
            self.file.keep()
        return self

    async def close(self) -> None:
        """Close the file; what is not detached is closed when the request is over."""
        self.file.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"<UploadFile {self.filename!r} {self.content_type}>"

    @classmethod
    def kept(cls, spool: Spool, start: int, size: int, **about: Any) -> Self:
        """Return the file that a part of what is kept of a content is; ``about`` as the constructor."""
        return cls(file=SpooledFile(spool, start, size), **about)

    @classmethod
    def __get_pydantic_core_schema__(cls, *_: object) -> Any:
        """Let models and parameters have files: only a file that came with a form is one."""
        from pydantic_core import core_schema  # only pydantic asks, so it is there

        return core_schema.is_instance_schema(cls)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> dict[str, Any]:
        """Say what a file is in a schema (OpenAPI 3.1), beside what is said of it where it stands."""
        from pydantic.errors import PydanticInvalidForJsonSchema

        said: dict[str, Any] = {}
        with suppress(PydanticInvalidForJsonSchema):
            said = handler(schema)
        return {"type": "string", "format": "binary", **said}
