"""Origins: which ones a list means, exactly or by patterns (RFC 6454 §6.2; Fetch §3.2)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..errors import PolicyError

__all__ = ["ANY", "Origins"]

#: Stands for every origin.
ANY = "*"
_NULL = "null"
#: A scheme, a host of 255 bytes and a port, and a little more; nothing longer is compared.
_LENGTH = 320
_ENTRY = re.compile(
    r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<host>\[[0-9a-f:.]+\]|[a-z0-9_*-]+(?:\.[a-z0-9_*-]+)*)(?::(?P<port>[0-9]{1,5}|\*))?"
)
_LABELS, _LABEL, _PORT = "[a-z0-9_-]+(?:\\.[a-z0-9_-]+)*", "[a-z0-9_-]+", "(?::[0-9]{1,5})?"
_DEFAULT_PORTS = {"http": "80", "https": "443"}


class Origins:
    """A list of origins.

    Args:
        entries: origins as browsers send them, ``https://app.example.com`` or ``http://localhost:3000``; ``null``; patterns; or
            ``*`` for every origin. In a pattern ``*`` is part of a label, a first label that is ``*`` stands for one or more of
            them, and as a port it is any. The scheme is written out.
        what: who asks, named in errors.

    Raises:
        PolicyError: an entry that no browser's origin could equal.
    """

    __slots__ = ("_exact", "_patterns", "is_any", "is_wide")

    def __init__(self, entries: Iterable[str], what: str) -> None:
        if isinstance(entries, str):
            raise PolicyError(f"{what}={entries!r} is a text; write a list, as [{entries!r}]")
        named = [_checked(entry, what) for entry in entries]
        #: Whether every origin is meant.
        self.is_any = ANY in named
        #: Whether every host is meant, by one entry or another: a wildcard in the last label; or ``null``, which is what every
        #: site's page is once it stands in a frame with ``sandbox`` (Fetch §3.2.5, HTML §7.1.1).
        self.is_wide = self.is_any or any(entry == _NULL or _is_wide(entry) for entry in named)
        self._exact = frozenset(entry.encode() for entry in named if "*" not in entry)
        self._patterns = tuple(_compiled(entry) for entry in named if "*" in entry and entry != ANY)

    def __bool__(self) -> bool:
        """Tell whether any origin is meant."""
        return self.is_any or bool(self._exact) or bool(self._patterns)

    @property
    def exact(self) -> frozenset[bytes]:
        """The origins that are written out."""
        return self._exact

    def allows(self, origin: bytes) -> bool:
        """Tell whether an origin is meant, as it was sent: byte by byte, or by the whole of a pattern."""
        if self.is_any or origin in self._exact:
            return True
        return len(origin) <= _LENGTH and any(pattern.fullmatch(origin) for pattern in self._patterns)


def _checked(entry: object, what: str) -> str:
    if entry in {ANY, _NULL}:
        return str(entry)
    if not isinstance(entry, str):
        raise PolicyError(f"{what}: {entry!r} is no text; write an origin, as 'https://app.example.com'")
    found = _ENTRY.fullmatch(entry)
    if found is None:
        near = _ENTRY.match(entry.lower())
        hint = f"write {near[0]!r}" if near else "write scheme and host, as 'https://app.example.com'"
        raise PolicyError(f"{what}: {entry!r} is no origin that a browser sends; {hint}")
    if found["port"] == _DEFAULT_PORTS.get(found["scheme"], ""):
        without = entry.rpartition(":")[0]
        raise PolicyError(f"{what}: browsers leave the usual port out of {entry!r}; write {without!r}")
    return entry


def _is_wide(entry: str) -> bool:
    found = _ENTRY.fullmatch(entry)
    return found is not None and "*" in found["host"].rpartition(".")[2]


def _compiled(entry: str) -> re.Pattern[bytes]:
    found = _ENTRY.fullmatch(entry)
    assert found is not None
    first, dot, rest = found["host"].partition(".")
    # SECURITY: linear: what a wildcard takes has no dot in it, or is separated by dots.
    labels = _LABELS if first == "*" else _wild(first)
    port = {None: "", "*": _PORT}.get(found["port"], f":{found['port']}")
    whole = f"{re.escape(found['scheme'])}://{labels}{re.escape(dot)}{_wild(rest)}{port}"
    return re.compile(whole.encode())


def _wild(text: str) -> str:
    return re.escape(text).replace(r"\*", _LABEL)
