"""Response itself: status, fields and content, correct on the wire however it was made.

A response is data. It is sent by a lane (``server/``), or by calling it as an ASGI application. Its kinds are in ``response.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, Any, ClassVar, Self, TypeVar, Unpack, cast, overload

from ..media import registry
from ..types import RawHeaders, Receive, Scope, Send
from .asgi import send_response
from .attributes import Attributes, ContentAttributes, apply_attributes
from .conditioned import apply_conditions
from .headers import Headers, encode_fields
from .responsebody import Translate
from .responsecontent import ResponseContent
from .responsehead import FieldPairs
from .responsetext import read_response
from .status import NO_CONTENT, check_status
from .wire import field_lines, status_line
from .works import Work, works_of
from .wsgi import Environ, StartResponse, answer_with_loop, fields_of, start, whole

__all__ = ["Attributes", "ContentAttributes", "Fields", "Response", "Translate"]

if TYPE_CHECKING:
    import typing_extensions

    T = typing_extensions.TypeVar("T", default=Any)  # of anything, where no content tells
else:
    T = TypeVar("T")

Fields = Mapping[str, str] | Iterable[tuple[str | bytes, str | bytes]] | None

#: Fields that belong to the connection's framing.
_FRAMING = frozenset({b"content-length", b"transfer-encoding"})


class Response(ResponseContent[T]):
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

    #: Whether it takes an event loop to find out what answers a request.
    takes_loop: ClassVar[bool] = False

    #: What is left to do when it has left.
    works: Sequence[Work] = ()

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
            apply_attributes(self, attributes, has_content=content is not None)
        self._default_content_type()
        if self._translate is None and self._iterable is None and self._body is None:
            self._body = self.encode(self.content)

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
            response.own_lines = b""
            return response

        return make

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
            fields = self._whole_fields() if self.own_lines else self._fields
            if not body and self._status in NO_CONTENT:
                return self._status, list(fields), body
            return self._status, [*fields, (b"content-length", b"%d" % len(body))], body
        is_sent = self._status not in NO_CONTENT and self.chunks is None
        body = self.body if is_sent else b""  # before the length is asked for: an app_iter is read here
        return self._status, self.final_headers(head=head), body

    def final_headers(self, *, head: bool = False) -> RawHeaders:
        """The fields as they leave, with the framing that the content asks for.

        Args:
            head: as :meth:`parts`.

        Raises:
            ValueError: a Content-Length set by hand is not the body's length, and would shift the next response; or the
                status is an interim one.
        """
        fields = self._whole_fields()
        for name, _ in fields:
            if name in _FRAMING:
                return self._framed_by_hand(head=head)
        if self._status in NO_CONTENT:
            return self._without_content(fields)
        length = self.length
        return fields if length is None else [*fields, (b"content-length", b"%d" % length)]

    def _without_content(self, fields: Iterable[tuple[bytes, bytes]]) -> RawHeaders:
        if self._status < 200:  # RFC 9110 §15.2: the client would wait for the final response for ever
            raise ValueError(f"{self.status} is an interim status; answer with one from 200 to 599")
        return [field for field in fields if field[0] != b"content-type"]

    def _framed_by_hand(self, *, head: bool) -> RawHeaders:
        """The plain way of :meth:`final_headers`, for fields that a developer's hand has framed."""
        lengths = [
            value.decode("latin-1") for name, value in self._whole_fields() if name == b"content-length"
        ]
        kept = [field for field in self._whole_fields() if field[0] not in _FRAMING]
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
        is_known = self._field(b"content-type") is not None or self._translate == "result"
        if is_known or self._status in NO_CONTENT or (self._is_empty and self.media_type is None):
            return
        is_binary = self._iterable is not None or isinstance(self.content, bytes | bytearray | memoryview)
        chosen = self._natural_type() or (registry.BINARY if is_binary else registry.TEXT)
        if self._body is None:
            self._first_type(chosen)
        else:
            self.content_type = chosen

    @property
    def _is_empty(self) -> bool:
        """Whether nothing was given that could be content."""
        forms = (self._body, self._iterable, self.content, self._translate)
        return all(form is None for form in forms)

    def _natural_type(self) -> str | None:
        chosen = super()._natural_type()
        if chosen is None and self._translate is None:
            chosen = registry.media_type_of(type(self.content))
        return None if chosen == registry.BINARY else chosen

    @property
    def background(self) -> Sequence[Work]:
        """What is done when the response has left: a function without arguments, or several."""
        return self.works

    @background.setter
    def background(self, value: Work | Iterable[Work] | None) -> None:
        self.is_ready = False
        self.works = () if value is None else works_of(value)

    # -- as a whole -----------------------------------------------------------------------------------------------------

    def wrap(self, inner: Response[Any]) -> Response[Any]:
        """Return ``inner`` with the status and the fields that this response was given by hand."""
        whole = inner.copy()
        if "_status" in self.__dict__:
            whole.status_code = self._status
        if self.works:
            whole.background = self.works
        if self._conditional is not None:
            whole.conditional_response = self._conditional
        fields = self._whole_fields()
        for name in dict.fromkeys(name for name, _ in fields):
            whole.headers.delete(name.decode("latin-1"))
        whole.raw_headers.extend(fields)
        return whole

    @classmethod
    def from_file(cls, file: IO[bytes] | IO[str]) -> Self:
        """Read a response that was written as text: a status line, fields, an empty line, the content.

        Args:
            file: where it begins; read to the end of the content, which without a Content-Length is that of the file.

        Raises:
            ValueError: it is not one; or the content is shorter than its Content-Length.
        """
        status, fields, body = read_response(file)
        response = cls(status_code=status)
        response.raw_headers[:] = encode_fields(fields)
        response.replace_body(body)
        return response

    def __str__(self) -> str:
        """The response as text: a status line, fields, an empty line, the content if it is there."""
        lines = [self.status, *(f"{name}: {value}" for name, value in self.headerlist)]
        content = self.text if self.is_whole and self._translate != "result" else ""
        return "\r\n".join([*lines, "", content])

    def take(self) -> Self:
        """Return a copy for one request. Hooks change what was taken, so a shared one never carries another user's cookies."""
        return self.copy() if self._iterable is None else self._twin()

    def copy(self) -> Self:
        """Return an equal response that shares nothing that can be changed."""
        if self._iterable is not None and self.chunks is None:
            self._body = self.body  # an iterator can be read only once
        return self._twin()

    def __copy__(self) -> Self:
        # SECURITY: two that share their fields would share the cookies of two clients.
        return self.copy()

    def _twin(self) -> Self:
        twin = type(self).__new__(type(self))
        twin.__dict__.update(self.__dict__)
        if isinstance(self._fields, list):
            twin._fields = self._fields.copy()
        if isinstance(self._written, list):
            twin._written = tuple(self._written)  # noqa: SLF001 - a twin is of our own class
        return twin

    def __view_result__(self) -> tuple[bytes, int, RawHeaders]:
        """The response as view.py's triple: body, status, fields."""
        return self.body, self._status, self._whole_fields()

    @overload
    def __call__(self, environ: Environ, start_response: StartResponse, /) -> Iterable[bytes]: ...
    @overload
    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Coroutine[Any, Any, None]: ...
    def __call__(
        self, scope: Scope | Environ, receive: Any, send: Send | None = None
    ) -> Iterable[bytes] | Coroutine[Any, Any, None]:
        """Send the response: as an ASGI application, or with an environ and ``start_response`` as a WSGI application.

        Conditions and ranges are answered if ``conditional_response`` is on.
        """
        if send is None:
            return self._answer_wsgi(scope, receive)
        return self.answer(cast("Scope", scope), receive, send)

    def _answer_wsgi(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        final = self.take().represent(environ.get("HTTP_ACCEPT"), lambda: environ)
        if final.chunks is not None or final.takes_loop:
            return answer_with_loop(final.answer, environ, start_response)
        method = environ.get("REQUEST_METHOD", "GET")
        if final.conditional_response:
            apply_conditions(final, method, Headers(fields_of(environ)), datetime.now(UTC))
        start(final.status_code, final.final_headers(head=method == "HEAD"), start_response)
        is_sent = method != "HEAD" and final.status_code not in NO_CONTENT
        return whole(cast("Iterable[bytes]", final.app_iter), is_sent=is_sent)

    def represent(
        self, accept: str | None, variables: Callable[[], Mapping[str, object]] = dict
    ) -> Response[Any]:
        """Return the response as it leaves, in a form that the client takes; only exceptions have several.

        Args:
            accept: the request's Accept field.
            variables: gives the request by its CGI names.
        """
        return self

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response as an ASGI application; one instance may answer many requests at a time.

        Raises:
            RuntimeError: the scope is none of HTTP: there is no request to answer.
        """
        if scope["type"] != "http":
            raise RuntimeError(f"{self!r} answers http, not {scope['type']}")
        final: Response[Any] = self.take()
        try:
            try:
                final = await final.ready(scope)
            except Exception as error:
                if not isinstance(error, Response):
                    raise
                final = await error.take().ready(scope)  # there is no such file, or no thread for a stream
            await send_response(final, send, head=scope["method"] == "HEAD")
        finally:
            await final.close()

    async def ready(self, scope: Scope) -> Response[Any]:
        """Return what answers one request, where no application prepares it; the response was taken for that.

        Args:
            scope: of the request.
        """
        if self.conditional_response:
            apply_conditions(self, scope["method"], Headers(scope["headers"]), datetime.now(UTC))
        return self

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.status}>"
