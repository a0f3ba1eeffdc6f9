"""Responses that leave in chunks."""

from __future__ import annotations

import inspect
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Iterable
from typing import Any, Self, TypeVar, Unpack

from ..concurrency import ThreadPool, iterate_in_thread
from ..media import registry
from ..types import Scope
from .attributes import check_contents
from .compression import encode_chunks
from .outgoing import Attributes, Fields, Response
from .servererrors import ServiceUnavailable
from .status import NO_CONTENT
from .wire import field_lines, status_line

__all__ = ["EVENTS", "Content", "StreamingResponse"]

T = TypeVar("T")

#: What begins at once, without waiting for the first chunk.
EVENTS = "text/event-stream"
_CHUNKED = b"transfer-encoding: chunked\r\n"

Chunk = bytes | str
Chunks = AsyncIterable[Chunk] | Iterable[Chunk]
Content = Chunks | Callable[[], Chunks]


class StreamingResponse(Response[Content]):
    """A response whose content is made while it leaves.

    The generator is closed when the client leaves; a blocking one is pulled in a thread of its own.

    Args:
        content: an asynchronous or plain iterable of bytes or text, or a callable without arguments that gives one.
        status_code: 100-599.
        headers: a mapping or pairs.
        media_type: when not given, the first chunk decides: text is ``text/plain``, bytes are ``application/octet-stream``.
        **attributes: as :class:`Response`.

    Raises:
        TypeError: the content is none of these, or there is a second one.
    """

    takes_loop = True

    #: Where a blocking iterable is pulled; preparing gives the application's own.
    pool = ThreadPool("wadjet-stream", 64)

    #: The content once it has been begun, its first chunk, and what makes bytes of it all.
    _source: AsyncIterator[Chunk] | None = None
    _first = b""
    _is_begun = False
    _reader: AsyncGenerator[bytes, None] | None = None

    def __init__(
        self,
        content: Content,
        status_code: int | None = None,
        headers: Fields = None,
        media_type: str | None = None,
        **attributes: Unpack[Attributes],
    ) -> None:
        check_contents(self, attributes, "content")
        if isinstance(content, str | bytes) or not (callable(content) or _is_iterable(content)):
            raise TypeError(
                f"{type(self).__name__} takes an iterable of bytes or text, not {type(content).__name__}"
            )
        super().__init__(None, status_code, headers, media_type, **attributes)
        self.content = content

    @property
    def chunks(self) -> AsyncIterable[bytes]:
        """The content, made while it is iterated over; once."""
        return self

    def make_ready(self) -> None:
        """Say that nothing is left to prepare: the content is asynchronous, and its first chunk is not waited for."""
        self.wire_head = status_line(self._status) + field_lines(self._fields) + _CHUNKED
        self._body, self.is_ready = None, True

    def __aiter__(self) -> AsyncIterator[bytes]:
        self._reader = self._pull()
        if self.encoder is not None:
            self._reader = encode_chunks(self._reader, self.encoder, flushes=True)
        return self._reader

    async def begin(self, *, head: bool) -> None:
        """Wait for the first chunk, so that a generator that fails at once is an error response and not a broken one.

        An event stream is not waited for: its head must reach the client before the first event.

        Args:
            head: the request is HEAD: nothing but the fields will leave.

        Raises:
            ServiceUnavailable: every thread for blocking iterables is kept by another stream.
        """
        if not self.pool.has_room and not _is_asynchronous(self.content):
            raise ServiceUnavailable(
                "As many streams are open as the server can serve; try again.", retry_after=1
            )
        content_type = self.content_type
        if content_type is not None and (head or content_type == EVENTS):
            return
        source = self._source = self._raw()
        try:
            first = await anext(source)  # with a default CPython 3.11 crashes when __anext__ itself raises
        except StopAsyncIteration:
            if content_type is None:
                self.content_type = registry.BINARY
            return
        if content_type is None:
            self.content_type = registry.TEXT if isinstance(first, str) else registry.BINARY
        self._first = self.encoded(first)  # what cannot be sent fails before the head has left

    async def ready(self, scope: Scope) -> Response[Any]:
        """Return the response with its first chunk, which says its type where nobody else does."""
        await super().ready(scope)
        if self._status not in NO_CONTENT:
            await self.begin(head=scope["method"] == "HEAD")
        return self

    def opened(self) -> tuple[bytes, AsyncIterator[Chunk]]:
        """Return the first chunk and what gives the rest, as it was made: for a lane that sends without :attr:`chunks`."""
        source = self._source = self._source or self._raw()
        return self._first, source

    def encoded(self, chunk: object) -> bytes:
        """Return a chunk as bytes; an object with ``__bytes__``, a server-sent event for example, says itself what it is.

        Raises:
            TypeError: it is neither bytes nor text.
        """
        if isinstance(chunk, bytes):
            return chunk
        if isinstance(chunk, str):
            return chunk.encode(self.charset or "utf-8")
        if isinstance(chunk, bytearray | memoryview) or hasattr(chunk, "__bytes__"):
            return bytes(chunk)
        raise TypeError(f"a stream yields bytes or text, not {type(chunk).__name__}")

    async def close(self, _: object = None) -> None:
        """Close the content, sent or not; a finished callback."""
        opened, self._reader, self._source = (self._reader, self._source), None, None
        for chunks in opened:
            await _close(chunks)
        if not self._is_begun and (hasattr(self.content, "__next__") or hasattr(self.content, "__anext__")):
            self._is_begun = True
            await _close(self.content)

    def copy(self) -> Self:
        """Return an equal response; content that can be iterated again is."""
        twin = super().copy()
        twin._reader, twin._source, twin._first = None, None, b""  # noqa: SLF001 - a twin is of our own class
        twin._is_begun = False  # noqa: SLF001 - as above
        return twin

    def _raw(self) -> AsyncIterator[Chunk]:
        self._is_begun = True
        content: Any = self.content
        if callable(content) and not _is_iterable(content):
            content = content()
        if hasattr(content, "__aiter__"):
            return content.__aiter__()  # type: ignore[no-any-return]  # it has just been asked for it
        if hasattr(content, "__iter__") and not isinstance(content, str | bytes):
            return iterate_in_thread(self.pool, content)
        raise TypeError(f"StreamingResponse takes an iterable of bytes or text, not {type(content).__name__}")

    async def _pull(self) -> AsyncGenerator[bytes, None]:
        """Make bytes of the content, the plain way."""
        first, source = self.opened()
        if first:
            yield first
        async for chunk in source:
            yield self.encoded(chunk)


def _is_iterable(content: object) -> bool:
    return hasattr(content, "__aiter__") or hasattr(content, "__iter__")


async def _close(chunks: object) -> None:
    """Let an iterator end before its time; nobody is iterating over it."""
    aclose = getattr(chunks, "aclose", None)
    close = getattr(chunks, "close", None)
    if aclose is not None:
        await aclose()
    elif close is not None:
        close()


def _is_asynchronous(content: object) -> bool:
    return hasattr(content, "__aiter__") or inspect.isasyncgenfunction(content)
