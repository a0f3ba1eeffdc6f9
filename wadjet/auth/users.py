"""Users: what is asked of one, of what knows them, and a source of them in memory."""

from __future__ import annotations

import dataclasses
import hmac
import inspect
from collections.abc import Awaitable, Iterable
from typing import Any, Protocol, TypeAlias, TypeVar

from ..errors import ConfigError

__all__ = ["Maybe", "MemoryUser", "MemoryUsers", "UserSource", "is_active", "key_of", "settled", "stamp_of"]

T = TypeVar("T")
#: What a source may have to look up first.
Maybe: TypeAlias = T | Awaitable[T | None] | None


class UserSource(Protocol):
    """What knows users. Each method may be ``async def``, or not.

    A user has ``is_authenticated``, and ``id`` or ``pk``. It may have ``password`` (what is kept of it), ``is_active``,
    ``is_staff``, ``is_superuser``, ``roles``, and ``has_perm(name)``, which may be ``async def``.
    """

    def by_id(self, identifier: str, /) -> Maybe[Any]:
        """Return the user whose ``id``, as text, this is; None where there is none."""

    def by_name(self, name: str, /) -> Maybe[Any]:
        """Return the user who logs in by this name; None where there is none."""

    def keep_password(self, user: Any, kept: str, /) -> Awaitable[None] | None:
        """Keep a password that was hashed anew."""


async def settled(pending: Maybe[T]) -> T | None:
    """Wait for what a source returned, if it has to be waited for."""
    if inspect.isawaitable(pending):
        found: T | None = await pending
        return found
    return pending


def key_of(user: Any) -> str:
    """Return what tells a user from others.

    Raises:
        ConfigError: the user has neither ``pk`` nor ``id``.
    """
    for name in ("pk", "id"):
        value = getattr(user, name, None)
        if value is not None:
            return str(value)
    raise ConfigError(
        f"{type(user).__qualname__} has neither pk nor id: there is no way to find the user again"
    )


def is_active(user: Any) -> bool:
    """Tell whether a user may come in."""
    return bool(getattr(user, "is_active", True))


def stamp_of(user: Any) -> str:
    """Return what changes with the password of a user: sessions that were begun before are over then."""
    kept: str | None = getattr(user, "password", None)
    # SECURITY: it stands in sessions, which clients may read; it tells nothing of what is kept.
    return hmac.digest(kept.encode(), b"wadjet.auth.session", "sha256").hex()[:32] if kept else ""


@dataclasses.dataclass
class MemoryUser:
    """A user as :class:`MemoryUsers` has them."""

    id: int
    username: str
    #: What is kept of the password; None for who has none.
    password: str | None = dataclasses.field(default=None, repr=False)
    is_active: bool = True
    is_staff: bool = False
    is_superuser: bool = False
    roles: frozenset[str] = frozenset()
    permissions: frozenset[str] = frozenset()
    is_authenticated: bool = dataclasses.field(default=True, init=False, repr=False)

    def has_perm(self, name: str) -> bool:
        """Tell whether the user has a permission."""
        return name in self.permissions


class MemoryUsers:
    """Users that are known as long as this process runs: for tests, and for a few who are written down in the code.

    Args:
        users: those known from the beginning.
    """

    def __init__(self, users: Iterable[MemoryUser] = ()) -> None:
        self._by_id: dict[str, MemoryUser] = {}
        self._by_name: dict[str, MemoryUser] = {}
        for user in users:
            self.put(user)

    def put(self, user: MemoryUser) -> None:
        """Know a user from now on.

        Raises:
            ValueError: another one has the name.
        """
        if self._by_name.get(user.username, user).id != user.id:
            raise ValueError(f"the name {user.username!r} is taken")
        self._by_id[str(user.id)] = self._by_name[user.username] = user

    def by_id(self, identifier: str, /) -> MemoryUser | None:
        """Return the user with an id."""
        return self._by_id.get(identifier)

    def by_name(self, name: str, /) -> MemoryUser | None:
        """Return the user with a name."""
        return self._by_name.get(name)

    def keep_password(self, user: MemoryUser, kept: str, /) -> None:
        """Keep a password that was hashed anew."""
        user.password = kept
