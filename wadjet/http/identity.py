"""Who is asking: what the other rooms may know of users and sessions."""

from __future__ import annotations

from typing import Any, Protocol

__all__ = ["AnonymousUser", "Identification", "User"]


class User(Protocol):
    """Whoever made the request."""

    @property
    def is_authenticated(self) -> bool:
        """Whether credentials have shown who it is."""


class AnonymousUser:
    """Nobody that is known. Falsy, so that ``if request.user`` asks the right question."""

    __slots__ = ()
    is_authenticated = False

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return "<AnonymousUser>"


class Identification(Protocol):
    """What finds out who made a request, when somebody asks."""

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to find out, and nobody to be told of it."""

    def settle(self, request: Any, /) -> None:
        """Find out, once, and leave it on the request as ``user`` and ``auth``.

        Raises:
            AuthenticationFailed: the credentials are not good, and nobody was told so far.
        """

    def dismiss(self) -> None:
        """Find out nothing any more: somebody else has said who it is."""
