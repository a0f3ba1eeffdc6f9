"""Basic: a name and a password with every request (RFC 7617). Each is checked as a login is, and costs as much."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from ..conf.settings import Settings
from ..errors import ConfigError
from ..http.authorization import Authorization, Challenge
from ..http.exceptions import AuthenticationFailed
from ..http.request import Request
from .accounts import Accounts
from .identity import Authentication, Found, Identity, credentials

__all__ = ["BasicAuthentication"]


class BasicAuthentication(Authentication):
    """A name and a password: ``Authorization: Basic …``. Only over https: whoever sees a request has the password.

    Args:
        accounts: checks them.
        realm: what they are for; browsers show it.

    Raises:
        ConfigError: a realm that no field can have.
    """

    name = "basic"
    is_resent = True

    def __init__(self, accounts: Accounts, *, realm: str = "Login") -> None:
        self._accounts = accounts
        try:
            self._challenge = Challenge("Basic", realm=realm, charset="UTF-8")
        except ValueError as error:
            raise ConfigError(f"realm={realm!r}: {error}") from error

    @classmethod
    def of(cls, settings: Settings, accounts: Accounts | None) -> Self:  # noqa: ARG003 - others need them
        """Make one with the users of the application.

        Raises:
            ConfigError: nothing knows any.
        """
        if accounts is None:
            raise ConfigError(
                "BasicAuthentication: nothing knows users; set AUTH_USERS to what does: an object with by_id() and by_name()"
            )
        return cls(accounts)

    def must_wait(self, request: Request) -> bool:
        """Tell whether there is an Authorization field."""
        return request.header(b"authorization") is not None

    async def authenticate(self, request: Request) -> Found:
        """Check the name and the password."""
        given = credentials(request, "basic")
        if given is None:
            return None
        try:
            read = Authorization("Basic", given)
        except ValueError as error:
            raise AuthenticationFailed from error
        if read.username is None or read.password is None:
            raise AuthenticationFailed
        user = await self._accounts.authenticate(read.username, read.password)
        if user is None:
            raise AuthenticationFailed
        return Identity(user, {"type": "basic"})

    def challenge(self) -> Challenge:
        """Return the challenge, which browsers ask for a password because of."""
        return self._challenge

    def scheme(self) -> Mapping[str, Any]:
        """Return the scheme ``http``."""
        return {"type": "http", "scheme": "basic"}
