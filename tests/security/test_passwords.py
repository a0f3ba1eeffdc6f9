"""Argon2: what was hashed is known again, and nobody costs what somebody does."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wadjet.errors import ConfigError, MissingExtra
from wadjet.security.passwords import MOST_BYTES, Argon2

QUICK = Argon2(1, 8, 1)
KEPT = QUICK.hash("correct horse")


def test_a_password_is_known_again_and_no_other() -> None:
    assert QUICK.verify(KEPT, "correct horse")
    assert not QUICK.verify(KEPT, "Correct horse")
    assert KEPT.startswith("$argon2id$")
    assert QUICK.hash("correct horse") != KEPT


@settings(max_examples=30)
@given(st.text(max_size=60))
def test_any_text_may_be_a_password(password: str) -> None:
    assert QUICK.verify(QUICK.hash(password), password)


@pytest.mark.parametrize(
    "kept",
    [
        *(None, "", "plain", "$argon2id$v=19$broken", "$2b$12$bcrypt"),
        pytest.param(KEPT[:-4], id="too short"),
    ],
)
def test_what_is_no_hash_matches_no_password(kept: str | None) -> None:
    assert not QUICK.verify(kept, "correct horse")
    assert not QUICK.verify(kept, "nobody")


def test_a_lone_surrogate_is_a_password_too() -> None:
    assert QUICK.verify(QUICK.hash("\ud800"), "\ud800")


def test_a_longer_password_than_any_is_neither_kept_nor_believed() -> None:
    longest = "a" * MOST_BYTES
    assert QUICK.verify(QUICK.hash(longest), longest)
    assert not QUICK.verify(QUICK.hash(longest), longest + "a")
    with pytest.raises(ValueError, match="at most 1024 bytes"):
        QUICK.hash(longest + "a")


def test_other_parameters_make_a_hash_outdated() -> None:
    assert not QUICK.is_outdated(KEPT)
    assert Argon2(2, 8, 1).is_outdated(KEPT)


def test_jwt_74_nobody_costs_one_check_as_somebody_does(monkeypatch: pytest.MonkeyPatch) -> None:
    hasher = Argon2(1, 8, 1)
    hasher.verify(None, "warm")
    calls: list[str] = []
    verify = type(hasher._hasher).verify

    def counted(self: object, kept: str, given: bytes) -> bool:
        calls.append(kept.rsplit("$", 2)[0])
        return bool(verify(hasher._hasher, kept, given))

    monkeypatch.setattr(type(hasher._hasher), "verify", counted)
    costs = []
    for kept, password in [
        (KEPT, "wrong"),
        (KEPT, "correct horse"),
        (None, "wrong"),
        ("", "x"),
        (KEPT, "a" * 5000),
    ]:
        calls.clear()
        hasher.verify(kept, password)
        costs.append(tuple(calls))
    assert len(set(costs)) == 1
    assert len(costs[0]) == 1
    calls.clear()
    hasher.verify("!unusable", "x")
    assert calls[-1] == costs[0][0]


@pytest.mark.parametrize("parameters", [(0, 8, 1), (1, 1, 1), (1, 8, 0), ("1", 8, 1)])
def test_parameters_that_argon2_does_not_take_are_refused(parameters: tuple[int, int, int]) -> None:
    with pytest.raises(ConfigError, match="does not take these parameters"):
        Argon2(*parameters)


def test_the_extra_is_named_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "argon2", None)
    with pytest.raises(MissingExtra, match=r'pip install "wadjet\[auth\]"'):
        Argon2()
