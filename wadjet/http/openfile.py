"""Opening files that clients ask for: regular ones only, never waiting, never outside the folder that is allowed.

Everything here blocks; it runs in a thread.
"""

from __future__ import annotations

import errno
import functools
import operator
import os
import stat
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Literal

from .clienterrors import Forbidden, NotFound

__all__ = ["Links", "OpenFile", "open_below", "open_file"]

#: What becomes of symbolic links: there are none; they lead to what is inside the folder; they lead anywhere.
Links = Literal["refuse", "inside", "follow"]


def _flags(*names: str) -> int:
    """Return those of the flags that the system has."""
    return functools.reduce(operator.or_, (getattr(os, name, 0) for name in names), 0)


# SECURITY: without O_NONBLOCK, opening a named pipe waits for somebody to write into it.
_READ = os.O_RDONLY | _flags("O_BINARY", "O_CLOEXEC", "O_NOCTTY", "O_NOINHERIT", "O_NONBLOCK")
#: A folder to go on from. Where there is O_PATH, passing through takes no permission to list.
_FOLDER = os.O_RDONLY | _flags("O_CLOEXEC", "O_DIRECTORY", "O_PATH")
_NO_LINK = _flags("O_NOFOLLOW")

#: What is wrong with the name: there is no such file, or there cannot be one. Anything else is wrong with the machine.
_NOT_FOUND = frozenset(
    {
        errno.EILSEQ,
        errno.EINVAL,
        errno.EISDIR,
        errno.ELOOP,
        errno.ENAMETOOLONG,
        errno.ENODEV,
        errno.ENOENT,
        errno.ENOTDIR,
        errno.ENXIO,  # a socket
    }
)


class OpenFile:
    """A regular file, open for one response.

    Args:
        descriptor: of the file; from now on it is closed together with this, or when nobody refers to this any more.

    Raises:
        OSError: the system cannot tell what the file is; it is closed then.
    """

    __slots__ = ("_lock", "_readers", "count", "descriptor", "stat")

    def __init__(self, descriptor: int) -> None:
        self._lock = threading.Lock()
        self._readers = 0
        #: -1 when closed.
        self.descriptor = descriptor
        #: What is open, so that fields and content are of one version of the file.
        self.stat = os.fstat(descriptor)
        #: How many bytes it had when it was opened.
        self.count = self.stat.st_size

    def read(self, offset: int, count: int) -> bytes:
        """Read at most ``count`` bytes at a place of the file, in whichever thread; nothing is there after its end.

        Raises:
            ValueError: it has been closed.
        """
        with self._lock:
            descriptor = self.descriptor
            if descriptor < 0:
                raise ValueError("this file has been closed")
            self._readers += 1
        try:
            return _read_at(descriptor, count, offset)
        finally:
            with self._lock:
                self._readers -= 1
                is_last = self.descriptor < 0 and not self._readers
            if is_last:
                os.close(descriptor)

    def close(self) -> None:
        """Close the file, once; if a thread is reading it, as soon as that is done."""
        with self._lock:
            # SECURITY: the number of a closed descriptor soon names another client's file or connection.
            descriptor, self.descriptor = self.descriptor, -1
            is_read = self._readers > 0
        if descriptor >= 0 and not is_read:
            os.close(descriptor)

    def __del__(self) -> None:
        # A task that is cancelled while a thread opens its file never learns of it.
        self.close()


def open_file(path: str, allowed_dir: str | None = None) -> OpenFile:
    """Open a regular file to send it.

    Args:
        path: where it is; relative to the working directory.
        allowed_dir: it has to be inside this folder when all symbolic links have been followed.

    Raises:
        NotFound: there is no regular file, or it is outside the folder: a client does not learn what else there is.
        Forbidden: it may not be read.
        OSError: the machine has failed.
    """
    if allowed_dir is None:
        return _regular(lambda: os.open(path, _READ))
    return _regular(lambda: _open_inside(path, allowed_dir))


def open_below(folder: str, name: str, links: Links) -> OpenFile:
    """Open a regular file by its name below a folder.

    Args:
        folder: itself it may be a link: that is how a whole version of a site is exchanged.
        name: its parts divided by slashes, none of them empty or made of dots.
        links: what becomes of links below the folder.

    Raises:
        NotFound, Forbidden, OSError: as :func:`open_file`.
    """
    path = f"{folder}/{name}"
    if links == "refuse":
        return _regular(lambda: _open_parts(os.path.realpath(folder), name.split("/")))
    return open_file(path, folder if links == "inside" else None)


def _regular(open_it: Callable[[], int]) -> OpenFile:
    """Return what is opened, if it is a regular file; raises as :func:`open_file`."""
    try:
        descriptor = open_it()
    except ValueError:  # SECURITY: NUL, or what no file system can encode, in the name
        raise NotFound from None
    except PermissionError:
        raise Forbidden from None  # SECURITY: without the path
    except OSError as error:
        if error.errno in _NOT_FOUND:
            raise NotFound from None
        raise
    file = OpenFile(descriptor)
    if not stat.S_ISREG(file.stat.st_mode):
        file.close()
        raise NotFound
    return file


def _open_inside(path: str, allowed_dir: str) -> int:
    """Open what is inside a folder.

    Raises:
        ValueError: it is not inside.
        OSError: as ``os.open``.
    """
    if path.endswith(("/", os.sep)):  # realpath would take a file for the folder that is asked for
        raise ValueError(f"{path!r} names a folder")
    root = os.path.realpath(allowed_dir)
    # SECURITY: no part of the resolved path is a link, so one that is found has been put there since.
    return _open_parts(root, Path(os.path.realpath(path)).relative_to(root).parts or (".",))


def _open_parts(root: str, parts: Iterable[str]) -> int:
    """Open what is below a folder by a way without links.

    Raises:
        ValueError: there is a link.
        OSError: as ``os.open``.
    """
    *folders, name = parts
    if os.open not in os.supports_dir_fd:
        return _open_resolved(str(Path(root, *folders, name)))
    folder = os.open(root, _FOLDER)
    try:
        for part in folders:
            inner = os.open(part, _FOLDER | _NO_LINK, dir_fd=folder)
            os.close(folder)
            folder = inner
        return os.open(name, _READ | _NO_LINK, dir_fd=folder)
    finally:
        os.close(folder)


def _open_resolved(target: str) -> int:
    """Open a file where no folder can be gone on from: by a path that is its own.

    Raises:
        ValueError: it is that of something else, by a link.
    """
    if os.path.normcase(os.path.realpath(target)) != os.path.normcase(target):
        raise ValueError(f"{target!r} is reached by a link")
    return os.open(target, _READ)


def _read_at(descriptor: int, count: int, offset: int) -> bytes:
    if sys.platform == "win32":  # it has no pread
        os.lseek(descriptor, offset, os.SEEK_SET)
        return os.read(descriptor, count)
    return os.pread(descriptor, count, offset)
