"""Responses that are compressed where the client takes it."""

from __future__ import annotations

import os
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from typing import Any, Self, Unpack

from ..types import Scope
from .attributes import Attributes, apply_attributes
from .compression import encoder_for, negotiate
from .files import FileResponse
from .headers import Headers
from .outgoing import Fields, Response
from .streams import StreamingResponse

__all__ = ["GZipResponse"]


class GZipResponse(Response[Any]):
    """A response around another one, whose content leaves as gzip where the client takes that.

    Args:
        content: a response, a path of a file, an iterator or generator, or any other content.
        minimum_size: content of no more bytes leaves as it is.
        compresslevel: 0 (only packed) to 9 (as short as can be).
        status_code: 100-599; without it the inner response's.
        headers: a mapping or pairs; they replace those of the inner response.
        media_type: without it the inner response's.
        **attributes: as :class:`Response`.

    Raises:
        ValueError: a level that gzip does not have, or a negative size.
    """

    takes_loop = True

    def __init__(
        self,
        content: object = None,
        minimum_size: int = 500,
        compresslevel: int = 6,
        *,
        status_code: int | None = None,
        headers: Fields = None,
        media_type: str | None = None,
        **attributes: Unpack[Attributes],
    ) -> None:
        if not 0 <= compresslevel <= 9:
            raise ValueError(f"compresslevel={compresslevel!r} is not a level of gzip; give one from 0 to 9")
        if minimum_size < 0:
            raise ValueError(f"minimum_size={minimum_size!r} is not a number of bytes")
        self.minimum_size = minimum_size
        self.compresslevel = compresslevel
        #: The response inside; its head is this one's.
        self.inner = _as_response(content)
        super().__init__(None, self.inner.status_code if status_code is None else status_code)
        self.content = content
        self.raw_headers.extend(self.inner.raw_headers)
        if headers:
            self.headers.update(Response(None, headers=headers).raw_headers)
        if media_type is not None:
            self.content_type = media_type
        apply_attributes(self, attributes, has_content=content is not None)

    def _charset_changed(self, before: str | None) -> None:
        self.inner.charset = self.charset

    # -- the content, which is that of the response inside ------------------------------------------------------------------

    @property
    def body(self) -> bytes:
        """The content as bytes, before it is compressed."""
        return self.inner.body

    @body.setter
    def body(self, value: bytes | str) -> None:
        self._set_body(value)

    @body.deleter
    def body(self) -> None:
        self.content = None
        self.replace_body(b"")

    def replace_body(self, body: bytes | None) -> None:
        """Exchange the bytes of the content, as in every response."""
        super().replace_body(None)
        self.inner = Response(body)

    @property
    def app_iter(self) -> Iterable[bytes] | AsyncIterable[bytes]:
        """The content as an iterable of bytes, before it is compressed."""
        return self.inner.app_iter

    @app_iter.setter
    def app_iter(self, value: Iterable[bytes] | AsyncIterable[bytes]) -> None:
        self.headers.delete("content-length")
        self.replace_body(None)
        self.inner.app_iter = value

    @app_iter.deleter
    def app_iter(self) -> None:
        del self.body

    def write(self, data: bytes | bytearray | memoryview | str) -> int:
        """Add to the content; return how many bytes."""
        return self.inner.write(self._as_bytes(data))

    @property
    def is_unread(self) -> bool:
        """Whether ``app_iter`` gives the content, and nobody has read it yet."""
        return self.inner.is_unread

    @property
    def is_whole(self) -> bool:
        """Whether all of the content is there."""
        return self.inner.is_whole

    @property
    def length(self) -> int | None:
        """How many bytes the content has before it is compressed; None where nobody knows."""
        return self.inner.length

    def copy(self) -> Self:
        """Return an equal response that shares nothing that can be changed."""
        twin = super().copy()
        twin.inner = self.inner.copy()
        return twin

    def unwrapped(self) -> Response[Any]:
        """Return the response inside, for one request, with the head that this one has."""
        whole = self.inner.take()
        whole.status_code = self.status_code
        whole.raw_headers[:] = self.raw_headers
        if self._conditional is not None:
            whole.conditional_response = self._conditional
        whole.tags_content = whole.tags_content or self.tags_content
        return whole

    def compress(self, response: Response[Any], headers: Headers) -> None:
        """Let the content of the unwrapped response leave as gzip, if it may and the client takes it.

        Args:
            response: what :meth:`unwrapped` gave; final otherwise.
            headers: of the request.
        """
        accept = headers.joined("accept-encoding")
        negotiate(
            response,
            lambda: encoder_for(accept, ("gzip",), self.compresslevel),
            self.minimum_size,
            headers.joined("if-none-match"),
        )

    async def ready(self, scope: Scope) -> Response[Any]:
        """Return the response inside, with what its content passes through."""
        self.inner = self.unwrapped()  # this one is of one request
        final = await self.inner.ready(scope)
        self.compress(final, Headers(scope["headers"]))
        return final

    async def close(self) -> None:
        """Let go of content that was not sent."""
        await self.inner.close()


def _as_response(content: object) -> Response[Any]:
    if isinstance(content, Response):
        return content.take()
    if isinstance(content, os.PathLike):
        return FileResponse(content)
    if isinstance(content, AsyncIterator | Iterator) or hasattr(content, "__aiter__"):
        return StreamingResponse(content)
    return Response(content)
