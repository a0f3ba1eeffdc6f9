"""The head of a request as a WSGI environ and back (PEP 3333). Pure: the content is somebody else's."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import IO, Any, Protocol

from ..types import RawHeaders, Scope
from .cginames import CONTENT_NAMES, fields_by_cgi_names, fields_in
from .exceptions import BadRequest, ClientDisconnect, RequestEntityTooLarge
from .headers import encode_fields
from .parameters import is_token

__all__ = ["Environ", "Input", "Seen", "environ_of", "read_input", "scope_of"]

#: PEP 3333 wants a dict and nothing else.
Environ = dict[str, Any]

_PORTS = {"http": "80", "https": "443"}
#: RFC 9112 §2.3, and what servers say of HTTP/2; CGI has protocols of its own (RFC 3875 §4.1.16).
_PROTOCOL = re.compile(r"HTTP/([0-9](?:\.[0-9])?)")
#: What a server says of itself.
_SERVER = {
    "wsgi.version": (1, 0),
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
}


class Seen(Protocol):
    """What an environ tells of a request."""

    @property
    def method(self) -> str:
        """In capitals."""

    @property
    def scheme(self) -> str:
        """``http`` or ``https``."""

    @property
    def script_name(self) -> str:
        """Decoded."""

    @property
    def path_info(self) -> str:
        """Decoded."""

    @property
    def query_string(self) -> str:
        """As it was sent."""

    @property
    def server_name(self) -> str:
        """A name of the server."""

    @property
    def server_port(self) -> int:
        """Its port."""

    @property
    def remote_addr(self) -> str | None:
        """The address of the client."""

    http_version: str
    raw_headers: RawHeaders


def environ_of(request: Seen, content: object, environ: Environ) -> Environ:
    """Write a request into an environ; what else is there stays. Return the same environ.

    Args:
        request: what it tells of.
        content: a file that gives the content, and then ends.
        environ: with keys of somebody's own, or empty.
    """
    for key, value in _SERVER.items():
        environ.setdefault(key, value)
    environ.setdefault("wsgi.errors", sys.stderr)
    environ["wsgi.input"] = content
    environ["wsgi.input_terminated"] = True
    for key in [key for key in environ if key.startswith("HTTP_") or key in CONTENT_NAMES.values()]:
        del environ[key]
    environ.update(fields_by_cgi_names(request.raw_headers))
    environ.update(
        {
            "REQUEST_METHOD": request.method,
            "SCRIPT_NAME": _wsgi(request.script_name),
            "PATH_INFO": _wsgi(request.path_info),
            "QUERY_STRING": request.query_string,
            "SERVER_NAME": request.server_name,
            "SERVER_PORT": str(request.server_port),
            "SERVER_PROTOCOL": f"HTTP/{request.http_version}",
            "wsgi.url_scheme": request.scheme,
        }
    )
    if request.remote_addr is not None:
        environ["REMOTE_ADDR"] = request.remote_addr
    return environ


def _wsgi(text: str) -> str:
    """PEP 3333, "Unicode Issues": bytes, as text of Latin-1 characters."""
    return text.encode("utf-8", "surrogateescape").decode("latin-1")


def scope_of(environ: Mapping[str, Any]) -> Scope:
    """Return an ASGI scope that says the same.

    Raises:
        BadRequest: a method that is no token, or a path that is not UTF-8.
        ValueError: a field that is none, or text beyond Latin-1, which no environ has.
    """
    method = environ.get("REQUEST_METHOD", "GET")
    if not is_token(method):
        raise BadRequest("The method is not a token.")
    version = _PROTOCOL.fullmatch(environ.get("SERVER_PROTOCOL", ""))
    root = _text(environ, "SCRIPT_NAME")
    scheme = environ.get("wsgi.url_scheme", "http")
    name, port = environ.get("SERVER_NAME", "localhost"), str(environ.get("SERVER_PORT", ""))
    address = environ.get("REMOTE_ADDR")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.5"},
        "http_version": version[1] if version else "1.0",
        "method": method,
        "scheme": scheme,
        "path": root + _text(environ, "PATH_INFO") or "/",
        "raw_path": None,
        "query_string": _bytes(environ, "QUERY_STRING"),
        "root_path": root,
        "headers": encode_fields(fields_in(environ)),
        "client": (address, _number(environ.get("REMOTE_PORT"), 0)) if address else None,
        "server": (name, _number(port, int(_PORTS.get(scheme, "80")))),
        "state": {},
    }


def _bytes(environ: Mapping[str, Any], key: str) -> bytes:
    text: str = environ.get(key, "")
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        raise ValueError(
            f"environ[{key!r}] is text beyond Latin-1, which no WSGI server gives (PEP 3333)"
        ) from None


def _text(environ: Mapping[str, Any], key: str) -> str:
    try:
        return _bytes(environ, key).decode()
    except UnicodeDecodeError:
        raise BadRequest("The path is not UTF-8.") from None


def _number(text: object, default: int) -> int:
    return int(text) if isinstance(text, str) and text.isdecimal() and len(text) <= 5 else default


class Input:
    """A ``wsgi.input`` that is looked for when it is first read: an environ can be asked for before the content is there.

    Args:
        find: returns the content as a file.
    """

    __slots__ = ("_find",)

    def __init__(self, find: Callable[[], IO[bytes]]) -> None:
        self._find = find

    def __getattr__(self, name: str) -> Any:
        return getattr(self._find(), name)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._find())


def read_input(environ: Mapping[str, Any], length: int | None, limit: int) -> bytes:
    """Return the content that an environ brings; it is waited for.

    Args:
        environ: with or without ``wsgi.input``.
        length: the declared length in bytes. Without one the input is read to its end where it has one, else not at all.
        limit: the most bytes that are taken.

    Raises:
        RequestEntityTooLarge: it is, or is declared to be, more than the limit.
        ClientDisconnect: it ends before its declared length.
    """
    source = environ.get("wsgi.input")
    if source is None or not (length or environ.get("wsgi.input_terminated")):
        return b""
    if (length or 0) > limit:
        raise RequestEntityTooLarge(f"The content is more than {limit} bytes.")
    data: bytes = source.read(limit + 1 if length is None else length)
    if len(data) > limit:
        raise RequestEntityTooLarge(f"The content is more than {limit} bytes.")
    if length is not None and len(data) < length:
        raise ClientDisconnect
    return data
