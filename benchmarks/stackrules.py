"""What scenario S5 asks of a production stack; and a rate limit for the peers that have none, as their users write one."""

from __future__ import annotations

import time

__all__ = ["FIELDS", "HOSTS", "LIMIT", "ORIGINS", "SECONDS", "TOKEN", "TOKENS", "Window", "serves"]

FIELDS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "strict-origin-when-cross-origin",
    "strict-transport-security": "max-age=63072000; includeSubDomains",
    "content-security-policy": "default-src 'self'; frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
}
ORIGINS = ("https://app.example.com", "https://admin.example.com")
HOSTS = ("127.0.0.1", "localhost", "*.example.com")
TOKEN = "s3cr3t-token-of-alice"
TOKENS = {TOKEN: "alice"}
#: In so many seconds; never reached, and always counted.
LIMIT, SECONDS = 10_000_000, 60

_NAMES = frozenset(host for host in HOSTS if not host.startswith("*"))
_DOMAINS = tuple(host[1:] for host in HOSTS if host.startswith("*"))


def serves(host: str) -> bool:
    """Tell whether a host, with or without a port, is one of them."""
    name = host.partition(":")[0]
    return name in _NAMES or name.endswith(_DOMAINS)


class Window:
    """Counts the requests of each client in windows that begin for all at once."""

    def __init__(self) -> None:
        self._counts: dict[str, tuple[int, int]] = {}

    def left(self, client: str) -> int:
        """Count a request, and return how many more there may be; below 0 for one too many."""
        now = int(time.time() // SECONDS)
        window, count = self._counts.get(client, (now, 0))
        count = count + 1 if window == now else 1
        self._counts[client] = now, count
        return LIMIT - count
