"""Forms as a client writes them: URL-encoded, or as multipart/form-data where there are files (RFC 7578)."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from typing import IO, TypeAlias

from ..media.filetypes import type_of_name
from .parameters import format_parameters, parse_parameters
from .urls import format_query

__all__ = ["FormFile", "FormValues", "encode_form", "encode_multipart"]

_URLENCODED = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"

#: The content type of a form without files, and with some.
_NATURAL = (_URLENCODED, _MULTIPART)

#: A file of a form: its name, and what is in it.
FormFile: TypeAlias = tuple[str, "bytes | str | IO[bytes] | IO[str]"]
#: What a form may be given as; text and bytes are encoded already.
FormValues: TypeAlias = Mapping[str, object] | Iterable[tuple[str, object]] | str | bytes

#: WHATWG HTML §4.10.21.8: what would end the quoted name of a part, or its line.
_ESCAPES = str.maketrans({'"': "%22", "\r": "%0D", "\n": "%0A"})


def encode_form(values: FormValues, content_type: str = "") -> tuple[str, bytes]:
    """Return content type and content of a form.

    Args:
        values: pairs or a mapping of names to text, or to ``(filename, content)`` for a file; or content that is
            encoded already.
        content_type: with its parameters; when empty, the values decide.

    Raises:
        ValueError: values that the content type cannot express, or text that is not ASCII.
    """
    if isinstance(values, str | bytes):
        return content_type or _URLENCODED, values if isinstance(values, bytes) else values.encode("ascii")
    pairs = list(values.items() if isinstance(values, Mapping) else values)
    has_files = any(isinstance(value, tuple) for _, value in pairs)
    essence, parameters = parse_parameters(content_type or _NATURAL[has_files])
    if essence.lower() == _MULTIPART:
        boundary = parameters.setdefault("boundary", secrets.token_hex(10))
        return format_parameters(essence, parameters), encode_multipart(pairs, boundary)
    if essence.lower() != _URLENCODED:
        raise ValueError(f"Please provide POST data as bytes for content type {content_type!r}")
    if has_files:
        raise ValueError(f"Submitting files is not possible as {_URLENCODED}; leave the content type out")
    return format_parameters(essence, parameters), format_query(pairs).encode("ascii")


def encode_multipart(pairs: Iterable[tuple[str, object]], boundary: str) -> bytes:
    """Return fields and files as multipart/form-data (RFC 7578).

    Args:
        pairs: names with text, or with ``(filename, content)``.
        boundary: what stands between the parts.
    """
    pieces: list[bytes] = []
    for name, value in pairs:
        head, content = _part(name, value)
        # SECURITY: a name or file name is data; it neither ends its quotes nor its line (CWE-93).
        pieces += [
            f"--{boundary}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode(),
            content,
            b"\r\n",
        ]
    return b"".join([*pieces, f"--{boundary}--\r\n".encode()])


def _part(name: str, value: object) -> tuple[str, bytes]:
    quoted = name.translate(_ESCAPES)
    if not isinstance(value, tuple):
        return f'name="{quoted}"', value if isinstance(value, bytes) else str(value).encode()
    filename, content = value
    data = content.read() if hasattr(content, "read") else content
    return (
        f'name="{quoted}"; filename="{filename.translate(_ESCAPES)}"\r\nContent-Type: {type_of_name(filename)}',
        data.encode() if isinstance(data, str) else data,
    )
