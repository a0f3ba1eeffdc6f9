"""The rules of a request's head that the parser leaves to us: pure functions over what it has found (RFC 9112)."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import unquote

from ...http.clienterrors import BadRequest, RequestHeaderFieldsTooLarge, RequestURITooLong
from ...http.servererrors import NotImplemented as NotSupported
from ...http.urls import parse_host
from ...types import RawHeaders

__all__ = [
    "NOTABLE",
    "Framing",
    "check_size",
    "framing_of",
    "plain_length",
    "split_target",
    "with_host",
    "without_upgrade",
]

#: Fields that say something to the connection; all others are the application's.
NOTABLE = frozenset({b"connection", b"content-length", b"expect", b"transfer-encoding", b"upgrade"})

_SLASH, _PERCENT, _FRAGMENT = b"/%#"


class Framing(NamedTuple):
    """How the content of a request is delimited."""

    #: In bytes; None for chunks, 0 for none.
    length: int | None
    #: Whether the client waits for ``100 Continue``.
    expects: bool


def plain_length(notable: RawHeaders) -> int | None:
    """Return the length of content, if a Content-Length is all that the head says to the connection; None if it says more.

    Args:
        notable: the fields of :data:`NOTABLE`, in order; the parser has refused a length that is none.
    """
    # PERF(bench: wire_body): framing_of(), for what most requests with content say.
    if len(notable) != 1:
        return None
    name, value = notable[0]
    return int(value) if name == b"content-length" else None


def framing_of(notable: RawHeaders, version: str) -> Framing:
    """Read the fields that are the connection's.

    The parser has refused a second length, a length beside a coding, and codings that do not end with ``chunked``.

    Args:
        notable: the fields of :data:`NOTABLE`, in order.
        version: ``1.0`` or ``1.1``.

    Raises:
        BadRequest, NotSupported: a coding other than ``chunked``, or a coding before HTTP/1.1.
    """
    length: int | None = 0
    expects, codings = False, []
    for name, value in notable:
        if name == b"content-length":
            length = int(value)
        elif name == b"transfer-encoding":
            codings.append(value.lower())
        elif name == b"expect":
            expects = value.lower() == b"100-continue" and version == "1.1"
    if codings:
        _check_codings(codings, version)
        length = None
    return Framing(length, expects and length != 0)


def _check_codings(codings: list[bytes], version: str) -> None:
    # SECURITY: whoever stands in front may see another end of the content (request smuggling; RFC 9112 §6.1, §6.3).
    if version != "1.1":
        raise BadRequest("Transfer-Encoding is not part of HTTP/1.0.")
    if codings != [b"chunked"]:
        text = "The only transfer coding that is understood here is chunked."
        raise BadRequest(text) if len(codings) > 1 else NotSupported(text)  # RFC 9112 §6.1


def check_size(method: bytes, target: bytes, fields: RawHeaders, line: int, total: int) -> None:
    """Refuse a head that is too long.

    Args:
        method: of the request.
        target: of the request.
        fields: as the wire has them.
        line: the most bytes of the request line, its line end not counted.
        total: the most bytes of all, the empty line included.

    Raises:
        RequestURITooLong, RequestHeaderFieldsTooLarge: it is.
    """
    size = len(method) + len(target) + len("  HTTP/1.1")
    if size > line:
        raise RequestURITooLong(f"The request line is more than {line} bytes.")
    size += len("\r\n\r\n") + sum(len(name) + len(value) + len(": \r\n") for name, value in fields)
    if size > total:
        raise RequestHeaderFieldsTooLarge(f"The head of the request is more than {total} bytes.")


def split_target(target: bytes) -> tuple[str, bytes, bytes, bytes | None]:
    """Split a request target (RFC 9112 §3.2).

    Args:
        target: as it was sent; the parser has refused what is not ASCII.

    Returns:
        The path decoded, the path as it was sent, the query, and the authority of an absolute target.

    Raises:
        BadRequest: it is none that a request of this method can have.
    """
    authority = None
    if target[0] != _SLASH and target != b"*":
        scheme, separator, rest = target.partition(b"://")
        if not separator or scheme.lower() not in {b"http", b"https"}:
            raise BadRequest("The request target is neither a path nor an http URI.")
        end = min((place for mark in b"/?#" if (place := rest.find(mark)) >= 0), default=len(rest))
        authority, target = rest[:end], rest[end:]
        if target[:1] != b"/":
            target = b"/" + target
        _check_authority(authority)
    if _FRAGMENT in target:
        target = target.partition(b"#")[0]
    sent, _, query = target.partition(b"?")
    path = sent.decode("ascii")
    return unquote(path) if _PERCENT in sent else path, sent, query, authority


def _check_authority(authority: bytes) -> None:
    try:
        host, _ = parse_host(authority.decode("latin-1"))
    except ValueError:
        host = ""
    if not host:
        raise BadRequest("The request target names no host.")


def with_host(fields: RawHeaders, host: bytes, version: str) -> RawHeaders:
    """Return the fields with one Host field: that of an absolute target wins over what is sent (RFC 9112 §3.2.2).

    Fields that must be refused for their Host stay as they are: two of them, or none in HTTP/1.1 (RFC 9112 §3.2).
    """
    others = [field for field in fields if field[0] != b"host"]
    sent = len(fields) - len(others)
    return fields if sent > 1 or (not sent and version == "1.1") else [(b"host", host), *others]


def without_upgrade(fields: RawHeaders) -> RawHeaders:
    """Return the fields of a request whose wish for another protocol is not granted (RFC 9110 §7.8)."""
    return [field for field in fields if field[0] not in {b"upgrade", b"http2-settings"}]
