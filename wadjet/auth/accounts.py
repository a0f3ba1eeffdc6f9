"""Accounts: names and passwords become users."""

from __future__ import annotations

import inspect
from typing import Any

from ..conf.settings import Settings
from ..errors import ConfigError
from .named import imported
from .passwords import Passwords
from .users import UserSource, is_active, settled

__all__ = ["Accounts", "accounts_of"]


class Accounts:
    """Users, and the check of their passwords.

    Args:
        users: knows them.
        passwords: checks what is kept of theirs; made when it is first needed unless given.
    """

    def __init__(self, users: UserSource, passwords: Passwords | None = None) -> None:
        self.users = users
        self._passwords = passwords

    @property
    def passwords(self) -> Passwords:
        """What hashes and checks passwords."""
        if self._passwords is None:
            self._passwords = Passwords()
        return self._passwords

    async def authenticate(self, username: str, password: str) -> Any:
        """Return the user with a name and a password; None where they are wrong, or the user may not come in.

        An unknown name costs as much as a known one. What is kept is hashed anew if the parameters have changed.

        Raises:
            ServiceUnavailable: too many passwords wait to be checked.
        """
        user = await settled(self.users.by_name(username))
        kept = None if user is None else user.password
        checked = await self.passwords.check(kept, password)
        if user is None or not checked.is_right or not is_active(user):
            return None
        if checked.renewed is not None:
            pending = self.users.keep_password(user, checked.renewed)
            if inspect.isawaitable(pending):
                await pending
            # What is kept now belongs to the session that begins: a source need not change the user that it gave.
            user = await settled(self.users.by_name(username))
        return user

    def close(self) -> None:
        """Let go of threads."""
        if self._passwords is not None:
            self._passwords.close()


def accounts_of(settings: Settings) -> Accounts | None:
    """Return the users of ``AUTH_USERS`` with the check of their passwords; None where it is not set.

    Raises:
        ConfigError: it cannot be imported, or does not know users.
    """
    users = imported(settings.AUTH_USERS, "AUTH_USERS")
    if isinstance(users, type):
        users = users()
    if users is None:
        return None
    if not all(callable(getattr(users, name, None)) for name in ("by_id", "by_name")):
        raise ConfigError(f"AUTH_USERS: {users!r} does not know users; it needs by_id() and by_name()")
    return Accounts(users)
