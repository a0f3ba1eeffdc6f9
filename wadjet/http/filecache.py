"""Small files that are asked for again and again: read once, looked at each time."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from typing import NamedTuple

from .dates import format_date
from .openfile import OpenFile, open_file
from .responsehead import FieldPairs

__all__ = [
    "SMALL",
    "Answer",
    "FileCache",
    "Identity",
    "SmallFile",
    "Version",
    "identity_of",
    "read_file",
    "read_opened",
]

#: The most bytes of a file that is read as a whole; of more, sending costs more than opening.
SMALL = 65536
#: The most bytes of all that are kept.
_CAPACITY = 8 * 1024 * 1024
#: A file that was changed so few seconds before it was read may have been changed once more in the same tick of its clock.
_RACY_SECONDS = 2.0

Identity = tuple[int, int, int, int, int]


class Version:
    """What tells one version of a file from another.

    Args:
        found: what the system says of the open file.
        now: Unix time in seconds.
        form: of several forms of the same content, which one it is.
    """

    __slots__ = ("etag", "identity", "is_settled", "last_modified")

    def __init__(self, found: os.stat_result, now: float, form: str = "") -> None:
        self.identity = identity_of(found)
        #: ETag and Last-Modified, as they are sent; no date where HTTP cannot write it.
        self.etag = b'"%x-%x%b"' % (found.st_mtime_ns, found.st_size, f"-{form}".encode() if form else b"")
        self.last_modified: bytes | None = None
        with suppress(ValueError):  # RFC 9110 §8.8.2.1: not later than now, whatever the file says
            self.last_modified = format_date(min(found.st_mtime, now)).encode()
        #: Whether a later change is sure to show.
        self.is_settled = now - max(found.st_mtime, found.st_ctime) > _RACY_SECONDS


class Answer(NamedTuple):
    """What was made of a file for a response, and will be again where everything is as it was."""

    #: Status and fields of the response before.
    given: tuple[int, FieldPairs]
    status: int
    fields: FieldPairs
    #: Both as text, up to the digits of a Content-Length if there is one.
    head: bytes
    body: bytes


class SmallFile:
    """A whole file, read.

    Args:
        version: of the file.
        content: of the file.
    """

    __slots__ = ("answers", "content", "count", "version")

    def __init__(self, version: Version, content: bytes) -> None:
        self.version = version
        self.content = content
        self.count = len(content)
        #: How it was sent last, by the If-None-Match of the request; None: the request had no condition.
        self.answers: dict[bytes | None, Answer] = {}


def read_file(path: str, allowed_dir: str | None = None) -> tuple[Version, OpenFile | SmallFile]:
    """Open a file to send it, and read it if it is small. It blocks.

    Args:
        path: as :func:`open_file`.
        allowed_dir: as :func:`open_file`.

    Raises:
        NotFound, Forbidden, OSError: as :func:`open_file`.
    """
    return read_opened(open_file(path, allowed_dir))


def read_opened(file: OpenFile, form: str = "") -> tuple[Version, OpenFile | SmallFile]:
    """Read a file if it is small, and close it then. It blocks.

    Args:
        file: just opened.
        form: as :class:`Version`.
    """
    version = Version(file.stat, time.time(), form)
    if file.count > SMALL:
        return version, file
    content = file.read(0, file.count)
    # One that is being written is sent like a large one: as many bytes as were there, or the end of the connection.
    if len(content) < file.count or identity_of(os.fstat(file.descriptor)) != version.identity:
        return version, file
    file.close()
    return version, SmallFile(version, content)


class FileCache:
    """The contents of small files, by path. What is handed out has been compared with the file at that moment.

    Args:
        capacity: the most bytes of all contents.
    """

    __slots__ = ("_capacity", "_files", "size")

    def __init__(self, capacity: int = _CAPACITY) -> None:
        self._capacity = capacity
        self._files: dict[tuple[str, str | None], SmallFile] = {}
        #: How many bytes are kept.
        self.size = 0

    def find(self, path: str, allowed_dir: str | None) -> SmallFile | None:
        """Return a file as it is now; None if it is not known, or no longer the same.

        Args:
            path: of the file, links and all.
            allowed_dir: the folder that it was found to be in.
        """
        known = self._files.get((path, allowed_dir))
        if known is None:
            return None
        try:
            # SECURITY: a link that leads elsewhere since leads to another file, and that is looked for from the beginning.
            found = os.stat(path)  # noqa: PTH116 - it is asked for with each request, and a Path would cost as much again
        except (OSError, ValueError):
            found = None
        if found is None or known.version.identity != (
            # PERF(bench: wire_not_modified): as identity_of().
            found.st_mtime_ns,
            found.st_ctime_ns,
            found.st_size,
            found.st_ino,
            found.st_dev,
        ):
            self._forget((path, allowed_dir))
            return None
        return known

    def keep(self, path: str, allowed_dir: str | None, file: SmallFile) -> None:
        """Keep a file, if any change of it will show; the oldest go when there is no room."""
        key = (path, allowed_dir)
        if not file.version.is_settled or file.count > self._capacity:
            return
        self._forget(key)
        self._files[key] = file
        self.size += file.count
        while self.size > self._capacity:
            self._forget(next(iter(self._files)))

    def _forget(self, key: tuple[str, str | None]) -> None:
        known = self._files.pop(key, None)
        if known is not None:
            self.size -= known.count


def identity_of(found: os.stat_result) -> Identity:
    """Return what is another for each version of a file: its times, its size, its place on the disk."""
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino, found.st_dev
