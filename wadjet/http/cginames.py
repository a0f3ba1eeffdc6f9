"""Request fields by the names that CGI gives them, and WSGI after it (RFC 3875 §4.1, PEP 3333)."""

from __future__ import annotations

from ..types import RawHeaders

__all__ = ["CONTENT_NAMES", "fields_by_cgi_names"]

#: Fields whose names have no ``HTTP_`` in front.
CONTENT_NAMES = {b"content-type": "CONTENT_TYPE", b"content-length": "CONTENT_LENGTH"}


def fields_by_cgi_names(fields: RawHeaders) -> dict[str, str]:
    """Return request fields, the lines of each as one list; without those that have an underscore in their name."""
    found: dict[str, str] = {}
    for name, value in fields:
        if (
            b"_" in name
        ):  # SECURITY: X_Forwarded_For would be read as X-Forwarded-For, which a proxy has checked
            continue
        key = CONTENT_NAMES.get(name) or "HTTP_" + name.decode("latin-1").upper().replace("-", "_")
        text = value.decode("latin-1")
        # RFC 9110 §5.3, RFC 6265 §5.4: lines of one field are one list; cookies have a separator of their own.
        separator = "; " if name == b"cookie" else ", "
        found[key] = f"{found[key]}{separator}{text}" if key in found else text
    return found
