"""URLs, queries, paths and hosts: split before they are decoded, checked before they are used (RFC 3986)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import quote, quote_plus, unquote_to_bytes, urljoin

from wadjet.http.multidict import ImmutableMultiDict

__all__ = [
    "URL",
    "QueryParams",
    "decode_path",
    "encode_location",
    "format_query",
    "is_safe_target",
    "parse_host",
    "parse_query",
    "quote_path",
    "quote_segment",
]

#: RFC 3986 §3.3: characters that stand for themselves in a segment (beside letters, digits and ``-._``).
_SEGMENT = "~!$&'()*+,;=:@"
_PATH = _SEGMENT + "/"
#: A component that may hold escapes already: they are kept.
_QUERY = _PATH + "?%"
_REFERENCE = _QUERY + "#[]"

#: RFC 3986 appendix B, without empty matches for the scheme.
_COMPONENTS = re.compile(
    r"(?:([A-Za-z][A-Za-z0-9+.\-]*):)?(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.DOTALL
)
_HOST = re.compile(r"(?P<host>[A-Za-z0-9._~\-]+|\[(?P<ip6>[0-9A-Fa-f:.]+)\])(?::(?P<port>[0-9]{0,5}))?")
_IP4 = re.compile(r"(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?!$)|$)){4}")
_GROUP = re.compile(r"[0-9A-Fa-f]{1,4}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

_DEFAULT_PORTS = {"http": 80, "https": 443}

Pairs: TypeAlias = Mapping[str, object] | Iterable[tuple[str, object]]


class _Split(NamedTuple):
    scheme: str
    netloc: str
    path: str
    query: str
    fragment: str


class URL(str):
    """A URL reference that is a str and knows its components, split at the first question (RFC 3986 §3)."""

    __slots__ = ("_kept",)

    _kept: _Split

    @property
    def _split(self) -> _Split:
        try:
            return self._kept
        except AttributeError:
            found = _COMPONENTS.fullmatch(self)
            assert found is not None  # every text matches
            scheme, *others = found.groups("")
            self._kept = _Split(scheme.lower(), *others)
            return self._kept

    @property
    def scheme(self) -> str:
        """The scheme, lower-case; empty in a relative reference."""
        return self._split.scheme

    @property
    def netloc(self) -> str:
        """The authority as written: host and port, user information if there is any."""
        return self._split.netloc

    @property
    def path(self) -> str:
        """The path, percent-encoded as written."""
        return self._split.path

    @property
    def query(self) -> str:
        """The query without its question mark, percent-encoded as written."""
        return self._split.query

    @property
    def fragment(self) -> str:
        """The fragment without its number sign."""
        return self._split.fragment

    @property
    def host(self) -> str:
        """The host, lower-case, without user information and port; an IPv6 address keeps its brackets."""
        return _host_and_port(self.netloc)[0].lower()

    @property
    def port(self) -> int | None:
        """The port, if one is written; ValueError when it is not a number up to 65535."""
        text = _host_and_port(self.netloc)[1]
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
        scheme, netloc, path, query, fragment = self._split
        texts = {name: "" if value is None else str(value) for name, value in components.items()}
        scheme = texts.get("scheme", scheme)
        if scheme and not (scheme.isascii() and re.fullmatch(r"[A-Za-z][A-Za-z0-9+.\-]*", scheme)):
            raise ValueError(f"{scheme!r:.60} is not a URL scheme")
        netloc = texts.get("netloc", netloc)
        if "host" in texts or "port" in texts:
            netloc = _join_netloc(netloc, texts)
        path = quote(texts["path"], safe=_PATH + "%") if "path" in texts else path
        query = quote(texts["query"], safe=_QUERY) if "query" in texts else query
        fragment = quote(texts["fragment"], safe=_QUERY) if "fragment" in texts else fragment
        return _join(scheme, netloc, path, query, fragment)


_COMPONENT_NAMES = frozenset({"scheme", "netloc", "host", "port", "path", "query", "fragment"})


def _host_and_port(netloc: str) -> tuple[str, str]:
    location = netloc.rpartition("@")[2]
    host, colon, port = location.rpartition(":")
    return (host, port) if colon and not port.endswith("]") else (location, "")


def _port(text: str) -> int:
    # int() would take "+80", "8_0" and other digits than ASCII's.
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and int(text) <= 65535):
        raise ValueError(f"{text!r:.60} is not a port; ports are numbers up to 65535")
    return int(text)


def _join_netloc(netloc: str, texts: Mapping[str, str]) -> str:
    user, at, _ = netloc.rpartition("@")
    host, port = _host_and_port(netloc)
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
        super().__init__(parse_query(query) if isinstance(query, (str, bytes)) else query)

    def __str__(self) -> str:
        return format_query(self._list)


def parse_query(
    query: bytes | str, *, max_pairs: int = 1000, charset: str = "utf-8"
) -> list[tuple[str, str]]:
    """Split a query into decoded pairs, in order (WHATWG URL §5.1, application/x-www-form-urlencoded).

    Only ``&`` separates, a plus is a space, a malformed escape is literal, invalid UTF-8 becomes U+FFFD.

    Args:
        query: without its question mark.
        max_pairs: how many there may be; it bounds the empty sequences too.
        charset: a charset that Python knows and that extends ASCII.

    Raises:
        ValueError: more than ``max_pairs``.
    """
    if not query:
        return []
    raw = query.encode("utf-8", "surrogatepass") if isinstance(query, str) else query
    if raw.count(b"&") > max_pairs:
        raise ValueError(f"more than {max_pairs} parameters")
    if b"+" in raw:
        raw = raw.replace(b"+", b" ")
    if b"%" in raw or charset != "utf-8":
        pairs = _escaped_pairs(raw, charset)
    else:
        # PERF: one decoding for the whole; in UTF-8 no invalid byte swallows a separator.
        split = (piece.partition("=") for piece in str(raw, "utf-8", "replace").split("&") if piece)
        pairs = [(name, value) for name, _, value in split]
    if len(pairs) > max_pairs:
        raise ValueError(f"more than {max_pairs} parameters")
    return pairs


def _escaped_pairs(raw: bytes, charset: str) -> list[tuple[str, str]]:
    pairs = []
    for piece in raw.split(b"&"):
        if piece:
            name, _, value = piece.partition(b"=")
            pairs.append((_decode(name, charset), _decode(value, charset)))
    return pairs


def _decode(text: bytes, charset: str) -> str:
    return str(unquote_to_bytes(text) if b"%" in text else text, charset, "replace")


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
    found = _HOST.fullmatch(value) if len(value) <= 262 else None  # 255 (RFC 1035 §2.3.4) and a port
    if found is None or (found["ip6"] and not _is_ip6(found["ip6"])):
        raise ValueError(f"{value!r:.80} is not a host with or without a port")
    return found["host"].lower(), _port(found["port"]) if found["port"] else None


def _is_ip6(text: str) -> bool:
    """RFC 4291 §2.2: eight groups, one run of zeros as ``::``, the last two groups perhaps as IPv4."""
    head, double, tail = text.partition("::")
    if double and "::" in tail:
        return False
    groups = [group for side in (head, tail) if side for group in side.split(":")]
    size = len(groups)
    if groups and "." in groups[-1]:
        if not _IP4.fullmatch(groups.pop()):
            return False
        size += 1
    if not all(map(_GROUP.fullmatch, groups)):
        return False
    return size <= 7 if double else size == 8


def encode_location(target: str) -> str:
    """Return a target for ``Location``: a relative reference or an http(s) URL, in ASCII (RFC 9110 §10.2.2).

    Characters beyond ASCII, spaces and what else no URL may hold are percent-encoded; escapes are kept.

    Raises:
        ValueError: a control character, leading whitespace, a leading ``//`` or backslash, a scheme other
            than http and https, a host that is none.
    """
    if _CONTROL.search(target) or target[:1].isspace():
        raise ValueError(
            "a Location has no control characters and no leading whitespace; quote what comes from outside"
        )
    # SECURITY: browsers read a backslash as a slash, and two of either as the start of a host.
    if target[:1] == "\\" or (target[:1] == "/" and target[1:2] in ("/", "\\")):
        raise ValueError(
            f"Location {target!r:.80} would leave this host; write an absolute URL if that is meant"
        )
    if ":" in re.split("[/?#]", target, maxsplit=1)[0]:
        _authority(target)
    return quote(target, safe=_REFERENCE)


def _authority(target: str) -> tuple[str, str, int]:
    """Return scheme, host and port (the scheme's own if none is written) of an absolute http(s) URL."""
    found = re.match(r"(https?)://([^/?#]+)", target, re.IGNORECASE)
    if found is None:
        raise ValueError(
            f"Location {target!r:.80}: only http:// and https:// URLs and relative references are sent"
        )
    scheme = found[1].lower()
    host, port = parse_host(found[2])
    return scheme, host, port or _DEFAULT_PORTS[scheme]


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
        if ":" not in re.split("[/?#]", target, maxsplit=1)[0]:
            return True
        scheme, host, port = _authority(target)
        owned = (parse_host(own) for own in own_hosts)
        return any((own, at or _DEFAULT_PORTS[scheme]) == (host, port) for own, at in owned)
    except ValueError:
        return False
