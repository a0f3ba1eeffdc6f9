"""Request fields by the names that CGI gives them, and WSGI after it (RFC 3875 §4.1, PEP 3333)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..types import RawHeaders

__all__ = ["CONTENT_NAMES", "fields_by_cgi_names", "fields_in"]

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


def fields_in(environ: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Iterate over the request fields that an environ has, by their own names in small letters; what they are is not checked."""
    content_names = CONTENT_NAMES.values()
    for key, value in environ.items():
        if key.startswith("HTTP_") and key[5:] not in content_names:
            name = key[5:]
        elif key in content_names and value != "":  # PEP 3333: empty may stand for absent
            name = key
        else:
            continue
        yield name.replace("_", "-").lower(), value
