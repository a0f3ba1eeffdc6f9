"""Hosts: which names an application answers to."""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import IPv6Address

from ..errors import PolicyError

__all__ = ["DEVELOPMENT_HOSTS", "AllowedHosts"]

#: What an application answers to where nothing is said: the machine itself.
DEVELOPMENT_HOSTS = ("localhost", "127.0.0.1", "[::1]", ".localhost")
_ANY = "*"
_NAME = re.compile(r"(?:\*?\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")


class AllowedHosts:
    """The hosts of an application.

    Args:
        entries: names and addresses without ports; ``.example.com`` is the domain and all below it, ``*.example.com`` all below
            it, ``*`` every host. None at all are those of development.

    Raises:
        PolicyError: an entry that is none of these.
    """

    __slots__ = ("_domains", "_names", "is_any")

    def __init__(self, entries: Iterable[str]) -> None:
        if isinstance(entries, str):
            raise PolicyError(f"ALLOWED_HOSTS={entries!r} is a text; write a tuple, as ({entries!r},)")
        named = [_checked(entry) for entry in entries or DEVELOPMENT_HOSTS]
        #: Whether every host is allowed.
        self.is_any = _ANY in named
        self._names = frozenset(entry.removeprefix(".") for entry in named if not entry.startswith("*"))
        self._domains = tuple(entry.removeprefix("*") for entry in named if entry.startswith((".", "*.")))

    def allows(self, host: str) -> bool:
        """Tell whether a host is allowed.

        Args:
            host: parsed: in small letters and without a port, an IPv6 address in brackets. One dot at the end is the root of
                all names, and says nothing (RFC 1034 §3.1).
        """
        if self.is_any:
            return True
        name = _shortened(host) if host.startswith("[") else host.removesuffix(".")
        return name in self._names or name.endswith(self._domains)


def _checked(entry: object) -> str:
    if not isinstance(entry, str):
        raise PolicyError(f"ALLOWED_HOSTS: {entry!r} is no text; write a host, as 'www.example.com'")
    host = entry.lower().removesuffix(".")
    if host == _ANY:
        return host
    if host.count(":") > 1:
        if not (host.startswith("[") and host.endswith("]")):
            raise PolicyError(f"ALLOWED_HOSTS: write an IPv6 address in brackets, as '[{host.strip('[]')}]'")
        return _shortened(host)
    if not _NAME.fullmatch(host):
        hint = "write the host without scheme, port and path, as 'www.example.com' or '.example.com'"
        raise PolicyError(f"ALLOWED_HOSTS: {entry!r} is no host; {hint}")
    return host


def _shortened(host: str) -> str:
    """Return an IPv6 address in its short form (RFC 5952), in brackets."""
    try:
        return f"[{IPv6Address(host[1:-1]).compressed}]"
    except ValueError:
        raise PolicyError(f"ALLOWED_HOSTS: {host!r} is no address") from None
