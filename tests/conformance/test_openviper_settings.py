"""OpenViper's settings: those of its document's tables, and those that its software has for what its document describes.

Each is declared here by the same name, or stands among those that docs/porting.md leaves out.
"""

from __future__ import annotations

import dataclasses
import re
from datetime import timedelta
from typing import Any, NamedTuple

import pytest

from tests.architecture.source import ROOT
from wadjet.conf import Settings
from wadjet.conf.env import read
from wadjet.errors import ConfigError, SettingsError


class Told(NamedTuple):
    """What OpenViper says of a setting, and what ours is where it is not that."""

    default: Any
    ours: Any = None
    differs: bool = False


def same(default: Any) -> Told:
    return Told(default)


def other(default: Any, ours: Any) -> Told:
    return Told(default, ours, differs=True)


#: The document's tables (§2.3 of the facts), by what it tells and not by what the software does.
DOCUMENTED: dict[str, Told] = {
    "CORS_ALLOWED_ORIGINS": other((), None),
    "CORS_ALLOW_CREDENTIALS": same(False),
    "CORS_ALLOWED_METHODS": other("all methods", ("*",)),
    "CORS_ALLOWED_HEADERS": same(("*",)),
    "CORS_EXPOSE_HEADERS": same(()),
    "CORS_MAX_AGE": same(600),
    "CSRF_TRUSTED_ORIGINS": same(()),
    "CSRF_COOKIE_SECURE": same(False),
    "CSRF_COOKIE_HTTPONLY": same(False),
    "CSRF_COOKIE_SAMESITE": same("Lax"),
    "CSRF_COOKIE_AGE": same(None),
    "CSRF_COOKIE_NAME": same("csrftoken"),
    "RATE_LIMIT_REQUESTS": same(2000),
    "RATE_LIMIT_WINDOW": same(60),
    "RATE_LIMIT_BY": same("ip"),
    "RATE_LIMIT_BACKEND": same("memory"),
    "SECURE_SSL_REDIRECT": same(False),
    "SECURE_HSTS_SECONDS": same(0),
    "SECURE_HSTS_INCLUDE_SUBDOMAINS": same(False),
    "SECURE_HSTS_PRELOAD": same(False),
    "X_FRAME_OPTIONS": same("DENY"),
    "SECURE_BROWSER_XSS_FILTER": same(False),
    "SECURE_CONTENT_SECURITY_POLICY": same(None),
    "SECURE_PERMISSIONS_POLICY": same(None),
    "SECURE_CROSS_ORIGIN_OPENER_POLICY": same(None),
    "SECURE_CROSS_ORIGIN_EMBEDDER_POLICY": same(None),
    "SECURE_CROSS_ORIGIN_RESOURCE_POLICY": same(None),
    "ALLOWED_HOSTS": other((), ("localhost", "127.0.0.1", "[::1]", ".localhost")),
}
#: The software's groups (§8) of project, secrets and caches, authentication and sessions, tokens, security, templates.
DECLARED: dict[str, Told] = {
    "PROJECT_NAME": other("OpenViper Application", "API"),
    "VERSION": other("the framework's", "1.0.0"),
    "DEBUG": other(True, False),
    "INSTALLED_APPS": same(()),
    "USE_TZ": same(True),
    "TIME_ZONE": same("UTC"),
    "MIDDLEWARE": other(("Security", "CORS", "Session", "Auth"), ()),
    "SECRET_KEY": same(""),
    "DATABASES": same({}),
    "CACHES": other({"default": {"BACKEND": "InMemoryCache", "OPTIONS": {"ttl": 300}}}, {}),
    "PASSWORD_HASHERS": same(("argon2", "bcrypt")),
    "SESSION_COOKIE_NAME": same("sessionid"),
    "SESSION_TIMEOUT": other(timedelta(hours=1), 3600),
    "SESSION_COOKIE_SECURE": same(False),
    "SESSION_COOKIE_HTTPONLY": same(True),
    "SESSION_COOKIE_SAMESITE": same("Lax"),
    "SESSION_COOKIE_PATH": same("/"),
    "SESSION_COOKIE_DOMAIN": same(None),
    "USER_MODEL": same("openviper.auth.models.User"),
    "AUTH_SESSION_ENABLED": same(True),
    "SESSION_STORE": other("database", "cookie"),
    "AUTH_BACKENDS": other(("JWTBackend", "SessionBackend"), ("wadjet.auth.SessionAuthentication",)),
    "DEFAULT_AUTHENTICATION_CLASSES": same(("JWTAuthentication", "SessionAuthentication")),
    "DEFAULT_PERMISSION_CLASSES": same(()),
    "DEFAULT_THROTTLE_CLASSES": same(()),
    "JWT_ALGORITHM": same("HS256"),
    "JWT_ACCESS_TOKEN_EXPIRE": other(timedelta(minutes=30), 1800),
    "JWT_REFRESH_TOKEN_EXPIRE": other(timedelta(days=7), 604_800),
    "SECURE_COOKIES": same(False),
    "ALLOWED_REDIRECT_HOSTS": same(()),
    "TEMPLATES_DIR": other("templates/", "templates"),
    "TEMPLATE_AUTO_RELOAD": same(True),
    "JINJA_PLUGINS": same({}),
}


def left_out() -> dict[str, str]:
    """Return the settings that the page leaves out, with the reasons."""
    page = (ROOT / "docs" / "porting.md").read_text("utf-8")
    table = page.partition("### OpenViper's settings")[2].partition("And these are otherwise")[0]
    rows = re.findall(r"^\| (`.*?) \| (.*?) \| (.*?) \|$", table, re.MULTILINE)
    return {name: why for names, _, why in rows for name in re.findall(r"`([A-Z_]+)`", names)}


@pytest.mark.parametrize(("name", "told"), [*DOCUMENTED.items(), *DECLARED.items()])
def test_a_setting_has_its_default_or_is_left_out_with_a_reason(name: str, told: Told) -> None:
    fields = {field.name: field for field in dataclasses.fields(Settings)}
    if name in fields:
        field = fields[name]
        found = field.default if field.default_factory is dataclasses.MISSING else field.default_factory()
        assert found == (told.ours if told.differs else told.default)
        assert name not in left_out()
    else:
        assert left_out()[name]


def test_no_setting_is_left_out_that_nobody_asks_for() -> None:
    assert left_out().keys() <= DECLARED.keys()


# -- what the software does with them, and ours does not ------------------------------------------------------------------------


def test_an_empty_key_is_not_replaced_by_chance() -> None:
    assert read(None, {"WADJET_ENV": "test"}).SECRET_KEY == ""


def test_a_mapping_can_be_given_by_the_environment() -> None:
    settings = read(None, {"WADJET_CACHES": '{"default": {"OPTIONS": {"url": "redis://x"}}}'})
    assert settings.CACHES["default"]["OPTIONS"]["url"] == "redis://x"


def test_variables_of_other_programs_are_not_read() -> None:
    assert read(None, {"DEBUG": "1", "SECRET_KEY": "x", "MIDDLEWARE": "x"}) == Settings()


def test_the_class_that_is_named_counts_and_not_the_deepest_of_its_module() -> None:
    environ = {"WADJET_SETTINGS": f"{__name__}:Shop"}
    assert type(read(None, environ)).__name__ == "Shop"


def test_production_is_what_holds_where_nothing_is_said() -> None:
    assert read(None, {}).environment == "production"
    with pytest.raises(SettingsError, match="DEBUG=True"):
        read(None, {"WADJET_DEBUG": "yes"})


def test_two_applications_have_settings_of_their_own() -> None:
    first, second = read(Settings(CACHE_SIZE=1), {}), read(Settings(CACHE_SIZE=2), {})
    assert (first.CACHE_SIZE, second.CACHE_SIZE) == (1, 2)


def test_more_than_what_they_mask_is_masked() -> None:
    settings = Settings(
        SECRET_KEY="hunter2", CACHES={"default": {"password": "hunter2"}}, REDIS_URL="redis://:hunter2@x"
    )
    assert "hunter2" not in repr(settings)


@dataclasses.dataclass(frozen=True)
class Shop(Settings):
    SHOP: str = "x"


@dataclasses.dataclass(frozen=True)
class DeepShop(Shop):
    pass


def test_a_setting_that_is_read_only_stays_so() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        read(None, {}).CACHE_SIZE = 5  # type: ignore[misc]
    with pytest.raises(ConfigError):
        read("openviper.conf:Settings", {})
