"""Where a request went: the URL family, made of the checked Host field and never of the server's socket."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from .exceptions import BadRequest
from .forwarded import PROXIED
from .requestfields import Fielded
from .urls import URL, is_safe_target, parse_host, quote_path, quote_query

__all__ = ["Addressed"]

_DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
#: A name of 255 bytes (RFC 1035 §2.3.4), a colon, a port, and one to spare.
_HOST_LENGTH = 262


class Addressed(Fielded):
    """The addresses of a request (WebOb's family)."""

    __slots__ = ()

    def is_secure(self) -> bool:
        """Tell whether the request came over TLS."""
        return self.scheme in {"https", "wss"}

    def is_proxied(self) -> bool:
        """Tell whether one of the trusted proxies has passed the request on, so that what proxies tell is to be believed."""
        arrival = self._arrival
        return bool((self._scope or {}).get(PROXIED)) if arrival is None else arrival.is_proxied

    @property
    def host(self) -> str:
        """The Host field as it was sent; without one ``localhost``, for a server's socket is no name (RFC 9112 §3.3)."""
        field = self.header(b"host")
        return "localhost" if field is None else field.decode("latin-1")

    @host.setter
    def host(self, value: str) -> None:
        self.check_made("host")
        parse_host(value)
        self.set_field(b"host", value)

    @property
    def domain(self) -> str:
        """The host without its port.

        Raises:
            BadRequest: the Host field is not one (RFC 9112 §3.2).
        """
        return self._parsed_host()[0]

    @property
    def host_port(self) -> str:
        """The port of the host; that of the scheme when it names none."""
        port = self._parsed_host()[1]
        return str(_DEFAULT_PORTS.get(self.scheme, 80) if port is None else port)

    @property
    def server_name(self) -> str:
        """The host that the request is for, without its port (RFC 3875 §4.1.14)."""
        return self.domain

    @property
    def server_port(self) -> int:
        """The port that the request is for."""
        return int(self.host_port)

    @property
    def remote_addr(self) -> str | None:
        """The address of the client; what a forwarded field says counts where a trusted proxy says it, and nowhere else."""
        return None if self.client is None else self.client[0]

    @remote_addr.setter
    def remote_addr(self, value: str | None) -> None:
        self._change("remote_addr", client=None if value is None else (value, 0))

    client_addr = remote_addr

    def _parsed_host(self) -> tuple[str, int | None]:
        try:
            return parse_host(self.host)
        except ValueError as error:
            raise BadRequest(str(error)) from None

    @property
    def path_info(self) -> str:
        """The path below ``root_path``, decoded."""
        return self.path[len(self.root_path) :] if self._is_below_root() else self.path

    @path_info.setter
    def path_info(self, value: str) -> None:
        self._change("path_info", path=self.root_path + value, raw_path=None)

    @property
    def script_name(self) -> str:
        """WSGI's name for :attr:`root_path`."""
        return self.root_path

    @script_name.setter
    def script_name(self, value: str) -> None:
        self._change("script_name", root_path=value, path=value + self.path_info, raw_path=None)

    def path_info_peek(self) -> str | None:
        """Return the next segment of :attr:`path_info`, decoded; None when there is none."""
        return self.path_info.lstrip("/").partition("/")[0] or None

    def path_info_pop(self, pattern: str | None = None) -> str | None:
        """Move the next segment from :attr:`path_info` to :attr:`script_name`, and return it; None when there is none.

        Args:
            pattern: a regular expression that the beginning of the segment must match.

        Raises:
            AttributeError: the request was received.
        """
        rest = self.path_info
        below = rest.lstrip("/")
        segment = below.partition("/")[0]
        if not segment or (pattern is not None and not re.match(pattern, segment)):
            return None
        taken = rest[: len(rest) - len(below) + len(segment)]
        self._change("path_info", root_path=self.root_path + taken)
        return segment

    def _is_below_root(self) -> bool:
        """Tell whether the path is ``root_path`` or goes on after it at a slash."""
        root, path = self.root_path, self.path
        return path.startswith(root) and path[len(root) : len(root) + 1] in {"", "/"}

    @property
    def raw_path(self) -> bytes:
        """The path as it was sent."""
        return quote_path(self.path).encode() if self.sent_path is None else bytes(self.sent_path)

    def has_valid_host(self) -> bool:
        """Tell whether the Host field is there once, and is a host (RFC 9112 §3.2). HTTP/1.1 alone cannot do without."""
        found = None
        for name, value in self.raw_headers:
            if name == b"host":
                if found is not None:
                    return False
                found = value
        if found is None:
            return self.http_version != "1.1"
        # SECURITY: what is longer than any host is not kept by the cache.
        return len(found) <= _HOST_LENGTH and _is_host(found)

    @property
    def sent_path_info(self) -> bytes | None:
        """The path below ``root_path`` as it was sent; None where the server does not tell."""
        sent, root = self.sent_path, self.root_path
        if sent is None or not self._is_below_root():
            return sent
        above = b"/".join(sent.split(b"/", root.count("/") + 1)[: root.count("/") + 1])
        return sent[len(above) :] if unquote_to_bytes(above) == root.encode(errors="replace") else None

    @property
    def host_url(self) -> str:
        """Scheme and host, checked."""
        return f"{self.scheme}://{_authority(*self._parsed_host(), self.scheme)}"

    @property
    def application_url(self) -> str:
        """The address that the application is mounted at."""
        return self.host_url + quote_path(self.root_path)

    @property
    def path_url(self) -> str:
        """The address without its query."""
        return self.host_url + quote_path(self.path)

    @property
    def path_qs(self) -> str:
        """Path and query, encoded, without the host."""
        return quote_path(self.path) + self._query_part()

    @property
    def url(self) -> URL:
        """The whole address, made of the checked Host field and never of the server's socket."""
        return URL(self.path_url + self._query_part())

    def _query_part(self) -> str:
        """Return the query with its question mark, encoded also where a server has let other bytes pass."""
        raw = self.raw_query
        if not raw:
            return ""
        return "?" + (raw.decode("ascii") if raw.isascii() else quote_query(raw))

    def relative_url(self, other: str, to_application: bool = False) -> URL:
        """Return what a reference means in a document at this address (RFC 3986 §5).

        Args:
            other: a URL reference, written by the developer: ``//host`` leads to another host.
            to_application: it is meant from where the application is mounted.

        Raises:
            ValueError: ``other`` is not a URL reference.
        """
        base = self.application_url.rstrip("/") + "/" if to_application else self.path_url
        return URL(base).resolve(other)

    def url_for(self, name: str, **values: object) -> URL:
        """Return the whole address of a named route of the application that answers.

        Args:
            name: the route's.
            **values: its path parameters.
        """
        return URL(self.host_url + quote_path(self.root_path) + self.app.url_for(name, **values))

    def safe_url(self, target: str, default: str = "/") -> str:
        """Return a redirection target that came with the request if it goes where it may, else ``default``.

        It may stay on this host, or go to one of the setting ``ALLOWED_REDIRECT_HOSTS``.
        """
        others = () if self.plan is None else self.app.settings.ALLOWED_REDIRECT_HOSTS
        return target if is_safe_target(target, {self.host.lower(), *others}) else default


@lru_cache(maxsize=1024)
def _is_host(field: bytes) -> bool:
    try:
        host, _ = parse_host(field.decode("latin-1"))
    except ValueError:
        return False
    return host != ""  # RFC 9110 §4.2.1: an http URI without a host is invalid


def _authority(host: str, port: int | None, scheme: str) -> str:
    name = f"[{host}]" if ":" in host and not host.startswith("[") else host
    return name if port is None or port == _DEFAULT_PORTS.get(scheme) else f"{name}:{port}"
