"""What a request brings: its content, for every kind of reader."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import IO, TYPE_CHECKING, Any, BinaryIO, cast

from ..errors import BodyNotRead
from ..media import json as _json
from .addressing import Addressed
from .body import Body, ReceivedBody, Replay
from .decoding import DecodedBody
from .exceptions import MalformedBody, UnsupportedMediaType
from .formerrors import refusing
from .forms import FormLimits, parse_urlencoded, text_charset
from .incoming import KEY
from .multidict import ImmutableMultiDict
from .spool import IN_MEMORY, Spool

if TYPE_CHECKING:  # multipart forms are loaded when the first one comes
    from .parts import Part

__all__ = ["DEFAULT_LIMIT", "MULTIPART", "URLENCODED", "WithContent"]

URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"

_PLAIN_JSON = b"application/json"
#: How much content is taken when no plan says it.
DEFAULT_LIMIT = 10 * 1024 * 1024


class WithContent(Addressed):
    """The content of a request."""

    __slots__ = ("_body_file", "_form")

    # Unset until they are first looked at.
    _body_file: BinaryIO
    _form: ImmutableMultiDict[Any]

    @property
    def content(self) -> Body:
        """The content itself, shared by every request made of the scope."""
        if self._content is None:
            self._content = self._found_content()
        return self._content

    def _found_content(self) -> Body:
        if self._arrival is not None:
            return self._limited(self._arrival.content_of(self))
        if self.is_made:
            return self._own_content()
        receive = self._receive
        if isinstance(receive, Replay):
            return self._limited(receive.body)
        self.scope.setdefault(KEY, self)  # whoever else reads this scope must find what is read here
        first = self.first
        if first is not self and (receive is None or receive == first._receive):  # noqa: SLF001 - of our own class
            return self._limited(cast(Body, first.content))
        limit = DEFAULT_LIMIT if self.plan is None else self.plan.max_body_size
        length = self.content_length
        return Body(length, limit) if receive is None else ReceivedBody(receive, length, limit)

    def _own_content(self) -> Body:
        """Return what a request of our own making begins with."""
        return Body.having(b"", DEFAULT_LIMIT)

    def _replace_content(self, what: str, data: bytes) -> None:
        if not isinstance(data, bytes):
            raise TypeError(
                f"request.{what} takes bytes, not {type(data).__name__}; for text there is text_body"
            )
        self._change(what)
        self._content = self._decoded = Body.having(data, DEFAULT_LIMIT)
        self.set_field(b"transfer-encoding", None)
        self.set_field(b"content-length", str(len(data)))

    def _limited(self, body: Body) -> Body:
        """Return a body that was made before there was a plan, with the limit of the plan."""
        if self.plan is not None:
            body.limit = self.plan.max_body_size
        return body

    def readable(self) -> Body:
        """Return the content as a handler reads it: what was compressed is decompressed, if the route takes that.

        Raises:
            UnsupportedMediaType: it is in a coding that the route does not take (RFC 9110 §12.5.3).
        """
        if self._decoded is not None:
            return self._decoded
        content = self.content
        if self.header(b"content-encoding") is None or content.length == 0:
            self._decoded = content
            return content
        codings = self.headers.joined("content-encoding") or ""
        if codings.lower() == "identity":
            return content
        taken = () if self.plan is None else self.plan.content_encodings
        self._decoded = DecodedBody.of(content, codings, taken)
        self._kept(content)
        return self._decoded

    def is_at_hand(self) -> bool:
        """Tell whether the content is all there, is no multipart form, and stays as it was sent: nobody has to wait for it.

        PERF(bench: wire_body): most content is; to await it would cost more than to look.
        """
        content = self._content
        if content is None or content.data is None or len(content.data) > content.limit:
            return False
        document = None
        for name, value in self.raw_headers:
            if name == b"content-type":
                document = content.data if value == _PLAIN_JSON else None
                if document is None and value[:9].lower() == b"multipart":
                    return False
            elif name == b"content-encoding":
                return False
        self._decoded, self.json_at_hand = content, document
        return True

    def _kept(self, content: Body) -> Spool:
        """Keep content where it may be too much for memory, until the request is over."""
        if content.spool is None:
            self.finished_callbacks.append(content.release)
        return content.keep()

    @property
    def body(self) -> Callable[[], Coroutine[Any, Any, bytes]]:
        """Read the whole content, as in ``await request.body()``; see :meth:`Body.read` for what it raises."""
        return self._read

    @body.setter
    def body(self, value: bytes) -> None:
        self._replace_content("body", value)

    async def _read(self) -> bytes:
        return await self.readable().read()

    def announces_content(self) -> bool:
        """Tell whether the head says that there is content (RFC 9112 §6.3). What ``receive`` brings counts all the same."""
        is_said_otherwise = self.http_version not in {"1.0", "1.1"}
        return bool(self.content_length) or is_said_otherwise or self.header(b"transfer-encoding") is not None

    def stream(self) -> AsyncIterator[bytes]:
        """Iterate over the content as it arrives, without keeping it."""
        return self.readable().stream()

    async def text(self) -> str:
        """Read the content as text, in the charset that its type declares, or UTF-8.

        Raises:
            UnsupportedMediaType: the charset is none that is known here.
            MalformedBody: it is not text in that charset.
        """
        return self._text(await self.body())

    async def json(self) -> Any:
        """Read the content as JSON, whatever its type says. Of equal keys the last one counts.

        Raises:
            MalformedBody: it is not JSON; NaN and Infinity are not, nor what is nested deeper than 200 levels.
        """
        return _document(await self.body())

    async def form(self) -> ImmutableMultiDict[Any]:
        """Read the content as a form: fields are text, files are :class:`UploadFile`. Anything that is no form is an empty one.

        Files are kept in memory up to 1 MiB together, beyond that on disk, and closed when the request is over.

        Raises:
            MalformedBody: it is not the form that its type says.
            RequestEntityTooLarge: it is more than the limits of forms allow.
        """
        if self.content_type != MULTIPART:
            await self.body()
        elif not hasattr(self, "_form"):
            from .formdata import FormData

            content = self.readable()
            with refusing():
                form = FormData(self._content_type_field, self._form_limits)
                spool, offset = self._kept(content), 0
                # PERF(bench: wire_upload): Body.kept(), written out.
                while chunk := await content.after(offset):
                    offset += len(chunk)
                    form.feed(chunk)
                    spool.is_for_disk = form.is_large and content.data is None
                form.end()
            await spool.settle(1)
            self._form = ImmutableMultiDict(form.values(spool))
        return self.POST

    def parts(self) -> AsyncIterator[Part]:
        """Iterate over the parts of a multipart form as they arrive, without keeping them.

        Raises:
            UnsupportedMediaType: it is no multipart form.
        """
        if self.content_type != MULTIPART:
            raise UnsupportedMediaType(
                f"The content is {self.content_type or 'of no type'}, not {MULTIPART}."
            )
        from .parts import parts_of

        return parts_of(self.stream(), self._content_type_field, self._form_limits)

    async def buffer(self) -> None:
        """Take the whole content in, for code that cannot wait for it: a form with files on disk if it is large."""
        content = self.readable()
        if self.content_type != MULTIPART:
            await content.read()
            return
        spool = self._kept(content)
        async for _ in content.kept():
            spool.is_for_disk = spool.size > 2 * IN_MEMORY

    async def peek(self, most: int) -> AsyncIterator[bytes]:
        """Hand out the beginning of the content as it is sent, and keep it: whoever reads next gets it whole.

        Args:
            most: how many bytes; the last chunk may go beyond.
        """
        content, offset = self.content, 0
        spool = self._kept(content)
        # What comes after is read by somebody else, who may not want it in memory.
        spool.is_for_disk = content.data is None and (content.length or most + 1) > most
        while offset < most and (chunk := await content.after(offset)):
            yield chunk
            offset += len(chunk)

    @property
    def _content_type_field(self) -> str:
        return (self.header(b"content-type") or b"").decode("latin-1")

    @property
    def _form_limits(self) -> FormLimits:
        return FormLimits() if self.plan is None else self.plan.form_limits

    @property
    def body_bytes(self) -> bytes:
        """The content that has been read.

        Raises:
            BodyNotRead: it has not.
        """
        content = self._decoded or self.readable()
        data = content.data
        if data is None:
            data = content.whole()
        if data is None and not self.announces_content():
            return b""
        if data is None:
            raise BodyNotRead(
                "the content has not been read yet: write `await request.body()` first, or make the handler a plain `def`"
            )
        return data

    @body_bytes.setter
    def body_bytes(self, value: bytes) -> None:
        self._replace_content("body_bytes", value)

    @property
    def body_file(self) -> BinaryIO:
        """The content that has been read, as a file; each look at it gives the same one.

        Raises:
            BodyNotRead: as :attr:`body_bytes`.
        """
        try:
            return self._body_file
        except AttributeError:
            content = self.readable()
            spool = content.spool
            if content.data is None and spool is not None and content.ends_at(spool.size):
                from .uploads import SpooledFile

                self._body_file = SpooledFile(spool, 0, spool.size)
            else:
                self._body_file = io.BytesIO(self.body_bytes)
            return self._body_file

    @body_file.setter
    def body_file(self, value: IO[bytes]) -> None:
        self.check_made("body_file")
        self._replace_content("body_file", value.read())

    @property
    def text_body(self) -> str:
        """The content that has been read, as text."""
        return self._text(self.body_bytes)

    @text_body.setter
    def text_body(self, value: str) -> None:
        self._replace_content("text_body", value.encode(self.charset))

    @property
    def json_body(self) -> Any:
        """The content that has been read, as JSON."""
        return _document(self.body_bytes)

    @json_body.setter
    def json_body(self, value: object) -> None:
        self._replace_content("json_body", _json.dumps(value))

    def _text(self, data: bytes) -> str:
        charset = self.charset
        try:
            return data.decode(text_charset(charset))
        except LookupError:
            raise UnsupportedMediaType(f"Text in the charset {charset[:40]!r} is not taken here.") from None
        except UnicodeDecodeError:
            raise MalformedBody(f"The content is not {text_charset(charset).upper()}.") from None

    @property
    def POST(self) -> ImmutableMultiDict[Any]:  # noqa: N802 - WebOb's name
        """The form that has been read, its files included; empty when the content is no form."""
        try:
            return self._form
        except AttributeError:
            self._form = self._parsed_form()
            return self._form

    def _parsed_form(self) -> ImmutableMultiDict[Any]:
        kind = self.content_type
        if kind == MULTIPART:
            return self._buffered_form()
        body, limits = self.body_bytes, self._form_limits
        if kind != URLENCODED:
            return ImmutableMultiDict()
        with refusing():
            return ImmutableMultiDict(
                parse_urlencoded(
                    body,
                    charset=self.charset,
                    max_fields=limits.max_fields,
                    max_field_bytes=limits.max_field_bytes,
                )
            )

    def _buffered_form(self) -> ImmutableMultiDict[Any]:
        from .formdata import FormData

        content, file = self.readable(), self.body_file
        file.seek(0)
        with refusing():
            form = FormData(self._content_type_field, self._form_limits)
            while chunk := file.read(IN_MEMORY):
                form.feed(chunk)
            form.end()
        file.seek(0)
        return ImmutableMultiDict(form.values(self._kept(content)))

    @property
    def params(self) -> ImmutableMultiDict[Any]:
        """Query and form, in this order."""
        return ImmutableMultiDict([*self.query_params.items(), *self.POST.items()])

    str_POST, str_params = POST, params  # noqa: N815 - WebOb's names of old


def _document(data: bytes) -> Any:
    try:
        return _json.loads(data)
    except ValueError as error:
        raise MalformedBody(f"The content is not JSON: {error}.") from None
