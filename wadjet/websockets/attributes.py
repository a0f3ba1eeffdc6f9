"""What a conversation knows of its handshake, under the names that a request has for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..http.headers import Headers
from ..http.request import Request
from ..http.urls import URL, QueryParams

__all__ = ["HandshakeAttributes"]


class HandshakeAttributes:
    """The attributes of the handshake that handlers want most; the others are those of ``request``."""

    __slots__ = ()

    #: The handshake.
    request: Request

    @property
    def app(self) -> Any:
        """The application."""
        return self.request.app

    @property
    def url(self) -> URL:
        """The whole address: ``ws://`` or ``wss://``."""
        return self.request.url

    @property
    def path(self) -> str:
        """The path, decoded."""
        return self.request.path

    @property
    def path_params(self) -> dict[str, Any]:
        """What the path captured."""
        return self.request.path_params

    @property
    def query_params(self) -> QueryParams:
        """The query."""
        return self.request.query_params

    @property
    def headers(self) -> Headers:
        """The fields."""
        return self.request.headers

    @property
    def cookies(self) -> Mapping[str, str]:
        """The cookies."""
        return self.request.cookies

    @property
    def client(self) -> Any:
        """The client's address and port; None where nobody knows."""
        return self.request.client

    @property
    def state(self) -> Any:
        """What middleware and the handler keep with this conversation."""
        return self.request.state

    @property
    def user(self) -> Any:
        """Who is there, as AuthenticationMiddleware has found out before the handshake."""
        return self.request.user

    @property
    def auth(self) -> Any:
        """How that was found out."""
        return self.request.auth

    @property
    def session(self) -> Any:
        """The session as it was at the handshake; it can be read and not changed."""
        return self.request.session

    @property
    def subprotocols(self) -> tuple[str, ...]:
        """What the client offers to speak, in its order (RFC 6455 §1.9)."""
        return tuple(self.request.scope.get("subprotocols", ()))
