"""A message as HTTP/1.1 text (RFC 9112): the head of a response, chunks, and a request written out again."""

from __future__ import annotations

from collections.abc import Iterable

from .status import reason

__all__ = [
    "CONTINUE",
    "LAST_CHUNK",
    "check_lines",
    "chunk",
    "declared_length",
    "field_lines",
    "fields_of_lines",
    "request_head",
    "status_line",
]

_LINES = {status: f"HTTP/1.1 {status} {reason(status)}\r\n".encode() for status in range(100, 600)}

#: What a client waits for that has asked first (RFC 9110 §10.1.1).
CONTINUE = _LINES[100] + b"\r\n"
#: The end of content in chunks, without trailers (RFC 9112 §7.1).
LAST_CHUNK = b"0\r\n\r\n"


def status_line(status: int) -> bytes:
    """Return the first line of a response, its line end included.

    Args:
        status: 100-599.
    """
    return _LINES[status]


def field_lines(fields: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Return fields as lines, the last line end included.

    Raises:
        ValueError: a field would end its line and begin another (CWE-113).
    """
    lines = [b"%b: %b\r\n" % field for field in fields]
    block = b"".join(lines)
    check_lines(block, len(lines))
    return block


def check_lines(block: bytes, count: int) -> None:
    """Raise ValueError where fields that stand in lines already are not as many as they should be (CWE-113).

    Args:
        block: the lines, the last line end included.
        count: how many.
    """
    # SECURITY: as many line ends as lines, and nothing that some peers take for one.
    # PERF(bench: stack_request_id): as numbers, LF, CR and NUL are looked for twice as fast.
    if block.count(10) != count or block.count(13) != count or 0 in block:
        raise ValueError("a response field contains a line end or NUL; it would be read as another field")


def fields_of_lines(block: bytes, count: int) -> list[tuple[bytes, bytes]]:
    """Return fields that stand in lines already.

    Args:
        block: the lines, the last line end included.
        count: how many.

    Raises:
        ValueError: as :func:`check_lines`.
    """
    check_lines(block, count)
    pairs = [line.partition(b": ") for line in block.split(b"\r\n")[:-1]]
    return [(name, value) for name, _, value in pairs]


def chunk(data: bytes) -> bytes:
    """Return content as one chunk (RFC 9112 §7.1).

    Args:
        data: not empty: an empty chunk is the last one.
    """
    return b"%x\r\n%b\r\n" % (len(data), data)


def request_head(method: bytes, target: bytes, version: str, fields: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Return the head of a request that has been parsed before.

    Args:
        method: in capitals.
        target: as it was sent.
        version: ``1.0`` or ``1.1``.
        fields: as they were sent.
    """
    return b"%b %b HTTP/%b\r\n%b\r\n" % (method, target, version.encode(), field_lines(fields))


def declared_length(fields: Iterable[tuple[bytes, bytes]]) -> int | None:
    """Return what the Content-Length of a response says; None where there is none.

    Raises:
        ValueError: it is no number, or there are two that differ.
    """
    values = {value for name, value in fields if name == b"content-length"}
    if not values:
        return None
    text = values.pop()
    if values or not text.isdigit() or len(text) > 18:
        raise ValueError("the response has a Content-Length that is no number, or two of them")
    return int(text)
