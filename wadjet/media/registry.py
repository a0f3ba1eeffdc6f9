"""Which media type a value has by itself, and how a value becomes the bytes of a media type.

The rules are those of the handler attributes (Rapidy): text types take text as it is, JSON types take anything, ``bytes`` pass.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from . import json

__all__ = [
    "BINARY",
    "HTML",
    "JSON",
    "TEXT",
    "charset_of",
    "encode",
    "is_json",
    "is_text",
    "media_type_of",
    "with_charset",
]

TEXT = "text/plain"
HTML = "text/html"
JSON = "application/json"
BINARY = "application/octet-stream"

#: Classes whose values are text, documents or raw, by module and name: nothing optional is imported for them.
_MEDIA: dict[tuple[str, str], str] = {
    ("builtins", "str"): TEXT,
    ("builtins", "int"): TEXT,
    ("builtins", "float"): TEXT,
    ("enum", "Enum"): TEXT,
    ("decimal", "Decimal"): TEXT,
    ("datetime", "date"): TEXT,
    ("datetime", "time"): TEXT,
    ("datetime", "timedelta"): TEXT,
    ("uuid", "UUID"): TEXT,
    ("builtins", "bytes"): BINARY,
    ("builtins", "bytearray"): BINARY,
    ("builtins", "memoryview"): BINARY,
    ("builtins", "dict"): JSON,
    ("builtins", "list"): JSON,
    ("builtins", "tuple"): JSON,
    ("builtins", "set"): JSON,
    ("builtins", "frozenset"): JSON,
    ("collections", "deque"): JSON,
}


#: What classes of documents have: pydantic's, msgspec's, those of attrs.
_MODELS = ("__pydantic_serializer__", "__struct_fields__", "__attrs_attrs__")


def media_type_of(cls: type) -> str | None:
    """Return the media type that values of ``cls`` leave as; None for a class that no rule knows."""
    if hasattr(cls, "__html__"):
        return HTML
    for base in cls.__mro__:
        known = _MEDIA.get((base.__module__, base.__qualname__))
        if known is not None:
            return known
    if (
        dataclasses.is_dataclass(cls)
        or issubclass(cls, Mapping)
        or any(hasattr(cls, mark) for mark in _MODELS)
    ):
        return JSON
    return None


def is_text(media_type: str) -> bool:
    """Tell whether the type is text by RFC 9110, or XML, so that it takes a charset parameter."""
    return media_type.startswith("text/") or media_type.endswith(("/xml", "+xml"))


def is_json(media_type: str) -> bool:
    """Tell whether documents of the type are JSON (RFC 8259, RFC 6839 ``+json``)."""
    return media_type == JSON or media_type.endswith("+json")


def charset_of(charset: str) -> str:
    """Return the name of a charset in small letters.

    Raises:
        ValueError: no text encoding has this name.
        TypeError: it is no text.
    """
    if not isinstance(charset, str):
        raise TypeError(f"a charset is the name of a text encoding, not {charset!r:.60}")
    name = charset.lower()
    if name != "utf-8":
        try:
            "".encode(name)
        except (LookupError, ValueError):
            raise ValueError(f"{charset!r} is not the name of a text encoding; try 'utf-8'") from None
    return name


def with_charset(media_type: str, charset: str) -> str:
    """Write the content type of a text in ``charset``; JSON is UTF-8 without saying so (RFC 8259 §8.1), other types take none."""
    if "charset=" in media_type or not (is_text(media_type) or (is_json(media_type) and charset != "utf-8")):
        return media_type
    return f"{media_type}; charset={charset}"


def encode(
    value: Any,
    media_type: str,
    charset: str = "utf-8",
    dumps: Callable[[object], bytes | str] = json.dumps,
) -> bytes:
    """Turn a value into the bytes of ``media_type``.

    Args:
        value: bytes pass unchanged; text passes as it is, except under ``application/json``, where it is quoted.
        media_type: without parameters.
        charset: of the text that leaves.
        dumps: writes JSON.

    Raises:
        TypeError: the value has no such form.
        UnicodeEncodeError: the charset has no such character.
    """
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    if isinstance(value, str) and media_type != JSON:
        return value.encode(charset)
    text = _text_of(value) if is_text(media_type) else None
    if text is not None:
        return text.encode(charset)
    document = dumps(value)
    if isinstance(document, str):
        return document.encode(charset)
    return document if charset == "utf-8" else document.decode().encode(charset)


def _text_of(value: Any) -> str | None:
    """Return the text that a scalar is written as; None for what has to be a document."""
    if hasattr(value, "__html__"):
        return str(value.__html__())
    document = json.dumps(value)
    if document[:1] != b'"':
        return None
    text = json.loads(document)
    assert isinstance(text, str)
    return text
