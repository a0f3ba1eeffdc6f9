"""WebOb's other ways to a response's content: as an iterable, as a file to write to, encoded and tagged."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import AsyncIterable, Callable, Iterable, Iterator
from typing import IO, Any, Literal, TypeAlias, TypeVar

from ..errors import MissingExtra
from .compression import CODINGS, Encoder, decode, encode_chunks, encoder_for, mark_encoded
from .responsebody import ResponseBody

__all__ = ["BodyFile", "ResponseContent"]

T = TypeVar("T")

Buffer: TypeAlias = bytes | bytearray | memoryview

#: How much of a file is read at once.
_BLOCK = 256 * 1024


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

    def encode_content(
        self, encoding: Literal["gzip", "br", "zstd", "identity"] = "gzip", *, lazy: bool = False
    ) -> None:
        """Encode the content, for a client that is known to take it; see ``GZipResponse`` for what asks the client.

        ``Vary`` names Accept-Encoding, and an entity tag becomes weak: the bytes are no longer those it was made for.

        Args:
            encoding: ``gzip``, or with the extra ``compress`` ``br`` and ``zstd``; ``identity`` decodes.
            lazy: encode while it is sent, and say no length.

        Raises:
            ValueError: another encoding, or content in an encoding that cannot be undone.
            MissingExtra: what the encoding needs is not installed.
        """
        if encoding not in {*CODINGS, "identity"}:
            raise ValueError(
                f"encode_content({encoding!r}): the encodings are {', '.join(CODINGS)} and identity"
            )
        if (self.content_encoding or "").lower() == encoding:
            return
        encoder = None if encoding == "identity" else encoder_for(encoding, (encoding,))
        if encoder is None and encoding != "identity":
            raise MissingExtra(
                f'encode_content({encoding!r}) needs what is not installed: pip install "wadjet[compress]"'
            )
        self.decode_content()
        if encoder is None:
            return
        if lazy:
            self.app_iter = _encoded(self.app_iter, encoder)
        else:
            self.replace_body(encoder.feed(self.body) + encoder.finish())
        mark_encoded(self.headers, encoding)

    def decode_content(self) -> None:
        """Undo the encoding of the content: gzip, deflate, and those that are installed.

        Raises:
            ValueError: another encoding, or content that is not in it.
        """
        encoding = self.content_encoding or "identity"
        if encoding.lower() != "identity":
            self.replace_body(decode(self.body, encoding))
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


def _encoded(
    chunks: Iterable[bytes] | AsyncIterable[bytes], encoder: Encoder
) -> Iterable[bytes] | AsyncIterable[bytes]:
    if isinstance(chunks, AsyncIterable):
        return encode_chunks(chunks, encoder, flushes=False)
    return _encoded_whole(chunks, encoder)


def _encoded_whole(chunks: Iterable[bytes], encoder: Encoder) -> Iterator[bytes]:
    for chunk in chunks:
        yield encoder.feed(chunk)
    yield encoder.finish()
