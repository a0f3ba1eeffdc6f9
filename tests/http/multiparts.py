"""Multipart content, written by hand so that it can be wrong."""

from __future__ import annotations

from collections.abc import Iterable

from wadjet.http.forms import FormLimits
from wadjet.http.multipart import Multipart, PartHead

__all__ = ["LIMITS", "disposition", "events", "form", "part", "pieces"]

LIMITS = FormLimits()


def disposition(name: str, filename: str | None = None) -> str:
    """Return the field that names a part."""
    file = "" if filename is None else f'; filename="{filename}"'
    return f'Content-Disposition: form-data; name="{name}"{file}'


def part(name: str, content: bytes = b"", filename: str | None = None, *fields: str) -> bytes:
    """Return one part, from its delimiter to its last byte."""
    head = "\r\n".join([disposition(name, filename), *fields])
    return b"--BOUND\r\n" + head.encode() + b"\r\n\r\n" + content + b"\r\n"


def form(*parts: bytes) -> bytes:
    """Return a whole form."""
    return b"".join(parts) + b"--BOUND--\r\n"


def pieces(content: bytes, size: int) -> list[bytes]:
    """Cut content."""
    return [content[start : start + size] for start in range(0, len(content), size)]


def events(chunks: Iterable[bytes], limits: FormLimits = LIMITS) -> list[tuple[str, str | None, bytes, int]]:
    """Return name, filename, content and place of every part."""
    found: list[tuple[str, str | None, bytes, int]] = []
    multipart = Multipart(b"BOUND", limits)
    for chunk in chunks:
        for event in multipart.feed(chunk):
            if isinstance(event, PartHead):
                found.append((event.name, event.filename, b"", multipart.place))
            elif event is not None:
                name, filename, content, place = found[-1]
                found[-1] = (name, filename, content + event, place)
    multipart.end()
    return found
