"""Security schemes in the document: of the application's ways, and of a route's own."""

from __future__ import annotations

from typing import Any

from openapi_spec_validator import OpenAPIV31SpecValidator

from wadjet import Request, Settings, Wadjet
from wadjet.auth import (
    APIKeyAuthentication,
    Authentication,
    IsAuthenticated,
    IsAuthenticatedOrReadOnly,
    JWTAuthentication,
    JWTKey,
    JWTs,
    MemoryTokens,
    SessionAuthentication,
    TokenAuthentication,
    login_required,
)
from wadjet.middleware import AuthenticationMiddleware


async def here() -> str:
    return "here"


class Unnamed(Authentication):
    def authenticate(self, request: Request) -> None:
        return None


def document() -> dict[str, Any]:
    tokens = MemoryTokens()
    jwts = JWTAuthentication(JWTs([JWTKey(b"x" * 32)], audience="us"))
    backends = {"backends": [SessionAuthentication, jwts, Unnamed()]}
    settings = Settings(SESSION_COOKIE_NAME="shop")
    app = Wadjet(settings, middleware=[(AuthenticationMiddleware, backends)])
    app.get("/free")(here)
    app.get("/known", permission_classes=[IsAuthenticated])(here)
    app.get("/decorated")(login_required(here))
    app.get("/reading", permission_classes=[IsAuthenticatedOrReadOnly])(here)
    own = [
        TokenAuthentication(tokens),
        TokenAuthentication(tokens, scheme="Key"),
        APIKeyAuthentication(tokens),
    ]
    app.get("/own", authentication_classes=own, permission_classes=[IsAuthenticated])(here)
    app.get("/perhaps", authentication_classes=own[:1])(here)
    app.get("/nobody", authentication_classes=[], permission_classes=[IsAuthenticated])(here)
    return app.openapi()


DOCUMENT = document()


def security(path: str) -> Any:
    return DOCUMENT["paths"][path]["get"].get("security")


def test_the_document_is_valid() -> None:
    assert list(OpenAPIV31SpecValidator(DOCUMENT).iter_errors()) == []


def test_an_operation_names_the_ways_that_it_has() -> None:
    usual: Any = [{"session": []}, {"jwt": []}]
    assert security("/free") is None
    assert security("/known") == security("/decorated") == usual
    assert security("/own") == [{"token": []}, {"token2": []}, {"apikey": []}]


def test_where_nobody_has_to_be_known_none_is_among_them() -> None:
    assert security("/reading") == [{"session": []}, {"jwt": []}, {}]
    assert security("/perhaps") == [{"token": []}, {}]
    assert security("/nobody") is None


def test_the_schemes_are_described_once() -> None:
    assert DOCUMENT["components"]["securitySchemes"] == {
        "session": {"type": "apiKey", "in": "cookie", "name": "shop"},
        "jwt": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
        "token": {"type": "http", "scheme": "bearer"},
        "token2": {"type": "http", "scheme": "key"},
        "apikey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    }


def test_a_document_without_guards_has_no_schemes() -> None:
    assert "securitySchemes" not in Wadjet(routes=[]).openapi()["components"]
