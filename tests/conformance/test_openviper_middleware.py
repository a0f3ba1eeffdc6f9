"""OpenViper's middleware: its constructors, its settings, its tables of what happens, and what is wrong there and not here.

Where ours differs, ``docs/porting.md`` says so; W-numbers are those of the list of findings.
"""

from __future__ import annotations

import inspect
import logging
import re
from collections.abc import Mapping
from typing import Any

import pytest

import wadjet.middleware
from tests.driving import Sent, run
from wadjet import Request, Settings, Wadjet
from wadjet.errors import ConfigError
from wadjet.http.exceptions import Forbidden
from wadjet.middleware import (
    BaseMiddleware,
    CORSMiddleware,
    CSRFMiddleware,
    DatabaseMiddleware,
    RateLimitMiddleware,
    SecurityMiddleware,
    build_middleware_stack,
    rate_limit,
)

APP = "https://frontend.example.com"

# -- constructors -----------------------------------------------------------------------------------------------------------

NONE: Any = None
CONSTRUCTORS: list[tuple[Any, dict[str, Any]]] = [
    (
        CORSMiddleware,
        {
            "allowed_origins": NONE,
            "allow_credentials": NONE,
            "allowed_methods": NONE,
            "allowed_headers": NONE,
            "expose_headers": NONE,
            "max_age": NONE,
        },
    ),
    # cookie_name: None is the setting CSRF_COOKIE_NAME, which there nothing reads; it is csrftoken.
    (
        CSRFMiddleware,
        {"secret": "", "cookie_name": NONE, "header_name": "x-csrftoken", "exempt_paths": NONE},
    ),
    (RateLimitMiddleware, {"max_requests": NONE, "window_seconds": NONE, "key_func": NONE}),
    (
        SecurityMiddleware,
        {
            "ssl_redirect": NONE,
            "hsts_seconds": NONE,
            "hsts_include_subdomains": NONE,
            "hsts_preload": NONE,
            "x_frame_options": NONE,
            "content_type_nosniff": True,
            "xss_filter": NONE,
            "csp": NONE,
            "permissions_policy": NONE,
            "cross_origin_opener_policy": NONE,
            "cross_origin_embedder_policy": NONE,
            "cross_origin_resource_policy": NONE,
        },
    ),
    (DatabaseMiddleware, {}),
    (BaseMiddleware, {}),
]


@pytest.mark.parametrize(
    ("middleware", "parameters"), CONSTRUCTORS, ids=lambda value: getattr(value, "__name__", "")
)
def test_a_constructor_takes_what_is_documented_in_that_order(
    middleware: Any, parameters: Mapping[str, Any]
) -> None:
    found = list(inspect.signature(middleware).parameters.values())
    positional = [each for each in found if each.kind is not inspect.Parameter.KEYWORD_ONLY]
    assert [each.name for each in positional[: len(parameters) + 1]] == ["app", *parameters]
    assert {each.name: each.default for each in positional[1:]} == parameters


def test_functions_take_what_is_documented() -> None:
    limit = inspect.signature(rate_limit).parameters
    assert (limit["max_requests"].default, limit["window_seconds"].default) == (60, 60.0)
    assert list(inspect.signature(build_middleware_stack).parameters) == ["app", "middleware_classes"]


def test_the_package_exports_what_theirs_does() -> None:
    theirs = {
        "BaseMiddleware",
        "build_middleware_stack",
        "SecurityMiddleware",
        "CORSMiddleware",
        "CSRFMiddleware",
        "DatabaseMiddleware",
        "RateLimitMiddleware",
        "rate_limit",
    }
    assert theirs <= set(wadjet.middleware.__all__)


# -- settings ---------------------------------------------------------------------------------------------------------------

DEFAULTS: dict[str, Any] = {
    "CORS_ALLOWED_ORIGINS": None,  # where nothing is said any origin, without credentials
    "CORS_ALLOW_CREDENTIALS": False,
    "CORS_ALLOWED_METHODS": ("*",),
    "CORS_ALLOWED_HEADERS": ("*",),
    "CORS_EXPOSE_HEADERS": (),
    "CORS_MAX_AGE": 600,
    "CSRF_TRUSTED_ORIGINS": (),
    "CSRF_COOKIE_SECURE": False,
    "CSRF_COOKIE_HTTPONLY": False,
    "CSRF_COOKIE_SAMESITE": "Lax",
    "CSRF_COOKIE_AGE": None,
    "CSRF_COOKIE_NAME": "csrftoken",
    "RATE_LIMIT_REQUESTS": 2000,
    "RATE_LIMIT_WINDOW": 60,
    "RATE_LIMIT_BY": "ip",
    "RATE_LIMIT_BACKEND": "memory",
    "SECURE_SSL_REDIRECT": False,
    "SECURE_HSTS_SECONDS": 0,
    "SECURE_HSTS_INCLUDE_SUBDOMAINS": False,
    "SECURE_HSTS_PRELOAD": False,
    "X_FRAME_OPTIONS": "DENY",
    "SECURE_BROWSER_XSS_FILTER": False,
    "SECURE_CONTENT_SECURITY_POLICY": None,
    "SECURE_PERMISSIONS_POLICY": None,
    "SECURE_CROSS_ORIGIN_OPENER_POLICY": None,
    "SECURE_CROSS_ORIGIN_EMBEDDER_POLICY": None,
    "SECURE_CROSS_ORIGIN_RESOURCE_POLICY": None,
    "ALLOWED_HOSTS": ("localhost", "127.0.0.1", "[::1]", ".localhost"),
}


@pytest.mark.parametrize("name", DEFAULTS)
def test_a_setting_has_its_default(name: str) -> None:
    assert getattr(Settings(), name) == DEFAULTS[name]


def site(middleware: Any, **settings: Any) -> Wadjet:
    """Return an application with one middleware, and the answers that the tables ask for."""
    app = Wadjet(Settings(**settings), middleware=[middleware])

    @app.route("/", methods=["GET", "POST", "PUT", "OPTIONS"])
    async def index(request: Request) -> Any:
        return await request.text() or "ok"

    @app.post("/api/webhooks")
    async def hook() -> str:
        return "hooked"

    @app.get("/crash")
    async def crash() -> None:
        raise LookupError

    return app


def ask(app: Any, *fields: tuple[str, str], method: str = "GET", target: str = "/", **options: Any) -> Sent:
    return run(app, method, target, headers=fields, **options)


#: Settings alone, without arguments ("no manual wiring"): the name, a value, the field that says it.
WIRED: list[tuple[Any, dict[str, Any], bytes, bytes]] = [
    (CORSMiddleware, {"CORS_ALLOWED_ORIGINS": (APP,)}, b"access-control-allow-origin", APP.encode()),
    (
        CORSMiddleware,
        {"CORS_ALLOWED_ORIGINS": (APP,), "CORS_ALLOW_CREDENTIALS": True},
        b"access-control-allow-credentials",
        b"true",
    ),
    (
        CORSMiddleware,
        {"CORS_EXPOSE_HEADERS": ("X-Request-Id",)},
        b"access-control-expose-headers",
        b"X-Request-Id",
    ),
    (RateLimitMiddleware, {"RATE_LIMIT_REQUESTS": 200}, b"x-ratelimit-limit", b"200"),
    (RateLimitMiddleware, {"RATE_LIMIT_WINDOW": 30}, b"ratelimit-policy", b'"default";q=2000;w=30'),
    (SecurityMiddleware, {"X_FRAME_OPTIONS": "SAMEORIGIN"}, b"x-frame-options", b"SAMEORIGIN"),
    (SecurityMiddleware, {"SECURE_PERMISSIONS_POLICY": "usb=()"}, b"permissions-policy", b"usb=()"),
    (
        SecurityMiddleware,
        {"SECURE_CONTENT_SECURITY_POLICY": {"default-src": "'self'"}},
        b"content-security-policy",
        b"default-src 'self'",
    ),
    (
        SecurityMiddleware,
        {"SECURE_CROSS_ORIGIN_OPENER_POLICY": "same-origin"},
        b"cross-origin-opener-policy",
        b"same-origin",
    ),
    (
        SecurityMiddleware,
        {"SECURE_CROSS_ORIGIN_EMBEDDER_POLICY": "require-corp"},
        b"cross-origin-embedder-policy",
        b"require",
    ),
    (
        SecurityMiddleware,
        {"SECURE_CROSS_ORIGIN_RESOURCE_POLICY": "same-site"},
        b"cross-origin-resource-policy",
        b"same-site",
    ),
    (SecurityMiddleware, {"SECURE_BROWSER_XSS_FILTER": True}, b"x-xss-protection", b"1; mode=block"),
    (CSRFMiddleware, {"SECRET_KEY": "secret", "CSRF_COOKIE_NAME": "token"}, b"set-cookie", b"token="),
]


@pytest.mark.parametrize(("middleware", "settings", "name", "value"), WIRED)
def test_12_11_what_is_not_given_is_a_setting(
    middleware: Any, settings: dict[str, Any], name: bytes, value: bytes
) -> None:
    found = ask(site(middleware, **settings), ("origin", APP)).field(name)
    assert found is not None
    assert found.startswith(value)


# -- CORS -------------------------------------------------------------------------------------------------------------------

LISTED = (CORSMiddleware, {"allowed_origins": [APP, "https://*.example.org"]})
PREFLIGHT = ("access-control-request-method", "PUT")


@pytest.mark.parametrize(
    ("fields", "method", "status", "allowed", "vary"),
    [
        pytest.param([], "GET", 200, None, b"Origin", id="no Origin: a cache must know"),
        pytest.param([APP], "GET", 200, APP, b"Origin", id="simple, allowed"),
        pytest.param(["https://evil.test"], "GET", 200, None, b"Origin", id="simple, not allowed"),
        pytest.param(
            [APP], "OPTIONS", 200, APP, b"Origin", id="OPTIONS that is no preflight is the application's"
        ),
        pytest.param(["null"], "GET", 200, None, b"Origin", id="null"),
        pytest.param(["https://a.example.org"], "GET", 200, "https://a.example.org", b"Origin", id="pattern"),
        pytest.param(
            ["https://a.b.example.org"], "GET", 200, "https://a.b.example.org", b"Origin", id="deep"
        ),
        pytest.param(["https://example.org"], "GET", 200, None, b"Origin", id="apex"),
        pytest.param(["https://a.example.org:8443"], "GET", 200, None, b"Origin", id="port"),
        pytest.param(["https://evil.test/.example.org"], "GET", 200, None, b"Origin", id="slash"),
        pytest.param(["http://a.example.org"], "GET", 200, None, b"Origin", id="scheme"),
    ],
)
def test_w6_who_may_read(
    fields: list[str], method: str, status: int, allowed: str | None, vary: bytes
) -> None:
    sent = ask(site(LISTED), *[("origin", origin) for origin in fields], method=method)
    assert sent.status == status
    assert sent.field(b"access-control-allow-origin") == (allowed and allowed.encode())
    assert sent.field(b"vary") == vary


@pytest.mark.parametrize(
    ("origin", "method", "status"), [(APP, "PUT", 204), ("https://evil.test", "PUT", 403), (APP, "BREW", 403)]
)
def test_w6_a_preflight_is_answered_by_what_is_allowed(origin: str, method: str, status: int) -> None:
    stack = (CORSMiddleware, {"allowed_origins": [APP], "allowed_methods": ["GET", "PUT"]})
    asked = (("origin", origin), ("access-control-request-method", method))
    sent = ask(site(stack), *asked, method="OPTIONS")
    assert sent.status == status
    assert (sent.field(b"access-control-allow-methods") is not None) is (status == 204)
    assert b"Origin" in (sent.field(b"vary") or b"")


def test_w6_an_empty_list_allows_nobody_and_no_list_everybody_without_credentials() -> None:
    for origins, allowed in (([], None), (None, b"*"), (["*"], b"*")):
        sent = ask(site((CORSMiddleware, {"allowed_origins": origins})), ("origin", APP))
        assert sent.field(b"access-control-allow-origin") == allowed


@pytest.mark.parametrize("origin", ["*", "https://*", "https://example.*"])
def test_12_10_a_wildcard_with_credentials_is_a_value_error(origin: str) -> None:
    with pytest.raises(ValueError, match="allow_credentials=True cannot be combined with a wildcard"):
        CORSMiddleware(Wadjet(), [origin], allow_credentials=True)


def test_w6_what_goes_wrong_and_what_is_refused_can_be_read() -> None:
    app = site(LISTED)
    assert ask(app, ("origin", APP), target="/crash").field(b"access-control-allow-origin") == APP.encode()
    inner = Wadjet(middleware=[LISTED, (RateLimitMiddleware, {"max_requests": 0})])
    refused = ask(inner, ("origin", APP))
    assert (refused.status, refused.field(b"access-control-allow-origin")) == (429, APP.encode())


# -- CSRF -------------------------------------------------------------------------------------------------------------------


def guarded(**settings: Any) -> tuple[Wadjet, str]:
    """Return an application and the cookie of a client."""
    app = site((CSRFMiddleware, {"exempt_paths": ["/api/webhooks"]}), SECRET_KEY="secret", **settings)
    cookie = ask(app).field(b"set-cookie")
    assert cookie is not None
    found = re.match("csrftoken=([^;]+)", cookie.decode())
    assert found is not None
    return app, found[1]


def test_w3_what_the_document_s_script_does_passes() -> None:
    app, cookie = guarded()
    sent = ask(app, ("cookie", f"csrftoken={cookie}"), ("x-csrftoken", cookie), method="POST")
    assert sent.status == 200


@pytest.mark.parametrize("kind", ["urlencoded", "multipart"])
def test_w3_a_form_passes_and_its_content_reaches_the_handler_whole(kind: str) -> None:
    app, cookie = guarded()
    field = f"csrfmiddlewaretoken={cookie}&rest={'x' * 3_000_000}"
    content_type = "application/x-www-form-urlencoded"
    if kind == "multipart":
        content_type = "multipart/form-data; boundary=b"
        parts = [("csrfmiddlewaretoken", cookie), ("rest", "x" * 3_000_000)]
        head = '--b\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
        field = "".join(head.format(*part) for part in parts) + "--b--\r\n"
    headers = (("cookie", f"csrftoken={cookie}"), ("content-type", content_type))
    sent = ask(app, *headers, method="POST", content=field.encode())
    assert (sent.status, len(sent.body)) == (200, len(field))


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ([("origin", "https://evil.test")], 403),
        ([("origin", "null")], 403),
        ([("sec-fetch-site", "cross-site")], 403),
        ([("origin", f"{APP}")], 200),
        ([("origin", "http://localhost")], 200),
    ],
)
def test_w3_where_a_request_comes_from_counts_more_than_its_token(
    fields: list[tuple[str, str]], status: int
) -> None:
    app, cookie = guarded(CSRF_TRUSTED_ORIGINS=(APP,))
    token = (("cookie", f"csrftoken={cookie}"), ("x-csrftoken", cookie))
    assert ask(app, *token, *fields, method="POST").status == status


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("GET", "/", 200),
        ("HEAD", "/", 200),
        ("OPTIONS", "/", 200),
        ("POST", "/", 403),
        ("PUT", "/", 403),
        ("POST", "/api/webhooks", 200),
        ("POST", "/api/webhooks/", 403),
    ],
)
def test_what_is_checked(method: str, target: str, status: int) -> None:
    sent = ask(guarded()[0], method=method, target=target)
    assert sent.status == status
    if status == 403:
        assert b"CSRF verification failed." in sent.body


def test_w3_a_missing_secret_is_an_error_at_startup() -> None:
    with pytest.raises(ConfigError, match="SECRET_KEY"):
        site(CSRFMiddleware).seal()


# -- rate limits ------------------------------------------------------------------------------------------------------------

FIELDS = (b"x-ratelimit-limit", b"x-ratelimit-remaining", b"x-ratelimit-reset", b"retry-after")


def test_12_4_12_5_each_answer_has_the_fields_and_one_too_many_is_refused() -> None:
    app = site((RateLimitMiddleware, {"max_requests": 2, "window_seconds": 60}))
    found = [ask(app) for _ in range(3)]
    assert [sent.status for sent in found] == [200, 200, 429]
    assert [[sent.field(name) is not None for name in FIELDS] for sent in found] == [[True] * 4] * 3
    assert [sent.field(b"x-ratelimit-remaining") for sent in found] == [b"1", b"0", b"0"]
    assert found[0].field(b"retry-after") == b"0"
    assert b'"retry_after":' in found[2].body
    assert RateLimitMiddleware(Wadjet())._limit.policies[0].max_requests == 2000


@pytest.mark.parametrize(("by", "statuses"), [("ip", [200, 429, 200]), ("path", [200, 404, 200])])
def test_who_is_counted(by: str, statuses: list[int]) -> None:
    app = site(RateLimitMiddleware, RATE_LIMIT_REQUESTS=1, RATE_LIMIT_BY=by)
    other = ("192.0.2.7", 5)
    asked: list[dict[str, Any]] = [{}, {"target": "/other"}, {"client": other}]
    assert [ask(app, **options).status for options in asked] == statuses
    forwarded = ask(app, ("x-forwarded-for", "198.51.100.1"))
    assert forwarded.status == 429  # a field that anybody can send makes nobody another one


def test_w14_a_limit_stands_where_it_was_put_and_nowhere_else() -> None:
    class Knows(BaseMiddleware):
        provides = frozenset({"user"})

    settings = Settings(RATE_LIMIT_REQUESTS=5, RATE_LIMIT_BY="user")
    assert ask(Wadjet(settings)).field(b"x-ratelimit-limit") is None
    assert ask(Wadjet(settings, middleware=[Knows, RateLimitMiddleware])).getall(b"x-ratelimit-limit") == [
        b"5"
    ]
    with pytest.raises(ConfigError, match="swap the two: Knows first, then RateLimitMiddleware"):
        Wadjet(settings, middleware=[RateLimitMiddleware, Knows]).seal()


# -- security ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "hosts", "status"),
    [
        ("localhost", (), 200),  # an empty list is the default one
        ("example.com", (), 400),
        ("EXAMPLE.com:80", (".example.com",), 200),
        ("a.example.com", (".example.com",), 200),
        ("a.example.com.", (".example.com",), 200),
        ("evil-example.com", (".example.com",), 400),
        ("example.com", ("*",), 200),
        ("", ("*",), 400),
        ("a b", ("*",), 400),
        ("a@example.com", ("*",), 400),
    ],
)
def test_w22_12_9_which_hosts_are_served(host: str, hosts: tuple[str, ...], status: int) -> None:
    sent = ask(site(SecurityMiddleware, ALLOWED_HOSTS=hosts), ("host", host))
    assert sent.status == status
    assert sent.field(b"x-content-type-options") == b"nosniff"  # on what is refused too


def test_w22_the_redirect_to_https_keeps_the_method_and_the_path_and_drops_the_port() -> None:
    app = site((SecurityMiddleware, {"ssl_redirect": True, "hsts_seconds": 60}))
    sent = ask(app, ("host", "localhost:8000"), method="POST", target="/a%20b%2Fc?d=%C3%A9")
    assert (sent.status, sent.field(b"location")) == (308, b"https://localhost/a%20b%2Fc?d=%C3%A9")
    assert sent.field(b"strict-transport-security") is None
    secure = ask(app, scheme="https")
    assert (secure.status, secure.field(b"strict-transport-security")) == (200, b"max-age=60")


def test_a_field_is_there_once_and_can_be_left_out() -> None:
    app = Wadjet(middleware=[(SecurityMiddleware, {"x_frame_options": ""})])

    @app.get("/")
    async def index() -> Any:
        return "ok", {"referrer-policy": "no-referrer"}

    sent = ask(app)
    assert sent.getall(b"referrer-policy") == [b"no-referrer"]
    assert sent.getall(b"x-frame-options") == []


def test_semicolons_of_a_policy_are_removed() -> None:
    policy = {"default-src": "'self'; script-src *", "img-src;x": "https:"}
    sent = ask(site((SecurityMiddleware, {"csp": policy})))
    assert (sent.field(b"content-security-policy") or b"").count(b";") == 1


def test_the_deprecated_filter_is_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "wadjet.security"):
        SecurityMiddleware(Wadjet(), xss_filter=True)
    assert "deprecated" in caplog.text


# -- the stack --------------------------------------------------------------------------------------------------------------


def test_the_first_is_the_outermost() -> None:
    trail: list[str] = []

    class Mark(BaseMiddleware):
        def __init__(self, app: Any, name: str) -> None:
            super().__init__(app)
            self.name = name

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            trail.append(f"{self.name}>")
            await self.app(scope, receive, send)
            trail.append(f"<{self.name}")

    ask(build_middleware_stack(Wadjet(), [(Mark, {"name": name}) for name in "123"]))
    assert trail == ["1>", "2>", "3>", "<3", "<2", "<1"]


def test_w10_middleware_is_made_once_and_not_for_each_request() -> None:
    made: list[object] = []

    class Counted(BaseMiddleware):
        def __init__(self, app: Any) -> None:
            super().__init__(app)
            made.append(self)

    app = Wadjet(middleware=[Counted])
    app.get("/", middleware=[Counted])(lambda: "ok")
    for _ in range(50):
        ask(app)
    assert len(made) == 2


def test_w27_what_middleware_refuses_looks_like_any_other_error() -> None:
    class Refuses(BaseMiddleware):
        def before(self, request: Request) -> None:
            raise Forbidden

    stacks = (
        Refuses,
        (RateLimitMiddleware, {"max_requests": 0}),
        (SecurityMiddleware, {"allowed_hosts": ["own.test"]}),
    )
    answers = [*(ask(site(stack)) for stack in stacks), ask(guarded()[0], method="POST")]
    kinds = {sent.field(b"content-type") for sent in answers}
    assert kinds == {b"application/problem+json"}
