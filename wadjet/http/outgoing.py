"""Response itself: status, fields and content, correct on the wire however it was made.

A response is data. It is sent by a lane (``server/``), or by calling it as an ASGI application. Its kinds are in ``response.py``.
"""

from __future__ import annotations

import difflib
from collections.abc import AsyncIterable, Callable, Iterable, Mapping
from typing import Any, Generic, Literal, Self, TypedDict, TypeVar, Unpack, cast

from ..media import json as _json
from ..media import registry
from ..types import RawHeaders, Receive, Scope, Send
from .asgi import send_response
from .headers import encode_fields
from .responsehead import FieldPairs, ResponseHead
from .status import NO_CONTENT, check_status
from .wire import field_lines, status_line

__all__ = ["Attributes", "ContentAttributes", "Fields", "Response", "Translate"]

T = TypeVar("T")

Fields = Mapping[str, str] | Iterable[tuple[str | bytes, str | bytes]] | None
Translate = Literal["str", "repr", "result", "custom"]


class ContentAttributes(TypedDict, total=False):
    """The settable properties that are about the content."""

    content_type: str | None
    charset: str | None
    body: bytes | str
    text: str
    json: object
    json_body: object


class Attributes(ContentAttributes, total=False):
    """The settable properties that every response takes as keywords (WebOb's rule)."""

    status: int | str
    location: str


#: Fields that belong to the connection's framing.
_FRAMING = frozenset({b"content-length", b"transfer-encoding"})

#: In which order keywords are applied: the type of the content before the content.
_ORDER = ("status", "content_type", "charset", "body", "text", "json", "json_body", "location")


class Response(ResponseHead, Generic[T]):
    """A response with any content.

    Args:
        content: bytes, text and None go out as they are; an object with ``__view_result__`` is resolved when the response is
            prepared; anything else by the rules of its content type.
        status_code: 100-599; 200 when not given.
        headers: a mapping or pairs; a Content-Type here replaces the default.
        media_type: the content type; a charset is added to text.
        body_translate: how ``content`` becomes the body (view.py): ``str``, ``repr``, ``result`` or ``custom``.
        **attributes: any settable property (WebOb): ``body=``, ``status=``, ``content_type=``, ``charset=`` …

    Raises:
        TypeError: an unknown keyword, or content that has no such form.
        ValueError: a status, header, charset or strategy that cannot be sent.
    """

    #: How many bytes the chunks are; None when nobody knows.
    _length: int | None = None

    _body: bytes | None = None
    _translate: Translate | None = None

    content: T | None = None

    #: The head as text, up to the digits of its Content-Length, while the response ``is_ready``.
    wire_head: bytes

    def __init__(
        self,
        content: T | None = None,
        status_code: int | None = None,
        headers: Fields = None,
        media_type: str | None = None,
        *,
        body_translate: Translate | None = None,
        **attributes: Unpack[Attributes],
    ) -> None:
        self.content = content
        if status_code is not None:
            self._status = check_status(status_code)
        self._fields = encode_fields(headers)
        if len(self._fields) > 1:
            self._keep_one_type()
        if media_type is not None:
            self.content_type = media_type
        if body_translate is not None:
            self.translate = body_translate
        elif hasattr(content, "__view_result__"):
            self._translate = "result"
        if attributes:
            self._apply(attributes)
        self._default_content_type()
        if self._translate is None:
            self._body = self.encode(self.content) if self._body is None else self._body

    @property
    def chunks(self) -> AsyncIterable[bytes] | None:
        """What gives the content piece by piece, for streams and files; None where the body is whole."""
        return None

    @classmethod
    def made(cls, body: bytes, status: int, fields: FieldPairs) -> Response[Any]:
        """Return a response whose parts are known to be right: for compiled routes, which checked them at assembly."""
        return cls.maker(bytes, status, fields)(body)

    @classmethod
    def maker(
        cls,
        write: Callable[[Any], bytes],
        status: int,
        fields: FieldPairs,
    ) -> Callable[[Any], Response[Any]]:
        """Return a function that makes such a response of a value.

        Args:
            write: makes the body of the value.
            status: 100-599.
            fields: without Content-Length.
        """
        new = cls.__new__
        is_ready = status not in NO_CONTENT
        head = status_line(status) + field_lines(fields) + b"content-length: "

        def make(value: Any) -> Response[Any]:
            # PERF(bench: inproc_json): attribute by attribute is twice as fast as one update of the dict.
            response = new(cls)
            response._body = write(value)  # noqa: SLF001 - it is of our own class
            response._status = status  # noqa: SLF001 - as above
            response._fields = fields
            response.is_ready = is_ready
            response.wire_head = head
            return response

        return make

    def _apply(self, attributes: Attributes) -> None:
        unknown = attributes.keys() - set(_ORDER)
        if unknown:
            name = min(unknown)
            near = difflib.get_close_matches(name, _ORDER, 1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(_ORDER)}"
            raise TypeError(f"{type(self).__name__}() has no settable property {name!r}{hint}")
        values = cast("dict[str, Any]", attributes)
        for name in _ORDER:
            if name in values:
                setattr(self, name, values[name])

    def parts(self, *, head: bool = False) -> tuple[int, RawHeaders, bytes]:
        """Return status, fields and content as they leave; the content is empty where the status has none.

        Args:
            head: the request is HEAD: an empty response may say the length that GET would have.

        Raises:
            ValueError: as :meth:`final_headers`.
        """
        body = self._body
        if self.is_ready and body is not None:
            # PERF(bench: inproc_json): what a compiled route made needs no look at its fields.
            return self._status, [*self._fields, (b"content-length", b"%d" % len(body))], body
        return self._status, self.final_headers(head=head), b"" if self._status in NO_CONTENT else self.body

    def final_headers(self, *, head: bool = False) -> RawHeaders:
        """The fields as they leave, with the framing that the content asks for.

        Args:
            head: as :meth:`parts`.

        Raises:
            ValueError: a Content-Length set by hand is not the body's length, and would shift the next response; or the
                status is an interim one.
        """
        fields = self._fields
        for name, _ in fields:
            if name in _FRAMING:
                return self._framed_by_hand(head=head)
        if self._status in NO_CONTENT:
            return self._without_content(fields)
        length = self.length
        return list(fields) if length is None else [*fields, (b"content-length", b"%d" % length)]

    def _without_content(self, fields: Iterable[tuple[bytes, bytes]]) -> RawHeaders:
        if self._status < 200:  # RFC 9110 §15.2: the client would wait for the final response for ever
            raise ValueError(f"{self.status} is an interim status; answer with one from 200 to 599")
        return [field for field in fields if field[0] != b"content-type"]

    def _framed_by_hand(self, *, head: bool) -> RawHeaders:
        """The plain way of :meth:`final_headers`, for fields that a developer's hand has framed."""
        lengths = [value.decode("latin-1") for name, value in self._fields if name == b"content-length"]
        kept = [field for field in self._fields if field[0] not in _FRAMING]
        if self._status in NO_CONTENT:
            return self._without_content(kept)
        length = self.length
        is_length_of_get = head and lengths and not length and all(map(str.isdecimal, lengths))
        if length is not None and not is_length_of_get:
            actual = str(length)
            if any(length != actual for length in lengths):
                raise ValueError(
                    f"Content-Length was set to {', '.join(lengths)}, but the body has {actual} bytes; leave it out"
                )
            lengths = [actual]
        return [*kept, *((b"content-length", length.encode()) for length in lengths[-1:])]

    def _keep_one_type(self) -> None:
        types = self.headers.getall("content-type")
        if len(types) > 1:
            self.headers.set("content-type", types[-1])

    def _default_content_type(self) -> None:
        if self._field(b"content-type") is not None or self._status in NO_CONTENT:
            return
        is_empty = self._body is None and self.content is None and self._translate is None
        if self._translate == "result" or (is_empty and self.media_type is None):
            return
        binary = registry.BINARY if isinstance(self.content, bytes | bytearray | memoryview) else None
        self.content_type = self._natural_type() or binary or registry.TEXT

    def _natural_type(self) -> str | None:
        chosen = super()._natural_type()
        if chosen is None and self._translate is None:
            chosen = registry.media_type_of(type(self.content))
        return None if chosen == registry.BINARY else chosen

    # -- content --------------------------------------------------------------------------------------------------------

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

    @property
    def length(self) -> int | None:
        """How many bytes the content has; None for chunks that nobody has counted."""
        if self._length is not None:
            return self._length
        return len(self.body) if self.chunks is None else None

    @property
    def body(self) -> bytes:
        """The content as bytes. An object with ``__view_result__`` has them only when the response is prepared."""
        if self._body is None:
            if self._translate == "result":
                raise RuntimeError(
                    "the body of a __view_result__ object is made when the response is prepared"
                )
            translated = (
                _TRANSLATIONS[self._translate](self, self.content) if self._translate else self.content
            )
            self._body = self.encode(translated)
        return self._body

    @body.setter
    def body(self, value: bytes | str) -> None:
        self.content = cast("T", value)
        if isinstance(value, str):
            value = value.encode(self._encoding)
        if not isinstance(value, bytes | bytearray | memoryview):
            raise TypeError(
                f"body takes bytes or text, not {type(value).__name__}; for objects there is json="
            )
        self._body = bytes(value)
        self.is_ready = False
        self._translate = None

    @property
    def text(self) -> str:
        """The body, decoded by its charset."""
        return self.body.decode(self._encoding)

    @text.setter
    def text(self, value: str) -> None:
        if self._field(b"content-type") is None:
            self.content_type = self.media_type or registry.TEXT
        self.body = value

    @property
    def json(self) -> Any:
        """The body, read as JSON."""
        return _json.loads(self.body)

    @json.setter
    def json(self, value: object) -> None:
        self.body = _json.dumps(value).decode()
        if self._field(b"content-type") is None:
            self.content_type = registry.JSON

    json_body = json

    # -- as a whole -----------------------------------------------------------------------------------------------------

    def wrap(self, inner: Response[Any]) -> Response[Any]:
        """Return ``inner`` with the status and the fields that this response was given by hand."""
        whole = inner.copy()
        if "_status" in self.__dict__:
            whole.status_code = self._status
        for name in dict.fromkeys(name for name, _ in self._fields):
            whole.headers.delete(name.decode("latin-1"))
        whole.raw_headers.extend(self._fields)
        return whole

    def take(self) -> Self:
        """Return a copy for one request. Hooks change what was taken, so a shared one never carries another user's cookies."""
        return self.copy()

    def copy(self) -> Self:
        """Return an equal response that shares nothing that can be changed."""
        twin = type(self).__new__(type(self))
        twin.__dict__.update(self.__dict__)
        twin._fields = list(self._fields)
        return twin

    async def close(self) -> None:
        """Let go of content that was not sent; only streams hold any."""

    def __view_result__(self) -> tuple[bytes, int, RawHeaders]:
        """The response as view.py's triple: body, status, fields."""
        return self.body, self._status, list(self._fields)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response as an ASGI application."""
        await send_response(self, send, head=scope.get("method") == "HEAD")

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.status}>"


_TRANSLATIONS: dict[str, Callable[[Response[Any], Any], Any]] = {
    "str": lambda response, content: str(content),
    "repr": lambda response, content: repr(content),
    "result": lambda response, content: content.__view_result__(),
    "custom": lambda response, content: response._custom(content),  # noqa: SLF001 - the documented hook of subclasses
}
