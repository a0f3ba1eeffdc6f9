"""Opaque tokens and API keys: known by their digests, until they expire or are revoked."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from tests.driving import run
from wadjet import Request, Wadjet
from wadjet.auth import (
    APIKeyAuthentication,
    Authentication,
    HasScope,
    IsAuthenticated,
    KeptToken,
    MemoryTokens,
    MemoryUser,
    TokenAuthentication,
    digest_of,
    new_token,
)
from wadjet.errors import ConfigError
from wadjet.middleware import AuthenticationMiddleware

ANN = MemoryUser(1, "ann")


def application(*backends: Authentication) -> Wadjet:
    app = Wadjet(middleware=[(AuthenticationMiddleware, {"backends": backends})])

    @app.get("/me", permission_classes=[IsAuthenticated])
    async def me(request: Request) -> Any:
        return f"{request.user.username} {request.auth['type']}"

    @app.get("/scoped", permission_classes=[HasScope("read")])
    async def scoped() -> str:
        return "scoped"

    return app


class SlowTokens(MemoryTokens):
    """Tokens that have to be waited for."""

    async def find(self, digest: str, /) -> KeptToken | None:  # type: ignore[override]  # either is a TokenSource
        await asyncio.sleep(0)
        return super().find(digest)


@pytest.mark.parametrize("kind", [MemoryTokens, SlowTokens])
def test_a_token_that_was_good_is_asked_for_each_time(kind: type[MemoryTokens]) -> None:
    tokens, user = kind(), MemoryUser(1, "ann")
    way = TokenAuthentication(tokens)
    app = application(way)
    token = tokens.issue(user)
    fields = [("authorization", f"Bearer {token}")]
    for status in (200, 200):
        assert run(app, "GET", "/me", headers=fields).status == status
    assert way._digests == {f"Bearer {token}".encode(): digest_of(token)}
    user.is_active = False
    assert run(app, "GET", "/me", headers=fields).status == 401
    user.is_active = True
    assert run(app, "GET", "/me", headers=fields).status == 200
    tokens.put(digest_of(token), KeptToken(user, expires=time.time() - 1))
    assert run(app, "GET", "/me", headers=fields).status == 401
    tokens.revoke(token)
    assert run(app, "GET", "/me", headers=fields).status == 401
    assert not way._digests  # of what was revoked nothing is kept here either
    tokens.put(digest_of(token), KeptToken(MemoryUser(2, "bob")))
    assert run(app, "GET", "/me", headers=fields).body == b"bob token"


def test_only_good_tokens_are_remembered_and_few_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wadjet.auth.tokens._MOST_DIGESTS", 2)
    tokens = MemoryTokens()
    way = TokenAuthentication(tokens)
    app = application(way)
    good = [tokens.issue(ANN) for _ in range(3)]
    for token in ("wrong", *good, "wrong"):
        run(app, "GET", "/me", headers=[("authorization", f"Bearer {token}")])
        assert len(way._digests) <= 2
    assert list(way._digests.values()) == [digest_of(good[-1])]


@pytest.mark.parametrize("kind", [MemoryTokens, SlowTokens])
def test_a_token_is_good_until_it_is_revoked(kind: type[MemoryTokens]) -> None:
    tokens = kind()
    token = tokens.issue(ANN, scopes=frozenset({"read"}))
    app = application(TokenAuthentication(tokens))
    fields = [("authorization", f"bearer {token}")]
    assert run(app, "GET", "/me", headers=fields).body == b"ann token"
    assert run(app, "GET", "/scoped", headers=fields).body == b"scoped"
    tokens.revoke(token)
    tokens.revoke(token)
    assert run(app, "GET", "/me", headers=fields).status == 401


def test_only_the_digest_is_kept() -> None:
    tokens = MemoryTokens()
    token = tokens.issue(ANN)
    assert token not in repr(tokens._kept)
    assert list(tokens._kept) == [digest_of(token)]
    assert new_token() != new_token()


@pytest.mark.parametrize(
    "kept",
    [
        KeptToken(ANN, expires=1.0),
        KeptToken(MemoryUser(2, "bob", is_active=False)),
    ],
    ids=["expired", "of a user who may not come in"],
)
def test_a_token_that_is_good_no_more_is_refused(kept: KeptToken) -> None:
    tokens = MemoryTokens()
    tokens.put(digest_of("t"), kept)
    app = application(TokenAuthentication(tokens))
    assert run(app, "GET", "/me", headers=[("authorization", "Bearer t")]).status == 401


def test_a_token_may_expire_later() -> None:
    tokens = MemoryTokens()
    token = tokens.issue(ANN, expires=time.time() + 1000)
    app = application(TokenAuthentication(tokens))
    assert run(app, "GET", "/me", headers=[("authorization", f"Bearer {token}")]).status == 200
    assert run(app, "GET", "/scoped", headers=[("authorization", f"Bearer {token}")]).status == 403


@pytest.mark.parametrize(
    "value", ["Bearer", "Bearer ", "Bearer \xff", "Bearer " + "a" * 2000, "Bearer digest", "Token t", "", "t"]
)
def test_what_is_no_known_token_is_401(value: str) -> None:
    tokens = MemoryTokens()
    tokens.put(digest_of("t"), KeptToken(ANN))
    sent = run(application(TokenAuthentication(tokens)), "GET", "/me", headers=[("authorization", value)])
    assert sent.status == 401


def test_a_digest_is_no_token() -> None:
    tokens = MemoryTokens()
    token = tokens.issue(ANN)
    value = f"Bearer {digest_of(token)}"
    assert (
        run(application(TokenAuthentication(tokens)), "GET", "/me", headers=[("authorization", value)]).status
        == 401
    )


def test_a_token_may_stand_under_another_scheme_with_a_realm() -> None:
    tokens = MemoryTokens()
    token = tokens.issue(ANN)
    app = application(TokenAuthentication(tokens, scheme="Token", realm="shop"))
    assert run(app, "GET", "/me", headers=[("authorization", f"token {token}")]).status == 200
    sent = run(app, "GET", "/me", headers=[("authorization", f"Bearer {token}")])
    assert (sent.status, sent.field(b"www-authenticate")) == (401, b'Token realm="shop"')
    with pytest.raises(ConfigError, match="is no scheme"):
        TokenAuthentication(tokens, scheme="two words")


@pytest.mark.parametrize("kind", [MemoryTokens, SlowTokens])
def test_an_api_key_stands_in_a_field_of_its_own(kind: type[MemoryTokens]) -> None:
    keys = kind()
    key = keys.issue(ANN)
    app = application(APIKeyAuthentication(keys, realm="shop"))
    assert run(app, "GET", "/me", headers=[("X-API-Key", key)]).body == b"ann apikey"
    assert run(app, "GET", f"/me?api_key={key}&X-API-Key={key}").status == 401
    assert run(app, "GET", "/me", headers=[("X-API-Key", key), ("X-API-Key", key)]).status == 401
    assert run(app, "GET", "/me", headers=[("X-API-Key", "\xff")]).status == 401
    sent = run(app, "GET", "/me")
    assert sent.field(b"www-authenticate") == b'ApiKey realm="shop", header="X-API-Key"'


def test_the_field_of_an_api_key_can_be_chosen() -> None:
    keys = MemoryTokens()
    key = keys.issue(ANN)
    app = application(APIKeyAuthentication(keys, header="X-Shop"))
    assert run(app, "GET", "/me", headers=[("x-shop", key)]).status == 200
    with pytest.raises(ConfigError, match="is no field"):
        APIKeyAuthentication(keys, header="a b")


def test_several_ways_are_asked_in_their_order_and_one_failure_does_not_hide_another_way() -> None:
    one, two, keys = MemoryTokens(), MemoryTokens(), MemoryTokens()
    token, key = two.issue(ANN), keys.issue(ANN)
    app = application(TokenAuthentication(one), TokenAuthentication(two), APIKeyAuthentication(keys))
    assert run(app, "GET", "/me", headers=[("authorization", f"Bearer {token}")]).body == b"ann token"
    both = [("authorization", "Bearer wrong"), ("x-api-key", key)]
    assert run(app, "GET", "/me", headers=both).body == b"ann apikey"
    sent = run(app, "GET", "/me", headers=[("authorization", "Bearer wrong")])
    assert sent.field(b"www-authenticate") == b'Bearer error="invalid_token", ApiKey header="X-API-Key"'


def test_a_class_that_needs_tokens_is_not_made_of_settings() -> None:
    with pytest.raises(ConfigError, match="give an instance instead of the class"):
        AuthenticationMiddleware(Wadjet(), backends=[TokenAuthentication])
