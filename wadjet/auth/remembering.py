"""``remember`` and ``forget``: logging in and out in the words of Pyramid, by which no view has to wait."""

from __future__ import annotations

from typing import Any

from ..errors import ConfigError
from ..http.request import Request
from ..http.response import Response
from .logins import accounts_of, login, logout
from .users import settled

__all__ = ["forget", "remember"]


def remember(request: Request, userid: object) -> list[tuple[str, str]]:
    """Log a user in, as :func:`~wadjet.auth.login` does, when there is a response, and if it is no error (Pyramid).

    Until then it stays who is asking.

    Args:
        request: of the client.
        userid: of the user, as ``by_id()`` of ``AUTH_USERS`` takes it.

    Returns:
        Fields for the response, as Pyramid's views want them: none, since the session's cookie leaves by itself.

    Raises:
        ConfigError: nothing knows users; and instead of the response, if there is no such user.
    """
    accounts = accounts_of(request, "remember")

    async def enter(request: Request, response: Response[Any]) -> None:
        if response.status_code >= 400:
            return
        user = await settled(accounts.users.by_id(str(userid)))
        if user is None:
            raise ConfigError(f"remember(request, {userid!r}): by_id() of AUTH_USERS knows no such user")
        await login(request, user)

    request.add_response_callback(enter)
    return []


def forget(request: Request) -> list[tuple[str, str]]:
    """Log out whoever is asking, as :func:`~wadjet.auth.logout` does, when there is a response, and if it is no error (Pyramid).

    Args:
        request: of the client.

    Returns:
        Fields for the response: none, as of :func:`remember`.

    Raises:
        ConfigError: nothing knows users.
    """
    accounts_of(request, "forget")

    async def leave(request: Request, response: Response[Any]) -> None:
        if response.status_code < 400:
            await logout(request)

    request.add_response_callback(leave)
    return []
