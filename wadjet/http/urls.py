"""URLs, paths and hosts: split before they are decoded, checked before they are used (RFC 3986)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import Any, TypeAlias
from urllib.parse import quote, quote_plus, unquote_to_bytes, urljoin

from wadjet.http.multidict import ImmutableMultiDict
from wadjet.http.parameters import ALPHANUMERIC, has_control
from wadjet.http.queries import parse_query

__all__ = [
    "URL",
    "QueryParams",
    "decode_path",
    "encode_location",
    "format_query",
    "is_safe_target",
    "parse_host",
    "quote_path",
    "quote_query",
    "quote_segment",
]

#: RFC 3986 §3.3: characters that stand for themselves in a segment (beside letters, digits and ``-._``).
_SEGMENT = "~!$&'()*+,;=:@"
_PATH = _SEGMENT + "/"
_REFERENCE = _PATH + "?%#[]"

_SCHEME = ALPHANUMERIC + "+.-"
_NAME = ALPHANUMERIC + "-._~"
_IP6 = "0123456789ABCDEFabcdef:."

#: Characters of each component that stay as they are; escapes do, too.
_SAFE_IN = {
    "scheme": _SCHEME,
    "netloc": _SEGMENT + "[]%",
    "path": _PATH + "%",
    "query": _PATH + "?%",
    "fragment": _PATH + "?%",
}
_COMPONENT_NAMES = frozenset({*_SAFE_IN, "host", "port"})

_DEFAULT_PORTS = {"http": 80, "https": 443}

Pairs: TypeAlias = Mapping[str, object] | Iterable[tuple[str, object]]


class URL(str):
    """A URL reference that is a str and knows its components, split at the first question (RFC 3986 §3)."""

    __slots__ = ("_kept",)

    _kept: tuple[str, str, str, str, str]

    @property
    def _split(self) -> tuple[str, str, str, str, str]:
        try:
            return self._kept
        except AttributeError:
            self._kept = _components(str(self))
            return self._kept

    @property
    def scheme(self) -> str:
        """The scheme, lower-case; empty in a relative reference."""
        return self._split[0]

    @property
    def netloc(self) -> str:
        """The authority as written: host and port, user information if there is any."""
        return self._split[1]

    @property
    def path(self) -> str:
        """The path, percent-encoded as written."""
        return self._split[2]

    @property
    def query(self) -> str:
        """The query without its question mark, percent-encoded as written."""
        return self._split[3]

    @property
    def fragment(self) -> str:
        """The fragment without its number sign."""
        return self._split[4]

    @property
    def host(self) -> str:
        """The host, lower-case, without user information and port; an IPv6 address keeps its brackets."""
        return _host_and_port(self.netloc.rpartition("@")[2])[0].lower()

    @property
    def port(self) -> int | None:
        """The port, if one is written; ValueError when it is not a number up to 65535."""
        text = _host_and_port(self.netloc.rpartition("@")[2])[1]
        return _port(text) if text else None

    def resolve(self, ref: str) -> URL:
        """Return the URL that ``ref`` means when it stands in a document at this one (RFC 3986 §5).

        Raises:
            ValueError: ``ref`` is not a URL reference.
        """
        return URL(urljoin(str(self), ref))

    def replace(self, *args: Any, **components: Any) -> URL:
        """Return a URL with other components; with positional arguments, do what ``str.replace`` does.

        Args:
            args: of ``str.replace``.
            components: ``scheme, netloc, host, port, path, query, fragment``; None removes one. Characters
                that would end a component are percent-encoded, escapes are kept.

        Raises:
            ValueError: a host, port or scheme that is none.
            TypeError: an unknown component.
        """
        if args:
            return URL(str.replace(self, *args, **components))
        if unknown := components.keys() - _COMPONENT_NAMES:
            raise TypeError(
                f"URL.replace() knows {', '.join(sorted(_COMPONENT_NAMES))}, not {min(unknown)!r}"
            )
        texts = {name: "" if value is None else str(value) for name, value in components.items()}
        parts = dict(zip(_SAFE_IN, self._split, strict=True))
        parts |= {name: quote(text, safe=_SAFE_IN[name]) for name, text in texts.items() if name in parts}
        if "host" in texts or "port" in texts:
            parts["netloc"] = _join_netloc(parts["netloc"], texts)
        if parts["scheme"] and not _is_scheme(parts["scheme"]):
            raise ValueError(f"{parts['scheme']!r:.60} is not a URL scheme")
        return _join(**parts)


def _components(text: str) -> tuple[str, str, str, str, str]:
    """RFC 3986 appendix B. Nothing is stripped or dropped on the way, unlike in ``urllib.parse.urlsplit``."""
    text, _, fragment = text.partition("#")
    text, _, query = text.partition("?")
    scheme, colon, rest = text.partition(":")
    if not (colon and _is_scheme(scheme)):
        scheme, rest = "", text
    if not rest.startswith("//"):
        return scheme.lower(), "", rest, query, fragment
    netloc, slash, path = rest[2:].partition("/")
    return scheme.lower(), netloc, slash + path, query, fragment


def _is_scheme(text: str) -> bool:
    return text[:1].isalpha() and not text.strip(_SCHEME)


def _host_and_port(location: str) -> tuple[str, str]:
    host, colon, port = location.rpartition(":")
    return (host, port) if colon and not port.endswith("]") else (location, "")


def _port(text: str) -> int:
    # int() would take "+80", "8_0" and other digits than ASCII's.
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and int(text) <= 65535):
        raise ValueError(f"{text!r:.60} is not a port; ports are numbers up to 65535")
    return int(text)


def _join_netloc(netloc: str, texts: Mapping[str, str]) -> str:
    user, at, location = netloc.rpartition("@")
    host, port = _host_and_port(location)
    if "host" in texts:
        host, given = parse_host(texts["host"])
        port = port if given is None else str(given)
    if "port" in texts:
        port = str(_port(texts["port"])) if texts["port"] else ""
    return f"{user}{at}{host}:{port}" if port else f"{user}{at}{host}"


def _join(scheme: str, netloc: str, path: str, query: str, fragment: str) -> URL:
    if netloc:
        if path and not path.startswith("/"):
            path = "/" + path
        path = f"//{netloc}{path}"
    elif path.startswith("//"):
        # SECURITY: without an authority this path would be read as one (WHATWG URL §4.5, serialising).
        path = "/." + path
    elif not scheme and ":" in path.partition("/")[0]:
        path = "./" + path  # RFC 3986 §4.2: else the first segment would be read as a scheme
    if scheme:
        path = f"{scheme}:{path}"
    if query:
        path = f"{path}?{query}"
    return URL(f"{path}#{fragment}" if fragment else path)


class QueryParams(ImmutableMultiDict[str]):
    """The parameters of a query, several values a name; ``str()`` writes them as a query again."""

    __slots__ = ()

    def __init__(self, query: str | bytes | Mapping[str, str] | Iterable[tuple[str, str]] = "") -> None:
        """Take a query to parse, or the parameters; ValueError for a query with more than 1000 of them."""
        if isinstance(query, (str, bytes)):
            self._list, self._last = parse_query(query), None  # PERF: the list is new, it needs no copy
        else:
            super().__init__(query)

    def __str__(self) -> str:
        return format_query(self._list)


def format_query(pairs: Pairs) -> str:
    """Write pairs as a query, percent-encoded UTF-8, a space as plus (WHATWG URL §5.2)."""
    source = pairs.items() if isinstance(pairs, Mapping) else pairs
    return "&".join(f"{quote_plus(name)}={quote_plus(str(value))}" for name, value in source)


def decode_path(raw: bytes) -> list[str]:
    """Split a raw path at its slashes, then percent-decode each segment as UTF-8 (RFC 3986 §3.3, §2.4).

    An escaped slash stays inside its segment; joined by slashes the segments are the decoded path, so a path
    that begins with a slash has an empty first segment. A malformed escape is literal.

    Raises:
        ValueError: bytes that are not UTF-8, or NUL.
    """
    try:
        if b"%" in raw:
            segments = [str(unquote_to_bytes(part), "utf-8") for part in raw.split(b"/")]
        else:
            segments = str(raw, "utf-8").split("/")
    except UnicodeDecodeError:
        raise ValueError("the path is not UTF-8") from None
    if b"\0" in raw or b"%00" in raw:
        raise ValueError("the path contains NUL")
    return segments


def quote_path(path: str) -> str:
    """Percent-encode a decoded path; slashes separate, a percent sign is data (RFC 3986 §3.3)."""
    return quote(path, safe=_PATH)


def quote_query(query: str | bytes) -> str:
    """Percent-encode what no query may hold; escapes are kept (RFC 3986 §3.4)."""
    return quote(query, safe=_SAFE_IN["query"])


def quote_segment(text: str) -> str:
    """Percent-encode one segment of a path; a slash is data (RFC 3986 §3.3)."""
    return quote(text, safe=_SEGMENT)


@lru_cache(maxsize=256)  # PERF: a server is asked under few names; refused ones are not kept
def parse_host(value: str) -> tuple[str, int | None]:
    """Split a Host field into host and port (RFC 9110 §7.2, RFC 3986 §3.2.2).

    Args:
        value: a name, an IPv4 address or an IPv6 address in brackets, with or without port; empty is allowed.

    Returns:
        The host in lower case (an IPv6 address in its brackets), and the port if one is written.

    Raises:
        ValueError: anything else. SECURITY: sub-delims and percent-escapes are refused as well; they are in
            the grammar of RFC 3986 but in no host's name, and readers differ in what they make of them.
    """
    if not value:
        return "", None
    host, port = _host_and_port(value)
    known = _is_ip6(host[1:-1]) if host[:1] + host[-1:] == "[]" else host and not host.strip(_NAME)
    if not known or len(host) > 255:  # RFC 1035 §2.3.4
        raise ValueError(f"{value!r:.80} is not a host with or without a port")
    return host.lower(), _port(port) if port else None


def _is_ip6(text: str) -> bool:
    from ipaddress import IPv6Address  # heavy, and rarely needed

    if text.strip(_IP6):  # IPv6Address would take a zone
        return False
    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True


def encode_location(target: str) -> str:
    """Return a target for ``Location``: a relative reference or an http(s) URL, in ASCII (RFC 9110 §10.2.2).

    Characters beyond ASCII, spaces and what else no URL may hold are percent-encoded; escapes are kept.

    Raises:
        ValueError: a control character, leading whitespace, a leading ``//`` or backslash, a scheme other
            than http and https, a host that is none.
        TypeError: it is no text.
    """
    if not isinstance(target, str):
        raise TypeError(f"a location is a text, a path or an http(s) URL, not {target!r:.60}")
    if has_control(target) or target[:1].isspace():
        raise ValueError(
            f"Location {target!r:.80}: no control characters, no leading whitespace; quote the parts"
        )
    # SECURITY: browsers read a backslash as a slash, and two of either as the start of a host.
    if target[:1] == "\\" or (target[:1] == "/" and target[1:2] in ("/", "\\")):
        raise ValueError(f"Location {target!r:.80} leaves this host; write an absolute URL if that is meant")
    _origin(target)
    return quote(target, safe=_REFERENCE)


def _origin(target: str) -> tuple[str, str, int] | None:
    """Return scheme, host and port (the scheme's own if none is written) of a URL, None for a path."""
    scheme, netloc, path, _, _ = _components(target)
    if not scheme and ":" not in path.partition("/")[0]:
        return None
    if scheme not in _DEFAULT_PORTS or not netloc:
        raise ValueError(f"Location {target!r:.80} is neither an http:// or https:// URL nor a relative one")
    host, port = parse_host(netloc)
    return scheme, host, _DEFAULT_PORTS[scheme] if port is None else port


def is_safe_target(target: str, own_hosts: Collection[str]) -> bool:
    """Tell whether a redirect target that came from outside stays on hosts that are ours (CWE-601).

    Args:
        target: a relative reference, or an http(s) URL.
        own_hosts: names, each with its port unless it is the scheme's own.
    """
    # SECURITY: a backslash has no place in a URL and many readings.
    if not target or "\\" in target:
        return False
    try:
        encode_location(target)
        if (origin := _origin(target)) is None:
            return True
        own = {(host, port or _DEFAULT_PORTS[origin[0]]) for host, port in map(parse_host, own_hosts)}
    except ValueError:
        return False
    return origin[1:] in own
