"""Clients that do what browsers do not: plain sockets, so that nothing is sent or retried that is not said here."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Callable
from typing import NamedTuple

__all__ = ["HOST", "Reply", "abort", "ask", "connect", "pings", "read_reply", "request"]

HOST = "127.0.0.1"


class Reply(NamedTuple):
    """What came back; ``closes`` tells whether the connection ends with it."""

    status: int
    content: bytes
    closes: bool


def connect(port: int, seconds: float = 10.0) -> socket.socket:
    """Open a connection."""
    connection = socket.create_connection((HOST, port), seconds)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def request(path: str, *fields: str, method: str = "GET") -> bytes:
    """Return the head of a request."""
    return "\r\n".join([f"{method} {path} HTTP/1.1", f"host: {HOST}", *fields, "", ""]).encode()


def read_reply(connection: socket.socket) -> Reply:
    """Read one response whose length is announced.

    Raises:
        ConnectionError: the connection ended before the response did.
    """
    data = b""
    while b"\r\n\r\n" not in data:
        data += _received(connection)
    head, _, content = data.partition(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    fields = dict(line.split(b": ", 1) for line in lines[1:])
    length = int(fields[b"content-length"])
    while len(content) < length:
        content += _received(connection)
    return Reply(int(lines[0].split()[1]), content, fields.get(b"connection") == b"close")


def _received(connection: socket.socket) -> bytes:
    data = connection.recv(65536)
    if not data:
        raise ConnectionError("the connection ended before the response")
    return data


def ask(port: int, path: str) -> Reply:
    """Send one request on a connection of its own."""
    with connect(port) as connection:
        connection.sendall(request(path))
        return read_reply(connection)


def pings(port: int, seconds: float, between: Callable[[], None] = lambda: None) -> list[float]:
    """Ask for ``/ping`` again and again on one connection, and return the seconds of each answer.

    Args:
        port: of the server.
        seconds: how long.
        between: is called between two requests; its time does not count.
    """
    asked, found = request("/ping"), []
    with connect(port) as connection:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            start = time.perf_counter()
            connection.sendall(asked)
            read_reply(connection)
            found.append(time.perf_counter() - start)
            between()
    return found


def abort(connection: socket.socket) -> None:
    """Close with a reset, as a client that dies."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
