"""A client of exact bytes: what is sent is sent as it is, what comes is judged by the rules of RFC 9112."""

from __future__ import annotations

import select
import socket
import time
from types import TracebackType
from typing import NamedTuple, Self

__all__ = ["Malformed", "Reply", "Talk", "converse", "get", "replies"]

#: How long the client waits for more, when the server neither says more nor closes.
PATIENCE_SECONDS = 60


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


class Talk:
    """A connection on which exact bytes are said, and responses heard one after the other; a context manager.

    Args:
        port: of the server.
        room: bytes that the kernel may keep for us unread; None for what it likes.
        patience: seconds that the server may be silent.
    """

    def __init__(self, port: int, *, room: int | None = None, patience: float = PATIENCE_SECONDS) -> None:
        self.socket = socket.socket()
        self.socket.settimeout(patience)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if room is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
        self.socket.connect(("127.0.0.1", port))
        self._heard = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.socket.close()

    def say(self, *data: bytes) -> Self:
        """Send bytes, each piece by itself."""
        for piece in data:
            self.socket.sendall(piece)
        return self

    def end(self) -> Self:
        """Say that nothing more is sent."""
        self.socket.shutdown(socket.SHUT_WR)
        return self

    def push(self, data: bytes, most: int, patience: float = 1.0) -> int:
        """Send the same bytes again and again, until nobody takes them for a while; return how many were taken.

        Args:
            data: begins with the first byte again only when all of it was taken.
            most: enough.
            patience: seconds.
        """
        taken, view = 0, memoryview(data)
        while taken < most and select.select([], [self.socket], [], patience)[1]:
            taken += self.socket.send(view[taken % len(data) :])
        return taken

    def hear(self, method: str = "GET") -> Reply:
        """Return the next response, interim ones too.

        Raises:
            Malformed: it is none; or the connection closes before its head is whole.
            TimeoutError: the server is silent.
        """
        is_open = True
        while is_open:
            if b"\r\n\r\n" in self._heard:
                reply, rest = _first(self._heard, method)
                if reply.is_whole and not _ends_with_connection(reply, method):
                    self._heard = rest
                    return reply
            data = self.socket.recv(1 << 16)
            self._heard += data
            is_open = bool(data)
        reply, self._heard = _first(self._heard, method)
        return reply

    def rest(self) -> bytes:
        """Return what comes until the server closes.

        Raises:
            TimeoutError: the server neither says more nor closes.
            ConnectionResetError: it breaks the connection off.
        """
        found, self._heard = self._heard, b""
        while data := self.socket.recv(1 << 20):
            found += data
        return found

    def is_silent(self, seconds: float) -> bool:
        """Tell whether the server says nothing for so long, and does not close."""
        return not select.select([self.socket], [], [], seconds)[0]

    def until_closed(self) -> float:
        """Wait until the server closes without a word; return the seconds that it took."""
        started = time.monotonic()
        assert self.rest() == b""
        return time.monotonic() - started


def get(target: str, *fields: str, method: str = "GET", content: bytes = b"") -> bytes:
    """Return a request that keeps its connection; its content is framed by the fields."""
    return "\r\n".join([f"{method} {target} HTTP/1.1", "Host: own.test", *fields, "", ""]).encode() + content


def replies(received: bytes, methods: list[str]) -> list[Reply]:
    """Split what came into final responses.

    Args:
        received: everything, until the connection closed.
        methods: of the requests, in order; the last one stands for all further ones.

    Raises:
        Malformed: it cannot be split.
    """
    found: list[Reply] = []
    while received:
        reply, received = _first(received, methods[min(len(found), len(methods) - 1)])
        if reply.status >= 200:
            found.append(reply)
    return found


def _first(received: bytes, method: str) -> tuple[Reply, bytes]:
    """Return the first response and what follows it; raises as :func:`replies`."""
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
    body, rest, is_whole = _body(Reply(status, fields, b""), rest, method)
    return Reply(status, fields, body, is_whole), rest


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


def _ends_with_connection(reply: Reply, method: str) -> bool:
    has_content = method != "HEAD" and reply.status >= 200 and reply.status not in {204, 304}
    return has_content and reply.field("transfer-encoding") is None and reply.field("content-length") is None


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
