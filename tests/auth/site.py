"""A site with users: in sessions and with tokens."""

from __future__ import annotations

from typing import Any

from wadjet import Request, Settings, Wadjet
from wadjet.auth import (
    IsAuthenticated,
    MemoryTokens,
    MemoryUser,
    MemoryUsers,
    Passwords,
    SessionAuthentication,
    TokenAuthentication,
    authenticate,
    login,
    logout,
)
from wadjet.middleware import AuthenticationMiddleware, CSRFMiddleware, SessionMiddleware
from wadjet.security.passwords import Argon2

__all__ = ["QUICK", "SETTINGS", "SlowUsers", "people", "site"]

QUICK = Argon2(1, 8, 1)
SETTINGS = Settings(SECRET_KEY="secret" * 10)
_KEPT = QUICK.hash("right")


class SlowUsers(MemoryUsers):
    """Users that have to be waited for."""

    async def by_id(self, identifier: str, /) -> MemoryUser | None:  # type: ignore[override]  # either is a UserSource
        return super().by_id(identifier)


def people(kind: type[MemoryUsers] = MemoryUsers) -> MemoryUsers:
    return kind([MemoryUser(1, "ann", _KEPT), MemoryUser(2, "bob", _KEPT, is_staff=True)])


def site(
    users: Any = None, tokens: Any = None, store: str = "cookie", *, csrf: bool = False, **options: Any
) -> Wadjet:
    """Return an application where users log in, and say who they are."""
    users = people() if users is None else users
    backends = [SessionAuthentication, TokenAuthentication(tokens or MemoryTokens())]
    given = {"users": users, "passwords": Passwords(QUICK), "backends": backends, **options}
    stack: list[Any] = [(SessionMiddleware, {"store": store})]
    stack += [CSRFMiddleware] if csrf else []
    app = Wadjet(settings=SETTINGS, middleware=[*stack, (AuthenticationMiddleware, given)])

    @app.post("/login")
    async def log_in(request: Request, name: str, password: str = "right") -> Any:
        user = await authenticate(request, username=name, password=password)
        if user is None:
            return "wrong", 400
        await login(request, user)
        return f"{request.user.username} {request.auth['type']}"

    @app.post("/logout")
    async def log_out(request: Request) -> str:
        await logout(request)
        return f"{request.user!r} {request.auth['type']}"

    @app.get("/me", permission_classes=[IsAuthenticated])
    async def me(request: Request) -> str:
        return f"{request.user.username} {request.auth['type']}"

    @app.get("/perhaps")
    async def perhaps(request: Request) -> str:
        return str(getattr(request.user, "username", "nobody"))

    @app.get("/open")
    async def everybody() -> str:
        return "open"

    @app.get("/basket")
    async def basket(request: Request, put: str = "") -> Any:
        await request.session.load()
        if put:
            request.session["basket"] = put
        return request.session.get("basket", "empty")

    @app.get("/csrf")
    async def token(request: Request) -> str:
        return str(request.csrf_token)

    return app
