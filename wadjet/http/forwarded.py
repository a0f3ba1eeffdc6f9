"""Proxies: which are believed, and what they tell of client, scheme and host (RFC 7239). Reading never raises."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, ip_interface
from itertools import islice
from typing import NamedTuple, TypeAlias

from ..errors import ConfigError
from ..types import RawHeaders, Scope
from .parameters import format_pair
from .urls import parse_host

__all__ = [
    "MAX_HOPS",
    "PROXIED",
    "Seen",
    "TrustedProxies",
    "format_forwarded",
    "forwarded_scope",
    "parse_forwarded",
]

#: Address and port; None is the peer of a unix socket.
Peer: TypeAlias = tuple[str, int] | None
#: What one proxy tells, by the names of RFC 7239 §5.
Told: TypeAlias = Mapping[str, str]
Address: TypeAlias = IPv4Address | IPv6Address

#: Where a scope says that a trusted proxy has passed the request on.
PROXIED = "wadjet.proxied"
#: How many elements of a field are read, from the right: more proxies than any request passes.
MAX_HOPS = 100

_UNIX = "unix"
_REMEDY = "name the networks of your proxies, as ('10.0.0.0/8', 'fd00::/8', 'unix')"
#: Longer than any address in brackets with a zone (RFC 4007 §11) and a port.
_NODE_LENGTH = 128
_DEFAULT_SCHEMES = {"http": "http", "websocket": "ws"}
_IS_SECURE = {"http": False, "ws": False, "https": True, "wss": True}
_FORWARDED, _FOR, _PROTO, _HOST = b"forwarded", b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host"

#: A comma, or a quotation mark with the backslashes before it, where the text is read from its end.
_MARKS = re.compile(r',|"\\*+')
#: RFC 7239 §4, with the white space of its own examples. A value with colons and brackets need not be quoted.
#: SECURITY: possessive, so that nothing is read twice.
_PAIR = re.compile(
    r"""[ \t]*+(?:([!#$%&'*+.^_`|~0-9A-Za-z-]++)=(?:"((?:[^"\\]++|\\.)*+)"|([^\s",;\\]*+))[ \t]*+)?+(?:;|\Z)""",
    re.DOTALL,
)
#: RFC 7239 §6; the port may be hidden too.
_NODE = re.compile(r"(?:\[([^][]*:[^][]*)\]|([^][:]*))(?::(?:([0-9]{1,5})|_[A-Za-z0-9._-]+))?")


class Seen(NamedTuple):
    """What a request was before the trusted proxies passed it on."""

    #: The port is 0 where nobody tells it.
    client: Peer
    #: Of the connection's family: ``http`` and ``https``, or ``ws`` and ``wss``.
    scheme: str
    #: What the Host field was; None leaves it as it is.
    host: bytes | None


class TrustedProxies:
    """The proxies that are believed, and how their word is read.

    Args:
        entries: addresses and networks, as ``10.0.0.0/8``; ``unix`` for whoever comes by a unix socket.
        host: believe them about the host too.

    Raises:
        ConfigError: an entry that is neither, or that stands for everybody.
    """

    __slots__ = ("_is_host_believed", "_is_unix_trusted", "_networks")

    def __init__(self, entries: Iterable[str], *, host: bool = False) -> None:
        if isinstance(entries, str):
            raise ConfigError(f"TRUSTED_PROXIES={entries!r} is a text; write a tuple, as ({entries!r},)")
        named = tuple(entries)
        self._is_unix_trusted = _UNIX in named
        #: Version, network and mask of each, the last two as numbers.
        self._networks = tuple(_network(entry) for entry in named if entry != _UNIX)
        self._is_host_believed = host

    def __bool__(self) -> bool:
        """Tell whether anything is trusted."""
        return self._is_unix_trusted or bool(self._networks)

    def trusts(self, client: Peer) -> bool:
        """Tell whether the peer of a connection is believed."""
        if client is None:
            return self._is_unix_trusted
        address = _address(client[0])
        return address is not None and self._covers(address)

    def _covers(self, address: Address) -> bool:
        version, number = address.version, int(address)
        return any(version == known and number & mask == network for known, network, mask in self._networks)

    def seen(self, client: Peer, scheme: str, headers: RawHeaders) -> Seen:
        """Return what a request was where the outermost trusted proxy got it.

        One source is read: the ``X-Forwarded-`` fields if one of them is there, else ``Forwarded``.

        Args:
            client: the peer, which is trusted.
            scheme: the connection's.
            headers: as the wire has them, names in small letters.
        """
        lines: dict[bytes, list[bytes]] = {_FORWARDED: [], _FOR: [], _PROTO: [], _HOST: []}
        for name, value in headers:
            if name in lines:
                lines[name].append(value)
        told: Told
        if not (lines[_FOR] or lines[_PROTO] or lines[_HOST]):
            client, told = self._walk(client, map(_pairs, _elements(lines[_FORWARDED])))
        else:
            # SECURITY: nearly all proxies write these, and let a client's Forwarded pass.
            client, _ = self._walk(client, ({"for": node} for node in _elements(lines[_FOR])))
            told = {"proto": _nearest(lines[_PROTO]), "host": _nearest(lines[_HOST])}
        host = _host(told.get("host", "")) if self._is_host_believed else None
        return Seen(client, _scheme(scheme, told.get("proto", "")), host)

    def _walk(self, client: Peer, tellings: Iterable[Told]) -> tuple[Peer, Told]:
        """Go from proxy to proxy while they are trusted; return the client, and what the outermost proxy told.

        Args:
            client: the peer.
            tellings: what each proxy told, the nearest one first.
        """
        told: Told = {}
        for told in tellings:
            node = _node(told.get("for", ""))
            if node is None:
                break  # hidden, unknown or no address: whoever told it is the last one that is known
            address, port = node
            client = (str(address), port)
            if not self._covers(address):
                break  # SECURITY: what stands to the left of it may be the client's own word
        return client, told


def forwarded_scope(proxies: TrustedProxies, scope: Scope) -> Scope:
    """Return the scope that trusted proxies speak of: a changed copy, or the scope itself where nothing changes.

    Args:
        proxies: who is believed.
        scope: of type ``http`` or ``websocket``.
    """
    peer = scope.get("client")
    client = None if peer is None else (peer[0], peer[1])
    if not proxies.trusts(client):
        return scope
    headers: RawHeaders = scope["headers"]
    scheme = scope.get("scheme") or _DEFAULT_SCHEMES[scope["type"]]
    seen = proxies.seen(client, scheme, headers)
    now = {"client": client, "scheme": scheme, "headers": headers, PROXIED: scope.get(PROXIED)}
    fields = _with_host(headers, seen.host)
    then = {"client": seen.client, "scheme": seen.scheme, "headers": fields, PROXIED: True}
    return scope if now == then else {**scope, **then}


def parse_forwarded(field: str) -> list[dict[str, str]]:
    """Return what each proxy tells in a Forwarded field, by names in small letters, the client's first (RFC 7239 §4).

    Nothing of an element that breaks the grammar; of more than 100 elements the last ones. It is what somebody wrote: nothing
    here is to be believed before :class:`TrustedProxies` has looked at it.

    Args:
        field: its lines joined by commas.
    """
    return [dict(_pairs(element)) for element in _elements([field.encode("latin-1", "replace")])][::-1]


def format_forwarded(elements: Iterable[Told]) -> str:
    """Write a Forwarded field: for each proxy what it tells, the client's first (RFC 7239 §4).

    Raises:
        ValueError: a name that is not a token, or a control character in a value.
    """
    return ", ".join(";".join(format_pair(*pair) for pair in element.items()) for element in elements)


def _with_host(headers: RawHeaders, host: bytes | None) -> RawHeaders:
    """Return the fields with one Host, this one; the same list where they have it, or it is None."""
    if host is None:
        return headers
    others = [field for field in headers if field[0] != b"host"]
    if (b"host", host) in headers and len(headers) == len(others) + 1:
        return headers
    return [(b"host", host), *others]


def _network(entry: object) -> tuple[int, int, int]:
    if entry == "*":
        raise ConfigError(
            f"TRUSTED_PROXIES: '*' believes everybody, so that each client could say who it is; {_REMEDY}"
        )
    try:
        # Other types would be read as numbers. A zone would be dropped, and the entry stand for more than it says.
        found = ip_interface(entry) if isinstance(entry, str) and "%" not in entry else None
    except ValueError:
        found = None
    if found is None:
        raise ConfigError(f"TRUSTED_PROXIES: {entry!r} is no address or network; {_REMEDY}")
    network = found.network
    if found.ip != network.network_address:
        raise ConfigError(
            f"TRUSTED_PROXIES: {entry!r} is neither a network nor one address; write {str(network)!r} or {str(found.ip)!r}"
        )
    first, length = network.network_address, network.prefixlen
    if isinstance(first, IPv6Address) and first.ipv4_mapped is not None:
        network = IPv4Network((first.ipv4_mapped, length - 96))
    if network.prefixlen == 0:
        raise ConfigError(
            f"TRUSTED_PROXIES: {entry!r} is every address, so that each client could say who it is; {_REMEDY}"
        )
    return network.version, int(network.network_address), int(network.netmask)


def _elements(lines: list[bytes]) -> Iterator[str]:
    """Return the elements of a list field, the last one first, without empty ones (RFC 9110 §5.3, §5.6.1)."""
    elements = (element for line in reversed(lines) for element in _split(line.decode("latin-1")))
    return islice((element for element in elements if element), MAX_HOPS)


def _split(line: str) -> Iterator[str]:
    """Split a line at the commas that are not quoted, from its end.

    SECURITY: the proxy next to us wrote the end. A quotation mark that the client left open on the left cannot swallow it.
    """
    backwards, start, is_quoted = line[::-1], 0, False
    for mark in _MARKS.finditer(backwards):
        if mark[0] != ",":
            is_quoted ^= len(mark[0]) % 2 == 1  # an odd number of backslashes makes it a part of the text
        elif not is_quoted:
            yield backwards[start : mark.start()][::-1].strip(" \t")
            start = mark.end()
    yield backwards[start:][::-1].strip(" \t")


def _pairs(element: str) -> Told:
    """Read an element of ``Forwarded``; nothing of one that breaks the grammar or says something twice (RFC 7239 §4)."""
    pairs: dict[str, str] = {}
    position = 0
    while position < len(element):
        found = _PAIR.match(element, position)
        if found is None:
            return {}
        position = found.end()
        if found[1] is None:
            continue
        name = found[1].lower()
        if name in pairs:
            return {}
        pairs[name] = found[3] if found[2] is None else re.sub(r"(?s)\\(.)", r"\1", found[2])
    return pairs


def _node(text: str) -> tuple[Address, int] | None:
    """Read an address with or without port (RFC 7239 §6); None for what is unknown, hidden, or none."""
    if len(text) > _NODE_LENGTH:
        return None
    found = _NODE.fullmatch(text)
    if found is None:
        address, port = _address(text), 0  # an address of IPv6 without its brackets, if anything
    else:
        address, port = _address(found[1] or found[2]), int(found[3] or 0)
    return None if address is None or port > 65535 else (address, port)


@lru_cache(maxsize=1024)  # PERF: proxies are few, and a client asks often; each text that is kept is short
def _address(text: str) -> Address | None:
    """Read an address. One of IPv4 is that, however it is written; a zone means nothing to other machines (RFC 4007 §6)."""
    try:
        if ":" not in text:
            return IPv4Address(text)
        address = IPv6Address(text.partition("%")[0])
    except ValueError:
        return None
    return address.ipv4_mapped or address


def _nearest(lines: list[bytes]) -> str:
    """Return the last value of a field: the only one that the proxy next to us surely wrote or let stand.

    SECURITY: an empty one counts. To pass it over could be to believe the client.
    """
    return lines[-1].rpartition(b",")[2].strip(b" \t").decode("latin-1") if lines else ""


def _scheme(own: str, told: str) -> str:
    is_secure = _IS_SECURE.get(told.lower())
    if is_secure is None:
        return own
    plain = "ws" if own in {"ws", "wss"} else "http"
    return f"{plain}s" if is_secure else plain


def _host(text: str) -> bytes | None:
    try:
        host, _ = parse_host(text)
    except ValueError:
        return None
    return text.encode("ascii") if host else None
