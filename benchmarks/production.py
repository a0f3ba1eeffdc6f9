"""Wadjet's production stack: one JSON route behind hosts, CORS, security fields, request ids, a rate limit and a token."""

from __future__ import annotations

from typing import Any

from benchmarks.scenarios import Asked, Scenario
from wadjet import Request, Settings, Wadjet
from wadjet.auth import (
    Authentication,
    IsAuthenticated,
    JWTAuthentication,
    JWTKey,
    JWTs,
    KeptToken,
    MemoryTokens,
    MemoryUser,
    TokenAuthentication,
    digest_of,
)
from wadjet.middleware import (
    AuthenticationMiddleware,
    CORSMiddleware,
    RateLimitMiddleware,
    RequestIdMiddleware,
    SecurityMiddleware,
)

__all__ = ["PRODUCTION"]

_TOKEN = "s3cr3t-token-of-alice"
_ORIGIN = ("origin", "https://app.example.com")
_CONTENT = b'{"user":"alice","ok":true}'
_SECURITY = {
    "hsts_seconds": 63_072_000,
    "hsts_include_subdomains": True,
    "csp": "default-src 'self'; frame-ancestors 'none'",
    "cross_origin_opener_policy": "same-origin",
    "allowed_hosts": ["127.0.0.1", "localhost", ".example.com"],
}
_SHARED = {
    "allowed_origins": ["https://app.example.com", "https://admin.example.com"],
    "allow_credentials": True,
}
#: The five that look at heads and nothing else.
_HEADERS: list[Any] = [
    (SecurityMiddleware, _SECURITY),
    (CORSMiddleware, _SHARED),
    RequestIdMiddleware,
    (RateLimitMiddleware, {"max_requests": 10_000_000, "window_seconds": 60}),
]


async def _secure(request: Request) -> Any:
    return {"user": request.user.username, "ok": True}


async def _fixed() -> Any:
    return {"user": "alice", "ok": True}


def _application(*stack: Any, asks: bool = True) -> Wadjet:
    app = Wadjet(Settings(), middleware=stack)
    if asks:
        app.get("/secure", permission_classes=[IsAuthenticated])(_secure)
    else:
        app.get("/secure")(_fixed)
    return app


def _asked(token: str, *, needs_token: bool) -> Scenario:
    path, fields = "/secure", (("authorization", f"Bearer {token}"), _ORIGIN)
    refused = (Asked(path), Asked(path, headers=(("authorization", "Bearer wrong"),))) if needs_token else ()
    return Scenario(
        "S5",
        "production stack",
        Asked(path, headers=fields),
        200,
        "application/json",
        _CONTENT.__eq__,
        refused,
    )


def _authentication(way: Authentication) -> tuple[Any, dict[str, Any]]:
    return AuthenticationMiddleware, {"backends": [way]}


def _applications() -> dict[str, tuple[Wadjet, Scenario]]:
    alice = MemoryUser(1, "alice")
    tokens = MemoryTokens()
    tokens.put(digest_of(_TOKEN), KeptToken(alice))
    opaque = _authentication(TokenAuthentication(tokens))
    jwts = JWTs([JWTKey(b"0123456789abcdef0123456789abcdef")], audience="bench")
    signed = _authentication(JWTAuthentication(jwts, _Alice(alice)))
    asked, free = _asked(_TOKEN, needs_token=True), _asked(_TOKEN, needs_token=False)
    return {
        "inproc_stack_none": (_application(asks=False), free),
        "inproc_stack_headers": (_application(*_HEADERS, asks=False), free),
        "inproc_stack_unasked": (_application(*_HEADERS, opaque, asks=False), free),
        "inproc_token": (_application(opaque), asked),
        "inproc_stack": (_application(*_HEADERS, opaque), asked),
        "inproc_stack_jwt": (_application(*_HEADERS, signed), _asked(jwts.issue("1"), needs_token=True)),
    }


class _Alice:
    """Knows one user."""

    def __init__(self, user: MemoryUser) -> None:
        self._user = user

    def by_id(self, identifier: str, /) -> MemoryUser:
        return self._user

    by_name = by_id

    def keep_password(self, user: Any, kept: str, /) -> None:
        raise AssertionError


#: Applications with what they are asked, by the names of their cases.
PRODUCTION = _applications()
