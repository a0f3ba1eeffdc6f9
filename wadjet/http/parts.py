"""A multipart form part by part: nothing is kept, and the client sends no faster than the handler reads."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Final

from .exceptions import RequestEntityTooLarge
from .filenames import sanitise_filename
from .formerrors import refusing
from .forms import FormLimits, declared_charset
from .headers import Headers
from .multipart import Event, Multipart, PartHead, boundary_of
from .spool import Spool, gather
from .uploads import Hasher, Replacing

__all__ = ["Part", "parts_of"]

#: What the events of a form end with.
_END: Final = object()


class _Events:
    """The events of a form, pulled one by one."""

    __slots__ = ("_chunks", "_multipart", "_ready")

    def __init__(self, chunks: AsyncIterator[bytes], multipart: Multipart) -> None:
        self._chunks = chunks
        self._multipart = multipart
        self._ready: Iterator[Event] = iter(())

    async def next(self) -> Event | object:
        while True:
            with refusing():
                event = next(self._ready, _END)
                if event is not _END:
                    return event
            chunk = await anext(self._chunks, None)
            with refusing():
                if chunk is None:
                    self._multipart.end()
                    return _END
                self._ready = self._multipart.feed(chunk)


class Part:
    """One part of a form, while it comes: iterate over its chunks, or :meth:`read` or :meth:`save` it.

    What of it is not read is passed over when the next part is asked for.
    """

    __slots__ = ("_events", "_head", "_is_over", "_limits", "content_type", "filename", "headers", "name")

    def __init__(self, head: PartHead, events: _Events, limits: FormLimits) -> None:
        self._head = head
        self._events = events
        self._limits = limits
        self._is_over = False
        #: The name of the field.
        self.name = head.name
        #: The name of the file, as :attr:`UploadFile.filename`; None for a part that is no file.
        self.filename = None if head.filename is None else sanitise_filename(head.filename)
        #: What the client says the content is, with parameters; empty where it says nothing.
        self.content_type = head.content_type
        self.headers = Headers(head.fields)

    @property
    def original_filename(self) -> str | None:
        """The name of the file as it was sent. SECURITY: never part of a path."""
        return self._head.filename

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Iterate over the content as it comes.

        Raises:
            MalformedBody: the form is malformed, or ends before its end.
            RequestEntityTooLarge, ClientDisconnect: as when the content of the request is read.
        """
        while not self._is_over:
            event = await self._events.next()
            if isinstance(event, bytes):
                yield event
            else:
                self._is_over = True

    async def read(self, *, max_size: int | None = None) -> bytes:
        """Read what is still to come of the part into memory.

        Args:
            max_size: in bytes; the limit of a form field when it is not given.

        Raises:
            RequestEntityTooLarge: it is more.
        """
        limit = self._limits.max_field_bytes if max_size is None else max_size
        blocks: list[bytes | bytearray] = []
        size = 0
        async for chunk in self:
            size += len(chunk)
            if size > limit:
                raise RequestEntityTooLarge(f"A part of the form is more than {limit} bytes.")
            gather(blocks, chunk)
        return b"".join(blocks)

    async def text(self) -> str:
        """Read the part as text in its charset; bytes that are none become U+FFFD."""
        return (await self.read()).decode(declared_charset(self._head.charset), "replace")

    async def save(self, path: str | os.PathLike[str], *, hasher: Hasher | None = None) -> int:
        """Write what is still to come of the part to a file, off the loop, and return its size in bytes.

        Args:
            path: a file that is there already is replaced, when all has come.
            hasher: is given what is written.

        Raises:
            OSError: it cannot be written; nothing is left behind.
        """
        size, run = 0, Spool.pool.run
        target = Replacing(Path(path))
        try:
            async for chunk in self:
                size += len(chunk)
                await run(target.write, chunk, hasher)
            await run(target.replace)
        finally:
            await run(target.close)
        return size

    def __repr__(self) -> str:
        return f"<Part {self.name!r} {self.filename or ''}>"


async def parts_of(
    chunks: AsyncIterator[bytes], content_type: str, limits: FormLimits
) -> AsyncIterator[Part]:
    """Iterate over the parts of a form.

    Args:
        chunks: its content.
        content_type: as the field of the request says.
        limits: how many parts there may be, and what their heads may cost.

    Raises:
        MalformedBody, RequestEntityTooLarge: it cannot be read.
    """
    with refusing():
        events = _Events(chunks, Multipart(boundary_of(content_type), limits))
    counts = {True: 0, False: 0}
    while isinstance(head := await events.next(), PartHead):
        counts[head.filename is None] += 1
        if counts[True] > limits.max_fields or counts[False] > limits.max_files:
            raise RequestEntityTooLarge("The form has more parts than any form has.")
        part = Part(head, events, limits)
        yield part
        async for _ in part:
            pass
