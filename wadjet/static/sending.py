"""The response that sends one form of a file of a folder."""

from __future__ import annotations

import time
from collections.abc import Iterable

from ..http.clienterrors import NotFound
from ..http.filecache import SmallFile, Version
from ..http.files import FileResponse
from ..http.negotiation import AcceptEncoding
from ..http.openfile import OpenFile
from ..http.request import Request
from ..http.responsehead import FieldPairs
from ..http.wire import field_lines, status_line
from .folder import Folder
from .kept import Kept, Ready

__all__ = ["FolderResponse"]


class FolderResponse(FileResponse):
    """One form of a file, for one request: conditions and ranges are answered as everywhere.

    Args:
        folder: where the file is.
        kept: what is known of it, and takes the answer if the same will be given again.
        request: chooses the form.
        further: fields beside those that the file has.
    """

    def __init__(self, folder: Folder, kept: Kept, request: Request, further: FieldPairs = ()) -> None:
        place = _chosen(kept, request)
        self._folder = folder
        self._kept = kept
        self._form = kept.forms[place]
        self.path = f"{folder.root}/{self._form.name}"
        self.allowed_dir = None
        self._body = b""
        self._fields = kept.fields[place] + further
        self._is_kept = not further

    async def _read(self) -> tuple[Version, OpenFile | SmallFile]:
        """Return the content that is kept; open a large file."""
        form = self._form
        if form.small is not None:
            return form.version, form.small
        file = await self.pool.run(self._folder.open, form.name)
        version = Version(file.stat, time.time(), form.coding)
        if self._kept.is_permanent and version.identity != form.version.identity:
            # SECURITY: what would be kept for ever has to be what the name says.
            file.close()
            raise NotFound
        return version, file

    def _remember(
        self,
        file: OpenFile | SmallFile,
        given: tuple[int, FieldPairs],
        asked: Iterable[tuple[bytes, bytes]],
    ) -> None:
        """Keep the answer: the whole of a small file, or that the client has the version that was looked at."""
        status, kept = self._status, self._kept
        if isinstance(file, SmallFile):
            is_known = status in {200, 304}
        else:
            is_known = status == 304 and (b"etag", self._form.version.etag) in self._fields
        if not is_known or not self._is_kept:
            return
        fields, body = tuple(self._fields), self._body or b""
        head = status_line(status) + field_lines(fields) + (b"" if status == 304 else b"content-length: ")
        self.wire_head, self.is_ready = head, True
        key = tuple([field for field in asked if field[0] in kept.asking])
        kept.remember(key, Ready(status, fields, head, body))


def _chosen(kept: Kept, request: Request) -> int:
    """Return the place of the form that a client likes best; the shortest of those that it likes alike."""
    if len(kept.forms) == 1:
        return 0
    accepted = AcceptEncoding(request.headers.joined("accept-encoding"))
    if not accepted:  # what cannot be read does not say that the client can decode anything
        return 0
    places = {form.coding or "identity": place for place, form in enumerate(kept.forms)}
    best = accepted.best_of([*[coding for coding in places if coding != "identity"], "identity"])
    return places.get(best or "identity", 0)
