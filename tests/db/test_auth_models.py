"""Users and tokens as rows, for the authentication that stands."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.driving import exchange
from wadjet import Request, Wadjet
from wadjet.auth import TokenAuthentication, digest_of
from wadjet.auth.accounts import Accounts
from wadjet.auth.models import DatabaseTokens, DatabaseUsers, Token, User
from wadjet.db import Database, IntegrityError
from wadjet.media import json
from wadjet.middleware import DatabaseMiddleware
from wadjet.middleware.auth import AuthenticationMiddleware


def test_a_user_logs_in_and_the_password_is_shown_to_nobody(url: str) -> None:
    async def work() -> None:
        async with Database(url) as database:
            await database.create_all(User.metadata)
            accounts = Accounts(DatabaseUsers())
            kept = await accounts.passwords.hash("a long passphrase")
            user = await User.objects.create(username="anna", password=kept, permissions=["read"])
            found = await accounts.authenticate("anna", "a long passphrase")
            assert found is not None
            assert (found.id, found.has_perm("read"), found.has_perm("write")) == (user.id, True, False)
            assert await accounts.authenticate("anna", "wrong") is None
            assert await accounts.authenticate("bob", "wrong") is None
            assert b"password" not in json.dumps(user)
            assert "password" not in user._to_dict()
            users = DatabaseUsers()
            assert (await users.by_id(str(user.id))) is not None
            for identifier in ("", "x", "-1", "9" * 50, "٣"):
                assert await users.by_id(identifier) is None
            for name in ("nobody", "a\x00", "\ud800", "x" * 500):
                assert await users.by_name(name) is None
            await users.keep_password(user, "new")
            assert (await User.objects.get(id=user.id)).password == "new"
            with pytest.raises(IntegrityError):
                await User.objects.create(username="anna")
            accounts.close()

    asyncio.run(work())


def test_a_token_opens_and_its_digest_is_all_that_is_kept(url: str) -> None:
    tokens: Any = DatabaseTokens()
    ways = [TokenAuthentication(tokens)]

    async def work() -> None:
        async with Database(url) as database:
            app = Wadjet(
                middleware=[
                    (DatabaseMiddleware, {"database": database}),
                    (AuthenticationMiddleware, {"backends": ways}),
                ]
            )

            @app.get("/")
            async def index(request: Request) -> str:
                return str(getattr(request.user, "username", "nobody"))

            await database.create_all(User.metadata)
            user = await User.objects.create(username="anna")
            token = await tokens.issue(user, scopes=frozenset({"read"}))
            old = await tokens.issue(user, seconds=-1)
            assert {row["user_id"] for row in await Token.objects.values()} == {user.id}
            assert await Token.objects.filter(digest=digest_of(token)).exists()

            async def asks(token: str) -> tuple[int, bytes]:
                answer = await exchange(app, headers=[("authorization", f"Bearer {token}")])
                return answer.status, answer.body

            assert await asks(token) == (200, b"anna")
            assert [(await asks(each))[0] for each in (old, "nonsense")] == [401, 401]
            assert await tokens.revoke(user) == 2
            assert (await asks(token))[0] == 401
            assert database.pool.in_use == 0

    asyncio.run(work())
