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
from wadjet.types import ASGIApp, Receive, Scope, Send

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


class Wrapper:
    """Stands around an application, and is nobody's."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


async def foreign(scope: Scope, receive: Receive, send: Send) -> None:
    """Is no application of ours."""


def test_an_application_that_is_mounted_is_looked_at_too() -> None:
    below = hardened([], SECRET_KEY="short")
    below.mount("/deeper", hardened(["nowhere.Middleware"]))
    app = hardened()
    app.mount("/admin", Wrapper(below))
    app.mount("/foreign", foreign)
    found = inspect(app, {"WADJET_NONE": "x"}, deploy=True).findings
    assert sorted((finding.id, finding.text.partition(": ")[0]) for finding in found) == [
        ("app-invalid", "mount /admin"),
        ("secret-key-weak", "mount /admin"),
        ("variable-unknown", found[0].text.partition(": ")[0]),
    ]
    (invalid,) = [finding.text for finding in found if finding.id == "app-invalid"]
    assert invalid.startswith("mount /admin: mount /deeper: ")


def test_what_stands_around_a_mount_stands_around_what_is_mounted() -> None:
    app = hardened()
    app.mount("/admin", hardened([]))
    assert ids(app) == []
    router = Router(prefix="/shop", middleware=[SecurityMiddleware])
    router.mount("/a", hardened([]))
    texts = [finding.text for finding in inspect(hardened([], routes=[router]), {}, deploy=True).findings]
    assert texts == ["there is no SecurityMiddleware"]  # around all of it


def test_what_is_silenced_is_silenced_below_too() -> None:
    app = hardened(SILENCED_CHECKS=("secret-key-weak",))
    app.mount(
        "/admin",
        hardened([], SECRET_KEY="short", SILENCED_CHECKS=("body-limit-wide",), MAX_BODY_SIZE=1 << 40),
    )
    inspection = inspect(app, {}, deploy=True)
    assert inspection.findings == []
    assert [finding.id for finding in inspection.silenced] == ["secret-key-weak", "body-limit-wide"]
    assert all(finding.text.startswith("mount /admin: ") for finding in inspection.silenced)
