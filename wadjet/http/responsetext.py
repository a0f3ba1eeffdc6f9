"""A response that was written as text, read back. No sockets: a file is somebody else's."""

from __future__ import annotations

from typing import IO, NamedTuple

__all__ = ["ResponseText", "read_response"]

#: SECURITY: more lines, or longer ones, no response has.
_MOST_LINES = 1000
_LONGEST_LINE = 65536


class ResponseText(NamedTuple):
    """The parts of a response."""

    status: int
    fields: list[tuple[bytes, bytes]]
    body: bytes


def read_response(file: IO[bytes] | IO[str]) -> ResponseText:
    """Read ``HTTP/1.1 404 Not Found`` or ``404 Not Found``, fields, an empty line and the content.

    Args:
        file: where the response begins; text is taken as UTF-8.

    Raises:
        ValueError: it is not one; or the content is shorter than its Content-Length.
    """
    status = _status(_line(file))
    fields: list[tuple[bytes, bytes]] = []
    while line := _line(file):
        name, colon, value = line.partition(b":")
        if not colon or len(fields) == _MOST_LINES:
            raise ValueError(f"{line!r:.60} is not a header field, or one too many")
        fields.append((name, value.strip(b" \t")))
    return ResponseText(status, fields, _content(file, fields))


def _line(file: IO[bytes] | IO[str]) -> bytes:
    line = _bytes(file.readline(_LONGEST_LINE))
    if not line.endswith(b"\n"):
        raise ValueError("the file ends within the head of a response, or a line of it is too long")
    return line.removesuffix(b"\n").removesuffix(b"\r")


def _status(line: bytes) -> int:
    code = line.split(b" ")[1:2] if line.startswith(b"HTTP/") else [line.partition(b" ")[0]]
    if not code or not code[0].isdigit() or len(code[0]) != 3:
        raise ValueError(f"{line!r:.60} is not the first line of a response")
    return int(code[0])


def _content(file: IO[bytes] | IO[str], fields: list[tuple[bytes, bytes]]) -> bytes:
    lengths = [value for name, value in fields if name.lower() == b"content-length"]
    if not lengths:
        return _bytes(file.read())
    if len(set(lengths)) > 1 or not lengths[0].isdigit() or len(lengths[0]) > 18:
        raise ValueError("the Content-Length is no number, or there are two of them")
    length = int(lengths[0])
    body = _bytes(file.read(length))
    if len(body) != length:
        raise ValueError(f"the content has {len(body)} bytes of {length}")
    return body


def _bytes(data: bytes | str) -> bytes:
    return data.encode() if isinstance(data, str) else data
