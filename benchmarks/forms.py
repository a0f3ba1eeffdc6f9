"""The form that every entry is sent: three fields, and a file of bytes as a picture or an archive has them."""

from __future__ import annotations

import random

__all__ = ["BOUNDARY", "CONTENT_TYPE", "FORM", "around", "read_form"]

BOUNDARY = "benchboundary7MA4YWxk"
CONTENT_TYPE = f"multipart/form-data; boundary={BOUNDARY}"
_SIZE = 1024 * 1024


def around(size: int) -> tuple[bytes, bytes]:
    """Return what stands before and after the content of a file of so many bytes: three fields, and the delimiters."""
    fields = "".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in (("name", "alice"), ("title", "a file"), ("kind", f"{size} bytes"))
    )
    file = 'Content-Disposition: form-data; name="file"; filename="file.bin"\r\nContent-Type: application/octet-stream'
    return f"{fields}--{BOUNDARY}\r\n{file}\r\n\r\n".encode(), f"\r\n--{BOUNDARY}--\r\n".encode()


def _form() -> bytes:
    before, after = around(_SIZE)
    return before + random.Random(_SIZE).randbytes(_SIZE) + after


FORM = _form()


def read_form(content: bytes) -> tuple[int, int]:
    """Count the fields of a form and the bytes of its file by hand: the least that a reader does.

    Raises:
        ValueError: it is not that form.
    """
    fields = size = 0
    delimiter = f"--{BOUNDARY}".encode()
    for part in content.split(b"\r\n" + delimiter):
        head, blank, value = part.removeprefix(delimiter).partition(b"\r\n\r\n")
        if b'; filename="' in head:
            size += len(value)
        elif blank:
            fields += 1
    return fields, size
