"""The environ that a blank request begins with: a path, a host, and nothing else (WebOb)."""

from __future__ import annotations

from urllib.parse import quote, unquote_to_bytes

from .environs import Environ
from .urls import URL, quote_query

__all__ = ["blank_environ"]

_PORTS = {"http": "80", "https": "443"}


def blank_environ(path: str, base_url: str | None = None) -> tuple[Environ, bytes]:
    """Return a new environ, and the path as it is sent, which an environ cannot say.

    Args:
        path: encoded, with or without query; or a whole http(s) URL.
        base_url: gives scheme, host and the path that the application is mounted at.

    Raises:
        TypeError: a fragment, or another scheme.
        ValueError: what is neither path nor URL; a ``base_url`` with a query or a fragment.
    """
    url, base = URL(path), URL(base_url or "http://localhost")
    if {"?", "#"} & set(base):
        raise ValueError(f"base_url {base_url!r:.80} has a query or a fragment; it is scheme, host and path")
    if url.scheme or url.netloc:
        base = URL(f"{url.scheme}://{url.netloc}")
    elif path and path[0] not in "/?#":
        raise ValueError(f"{path!r:.80} is neither a path, which begins with a slash, nor an http(s) URL")
    if base.scheme not in _PORTS or not base.host:
        raise TypeError(
            f"Unknown scheme: {base.scheme!r} in {base!s:.80}; it is http:// or https://, and a host"
        )
    if url.fragment:
        raise TypeError(f"{path!r:.80}: a fragment is never sent; leave out what follows the #")
    return _environ(base, url)


def _environ(base: URL, url: URL) -> tuple[Environ, bytes]:
    standard = _PORTS[base.scheme]
    port = str(base.port or standard)
    root = base.path.rstrip("/")
    path = url.path or ("" if root else "/")
    environ = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": _octets(root),
        "PATH_INFO": _octets(path),
        "QUERY_STRING": quote_query(url.query),
        "SERVER_NAME": base.host,
        "SERVER_PORT": port,
        "HTTP_HOST": base.host if port == standard else f"{base.host}:{port}",
        "SERVER_PROTOCOL": "HTTP/1.0",
        "wsgi.url_scheme": base.scheme,
    }
    return environ, quote(root + path, safe="%/~!$&'()*+,;=:@").encode()


def _octets(path: str) -> str:
    """PEP 3333: the bytes of a decoded path, as text of Latin-1 characters."""
    return unquote_to_bytes(path).decode("latin-1")
