"""Responses whose content is a file."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncGenerator, AsyncIterable
from contextlib import suppress
from typing import Self, Unpack

from ..concurrency import ThreadPool
from ..media.filetypes import type_of_name
from ..types import Receive, Scope, Send
from .compression import encode_chunks
from .dates import format_date
from .openfile import OpenFile, open_file
from .outgoing import Attributes, Fields, Response

__all__ = ["FileResponse"]

#: How many bytes are read at once: enough that the way to the thread and back costs little beside them.
_BLOCK = 256 * 1024


class FileResponse(Response[None]):
    """A response whose content is a file.

    The file is opened when the response is prepared, in a thread, and closed when the request is over, sent or not.

    Args:
        path: of a regular file; anything else is a 404 when the response is prepared.
        status_code: 100-599.
        headers: a mapping or pairs.
        media_type: when not given, the name decides; if it tells nothing, ``application/octet-stream``.
        allowed_dir: the file has to be inside this folder, wherever symbolic links lead; for a path that is not, 404.
        **attributes: as :class:`Response`.

    Raises:
        TypeError: ``path`` or ``allowed_dir`` is not a path.
    """

    #: Where the file is opened and read; preparing gives the application's own.
    pool = ThreadPool("wadjet-file", 16)

    #: The file, while there is content to send: for lanes that can send it without reading it.
    file: OpenFile | None = None

    _reader: AsyncGenerator[bytes, None] | None = None

    def __init__(
        self,
        path: str | os.PathLike[str],
        status_code: int | None = None,
        headers: Fields = None,
        media_type: str | None = None,
        *,
        allowed_dir: str | os.PathLike[str] | None = None,
        **attributes: Unpack[Attributes],
    ) -> None:
        self.path = os.fsdecode(path)
        self.allowed_dir = None if allowed_dir is None else os.fsdecode(allowed_dir)
        super().__init__(None, status_code, headers, media_type, **attributes)
        if self._field(b"x-content-type-options") is None:
            # SECURITY: who may upload a file chooses its content; a browser must not find a script in it.
            self.headers.set("x-content-type-options", "nosniff")

    async def begin(self, *, head: bool) -> None:
        """Open the file, so that what cannot be sent is an error response and not a broken one.

        Args:
            head: the request is HEAD: nothing but the fields will leave, and nothing stays open.

        Raises:
            NotFound: there is no such file.
            Forbidden: it may not be read.
        """
        file = await self.pool.run(open_file, self.path, self.allowed_dir)
        self._length = file.count
        if self._field(b"last-modified") is None:
            # RFC 9110 §8.8.2.1: not later than now, whatever the file says. A date that HTTP cannot write is left out.
            with suppress(ValueError):
                self.headers.set("last-modified", format_date(min(file.stat.st_mtime, time.time())))
        if head or not file.count:
            file.close()
            return
        self.file = file
        self._reader = self._blocks(file)

    @property
    def chunks(self) -> AsyncIterable[bytes] | None:
        """The file in blocks, once it is open; None where nothing is to be sent."""
        if self.encoder is not None and self._reader is not None:
            return encode_chunks(self._reader, self.encoder, flushes=False)
        return self._reader

    async def close(self, _: object = None) -> None:
        """Close the file, sent or not; a finished callback."""
        if self.file is not None:
            self.file.close()
        if self._reader is not None:
            await self._reader.aclose()

    def copy(self) -> Self:
        """Return an equal response that has not been begun: it will open the file for itself."""
        twin = super().copy()
        twin.file = twin._reader = twin._length = None  # noqa: SLF001 - a twin is of our own class
        return twin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response as an ASGI application; one instance may answer many requests at a time."""
        twin = self.take()
        try:
            await twin.begin(head=scope.get("method") == "HEAD")
            await super(FileResponse, twin).__call__(scope, receive, send)
        finally:
            await twin.close()

    async def _blocks(self, file: OpenFile) -> AsyncGenerator[bytes, None]:
        """Read the file for lanes that know nothing but chunks.

        Raises:
            EOFError: the file has become shorter than was promised (RFC 9112 §8: only the end of the connection tells).
        """
        offset, end = file.offset, file.offset + file.count
        while offset < end:
            block = await self.pool.run(file.read, offset, min(end - offset, _BLOCK))
            if not block:
                raise EOFError(
                    f"{self.path} became shorter while it was sent: {end - offset} bytes are missing"
                )
            offset += len(block)
            yield block

    def _default_content_type(self) -> None:
        if self._field(b"content-type") is None:
            self.content_type = self._natural_type()

    def _natural_type(self) -> str:
        return self.media_type or self.default_content_type or type_of_name(self.path)
