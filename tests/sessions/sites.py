"""A site with sessions, in every place where they can be kept; and a browser that keeps its cookies."""

from __future__ import annotations

import asyncio
from http.cookies import SimpleCookie
from typing import Any

from tests.clocks import Clock
from tests.driving import Sent, exchange
from wadjet import Request, Wadjet
from wadjet.middleware.session import SessionMiddleware
from wadjet.sessions import SealedSessions, SessionPolicy, StoredSessions
from wadjet.stores import Store
from wadjet.stores.memory import MemoryStore
from wadjet.types import ASGIApp

__all__ = ["PLACES", "SECRET", "Browser", "add_pages", "showing", "site"]

PLACES = ["cookie", "memory"]

SECRET = "a secret of the tests, which nobody else knows"


def site(
    place: str | Store,
    clock: Clock | None = None,
    policy: SessionPolicy | None = None,
    app: ASGIApp | None = None,
    secret: Any = SECRET,
) -> SessionMiddleware:
    """Return an application with sessions, by a clock that a test sets."""
    middleware = SessionMiddleware(
        add_pages(Wadjet()) if app is None else app, place, secret=secret, policy=policy or SessionPolicy()
    )
    sessions = middleware.sessions
    if clock is not None and isinstance(sessions, StoredSessions):
        middleware.sessions = StoredSessions(MemoryStore(1_000_000, clock), sessions.policy, clock)
    elif clock is not None:
        middleware.sessions = SealedSessions(sessions.policy, secret, clock)
    return middleware


def showing(cookie: str | None) -> Request:
    """Return a request of a client that shows a session's cookie."""
    return Request.blank("/", headers=[] if cookie is None else [("cookie", f"sessionid={cookie}")])


def add_pages(app: Wadjet) -> Wadjet:
    """Add pages that do to a session whatever can be done to it."""

    @app.get("/plain")
    async def plain() -> str:
        return "plain"

    @app.get("/get")
    async def get(request: Request) -> Any:
        session = await request.session.load()
        return {"value": session.get("value"), "user": session.user_id, "new": session.new}

    @app.get("/set")
    async def put(request: Request, value: str = "kept") -> Any:
        session = await request.session.load()
        session["value"] = value
        return {"key": session.key}

    @app.get("/has")
    async def has(request: Request) -> Any:
        return {"has": "value" in await request.session.load()}

    @app.get("/append")
    async def append(request: Request, value: str) -> Any:
        session = await request.session.load()
        session.setdefault("list", []).append(value)
        return session["list"]

    @app.get("/login")
    async def login(request: Request, user: str = "7") -> Any:
        session = await request.session.load()
        session.bind_user(user)
        return {"key": session.key}

    @app.get("/rotate")
    async def rotate(request: Request) -> None:
        (await request.session.load()).rotate()

    @app.get("/flush")
    async def flush(request: Request) -> None:
        (await request.session.load()).invalidate()

    @app.get("/thread")
    def thread(request: Request) -> Any:
        return dict(request.session)

    return app


class Browser:
    """Keeps the cookies that an application sets, and sends them back.

    Args:
        app: the application.
        **scope: of every request.
    """

    def __init__(self, app: ASGIApp, **scope: Any) -> None:
        self.app = app
        self.scope = scope
        self.cookies: dict[str, str] = {}

    def get(self, target: str, *headers: tuple[str, str]) -> Sent:
        """Ask for a page."""
        return asyncio.run(self.ask(target, *headers))

    async def ask(self, target: str, *headers: tuple[str, str]) -> Sent:
        """Do as :meth:`get`, on this loop."""
        fields = list(headers)
        if self.cookies:
            fields.append(("cookie", "; ".join(f"{name}={value}" for name, value in self.cookies.items())))
        sent = await exchange(self.app, "GET", target, fields, **self.scope)
        for field in sent.getall(b"set-cookie"):
            for name, morsel in SimpleCookie(field.decode()).items():
                if morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value
        return sent
