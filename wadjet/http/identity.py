"""Who is asking: what the other rooms may know of users and sessions."""

from __future__ import annotations

from typing import Protocol

__all__ = ["AnonymousUser", "User"]


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
