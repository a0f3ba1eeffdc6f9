"""Looking a name up in a folder: what is there now, and what is to be said of it. It blocks, but for what it refuses."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import NamedTuple

from ..http.clienterrors import Forbidden, NotFound
from ..http.filecache import Identity, Version
from ..http.headers import field_value
from ..http.responsehead import FieldPairs
from ..media.filetypes import type_of_name
from ..media.registry import with_charset
from .folder import Folder, Form
from .kept import Kept
from .names import DIGITS, hashed, is_servable, unhashed

__all__ = ["FOR_EVER", "Looking", "Miss"]

#: RFC 8246: what a name with a digest stands for never changes.
FOR_EVER = "public, max-age=31536000, immutable"
#: SECURITY: as FileResponse says it.
_NOT_GUESSED = (b"x-content-type-options", b"nosniff")
_MOST_DIGESTS = 16384


class Miss(NamedTuple):
    """Why a name is not sent."""

    #: What is answered.
    error: type[NotFound | Forbidden]
    #: Whether a slash after it would lead to the index of a folder.
    is_folder: bool = False


class _Digest(NamedTuple):
    version: Version
    digest: str
    until: float


class Looking:
    """What looks names up.

    Args:
        folder: where they are.
        index: the name of the file that stands for its folder; empty for none.
        dotfiles: whether names may begin with a dot.
        cache_control: what is said of files whose names stand for whatever they are now.
        permanent: names that stand for one content for ever.
    """

    __slots__ = ("_cache_control", "_digests", "_dotfiles", "_index", "_permanent", "folder")

    def __init__(
        self, folder: Folder, index: str, *, dotfiles: bool, cache_control: str, permanent: Collection[str]
    ) -> None:
        self.folder = folder
        self._index = index
        self._dotfiles = dotfiles
        self._cache_control = cache_control
        self._permanent = permanent
        self._digests: dict[str, _Digest] = {}

    def look(self, name: str, known: Kept | None = None) -> Kept | Miss:
        """Return what is there now.

        Args:
            name: below the folder; empty, or with a slash at the end, for a folder.
            known: what was there before; it is returned if it still is.

        Raises:
            OSError: the machine has failed.
        """
        file = f"{name}{self._index}" if name == "" or name.endswith("/") else name
        if (file != name and not self._index) or not self.is_servable(file):
            return Miss(NotFound)
        try:
            return self._looked(file, known)
        except Forbidden:
            return Miss(Forbidden)
        except NotFound:
            return self._versioned(file, known) or Miss(NotFound, self._is_folder(name))

    def is_servable(self, name: str) -> bool:
        """Tell whether a client may ask for a name."""
        return is_servable(name, dotfiles=self._dotfiles)

    def versioned(self, name: str, fresh_for: float) -> str | None:
        """Return the name of the present version of a file; None where there is no such file.

        Args:
            name: of the file.
            fresh_for: for how many seconds what is found is good.
        """
        known, now = self._digests.get(name), time.monotonic()
        if known is not None and now < known.until:
            return hashed(name, known.digest)
        version = None if known is None else known.version
        if version is None or not version.is_settled or version.identity != self.folder.identity(name):
            try:
                known = _Digest(*self.folder.digest(name), 0)
            except (NotFound, Forbidden):
                return None
        assert known is not None
        if len(self._digests) >= _MOST_DIGESTS:
            self._digests.clear()
        self._digests[name] = known._replace(until=now + fresh_for)
        return hashed(name, known.digest)

    def _looked(self, file: str, known: Kept | None) -> Kept:
        """Return what is known of a file that may be asked for; raises as :meth:`Folder.open`."""
        seen = self.folder.seen(file)
        if known is not None and known.is_settled and known.seen == seen:
            return known
        return self._kept(file, self.folder.forms(file), seen, is_permanent=file in self._permanent)

    def _versioned(self, name: str, known: Kept | None) -> Kept | None:
        """Return what a name with a digest stands for; None where that is not what the file is now."""
        parts = unhashed(name)
        if parts is None or not self.is_servable(parts[0]):
            return None
        file, digest = parts
        seen = self.folder.seen(file)
        if known is not None and known.is_settled and known.seen == seen:
            return known
        try:
            forms = self.folder.forms(file, digests=True)
        except (NotFound, Forbidden):
            return None
        if forms[0].digest[:DIGITS] != digest:
            return None
        return self._kept(file, forms, seen, is_permanent=True)

    def _is_folder(self, name: str) -> bool:
        """Tell whether a name is that of a folder that has an index."""
        if not self._index or name == "" or name.endswith("/"):
            return False
        try:
            self.folder.open(f"{name}/{self._index}").close()
        except (NotFound, Forbidden):
            return False
        return True

    def _kept(
        self, file: str, forms: list[Form], seen: tuple[Identity | None, ...], *, is_permanent: bool
    ) -> Kept:
        kind = field_value(with_charset(type_of_name(file), "utf-8"), "content-type")
        policy = FOR_EVER if is_permanent else self._cache_control
        common: FieldPairs = ((b"content-type", kind), _NOT_GUESSED)
        if policy:
            common += ((b"cache-control", policy.encode()),)
        if len(forms) > 1:
            common += ((b"vary", b"Accept-Encoding"),)
        fields = [
            common + (((b"content-encoding", form.coding.encode()),) if form.coding else ()) for form in forms
        ]
        return Kept(forms, fields, seen, is_permanent=is_permanent)
