"""Litestar's hosts, CORS and limit; its base class of authentication; security fields are merged when it starts."""
# mypy: ignore-errors
# The peer is installed in its own environment, where no type checker looks.

import os

from litestar import Litestar, MediaType, Request, get
from litestar.config.allowed_hosts import AllowedHostsConfig
from litestar.config.cors import CORSConfig
from litestar.datastructures import ResponseHeader
from litestar.exceptions import NotAuthorizedException
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult, DefineMiddleware
from litestar.middleware.rate_limit import RateLimitConfig

from benchmarks.stackrules import FIELDS, HOSTS, LIMIT, ORIGINS, TOKENS


class Bearer(AbstractAuthenticationMiddleware):
    async def authenticate_request(self, connection):
        scheme, _, token = connection.headers.get("authorization", "").partition(" ")
        user = TOKENS.get(token)
        if scheme.lower() != "bearer" or user is None:
            raise NotAuthorizedException
        return AuthenticationResult(user=user, auth=token)


@get("/secure")
async def secure(request: Request) -> dict:
    return {"user": request.user, "ok": True}


@get("/plaintext", media_type=MediaType.TEXT, opt={"exclude_from_auth": True})
async def plaintext() -> str:
    return "Hello, World!"


# It compares the port too.
hosts = [*HOSTS, f"127.0.0.1:{os.environ['PORT']}"]
app = Litestar(
    [secure, plaintext],
    openapi_config=None,
    allowed_hosts=AllowedHostsConfig(allowed_hosts=hosts),
    cors_config=CORSConfig(allow_origins=list(ORIGINS), allow_credentials=True),
    middleware=[RateLimitConfig(rate_limit=("minute", LIMIT)).middleware, DefineMiddleware(Bearer)],
    response_headers=[ResponseHeader(name=name, value=value) for name, value in FIELDS.items()],
)
