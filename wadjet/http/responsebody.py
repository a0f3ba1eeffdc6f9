"""The content of a response, in each of the forms that it is asked for in."""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable, Iterable
from typing import Any, Generic, Literal, TypeVar, cast

from ..media import json as _json
from ..media import registry
from .compression import Encoder, encode_whole, is_encodable, mark_encoded
from .fieldvalues import read_whole, write_seconds
from .responsefields import ResponseFields

__all__ = ["ResponseBody", "Translate"]

T = TypeVar("T")

Translate = Literal["str", "repr", "result", "custom"]


class ResponseBody(ResponseFields, Generic[T]):
    """What a response carries."""

    content: T | None = None

    _body: bytes | None = None
    _translate: Translate | None = None

    #: How many bytes the chunks are; None when nobody knows.
    _length: int | None = None

    #: What the content passes through before it leaves; None when it leaves as it is.
    encoder: Encoder | None = None

    #: Whether an entity tag is to be made of the content, where it has none.
    tags_content = False

    #: What was written after the body; and what gives the content instead of it, once.
    _written: tuple[bytes, ...] | list[bytes] = ()
    _iterable: Iterable[bytes] | AsyncIterable[bytes] | None = None

    @property
    def chunks(self) -> AsyncIterable[bytes] | None:
        """What gives the content piece by piece, for streams and files; None where the body is whole, or can be."""
        iterable = self._iterable
        return iterable if iterable is not None and isinstance(iterable, AsyncIterable) else None

    @property
    def length(self) -> int | None:
        """How many bytes the content has; None for chunks that nobody has counted."""
        if self.encoder is not None:
            return None
        if self._length is not None or self._iterable is not None or self.chunks is not None:
            return self._length
        return len(self.body)

    @property
    def is_unread(self) -> bool:
        """Whether ``app_iter`` gives the content, and nobody has read it yet."""
        return self._iterable is not None

    @property
    def is_whole(self) -> bool:
        """Whether all of the content is there."""
        return self._iterable is None and self.chunks is None

    async def close(self) -> None:
        """Let go of content that was not sent; only streams hold any."""

    # -- from an object -----------------------------------------------------------------------------------------------------

    def encode(self, content: Any) -> bytes:
        """Turn content into the bytes of this response's content type; a subclass may bring rules of its own."""
        if content is None:
            return b""
        if isinstance(content, bytes):
            return content
        charset = self._encoding
        if isinstance(content, str):
            return content.encode(charset)
        known = registry.media_type_of(type(content))
        return registry.encode(
            str(content) if known is None else content, self.content_type or registry.TEXT, charset
        )

    def _charset_changed(self, before: str | None) -> None:
        if self._body is not None and not isinstance(self.content, bytes | None):
            self._body = self.body.decode(before or "utf-8").encode(self._encoding)

    @property
    def _encoding(self) -> str:
        """The charset of text: ValueError for one that does not exist."""
        return registry.charset_of(self.charset or "utf-8")

    @property
    def translate(self) -> Translate | None:
        """How content becomes the body: ``str``, ``repr``, ``result`` or ``custom``; None for the rules of the content type."""
        return self._translate

    @translate.setter
    def translate(self, value: Translate) -> None:
        if value not in _TRANSLATIONS:
            raise ValueError(f"body_translate={value!r} is not one of {', '.join(map(repr, _TRANSLATIONS))}")
        self._translate = value
        self._body = None

    def _custom(self, body: T) -> str | bytes:
        raise TypeError(
            f"{type(self).__name__} uses body_translate='custom' and must define _custom(self, body)"
        )

    # -- encoded --------------------------------------------------------------------------------------------------------------

    def encode_with(self, encoder: Encoder) -> None:
        """Let the content, whole or in chunks, pass through an encoder when it leaves.

        Nothing changes where content must not be encoded: there is none, it is a part, it is encoded already, or
        Cache-Control says ``no-transform``.

        Args:
            encoder: an unused one.
        """
        if self.encoder is None and is_encodable(self._status, self.headers):
            mark_encoded(self.headers, encoder.coding)
            self.encoder = encoder

    async def encode_body(self, *, head: bool) -> None:
        """Put content that is whole through its encoder, if it has one; lanes call it before they ask for the parts.

        Args:
            head: the request is HEAD: nobody will see the content, nor how long it would be.
        """
        if self.encoder is not None and self.chunks is None and not head:
            body, encoder = self.body, self.encoder
            self._body, self.encoder = await encode_whole(body, encoder), None

    # -- whole ----------------------------------------------------------------------------------------------------------------

    @property
    def body(self) -> bytes:
        """The content as bytes. An object with ``__view_result__`` has them only when the response is prepared.

        An ``app_iter`` is read to its end and closed; one that is asynchronous is a RuntimeError.
        """
        if self._iterable is not None:
            iterable, self._iterable = self._iterable, None
            self._body = _joined(iterable)
        if self._body is None:
            self._body = self._translated()
        if self._written:
            self._body = b"".join([self._body, *self._written])
            self._written = ()
        return self._body

    @body.setter
    def body(self, value: bytes | str) -> None:
        self._set_body(value)

    @body.deleter
    def body(self) -> None:
        self.content = None
        self.replace_body(b"")

    def _set_body(self, value: bytes | str) -> None:
        self.content = cast("T", value)
        if isinstance(value, str):
            value = value.encode(self._encoding)
        if not isinstance(value, bytes | bytearray | memoryview):
            raise TypeError(
                f"body takes bytes or text, not {type(value).__name__}; for objects there is json="
            )
        self.replace_body(bytes(value))

    def replace_body(self, body: bytes | None) -> None:
        """Exchange the bytes of the content; its type stays, and what was made of the other bytes goes.

        Args:
            body: the new ones; None where something else is to give them.
        """
        self._body = body
        self._iterable = self._translate = None
        self._written = ()
        self.is_ready = False
        if self._field(b"content-md5") is not None:
            self.headers.delete("content-md5")  # it was the other content's

    def _translated(self) -> bytes:
        if self._translate == "result":
            raise RuntimeError("the body of a __view_result__ object is made when the response is prepared")
        return self.encode(
            _TRANSLATIONS[self._translate](self, self.content) if self._translate else self.content
        )

    @property
    def has_body(self) -> bool:
        """Whether there is content: False only for content that is there and empty."""
        return self.is_unread or self.length != 0

    @property
    def text(self) -> str:
        """The body, decoded by its charset."""
        return self.body.decode(self._encoding)

    @text.setter
    def text(self, value: str) -> None:
        if not isinstance(value, str):
            raise TypeError(f"text takes a str, not {type(value).__name__}; for bytes there is body=")
        if self._field(b"content-type") is None:
            self.content_type = self.media_type or registry.TEXT
        self.body = value

    @text.deleter
    def text(self) -> None:
        del self.body

    unicode_body = ubody = text

    @property
    def json(self) -> Any:
        """The body, read as JSON."""
        return _json.loads(self.body)

    @json.setter
    def json(self, value: object) -> None:
        self.body = _json.dumps(value).decode()
        if self._field(b"content-type") is None:
            self.content_type = registry.JSON

    @json.deleter
    def json(self) -> None:
        del self.body

    json_body = json

    @property
    def content_length(self) -> int | None:
        """The length that is said: one that was set by hand, else that of the content; None where nobody knows it.

        The server says the right one; to set it is of use only for a stream, or an answer to HEAD.
        """
        given = self.field_values(b"content-length")
        if given:
            return read_whole(given[-1])
        return self.length

    @content_length.setter
    def content_length(self, value: int | None) -> None:
        if value is None:
            self.headers.delete("content-length")
        else:
            self.headers.set("content-length", write_seconds(value))

    @content_length.deleter
    def content_length(self) -> None:
        self.content_length = None


def _joined(chunks: Iterable[bytes] | AsyncIterable[bytes]) -> bytes:
    """Read an iterable to its end, and close it."""
    if isinstance(chunks, AsyncIterable):
        raise RuntimeError(  # noqa: TRY004 - it is the right type, too early
            "an asynchronous app_iter has no body before it is sent; a handler that returns the response streams it"
        )
    try:
        return b"".join(chunks)
    finally:
        close = getattr(chunks, "close", None)
        if close is not None:
            close()


_TRANSLATIONS: dict[str, Callable[[ResponseBody[Any], Any], Any]] = {
    "str": lambda response, content: str(content),
    "repr": lambda response, content: repr(content),
    "result": lambda response, content: content.__view_result__(),
    "custom": lambda response, content: response._custom(content),  # noqa: SLF001 - the documented hook of subclasses
}
