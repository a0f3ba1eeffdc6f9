"""Responses whose content is a file."""

from __future__ import annotations

import functools
import os
import secrets
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Iterable
from datetime import UTC, datetime
from typing import NamedTuple, Self, Unpack

from ..concurrency import ThreadPool
from ..media.filetypes import type_of_name
from ..media.registry import with_charset
from ..types import Scope
from .attributes import check_contents
from .clienterrors import PreconditionFailed, RequestRangeNotSatisfiable
from .compression import encode_chunks, weaken
from .conditional import EntityTag, evaluate
from .dates import parse_date
from .disposition import Disposition, content_disposition
from .filecache import Answer, FileCache, SmallFile, Version, read_file
from .headers import Headers, field_value
from .openfile import OpenFile
from .outgoing import Attributes, Fields, Response
from .ranges import ByteRanges, ContentRange, Range
from .responsehead import FieldPairs
from .status import NO_CONTENT, check_status
from .wire import field_lines, status_line

__all__ = ["FileResponse", "Section"]

#: How many bytes are read at once: enough that the way to the thread and back costs little beside them.
_BLOCK = 256 * 1024
_FRAMING = frozenset({b"content-length", b"transfer-encoding"})
#: SECURITY: who may upload a file chooses its content; a browser must not find a script in it.
_NOT_GUESSED = (b"x-content-type-options", b"nosniff")
_READING = frozenset({"GET", "HEAD"})
_CONDITIONS = frozenset(
    {b"if-match", b"if-none-match", b"if-modified-since", b"if-unmodified-since", b"range"}
)
#: RFC 9110 §15.4.5: what says something of content that a 304 does not have.
_OF_THE_CONTENT = frozenset(
    {
        b"accept-ranges",
        b"content-disposition",
        b"content-encoding",
        b"content-language",
        b"content-type",
        b"last-modified",
    }
)


class Section(NamedTuple):
    """A piece of content: some bytes, then a part of the file."""

    lead: bytes
    start: int = 0
    stop: int = 0


class FileResponse(Response[None]):
    """A response whose content is a file.

    The file is opened when the response is prepared, in a thread, and closed when the request is over, sent or not. Conditions
    and ranges of the request are answered (RFC 9110 §13, §14): 304, 412, 206, 416.

    Args:
        path: of a regular file; anything else is a 404 when the response is prepared.
        status_code: 100-599. Conditions count where it is 2xx, ranges where it is 200.
        headers: a mapping or pairs. An ETag or Last-Modified of your own is the one that conditions are about.
        media_type: when not given, the name decides; if it tells nothing, ``application/octet-stream``.
        filename: under which the client saves the content; any text, in whichever script.
        content_disposition_type: ``attachment`` to save it, the default with a ``filename``; or ``inline`` to show it.
        allowed_dir: the file has to be inside this folder, wherever symbolic links lead; for a path that is not, 404.
        **attributes: as :class:`Response`.

    Raises:
        TypeError: ``path`` or ``allowed_dir`` is not a path; or there is a second content.
        ValueError: another disposition.
    """

    takes_loop = True

    #: Where the file is opened and read; preparing gives the application's own.
    pool = ThreadPool("wadjet-file", 16)

    #: Small files that were sent before.
    cache = FileCache()

    #: The file, while there is content to send from it, and which parts of it: for lanes that send without reading.
    file: OpenFile | None = None
    sections: tuple[Section, ...] = ()

    _reader: AsyncGenerator[bytes, None] | None = None

    def __init__(
        self,
        path: str | os.PathLike[str],
        status_code: int | None = None,
        headers: Fields = None,
        media_type: str | None = None,
        *,
        filename: str | None = None,
        content_disposition_type: Disposition | None = None,
        allowed_dir: str | os.PathLike[str] | None = None,
        **attributes: Unpack[Attributes],
    ) -> None:
        self.path = path if type(path) is str else os.fsdecode(path)
        self.allowed_dir = None if allowed_dir is None else os.fsdecode(allowed_dir)
        if not (headers or media_type or attributes or self.media_type or self.default_content_type):
            # PERF(bench: wire_file): the rest of a response of which nothing else is said, written out.
            if status_code is not None:
                self._status = check_status(status_code)
            self._body, self._fields = b"", _usual_fields(type_of_name(self.path), self.default_charset)
        else:
            check_contents(self, attributes, "path")
            super().__init__(None, status_code, headers, media_type, **attributes)
            if self._field(b"x-content-type-options") is None:
                self.raw_headers.append(_NOT_GUESSED)
        if filename is not None or content_disposition_type is not None:
            disposition = content_disposition(content_disposition_type or "attachment", filename)
            self.headers.set("content-disposition", disposition)

    async def begin(self, method: str = "GET", headers: Headers | None = None) -> None:
        """Open the file and find what of it is to be sent, so that what cannot be sent is an error and not a broken response.

        Args:
            method: of the request.
            headers: of the request, for its conditions and ranges.

        Raises:
            NotFound: there is no such file.
            Forbidden: it may not be read.
            PreconditionFailed: the request is about another version of it.
            RequestRangeNotSatisfiable: it has none of the parts that are asked for.
        """
        version, file = await self._read()
        given = self._status, tuple(self._fields)
        try:
            self._describe(version)
            asked = None if headers is None else self._asked(method, headers)
            sections = self._divided(asked, file.count)
            if method != "HEAD" and self._status not in NO_CONTENT:
                self._take(file, sections)
        finally:
            if isinstance(file, OpenFile) and self.file is not file:
                file.close()  # at once: the error that is raised here keeps hold of it
        if method == "GET" and self.encoder is None:
            self._remember(file, given, () if headers is None else headers.raw)

    def begin_again(self, method: str, fields: Iterable[tuple[bytes, bytes]]) -> bool:
        """Begin without waiting, if the same response has been made of the same file before: what :meth:`begin` makes of it.

        Args:
            method: of the request.
            fields: of the request, as the wire has them.

        Returns:
            Whether it has begun.
        """
        # PERF(bench: wire_not_modified): most files are asked for as they were before, and most clients have them already.
        conditions = [field for field in fields if field[0] in _CONDITIONS]
        condition = None
        if conditions:
            name, condition = conditions[0]
            if name != b"if-none-match" or len(conditions) > 1:
                return False
        is_usual = method == "GET" and self.encoder is None
        known = self.cache.find(self.path, self.allowed_dir) if is_usual else None
        answer = None if known is None else known.answers.get(condition)
        if answer is None or answer.given != (self._status, tuple(self._fields)):
            return False
        _, self._status, self._fields, self.wire_head, self._body = answer
        self.is_ready = True
        return True

    def _remember(
        self,
        file: OpenFile | SmallFile,
        given: tuple[int, FieldPairs],
        asked: Iterable[tuple[bytes, bytes]],
    ) -> None:
        """Keep what was made of a file, if the same will be made of it again; nothing is left to prepare then."""
        if not isinstance(file, SmallFile):
            return
        conditions = [field for field in asked if field[0] in _CONDITIONS]
        is_known = self._status == 304 and conditions == [(b"if-none-match", self._tag)]
        fields, body = tuple(self._fields), self._body
        is_framed = any(
            name in _FRAMING for name, _ in fields
        )  # by hand: it has to be compared with the content
        if is_framed or body is None or given[0] in NO_CONTENT or (conditions and not is_known):
            return
        head = status_line(self._status) + field_lines(fields) + (b"" if is_known else b"content-length: ")
        self.wire_head, self.is_ready = head, True
        condition = conditions[0][1] if is_known else None
        file.answers[condition] = Answer(given, self._status, fields, head, body)

    async def _read(self) -> tuple[Version, OpenFile | SmallFile]:
        """Find the file among those that are kept; else open it, read it if it is small, and keep that."""
        known = self.cache.find(self.path, self.allowed_dir)
        if known is not None:
            return known.version, known
        version, file = await self.pool.run(read_file, self.path, self.allowed_dir)
        if isinstance(file, SmallFile):
            self.cache.keep(self.path, self.allowed_dir, file)
        return version, file

    def _describe(self, version: Version) -> None:
        """Say which version it is."""
        fields = self.raw_headers
        given = {name for name, _ in fields}
        if b"etag" not in given:
            fields.append((b"etag", version.etag))
        if version.last_modified is not None and b"last-modified" not in given:
            fields.append((b"last-modified", version.last_modified))
        if self.encoder is not None:  # tag and ranges would be of the form on the disk
            weaken(self.headers)
        elif self._status == 200 and b"accept-ranges" not in given:
            fields.append((b"accept-ranges", b"bytes"))

    def _asked(self, method: str, headers: Headers) -> Range | None:
        """Evaluate the conditions; return the range that is to be sent, None for the whole or nothing."""
        if method not in _READING:
            return None
        conditions = [field for field in headers.raw if field[0] in _CONDITIONS]
        if not conditions:
            return None
        if conditions == [(b"if-none-match", self._tag)] and 200 <= self._status < 300:
            self._not_modified()  # what nearly every client sends that has the content
            return None
        verdict = evaluate(
            method,
            headers,
            etag=EntityTag.parse(self._field(b"etag") or ""),
            last_modified=parse_date(self._field(b"last-modified") or ""),
            status_code=self._status,
            now=datetime.now(UTC),
        )
        if verdict.status == 412:
            raise PreconditionFailed
        if verdict.status == 304:
            self._not_modified()
        return verdict.range

    @property
    def _tag(self) -> bytes | None:
        return next((value for name, value in self._fields if name == b"etag"), None)

    def _not_modified(self) -> None:
        """Say that the client has this version, and of it only what a cache has to know."""
        self.status_code = 304
        fields = self.raw_headers
        fields[:] = [field for field in fields if field[0] not in _OF_THE_CONTENT]

    def _divided(self, asked: Range | None, count: int) -> tuple[Section, ...]:
        """Return what is to be sent of so many bytes, and say so."""
        is_divisible = self._field(b"accept-ranges") == "bytes"  # RFC 9110 §14.3: they can be declined
        parts = asked.ranges_of(count) if asked is not None and is_divisible else None
        if parts is None:
            self._length = None if self._status == 304 else count
            return (Section(b"", 0, count),)
        if not parts:
            raise RequestRangeNotSatisfiable(headers={"content-range": str(ContentRange(None, None, count))})
        self.status_code = 206
        if len(parts) == 1:
            start, stop = parts[0]
            self.headers.set("content-range", str(ContentRange(start, stop, count)))
            self._length = stop - start
            return (Section(b"", start, stop),)
        several = ByteRanges(parts, count, self._field(b"content-type"), secrets.token_hex(16))
        self.headers.set("content-type", several.content_type)
        self._length = several.content_length
        pieces = zip(several.heads, parts, strict=True)
        return (*(Section(lead, *part) for lead, part in pieces), Section(several.end))

    def _take(self, file: OpenFile | SmallFile, sections: tuple[Section, ...]) -> None:
        """Keep what is to be sent."""
        if isinstance(file, OpenFile):
            self.file, self.sections = file, sections
            return
        self._length = None  # it is that of the body
        self.is_ready = False
        if self._status == 206:
            self._body = b"".join([lead + file.content[start:stop] for lead, start, stop in sections])
        else:
            self._body = file.content

    @property
    def is_whole(self) -> bool:
        """False: it is in the file."""
        return False

    @property
    def chunks(self) -> AsyncIterable[bytes] | None:
        """The file in blocks, once it is open; None where nothing is to be sent, or all of it is there."""
        return None if self.file is None else self

    def __aiter__(self) -> AsyncIterator[bytes]:
        self._reader = self._pull()
        if self.encoder is not None:
            self._reader = encode_chunks(self._reader, self.encoder, flushes=False)
        return self._reader

    async def close(self, _: object = None) -> None:
        """Close the file, sent or not; a finished callback."""
        if self.file is not None:
            self.file.close()
        if self._reader is not None:
            await self._reader.aclose()

    def take(self) -> Self:
        """Return a copy for one request."""
        return self._twin()  # PERF(bench: wire_file): there is no other content that has to be read before

    def _twin(self) -> Self:
        """Return an equal response that has not been begun: it will open the file for itself."""
        twin = super()._twin()
        twin.file = twin._reader = twin._length = None  # noqa: SLF001 - a twin is of our own class
        twin._body, twin.is_ready = b"", False  # noqa: SLF001 - as above
        return twin

    async def ready(self, scope: Scope) -> Self:
        """Return the response, with its file open."""
        await self.begin(scope["method"], Headers(scope["headers"]))
        return self

    async def _pull(self) -> AsyncGenerator[bytes, None]:
        """Give the whole content in pieces, for lanes that know nothing but chunks."""
        for section in self.sections:
            if section.lead:
                yield section.lead
            async for block in self.blocks(section):
                yield block

    async def blocks(self, section: Section) -> AsyncGenerator[bytes, None]:
        """Read one part of the file.

        Raises:
            EOFError: the file has become shorter than was promised (RFC 9112 §8: only the end of the connection tells).
        """
        _, offset, end = section
        while offset < end:
            assert self.file is not None
            block = await self.pool.run(self.file.read, offset, min(end - offset, _BLOCK))
            if not block:
                raise EOFError(
                    f"{self.path} became shorter while it was sent: {end - offset} bytes are missing"
                )
            offset += len(block)
            yield block

    def _default_content_type(self) -> None:
        if self._field(b"content-type") is not None:
            return
        declared = self.media_type or self.default_content_type
        if declared is None:
            kind = with_charset(type_of_name(self.path), self.default_charset)
            self.raw_headers.append((b"content-type", field_value(kind, "content-type")))
        else:
            self.content_type = declared

    def _natural_type(self) -> str:
        return self.media_type or self.default_content_type or type_of_name(self.path)


@functools.lru_cache(maxsize=64)
def _usual_fields(kind: str, charset: str) -> FieldPairs:
    """Return the fields of a response that says nothing but which type its file has."""
    return (b"content-type", field_value(with_charset(kind, charset), "content-type")), _NOT_GUESSED
