"""Revoked tokens: known until they would have expired; where nobody answers, the setting decides."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from wadjet.auth import MemoryRevoked, StoreRevoked
from wadjet.errors import ConfigError
from wadjet.http.exceptions import ServiceUnavailable
from wadjet.stores.memory import MemoryStore
from wadjet.stores.store import StoreUnavailable


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
