"""Where a request comes from, as the browser says it: fetch metadata first, else the origin.

W3C Fetch Metadata §2.2; Fetch §3.2.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import Enum
from typing import NamedTuple
from urllib.parse import urlsplit

__all__ = ["Ruling", "Sender", "is_same_origin", "origin_of", "rule"]

_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
_OWN = frozenset({"same-origin", "none"})


class Sender(NamedTuple):
    """What a request says of where it comes from and where it goes."""

    #: ``Origin``, ``Sec-Fetch-Site`` and ``Referer``; None where they are missing.
    origin: str | None
    site: str | None
    referer: str | None
    #: What it was sent to.
    scheme: str
    host: str


class Ruling(Enum):
    """What follows from where a request comes from."""

    PASSES = "it is the site's own, or of an origin that is trusted"
    SAYS_NOTHING = "no browser of today sent it"
    OTHER_SITE = "Sec-Fetch-Site"
    OTHER_ORIGIN = "Origin"
    OTHER_REFERER = "Referer"


def rule(sender: Sender, trusted: Collection[str]) -> Ruling:
    """Say what follows from where a request comes from.

    Args:
        sender: where it comes from.
        trusted: origins beside the site's own, as :func:`origin_of` writes them.
    """
    origin, site = sender.origin, sender.site
    if origin is not None and origin_of(origin) in trusted:
        return Ruling.PASSES
    if site is not None:
        return Ruling.PASSES if site in _OWN else Ruling.OTHER_SITE
    if origin is not None:
        is_own = is_same_origin(origin, sender.scheme, sender.host)
        return Ruling.PASSES if is_own else Ruling.OTHER_ORIGIN
    return _of_old(sender, trusted)


def _of_old(sender: Sender, trusted: Collection[str]) -> Ruling:
    """Rule for browsers that say neither: over https they do say the Referer, unless they were told not to."""
    if sender.scheme != "https" or not sender.referer:
        return Ruling.SAYS_NOTHING
    origin = origin_of(sender.referer)
    is_known = origin in trusted or is_same_origin(origin or "", sender.scheme, sender.host)
    return Ruling.SAYS_NOTHING if is_known else Ruling.OTHER_REFERER


def is_same_origin(origin: str, scheme: str, host: str) -> bool:
    """Tell whether an origin has the host and port that a request was sent to.

    A proxy may speak http where the browser speaks https, so only an origin of less than the request's scheme is another one.

    Args:
        origin: as ``Origin`` says it; ``null`` is nobody's.
        scheme: of the request.
        host: of the request, with its port.
    """
    own, _, authority = origin.partition("://")
    port = _DEFAULT_PORTS.get(own)
    if port is None or not authority or (own == "http" and scheme == "https"):
        return False
    return authority.lower().removesuffix(port) == host.lower().removesuffix(port)


def origin_of(url: str) -> str | None:
    """Return the origin of an address in the one form that browsers write; None where it has none."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORTS or not host or "@" in parts.netloc:
        return None
    host = f"[{host}]" if ":" in host else host
    suffix = "" if port is None or f":{port}" == _DEFAULT_PORTS[parts.scheme] else f":{port}"
    return f"{parts.scheme}://{host}{suffix}"
