"""URL-encoded forms (WHATWG URL §5.1), within limits."""

from __future__ import annotations

from typing import Final

from wadjet.http.urls import parse_query

__all__ = ["FormError", "parse_urlencoded"]

#: SECURITY: the charsets that a form may declare beside UTF-8. All extend ASCII; Python's other codecs do
#: not, or are no charsets at all (zlib, idna), and it remembers each unknown name for ever.
_CHARSETS: Final = frozenset(
    [f"iso-8859-{part}" for part in range(1, 17) if part != 12]
    + [f"windows-125{page}" for page in range(9)]
    + ["us-ascii", "latin-1", "latin1", "koi8-r", "koi8-u"]
    + ["shift_jis", "euc-jp", "gbk", "gb2312", "gb18030", "big5", "euc-kr"]
)


class FormError(ValueError):
    """A form that goes beyond a limit."""


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
        FormError: a limit is exceeded.
    """
    if body.count(b"&") > max_fields:
        raise FormError(f"more than {max_fields} form fields")
    if len(body) > max_field_bytes and any(_size(field) > max_field_bytes for field in body.split(b"&")):
        raise FormError(f"a form field of more than {max_field_bytes} bytes")
    declared = charset.lower()
    try:
        return parse_query(body, max_pairs=max_fields, charset=declared if declared in _CHARSETS else "utf-8")
    except ValueError:
        raise FormError(f"more than {max_fields} form fields") from None


def _size(field: bytes) -> int:
    return len(field) - 2 * field.count(b"%")
