"""AuthenticationMiddleware: found out when somebody asks, in both forms, and around any application."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request as StarletteRequest
from starlette.responses import PlainTextResponse
from starlette.routing import Route as StarletteRoute

from tests.auth.site import QUICK, SETTINGS, SlowUsers, people, site
from tests.driving import run
from tests.middleware.test_sockets import accepting, handshake
from wadjet import Request, Settings, Wadjet
from wadjet.auth import (
    Accounts,
    APIKeyAuthentication,
    Authentication,
    BasicAuthentication,
    Identity,
    IsAuthenticated,
    KeptToken,
    MemoryTokens,
    MemoryUser,
    Passwords,
    SessionAuthentication,
    TokenAuthentication,
    TokenSource,
)
from wadjet.auth.identity import Found
from wadjet.errors import ConfigError
from wadjet.http.authorization import Authorization
from wadjet.http.exceptions import AuthenticationFailed
from wadjet.http.identity import AnonymousUser
from wadjet.middleware import (
    AuthenticationMiddleware,
    BaseMiddleware,
    RateLimitMiddleware,
    SessionMiddleware,
)
from wadjet.testing import TestClient
from wadjet.types import ASGIApp, Receive, Scope, Send

ANN = MemoryUser(1, "ann")
TOKENS = MemoryTokens()
TOKEN = TOKENS.issue(ANN)
GOOD, BAD = [("authorization", f"Bearer {TOKEN}")], [("authorization", "Bearer bad")]


class Counting(TokenAuthentication):
    """Counts how often it is asked."""

    asked = 0

    def authenticate(self, request: Request) -> Any:
        Counting.asked += 1
        return super().authenticate(request)


class Slow(Authentication):
    """Has to be waited for."""

    asked = 0

    async def authenticate(self, request: Request) -> Found:
        Slow.asked += 1
        await asyncio.sleep(0)
        field = request.header(b"authorization")
        if field is None:
            return None
        if field.endswith(b"bad"):
            raise AuthenticationFailed
        return Identity(ANN, {"type": "token"})

    def must_wait(self, request: Request) -> bool:
        return request.header(b"authorization") is not None


def _routes(app: Wadjet) -> Wadjet:
    @app.get("/me")
    async def me(request: Request) -> str:
        return f"{getattr(request.user, 'username', 'nobody')} {request.auth['type']}"

    @app.get("/open")
    async def everybody() -> str:
        return "open"

    @app.get("/twice")
    def twice(request: Request) -> str:
        assert request.user is request.user
        return "twice"

    app.mount("/theirs", starlette())
    return app


async def theirs(request: StarletteRequest) -> PlainTextResponse:
    name = getattr(request.user, "username", "nobody")
    return PlainTextResponse(f"{name} {request.auth['type']}")


def starlette() -> Starlette:
    return Starlette(routes=[StarletteRoute("/me", theirs)])


def in_list(backend: Authentication, **options: Any) -> ASGIApp:
    return _routes(Wadjet(middleware=[(AuthenticationMiddleware, {"backends": [backend], **options})]))


def wrapped(backend: Authentication, **options: Any) -> ASGIApp:
    return AuthenticationMiddleware(_routes(Wadjet()), backends=[backend], **options)


def around_another(backend: Authentication, **options: Any) -> ASGIApp:
    return AuthenticationMiddleware(starlette(), backends=[backend], **options)


FORMS = pytest.mark.parametrize("form", [in_list, wrapped], ids=["in the list", "wrapped"])
WAYS = pytest.mark.parametrize("way", [Counting(TOKENS), Slow()], ids=["at once", "waiting"])


@FORMS
@WAYS
def test_whoever_asks_is_told(form: Any, way: Authentication) -> None:
    app = form(way)
    assert run(app, "GET", "/me", headers=GOOD).body == b"ann token"
    assert run(app, "GET", "/me").body == b"nobody none"
    assert run(app, "GET", "/twice", headers=GOOD).body == b"twice"
    assert run(app, "GET", "/theirs/me", headers=GOOD).body == b"ann token"


@FORMS
@WAYS
def test_credentials_that_are_not_good_are_401_for_who_asks_and_nothing_to_others(
    form: Any, way: Authentication
) -> None:
    app = form(way)
    sent = run(app, "GET", "/me", headers=BAD)
    assert sent.status == 401
    assert sent.field(b"www-authenticate") is not None
    assert run(app, "GET", "/open", headers=BAD).body == b"open"
    # What is no application of ours cannot ask.
    assert run(app, "GET", "/theirs/me", headers=BAD).status == 401


@FORMS
@WAYS
def test_or_they_are_nobodys(form: Any, way: Authentication) -> None:
    app = form(way, on_failure="anonymous")
    for path in ("/me", "/theirs/me"):
        assert run(app, "GET", path, headers=BAD).body == b"nobody none"


def test_where_nobody_asks_nothing_is_found_out() -> None:
    app = in_list(Counting(TOKENS))
    Counting.asked = 0
    run(app, "GET", "/open", headers=GOOD)
    assert Counting.asked == 0
    run(app, "GET", "/twice", headers=GOOD)
    assert Counting.asked == 1


def test_what_waits_is_not_asked_where_there_are_no_credentials() -> None:
    app = in_list(Slow())
    Slow.asked = 0
    run(app, "GET", "/open")
    run(app, "GET", "/open", headers=GOOD)
    assert Slow.asked == 1


@WAYS
def test_around_another_framework(way: Authentication) -> None:
    app = around_another(way)
    assert run(app, "GET", "/me", headers=GOOD).body == b"ann token"
    assert run(app, "GET", "/me").body == b"nobody none"
    refused = run(app, "GET", "/me", headers=BAD)
    assert refused.status == 401
    assert refused.field(b"www-authenticate") is not None
    assert run(around_another(way, on_failure="anonymous"), "GET", "/me", headers=BAD).body == b"nobody none"


def test_who_asks_after_the_refusal_meets_nobody() -> None:
    app = Wadjet(middleware=[(AuthenticationMiddleware, {"backends": [Counting(TOKENS)]})])

    @app.exception_handler(401)
    async def page(request: Request, error: Exception) -> Any:
        return f"not you: {request.user!r}", 401

    @app.get("/me")
    async def me(request: Request) -> str:
        return str(request.user)

    assert run(app, "GET", "/me", headers=BAD).body == b"not you: <AnonymousUser>"


def test_a_hook_inside_may_say_who_it_is() -> None:
    class Says(BaseMiddleware):
        def before(self, request: Request) -> None:
            request.user = MemoryUser(2, "bob")

    ways = {"backends": [Counting(TOKENS)]}
    app = _routes(Wadjet(middleware=[(AuthenticationMiddleware, ways), Says]))
    assert run(app, "GET", "/me", headers=GOOD).body == b"bob none"


def test_the_address_is_counted_by_whom_it_is() -> None:
    limit = (RateLimitMiddleware, {"max_requests": 1, "key_func": None})
    by_user = Settings(RATE_LIMIT_BY="user")
    auth = (AuthenticationMiddleware, {"backends": [Counting(TOKENS)]})
    app = _routes(Wadjet(settings=by_user, middleware=[auth, limit]))
    assert [run(app, "GET", "/open", headers=fields).status for fields in (GOOD, [], GOOD, BAD)] == [
        200,
        200,
        429,
        401,
    ]
    with pytest.raises(
        ConfigError, match="swap the two: AuthenticationMiddleware first, then RateLimitMiddleware"
    ):
        Wadjet(settings=by_user, middleware=[limit, auth]).seal()


def test_sessions_stand_outside() -> None:
    with pytest.raises(
        ConfigError, match="swap the two: SessionMiddleware first, then AuthenticationMiddleware"
    ):
        Wadjet(settings=SETTINGS, middleware=[AuthenticationMiddleware, SessionMiddleware]).seal()


def test_without_settings_everybody_is_nobody() -> None:
    assert run(AuthenticationMiddleware(_routes(Wadjet())), "GET", "/me", headers=GOOD).body == b"nobody none"
    assert run(AuthenticationMiddleware(starlette()), "GET", "/me").body == b"nobody none"


def test_settings_name_the_ways() -> None:
    settings = Settings(
        SECRET_KEY="secret" * 10,
        AUTH_BACKENDS=("wadjet.auth.JWTAuthentication", SessionAuthentication, BasicAuthentication),
        AUTH_USERS=people(),
        MIDDLEWARE=("wadjet.middleware.auth.AuthenticationMiddleware",),
    )
    sent = run(_routes(Wadjet(settings=settings)), "GET", "/me", headers=[("authorization", "Bearer x.y.z")])
    expected = b'Bearer error="invalid_token", Basic realm="Login", charset="UTF-8", Session'
    assert (sent.status, sent.field(b"www-authenticate")) == (401, expected)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"on_failure": "ignore"}, "AUTH_ON_FAILURE='ignore' is not one of refuse, anonymous"),
        ({"backends": "wadjet.auth.SessionAuthentication"}, "is one text; write a tuple"),
        ({"backends": [object]}, "does not find out who is asking"),
        ({"backends": ["wadjet.auth.Nobody"]}, "cannot be imported"),
        ({"backends": [BasicAuthentication]}, "nothing knows users"),
        (
            {"backends": [Authentication]},
            "cannot find out who is asking without authenticate; write it there",
        ),
    ],
)
def test_options_that_cannot_be_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        AuthenticationMiddleware(starlette(), **options)


def test_a_way_to_find_out_who_is_asking_cannot_be_made_without_finding_out() -> None:
    with pytest.raises(TypeError, match="authenticate"):
        Authentication()  # type: ignore[abstract] # that is the mistake


def test_a_way_to_find_out_may_say_no_more_than_who_is_asking() -> None:
    way = Tickets()
    assert way.challenge() is None
    assert way.scheme() == {}
    assert way.must_wait(Request.blank("/"))


def test_a_cookie_does_not_stand_in_for_a_token_that_was_shown() -> None:
    backends = [TokenAuthentication(TOKENS), SessionAuthentication]
    for users in (people(), people(SlowUsers)):
        with TestClient(site(users, backends=backends)) as client:
            client.post("/login?name=ann")
            assert client.get("/me").text == "ann session"
            assert client.get("/me", headers=dict(BAD)).status_code == 401
            assert client.get("/me", headers=dict(GOOD)).text == "ann token"


def test_pyramids_names_say_the_same() -> None:
    app = Wadjet(middleware=[(AuthenticationMiddleware, {"backends": [Counting(TOKENS)]})])

    @app.get("/")
    async def names(request: Request) -> Any:
        known = request.identity is request.user
        return [request.is_authenticated, known, request.authenticated_userid]

    assert run(app, "GET", "/", headers=GOOD).body == b"[true,true,1]"
    assert run(app, "GET", "/").body == b"[false,false,null]"


# -- WebSockets ---------------------------------------------------------------------------------------------------------------


class Asks:
    """Accepts, and notes who is there."""

    user: Any = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        Asks.user = scope["user"]
        await accepting(scope, receive, send)


@WAYS
def test_a_handshake_is_authenticated_before_the_socket(way: Authentication) -> None:
    app = AuthenticationMiddleware(Asks(), backends=[way])
    assert handshake(app, *GOOD)[0]["type"] == "websocket.accept"
    assert Asks.user is ANN
    assert handshake(app)[0]["type"] == "websocket.accept"
    assert isinstance(Asks.user, AnonymousUser)
    (start, _) = handshake(app, *BAD)
    assert (start["type"], start["status"]) == ("websocket.http.response.start", 401)


@pytest.mark.parametrize(
    ("origin", "opens"),
    [
        (None, True),
        ("http://localhost", True),
        ("https://friend.test", True),
        ("http://evil.test", False),
        ("http://localhost.evil.test", False),
        ("null", False),
        ("http://localhost:81", False),
    ],
)
@pytest.mark.parametrize("kind", [None, SlowUsers])
def test_a_socket_of_another_site_is_not_opened_with_a_session(
    origin: str | None, opens: bool, kind: Any
) -> None:
    users = people() if kind is None else people(kind)
    with TestClient(site(users)) as client:
        client.post("/login?name=ann")
        cookie = ("cookie", f"sessionid={client.cookies['sessionid']}")
    settings = Settings(SECRET_KEY=SETTINGS.SECRET_KEY, CSRF_TRUSTED_ORIGINS=("https://friend.test",))

    class Inside(Asks):
        def __init__(self) -> None:
            self.settings = settings

    app = SessionMiddleware(AuthenticationMiddleware(Inside(), users=users, backends=[SessionAuthentication]))
    fields = [cookie] if origin is None else [cookie, ("origin", origin)]
    first = handshake(app, *fields)[0]
    assert first["type"] == ("websocket.accept" if opens else "websocket.http.response.start")
    if opens:
        assert Asks.user.username == "ann"
    else:
        assert first["status"] == 403
        assert handshake(app, ("origin", origin or ""))[0]["type"] == "websocket.accept"


class Tickets(Authentication):
    """A cookie of somebody's own."""

    is_ambient = True

    def authenticate(self, request: Request) -> Identity | None:
        return Identity(ANN, {"type": "ticket"}) if "ticket" in request.cookies else None


@pytest.mark.parametrize(
    ("way", "field"),
    [
        (Tickets(), ("cookie", "ticket=1")),
        (
            BasicAuthentication(Accounts(people(), Passwords(QUICK))),
            ("authorization", str(Authorization.basic("ann", "right"))),
        ),
    ],
    ids=["a cookie of their own", "Basic"],
)
def test_a_socket_of_another_site_is_not_opened_with_what_browsers_send_unasked(
    way: Authentication, field: tuple[str, str]
) -> None:
    app = AuthenticationMiddleware(Asks(), backends=[way])
    refused = handshake(app, field, ("origin", "https://evil.test"))[0]
    assert (refused["type"], refused["status"]) == ("websocket.http.response.start", 403)
    for own in ([field], [field, ("origin", "http://localhost")]):
        assert handshake(app, *own)[0]["type"] == "websocket.accept"
        assert Asks.user.username == "ann"


def test_a_socket_of_another_site_is_opened_with_a_token_that_it_was_given() -> None:
    app = AuthenticationMiddleware(Asks(), backends=[TokenAuthentication(TOKENS)])
    assert handshake(app, *GOOD, ("origin", "https://friend.test"))[0]["type"] == "websocket.accept"


class SlowTokens:
    """Has to be waited for."""

    async def find(self, digest: str, /) -> KeptToken | None:
        return TOKENS.find(digest)


@pytest.mark.parametrize("form", [in_list, wrapped, around_another])
@pytest.mark.parametrize("keys", [TOKENS, SlowTokens()], ids=["at once", "waiting"])
@pytest.mark.parametrize(("header", "vary"), [("X-Shop", b"X-Shop"), ("Authorization", None)])
def test_what_depends_on_a_key_tells_caches_so(
    form: Any, keys: TokenSource, header: str, vary: bytes | None
) -> None:
    """RFC 9111 §3.5: of Authorization every cache knows, of other fields none."""
    app = form(APIKeyAuthentication(keys, header=header))
    for fields in ([], [(header.lower(), TOKEN)], [(header.lower(), "bad")]):
        assert run(app, "GET", "/me", headers=fields).field(b"vary") in {
            vary,
            b"Accept" if vary is None else b"Accept, " + vary,
        }
    if form is not around_another:
        assert run(app, "GET", "/open").field(b"vary") is None


def test_a_key_of_a_route_tells_caches_so() -> None:
    app = Wadjet()
    own: Any = {
        "authentication_classes": [APIKeyAuthentication(TOKENS)],
        "permission_classes": [IsAuthenticated],
    }
    app.get("/", **own)(lambda: "served")
    for fields, status, vary in (
        ([], 401, b"Accept, X-API-Key"),
        ([("x-api-key", TOKEN)], 200, b"X-API-Key"),
    ):
        sent = run(app, "GET", "/", headers=fields)
        assert (sent.status, sent.field(b"vary")) == (status, vary)


def test_what_another_application_makes_of_the_user_is_not_for_every_cookie() -> None:
    stacked = AuthenticationMiddleware(starlette(), users=people(), backends=[SessionAuthentication])
    sent = run(SessionMiddleware(stacked, secret="secret" * 10), "GET", "/me")
    assert (sent.status, sent.field(b"vary")) == (200, b"Cookie")
