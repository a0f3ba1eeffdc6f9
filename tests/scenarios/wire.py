"""A client of exact bytes: what is sent is sent as it is, what comes is judged by the rules of RFC 9112."""

from __future__ import annotations

import socket
from typing import NamedTuple

__all__ = ["Malformed", "Reply", "converse", "replies"]

#: How long the client waits for more, when the server neither says more nor closes.
PATIENCE_SECONDS = 10


class Malformed(Exception):
    """The server's bytes are no HTTP."""


class Reply(NamedTuple):
    """One response."""

    status: int
    fields: list[tuple[str, str]]
    body: bytes
    #: Whether all of it came.
    is_whole: bool = True

    def field(self, name: str) -> str | None:
        """The values of a field, joined as RFC 9110 §5.3 says."""
        found = [value for known, value in self.fields if known == name]
        return ", ".join(found) if found else None


def converse(port: int, sent: bytes, patience: float = PATIENCE_SECONDS) -> tuple[bytes, bool]:
    """Send bytes; return what came, and whether the server has closed the connection."""
    received = bytearray()
    with socket.create_connection(("127.0.0.1", port), timeout=patience) as connection:
        try:
            connection.sendall(sent)
        except (BrokenPipeError, ConnectionResetError):
            pass  # it has answered before it had read everything
        try:
            while chunk := connection.recv(1 << 20):
                received += chunk
        except TimeoutError:
            return bytes(received), False
        except ConnectionResetError:
            pass
    return bytes(received), True


def replies(received: bytes, methods: list[str]) -> list[Reply]:
    """Split what came into responses.

    Args:
        received: everything, until the connection closed.
        methods: of the requests, in order; the last one stands for all further ones.

    Raises:
        Malformed: it cannot be split.
    """
    found: list[Reply] = []
    while received:
        method = methods[min(len(found), len(methods) - 1)]
        head, separator, rest = received.partition(b"\r\n\r\n")
        if not separator:
            raise Malformed(f"a head without end: {head[:100]!r}")
        line, *lines = head.decode("latin-1").split("\r\n")
        version, _, tail = line.partition(" ")
        if version != "HTTP/1.1" or not tail[:3].isdigit():
            raise Malformed(f"no status line: {line!r}")
        status = int(tail[:3])
        if any(":" not in each for each in lines):
            raise Malformed(f"a line that is no field: {lines}")
        fields = [(name.lower(), value.strip()) for name, _, value in (each.partition(":") for each in lines)]
        reply = Reply(status, fields, b"")
        body, received, is_whole = _body(reply, rest, method)
        if status >= 200:
            found.append(Reply(status, fields, body, is_whole))
    return found


def _body(reply: Reply, rest: bytes, method: str) -> tuple[bytes, bytes, bool]:
    """Return the body, what follows it, and whether it is whole (RFC 9112 §6.3)."""
    if method == "HEAD" or reply.status in {204, 304} or reply.status < 200:
        return b"", rest, True
    if reply.field("transfer-encoding") is not None:
        return _chunked(rest)
    length = reply.field("content-length")
    if length is None:
        return rest, b"", True
    size = int(length)
    return rest[:size], rest[size:], len(rest) >= size


def _chunked(rest: bytes) -> tuple[bytes, bytes, bool]:
    body = b""
    while True:
        line, separator, rest = rest.partition(b"\r\n")
        if not separator:
            return body, b"", False
        size = int(line.partition(b";")[0], 16)
        if len(rest) < size + 2:
            return body + rest[:size], b"", False
        if rest[size : size + 2] != b"\r\n":
            raise Malformed("a chunk that is longer than it says")
        body, rest = body + rest[:size], rest[size + 2 :]
        if size == 0:
            return body, rest, True
