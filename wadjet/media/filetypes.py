"""Which media type a file has, by its name alone: its content is not looked at."""

from __future__ import annotations

import mimetypes

from .registry import BINARY, HTML, JSON, TEXT

__all__ = ["type_of_name"]

#: What the web is made of, the same on every machine: the tables of Python and of the system are old in places, or wrong.
_WEB = {
    ".avif": "image/avif",
    ".bin": BINARY,
    ".css": "text/css",
    ".csv": "text/csv",
    ".gif": "image/gif",
    ".htm": HTML,
    ".html": HTML,
    ".ico": "image/x-icon",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".js": "text/javascript",  # RFC 9239
    ".json": JSON,
    ".map": JSON,
    ".md": "text/markdown",
    ".mjs": "text/javascript",
    ".mp4": "video/mp4",
    ".otf": "font/otf",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
    ".txt": TEXT,
    ".wasm": "application/wasm",
    ".webm": "video/webm",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".xml": "application/xml",
    ".zip": "application/zip",
}

#: The types of compressed files, by the name of the compression.
_COMPRESSED = {
    "bzip2": "application/x-bzip2",
    "compress": "application/x-compress",
    "gzip": "application/gzip",
    "xz": "application/x-xz",
}


def type_of_name(name: str) -> str:
    """Return the media type that the suffix of a name tells, ``application/octet-stream`` if it tells none.

    Args:
        name: a name or a path. ``a.tar.gz`` is what it is stored as, a gzip file: a client that is told of a tar file in a
            content coding would store it unpacked.
    """
    place = name.rfind(".")
    # PERF(bench: wire_file): the plain way, for names that are written as the table has them.
    known = _WEB.get(name[place:])
    if known is not None and place > 0 and name[place - 1] != "/":
        return known
    stem, dot, ending = name.rpartition("/")[2].rpartition(".")
    suffix = dot + ending if stem else ""
    known = _WEB.get(suffix.lower())
    if known is not None:
        return known
    # SECURITY: the suffix only; mimetypes reads a name as a URL, and believes what one that begins with `data:` says it is.
    guessed, coding = mimetypes.guess_type(f"file{suffix}")
    if coding is not None:
        return _COMPRESSED.get(coding, BINARY)
    return guessed or BINARY
