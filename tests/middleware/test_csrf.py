"""CSRFMiddleware: who passes, who does not, and what a form and a script have to do."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request as StarletteRequest
from starlette.responses import PlainTextResponse as StarletteText
from starlette.routing import Route as StarletteRoute

from tests.driving import Sent, drive, exchange, http_scope, run
from wadjet import BaseMiddleware, HTMLResponse, Request, Response, Router, Settings, View, Wadjet
from wadjet.errors import ConfigError
from wadjet.middleware.csrf import CSRFMiddleware
from wadjet.security.tokens import CsrfTokens
from wadjet.types import ASGIApp

SECRET = "a secret that only these tests know"
TOKENS = CsrfTokens(SECRET)
COOKIE = TOKENS.cookie("", b"s" * 16)
TOKEN = TOKENS.token(COOKIE, b"t" * 16)
URLENCODED = ("content-type", "application/x-www-form-urlencoded")
MULTIPART = ("content-type", "multipart/form-data; boundary=b")


def settings(**given: Any) -> Settings:
    return Settings(**{"SECRET_KEY": SECRET, **given})


def application(options: Any = None, outer: Iterable[Any] = (), **given: Any) -> Wadjet:
    app = Wadjet(settings(**given), middleware=[*outer, (CSRFMiddleware, options or {})])
    _routes(app)
    return app


def _routes(app: Wadjet) -> None:
    @app.route("/csrf/post", methods=["POST", "PUT", "PATCH", "DELETE", "FOO"])
    async def post(request: Request) -> str:
        return (await request.body()).decode("latin-1")

    @app.get("/csrf/form")
    async def form(request: Request) -> Any:
        return {"token": request.csrf_token}

    @app.get("/plain")
    async def plain() -> str:
        return "plain"

    @app.post("/login")
    async def login(request: Request) -> str:
        request.rotate_csrf_token()
        return request.csrf_token

    @app.post("/fields")
    async def fields(request: Request) -> Any:
        values = await request.form()
        return {
            name: value if isinstance(value, str) else (await value.read()).decode()
            for name, value in values.items()
        }

    @app.post("/webhook", csrf_exempt=True)
    async def webhook() -> str:
        return "taken"

    @app.post("/csrf/webhook")
    async def named() -> str:
        return "taken"

    @app.post("/{name:path}")
    async def other(name: str) -> str:
        return name


APP = application()


def ask(
    target: str = "/csrf/post",
    *headers: tuple[str, str],
    method: str = "POST",
    content: bytes = b"",
    app: ASGIApp = APP,
    **extra: Any,
) -> Sent:
    return run(app, method, target, headers=headers, content=content, **extra)


def cookie(value: str = COOKIE) -> tuple[str, str]:
    return "cookie", f"csrftoken={value}"


def header(value: str = TOKEN) -> tuple[str, str]:
    return "x-csrftoken", value


def part(name: str, value: str, extra: str = "") -> str:
    return f'--b\r\nContent-Disposition: form-data; name="{name}"{extra}\r\n\r\n{value}\r\n'


def given_cookie(sent: Sent) -> str | None:
    found = sent.field(b"set-cookie")
    return None if found is None else re.match(rb"csrftoken=([^;]+)", found)[1].decode()  # type: ignore[index]  # it matches


# -- the browser says where it comes from -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"sec-fetch-site": "none"}, 200),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-origin", "origin": "http://localhost"}, 200),
        ({"sec-fetch-site": "cross-site", "origin": "https://trusted.example.com"}, 200),
        ({"origin": "http://localhost"}, 200),
        ({"origin": "http://localhost:8000"}, 403),
        ({"origin": "null"}, 403),
    ],
)
def test_no_token_is_asked_of_who_says_where_it_comes_from(headers: dict[str, str], status: int) -> None:
    app = application(CSRF_TRUSTED_ORIGINS=("https://trusted.example.com/",))
    assert ask("/csrf/post", *headers.items(), app=app).status == status
    with_token = ask("/csrf/post", *headers.items(), cookie(), header(), app=app)
    assert with_token.status == status  # CSRF-36: and a good token changes nothing


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        pytest.param("https://evil.test", 403, id="CSRF-36"),
        pytest.param("https://trusted.example.com", 200, id="CSRF-39"),
        pytest.param("https://trustedXexample.com", 403, id="CSRF-40"),
        pytest.param("https://trusted.example.com.evil.test", 403, id="CSRF-41"),
    ],
)
def test_an_origin_with_a_good_token(origin: str, status: int) -> None:
    app = application(CSRF_TRUSTED_ORIGINS=("https://trusted.example.com",))
    assert ask("/csrf/post", ("origin", origin), cookie(), header(), app=app).status == status


def test_csrf_49_over_https_an_old_browser_says_the_referer() -> None:
    for referer, status in (("https://evil.test/", 403), ("https://localhost/form", 200)):
        sent = ask("/csrf/post", ("referer", referer), cookie(), header(), scheme="https")
        assert sent.status == status


# -- else a token -----------------------------------------------------------------------------------------------------------

ROWS: list[Any] = [
    pytest.param("POST", "/csrf/post", [], 403, id="CSRF-01"),
    pytest.param("POST", "/csrf/post", [cookie(), header()], 200, id="CSRF-02"),
    pytest.param("POST", "/csrf/post", [cookie(), header(COOKIE)], 200, id="CSRF-02-plain"),
    pytest.param("POST", "/csrf/post", [cookie()], 403, id="CSRF-03"),
    pytest.param("POST", "/csrf/post", [header()], 403, id="CSRF-03-header-only"),
    pytest.param("POST", "/csrf/post", [cookie(), header(TOKEN[:-1])], 403, id="CSRF-07"),
    pytest.param("PUT", "/csrf/post", [cookie()], 403, id="CSRF-10"),
    pytest.param("DELETE", "/csrf/post", [cookie()], 403, id="CSRF-11"),
    pytest.param("PATCH", "/csrf/post", [cookie()], 403, id="CSRF-12"),
    pytest.param("FOO", "/csrf/post", [cookie()], 403, id="CSRF-13"),
    pytest.param("POST", "/csrf/post", [cookie(), ("x-requested-with", "XMLHttpRequest")], 403, id="CSRF-15"),
    pytest.param("POST", "/csrf/post", [cookie(), ("accept", "*/*")], 403, id="CSRF-18"),
    pytest.param("POST", f"/csrf/post?csrfmiddlewaretoken={TOKEN}", [cookie()], 403, id="CSRF-19"),
    pytest.param("POST", "/csrf/post", [cookie(), header("\xff" * 64)], 403, id="CSRF-20"),
    pytest.param("POST", "/csrf/post", [cookie("\xff" * 64), header("\xff" * 64)], 403, id="CSRF-20-cookie"),
    pytest.param("POST", "/csrf/post", [cookie(), header("a" * 8192)], 403, id="CSRF-24"),
    pytest.param("GET", "/plain", [], 200, id="CSRF-27"),
    pytest.param("HEAD", "/plain", [], 200, id="CSRF-28"),
    pytest.param(
        "POST", "/csrf/post", [("cookie", f"a[]=1; csrftoken={COOKIE}"), header()], 200, id="CSRF-30"
    ),
    pytest.param("POST", "/csrf/post", [cookie("a" * 64), header("a" * 64)], 403, id="CSRF-34"),
    pytest.param("POST", "/csrf/post", [cookie("a" * 32), header("a" * 32)], 403, id="CSRF-35"),
    pytest.param(
        "POST",
        "/csrf/post",
        [("cookie", f"csrftoken=evil; csrftoken={COOKIE}"), header("evil")],
        403,
        id="CSRF-46",
    ),
]


@pytest.mark.parametrize(("method", "target", "headers", "status"), ROWS)
def test_who_says_nothing_needs_a_token(method: str, target: str, headers: Any, status: int) -> None:
    assert ask(target, *headers, method=method).status == status


@pytest.mark.parametrize(
    ("kind", "content", "status"),
    [
        pytest.param(URLENCODED, b"%ff=%zz", 403, id="CSRF-25"),
        pytest.param(("content-type", "multipart/form-data"), b"--b\r\n", 403, id="CSRF-26"),
        pytest.param(MULTIPART, b"garbage", 403, id="CSRF-26-garbage"),
        pytest.param(("content-type", "application/json"), b'{"csrfmiddlewaretoken": 1}', 403, id="json"),
        pytest.param(URLENCODED, b"csrfmiddlewaretoken=" + b"a" * 5000, 403, id="long"),
    ],
)
def test_content_without_a_token_is_refused(kind: Any, content: bytes, status: int) -> None:
    assert ask("/csrf/post", cookie(), kind, content=content).status == status


@pytest.mark.parametrize("token", [TOKEN, COOKIE], ids=["masked", "plain"])
def test_csrf_31_w3_a_field_of_a_form_is_a_token_and_the_handler_gets_the_whole_form(token: str) -> None:
    content = f"a=1&csrfmiddlewaretoken={token}&b=2".encode()
    sent = ask("/csrf/post", cookie(), URLENCODED, content=content)
    assert (sent.status, sent.body) == (200, content)
    fields = ask("/fields", cookie(), URLENCODED, content=content)
    assert b'"a":"1"' in fields.body
    assert b'"b":"2"' in fields.body


def test_csrf_33_w3_so_is_one_of_a_multipart_form() -> None:
    content = (
        part("a", "1")
        + part("csrfmiddlewaretoken", TOKEN)
        + part("f", "file", '; filename="f"')
        + "--b--\r\n"
    ).encode()
    sent = ask("/csrf/post", cookie(), MULTIPART, content=content)
    assert (sent.status, sent.body) == (200, content)
    fields = ask("/fields", cookie(), MULTIPART, content=content)
    assert fields.body == b'{"a":"1","csrfmiddlewaretoken":"%s","f":"file"}' % TOKEN.encode()


def test_a_header_that_is_wrong_is_not_mended_by_a_field() -> None:
    content = f"csrfmiddlewaretoken={TOKEN}".encode()
    assert ask("/csrf/post", cookie(), header("no"), URLENCODED, content=content).status == 403


def test_compressed_content_is_not_searched() -> None:
    content = f"csrfmiddlewaretoken={TOKEN}".encode()
    assert (
        ask("/csrf/post", cookie(), URLENCODED, ("content-encoding", "gzip"), content=content).status == 403
    )


@pytest.mark.parametrize("kind", [URLENCODED, MULTIPART], ids=["urlencoded", "multipart"])
def test_csrf_50_w3_two_mebibytes_are_searched_and_the_handler_gets_all_that_follows(kind: Any) -> None:
    """A form of 3 MB: with the token at its end it is refused, at its beginning the handler gets it whole."""
    fill = [b"a" * 65536] * 48
    if kind is URLENCODED:
        late = [b"x=", *fill, f"&csrfmiddlewaretoken={TOKEN}".encode()]
        early = [f"csrfmiddlewaretoken={TOKEN}&x=".encode(), *fill]
    else:
        file = part("x", "", '; filename="x"')[:-2].encode()
        late = [file, *fill, b"\r\n", part("csrfmiddlewaretoken", TOKEN).encode(), b"--b--\r\n"]
        early = [part("csrfmiddlewaretoken", TOKEN).encode(), file, *fill, b"\r\n--b--\r\n"]

    async def send(chunks: list[bytes]) -> tuple[int, bytes]:
        size = str(sum(map(len, chunks)))
        scope = http_scope("POST", "/csrf/post", [cookie(), kind, ("content-length", size)])
        start, *bodies = await drive(APP, scope, chunks)
        return start["status"], b"".join(message.get("body", b"") for message in bodies)

    assert asyncio.run(send(late))[0] == 403
    assert asyncio.run(send(early)) == (200, b"".join(early))


def test_the_search_keeps_large_content_out_of_memory() -> None:
    seen = {}
    app = Wadjet(settings(), middleware=[CSRFMiddleware])

    @app.post("/", max_body_size=1 << 30)
    async def stream(request: Request) -> str:
        count = 0
        async for chunk in request.stream():
            count += len(chunk)
        spool = request.content.spool
        assert spool is not None
        seen["stored"] = spool._stored
        return str(count)

    chunks = [f"csrfmiddlewaretoken={TOKEN}&x=".encode(), *[b"a" * 65536] * 200]
    size = sum(map(len, chunks))

    async def send() -> bytes:
        scope = http_scope("POST", "/", [cookie(), URLENCODED, ("content-length", str(size))])
        return b"".join(message.get("body", b"") for message in await drive(app, scope, chunks))

    assert asyncio.run(send()) == str(size).encode()
    assert seen["stored"] > 10_000_000


# -- the cookie -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [("GET", "/plain", 200), ("GET", "/nowhere", 405), ("POST", "/csrf/post", 403), ("HEAD", "/plain", 200)],
)
def test_every_client_without_a_cookie_gets_one(method: str, target: str, status: int) -> None:
    sent = ask(target, method=method)
    assert sent.status == status
    found = given_cookie(sent)
    assert found is not None
    assert ask("/csrf/post", cookie(found), header(found)).status == 200
    assert sent.field(b"vary") is not None


def test_csrf_44_the_cookie_says_where_it_goes() -> None:
    field = ask("/plain", method="GET").field(b"set-cookie") or b""
    assert re.fullmatch(rb"csrftoken=[\w-]{64}; Path=/; SameSite=Lax", field)
    over_tls = ask("/plain", method="GET", scheme="https").field(b"set-cookie") or b""
    assert over_tls.endswith(b"; Path=/; Secure; SameSite=Lax")


def test_settings_say_what_the_cookie_is() -> None:
    app = application(
        CSRF_COOKIE_NAME="__Host-csrf",
        CSRF_COOKIE_SECURE=True,
        CSRF_COOKIE_HTTPONLY=True,
        CSRF_COOKIE_SAMESITE="Strict",
        CSRF_COOKIE_AGE=60,
    )
    field = ask("/plain", method="GET", app=app).field(b"set-cookie") or b""
    assert re.fullmatch(
        rb"__Host-csrf=[\w-]{64}; Max-Age=60; Path=/; Secure; HttpOnly; SameSite=Strict", field
    ) or re.fullmatch(
        rb"__Host-csrf=[\w-]{64}; Max-Age=60; Expires=[^;]+; Path=/; Secure; HttpOnly; SameSite=Strict", field
    )


def test_arguments_win_over_settings() -> None:
    app = application({"secret": "other", "cookie_name": "c", "header_name": "X-My-Token"})
    tokens = CsrfTokens("other")
    value = tokens.cookie("", b"s" * 16)
    assert ask("/csrf/post", ("cookie", f"c={value}"), ("x-my-token", value), app=app).status == 200


def test_who_has_a_cookie_gets_no_other() -> None:
    assert given_cookie(ask("/plain", cookie(), method="GET")) is None


def test_who_has_a_cookie_that_is_none_gets_one() -> None:
    assert given_cookie(ask("/plain", cookie("a" * 64), method="GET")) is not None


def test_csrf_43_a_token_is_another_one_each_time() -> None:
    one, two = (ask("/csrf/form", cookie(), method="GET").body[10:74].decode() for _ in range(2))
    assert one != two
    for token in (one, two):
        assert ask("/csrf/post", cookie(), header(token)).status == 200


def test_a_token_that_was_shown_with_a_new_cookie_belongs_to_it() -> None:
    sent = ask("/csrf/form", method="GET")
    value, token = given_cookie(sent) or "", sent.body[10:74].decode()
    assert ask("/csrf/post", cookie(value), header(token)).status == 200


def test_csrf_45_a_page_with_a_token_is_for_its_client() -> None:
    assert ask("/csrf/form", cookie(), method="GET").field(b"vary") == b"Cookie"
    assert ask("/plain", cookie(), method="GET").field(b"vary") is None


@pytest.mark.parametrize(
    ("given", "shows", "expected", "has_cookie"),
    [
        ("public, max-age=60", False, "public, max-age=60", False),
        ("max-age=60", False, "max-age=60", False),
        ("private, max-age=60", False, "private, max-age=60", True),
        ("no-store", False, "no-store", True),
        ("public, max-age=60, s-maxage=9", True, "private, max-age=60", True),
        ("public", True, "private", True),
        ("no-cache", True, "no-cache", True),
    ],
)
def test_no_shared_cache_keeps_the_cookie_of_a_client(
    given: str, shows: bool, expected: str, has_cookie: bool
) -> None:
    app = Wadjet(settings(), middleware=[CSRFMiddleware])

    @app.get("/")
    async def page(request: Request) -> Response[Any]:
        return Response(request.csrf_token if shows else "", headers={"cache-control": given})

    sent = run(app)
    assert sent.field(b"cache-control") == expected.encode()
    assert (given_cookie(sent) is not None) is has_cookie


def test_a_page_with_a_token_is_not_kept_by_the_response_cache() -> None:
    app = Wadjet(settings(), middleware=[CSRFMiddleware])

    @app.get("/", cache_rate=10)
    async def page(request: Request) -> str:
        return request.csrf_token

    @app.get("/same", cache_rate=10)
    async def same() -> str:
        same_runs.append(1)
        return "same"

    same_runs: list[int] = []
    assert run(app).body != run(app).body
    run(app, target="/same"), run(app, target="/same")
    assert len(same_runs) == 1


# -- sessions and logins ----------------------------------------------------------------------------------------------------


class Session(BaseMiddleware):
    """A session whose key the client says."""

    provides = frozenset({"session"})

    def before(self, request: Request) -> None:
        key = request.headers.get("x-session")
        if key is not None:
            request.scope["session"] = SimpleNamespace(key=key)


def test_csrf_47_a_login_makes_tokens_from_before_it_worthless() -> None:
    login = ask("/login", cookie(), header())
    fresh = given_cookie(login) or ""
    assert fresh
    assert ask("/csrf/post", cookie(fresh), header(TOKEN)).status == 403
    assert ask("/csrf/post", cookie(fresh), header(login.body.decode())).status == 200


def test_a_login_without_the_middleware_rotates_nothing() -> None:
    app = Wadjet(settings())

    @app.post("/login")
    async def login(request: Request) -> None:
        request.rotate_csrf_token()

    sent = ask("/login", cookie(), header(), app=app)
    assert (sent.status, given_cookie(sent)) == (204, None)


def test_csrf_46_a_cookie_of_another_session_is_worth_nothing() -> None:
    app = application(outer=[Session])
    mine = TOKENS.cookie("mine", b"s" * 16)
    assert ask("/csrf/post", ("x-session", "mine"), cookie(mine), header(mine), app=app).status == 200
    for key, value in (("theirs", mine), ("mine", COOKIE)):
        refused = ask("/csrf/post", ("x-session", key), cookie(value), header(value), app=app)
        assert refused.status == 403
        bound = given_cookie(refused) or ""
        assert ask("/csrf/post", ("x-session", key), cookie(bound), header(bound), app=app).status == 200


def test_sessions_begin_outside_of_it() -> None:
    with pytest.raises(ConfigError, match="swap the two: Session first, then CSRFMiddleware"):
        Wadjet(settings(), middleware=[CSRFMiddleware, Session]).seal()


def test_a_session_that_begins_in_a_request_has_the_cookie_bound_to_it() -> None:
    app = Wadjet(settings(), middleware=[CSRFMiddleware])

    @app.get("/")
    async def begin(request: Request) -> str:
        token = request.csrf_token
        request.scope["session"] = SimpleNamespace(key="new")
        return token

    value = given_cookie(run(app)) or ""
    assert TOKENS.is_cookie(value, "new")


def test_keys_rotate() -> None:
    app = application(SECRET_KEY=("new", SECRET))
    assert ask("/csrf/post", cookie(), header(), app=app).status == 200
    assert CsrfTokens("new").is_cookie(given_cookie(ask("/plain", method="GET", app=app)) or "", "")
    assert ask("/csrf/post", cookie(), header(), app=application(SECRET_KEY="new")).status == 403


# -- exempt -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/csrf/webhook", 200),
        ("/csrf/webhookx", 403),
        ("/csrf/webhook/", 403),
        ("/csrf/webhook/../post", 403),
        ("/csrf/WEBHOOK", 403),
        ("/csrf//webhook", 403),
    ],
)
def test_csrf_48_an_exempt_path_is_exactly_that(target: str, status: int) -> None:
    app = application({"exempt_paths": ["/csrf/webhook"]})
    assert ask(target, app=app).status == status


def test_an_encoded_slash_does_not_make_another_path_exempt() -> None:
    app = application({"exempt_paths": ["/csrf/webhook"]})
    sent = ask("/csrf/webhook", app=app, raw_path=b"/csrf%2Fwebhook")
    assert sent.status == 403


def test_a_route_may_be_exempt() -> None:
    assert ask("/webhook", ("origin", "https://evil.test")).body == b"taken"


def test_so_may_what_a_router_or_a_view_holds() -> None:
    app = Wadjet(settings(), middleware=[CSRFMiddleware])
    router = Router(prefix="/hooks", csrf_exempt=True)
    router.post("/a")(lambda: "taken")
    app.include(router)

    @app.include
    class Hooks(View):
        path = "/view"
        csrf_exempt = True

        async def post(self) -> str:
            return "taken"

    assert [ask(target, app=app).status for target in ("/hooks/a", "/view")] == [200, 200]


# -- what is said -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "content", "said"),
    [
        (
            [("sec-fetch-site", "cross-site"), ("origin", "https://x.test")],
            b"",
            "Sec-Fetch-Site: 'cross-site' with Origin: 'https://x.test'",
        ),
        ([("origin", "https://x.test")], b"", "CSRF_TRUSTED_ORIGINS"),
        ([], b"", "no cookie csrftoken"),
        ([cookie()], b"", "{{ csrf_input }}"),
        ([cookie(), header("no")], b"", "is not one of this client"),
    ],
)
def test_in_development_the_refusal_says_which_rule_and_which_setting(
    headers: Any, content: bytes, said: str
) -> None:
    app = Wadjet(settings(), middleware=[CSRFMiddleware], debug=True)
    app.post("/")(lambda: "ok")
    sent = ask("/", *headers, ("accept", "text/plain"), content=content, app=app)
    assert said in sent.body.decode()


def test_in_production_it_does_not() -> None:
    sent = ask("/csrf/post", ("origin", "https://x.test"))
    assert b'"detail":"CSRF verification failed."' in sent.body


def test_a_development_without_a_secret_has_one_that_passes(caplog: pytest.LogCaptureFixture) -> None:
    app = Wadjet(middleware=[CSRFMiddleware], debug=True)
    with caplog.at_level(logging.WARNING):
        app.get("/")(lambda: "ok")
        assert run(app).field(b"set-cookie")
    assert "there is no SECRET_KEY" in caplog.text


@pytest.mark.parametrize(
    ("options", "given", "message"),
    [
        ({}, {"SECRET_KEY": ""}, "there is no SECRET_KEY; set WADJET_SECRET_KEY"),
        ({}, {"SECRET_KEY": ()}, "there is no SECRET_KEY"),
        ({}, {"CSRF_TRUSTED_ORIGINS": ("frontend.example.com",)}, "is no origin; write scheme and host"),
        ({}, {"CSRF_TRUSTED_ORIGINS": ("https://a.test/path",)}, "is no origin"),
        ({}, {"CSRF_TRUSTED_ORIGINS": ("*",)}, "is no origin"),
        ({}, {"CSRF_COOKIE_SAMESITE": "None"}, "cookie cannot be set: .*see CSRF_COOKIE_SECURE"),
        ({}, {"CSRF_COOKIE_NAME": "a b"}, "cookie cannot be set"),
        ({"exempt_paths": ["hook"]}, {}, "'hook' is no path"),
    ],
)
def test_what_cannot_be_is_said_at_startup(options: Any, given: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        application(options, **given).seal()


def test_one_exempt_path_may_stand_alone() -> None:
    assert ask("/csrf/webhook", app=application({"exempt_paths": "/csrf/webhook"})).status == 200


def test_a_token_that_nothing_checks_is_a_mistake_that_says_so() -> None:
    with pytest.raises(ConfigError, match="add CSRFMiddleware"):
        _ = Request.blank("/").csrf_token


def test_the_environment_gives_one_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WADJET_SECRET_KEY", "with, a comma")
    assert Wadjet().settings.SECRET_KEY == "with, a comma"


# -- where it stands --------------------------------------------------------------------------------------------------------


def test_it_stands_around_any_application(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WADJET_SECRET_KEY", SECRET)

    async def echo(request: StarletteRequest) -> StarletteText:
        return StarletteText(await request.body())

    app = CSRFMiddleware(Starlette(routes=[StarletteRoute("/", echo, methods=["POST"])]))
    content = f"csrfmiddlewaretoken={TOKEN}&a=1".encode()
    assert ask("/", app=app).status == 403
    sent = ask("/", cookie(), URLENCODED, content=content, app=app)
    assert (sent.status, sent.body) == (200, content)


def test_wrapped_around_an_application_it_knows_which_routes_are_exempt() -> None:
    inner = Wadjet(settings())
    _routes(inner)
    app = CSRFMiddleware(inner)
    assert ask("/webhook", app=app).body == b"taken"
    assert ask("/csrf/post", app=app).status == 403
    assert ask("/csrf/form", method="GET", app=app).status == 200


def test_what_is_mounted_is_guarded_too() -> None:
    app = Wadjet(settings(), middleware=[CSRFMiddleware])
    app.mount(
        "/sub", Starlette(routes=[StarletteRoute("/", lambda request: StarletteText("ok"), methods=["POST"])])
    )
    assert ask("/sub/", app=app).status == 403
    assert ask("/sub/", cookie(), header(), app=app).status == 200


def test_templates_have_the_token_and_the_field(tmp_path: Any) -> None:
    (tmp_path / "form.html").write_text("{{ csrf_input }}|{{ csrf_token }}")
    app = Wadjet(settings(TEMPLATES_DIR=str(tmp_path)), middleware=[CSRFMiddleware])

    @app.get("/")
    async def form() -> HTMLResponse:
        return HTMLResponse(template="form.html")

    field, token = ask("/", cookie(), method="GET", app=app).body.decode().split("|")
    found = re.fullmatch(r'<input type="hidden" name="csrfmiddlewaretoken" value="([\w-]{64})">', field)
    assert found is not None
    assert TOKENS.matches(found[1], COOKIE)
    assert TOKENS.matches(token, COOKIE)


def test_a_refusal_is_negotiated() -> None:
    sent = ask("/csrf/post", ("accept", "text/html"))
    assert b"<h1>" in sent.body
    assert b"application/problem+json" in (ask("/csrf/post").field(b"content-type") or b"")


def test_both_forms_guard_alike() -> None:
    inner = Wadjet(settings())
    _routes(inner)
    wrapped = CSRFMiddleware(inner)

    async def compare() -> None:
        for row in ROWS:
            method, target, headers, _ = row.values
            one = await exchange(APP, method, target, headers=headers)
            other = await exchange(wrapped, method, target, headers=headers)
            assert (one.status, one.body) == (other.status, other.body)

    asyncio.run(compare())
