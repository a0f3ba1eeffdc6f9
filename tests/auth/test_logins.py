"""Logging in and out: the session becomes the user's under another key, and ends with all that is in it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.auth.site import QUICK, SlowUsers, people, site
from wadjet import Request, Wadjet
from wadjet.auth import MemoryUser, MemoryUsers, SessionAuthentication, authenticate, login, logout
from wadjet.errors import ConfigError
from wadjet.middleware import AuthenticationMiddleware
from wadjet.testing import TestClient
from wadjet.types import Receive, Scope, Send


@pytest.mark.parametrize("store", ["cookie", "memory"])
@pytest.mark.parametrize("kind", [MemoryUsers, SlowUsers])
def test_a_user_logs_in_and_out(kind: type[MemoryUsers], store: str) -> None:
    with TestClient(site(people(kind), store=store)) as client:
        assert client.get("/me").status_code == 401
        assert client.post("/login?name=ann&password=wrong").status_code == 400
        assert client.get("/me").status_code == 401
        assert client.post("/login?name=ann").text == "ann session"
        assert client.get("/me").text == "ann session"
        assert client.get("/perhaps").text == "ann"
        assert client.post("/logout").text == "<AnonymousUser> none"
        assert client.get("/me").status_code == 401
        assert client.get("/perhaps").text == "nobody"


@pytest.mark.parametrize("store", ["cookie", "memory"])
def test_ses_15_login_changes_the_identifier_and_the_old_one_is_not_logged_in(store: str) -> None:
    with TestClient(site(store=store)) as client:
        assert client.get("/basket?put=apple").text == "apple"
        before = client.cookies["sessionid"]
        client.post("/login?name=ann")
        assert client.cookies["sessionid"] != before
        assert client.get("/basket").text == "apple"
        client.cookies.clear()
        assert client.get("/me", headers={"cookie": f"sessionid={before}"}).status_code == 401


def test_another_user_gets_nothing_of_the_one_before() -> None:
    with TestClient(site()) as client:
        client.post("/login?name=ann")
        client.get("/basket?put=apple")
        client.post("/login?name=bob")
        assert client.get("/me").text == "bob session"
        assert client.get("/basket").text == "empty"


def test_logging_out_ends_the_session_on_the_server_too() -> None:
    with TestClient(site(store="memory")) as client:
        client.post("/login?name=ann")
        cookie = client.cookies["sessionid"]
        client.post("/logout")
        assert client.get("/me", headers={"cookie": f"sessionid={cookie}"}).status_code == 401


@pytest.mark.parametrize("store", ["cookie", "memory"])
def test_a_session_ends_with_the_password_it_was_begun_with(store: str) -> None:
    users = people()
    with TestClient(site(users, store=store)) as client:
        client.post("/login?name=ann")
        assert client.get("/me").status_code == 200
        user = users.by_id("1")
        assert user is not None
        user.password = QUICK.hash("new")
        assert client.get("/me").status_code == 401
        assert client.post("/login?name=ann&password=new").status_code == 200
        assert client.get("/me").status_code == 200


def test_a_user_who_may_not_come_in_or_is_gone_is_nobody() -> None:
    users = people()
    with TestClient(site(users)) as client:
        client.post("/login?name=ann")
        user = users.by_id("1")
        assert user is not None
        user.is_active = False
        assert client.get("/me").status_code == 401
        user.is_active = True
        assert client.get("/me").status_code == 200
        users._by_id.clear()
        assert client.get("/me").status_code == 401


def test_a_csrf_token_from_before_the_login_is_good_no_more() -> None:
    with TestClient(site(csrf=True)) as client:
        token = client.get("/csrf").text
        assert client.post("/login?name=ann", headers={"x-csrftoken": token}).status_code == 200
        assert client.post("/logout", headers={"x-csrftoken": token}).status_code == 403
        fresh = client.get("/csrf").text
        assert client.post("/logout", headers={"x-csrftoken": fresh}).status_code == 200
        assert client.post("/login?name=ann", headers={"x-csrftoken": fresh}).status_code == 403


def test_the_cookie_varies_only_where_somebody_asks() -> None:
    for store, kind in [("cookie", MemoryUsers), ("memory", MemoryUsers), ("memory", SlowUsers)]:
        with TestClient(site(people(kind), store=store)) as client:
            assert client.get("/perhaps").headers["vary"] == "Cookie"
            client.post("/login?name=ann")
            assert "vary" not in client.get("/open").headers
            assert client.get("/perhaps").headers["vary"] == "Cookie"


def asked(app: Wadjet, function: Any) -> ConfigError:
    """Return what a handler that calls a function is told."""

    @app.get("/call")
    async def call(request: Request) -> None:
        await function(request)

    with TestClient(app) as client, pytest.raises(ConfigError) as told:
        client.get("/call")
    return told.value


async def log_in(request: Request) -> None:
    await login(request, MemoryUser(1, "ann"))


async def check(request: Request) -> None:
    await authenticate(request, username="a", password="b")


@pytest.mark.parametrize("function", [log_in, check, logout])
def test_without_the_middleware_the_developer_is_told(function: Any) -> None:
    assert "add AuthenticationMiddleware" in str(asked(Wadjet(), function))


@pytest.mark.parametrize("function", [log_in, check])
def test_without_users_the_developer_is_told(function: Any) -> None:
    assert "set AUTH_USERS" in str(asked(Wadjet(middleware=[AuthenticationMiddleware]), function))


def test_without_sessions_the_developer_is_told() -> None:
    app = Wadjet(middleware=[(AuthenticationMiddleware, {"users": people()})])
    assert "add SessionMiddleware" in str(asked(app, log_in))


def test_a_session_of_another_framework_knows_no_users() -> None:
    async def foreign(scope: Scope, receive: Receive, send: Send) -> None:
        scope["session"] = {"key": "theirs"}
        request = Request(scope, receive)
        with pytest.raises(ConfigError, match="knows no users"):
            await log_in(request)
        assert not request.user
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    from tests.driving import run

    app = AuthenticationMiddleware(foreign, users=people(), backends=[SessionAuthentication])
    assert run(app, headers=[("cookie", "a=b")]).status == 204


def test_a_login_says_who_is_asking_whatever_the_token_was() -> None:
    with TestClient(site()) as client:
        answer = client.post("/login?name=ann", headers={"authorization": "Bearer wrong"})
        assert answer.text == "ann session"


def test_many_clients_at_once_are_each_their_own() -> None:
    from tests.driving import exchange

    app = site(store="memory")

    async def one(name: str) -> bytes:
        sent = await exchange(app, "POST", f"/login?name={name}")
        cookie = (sent.field(b"set-cookie") or b"").partition(b";")[0].decode()
        return (await exchange(app, "GET", "/me", [("cookie", cookie)])).body

    async def all_of_them() -> list[bytes]:
        await app.startup()
        try:
            return await asyncio.gather(*(one(name) for name in ["ann", "bob"] * 4))
        finally:
            await app.shutdown()

    assert asyncio.run(all_of_them()) == [b"ann session", b"bob session"] * 4
