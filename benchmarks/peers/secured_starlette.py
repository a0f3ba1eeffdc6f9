"""Starlette's hosts, CORS and authentication; security fields and the limit are ASGI middleware, as it has none."""
# mypy: ignore-errors
# The peer is installed in its own environment, where no type checker looks.

from __future__ import annotations

from starlette.applications import Starlette
from starlette.authentication import (
    AuthCredentials,
    AuthenticationBackend,
    AuthenticationError,
    SimpleUser,
    requires,
)
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

from benchmarks.stackrules import FIELDS, HOSTS, ORIGINS, TOKENS, Window


class Fields:
    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        async def adding(message):
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(FIELDS)
            await send(message)

        await self.app(scope, receive, adding if scope["type"] == "http" else send)


class Limit:
    def __init__(self, app):
        self.app = app
        self.window = Window()

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        left = self.window.left(scope["client"][0])
        if left < 0:
            return await PlainTextResponse("Too Many Requests", 429)(scope, receive, send)

        async def telling(message):
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["x-ratelimit-remaining"] = str(left)
            await send(message)

        return await self.app(scope, receive, telling)


class Bearer(AuthenticationBackend):
    async def authenticate(self, conn):
        field = conn.headers.get("authorization")
        if not field:
            return None
        scheme, _, token = field.partition(" ")
        user = TOKENS.get(token)
        if scheme.lower() != "bearer" or user is None:
            raise AuthenticationError("The token is not known.")
        return AuthCredentials(["authenticated"]), SimpleUser(user)


@requires("authenticated", status_code=401)
async def secure(request):
    return JSONResponse({"user": request.user.username, "ok": True})


async def plaintext(request):  # noqa: ARG001 - endpoints take the request
    return PlainTextResponse("Hello, World!")


app = Starlette(
    routes=[Route("/secure", secure), Route("/plaintext", plaintext)],
    middleware=[
        Middleware(Fields),
        Middleware(TrustedHostMiddleware, allowed_hosts=list(HOSTS)),
        Middleware(CORSMiddleware, allow_origins=ORIGINS, allow_credentials=True),
        Middleware(Limit),
        Middleware(AuthenticationMiddleware, backend=Bearer()),
    ],
)
