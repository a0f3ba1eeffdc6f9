"""Requests of our own making: for tests, for asking another application, and for code that was written for WSGI.

They are made of a scope that belongs to them alone, so they can be changed. A received request cannot; a copy of it can.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any, Self, Unpack

from ..types import Scope
from .blank import blank_environ
from .body import Body, Replay
from .calling import asgi_form, respond_to
from .content import DEFAULT_LIMIT, WithContent
from .environs import Environ, Input, environ_of, read_input, scope_of
from .exceptions import BadRequest
from .formencoding import FormValues, encode_form
from .forms import declared_charset, known_charset
from .headers import Fields, MutableHeaders
from .outgoing import Response
from .queries import parse_query
from .requestattributes import RequestAttributes, apply_attributes
from .requesttext import RequestText, read_request, write_request
from .urls import format_query

__all__ = ["Made"]

_FORM = "application/x-www-form-urlencoded"


class Made(WithContent):
    """Making, changing, writing down and sending requests."""

    __slots__ = ()

    _environ: Environ

    # -- making -------------------------------------------------------------------------------------------------------------

    @classmethod
    def blank(
        cls,
        path: str,
        environ: Mapping[str, Any] | None = None,
        base_url: str | None = None,
        headers: Fields | None = None,
        POST: FormValues | None = None,  # noqa: N803 - WebOb's name
        **attributes: Unpack[RequestAttributes],
    ) -> Self:
        """Return a new request: GET, without fields but Host, without content, unless something here says otherwise.

        Args:
            path: encoded, with or without query; or a whole http(s) URL.
            environ: keys of a WSGI environ that win over what the other arguments say.
            base_url: gives scheme, host and ``script_name``.
            headers: fields, which win over ``environ``.
            POST: what a form sends; makes the method POST. A value ``(filename, content)`` is a file.
            **attributes: whatever else can be set, ``method=``, ``json=``, ``if_none_match=`` … (:class:`RequestAttributes`).

        Raises:
            TypeError: an unknown keyword; a URL with a fragment or of another scheme.
            ValueError: a value that a request cannot have.
        """
        own, raw_path = blank_environ(path, base_url)
        own.update(environ or {})
        request = cls(own)
        if "PATH_INFO" not in (environ or {}):
            request.sent_path = raw_path
        if headers is not None:
            MutableHeaders(request.raw_headers).update(headers)
        if POST is not None:
            if own["REQUEST_METHOD"] not in {"POST", "PUT"} or "REQUEST_METHOD" not in (environ or {}):
                request.method = "POST"
            given = attributes.pop("content_type", "") or request.headers.get("content-type", "")
            kind, body = encode_form(POST, given)
            request.set_field(b"content-type", kind)
            request.body = body
        apply_attributes(request, attributes)
        return request

    def _adopted(self, environ: Scope) -> Scope:
        if "type" in environ or "REQUEST_METHOD" not in environ:
            return super()._adopted(environ)
        if type(environ) is not dict:
            raise TypeError(f"a WSGI environ is exactly a dict (PEP 3333), not {type(environ).__name__}")
        self._is_made = True
        self._environ = environ
        return scope_of(environ)

    def _own_content(self) -> Body:
        """Return the input of the environ that the request was made of, read."""
        limit = DEFAULT_LIMIT if self.plan is None else self.plan.max_body_size
        data = read_input(getattr(self, "_environ", {}), self.content_length, limit)
        return Body.having(data, limit)

    def _own_scope(self) -> Scope:
        """Return a scope of the same head, which shares nothing that can be changed."""
        scope: Scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.5"},
            "http_version": self.http_version,
            "method": self.sent_method,
            "scheme": self.scheme,
            "path": self.path,
            "raw_path": self.raw_path,
            "query_string": self.raw_query,
            "root_path": self.root_path,
            "headers": list(self.raw_headers),
            "client": self.client,
            "server": (self.server_name, self.server_port),
            "state": dict(self.state),
            "extensions": {},
        }
        if self.user:
            scope["user"] = self.user
        if (session := self._known_session()) is not None:
            scope["session"] = session
        return scope

    # -- copying ------------------------------------------------------------------------------------------------------------

    def copy(self) -> Self:
        """Return an equal request that can be changed.

        Raises:
            BodyNotRead: the content is still on its way; ``await request.body()`` first.
        """
        body = self.body_bytes
        twin = self._twin()
        twin.set_field(b"content-encoding", None)  # what has been read is not in a coding any more
        if body or twin.content_length is not None:
            twin.body = body
        return twin

    def copy_get(self) -> Self:
        """Return a GET for the same address that can be changed: without content, the other fields as they are."""
        twin = self._twin()
        twin.method = "GET"
        for name in (b"content-type", b"content-encoding"):
            twin.set_field(name, None)
        twin.body = b""
        return twin

    def _twin(self) -> Self:
        twin = type(self)(self._own_scope())
        twin._is_made = True  # noqa: SLF001 - of our own class, as below
        twin.path_params = dict(self.path_params)
        twin._charset = self._charset  # noqa: SLF001 - as above
        if hasattr(self, "_environ"):
            own = {name: value for name, value in self._environ.items() if name != "wsgi.input"}
            twin._environ = own  # noqa: SLF001 - as above
        twin.auth = dict(self.auth)
        return twin

    def decode(self, charset: str | None = None) -> Self:
        """Return a request that says the same in UTF-8; itself if it is in UTF-8 already.

        Args:
            charset: what query and form are in; that of the request when it is not given.

        Raises:
            BodyNotRead: the content is still on its way.
            ValueError: no such charset.
        """
        chosen = declared_charset(self.charset) if charset is None else known_charset(charset)
        if chosen in {"utf-8", "utf8"}:
            return self
        twin = self.copy()
        twin.charset = chosen
        query = format_query(parse_query(self.raw_query, charset=twin.charset))
        if twin.content_type == _FORM:
            twin.body = format_query(twin.POST.items()).encode()
        if twin.content_type != "multipart/form-data":  # whose fields keep the charset that they are in
            twin.charset = "UTF-8"
        twin.query_string = query
        return twin

    def remove_conditional_headers(
        self,
        remove_encoding: bool = True,
        remove_range: bool = True,
        remove_match: bool = True,
        remove_modified: bool = True,
    ) -> None:
        """Remove the fields that make a response shorter: what comes is the whole representation, as it is.

        Args:
            remove_encoding: Accept-Encoding.
            remove_range: Range and If-Range.
            remove_match: If-None-Match.
            remove_modified: If-Modified-Since.

        Raises:
            AttributeError: the request was received.
        """
        names = {
            b"accept-encoding": remove_encoding,
            b"range": remove_range,
            b"if-range": remove_range,
            b"if-none-match": remove_match,
            b"if-modified-since": remove_modified,
        }
        for name, is_wanted in names.items():
            if is_wanted:
                self.set_field(name, None)

    # -- as text ------------------------------------------------------------------------------------------------------------

    def as_bytes(self, skip_body: bool | int = False) -> bytes:
        """Return the request as HTTP/1.1 text.

        Args:
            skip_body: True leaves the content out; a number of bytes leaves it out where it is longer.

        Raises:
            BodyNotRead: the content is wanted, and still on its way.
        """
        body = b"" if skip_body is True else self.body_bytes
        if skip_body and len(body) > skip_body:
            body = b"<body skipped (len=%d)>" % len(body)
        return write_request(
            RequestText(self.method, self.path_qs, self.http_version, self.raw_headers, body)
        )

    def as_text(self) -> str:
        """Return :meth:`as_bytes` decoded: the content by the charset of the request."""
        return self.as_bytes().decode(declared_charset(self.charset), "replace")

    def __str__(self) -> str:
        # SECURITY: what was received has credentials in it, and is written into logs.
        return self.as_text() if self.is_made else repr(self)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Return the request that :meth:`as_bytes` has written down.

        Raises:
            ValueError: the text is none of a request, or has more or less content than it says.
        """
        text = read_request(data)
        try:
            request = cls.blank(text.target, method=text.method)
        except (TypeError, BadRequest) as error:
            raise ValueError(str(error)) from None
        request.http_version = text.version
        request.raw_headers[:] = text.fields
        if text.body:
            request.body = text.body
        return request

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Return the request that :meth:`as_text` has written down; its content is in UTF-8."""
        return cls.from_bytes(text.encode())

    @classmethod
    def from_file(cls, file: IO[bytes]) -> Self:
        """Return the request that a file has the text of."""
        return cls.from_bytes(file.read())

    # -- as WSGI ------------------------------------------------------------------------------------------------------------

    @property
    def environ(self) -> Environ:
        """The request as a WSGI environ (PEP 3333).

        It is made when it is first asked for, and keys of your own stay in it. Those of the head are written anew from the
        request, and to change them there changes nothing.
        """
        if self.is_made:
            _ = self.content  # which reads the input that is there now
        elif hasattr(self, "_environ"):
            return self._environ
        self._environ = environ_of(self, Input(lambda: self.body_file), getattr(self, "_environ", {}))
        return self._environ

    @property
    def remote_user(self) -> str | None:
        """Who a WSGI server says is asking."""
        return getattr(self, "_environ", {}).get("REMOTE_USER")

    @property
    def remote_host(self) -> str | None:
        """What a WSGI server says the client's host is called."""
        return getattr(self, "_environ", {}).get("REMOTE_HOST")

    # -- calling ------------------------------------------------------------------------------------------------------------

    async def get_response(self, app: Any) -> Response[Any]:
        """Ask an application, and return its whole response.

        What it is asked is a copy: it shares the content, and nothing that it could change.

        Args:
            app: a Wadjet, another ASGI application, or with the extra ``wsgi`` a WSGI application, which runs in a thread.

        Raises:
            TypeError: it is no application.
            MissingExtra: it is WSGI, and a2wsgi is not installed.
            RuntimeError: it ends without a response.
            Exception: what it raises itself.
        """
        return await respond_to(asgi_form(app), self._own_scope(), Replay(self.content))

    send = get_response
