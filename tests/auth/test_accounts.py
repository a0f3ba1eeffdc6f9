"""Accounts: a name and a password are a user, or nobody."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import Any

import pytest

from wadjet import Settings
from wadjet.auth import Accounts, MemoryUser, MemoryUsers, Passwords
from wadjet.auth.accounts import accounts_of
from wadjet.errors import ConfigError
from wadjet.security.passwords import Argon2

QUICK = Argon2(1, 8, 1)
KEPT = QUICK.hash("right")


class Counting(Argon2):
    """Counts its checks."""

    def __init__(self) -> None:
        super().__init__(1, 8, 1)
        self.checks = 0

    def verify(self, kept: str | None, password: str) -> bool:
        self.checks += 1
        return super().verify(kept, password)


class SlowUsers(MemoryUsers):
    """Users that have to be waited for."""

    async def by_name(self, name: str, /) -> MemoryUser | None:  # type: ignore[override]  # either is a UserSource
        await asyncio.sleep(0)
        return super().by_name(name)

    async def keep_password(self, user: MemoryUser, kept: str, /) -> None:  # type: ignore[override]  # likewise
        await asyncio.sleep(0)
        super().keep_password(user, kept)


def people(kind: type[MemoryUsers] = MemoryUsers) -> MemoryUsers:
    return kind(
        [
            MemoryUser(1, "ann", KEPT),
            MemoryUser(2, "bob", KEPT, is_active=False),
            MemoryUser(3, "cat"),
            MemoryUser(4, "dan", "!"),
        ]
    )


def checked(accounts: Accounts, username: str, password: str) -> Any:
    try:
        return asyncio.run(accounts.authenticate(username, password))
    finally:
        accounts.close()


@pytest.mark.parametrize("kind", [MemoryUsers, SlowUsers])
def test_the_right_password_is_a_user_and_all_else_is_nobody(kind: type[MemoryUsers]) -> None:
    accounts = Accounts(people(kind), Passwords(QUICK))
    assert checked(accounts, "ann", "right").id == 1
    for username, password in [
        ("ann", "wrong"),
        ("bob", "right"),
        ("cat", ""),
        ("dan", "!"),
        ("eve", "right"),
    ]:
        assert checked(accounts, username, password) is None


def test_jwt_74_each_attempt_costs_one_check_whoever_it_names() -> None:
    hasher = Counting()
    accounts = Accounts(people(), Passwords(hasher))
    costs = set()
    for username in ("ann", "bob", "cat", "dan", "eve"):
        hasher.checks = 0
        checked(accounts, username, "wrong")
        costs.add(hasher.checks)
    assert costs == {1}


@pytest.mark.parametrize("kind", [MemoryUsers, SlowUsers])
def test_a_password_is_hashed_anew_where_the_parameters_have_changed(kind: type[MemoryUsers]) -> None:
    users = people(kind)
    accounts = Accounts(users, Passwords(Argon2(2, 8, 1)))
    assert checked(accounts, "ann", "right").id == 1
    renewed = asyncio.run(_found(users))
    assert renewed != KEPT
    assert checked(accounts, "ann", "right").id == 1
    assert asyncio.run(_found(users)) == renewed


async def _found(users: MemoryUsers) -> str | None:
    user = users._by_name["ann"]
    return user.password


def test_nothing_is_made_of_passwords_before_one_is_checked() -> None:
    accounts = Accounts(people())
    accounts.close()
    assert accounts._passwords is None
    assert accounts.passwords is accounts.passwords


def test_settings_name_users() -> None:
    users = people()
    found = accounts_of(Settings(AUTH_USERS=users))
    assert found is not None
    assert found.users is users
    made = accounts_of(Settings(AUTH_USERS="wadjet.auth.MemoryUsers"))
    assert made is not None
    assert isinstance(made.users, MemoryUsers)
    assert accounts_of(Settings()) is None


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("wadjet.auth.Nowhere", "cannot be imported"),
        ("nowhere", "cannot be imported"),
        (7, "does not know users"),
    ],
)
def test_settings_that_name_none_are_refused(value: object, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        accounts_of(Settings(AUTH_USERS=value))


class Rows(MemoryUsers):
    """Gives users that do not change: a new one each time."""

    def by_name(self, name: str, /) -> MemoryUser | None:
        found = super().by_name(name)
        return None if found is None else dataclasses.replace(found)

    def keep_password(self, user: MemoryUser, kept: str, /) -> None:
        self.put(dataclasses.replace(user, password=kept))


def test_who_logs_in_has_the_password_that_is_kept_now() -> None:
    users = people(Rows)
    user = checked(Accounts(users, Passwords(Argon2(2, 8, 1))), "ann", "right")
    kept = users.by_name("ann")
    assert kept is not None
    assert user.password == kept.password != KEPT
