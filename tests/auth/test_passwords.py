"""Passwords: a few at a time, off the loop; who comes too many is told to come again."""

from __future__ import annotations

import asyncio
import threading

import pytest

from wadjet.auth import Passwords
from wadjet.http.exceptions import ServiceUnavailable
from wadjet.security.passwords import Argon2

QUICK = Argon2(1, 8, 1)


class Held(Argon2):
    """Hashes when it is let go."""

    def __init__(self) -> None:
        super().__init__(1, 8, 1)
        self.begun = threading.Semaphore(0)
        self.gate = threading.Event()

    def hash(self, password: str) -> str:
        self.begun.release()
        assert self.gate.wait(10)
        return super().hash(password)


def test_a_password_is_hashed_and_checked_in_a_thread_of_its_own() -> None:
    names: list[str] = []

    class Noting(Argon2):
        def verify(self, kept: str | None, password: str) -> bool:
            names.append(threading.current_thread().name)
            return super().verify(kept, password)

    async def check() -> list[bool]:
        passwords = Passwords(Noting(1, 8, 1), threads=1)
        kept = await passwords.hash("right")
        found = [(await passwords.check(given, "right")).is_right for given in (kept, None, "broken")]
        passwords.close()
        return found

    assert asyncio.run(check()) == [True, False, False]
    assert all(name.startswith("wadjet-password") for name in names)


def test_a_hash_with_other_parameters_is_renewed_where_the_password_is_right() -> None:
    kept = Argon2(2, 8, 1).hash("right")

    async def check(password: str) -> tuple[bool, str | None]:
        passwords = Passwords(QUICK)
        found = await passwords.check(kept, password)
        passwords.close()
        return found

    is_right, renewed = asyncio.run(check("right"))
    assert is_right
    assert renewed is not None
    assert QUICK.verify(renewed, "right")
    assert not QUICK.is_outdated(renewed)
    assert asyncio.run(check("wrong")) == (False, None)


def test_one_too_many_is_answered_503_and_who_gives_up_counts_until_the_thread_is_done() -> None:
    async def crowd() -> None:
        hasher = Held()
        passwords = Passwords(hasher, threads=1, queue=1)
        first, second = (asyncio.ensure_future(passwords.hash("x")) for _ in range(2))
        await asyncio.to_thread(hasher.begun.acquire, timeout=10)
        with pytest.raises(ServiceUnavailable) as refused:
            await passwords.hash("x")
        assert refused.value.headers["retry-after"] == "1"
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        with pytest.raises(ServiceUnavailable):
            await passwords.hash("x")
        second.cancel()  # it has not begun, and never will
        await asyncio.gather(second, return_exceptions=True)
        hasher.gate.set()
        assert await passwords.hash("x")
        passwords.close()

    asyncio.run(crowd())


def test_the_usual_hasher_is_made_where_none_is_given() -> None:
    assert Passwords().hasher.is_outdated(QUICK.hash("x"))
