"""WebOb's other ways to a response's content: as an iterable, as a file to write to, encoded and tagged."""

from __future__ import annotations

import base64
import gzip
import hashlib
import zlib
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator
from typing import IO, Any, Literal, TypeAlias, TypeVar

from .responsebody import ResponseBody

__all__ = ["BodyFile", "ResponseContent"]

T = TypeVar("T")

Buffer: TypeAlias = bytes | bytearray | memoryview

#: How much of a file is read at once.
_BLOCK = 256 * 1024
#: What tells zlib to write gzip's frame around.
_GZIP = 16 + zlib.MAX_WBITS


class ResponseContent(ResponseBody[T]):
    """What a response carries, in the forms that WSGI code knows."""

    @property
    def app_iter(self) -> Iterable[bytes] | AsyncIterable[bytes]:
        """The content as an iterable of bytes. What is assigned is streamed when the response is returned from a handler."""
        return [self.body] if self._iterable is None else self._iterable

    @app_iter.setter
    def app_iter(self, value: Iterable[bytes] | AsyncIterable[bytes]) -> None:
        if isinstance(value, str | bytes | bytearray | memoryview) or not (
            isinstance(value, Iterable | AsyncIterable)
        ):
            raise TypeError(f"app_iter takes an iterable of bytes, not {type(value).__name__}; see body=")
        self.headers.delete("content-length")
        self.replace_body(None)
        self._iterable = value

    @app_iter.deleter
    def app_iter(self) -> None:
        del self.body

    @property
    def body_file(self) -> BodyFile:
        """The content as a file to write to. A readable file that is assigned is the content, read when it is sent."""
        return BodyFile(self)

    @body_file.setter
    def body_file(self, value: IO[bytes] | IO[str]) -> None:
        if not hasattr(value, "read"):
            raise TypeError(f"body_file takes a readable file, not {type(value).__name__}")
        self.app_iter = _Blocks(value, self._as_bytes)

    @body_file.deleter
    def body_file(self) -> None:
        del self.body

    def write(self, data: Buffer | str) -> int:
        """Add to the content; return how many bytes.

        Args:
            data: bytes, or text for the response's charset.

        Raises:
            TypeError: it is neither.
        """
        chunk = self._as_bytes(data)
        if self._iterable is not None or self._body is None:
            self._body = self.body
        if not isinstance(self._written, list):
            self._written = list(self._written)
        self._written.append(chunk)
        self.is_ready = False
        return len(chunk)

    def _as_bytes(self, data: object) -> bytes:
        if isinstance(data, str):
            return data.encode(self._encoding)
        if isinstance(data, bytes | bytearray | memoryview):
            return bytes(data)
        raise TypeError(f"the content is bytes or text, not {type(data).__name__}")

    def app_iter_range(self, start: int, stop: int) -> Iterator[bytes]:
        """Return the bytes from ``start`` up to ``stop``, exclusively."""
        yield self.body[start:stop]

    # -- encoded and tagged ---------------------------------------------------------------------------------------------------

    def encode_content(self, encoding: Literal["gzip", "identity"] = "gzip", *, lazy: bool = False) -> None:
        """Encode the content, for a client that is known to take it; see ``GZipResponse`` for what asks the client.

        ``Vary`` names Accept-Encoding, and an entity tag becomes weak: the bytes are no longer those it was made for.

        Args:
            encoding: ``gzip``; ``identity`` decodes.
            lazy: encode while it is sent, and say no length.

        Raises:
            ValueError: another encoding, or content in an encoding that cannot be undone.
        """
        if encoding not in {"gzip", "identity"}:
            raise ValueError(f"encode_content({encoding!r}): the encodings are 'gzip' and 'identity'")
        if self.content_encoding == encoding:
            return
        self.decode_content()
        if encoding == "identity":
            return
        if lazy:
            self.app_iter = _gzipped(self.app_iter)
        else:
            self.replace_body(gzip.compress(self.body, mtime=0))
        self.content_encoding = encoding
        self.headers.add_vary("Accept-Encoding")
        if self.etag_strong is not None:
            self.etag = self.etag_strong, False

    def decode_content(self) -> None:
        """Undo the encoding of the content: gzip or deflate.

        Raises:
            ValueError: another encoding, or content that is not in it.
        """
        encoding = self.content_encoding or "identity"
        if encoding == "identity":
            return
        decode = _DECODERS.get(encoding)
        if decode is None:
            raise ValueError(f"content in {encoding!r:.60} cannot be decoded; gzip and deflate can")
        try:
            body = decode(self.body)
        except (OSError, EOFError, zlib.error) as error:
            raise ValueError(f"the content is not in {encoding}: {error}") from error
        self.replace_body(body)
        self.content_encoding = None

    def md5_etag(self, body: bytes | None = None, set_content_md5: bool = False) -> None:
        """Make the entity tag of the MD5 of the content.

        Args:
            body: what to take instead of the content.
            set_content_md5: set Content-MD5 too.
        """
        digest = hashlib.md5(self.body if body is None else body, usedforsecurity=False).digest()
        text = base64.b64encode(digest).decode()
        self.etag = text.rstrip("=")
        if set_content_md5:
            self.content_md5 = text


class BodyFile:
    """The content of a response as a file that is only written to.

    Args:
        response: whose content it is.
    """

    mode = "wb"

    def __init__(self, response: ResponseContent[Any]) -> None:
        self._response = response
        self.closed = False

    @property
    def encoding(self) -> str | None:
        """The charset of text that is written."""
        return self._response.charset

    def write(self, data: Buffer | str) -> int:
        """Add to the content; return how many bytes.

        Raises:
            ValueError: the file is closed.
        """
        if self.closed:
            raise ValueError("the file is closed")
        return self._response.write(data)

    def writelines(self, lines: Iterable[Buffer | str]) -> None:
        """Add each to the content."""
        for line in lines:
            self.write(line)

    def writable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return how many bytes there are."""
        return len(self._response.body)

    def flush(self) -> None:
        """Do nothing: what was written is there."""

    def close(self) -> None:
        """Take no more; the response stays as it is."""
        self.closed = True


class _Blocks(Iterator[bytes]):
    """A file, read in blocks and closed: also if nobody begins to read it, which a generator would not notice.

    Args:
        file: open for reading.
        write: makes bytes of a block.
    """

    def __init__(self, file: IO[Any], write: Callable[[object], bytes]) -> None:
        self._file = file
        self._write = write

    def __next__(self) -> bytes:
        block = self._file.read(_BLOCK)
        if not block:
            raise StopIteration
        return self._write(block)

    def close(self) -> None:
        """Close the file."""
        close = getattr(self._file, "close", None)
        if close is not None:
            close()


def _gzipped(chunks: Iterable[bytes] | AsyncIterable[bytes]) -> Iterable[bytes] | AsyncIterable[bytes]:
    return _gzipped_async(chunks) if isinstance(chunks, AsyncIterable) else _gzipped_whole(chunks)


def _gzipped_whole(chunks: Iterable[bytes]) -> Iterator[bytes]:
    encoder = zlib.compressobj(wbits=_GZIP)
    for chunk in chunks:
        yield encoder.compress(chunk)
    yield encoder.flush()


async def _gzipped_async(chunks: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    encoder = zlib.compressobj(wbits=_GZIP)
    async for chunk in chunks:
        yield encoder.compress(chunk)
    yield encoder.flush()


def _inflated(data: bytes) -> bytes:
    """Undo ``deflate``, in zlib's frame (RFC 9110 §8.4.1.2) or without, as some servers send it."""
    try:
        return zlib.decompress(data)
    except zlib.error:
        return zlib.decompress(data, wbits=-zlib.MAX_WBITS)


_DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.decompress,
    "x-gzip": gzip.decompress,
    "deflate": _inflated,
}
