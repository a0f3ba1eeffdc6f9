"""Compressed content of requests (RFC 9110 §8.4), for routes that take it."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Collection
from typing import Final, Self

from .body import Body
from .exceptions import MalformedBody, RequestEntityTooLarge, UnsupportedMediaType

__all__ = ["CODINGS", "MOST_RATIO", "DecodedBody"]

#: What zlib is told about each coding: RFC 1952 for gzip; for deflate RFC 1950, as RFC 9110 §8.4.1.2 says.
CODINGS: Final = {"gzip": 31, "deflate": 15}
_ALIASES: Final = {"x-gzip": "gzip"}  # RFC 9110 §8.4.1.3
#: How many times larger than what was sent content may become, once it is more than :data:`_HARMLESS` bytes.
MOST_RATIO = 100
_HARMLESS = 1024 * 1024
#: How many bytes are made at once, so that nothing is made that nobody asks for.
_STEP = 256 * 1024
#: How many members gzip may have.
_MOST_MEMBERS = 1000


class DecodedBody(Body):
    """Content that was sent compressed.

    What was sent is kept, so that plain ASGI code still gets that.

    Args:
        sent: what was sent; its limit holds for what comes out too.
        coding: one of :data:`CODINGS`.
    """

    __slots__ = ("_coding", "_inflater", "_input", "_made", "_members", "_place", "_sent")

    def __init__(self, sent: Body, coding: str) -> None:
        super().__init__(None, sent.limit)
        self._sent = sent
        self._coding = coding
        self._inflater = zlib.decompressobj(CODINGS[coding])
        #: What has been taken of what was sent, and not been used.
        self._input = b""
        self._place = 0
        self._made = 0
        self._members = 1

    @classmethod
    def of(cls, sent: Body, codings: str, taken: Collection[str]) -> Self:
        """Return what a Content-Encoding field says of the content.

        Raises:
            UnsupportedMediaType: it says several codings, or one that is not taken; the answer says which are.
        """
        coding = codings.strip(" \t").lower()
        coding = _ALIASES.get(coding, coding)
        if coding not in taken:
            raise UnsupportedMediaType(
                f"Content in the coding {codings[:40]!r} is not taken here.",
                {"accept-encoding": ", ".join(taken) or "identity"},  # RFC 9110 §12.5.3
            )
        return cls(sent, coding)

    async def _more(self) -> None:
        if not self._input and not self._inflater.unconsumed_tail:
            self._input = await self._sent.after(self._place)
            self._place += len(self._input)
            if not self._input and self._inflater.eof:
                return self.end()
        self._inflate()
        await asyncio.sleep(0)  # others have had to wait
        return None

    def _inflate(self) -> None:
        """Make one step of what has come; of nothing, when nothing more comes, what the decoder holds back."""
        inflater, is_last = self._inflater, not (self._input or self._inflater.unconsumed_tail)
        if inflater.eof:
            inflater = self._inflater = self._next_member()
        data, self._input = inflater.unconsumed_tail or self._input, b""
        try:
            made = inflater.decompress(data, _STEP)
        except zlib.error:
            raise MalformedBody(f"The content is not {self._coding}.") from None
        if is_last and not made and not inflater.eof:
            raise MalformedBody(f"The content ends before its {self._coding} does.")
        self._input = inflater.unused_data
        self._made += len(made)
        # SECURITY: a megabyte of zeros takes a kilobyte; whoever sends that means harm (CVE-2025-69223).
        if self._made > _HARMLESS and self._made > MOST_RATIO * self._place:
            raise RequestEntityTooLarge(f"The content becomes more than {MOST_RATIO} times what was sent.")
        self.feed(made)

    def _next_member(self) -> zlib._Decompress:
        """Return what reads on after an end (RFC 1952 §2.2: gzip may be several members; after deflate there is nothing)."""
        self._members += 1
        if self._coding != "gzip":
            raise MalformedBody("The content goes on after its deflate has ended.")
        if self._members > _MOST_MEMBERS:  # SECURITY: each costs as much as kilobytes do
            raise MalformedBody("The content is gzip of more members than anybody makes.")
        return zlib.decompressobj(CODINGS["gzip"])
