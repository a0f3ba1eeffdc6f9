from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.checks.inspected import hardened, ids
from wadjet import Router, get
from wadjet.checks import Finding, Inspected, inspect
from wadjet.checks.finding import LEVELS
from wadjet.errors import ConfigError
from wadjet.middleware.cors import CORSMiddleware
from wadjet.middleware.security import SecurityMiddleware
from wadjet.middleware.session import SessionMiddleware

PAID = Finding(
    "shop-sandbox", "warning", "payments go to the sandbox", "nobody pays", "set WADJET_PAYMENT_URL"
)


def test_an_application_adds_checks() -> None:
    app = hardened()
    seen: list[Inspected] = []

    @app.add_check
    def always(inspected: Inspected) -> Iterator[Finding]:
        seen.append(inspected)
        yield PAID

    app.add_check(lambda inspected: [PAID._replace(id="shop-deploy", level="hint")], deploy=True)
    assert ids(app, deploy=False) == ["shop-sandbox"]
    assert ids(app, workers=3) == ["rate-limit-memory", "shop-sandbox", "shop-deploy"]
    assert seen[0].app is app
    assert seen[0].settings is app.settings
    assert [type(made).__name__ for made in seen[0].middleware] == [
        "SecurityMiddleware",
        "CORSMiddleware",
        "SessionMiddleware",
        "CSRFMiddleware",
        "RateLimitMiddleware",
    ]
    assert (seen[0].workers, seen[1].workers) == (1, 3)


def test_the_worst_stands_first() -> None:
    app = hardened(ALLOWED_HOSTS=("*",), TRUSTED_PROXIES=(), SECURE_HSTS_SECONDS=0)
    found = inspect(app, {}, deploy=True)
    assert [finding.level for finding in found.findings] == ["error", "warning", "hint"]


def test_what_is_silenced_is_set_aside() -> None:
    app = hardened(SECURE_HSTS_SECONDS=0, SILENCED_CHECKS=("hsts-off", "nothing"))
    found = inspect(app, {}, deploy=True)
    assert found.findings == []
    assert [finding.id for finding in found.silenced] == ["hsts-off"]
    assert not found.fails("hint")


@pytest.mark.parametrize(
    ("found", "failing"), [("hint", ["hint"]), ("warning", ["warning", "hint"]), ("error", [*LEVELS])]
)
def test_it_fails_by_what_is_found_or_worse(found: str, failing: list[str]) -> None:
    app = hardened()
    app.add_check(lambda _: [PAID._replace(level=found)])
    inspection = inspect(app, {}, deploy=True)
    assert [level for level in LEVELS if inspection.fails(level)] == failing


def test_a_level_that_is_none_is_told() -> None:
    app = hardened()
    app.add_check(lambda _: [PAID._replace(level="fatal")])
    found = inspect(app, {}).findings
    assert [(finding.id, finding.text) for finding in found] == [
        ("app-invalid", "the level 'fatal' of shop-sandbox is none of error, warning, hint")
    ]


def test_a_check_that_finds_a_mistake_of_the_developer_goes_on() -> None:
    app = hardened(SECURE_HSTS_SECONDS=0)

    @app.add_check
    def broken(inspected: Inspected) -> list[Finding]:
        raise ConfigError("there is no such thing")

    assert ids(app) == ["app-invalid", "hsts-off"]


def test_what_is_no_application_of_ours_cannot_be_checked() -> None:
    with pytest.raises(TypeError, match="is no application of Wadjet's"):
        inspect(object(), {})


def test_what_is_set_is_told_with_its_source_and_without_secrets() -> None:
    app = hardened()
    inspected = Inspected(app, app.settings, (), {})
    assert inspected.said("SECRET_KEY") == "SECRET_KEY='***' from the code"
    assert inspected.said("CACHE_SIZE") == "CACHE_SIZE=67108864 from the defaults"


def test_what_stands_around_a_router_is_looked_at_too() -> None:
    everyone = (CORSMiddleware, {"allowed_origins": ["*"]})
    routers = [Router(prefix=prefix, middleware=[everyone, SessionMiddleware]) for prefix in ("/a", "/b")]
    for router in routers:
        router.get("/")(index)
    app = hardened([SecurityMiddleware], routes=routers)
    assert ids(app) == ["csrf-off", "cors-any"]
    assert "security-absent" in ids(
        hardened([], routes=[Router(middleware=[SecurityMiddleware], routes=[index])])
    )


@get("/c")
async def index() -> str:
    return "x"
