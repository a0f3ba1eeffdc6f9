"""Each finding of the catalogue is made where it should be, and nowhere else."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.source import ROOT
from tests.checks.inspected import KEY, STACK, hardened, ids
from wadjet import Settings, Wadjet, post
from wadjet.auth import Authentication
from wadjet.checks.catalogue import CATALOGUE
from wadjet.checks.finding import LEVELS, Inspected
from wadjet.checks.secrets import weakness_of
from wadjet.http.request import Request
from wadjet.middleware.auth import AuthenticationMiddleware
from wadjet.middleware.cors import CORSMiddleware
from wadjet.middleware.csrf import CSRFMiddleware
from wadjet.middleware.security import SecurityMiddleware
from wadjet.middleware.session import SessionMiddleware
from wadjet.middleware.throttles import Throttle


def unescaped() -> Wadjet:
    app = hardened()
    app.templates.environment.autoescape = False
    return app


def keeping() -> Wadjet:
    app = hardened()

    @app.get("/", cache_ttl=60)
    async def index() -> str:
        return "x"

    return app


@dataclasses.dataclass(frozen=True)
class Misspelt(Settings):
    ALLOWED_HOST: tuple[str, ...] = ("www.example.com",)


JWT, BASIC = "wadjet.auth.JWTAuthentication", "wadjet.auth.BasicAuthentication"


class Tickets(Authentication):
    """A cookie of somebody's own."""

    is_ambient = True

    def authenticate(self, request: Request) -> None:
        return None


class Users:
    """Knows nobody."""

    def by_id(self, id: str) -> None:
        return None

    def by_name(self, name: str) -> None:
        return None

    def keep_password(self, user: Any, kept: str) -> None:
        return None


#: What makes a finding, and how many workers serve it.
MADE: dict[str, list[tuple[Callable[[], Any], int]]] = {
    "app-invalid": [(lambda: hardened(middleware=["nowhere.Middleware"]), 1)],
    "secret-key-weak": [
        (lambda: hardened(SECRET_KEY="short"), 1),
        (lambda: hardened(SECRET_KEY=(KEY, "a" * 50)), 1),
        (lambda: hardened(SECRET_KEY=f"django-insecure-{KEY}"), 1),
    ],
    "debug-on": [(lambda: hardened(debug=True), 1)],
    "environment": [(lambda: hardened(debug=True), 1)],
    "secret-key-missing": [
        (lambda: hardened(SECRET_KEY="", debug=True), 1),
        (lambda: hardened([STACK[0], STACK[2]], SECRET_KEY=(), debug=True), 1),
    ],
    "security-absent": [(lambda: hardened(STACK[1:]), 1)],
    "hosts-any": [(lambda: hardened(ALLOWED_HOSTS=("*",)), 1)],
    "hosts-local": [
        (lambda: hardened(ALLOWED_HOSTS=("localhost",)), 1),
        (lambda: hardened(ALLOWED_HOSTS=()), 1),
    ],
    "https-optional": [(lambda: hardened(SECURE_SSL_REDIRECT=False), 1)],
    "hsts-off": [(lambda: hardened(SECURE_HSTS_SECONDS=0), 1)],
    "hsts-short": [(lambda: hardened(SECURE_HSTS_SECONDS=3600), 1)],
    "proxies-unset": [(lambda: hardened(TRUSTED_PROXIES=()), 1)],
    "proxy-host-alone": [(lambda: hardened(TRUSTED_PROXIES=(), TRUSTED_PROXY_HOST=True), 1)],
    "body-limit-wide": [(lambda: hardened(MAX_BODY_SIZE=2**30), 1)],
    "csp-off": [(lambda: hardened(SECURE_CONTENT_SECURITY_POLICY=None), 1)],
    "csp-weak": [
        (lambda: hardened(SECURE_CONTENT_SECURITY_POLICY="img-src 'self'"), 1),
        (lambda: hardened(SECURE_CONTENT_SECURITY_POLICY="script-src 'self' 'unsafe-inline'"), 1),
        (lambda: hardened(SECURE_CONTENT_SECURITY_POLICY="default-src https:; ; img-src 'self'"), 1),
        (lambda: hardened(SECURE_CONTENT_SECURITY_POLICY="script-src *; script-src 'self'"), 1),
        (lambda: hardened(SECURE_CONTENT_SECURITY_POLICY="script-src 'nonce' 'UNSAFE-EVAL'"), 1),
    ],
    "frames-open": [(lambda: hardened(X_FRAME_OPTIONS=""), 1)],
    "sniffing-open": [
        (lambda: hardened([(SecurityMiddleware, {"content_type_nosniff": False}), *STACK[1:]]), 1)
    ],
    "referrer-open": [(lambda: hardened(SECURE_REFERRER_POLICY="same-origin, unsafe-url"), 1)],
    "xss-filter": [(lambda: hardened(SECURE_BROWSER_XSS_FILTER=True), 1)],
    "cors-any": [
        (lambda: hardened(CORS_ALLOWED_ORIGINS=None), 1),
        (lambda: hardened([STACK[0], (CORSMiddleware, {"allowed_origins": ["*"]}), *STACK[2:]]), 1),
    ],
    "cors-null": [(lambda: hardened(CORS_ALLOWED_ORIGINS=("null",)), 1)],
    "cors-local": [
        (lambda: hardened(CORS_ALLOWED_ORIGINS=(origin,)), 1)
        for origin in (
            "http://localhost:3000",
            "https://127.0.0.1",
            "http://[::1]:80",
            "http://app.localhost",
        )
    ],
    "cors-plain": [(lambda: hardened(CORS_ALLOWED_ORIGINS=("http://app.example.com",)), 1)],
    "csrf-off": [
        (lambda: hardened(STACK[:3]), 1),
        (
            lambda: hardened(
                [*STACK[:2], (AuthenticationMiddleware, {"backends": [BASIC], "users": Users()})]
            ),
            1,
        ),
        (lambda: hardened([*STACK[:2], (AuthenticationMiddleware, {"backends": [Tickets()]})]), 1),
    ],
    "token-long": [
        (
            lambda: hardened(
                [*STACK, (AuthenticationMiddleware, {"backends": [JWT]})], JWT_ACCESS_TOKEN_EXPIRE=90_000
            ),
            1,
        )
    ],
    "login-unlimited": [(lambda: hardened([*STACK[:4], (AuthenticationMiddleware, {"users": Users()})]), 1)],
    "csrf-plain": [(lambda: hardened(CSRF_TRUSTED_ORIGINS=("http://app.example.com",)), 1)],
    "cookie-plain": [
        (lambda: hardened(CSRF_COOKIE_SECURE=False), 1),
        (lambda: hardened(SESSION_COOKIE_SECURE=False), 1),
    ],
    "cookie-cross-site": [
        (lambda: hardened(CSRF_COOKIE_SAMESITE="None"), 1),
        (lambda: hardened(SESSION_COOKIE_SAMESITE="None"), 1),
    ],
    "cookie-readable": [(lambda: hardened(SESSION_COOKIE_HTTPONLY=False), 1)],
    "cookie-shared": [(lambda: hardened(SESSION_COOKIE_DOMAIN="example.com"), 1)],
    "session-memory": [(lambda: hardened(SESSION_STORE="memory"), 2)],
    "session-passing": [(lambda: hardened(SESSION_STORE="memory"), 1)],
    "rate-limit-memory": [(hardened, 2)],
    "cache-memory": [(keeping, 2)],
    "autoescape-off": [(unescaped, 1)],
    "setting-misspelt": [(lambda: Wadjet(Misspelt), 1)],
}
#: What has a test of its own below, or in tests/cli/test_check.py.
ELSEWHERE = {"setting-invalid", "variable-unknown", "extra-missing"}


def test_nothing_is_found_where_nothing_is_wrong() -> None:
    assert ids(hardened()) == []
    assert ids(Wadjet(), deploy=False) == []


@pytest.mark.parametrize(
    ("id", "make", "workers"), [(id, *each) for id, several in MADE.items() for each in several]
)
def test_a_finding_is_made(id: str, make: Callable[[], Any], workers: int) -> None:
    assert id in ids(make(), workers=workers)


def test_every_finding_of_the_catalogue_is_made_somewhere() -> None:
    assert CATALOGUE.keys() == MADE.keys() | ELSEWHERE


@pytest.mark.parametrize(
    "changed",
    [
        {"SECURE_CONTENT_SECURITY_POLICY": "script-src 'nonce' 'unsafe-inline'"},
        {"SECURE_CONTENT_SECURITY_POLICY": "script-src 'sha256-x' 'unsafe-inline'; script-src *"},
        {
            "X_FRAME_OPTIONS": "",
            "SECURE_CONTENT_SECURITY_POLICY": "default-src 'self'; frame-ancestors 'none'",
        },
        {"SECURE_REFERRER_POLICY": "unsafe-url, same-origin"},
        {"SECURE_REFERRER_POLICY": ""},
        {"CORS_ALLOWED_ORIGINS": ()},
        {"CORS_ALLOWED_ORIGINS": ("https://*.example.com",)},
        {"SECRET_KEY": (KEY, KEY[::-1])},
        {"ALLOWED_HOSTS": (".example.com", "localhost")},
    ],
)
def test_what_is_well_is_not_found(changed: dict[str, Any]) -> None:
    assert ids(hardened(**changed)) == []


def test_what_is_said_in_code_counts_and_not_what_is_set() -> None:
    hardening = {"ssl_redirect": True, "hsts_seconds": 31_536_000, "csp": "default-src 'self'"}
    app = Wadjet(
        Settings(ALLOWED_HOSTS=("www.example.com",), TRUSTED_PROXIES=("unix",)),
        middleware=[(SecurityMiddleware, hardening)],
    )
    assert ids(app) == []


@pytest.mark.parametrize(
    "limited",
    [
        lambda auth: hardened([*STACK, auth]),
        lambda auth: hardened([*STACK[:4], auth], DEFAULT_THROTTLE_CLASSES=(Seldom,)),
        lambda auth: hardened(
            [*STACK[:4], auth], routes=[post("/login", entered, throttle_classes=[Seldom])]
        ),
        lambda auth: hardened([*STACK[:4], (AuthenticationMiddleware, {"backends": [JWT]})]),
    ],
)
def test_a_password_that_is_not_tried_often_is_not_found(limited: Callable[[Any], Any]) -> None:
    assert ids(limited((AuthenticationMiddleware, {"users": Users()}))) == []


class Seldom(Throttle):
    rate = "5/minute"


async def entered() -> None:
    return None


def test_an_application_that_signs_nothing_needs_no_key() -> None:
    assert "secret-key-missing" not in ids(hardened(STACK[2:3], SECRET_KEY="", SESSION_STORE="memory"))
    assert "secret-key-missing" not in ids(hardened([SecurityMiddleware], SECRET_KEY=""))


def test_one_process_shares_nothing() -> None:
    assert ids(keeping(), workers=1) == []
    assert ids(hardened(STACK[:4]), workers=2) == []


def test_what_is_wrapped_around_an_application_counts() -> None:
    app = SecurityMiddleware(CSRFMiddleware(hardened([])))
    assert "security-absent" not in ids(app)
    assert "csrf-off" in ids(SecurityMiddleware(SessionMiddleware(hardened([]))))


@pytest.mark.parametrize("module", ["redis", "jinja2", "argon2"])
def test_what_is_not_installed_is_found(module: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Inspected, "has_module", staticmethod(lambda name: name != module))
    app = Wadjet(Settings(REDIS_URL="redis://localhost", AUTH_USERS=Users()))
    assert ids(app, deploy=False) == ["extra-missing"]
    assert "autoescape-off" not in ids(app)


def test_templates_of_packages_that_are_none_are_found() -> None:
    assert "app-invalid" in ids(hardened(INSTALLED_APPS=("nowhere",)))


def test_an_extra_that_middleware_misses_is_found_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "redis.asyncio", None)
    app = hardened(RATE_LIMIT_BACKEND="redis", REDIS_URL="redis://localhost")
    assert ids(app) == ["extra-missing"]


@pytest.mark.parametrize("deploy", [False, True])
def test_a_variable_that_is_no_setting_is_found(deploy: bool) -> None:
    environ = {"WADJET_ALOWED_HOSTS": "x", "WADJET_PORT": "1", "WADJET_SECRET_KEY_FILE": "x", "OTHER": "x"}
    assert ids(hardened(), deploy=deploy, environ=environ) == ["variable-unknown"]


@pytest.mark.parametrize(
    "key",
    [
        KEY,
        "correct horse battery staple, and then some",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    ],
)
def test_a_key_that_is_long_and_mixed_is_not_weak(key: str) -> None:
    assert weakness_of(key) is None


def test_advice_is_whole() -> None:
    for level, why, fix in CATALOGUE.values():
        assert level in LEVELS
        assert why
        assert fix
        assert not why.endswith(".")


def test_the_page_has_the_catalogue() -> None:
    page = (ROOT / "docs" / "checks.md").read_text("utf-8")
    table = page.partition("## What is found")[2]
    rows = [line.split(" | ") for line in table.splitlines() if line.startswith("| `")]
    told = [(id.strip("| `"), level, why.removesuffix(" |")) for id, level, why in rows]
    assert told == [(id, level, why) for id, (level, why, _) in CATALOGUE.items()]
