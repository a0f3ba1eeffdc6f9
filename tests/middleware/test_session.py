"""SessionMiddleware: the same in a cookie and on the server, fused and around any ASGI application."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request as StarletteRequest
from starlette.responses import JSONResponse as StarletteJSON
from starlette.routing import Route as StarletteRoute

from tests.clocks import Clock
from tests.driving import Sent, run
from tests.middleware.test_sockets import handshake
from tests.sessions.sites import PLACES, SECRET, Browser, add_pages, site
from wadjet import Request, Response, Settings, Wadjet
from wadjet.errors import ConfigError
from wadjet.middleware.csrf import CSRFMiddleware
from wadjet.middleware.db import DatabaseMiddleware
from wadjet.middleware.session import SessionMiddleware
from wadjet.sessions import SessionPolicy
from wadjet.stores import StoreUnavailable
from wadjet.stores.memory import MemoryStore
from wadjet.types import ASGIApp, Receive, Scope, Send

EVERYWHERE = pytest.mark.parametrize("place", PLACES)


def value(sent: Sent) -> Any:
    """Return what ``/get`` has found."""
    return json.loads(sent.body)["value"]


def application(place: Any = "cookie", **settings: Any) -> Wadjet:
    """Return an application in whose list the middleware stands."""
    entry = (SessionMiddleware, {"store": place})
    return Wadjet(Settings(**{"SECRET_KEY": SECRET, **settings}), middleware=[entry])


# -- the catalogue ----------------------------------------------------------------------------------------------------------


@EVERYWHERE
def test_ses_01_a_value_survives(place: str) -> None:
    client = Browser(site(place))
    client.get("/set")
    assert value(client.get("/get")) == "kept"


@EVERYWHERE
def test_ses_02_without_a_cookie_there_is_no_value(place: str) -> None:
    client = Browser(site(place))
    client.get("/set")
    client.cookies.clear()
    assert json.loads(client.get("/get").body) == {"value": None, "user": None, "new": True}


@EVERYWHERE
def test_ses_03_a_cookie_that_was_changed_is_an_empty_session(place: str) -> None:
    client = Browser(site(place))
    client.get("/set")
    good = client.cookies["sessionid"]
    for changed_at in (0, len(good) // 2, len(good) - 1):
        other = "A" if good[changed_at] != "A" else "B"
        client.cookies["sessionid"] = good[:changed_at] + other + good[changed_at + 1 :]
        sent = client.get("/get")
        assert (sent.status, value(sent)) == (200, None)


FORGED = [
    pytest.param(b"", id="SES-04 empty"),
    pytest.param(b"...", id="SES-05 dots"),
    pytest.param(b"\xff\xfe\xfd", id="SES-07 bytes that are not UTF-8"),
    pytest.param(b'"a;b"', id="SES-09 quotes"),
    pytest.param(b"eyJhIjoiMSJ9.x.y", id="SES-13 null signature"),
    pytest.param(base64.urlsafe_b64encode(bytes(32) + b'[1,"",9,9,"7",{"value":1}]'), id="no signature"),
    pytest.param(b"A" * 43, id="an id that nobody has"),
    pytest.param(b"A" * 9000, id="long"),
]


@EVERYWHERE
@pytest.mark.parametrize("forged", FORGED)
def test_a_forged_cookie_is_an_empty_session_and_is_never_adopted(place: str, forged: bytes) -> None:
    client = Browser(site(place))
    header = ("cookie", f"sessionid={forged.decode('latin-1')}")
    assert value(client.get("/get", header)) is None
    client.get("/set", header)
    assert client.cookies["sessionid"].encode("latin-1") != forged


@EVERYWHERE
def test_ses_14_the_cookie_says_where_it_goes(place: str) -> None:
    (field,) = Browser(site(place)).get("/set").getall(b"set-cookie")
    assert field.endswith(b"; Max-Age=3600; Path=/; HttpOnly; SameSite=Lax")
    (field,) = Browser(site(place), scheme="https").get("/set").getall(b"set-cookie")
    assert field.startswith(b"__Host-sessionid=")
    assert field.endswith(b"; Max-Age=3600; Path=/; Secure; HttpOnly; SameSite=Lax")


@EVERYWHERE
def test_ses_15_a_login_changes_the_identifier_and_the_old_one_is_not_logged_in(place: str) -> None:
    client = Browser(site(place))
    client.get("/set")
    before = dict(client.cookies)
    client.get("/login")
    assert client.cookies != before
    assert json.loads(client.get("/get").body) == {"value": "kept", "user": "7", "new": False}
    client.cookies = before
    assert json.loads(client.get("/get").body)["user"] is None


@EVERYWHERE
@pytest.mark.parametrize("target", [pytest.param("/get", id="SES-17"), pytest.param("/has", id="SES-18")])
def test_whoever_looks_at_the_session_makes_the_answer_vary(place: str, target: str) -> None:
    client = Browser(site(place))
    assert client.get(target).field(b"vary") == b"Cookie"
    client.get("/set")
    assert client.get(target).field(b"vary") == b"Cookie"


@EVERYWHERE
def test_ses_19_a_session_that_is_ended_is_gone_and_so_is_its_cookie(place: str) -> None:
    client = Browser(site(place))
    client.get("/set")
    sent = client.get("/flush")
    assert sent.field(b"set-cookie") == (
        b"sessionid=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/; HttpOnly; SameSite=Lax"
    )
    assert client.cookies == {}
    assert value(client.get("/get")) is None


def test_a_session_on_the_server_that_is_ended_is_gone_for_whoever_has_the_cookie() -> None:
    client = Browser(site("memory"))
    client.get("/set")
    stolen = dict(client.cookies)
    client.get("/flush")
    client.cookies = stolen
    assert value(client.get("/get")) is None


@EVERYWHERE
@pytest.mark.parametrize("target", ["/get", "/has", "/plain", "/flush", "/thread"])
def test_ses_22_nothing_is_set_where_nothing_is_kept(place: str, target: str) -> None:
    client = Browser(site(place))
    assert client.get(target).getall(b"set-cookie") == []
    client.get("/set")
    if target != "/flush":
        assert client.get(target).getall(b"set-cookie") == []


@EVERYWHERE
def test_ses_23_a_session_ends_on_the_server_whatever_the_client_keeps(place: str) -> None:
    clock = Clock()
    client = Browser(site(place, clock, SessionPolicy(timeout=100, lifetime=1000)))
    client.get("/set")
    clock.now += 99
    assert value(client.get("/get")) == "kept"
    kept = dict(client.cookies)
    clock.now += 100
    client.cookies = kept
    assert value(client.get("/get")) is None


@EVERYWHERE
def test_a_session_ends_however_much_it_is_used(place: str) -> None:
    clock = Clock()
    client = Browser(site(place, clock, SessionPolicy(timeout=100, lifetime=1000)))
    client.get("/set")
    for _ in range(19):
        clock.now += 50
        sent = client.get("/get")
        assert value(sent) == "kept"
    assert b"Max-Age=50;" in (sent.field(b"set-cookie") or b"")
    clock.now += 50
    assert value(client.get("/get")) is None


@EVERYWHERE
def test_the_cookie_is_sent_again_when_a_tenth_of_its_time_has_passed(place: str) -> None:
    clock = Clock()
    client = Browser(site(place, clock, SessionPolicy(timeout=100, lifetime=1000)))
    client.get("/set")
    clock.now += 9
    assert client.get("/get").field(b"set-cookie") is None
    clock.now += 1
    assert client.get("/plain").field(b"set-cookie") is None
    assert b"Max-Age=100" in (client.get("/get").field(b"set-cookie") or b"")
    assert client.get("/get").field(b"set-cookie") is None


def test_ses_24_a_cookie_of_one_name_says_nothing_under_another() -> None:
    client = Browser(site("cookie", policy=SessionPolicy("ab")))
    client.get("/set")
    other = Browser(site("cookie", policy=SessionPolicy("a")))
    other.cookies = {"a": client.cookies["ab"]}
    assert value(other.get("/get")) is None


def test_ses_25_secrets_rotate() -> None:
    client = Browser(site("cookie", secret="old"))
    client.get("/set")
    client.app = site("cookie", secret=("new", "old"))
    assert value(client.get("/get")) == "kept"
    client.get("/set?value=again")
    client.app = site("cookie", secret="new")
    assert value(client.get("/get")) == "again"
    client.app = site("cookie", secret="old")
    assert value(client.get("/get")) is None


# -- what costs nothing -----------------------------------------------------------------------------------------------------


class Counting(MemoryStore):
    """Counts what it is asked."""

    def __init__(self) -> None:
        super().__init__(1_000_000)
        self.asked: list[str] = []

    async def get(self, key: str) -> bytes | None:
        self.asked.append("get")
        return await super().get(key)

    async def set(self, key: str, value: bytes, ttl: float | None = None) -> None:
        self.asked.append("set")
        await super().set(key, value, ttl)

    async def swap(self, key: str, old: bytes, new: bytes, ttl: float | None = None) -> bool:
        self.asked.append("swap")
        return await super().swap(key, old, new, ttl)


@pytest.mark.parametrize("csrf", [False, True], ids=["alone", "around CSRF"])
def test_a_request_that_does_not_touch_the_session_asks_nobody(csrf: bool) -> None:
    store = Counting()
    app = add_pages(
        Wadjet(
            Settings(SECRET_KEY=SECRET),
            middleware=[(SessionMiddleware, {"store": store}), *([CSRFMiddleware] if csrf else [])],
        )
    )
    client = Browser(app)
    client.get("/set")
    store.asked.clear()
    sent = client.get("/plain")
    assert (store.asked, sent.field(b"vary"), sent.getall(b"set-cookie")) == ([], None, [])
    client.get("/get")
    assert store.asked == ["get"]
    client.get("/set?value=other")
    assert store.asked == ["get", "get", "swap", "set"]  # the last one is how a swap in memory is done


def test_an_eager_one_is_read_once_for_whoever_may_touch_it() -> None:
    store = Counting()
    app = application(store, SESSION_EAGER=True)

    @app.get("/count")
    async def count(request: Request) -> int:
        request.session["n"] = request.session.get("n", 0) + 1
        return int(request.session["n"])

    add_pages(app)
    client = Browser(app)
    assert [client.get("/count").body for _ in range(3)] == [b"1", b"2", b"3"]
    store.asked.clear()
    assert client.get("/plain").field(b"vary") is None
    assert store.asked == ["get"]
    client.cookies.clear()
    client.get("/plain")
    assert store.asked == ["get"]


def test_an_eager_one_that_nobody_touches_lives_no_longer_for_it() -> None:
    clock = Clock()
    inner = add_pages(Wadjet(Settings(SESSION_EAGER=True)))
    client = Browser(site("memory", clock, SessionPolicy(timeout=100, lifetime=1000), inner))
    client.get("/set")
    clock.now += 50
    sent = client.get("/plain")
    assert (sent.field(b"set-cookie"), sent.field(b"vary")) == (None, None)
    clock.now += 50
    assert value(client.get("/get")) is None


# -- what leaves ------------------------------------------------------------------------------------------------------------


@EVERYWHERE
def test_a_handler_in_a_thread_waits_by_itself(place: str) -> None:
    client = Browser(site(place))
    client.get("/set")
    assert json.loads(client.get("/thread").body) == {"value": "kept"}


@EVERYWHERE
def test_what_is_changed_inside_of_a_value_is_kept(place: str) -> None:
    client = Browser(site(place))
    for number in range(3):
        client.get(f"/append?value={number}")
    assert json.loads(client.get("/append?value=3").body) == ["0", "1", "2", "3"]


@EVERYWHERE
def test_no_shared_cache_keeps_an_answer_with_a_session_cookie(place: str) -> None:
    app = application(place)

    @app.get("/")
    async def public(request: Request) -> Response[str]:
        (await request.session.load())["a"] = 1
        return Response("for all", headers={"cache-control": "public, s-maxage=60, max-age=60"})

    sent = Browser(app).get("/")
    assert (sent.field(b"cache-control"), sent.field(b"vary")) == (b"private, max-age=60", b"Cookie")


@EVERYWHERE
def test_of_an_answer_that_failed_nothing_is_kept_but_an_end(place: str) -> None:
    app = add_pages(application(place))

    @app.get("/crash")
    async def crash(request: Request, end: bool = False) -> None:
        session = await request.session.load()
        session["value"] = "of the crash"
        if end:
            session.invalidate()
        raise RuntimeError

    client = Browser(app)
    client.get("/set")
    sent = client.get("/crash")
    assert (sent.status, sent.field(b"set-cookie"), sent.field(b"vary")) == (500, None, b"Accept, Cookie")
    assert value(client.get("/get")) == "kept"
    sent = client.get("/crash?end=true")
    assert (sent.status, client.cookies) == (500, {})
    assert value(client.get("/get")) is None


@EVERYWHERE
def test_a_stream_changes_it_before_its_head_and_not_after(place: str) -> None:
    app = add_pages(application(place))
    failed: list[str] = []

    @app.get("/stream")
    async def stream(request: Request) -> AsyncIterator[str]:
        session = await request.session.load()
        session["value"] = "early"
        yield "one "
        try:
            session["value"] = "late"
        except RuntimeError as error:
            failed.append(str(error))
        yield session["value"]

    client = Browser(app)
    assert client.get("/stream").body == b"one early"
    assert value(client.get("/get")) == "early"
    assert failed == [
        "this session cannot be changed: the head has left; a stream changes it before the first yield"
    ]


def test_a_cookie_that_grows_too_large_inside_of_a_value_is_a_500_that_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    client = Browser(site("cookie"))
    client.get("/append?value=1")
    before = dict(client.cookies)
    with caplog.at_level(logging.ERROR, "wadjet.error"):
        assert client.get("/append?value=" + "x" * 3000).status == 500
    assert client.cookies == before
    assert "SessionTooLarge" in (caplog.records[0].exc_text or "")


# -- tokens -----------------------------------------------------------------------------------------------------------------


def guarded(place: str) -> Wadjet:
    entries = [(SessionMiddleware, {"store": place}), CSRFMiddleware]
    app = add_pages(Wadjet(Settings(SECRET_KEY=SECRET), middleware=entries))

    @app.get("/token")
    async def token(request: Request, again: bool = False) -> str:
        session = await request.session.load()
        return str(session.new_csrf_token() if again else session.get_csrf_token())

    @app.get("/form")
    async def form(request: Request) -> str:
        return request.csrf_token

    @app.post("/post")
    async def post(request: Request) -> bool:
        return await request.session.load() is not None

    return app


def posted(client: Browser, token: str) -> int:
    """Post as a browser that says nothing of where a request comes from."""
    cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    fields = [("cookie", cookies), ("x-csrftoken", token)]
    return run(client.app, "POST", "/post", headers=fields).status


@EVERYWHERE
@pytest.mark.parametrize("page", ["/token", "/form"])
def test_tokens_are_bound_to_the_session_and_end_with_it(place: str, page: str) -> None:
    client = Browser(guarded(place))
    before = client.get(page).body.decode()
    assert posted(client, before) == 200
    for change in ("/set", "/login", "/rotate", "/flush"):
        client.get(change)
        assert posted(client, before) == 403, change
        before = client.get(page).body.decode()
        assert posted(client, before) == 200, change


@EVERYWHERE
def test_a_new_token_makes_those_before_it_worthless(place: str) -> None:
    client = Browser(guarded(place))
    before = client.get("/token").body.decode()
    after = client.get("/token?again=true").body.decode()
    assert (posted(client, before), posted(client, after)) == (403, 200)


@EVERYWHERE
@pytest.mark.parametrize("page", ["/token", "/form"])
def test_tokens_are_good_for_a_client_whose_session_is_gone(place: str, page: str) -> None:
    client = Browser(guarded(place))
    client.cookies["sessionid"] = "A" * 43
    assert posted(client, client.get(page).body.decode()) == 200


def test_a_token_without_what_checks_it_names_what_is_missing() -> None:
    app = application()
    errors: list[str] = []

    @app.get("/")
    async def ask(request: Request) -> None:
        try:
            request.session.get_csrf_token()
        except ConfigError as error:
            errors.append(str(error))

    Browser(app).get("/")
    assert "add CSRFMiddleware" in errors[0]


# -- a store that is away ---------------------------------------------------------------------------------------------------


class Away(MemoryStore):
    """Does not answer while it is away; or hangs."""

    def __init__(self) -> None:
        super().__init__(1_000_000)
        self.mood = ""

    async def get(self, key: str) -> bytes | None:
        await self._answers("get")
        return await super().get(key)

    async def set(self, key: str, value: bytes, ttl: float | None = None) -> None:
        await self._answers("set")
        await super().set(key, value, ttl)

    async def delete(self, *keys: str) -> None:
        await self._answers("delete")
        await super().delete(*keys)

    async def _answers(self, action: str) -> None:
        if self.mood == "hangs":
            await asyncio.Event().wait()
        if self.mood in {"away", action}:
            raise StoreUnavailable


def away(**settings: Any) -> tuple[Browser, Away]:
    store = Away()
    client = Browser(add_pages(application(store, SESSION_STORE_TIMEOUT=0.01, **settings)))
    client.get("/set")
    return client, store


@pytest.mark.parametrize("mood", ["away", "hangs"])
def test_a_session_that_cannot_be_read_is_503_and_what_needs_none_goes_on(mood: str) -> None:
    client, store = away()
    store.mood = mood
    sent = client.get("/get")
    assert (sent.status, sent.field(b"retry-after")) == (503, b"1")
    assert client.get("/thread").status == 503
    assert client.get("/plain").status == 200
    assert "sessionid" in client.cookies
    store.mood = ""


def test_the_log_says_once_why_and_has_a_line_for_each_503(caplog: pytest.LogCaptureFixture) -> None:
    client, store = away()
    store.mood = "hangs"
    with caplog.at_level(logging.WARNING, "wadjet"):
        answers = [client.get("/get").status, client.get("/set").status]
    assert answers == [503, 503]
    names = [record.name for record in caplog.records]
    assert names == ["wadjet.store", "wadjet.error", "wadjet.error"]
    assert [record.exc_info for record in caplog.records if record.exc_info] == []


def test_it_is_anonymous_and_cannot_be_changed_where_the_setting_says_so() -> None:
    client, store = away(SESSION_ON_ERROR="anonymous")
    store.mood = "away"
    before = dict(client.cookies)
    assert json.loads(client.get("/get").body) == {"value": None, "user": None, "new": True}
    for target in ("/set", "/login", "/flush", "/append?value=1"):
        assert client.get(target).status == 503, target
    assert client.cookies == before
    store.mood = ""
    assert value(client.get("/get")) == "kept"


@pytest.mark.parametrize("setting", ["deny", "anonymous"])
@pytest.mark.parametrize(("mood", "target"), [("set", "/login"), ("delete", "/flush")])
def test_what_cannot_be_kept_is_503(setting: str, mood: str, target: str) -> None:
    client, store = away(SESSION_ON_ERROR=setting)
    before = dict(client.cookies)
    store.mood = mood
    sent = client.get(target)
    assert (sent.status, sent.field(b"retry-after"), client.cookies) == (503, b"1", before)
    store.mood = ""
    assert value(client.get("/get")) == "kept"


# -- around other applications ----------------------------------------------------------------------------------------------


async def _count(request: StarletteRequest) -> StarletteJSON:
    session: Any = request.session
    await session.load()
    session["n"] = session.get("n", 0) + 1
    return StarletteJSON(dict(session))


async def _untouched(request: StarletteRequest) -> StarletteJSON:
    return StarletteJSON({})


@EVERYWHERE
@pytest.mark.parametrize("form", ["around", "mounted"])
def test_another_framework_has_it_too(place: str, form: str) -> None:
    starlette = Starlette(routes=[StarletteRoute("/count", _count), StarletteRoute("/untouched", _untouched)])
    app: ASGIApp = starlette
    if form == "mounted":
        app = Wadjet()
        app.mount("/", starlette)
    client = Browser(site(place, app=app))
    untouched = client.get("/untouched")
    assert (untouched.getall(b"set-cookie"), untouched.field(b"vary")) == ([], None)
    for number in (1, 2, 3):
        sent = client.get("/count")
        assert (json.loads(sent.body), sent.field(b"vary")) == ({"n": number}, b"Cookie")


def test_of_two_the_inner_one_is_the_session() -> None:
    inner = (SessionMiddleware, {"secret": SECRET, "policy": SessionPolicy("inner")})
    client = Browser(site("memory", app=add_pages(Wadjet(middleware=[inner]))))
    client.get("/set")
    assert list(client.cookies) == ["inner"]
    assert value(client.get("/get")) == "kept"


def test_a_copy_of_a_request_has_it_and_does_not_touch_it() -> None:
    app = application()

    @app.get("/")
    async def copied(request: Request, touch: bool = False) -> Any:
        copy = request.copy()
        return copy.session is request.session if touch else copy.method

    client = Browser(app)
    assert client.get("/").field(b"vary") is None
    sent = client.get("/?touch=1")
    assert (sent.body, sent.field(b"vary")) == (b"true", None)


@EVERYWHERE
@pytest.mark.parametrize("scheme", ["ws", "wss"])
def test_a_websocket_reads_it_and_cannot_change_it(place: str, scheme: str) -> None:
    found: list[Any] = []

    async def chat(scope: Scope, receive: Receive, send: Send) -> None:
        session = await scope["session"].load()
        found.append(dict(session))
        try:
            session["a"] = 1
        except RuntimeError as error:
            found.append(str(error))
        await receive()
        await send({"type": "websocket.accept"})

    app = site(place)
    client = Browser(app, scheme="https" if scheme == "wss" else "http")
    client.get("/set")
    app.app = chat
    cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    assert handshake(app, ("cookie", cookie), scheme=scheme) == [{"type": "websocket.accept"}]
    assert found == [{"value": "kept"}, "this session cannot be changed: a WebSocket only reads it"]


# -- settings ---------------------------------------------------------------------------------------------------------------


def test_settings_say_where_sessions_are_kept() -> None:
    assert SessionMiddleware(Wadjet(Settings(SESSION_STORE="memory"))).settings.SESSION_STORE == "memory"
    with pytest.raises(ConfigError, match="SESSION_STORE='disk' is not one of cookie, memory, redis"):
        SessionMiddleware(Wadjet(Settings(SESSION_STORE="disk")))
    with pytest.raises(ConfigError, match="REDIS_URL is not set"):
        SessionMiddleware(Wadjet(Settings(SESSION_STORE="redis")))


def test_nothing_is_signed_without_a_secret_but_in_development(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(ConfigError, match="SessionMiddleware signs cookies, and there is no SECRET_KEY"):
        Wadjet(middleware=[SessionMiddleware]).seal()
    with caplog.at_level(logging.WARNING, "wadjet.settings"):
        client = Browser(add_pages(Wadjet(debug=True, middleware=[SessionMiddleware])))
        client.get("/set")
    assert value(client.get("/get")) == "kept"
    assert caplog.messages == ["there is no SECRET_KEY; sessions are good until this process ends"]


def test_a_session_without_the_middleware_names_it() -> None:
    with pytest.raises(ConfigError, match="add SessionMiddleware"):
        _ = Request.blank("/").session


class InTheDatabase(MemoryStore):
    """Keeps sessions where the units of DatabaseMiddleware end."""

    uses = frozenset({"database"})


def test_a_store_in_the_database_stands_inside_of_it() -> None:
    unit = SimpleNamespace(begin=lambda: SimpleNamespace(end=lambda *, commits: None))
    units = (DatabaseMiddleware, {"database": unit})
    sessions = (SessionMiddleware, {"store": InTheDatabase(1_000_000)})
    said = "SessionMiddleware uses the database and stands outside of DatabaseMiddleware, .*; swap the two"
    with pytest.raises(ConfigError, match=said):
        Wadjet(middleware=[sessions, units]).seal()
    Wadjet(middleware=[units, sessions]).seal()
    Wadjet(middleware=[(SessionMiddleware, {"store": MemoryStore(1_000_000)}), units]).seal()
