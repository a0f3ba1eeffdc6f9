"""Revoked tokens: known until they would have expired; where nobody answers, the setting decides."""

from __future__ import annotations

import asyncio
import secrets
import time
from typing import Any

import pytest

from tests.redisserver import RedisServer
from wadjet.auth import JWTKey, JWTs, MemoryRevoked, StoreRevoked
from wadjet.errors import ConfigError
from wadjet.http.exceptions import AuthenticationFailed, ServiceUnavailable
from wadjet.stores.memory import MemoryStore
from wadjet.stores.redis import RedisStore
from wadjet.stores.store import StoreUnavailable

KEY = JWTKey(b"a secret of at least thirty-two bytes")


class Away(MemoryStore):
    """A store that does not answer."""

    async def get(self, key: str) -> bytes | None:
        raise StoreUnavailable

    async def add(self, key: str, value: bytes, ttl: float | None = None) -> bool:
        raise StoreUnavailable


def test_a_token_is_revoked_once() -> None:
    revoked = MemoryRevoked()
    assert not revoked.has("a")
    assert revoked.add("a", 10)
    assert not revoked.add("a", 10)
    assert revoked.has("a")


def test_what_has_expired_is_forgotten_and_nothing_else() -> None:
    now = 0.0
    revoked = MemoryRevoked(lambda: now)
    for number in range(200):
        revoked.add(f"old {number}", 10)
    revoked.add("lasting", 1000)
    now = 100.0
    for number in range(400):
        revoked.add(f"new {number}", 200)
    assert revoked.has("lasting")
    assert not revoked.has("old 1")
    assert all(revoked.has(f"new {number}") for number in range(400))


def test_a_store_knows_revoked_tokens_until_they_expire() -> None:
    now = 100.0

    async def check() -> list[bool]:
        revoked = StoreRevoked(MemoryStore(10_000, lambda: now), clock=lambda: now)
        found = [await revoked.add("a", 110), await revoked.add("a", 110), await revoked.has("a")]
        found += [await revoked.add("gone", 99), await revoked.has("gone")]
        nonlocal_now(111.0)
        return [*found, await revoked.has("a")]

    def nonlocal_now(value: float) -> None:
        nonlocal now
        now = value

    assert asyncio.run(check()) == [True, False, True, True, False, False]


@pytest.mark.parametrize("on_error", ["deny", "allow"])
def test_while_nobody_answers_tokens_are_denied_or_allowed_and_none_is_revoked(on_error: str) -> None:
    revoked = StoreRevoked(Away(1000), on_error=on_error, clock=lambda: 0.0)

    def has() -> Any:
        return asyncio.run(revoked.has("a"))

    if on_error == "allow":
        assert has() is False
    else:
        with pytest.raises(ServiceUnavailable):
            has()
    with pytest.raises(ServiceUnavailable):
        asyncio.run(revoked.add("a", 10))


def test_another_word_is_refused() -> None:
    with pytest.raises(ConfigError, match="not one of allow, deny"):
        StoreRevoked(MemoryStore(10), on_error="maybe")


# -- in Redis -----------------------------------------------------------------------------------------------------------------


def test_two_processes_know_what_either_has_revoked_in_redis(shared_redis: RedisServer) -> None:
    async def check() -> list[bool]:
        one, other = RedisStore(shared_redis.url, timeout=60), RedisStore(shared_redis.url, timeout=60)
        mine, theirs = StoreRevoked(one), StoreRevoked(other)
        until = time.time() + 60
        names = [secrets.token_hex(8) for _ in range(2)]
        try:
            found = [await mine.add(names[0], until), await theirs.add(names[0], until)]
            return [*found, await theirs.has(names[0]), await theirs.has(names[1])]
        finally:
            await one.close()
            await other.close()

    assert asyncio.run(check()) == [True, False, True, False]


@pytest.mark.parametrize("seconds", [1e-4, 0.5, 1e12, 1e30, 10**40], ids=str)
def test_a_token_of_any_length_of_life_is_revoked_in_redis(shared_redis: RedisServer, seconds: float) -> None:
    async def check() -> bool:
        store = RedisStore(shared_redis.url, timeout=60)
        try:
            return await StoreRevoked(store, clock=lambda: 0.0).add(secrets.token_hex(8), seconds)
        finally:
            await store.close()

    assert asyncio.run(check())


def test_while_redis_is_away_tokens_are_answered_503_or_believed(own_redis: RedisServer) -> None:
    now = 0.0

    stores = [RedisStore(own_redis.url, timeout=60, clock=lambda: now) for _ in range(2)]

    def tokens(store: RedisStore, on_error: str) -> JWTs:
        return JWTs([KEY], audience="shop", revoked=StoreRevoked(store, on_error=on_error))

    async def check() -> None:
        nonlocal now
        denying, believing = tokens(stores[0], "deny"), tokens(stores[1], "allow")
        token = denying.issue("7")
        claims = denying.read(token)
        await denying.check_revoked(claims)
        own_redis.stop()
        await believing.check_revoked(claims)
        for asked in (denying.check_revoked(claims), denying.revoke(token)):
            with pytest.raises(ServiceUnavailable):
                await asked
        own_redis.start()
        now += 1  # by then it is asked again
        await denying.revoke(token)
        for jwts in (denying, believing):
            with pytest.raises(AuthenticationFailed):
                await jwts.check_revoked(claims)
        for store in stores:
            await store.close()

    asyncio.run(check())
