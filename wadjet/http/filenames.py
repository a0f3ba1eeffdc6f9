"""Names of files that clients send: what is left of one when it can do no harm."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["sanitise_filename"]

#: How many bytes a name may have: the least that common file systems take.
_LONGEST = 255
#: What some system has a meaning for; controls, and characters that turn the order of others, are taken out (CWE-451).
_MEANS_SOMETHING = re.compile(r'[<>:"|?*]')
_UNSEEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
#: Windows takes these for devices, whatever the suffix.
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)", re.IGNORECASE)
#: A name with nothing in it that is ever taken out: most are such.
_PLAIN = re.compile(r"[0-9A-Za-z_-]++(?:\.[0-9A-Za-z_-]++)*+")


def sanitise_filename(name: str) -> str:
    """Return the last segment of a path, without what any system could take for more than a name.

    It is never empty, ``.`` or ``..``, does not begin with a dot, and fits into 255 bytes with its suffix. It is still what
    a client has chosen: two files may have the same, and the suffix says nothing about the content.
    """
    if len(name) <= _LONGEST and _PLAIN.fullmatch(name) and not _DEVICE.match(name):
        return name
    base = name.replace("\\", "/").rpartition("/")[2]
    base = _UNSEEN.sub("", unicodedata.normalize("NFC", base))
    base = _MEANS_SOMETHING.sub("_", base).replace("..", "").strip(" ").rstrip(". ")
    if not base or base.startswith("."):
        return "upload"
    return _shortened(f"_{base}" if _DEVICE.match(base) else base)


def _shortened(name: str) -> str:
    if len(name.encode()) <= _LONGEST:
        return name
    stem, dot, suffix = name.rpartition(".")
    if not dot or len(suffix.encode()) > 32:
        stem, dot, suffix = name, "", ""
    room = _LONGEST - len(f"{dot}{suffix}".encode())
    return stem.encode()[:room].decode(errors="ignore").rstrip(". ") + dot + suffix
