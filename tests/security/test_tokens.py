"""CSRF tokens: nobody makes one up, and one client's is not another's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wadjet.security.signing import keys_for
from wadjet.security.tokens import CsrfTokens

TOKENS = CsrfTokens("secret")
SALT, OTHER = b"s" * 16, b"o" * 16
COOKIE = TOKENS.cookie("", SALT)


def test_a_cookie_and_each_token_of_it_match() -> None:
    one, two = TOKENS.token(COOKIE, SALT), TOKENS.token(COOKIE, OTHER)
    assert one != two
    assert all(TOKENS.matches(token, COOKIE) for token in (one, two, COOKIE))
    assert {len(one), len(COOKIE)} == {64}


def test_a_token_of_another_cookie_does_not_match() -> None:
    assert not TOKENS.matches(TOKENS.token(TOKENS.cookie("", OTHER), SALT), COOKIE)


def test_a_cookie_is_bound_to_the_session() -> None:
    cookie = TOKENS.cookie("mine", SALT)
    assert TOKENS.is_cookie(cookie, "mine")
    assert not TOKENS.is_cookie(cookie, "theirs")
    assert not TOKENS.is_cookie(cookie, "")
    assert not TOKENS.is_cookie(COOKIE, "mine")


def test_a_token_is_no_cookie_and_a_cookie_of_another_secret_is_none() -> None:
    assert not TOKENS.is_cookie(TOKENS.token(COOKIE, SALT), "")
    assert not CsrfTokens("other").is_cookie(COOKIE, "")


def test_an_old_secret_verifies_and_does_not_sign() -> None:
    both = CsrfTokens(["new", "secret"])
    assert both.is_cookie(COOKIE, "")
    assert both.matches(TOKENS.token(COOKIE, SALT), COOKIE)
    assert CsrfTokens("new").is_cookie(both.cookie("", SALT), "")
    assert not TOKENS.is_cookie(both.cookie("", SALT), "")


@pytest.mark.parametrize(
    "value", ["", "a" * 64, "a" * 32, COOKIE[:-1], COOKIE + "=", COOKIE + "A", "é" * 64, "=" * 64]
)
def test_what_was_not_made_here_is_nothing(value: str) -> None:
    assert not TOKENS.is_cookie(value, "")
    assert not TOKENS.matches(value, COOKIE)


@given(st.text(max_size=80))
def test_no_text_is_a_cookie_or_a_token(value: str) -> None:
    assert not TOKENS.is_cookie(value, "")
    assert not TOKENS.matches(value, COOKIE)


@given(st.integers(0, 63), st.sampled_from("AZaz09-_=+/"))
def test_a_changed_character_is_noticed(place: int, character: str) -> None:
    changed = COOKIE[:place] + character + COOKIE[place + 1 :]
    assert TOKENS.is_cookie(changed, "") is (changed == COOKIE)


def test_each_purpose_has_a_key_of_its_own() -> None:
    assert keys_for("a", "secret") != keys_for("b", "secret")
    assert keys_for("a", ["secret", ""]) == keys_for("a", "secret")
