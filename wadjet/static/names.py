"""Names of files below a folder: which of them a client may ask for, and those that say which version they are of. No I/O."""

from __future__ import annotations

import re
import sys

__all__ = ["hashed", "is_servable", "unhashed"]

#: How many hexadecimal digits of a digest a name has: 48 bits tell the versions of one file apart.
DIGITS = 12
_HASHED = re.compile(rf"(?P<stem>.*[^/])\.(?P<digest>[0-9a-f]{{{DIGITS}}})(?P<suffix>\.[^./]+)?", re.DOTALL)

#: CVE-2026-21860: to Windows these are devices, in every folder and with every suffix.
_DEVICE = re.compile(
    r"(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])\s*(?:[.:].*)?", re.IGNORECASE
)
#: RFC 8615: not hidden, though it begins with a dot.
_WELL_KNOWN = ".well-known"


def is_servable(name: str, *, dotfiles: bool, is_windows: bool = sys.platform == "win32") -> bool:
    """Tell whether a client may ask for a file of this name: it climbs nowhere, and is not hidden.

    Args:
        name: below the folder, decoded.
        dotfiles: whether names may begin with a dot.
        is_windows: whether names mean what they mean there.
    """
    # SECURITY: on Windows a backslash divides, two of them name another machine; elsewhere nobody needs one.
    if "\\" in name or not name.isprintable():
        return False
    parts = name.split("/")
    if not {"", ".", ".."}.isdisjoint(parts):
        return False
    if is_windows and not all(map(_is_plain_on_windows, parts)):
        return False
    # SECURITY: .git, .env, .htpasswd.
    hidden = [part for part in parts if part[0] == "."]
    return dotfiles or not hidden or hidden == parts[:1] == [_WELL_KNOWN]


def _is_plain_on_windows(part: str) -> bool:
    # SECURITY: ``C:x`` is on another drive, ``x::$DATA`` is x, and so is ``x.``.
    return ":" not in part and part[-1] not in ". " and _DEVICE.fullmatch(part) is None


def hashed(name: str, digest: str) -> str:
    """Return the name of one version of a file: ``css/app.css`` is ``css/app.0123456789ab.css``.

    Args:
        name: of the file.
        digest: of its content, in hexadecimal.
    """
    folder, slash, last = name.rpartition("/")
    stem, dot, ending = last.rpartition(".")
    if not stem:
        stem, dot, ending = last, "", ""
    return f"{folder}{slash}{stem}.{digest[:DIGITS]}{dot}{ending}"


def unhashed(name: str) -> tuple[str, str] | None:
    """Return the name of the file and the digest that a name of a version has; None where it is none."""
    found = _HASHED.fullmatch(name)
    if found is None:
        return None
    return found["stem"] + (found["suffix"] or ""), found["digest"]
