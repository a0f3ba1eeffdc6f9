"""Logging in and out, and checking who does."""

from __future__ import annotations

from typing import Any

from ..errors import ConfigError
from ..http.identity import AnonymousUser
from ..http.request import Request
from .accounts import Accounts
from .question import Question, question_of
from .sessions import enter, leave

__all__ = ["accounts_of", "authenticate", "login", "logout"]


async def authenticate(request: Request, *, username: str, password: str) -> Any:
    """Return the user with a name and a password, as AuthenticationMiddleware knows users; None where they are wrong.

    Raises:
        ConfigError: nothing knows users.
        ServiceUnavailable: too many passwords wait to be checked.
    """
    return await accounts_of(request, "authenticate").authenticate(username, password)


async def login(request: Request, user: Any) -> None:
    """Let a user be who is asking, from now on and in this session, which gets another key; so do CSRF tokens.

    Args:
        request: of the client.
        user: whose password was right.

    Raises:
        ConfigError: there are no sessions, nothing knows users, or this one cannot be found again.
    """
    question = _question(request, "login")
    if question.backends.accounts is None:
        raise ConfigError(
            "login(): nobody would know the user at the next request; set AUTH_USERS to what does: an object with by_id() "
            "and by_name(), or its dotted path"
        )
    await enter(request, user)
    question.answer(request, user, {"type": "session"})
    request.rotate_csrf_token()


async def logout(request: Request) -> None:
    """End the session of whoever is asking: nobody is, from now on. CSRF tokens that were given before are good no more.

    Raises:
        ConfigError: there are no sessions.
    """
    question = _question(request, "logout")
    await leave(request)
    question.answer(request, AnonymousUser(), {"type": "none"})
    request.rotate_csrf_token()


def accounts_of(request: Request, what: str) -> Accounts:
    """Return what knows the users of an application.

    Args:
        request: to it.
        what: who wants to know, for the message.

    Raises:
        ConfigError: nothing does.
    """
    accounts = _question(request, what).backends.accounts
    if accounts is None:
        raise ConfigError(
            f"{what}(): nothing knows users; set AUTH_USERS to what does: an object with by_id() and by_name()"
        )
    return accounts


def _question(request: Request, what: str) -> Question:
    question = question_of(request)
    if question is None:
        raise ConfigError(f"{what}(): nothing finds out who is asking; add AuthenticationMiddleware")
    return question
