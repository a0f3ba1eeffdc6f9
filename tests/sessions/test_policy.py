"""SessionPolicy: names, attributes, times, and what cannot be."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from wadjet.conf import Settings
from wadjet.errors import ConfigError
from wadjet.sessions import SessionPolicy


def test_the_cookie_is_as_safe_as_it_can_be() -> None:
    plain = SessionPolicy().cookie("x", 60, secure=False)
    assert plain == b"sessionid=x; Max-Age=60; Path=/; HttpOnly; SameSite=Lax"
    secure = SessionPolicy().cookie("x", 60, secure=True)
    assert secure == b"__Host-sessionid=x; Max-Age=60; Path=/; Secure; HttpOnly; SameSite=Lax"


@pytest.mark.parametrize(
    ("options", "secure", "name"),
    [
        ({}, False, "sessionid"),
        ({}, True, "__Host-sessionid"),
        ({"secure": True}, False, "__Host-sessionid"),
        ({"domain": "example.com"}, True, "sessionid"),
        ({"path": "/shop"}, True, "sessionid"),
        ({"name": "__Secure-mine", "secure": True}, True, "__Secure-mine"),
    ],
)
def test_over_https_the_name_keeps_others_out_where_that_can_be(
    options: dict[str, Any], secure: bool, name: str
) -> None:
    assert SessionPolicy(**options).cookie_name(secure=secure) == name


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"name": "session id"}, "is not a token"),
        ({"name": "__Host-mine"}, "needs secure=True"),
        ({"samesite": "None"}, "needs secure=True"),
        ({"samesite": "strictly"}, "none of lax, strict, none"),
        ({"path": "shop"}, "begins with a slash"),
        ({"domain": "a; b"}, "is not a host name"),
        ({"timeout": 0}, "SESSION_TIMEOUT=0 is no time"),
        ({"timeout": "1h"}, "SESSION_TIMEOUT='1h' is no time"),
        ({"lifetime": 10**11}, "SESSION_LIFETIME=100000000000 is no time"),
        ({"on_error": "ignore"}, "SESSION_ON_ERROR='ignore' is not one of deny, anonymous"),
    ],
)
def test_what_cannot_be_is_said_when_it_is_made(options: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        SessionPolicy(**options)


def test_every_part_has_its_setting() -> None:
    settings = Settings(
        SESSION_COOKIE_NAME="mine",
        SESSION_TIMEOUT=60,
        SESSION_LIFETIME=600,
        SESSION_COOKIE_PATH="/shop",
        SESSION_COOKIE_DOMAIN="example.com",
        SESSION_COOKIE_SECURE=True,
        SESSION_COOKIE_HTTPONLY=False,
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_ON_ERROR="anonymous",
    )
    policy = SessionPolicy.of(settings)
    assert dataclasses.astuple(policy) == (
        "mine", 60, 600, "/shop", "example.com", True, False, "Strict", "anonymous",
    )  # fmt: skip


def test_a_session_is_over_when_it_was_idle_or_when_its_time_is() -> None:
    policy = SessionPolicy(timeout=60, lifetime=100)
    assert not policy.is_over(created=0, seen=0, now=59)
    assert policy.is_over(created=0, seen=0, now=60)
    assert not policy.is_over(created=0, seen=50, now=99)
    assert policy.is_over(created=0, seen=50, now=100)
    assert policy.left(created=0, now=10) == 60
    assert policy.left(created=0, now=90) == 10
