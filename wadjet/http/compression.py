"""Content codings: choosing one that the client takes, and encoding content piece by piece (RFC 9110 §8.4). No I/O."""

from __future__ import annotations

import asyncio
import gzip
import importlib
import zlib
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Iterable
from concurrent.futures import Executor
from contextlib import aclosing
from functools import cache
from typing import Any, Protocol

from ..concurrency import ThreadPool
from .conditional import EntityTag, parse_if_none_match
from .headers import MutableHeaders
from .negotiation import AcceptEncoding
from .parameters import media_type
from .status import NO_CONTENT

__all__ = [
    "CODINGS",
    "Encoder",
    "Placed",
    "decode",
    "encode_chunks",
    "encode_piece",
    "encode_whole",
    "encoder_for",
    "is_compressible",
    "is_encodable",
    "mark_encoded",
    "negotiate",
    "weaken",
]

#: More than this is encoded in a thread: it would keep the loop for longer than the way there and back takes.
_LARGE = 65536
#: zlib releases the interpreter's lock, so threads beyond those of the processor would gain nothing.
_POOL = ThreadPool("wadjet-encode", 4)

#: What is compressed already, or may well be, by the beginning of its media type.
_DENSE = (
    "application/gzip",
    "application/octet-stream",
    "application/pdf",
    "application/vnd.openxmlformats",
    "application/vnd.rar",
    "application/x-7z-compressed",
    "application/x-bzip",
    "application/x-gzip",
    "application/x-xz",
    "application/zip",
    "application/zstd",
    "audio/",
    "font/woff",
    "image/avif",
    "image/gif",
    "image/heic",
    "image/jpeg",
    "image/jxl",
    "image/png",
    "image/webp",
    "video/",
)
#: What describes the bytes that are encoded, and not those that leave.
_OF_THE_BYTES = ("accept-ranges", "content-digest", "content-length", "content-md5", "digest", "repr-digest")


class Encoder(Protocol):
    """One content on its way through a content coding. It is used once."""

    @property
    def coding(self) -> str:
        """What Content-Encoding says."""

    def feed(self, data: bytes) -> bytes:
        """Take a piece; give what is ready."""

    def flush(self) -> bytes:
        """Give everything that was taken so far, so that a client can read it."""

    def finish(self) -> bytes:
        """Give the rest."""


class _Gzip:
    """RFC 1952."""

    coding = "gzip"

    def __init__(self, level: int) -> None:
        # 16 more than the largest window asks for the gzip form, whose date zlib leaves out: equal content is equal bytes.
        self._machine = zlib.compressobj(level, zlib.DEFLATED, 16 + zlib.MAX_WBITS)

    def feed(self, data: bytes) -> bytes:
        return self._machine.compress(data)

    def flush(self) -> bytes:
        return self._machine.flush(zlib.Z_SYNC_FLUSH)

    def finish(self) -> bytes:
        return self._machine.flush()


class _Brotli:
    """RFC 7932."""

    coding = "br"

    def __init__(self, level: int) -> None:
        self._machine = _module("br").Compressor(quality=level)

    def feed(self, data: bytes) -> bytes:
        encoded: bytes = self._machine.process(data)
        return encoded

    def flush(self) -> bytes:
        encoded: bytes = self._machine.flush()
        return encoded

    def finish(self) -> bytes:
        encoded: bytes = self._machine.finish()
        return encoded


class _Zstandard:
    """RFC 8878."""

    coding = "zstd"

    def __init__(self, level: int) -> None:
        self._machine = _module("zstd").ZstdCompressor(level)

    def feed(self, data: bytes) -> bytes:
        encoded: bytes = self._machine.compress(data)
        return encoded

    def flush(self) -> bytes:
        encoded: bytes = self._machine.flush(self._machine.FLUSH_BLOCK)
        return encoded

    def finish(self) -> bytes:
        encoded: bytes = self._machine.flush()
        return encoded


#: By the name of the coding, the preferred one first: what makes an encoder of a level, the level, and the modules that it needs
#: one of. Levels are those at which each costs about as much as gzip at its own default.
_MACHINES: dict[str, tuple[Callable[[int], Encoder], int, tuple[str, ...]]] = {
    "zstd": (_Zstandard, 3, ("compression.zstd", "backports.zstd")),
    "br": (_Brotli, 4, ("brotli", "brotlicffi")),
    "gzip": (_Gzip, 6, ("zlib",)),
}
#: All codings that there are encoders for, the preferred one first.
CODINGS = tuple(_MACHINES)


@cache
def _module(coding: str) -> Any:
    """Return the module that a coding needs; None where it is not installed."""
    for name in _MACHINES[coding][2]:
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    return None


def encoder_for(
    accept: str | None, codings: Iterable[str] = CODINGS, level: int | None = None
) -> Encoder | None:
    """Return an encoder for the coding that the client likes best; None where content is to leave as it is (RFC 9110 §12.5.3).

    Without the field the RFC would allow any coding; but what does not name one is seldom able to decode one.

    Args:
        accept: the Accept-Encoding field, its lines joined by commas; None when it is absent.
        codings: names of those to choose from, the preferred one first; what is not installed is left out.
        level: how hard to try, in the coding's own measure; None for one that suits content made for one request.
    """
    accepted = AcceptEncoding(accept)
    if not accepted:  # what cannot be read does not say that the client can decode anything
        return None
    offers = [coding for coding in codings if _module(coding) is not None]
    chosen = accepted.best_of([*offers, "identity"])
    if chosen not in offers:
        return None
    make, default, _ = _MACHINES[chosen]
    return make(default if level is None else level)


def decode(body: bytes, coding: str) -> bytes:
    """Undo a content coding, of content that nobody else has made.

    Args:
        body: all of it.
        coding: one of :data:`CODINGS`, or ``deflate``; in any case (RFC 9110 §8.4.1).

    Raises:
        ValueError: another coding, one that is not installed, or content that is not in it.
    """
    coding = coding.lower()
    if coding in _DECODERS:
        error: type[Exception] = zlib.error
        decoder = _DECODERS[coding]
    else:
        module = _module(coding) if coding in CODINGS else None
        if module is None:
            raise ValueError(f"content in {coding!r:.60} cannot be decoded here")
        error = module.error if coding == "br" else module.ZstdError
        decoder = module.decompress
    try:
        return decoder(body)
    except (error, EOFError, OSError) as wrong:
        raise ValueError(f"the content is not in {coding}: {wrong}") from wrong


def _inflated(data: bytes) -> bytes:
    """Undo ``deflate``, in zlib's frame (RFC 9110 §8.4.1.2) or without, as some servers send it."""
    try:
        return zlib.decompress(data)
    except zlib.error:
        return zlib.decompress(data, wbits=-zlib.MAX_WBITS)


#: Those that are always there.
_DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.decompress,
    "x-gzip": gzip.decompress,
    "deflate": _inflated,
}


def is_compressible(content_type: str | None) -> bool:
    """Tell whether content of a type is likely to become shorter: not what is compressed already."""
    return content_type is not None and not media_type(content_type).startswith(_DENSE)


def is_encodable(status: int, headers: MutableHeaders) -> bool:
    """Tell whether the content of a response may be encoded at all.

    It may not when there is none, when it is a part (RFC 9110 §14.4: ranges are of the encoded form), when it is encoded already,
    or when it shall not be changed (RFC 9111 §5.2.2.6).

    Args:
        status: of the response.
        headers: of the response.
    """
    if status in NO_CONTENT or status == 206 or "content-encoding" in headers or "content-range" in headers:
        return False
    directives = (headers.joined("cache-control") or "").lower().split(",")
    return "no-transform" not in {directive.strip() for directive in directives}


def weaken(headers: MutableHeaders) -> None:
    """Make the entity tag a weak one: a strong one is of one form only (RFC 9110 §8.8.3.3)."""
    tag = headers.get("etag")
    if tag is not None and not tag.startswith("W/"):
        headers.set("etag", f"W/{tag}")


def mark_encoded(headers: MutableHeaders, coding: str) -> None:
    """Say in the fields of a response that its content is encoded, and no longer what is no longer true.

    Args:
        headers: of the response.
        coding: as Content-Encoding says it.
    """
    for name in _OF_THE_BYTES:
        headers.delete(name)
    headers.set("content-encoding", coding)
    headers.add_vary("Accept-Encoding")
    weaken(headers)


def negotiate(
    response: Any, choose: Callable[[], Encoder | None], above: int, known: str | None = None
) -> None:
    """Let the content of a final response leave encoded, if it may, if that is of use, and if the client takes it.

    Args:
        response: a :class:`~wadjet.http.response.Response`, or the head of one.
        choose: gives an unused encoder; None where the client takes none.
        above: content of no more bytes leaves as it is.
        known: the If-None-Match field of the request, its lines joined by commas; None when it is absent.
    """
    status = response.status_code
    if status in {206, 304}:
        # RFC 9110 §15.3.7, §15.4.5: with the fields that select the stored form, and its tag.
        headers = response.headers
        headers.add_vary("Accept-Encoding")
        if status == 304 and not _is_known(headers.get("etag"), known) and choose() is not None:
            weaken(headers)
        return
    length = response.length
    if (length is not None and length <= above) or not is_compressible(response.content_type):
        return
    headers = response.headers
    if not is_encodable(status, headers):
        return
    headers.add_vary("Accept-Encoding")
    encoder = choose()
    if encoder is not None:
        response.encode_with(encoder)


def _is_known(tag: str | None, known: str | None) -> bool:
    """Tell whether a client has just the form that a strong tag is of: what left unencoded, or was encoded beforehand."""
    own = EntityTag.parse(tag or "")
    forms = {
        each.is_weak for each in parse_if_none_match(known) if own is not None and own.weakly_equals(each)
    }
    return forms == {False}


class Placed:
    """An encoder whose work is done in an executor of the developer's.

    Args:
        encoder: what does the work.
        executor: of threads.
        above: pieces of no more bytes are encoded where they are.
    """

    def __init__(self, encoder: Encoder, executor: Executor, above: int) -> None:
        self._encoder = encoder
        self.executor = executor
        self.above = above
        self.coding = encoder.coding
        self.feed, self.flush, self.finish = encoder.feed, encoder.flush, encoder.finish


async def encode_piece(encoder: Encoder, piece: bytes) -> bytes:
    """Encode a piece that a client shall be able to read when it comes; much of it in a thread."""
    return await _encoded(encoder, lambda data: encoder.feed(data) + encoder.flush(), piece)


async def _encoded(encoder: Encoder, function: Callable[[bytes], bytes], data: bytes) -> bytes:
    """Encode a piece; much of it in a thread."""
    if isinstance(encoder, Placed):
        if len(data) > encoder.above:
            return await asyncio.get_running_loop().run_in_executor(encoder.executor, function, data)
    elif len(data) > _LARGE:
        return await _POOL.run(function, data)
    return function(data)


async def encode_whole(body: bytes, encoder: Encoder) -> bytes:
    """Encode content that is all there; much of it in a thread."""
    return await _encoded(encoder, lambda data: encoder.feed(data) + encoder.finish(), body)


async def encode_chunks(
    chunks: AsyncIterable[bytes], encoder: Encoder, *, flushes: bool
) -> AsyncGenerator[bytes, None]:
    """Encode content while it is made.

    Args:
        chunks: the content; closed at the end, if it can be.
        encoder: what it passes through.
        flushes: whether a client shall be able to read each chunk when it comes.
    """
    iterator: Any = aiter(chunks)
    async with aclosing(iterator):
        async for chunk in iterator:
            if not chunk:
                continue
            encoded = await _encoded(encoder, encoder.feed, chunk)
            encoded += encoder.flush() if flushes else b""
            if encoded:
                yield encoded
    yield encoder.finish()
