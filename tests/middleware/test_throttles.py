"""Throttles: routes, views and actions list them, and each try counts."""

from __future__ import annotations

from typing import Any

import pytest

from tests.auth.test_guards import here, tokens
from tests.driving import run
from wadjet import Settings, View, Wadjet, action
from wadjet.auth import APIKeyAuthentication, IsAuthenticated, TokenAuthentication
from wadjet.errors import ConfigError
from wadjet.middleware import (
    AnonRateThrottle,
    AuthenticationMiddleware,
    RateLimitMiddleware,
    RatePolicy,
    Throttle,
    UserRateThrottle,
)
from wadjet.types import Scope


class Twice(Throttle):
    rate = "2/minute"


class TwiceEach(UserRateThrottle):
    rate = "2/min"


class OnceForNobody(AnonRateThrottle):
    rate = "1/hour"


def application(middleware: list[Any] | None = None, **options: Any) -> Wadjet:
    backends = {"backends": [TokenAuthentication(tokens())]}
    return Wadjet(middleware=[(AuthenticationMiddleware, backends), *(middleware or [])], **options)


def statuses(app: Wadjet, *asked: tuple[str, str]) -> list[int]:
    found = []
    for path, name in asked:
        fields = [("authorization", f"Bearer {name}")] if name else []
        found.append(run(app, "GET", path, headers=fields).status)
    return found


def test_a_route_lists_throttles_and_the_answer_says_how_much_is_left() -> None:
    app = application()
    app.get("/here", throttle_classes=[Twice])(here)
    first = run(app, "GET", "/here")
    assert (first.status, first.field(b"x-ratelimit-remaining")) == (200, b"1")
    assert first.field(b"ratelimit-policy") == b'"Twice";q=2;w=60'
    assert statuses(app, ("/here", ""), ("/here", "ann")) == [200, 429]


def test_routes_that_list_one_class_share_it_and_others_do_not() -> None:
    app = application()
    for path, throttle in [("/a", Twice), ("/b", Twice), ("/c", TwiceEach)]:
        app.get(path, throttle_classes=[throttle])(here)
    app.get("/free")(here)
    assert statuses(app, ("/a", ""), ("/b", ""), ("/a", ""), ("/c", ""), ("/free", "")) == [
        200,
        200,
        429,
        200,
        200,
    ]


def test_users_are_counted_each_and_nobody_by_address() -> None:
    app = application()
    app.get("/each", throttle_classes=[TwiceEach])(here)
    app.get("/nobody", throttle_classes=[OnceForNobody])(here)
    each = [("/each", name) for name in ("ann", "ed", "", "ann", "ed", "", "ann", "ed", "")]
    assert statuses(app, *each) == [200] * 6 + [429] * 3
    assert statuses(app, ("/nobody", ""), ("/nobody", ""), ("/nobody", "ann"), ("/nobody", "ann")) == [
        200,
        429,
        200,
        200,
    ]


def test_w13_a_view_throttles_its_actions_too() -> None:
    class Throttled(View):
        throttle_classes = [Twice]

        async def get(self) -> str:
            return "view"

        @action()
        async def more(self) -> str:
            return "more"

    app = application()
    app.include(Throttled, prefix="/view")
    assert statuses(app, ("/view/more", ""), ("/view", ""), ("/view/more", "")) == [200, 200, 429]


def test_each_try_counts_that_is_refused() -> None:
    app = application()
    app.get("/here", throttle_classes=[Twice], permission_classes=[IsAuthenticated])(here)
    assert statuses(app, ("/here", ""), ("/here", ""), ("/here", "ann")) == [401, 401, 429]


def test_whom_a_route_finds_out_about_is_whom_it_counts() -> None:
    app = application()
    own = [APIKeyAuthentication(tokens())]
    app.get("/here", authentication_classes=own, throttle_classes=[TwiceEach])(here)
    keys = [[("x-api-key", name)] for name in ("ann", "ann", "ed", "ann")]
    assert [run(app, "GET", "/here", headers=key).status for key in keys] == [200, 200, 200, 429]


def test_the_middleware_and_a_throttle_count_each_for_itself() -> None:
    app = application([(RateLimitMiddleware, {"max_requests": 3, "window_seconds": 60})])
    app.get("/here", throttle_classes=[OnceForNobody])(here)
    sent = run(app, "GET", "/here", headers=[("authorization", "Bearer ann")])
    # Nobody counts a user there, so the middleware outside tells.
    assert sent.field(b"x-ratelimit-limit") == b"3"
    assert statuses(app, ("/here", ""), ("/here", ""), ("/here", "ann")) == [200, 429, 429]


def test_settings_say_it_for_all_routes_that_say_nothing() -> None:
    app = application(settings=Settings(DEFAULT_THROTTLE_CLASSES=(Twice,)))
    app.get("/here")(here)
    app.get("/free", throttle_classes=[])(here)
    assert statuses(app, ("/here", ""), ("/here", ""), ("/here", ""), ("/free", "")) == [200, 200, 429, 200]


def test_a_policy_and_a_dotted_path_are_throttles_too() -> None:
    app = application()
    app.get("/policy", throttle_classes=[RatePolicy(1, 60)])(here)
    app.get("/path", throttle_classes=[f"{__name__}.Twice"])(here)
    assert statuses(app, ("/policy", ""), ("/policy", ""), ("/path", "")) == [200, 429, 200]


def by_path(scope: Scope) -> str:
    return str(scope["path"])


class ByPath(Throttle):
    rate = "1/day"
    by = by_path


def test_a_function_may_say_who_is_counted() -> None:
    app = application()
    app.get("/{name}", throttle_classes=[ByPath])(here_at)
    assert statuses(app, ("/a", ""), ("/b", ""), ("/a", "")) == [200, 200, 429]


async def here_at(name: str) -> str:
    return name


@pytest.mark.parametrize(
    ("rate", "expected"),
    [
        ("5/minute", (5, 60)),
        ("5/m", (5, 60)),
        ("100/hour", (100, 3600)),
        ("10/30 seconds", (10, 30)),
        ("10 / 2 days", (10, 172_800)),
        ("1/s", (1, 1)),
    ],
)
def test_a_rate_is_written_as_it_is_said(rate: str, expected: tuple[int, float]) -> None:
    policy = type("Some", (Throttle,), {"rate": rate}).policy()  # type: ignore[attr-defined]  # a Throttle
    assert (policy.max_requests, policy.window_seconds) == expected


@pytest.mark.parametrize(
    "rate", ["", "5", "5/", "/minute", "5/fortnight", "five/minute", "5/minute!", "1/0 s"]
)
def test_what_is_no_rate_is_refused(rate: str) -> None:
    with pytest.raises(ConfigError):
        type("Some", (Throttle,), {"rate": rate}).policy()  # type: ignore[attr-defined]  # a Throttle
