"""Wadjet's entry in S5, written as a user would write it: hosts, security fields, CORS, a rate limit and an opaque token."""

from __future__ import annotations

from typing import Any

from benchmarks.stackrules import FIELDS, HOSTS, LIMIT, ORIGINS, SECONDS, TOKEN
from wadjet import BaseMiddleware, Request, Wadjet
from wadjet.auth import IsAuthenticated, KeptToken, MemoryTokens, MemoryUser, TokenAuthentication, digest_of
from wadjet.http.constantfields import ConstantFields
from wadjet.http.response import Head
from wadjet.middleware import (
    AuthenticationMiddleware,
    CORSMiddleware,
    RateLimitMiddleware,
    SecurityMiddleware,
)

__all__ = ["ALICE", "COUNTED", "SECURITY", "SHARED", "TOKENS", "app"]

SECURITY = (
    SecurityMiddleware,
    {
        "csp": FIELDS["content-security-policy"],
        "cross_origin_opener_policy": FIELDS["cross-origin-opener-policy"],
        "allowed_hosts": HOSTS,
    },
)
SHARED = (CORSMiddleware, {"allowed_origins": ORIGINS, "allow_credentials": True})
COUNTED = (RateLimitMiddleware, {"max_requests": LIMIT, "window_seconds": SECONDS})
ALICE = MemoryUser(1, "alice")
TOKENS = MemoryTokens()
TOKENS.put(digest_of(TOKEN), KeptToken(ALICE))


class Transport(BaseMiddleware):
    """Says over http too what the peers say everywhere; Security says it where it counts (RFC 6797 §7.2)."""

    _fields = ConstantFields({"strict-transport-security": FIELDS["strict-transport-security"]})

    def after(self, request: Request, response: Head) -> None:
        response.add_constant(self._fields)


app = Wadjet(
    middleware=[
        Transport,
        SECURITY,
        SHARED,
        COUNTED,
        (AuthenticationMiddleware, {"backends": [TokenAuthentication(TOKENS)]}),
    ]
)


@app.get("/plaintext")
async def plaintext() -> str:
    return "Hello, World!"


@app.get("/secure", permission_classes=[IsAuthenticated])
async def secure(request: Request) -> Any:
    return {"user": request.user.username, "ok": True}
