"""Signing: what was sealed opens with the same secret for the same purpose, and nothing else does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wadjet.security.signing import Seal, keys_for


@given(st.binary(max_size=200))
def test_what_was_sealed_opens(data: bytes) -> None:
    seal = Seal("a purpose", "a secret")
    text = seal.seal(data)
    assert seal.open(text) == data
    assert len(text) == Seal.length(len(data))
    assert (
        not text.replace("-", "a")
        .replace("_", "a")
        .strip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
    )


@given(st.text(max_size=100))
def test_nothing_else_opens_and_nothing_raises(text: str) -> None:
    assert Seal("a purpose", "a secret").open(text) is None


@pytest.mark.parametrize("size", range(4))
def test_no_character_can_be_changed_added_or_left_out(size: int) -> None:
    seal = Seal("a purpose", "a secret")
    text = seal.seal(b"data"[:size])
    for place in range(len(text)):
        for other in "Aa0-_=. \n":
            changed = text[:place] + other + text[place + 1 :]
            assert changed == text or seal.open(changed) is None
            assert seal.open(text[:place] + other + text[place:]) is None
        assert seal.open(text[:place] + text[place + 1 :]) is None
    assert seal.open(text + "=") is None


def test_ses_24_what_is_signed_for_one_purpose_is_worth_nothing_for_another() -> None:
    assert Seal("abc", "secret").open(Seal("ab", "csecret").seal(b"data")) is None
    assert Seal("wadjet.session:ab", "c").open(Seal("wadjet.session:a", "bc").seal(b"data")) is None


def test_ses_25_a_new_secret_signs_and_an_old_one_verifies() -> None:
    old = Seal("a purpose", "old").seal(b"data")
    both = Seal("a purpose", ["new", "old"])
    assert both.open(old) == b"data"
    assert Seal("a purpose", "new").open(both.seal(b"data")) == b"data"
    assert Seal("a purpose", "new").open(old) is None


def test_an_empty_secret_is_none() -> None:
    assert len(keys_for("a purpose", ["", "secret"])) == 1
    assert keys_for("a purpose", "") == ()
