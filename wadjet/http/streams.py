"""Responses that leave in chunks."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable
from typing import Any, Self, TypeVar, Unpack

from ..concurrency import ThreadPool, iterate_in_thread
from ..media import registry
from .outgoing import Attributes, Fields, Response
from .servererrors import ServiceUnavailable

__all__ = ["Content", "StreamingResponse", "as_bytes"]

T = TypeVar("T")

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
    """

    #: Where a blocking iterable is pulled; preparing gives the application's own.
    pool = ThreadPool("wadjet-stream", 64)

    #: What was waited for, until it ends; and its first chunk.
    _source: AsyncIterator[Chunk] | None = None
    _first: Chunk = b""

    def __init__(
        self,
        content: Content,
        status_code: int | None = None,
        headers: Fields = None,
        media_type: str | None = None,
        **attributes: Unpack[Attributes],
    ) -> None:
        super().__init__(None, status_code, headers, media_type, **attributes)
        self.content = content
        self.chunks = self._pull()

    async def begin(self, *, head: bool) -> None:
        """Wait for the first chunk, so that a generator that fails at once is an error response and not a broken one.

        An event stream is not waited for: its head must reach the client before the first event.

        Args:
            head: the request is HEAD: nothing but the fields will leave.

        Raises:
            ServiceUnavailable: every thread for blocking iterables is kept by another stream.
        """
        if not self.pool.has_room and not _is_asynchronous(self.content):
            raise ServiceUnavailable(1, "As many streams are open as the server can serve; try again.")
        content_type = self.content_type
        if content_type is not None and (head or content_type == "text/event-stream"):
            self.chunks = self._pull()
            return
        chunks = self._source = self._raw()
        first = self._first = await anext(chunks, b"")
        as_bytes(first, self.charset or "utf-8")  # what cannot be sent fails before the head has left
        if content_type is None:
            self.content_type = registry.TEXT if isinstance(first, str) else registry.BINARY
        self.chunks = self._pull(first, chunks)

    def opened(self) -> tuple[bytes, AsyncIterator[Chunk], str]:
        """Return the first chunk, what gives the rest, and the charset of text: for a lane that sends without :attr:`chunks`."""
        charset = self.charset or "utf-8"
        source = self._source = self._source or self._raw()
        return as_bytes(self._first, charset), source, charset

    async def close(self, _: object = None) -> None:
        """Close the content, sent or not; a finished callback."""
        for chunks in (self.chunks, self._source):
            await _close(chunks)

    def copy(self) -> Self:
        """Return an equal response; content that can be iterated again is."""
        twin = super().copy()
        twin.chunks, twin._source, twin._first = twin._pull(), None, b""  # noqa: SLF001 - a twin is of our own class
        return twin

    def _raw(self) -> AsyncIterator[Chunk]:
        content: Any = self.content
        if callable(content) and not hasattr(content, "__aiter__") and not hasattr(content, "__iter__"):
            content = content()
        if hasattr(content, "__aiter__"):
            return content.__aiter__()  # type: ignore[no-any-return]  # it has just been asked for it
        if hasattr(content, "__iter__") and not isinstance(content, str | bytes):
            return iterate_in_thread(self.pool, content)
        raise TypeError(f"StreamingResponse takes an iterable of bytes or text, not {type(content).__name__}")

    async def _pull(
        self, first: Chunk = b"", chunks: AsyncIterator[Chunk] | None = None
    ) -> AsyncIterator[bytes]:
        if chunks is None:
            chunks = self._raw()
        charset = self.charset or "utf-8"
        try:
            if first:
                yield as_bytes(first, charset)
            async for chunk in chunks:
                yield as_bytes(chunk, charset)
        finally:
            await _close(chunks)


def _is_asynchronous(content: object) -> bool:
    return hasattr(content, "__aiter__") or inspect.isasyncgenfunction(content)


async def _close(chunks: object) -> None:
    aclose = getattr(chunks, "aclose", None)
    if aclose is not None:
        await aclose()


def as_bytes(chunk: object, charset: str) -> bytes:
    """Return a chunk of a stream as bytes.

    Raises:
        TypeError: it is neither bytes nor text.
    """
    if isinstance(chunk, bytes):
        return chunk
    if isinstance(chunk, str):
        return chunk.encode(charset)
    if isinstance(chunk, bytearray | memoryview):
        return bytes(chunk)
    raise TypeError(f"a stream yields bytes or text, not {type(chunk).__name__}")
