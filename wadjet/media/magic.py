"""Magic numbers: what the files of a type begin with (WHATWG MIME Sniffing §6, and the registrations of IANA)."""

from __future__ import annotations

import re

__all__ = ["LONGEST", "begins_as", "has_magic", "types_in"]

#: How many bytes tell a type from all others.
LONGEST = 16

_ZIP = rb"PK(?:\x03\x04|\x05\x06|\x07\x08)"
_MATROSKA = rb"\x1a\x45\xdf\xa3"
#: ISO 14496-12 §4.3: the brand says what the container is used for; those of pictures and of QuickTime are no films.
_FILM = rb"....ftyp(?!qt  |avi[fs]|he[iv]|mif1|msf1)"
_ICON = rb"\x00\x00\x01\x00"
_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument."

_MAGIC = {
    "application/gzip": rb"\x1f\x8b\x08",
    "application/pdf": rb"%PDF-",
    "application/vnd.sqlite3": rb"SQLite format 3\x00",
    "application/wasm": rb"\x00asm",
    "application/x-7z-compressed": rb"7z\xbc\xaf\x27\x1c",
    "application/x-bzip2": rb"BZh[1-9]",
    "application/x-xz": rb"\xfd7zXZ\x00",
    "application/zip": _ZIP,
    "application/zstd": rb"\x28\xb5\x2f\xfd",
    "application/epub+zip": _ZIP,
    f"{_OFFICE}presentationml.presentation": _ZIP,
    f"{_OFFICE}spreadsheetml.sheet": _ZIP,
    f"{_OFFICE}wordprocessingml.document": _ZIP,
    f"{_OPEN_DOCUMENT}presentation": _ZIP,
    f"{_OPEN_DOCUMENT}spreadsheet": _ZIP,
    f"{_OPEN_DOCUMENT}text": _ZIP,
    "audio/aac": rb"\xff[\xf0\xf1\xf8\xf9]",
    "audio/flac": rb"fLaC",
    "audio/mp4": _FILM,
    # ISO 11172-3: eleven bits of synchronisation, then version and layer; or the tag that stands before them.
    "audio/mpeg": rb"ID3|\xff[\xe2-\xe5\xf2-\xf5\xfa-\xfd]",
    "audio/ogg": rb"OggS\x00",
    "audio/wav": rb"RIFF....WAVE",
    "audio/webm": _MATROSKA,
    "font/otf": rb"OTTO",
    "font/ttf": rb"\x00\x01\x00\x00",
    "font/woff": rb"wOFF",
    "font/woff2": rb"wOF2",
    "image/avif": rb"....ftyp(?:avi[fs]|mif1|msf1)",
    "image/bmp": rb"BM",
    "image/gif": rb"GIF8[79]a",
    "image/heic": rb"....ftyp(?:he[iv]|mif1|msf1)",
    "image/jpeg": rb"\xff\xd8\xff",
    "image/png": rb"\x89PNG\r\n\x1a\n",
    "image/tiff": rb"II\*\x00|MM\x00\*",
    "image/vnd.microsoft.icon": _ICON,
    "image/webp": rb"RIFF....WEBP",
    "image/x-icon": _ICON,
    "video/matroska": _MATROSKA,
    "video/mp4": _FILM,
    "video/ogg": rb"OggS\x00",
    "video/quicktime": rb"....(?:ftypqt  |moov|mdat|wide|free)",
    "video/webm": _MATROSKA,
}
_PATTERNS = {kind: re.compile(magic, re.DOTALL) for kind, magic in _MAGIC.items()}


def has_magic(kind: str) -> bool:
    """Tell whether files of a media type begin in a way of their own; text, and what is made of it, does not."""
    return kind in _PATTERNS


def begins_as(kind: str, start: bytes) -> bool:
    """Tell whether content may be of a media type, by how it begins; always, where the type has no magic number.

    Args:
        kind: ``type/subtype``, in small letters.
        start: the first :data:`LONGEST` bytes, or all where there are fewer.
    """
    pattern = _PATTERNS.get(kind)
    return pattern is None or pattern.match(start) is not None


def types_in(media_range: str) -> list[str]:
    """Return the media types with a magic number that are in a range, ``image/*``."""
    return [kind for kind in _PATTERNS if kind.startswith(media_range.removesuffix("*"))]
