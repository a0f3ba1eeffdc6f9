"""A request as HTTP/1.1 text and back (RFC 9112 §2.1), for logs, files and tests. No sockets: a server parses with httptools."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from ..types import RawHeaders
from .headers import field_name, field_value
from .parameters import is_token
from .wire import request_head

__all__ = ["RequestText", "read_request", "write_request"]


class RequestText(NamedTuple):
    """What the text of a request says."""

    method: str
    #: Path and query as they were written.
    target: str
    #: ``1.0`` or ``1.1``.
    version: str
    fields: RawHeaders
    body: bytes


def write_request(text: RequestText) -> bytes:
    """Return the text: the fields sorted by name, and the content after an empty line, if there is any.

    Raises:
        ValueError: a field that would end its line (CWE-113), or text that is not ASCII.
    """
    fields = sorted((name.title(), value) for name, value in text.fields)
    head = request_head(text.method.encode("ascii"), text.target.encode("ascii"), text.version, fields)
    return head + text.body if text.body else head.removesuffix(b"\r\n\r\n")


def read_request(data: bytes) -> RequestText:
    """Read what :func:`write_request` writes, or a client sends. Lines may end with LF alone.

    Content goes as far as Content-Length says; without one it is all that follows the empty line.

    Raises:
        ValueError: what says so: the request line, a field, the length of the content.
    """
    head, found, body = _split(data)
    line, _, rest = head.partition("\n")
    method, target, version = _request_line(line)
    fields = list(_fields(rest.split("\n") if rest else ()))
    lengths = {value for name, value in fields if name == b"content-length"}
    if lengths:
        body = _measured(body, lengths)
    elif not found:
        body = b""
    return RequestText(method, target, version, fields, body)


def _split(data: bytes) -> tuple[str, bool, bytes]:
    ends = [(place, len(end)) for end in (b"\r\n\r\n", b"\n\n") if (place := data.find(end)) >= 0]
    place, size = min(ends, default=(len(data), 0))
    head = data[:place].decode("latin-1").replace("\r\n", "\n").strip("\n")
    return head, bool(ends), data[place + size :]


def _request_line(line: str) -> tuple[str, str, str]:
    parts = line.split(" ")
    known = len(parts) == 3 and is_token(parts[0]) and parts[2] in {"HTTP/1.0", "HTTP/1.1"}
    if not (known and parts[1].isascii() and parts[1].isprintable()):
        raise ValueError(f"Bad HTTP request line: {line!r:.80}; it is like 'GET /path HTTP/1.1'")
    return parts[0], parts[1], parts[2].removeprefix("HTTP/")


def _fields(lines: Iterable[str]) -> Iterable[tuple[bytes, bytes]]:
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon:
            raise ValueError(f"Bad header line: {line!r:.80}; it is like 'Name: value'")
        key = field_name(name)
        yield key, field_value(value, key)


def _measured(body: bytes, lengths: set[bytes]) -> bytes:
    text = lengths.pop()
    if lengths or not text.isdigit() or len(text) > 18:
        raise ValueError("Content-Length is no number, or there are two that differ")
    if len(body) > int(text):
        raise ValueError("The string contains more data than expected")
    if len(body) < int(text):
        raise ValueError(f"The content is {int(text) - len(body)} bytes shorter than Content-Length says")
    return body
