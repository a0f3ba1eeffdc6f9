"""A folder whose files are sent. Everything here blocks; it runs in a thread."""

from __future__ import annotations

import hashlib
import os
import time
from itertools import islice
from typing import NamedTuple

from ..http.filecache import Identity, SmallFile, Version, identity_of, read_opened
from ..http.openfile import Links, OpenFile, open_below
from ..http.raising import ClientError

__all__ = ["Folder", "Form"]

#: The suffixes of files that were compressed before, and the content codings that they are in (RFC 9110 §8.4.1).
SUFFIXES = {".br": "br", ".zst": "zstd", ".gz": "gzip"}
_BLOCK = 256 * 1024
#: How many names are looked through for a message.
_MOST_NAMES = 1000


class Form(NamedTuple):
    """One form of a file: as it is, or in a content coding."""

    #: Below the folder, the suffix included.
    name: str
    #: Empty for the file as it is.
    coding: str
    version: Version
    #: The content of a small file; None for a large one, which is opened for each client.
    small: SmallFile | None
    size: int
    digest: str


class Folder:
    """A folder.

    Args:
        root: its path; it may be a link.
        links: what becomes of links below it.
        precompressed: whether files with the suffixes of content codings stand beside those that they were made of.
    """

    __slots__ = ("_suffixes", "links", "root")

    def __init__(self, root: str, links: Links, *, precompressed: bool) -> None:
        self.root = root
        self.links = links
        self._suffixes = SUFFIXES if precompressed else {}

    def open(self, name: str) -> OpenFile:
        """Open a file; raises as :func:`~wadjet.http.openfile.open_below`."""
        return open_below(self.root, name, self.links)

    def forms(self, name: str, *, digests: bool = False) -> list[Form]:
        """Return the forms of a file: itself, then those that are shorter and not older, the shortest first.

        Args:
            name: of the file.
            digests: whether to compute the digest of the file as it is.

        Raises:
            NotFound, Forbidden, OSError: as :meth:`open`.
        """
        plain = self._form(name, "", digests=digests)
        found = []
        for suffix, coding in self._suffixes.items():
            identity = self.identity(name + suffix)
            # A compressed file that is older than what it was made of was made of something else.
            if identity is not None and _seconds(identity) >= _seconds(plain.version.identity):
                found += self._variant(name + suffix, coding, below=plain.size)
        return [plain, *sorted(found, key=lambda form: form.size)]

    def seen(self, name: str) -> tuple[Identity | None, ...]:
        """Return what tells one version of a file and its forms from another; None for each that is not there."""
        return tuple(self.identity(name + suffix) for suffix in ("", *self._suffixes))

    def identity(self, name: str) -> Identity | None:
        """Return what tells one version of a file from another; None where it is not there."""
        try:
            return identity_of(os.stat(f"{self.root}/{name}"))  # noqa: PTH116 - as in http/filecache.py
        except (OSError, ValueError):
            return None

    def digest(self, name: str) -> tuple[Version, str]:
        """Return the version of a file, and the digest of its content; raises as :meth:`open`."""
        file = self.open(name)
        try:
            return Version(file.stat, time.time()), _digest_of(file)
        finally:
            file.close()

    def names(self) -> list[str]:
        """Return the names of files, for messages; of very many, some."""
        found = (
            os.path.relpath(os.path.join(folder, name), self.root).replace(os.sep, "/")  # noqa: PTH118 - of os.walk
            for folder, _, names in os.walk(self.root)
            for name in names
        )
        return list(islice(found, _MOST_NAMES))

    def _variant(self, name: str, coding: str, *, below: int) -> list[Form]:
        try:
            form = self._form(name, coding)
        except (ClientError, OSError):  # whatever it is, the file itself can be sent
            return []
        return [form] if form.size < below else []

    def _form(self, name: str, coding: str, *, digests: bool = False) -> Form:
        opened = self.open(name)
        try:
            # Of a large file it is computed before, of a small one of the very bytes that will be sent.
            digest = _digest_of(opened) if digests else ""
            version, file = read_opened(opened, coding)
        finally:
            opened.close()
        if digests and isinstance(file, SmallFile):
            digest = hashlib.sha256(file.content).hexdigest()
        return Form(name, coding, version, file if isinstance(file, SmallFile) else None, file.count, digest)


def _digest_of(file: OpenFile) -> str:
    digest, offset = hashlib.sha256(), 0
    while block := file.read(offset, _BLOCK):
        digest.update(block)
        offset += len(block)
    return digest.hexdigest()


def _seconds(identity: Identity) -> int:
    """Return the second of the last change: what copies and unpacks files keeps no more of it."""
    return identity[0] // 10**9
