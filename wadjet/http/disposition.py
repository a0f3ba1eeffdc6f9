"""Content-Disposition: whether content is shown or saved, and under which name (RFC 6266, RFC 8187). Pure text."""

from __future__ import annotations

import unicodedata
from typing import Literal, TypeAlias
from urllib.parse import quote

__all__ = ["Disposition", "content_disposition"]

Disposition: TypeAlias = Literal["attachment", "inline"]

_DISPOSITIONS = ("attachment", "inline")
#: RFC 8187 §3.2.1: what stands for itself in an extended value.
_ATTR_CHARS = "!#$&+-.^_`|~"
#: What no name of a file has: controls, halves of characters, ends of lines.
_NAMELESS = frozenset({"Cc", "Cs", "Zl", "Zp"})
# SECURITY: these turn the direction of writing, so that `annexe.txt` shows as `anntxt.exe`, or the other way round.
_TURNS = frozenset(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))


def content_disposition(disposition: Disposition = "attachment", filename: str | None = None) -> str:
    r"""Write the value of Content-Disposition (RFC 6266 §4).

    A name that every client reads alike is written once, in ``filename``. Any other is written twice: in ``filename*`` as it
    is (RFC 8187), and in ``filename``, for clients that do not know the other, with ``_`` for what ASCII does not have.

    Args:
        disposition: ``attachment`` to save the content, ``inline`` to show it.
        filename: under which name; whatever it holds, it stays one name. Controls, and what turns the direction of writing,
            become ``_``.

    Raises:
        ValueError: another disposition.
    """
    if disposition not in _DISPOSITIONS:
        raise ValueError(f"content_disposition_type={disposition!r} is neither 'attachment' nor 'inline'")
    if not filename:
        return disposition
    name = "".join("_" if _is_unfit(character) else character for character in filename)
    plain = name.encode("ascii", "replace").decode().replace("?", "_") if not name.isascii() else name
    # RFC 6266 §4.1: a quoted string; in it a backslash stands before a quote and before a backslash.
    quoted = plain.replace("\\", "\\\\").replace('"', '\\"')
    value = f'{disposition}; filename="{quoted}"'
    # RFC 6266 appendix D: clients disagree on escapes, of both kinds, in a quoted string.
    if name == quoted and "%" not in name:
        return value
    return f"{value}; filename*=UTF-8''{quote(name, safe=_ATTR_CHARS)}"


def _is_unfit(character: str) -> bool:
    return unicodedata.category(character) in _NAMELESS or character in _TURNS
