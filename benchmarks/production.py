"""Wadjet's production stack: one JSON route behind hosts, CORS, security fields, request ids, a rate limit and a token."""

from __future__ import annotations

from typing import Any

from benchmarks.scenarios import Asked, Scenario
from benchmarks.secured import ALICE, COUNTED, SECURITY, SHARED, TOKENS
from benchmarks.stackrules import ORIGINS, TOKEN
from wadjet import Request, Settings, Wadjet
from wadjet.auth import (
    Authentication,
    IsAuthenticated,
    JWTAuthentication,
    JWTKey,
    JWTs,
    MemoryUser,
    TokenAuthentication,
)
from wadjet.middleware import (
    AuthenticationMiddleware,
    RequestIdMiddleware,
)

__all__ = ["PRODUCTION"]

_ORIGIN = ("origin", ORIGINS[0])
_CONTENT = b'{"user":"alice","ok":true}'
#: Those that look at heads and nothing else.
_HEADERS: list[Any] = [SECURITY, SHARED, RequestIdMiddleware, COUNTED]


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
    opaque = _authentication(TokenAuthentication(TOKENS))
    jwts = JWTs([JWTKey(b"0123456789abcdef0123456789abcdef")], audience="bench")
    signed = _authentication(JWTAuthentication(jwts, _Alice(ALICE)))
    asked, free = _asked(TOKEN, needs_token=True), _asked(TOKEN, needs_token=False)
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
