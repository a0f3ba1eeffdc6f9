"""Wire scenarios of who is asking: tokens that are good, bad and none, and what they may."""

from __future__ import annotations

from tests.scenarios.scenario import Scenario, ask
from wadjet import Request, Router
from wadjet.auth import (
    APIKeyAuthentication,
    IsAdmin,
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
from wadjet.middleware import AuthenticationMiddleware

__all__ = ["KNOWN", "USERS"]

_TOKENS = MemoryTokens()
_TOKENS.put(digest_of("ann"), KeptToken(MemoryUser(1, "ann")))
_TOKENS.put(digest_of("old"), KeptToken(MemoryUser(1, "ann"), expires=1.0))
_JWTS = JWTs([JWTKey(b"0123456789abcdef0123456789abcdef", kid="one")], audience="scenarios")
_BACKENDS = [JWTAuthentication(_JWTS), TokenAuthentication(_TOKENS), APIKeyAuthentication(_TOKENS)]

KNOWN = Router("/who", middleware=[(AuthenticationMiddleware, {"backends": _BACKENDS})])


@KNOWN.get("/is-asking")
async def is_asking(request: Request) -> str:
    return f"{getattr(request.user, 'username', None) or request.auth['type']}"


@KNOWN.get("/cares")
async def cares() -> str:
    return "nobody"


@KNOWN.post("/known", permission_classes=[IsAuthenticated], max_body_size=10)
async def known(content: bytes) -> bytes:
    return content


@KNOWN.get("/admin", permission_classes=[IsAdmin])
async def admin() -> str:
    return "admin"


_GOOD, _BAD = "Authorization: Bearer ann", "Authorization: Bearer bad"
_NONE = "eyJhbGciOiJub25lIiwia2lkIjoib25lIn0.eyJzdWIiOiIxIiwiYXVkIjoic2NlbmFyaW9zIiwiZXhwIjo5OTk5OTk5OTk5fQ."
_CHALLENGE = {"www-authenticate": 'Bearer, ApiKey header="X-API-Key"'}
_FAILED = {"www-authenticate": 'Bearer error="invalid_token", ApiKey header="X-API-Key"'}

USERS = (
    Scenario("AUTH a good token", ask("/who/is-asking", _GOOD), body=b"ann"),
    Scenario(
        "JWT-02 scheme in small letters", ask("/who/is-asking", "authorization: bearer ann"), body=b"ann"
    ),
    Scenario("AUTH an API key", ask("/who/is-asking", "X-API-Key: ann"), body=b"ann"),
    Scenario("AUTH nobody", ask("/who/is-asking"), body=b"none"),
    Scenario("AUTH a bad token where somebody asks", ask("/who/is-asking", _BAD), (401,), fields=_FAILED),
    Scenario("AUTH a bad token where nobody asks", ask("/who/cares", _BAD), body=b"nobody"),
    Scenario("JWT-21 expired", ask("/who/is-asking", "Authorization: Bearer old"), (401,), fields=_FAILED),
    Scenario(
        "JWT-03 alg none", ask("/who/is-asking", f"Authorization: Bearer {_NONE}"), (401,), fields=_FAILED
    ),
    Scenario("JWT-55 non-ASCII bytes", ask("/who/is-asking", "Authorization: Bearer \xff"), (401,)),
    Scenario("JWT-66 scheme only", ask("/who/is-asking", "Authorization: Bearer"), (401,)),
    Scenario("JWT-67 empty Authorization", ask("/who/is-asking", "Authorization:"), body=b"none"),
    Scenario("JWT-68 token in the query", ask("/who/is-asking?access_token=ann"), body=b"none"),
    Scenario("JWT-69 two Authorization headers", ask("/who/is-asking", _BAD, _GOOD), (401,)),
    Scenario("JWT-63 no credentials", ask("/who/admin"), (401,), fields=_CHALLENGE),
    Scenario(
        "AUTH known, and not allowed", ask("/who/admin", _GOOD), (403,), fields={"www-authenticate": None}
    ),
    Scenario(
        "AUTH content for who is known", ask("/who/known", _GOOD, method="POST", content=b"abc"), body=b"abc"
    ),
    Scenario(
        "AUTH 401 before the content is too large",
        ask("/who/known", method="POST", content=b"a" * 50),
        (401,),
        fields=_CHALLENGE,
    ),
)
