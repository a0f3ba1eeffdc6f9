"""Users and tokens as rows: ready for ``AUTH_USERS`` and for what authenticates by tokens."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ..db import Model
from .tokens import KeptToken, new_token

__all__ = ["DatabaseTokens", "DatabaseUsers", "Token", "User"]


class User(Model):
    """Somebody who may log in. Its table is ``wadjet_user``; more about people belongs in a table that refers to it."""

    __tablename__ = "wadjet_user"
    __hidden__ = frozenset({"password"})

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(150), unique=True)
    #: What is kept of the password; None for who has none.
    password: Mapped[str | None] = mapped_column(default=None)
    is_active: Mapped[bool] = mapped_column(default=True)
    is_staff: Mapped[bool] = mapped_column(default=False)
    is_superuser: Mapped[bool] = mapped_column(default=False)
    roles: Mapped[list[str]] = mapped_column(default=list)
    permissions: Mapped[list[str]] = mapped_column(default=list)
    created_at: Mapped[datetime] = mapped_column(default=lambda: datetime.now(UTC))

    is_authenticated: ClassVar[bool] = True

    def has_perm(self, name: str) -> bool:
        """Tell whether the user has a permission."""
        return name in (self.permissions or ())


class Token(Model):
    """What is kept of a token: its digest, whose it is, and how long it is good. Its table is ``wadjet_token``."""

    __tablename__ = "wadjet_token"
    __hidden__ = frozenset({"digest"})

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("wadjet_user.id", ondelete="CASCADE"), index=True)
    #: In seconds since the epoch; None for never.
    expires: Mapped[float | None]
    scopes: Mapped[list[str]] = mapped_column(default=list)
    created_at: Mapped[datetime] = mapped_column(default=lambda: datetime.now(UTC))
    user: Mapped[User] = relationship()


class DatabaseUsers:
    """Users of the database: ``AUTH_USERS = "wadjet.auth.models.DatabaseUsers"``."""

    __slots__ = ()

    async def by_id(self, identifier: str, /) -> User | None:
        """Return the user with an id; None where there is none, or it is no id."""
        if not (identifier.isascii() and identifier.isdigit()):
            return None
        return await User.objects.get_or_none(id=int(identifier[:20]))

    async def by_name(self, name: str, /) -> User | None:
        """Return the user with a name; None where there is none, or nobody can have it."""
        if "\x00" in name or not _is_text(name):
            return None
        return await User.objects.get_or_none(username=name)

    async def keep_password(self, user: Any, kept: str, /) -> None:
        """Keep a password that was hashed anew."""
        user.password = kept
        await user.save()


class DatabaseTokens:
    """Tokens of the database, for ``TokenAuthentication(DatabaseTokens())`` and for API keys."""

    __slots__ = ()

    async def find(self, digest: str, /) -> KeptToken | None:
        """Return what is kept of the token with this digest, and its user."""
        found = await Token.objects.prefetch("user").get_or_none(digest=digest)
        return None if found is None else KeptToken(found.user, found.expires, frozenset(found.scopes))

    async def issue(
        self, user: User, *, seconds: float | None = None, scopes: frozenset[str] = frozenset()
    ) -> str:
        """Make a token for a user, and return it: only its digest is kept.

        Args:
            user: whose it is.
            seconds: how long it is good; None for ever.
            scopes: what it is good for.
        """
        token, digest = new_token()
        expires = None if seconds is None else time.time() + seconds
        await Token.objects.create(digest=digest, user_id=user.id, expires=expires, scopes=sorted(scopes))
        return token

    async def revoke(self, user: User) -> int:
        """End all tokens of a user, and return how many there were."""
        return await Token.objects.filter(user_id=user.id).delete()


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
