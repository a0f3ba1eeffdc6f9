"""Basic: a name and a password with every request."""

from __future__ import annotations

from base64 import b64encode

import pytest

from tests.auth.test_accounts import QUICK, people
from tests.driving import run
from wadjet import Request, Settings, Wadjet
from wadjet.auth import Accounts, BasicAuthentication, IsAuthenticated, Passwords
from wadjet.errors import ConfigError
from wadjet.http.authorization import Authorization
from wadjet.middleware import AuthenticationMiddleware

ACCOUNTS = Accounts(people(), Passwords(QUICK))


def application() -> Wadjet:
    basic = BasicAuthentication(ACCOUNTS, realm="Shop")
    app = Wadjet(middleware=[(AuthenticationMiddleware, {"backends": [basic]})])

    @app.get("/me", permission_classes=[IsAuthenticated])
    async def me(request: Request) -> str:
        return f"{request.user.username} {request.auth['type']}"

    return app


APP = application()


def encoded(text: bytes) -> str:
    return "Basic " + b64encode(text).decode()


def test_the_right_password_says_who_is_asking() -> None:
    sent = run(APP, "GET", "/me", headers=[("authorization", str(Authorization.basic("ann", "right")))])
    assert (sent.status, sent.body) == (200, b"ann basic")


@pytest.mark.parametrize(
    "value",
    [
        encoded(b"ann:wrong"),
        encoded(b"eve:right"),
        encoded(b"bob:right"),
        encoded(b"cat:"),
        encoded(b"annright"),
        encoded(b"\xff\xff"),
        encoded(b"ann:right\r\n"),
        "Basic",
        "Basic =",
        "Basic !!!!",
        "Basic a b",
        "Bearer x",
    ],
)
def test_all_else_is_401_with_a_challenge(value: str) -> None:
    sent = run(APP, "GET", "/me", headers=[("authorization", value)])
    assert (sent.status, sent.field(b"www-authenticate")) == (401, b'Basic realm="Shop", charset="UTF-8"')


def test_a_class_is_made_of_settings_that_name_users() -> None:
    with pytest.raises(ConfigError, match="nothing knows users"):
        BasicAuthentication.of(Settings(), None)
    assert BasicAuthentication.of(Settings(), ACCOUNTS).challenge().realm == "Login"


def test_a_realm_that_cannot_be_sent_is_refused() -> None:
    with pytest.raises(ConfigError, match="realm="):
        BasicAuthentication(ACCOUNTS, realm="a\nb")
