from __future__ import annotations

import pytest

from wadjet.conf.masking import is_secret, is_sensitive, masked


@pytest.mark.parametrize(
    "name",
    [
        *("SECRET_KEY", "JWT_SECRET", "db_password", "API_KEY", "apikey", "ACCESS_TOKEN", "SIGNING_KEYS"),
        *(
            "sentry_dsn",
            "private_key",
            "Authorization",
            "sessionid",
            "PASSPHRASE",
            "hash-salt",
            "key",
            "SMTP_PASS",
        ),
    ],
)
def test_a_name_says_that_its_value_is_a_secret(name: str) -> None:
    assert is_sensitive(name)
    assert masked(name, "hunter2") == "***"


@pytest.mark.parametrize(
    "name",
    [
        "MONKEY",
        "KEYBOARD",
        "CSRF_COOKIE_NAME",
        "SHOP_NAME",
        "pinned",
        "BY",
        "keyword",
        "AUTH_USERS",
        "JWT_ISSUER",
        "BYPASS",
    ],
)
def test_another_name_does_not(name: str) -> None:
    assert not is_sensitive(name)
    assert masked(name, "shown") == "shown"


@pytest.mark.parametrize(
    "name",
    [
        *("password", "PASSWORD", "db_password", "passwd", "pwd", "pw", "passphrase", "userPassword"),
        *(
            "secret",
            "client_secret",
            "SECRET_KEY",
            "token",
            "access_token",
            "csrfmiddlewaretoken",
            "X-CSRFToken",
        ),
        *(
            "api_key",
            "apiKey",
            "API-KEY",
            "x-api-key",
            "private_key",
            "signing.key",
            "AWS_ACCESS_KEY_ID",
            "STRIPE_KEY",
        ),
        *(
            "authorization",
            "Proxy-Authorization",
            "x-auth-user",
            "auth",
            "cookie",
            "Set-Cookie",
            "sessionid",
            "session_id",
        ),
        *("jwt", "credentials", "smtp_pass", "card_number", "cvv", "otp", "pin", "ssn", "signature"),
    ],
)
def test_what_a_request_or_a_variable_holds_is_known_by_its_name(name: str) -> None:
    assert is_secret(name)


@pytest.mark.parametrize(
    "name",
    ["key", "keys", "author", "user", "monkey", "page", "passed", "compass", "id", "", "spin", "turkeys"],
)
def test_what_has_another_name_is_no_secret(name: str) -> None:
    assert not is_secret(name)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("", ""),
        (None, None),
        (60, 60),
        (True, True),
        (b"x", "***"),
        (("a", ""), ("***", "")),
        (["a"], ["***"]),
        ({"a": {"b": "c"}, "n": 1}, {"a": {"b": "***"}, "n": 1}),
    ],
)
def test_what_gives_nothing_away_is_shown(value: object, shown: object) -> None:
    assert masked("TOKEN", value) == shown


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("redis://localhost:6379/0", "redis://localhost:6379/0"),
        ("redis://:hunter2@localhost/0", "redis://:***@localhost/0"),
        ("postgresql://me:hunter2@db:5432/x?y=z@", "postgresql://me:***@db:5432/x?y=z@"),
        ("postgresql://me:hun@ter2@db/x", "postgresql://me:***@db/x"),
        ("https://example.com/a:b@c", "https://example.com/a:b@c"),
    ],
)
def test_the_password_of_an_address_is_masked(address: str, shown: str) -> None:
    assert masked("DATABASE_URL", address) == shown
    assert masked("CACHES", {"default": {"url": address}}) == {"default": {"url": shown}}


def test_other_things_are_shown_as_they_are() -> None:
    thing = object()
    assert masked("THING", thing) is thing
    assert masked("THING", thing, is_secret=True) == "***"


def test_json_that_names_a_secret_is_masked_whole_where_it_could_not_be_read() -> None:
    assert masked("CACHES", '{"default": {"password": "hunter2"}') == "***"
    assert masked("ALLOWED_HOSTS", "[1") == "[1"
