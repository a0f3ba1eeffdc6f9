"""What a form may cost, and URL-encoded forms (WHATWG URL §5.1)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from wadjet.http.filerules import FileRules
from wadjet.http.queries import ESCAPE, parse_query

__all__ = [
    "FileTypeRefused",
    "FormError",
    "FormLimits",
    "FormTooLarge",
    "declared_charset",
    "known_charset",
    "parse_urlencoded",
    "text_charset",
]

#: SECURITY: the charsets that a form may declare beside UTF-8. All extend ASCII; Python's other codecs do
#: not, or are no charsets at all (zlib, idna), and it remembers each unknown name for ever.
_CHARSETS: Final = frozenset(
    [f"iso-8859-{part}" for part in range(1, 17) if part != 12]
    + [f"windows-125{page}" for page in range(9)]
    + ["us-ascii", "latin-1", "latin1", "koi8-r", "koi8-u", "utf-8", "utf8"]
    + ["shift_jis", "euc-jp", "gbk", "gb2312", "gb18030", "big5", "euc-kr"]
)
#: Those that a text may be in too.
_WIDE: Final = frozenset(f"utf-{size}{order}" for size in (16, 32) for order in ("", "le", "be"))


class FormError(ValueError):
    """Content that is not the form it is said to be."""


class FormTooLarge(FormError):
    """A form that goes beyond a limit."""


class FileTypeRefused(FormError):
    """A form with a file of a type that is not taken."""


class FormLimits(NamedTuple):
    """What one form may bring, beside the limit of its content."""

    #: How many fields.
    max_fields: int = 1000
    #: How many files.
    max_files: int = 100
    #: How many bytes the value of one field may have.
    max_field_bytes: int = 1024 * 1024
    #: How many bytes all fields of a multipart form may have together: they are kept in memory.
    max_fields_bytes: int = 2_500_000
    #: How many lines the head of a part may have, and how many bytes.
    max_head_lines: int = 16
    max_head_bytes: int = 8192
    #: What single files may be, by the names of their fields.
    files: Mapping[str, FileRules] = MappingProxyType({})


def declared_charset(charset: str | None) -> str:
    """Return the charset that text of a form is read in: the one declared, UTF-8 where that is none that extends ASCII."""
    declared = (charset or "utf-8").lower()
    return declared if declared in _CHARSETS else "utf-8"


def text_charset(charset: str) -> str:
    """Return the charset that a text is read in, as declared.

    Raises:
        LookupError: it is not known here.
    """
    declared = charset.lower()
    if declared not in _CHARSETS and declared not in _WIDE:
        raise LookupError(charset)
    return declared


def parse_urlencoded(
    body: bytes, *, charset: str = "utf-8", max_fields: int = 1000, max_field_bytes: int = 1024 * 1024
) -> list[tuple[str, str]]:
    """Return the fields of an application/x-www-form-urlencoded body, in order (WHATWG URL §5.1).

    Args:
        body: the whole body.
        charset: as declared; one that is unknown, or does not extend ASCII, is taken as UTF-8.
        max_fields: how many fields there may be.
        max_field_bytes: how long one may be, name and value together, decoded.

    Raises:
        FormTooLarge: a limit is exceeded.
    """
    if body.count(b"&") > max_fields:
        raise FormTooLarge(f"more than {max_fields} form fields")
    if len(body) > max_field_bytes and any(_size(field) > max_field_bytes for field in body.split(b"&")):
        raise FormTooLarge(f"a form field of more than {max_field_bytes} bytes")
    try:
        return parse_query(body, max_pairs=max_fields, charset=declared_charset(charset))
    except ValueError:
        raise FormTooLarge(f"more than {max_fields} form fields") from None


def known_charset(charset: str) -> str:
    """Return a charset by the name that queries and forms are read under.

    Raises:
        ValueError: it is unknown, or does not extend ASCII.
    """
    name = charset.lower()
    if name not in _CHARSETS:
        raise ValueError(f"{charset!r:.40} is no charset that forms are written in; try 'utf-8'")
    return "utf-8" if name == "utf8" else name


def _size(field: bytes) -> int:
    # SECURITY: a percent sign alone stands for itself.
    return len(field) - 2 * len(ESCAPE.findall(field))
