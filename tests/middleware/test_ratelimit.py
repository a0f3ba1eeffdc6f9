"""RateLimitMiddleware and rate_limit: who is counted, and what every answer says of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse as StarletteText
from starlette.routing import Route as StarletteRoute

from tests.driving import Sent, exchange, run
from wadjet import BaseMiddleware, RedirectResponse, Request, Response, Settings, View, Wadjet
from wadjet.conf import env
from wadjet.errors import ConfigError, SignatureError
from wadjet.http.exceptions import TooManyRequests
from wadjet.middleware.ratelimit import RateLimitMiddleware, RatePolicy, rate_limit
from wadjet.security.ratelimit import SECOND
from wadjet.testing import TestClient
from wadjet.types import ASGIApp


class Time:
    """Both clocks, which pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.epoch = 2_000_000_000.0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Time:
    found = Time()
    fake = SimpleNamespace(
        monotonic_ns=lambda: round(found.now * SECOND),
        time_ns=lambda: round((found.epoch + found.now - 1000) * SECOND),
    )
    for module in ("ratepolicy", "usuallimit"):
        monkeypatch.setattr(f"wadjet.middleware.{module}.time", fake)
    return found


def application(*options: Any, **settings: Any) -> Wadjet:
    app = Wadjet(Settings(**settings), middleware=[(RateLimitMiddleware, each) for each in options or ({},)])

    @app.get("/")
    async def index() -> str:
        return "ok"

    @app.get("/names/{name:path}")
    async def names(name: str) -> str:
        return name

    @app.get("/moved")
    async def moved() -> Response[Any]:
        return RedirectResponse("/")

    @app.get("/later")
    async def later() -> Response[Any]:
        return Response("later", 503, {"retry-after": "120"})

    @app.get("/crash")
    async def crash() -> None:
        raise ValueError

    return app


def said(sent: Sent) -> dict[str, str]:
    """Return what a response says of limits."""
    return {
        name.decode(): value.decode()
        for name, value in sent.fields
        if name.startswith((b"x-rate", b"rate", b"retry"))
    }


def statuses(app: ASGIApp, *targets: str, **options: Any) -> list[int]:
    async def ask() -> list[int]:
        return [(await exchange(app, "GET", target, **options)).status for target in targets]

    return asyncio.run(ask())


# -- what is said -----------------------------------------------------------------------------------------------------------


def test_every_answer_says_what_is_true(clock: Time) -> None:
    app = application({"max_requests": 2, "window_seconds": 60})
    assert said(run(app)) == {
        "x-ratelimit-limit": "2",
        "x-ratelimit-remaining": "1",
        "x-ratelimit-reset": "2000000060",
        "ratelimit": '"default";r=1;t=60',
        "ratelimit-policy": '"default";q=2;w=60',
        "retry-after": "0",
    }
    clock.now += 20.5
    assert said(run(app)) == {
        "x-ratelimit-limit": "2",
        "x-ratelimit-remaining": "0",
        "x-ratelimit-reset": "2000000081",
        "ratelimit": '"default";r=0;t=40',
        "ratelimit-policy": '"default";q=2;w=60',
        "retry-after": "40",
    }
    clock.now += 20
    refused = run(app)
    assert refused.status == 429
    assert said(refused) == {
        "x-ratelimit-limit": "2",
        "x-ratelimit-remaining": "0",
        "x-ratelimit-reset": "2000000081",
        "ratelimit": '"default";r=0;t=20',
        "ratelimit-policy": '"default";q=2;w=60',
        "retry-after": "20",
    }
    clock.now += 19.5
    assert run(app).status == 200


def test_rl_01_the_sixth_request_of_a_window_of_five_is_refused(clock: Time) -> None:
    app = application({"max_requests": 5, "window_seconds": 2})
    assert statuses(app, *["/"] * 6) == [200] * 5 + [429]


def test_rl_02_the_refusal_says_when_to_come_back(clock: Time) -> None:
    app = application({"max_requests": 5, "window_seconds": 60})
    statuses(app, *["/"] * 5)
    refused = run(app)
    assert refused.field(b"retry-after") == b"60"
    assert b"Rate limit exceeded: 5 requests per 60s." in refused.body
    assert b'"retry_after":60' in refused.body


@pytest.mark.parametrize(
    "field",
    ["x-forwarded-for", "x-real-ip", "forwarded", "cf-connecting-ip"],
    ids="RL-03 RL-04 RL-05 RL-06".split(),
)
def test_no_field_makes_a_new_client(clock: Time, field: str) -> None:
    app = application({"max_requests": 5})
    found = []
    for number in range(7):
        value = f"for=10.0.0.{number}" if field == "forwarded" else f"10.0.0.{number}"
        found.append(run(app, headers=[(field, value)]).status)
    assert found == [200] * 5 + [429] * 2


def test_a_trusted_proxy_tells_who_the_client_is(clock: Time) -> None:
    app = application({"max_requests": 1}, TRUSTED_PROXIES=("127.0.0.1",))
    found = [run(app, headers=[("x-forwarded-for", f"10.0.0.{number}")]).status for number in (1, 2, 1)]
    assert found == [200, 200, 429]


def test_rl_10_a_query_makes_no_new_client(clock: Time) -> None:
    app = application({"max_requests": 5}, RATE_LIMIT_BY="path")
    assert statuses(app, *[f"/?{number}" for number in range(7)]) == [200] * 5 + [429] * 2


def test_rl_11_no_two_paths_share_a_limit(clock: Time) -> None:
    app = application({"max_requests": 5}, RATE_LIMIT_BY="path")
    for name in ("a:b", "a_b", "a%3Ab", "A:B"):
        assert statuses(app, *[f"/names/{name}"] * 6) == [200] * 5 + [429], name


def test_rl_12_of_twenty_at_once_exactly_five_pass() -> None:
    async def ask(app: ASGIApp) -> list[int]:
        return [sent.status for sent in await asyncio.gather(*(exchange(app) for _ in range(20)))]

    for backend in (application({"max_requests": 5}),):
        assert sorted(asyncio.run(ask(backend))) == [200] * 5 + [429] * 15


def test_rl_13_there_is_no_double_burst_at_a_boundary(clock: Time) -> None:
    app = application({"max_requests": 5, "window_seconds": 2})
    allowed: list[float] = []
    for _ in range(60):
        if run(app).status == 200:
            allowed.append(clock.now)
        clock.now += 0.125
    assert all(len([at for at in allowed if begin <= at < begin + 2]) <= 5 for begin in allowed)
    assert len(allowed) == 20


def test_rl_18_a_step_of_the_wall_clock_changes_nothing(clock: Time) -> None:
    app = application({"max_requests": 1, "window_seconds": 60})
    assert run(app).status == 200
    for step in (-3600, 7200):
        clock.epoch += step
        assert run(app).status == 429
    clock.now += 60
    clock.epoch -= 3600
    assert run(app).status == 200


def test_refusals_crashes_and_missing_pages_say_it_too(clock: Time) -> None:
    app = application({"max_requests": 10})
    left = [
        run(app, target=target).field(b"x-ratelimit-remaining") for target in ("/crash", "/nowhere", "/moved")
    ]
    assert left == [b"9", b"8", b"7"]


def test_a_redirect_asks_nobody_to_wait(clock: Time) -> None:
    assert "retry-after" not in said(run(application(), target="/moved"))


def test_the_handler_s_own_time_stands(clock: Time) -> None:
    assert said(run(application(), target="/later"))["retry-after"] == "120"


def test_a_window_of_no_whole_seconds_is_not_told(clock: Time) -> None:
    found = said(run(application({"max_requests": 1, "window_seconds": 0.5})))
    assert found["ratelimit-policy"] == '"default";q=1'
    assert found["retry-after"] == "1"


def test_no_requests_at_all(clock: Time) -> None:
    refused = run(application({"max_requests": 0}))
    assert (refused.status, refused.field(b"x-ratelimit-remaining")) == (429, b"0")


# -- who is counted ---------------------------------------------------------------------------------------------------------


class Login(BaseMiddleware):
    provides = frozenset({"user"})

    def before(self, request: Request) -> None:
        name = request.headers.get("x-user")
        if name is not None:
            request.user = SimpleNamespace(**{request.headers.get("x-by", "id"): name})


def test_users_are_counted_wherever_they_are_and_others_by_address(clock: Time) -> None:
    app = Wadjet(
        Settings(RATE_LIMIT_BY="user", RATE_LIMIT_REQUESTS=1), middleware=[Login, RateLimitMiddleware]
    )
    app.get("/")(lambda: "ok")
    assert run(app, headers=[("x-user", "1")]).status == 200
    assert run(app, headers=[("x-user", "1")], client=("10.0.0.1", 1)).status == 429
    assert run(app, headers=[("x-user", "2"), ("x-by", "pk")]).status == 200
    assert run(app, headers=[("x-user", "2"), ("x-by", "username")]).status == 429
    assert run(app).status == 200
    assert run(app).status == 429


def test_w14_outside_of_who_finds_the_user_out_it_says_which_two_to_swap() -> None:
    said = "RateLimitMiddleware uses request.user and stands outside of Login, .* swap the two: Login first"
    given = Settings(RATE_LIMIT_BY="user")
    with pytest.raises(ConfigError, match=said):
        Wadjet(given, middleware=[RateLimitMiddleware, Login]).seal()
    with pytest.raises(ConfigError, match=said):
        RateLimitMiddleware(Login(Wadjet(given)))
    Wadjet(given, middleware=[Login, RateLimitMiddleware]).seal()
    Wadjet(middleware=[RateLimitMiddleware, Login]).seal()
    Login(RateLimitMiddleware(Wadjet(given)))


def test_a_user_without_a_name_is_a_mistake_that_says_so(clock: Time) -> None:
    app = Wadjet(Settings(RATE_LIMIT_BY="user"), middleware=[Login, RateLimitMiddleware], debug=True)
    app.get("/")(lambda: "ok")
    body = run(app, headers=[("x-user", "1"), ("x-by", "colour")]).body
    assert b"has neither pk nor id nor username" in body


def test_counting_users_makes_no_answer_personal(clock: Time) -> None:
    app = Wadjet(Settings(RATE_LIMIT_BY="user"), middleware=[RateLimitMiddleware])
    runs = []

    @app.get("/", cache_rate=10)
    async def index() -> str:
        runs.append(1)
        return "ok"

    run(app), run(app)
    assert len(runs) == 1


def test_a_function_of_the_scope_says_who_is_counted(clock: Time) -> None:
    def key(scope: Any) -> str | None:
        name = dict(scope["headers"]).get(b"x-key")
        return None if name is None else str(name.decode())

    app = application({"max_requests": 1, "key_func": key})
    assert [run(app, headers=[("x-key", each)]).status for each in "aab"] == [200, 429, 200]
    free = run(app), run(app)
    assert [each.status for each in free] == [200, 200]
    assert said(free[0]) == {}


def test_a_key_that_is_no_text_is_a_mistake(clock: Time) -> None:
    app = Wadjet(middleware=[(RateLimitMiddleware, {"key_func": lambda scope: 5})], debug=True)
    assert b"gave int; it gives a text" in run(app).body


def test_ipv6_neighbours_are_one_client(clock: Time) -> None:
    app = application({"max_requests": 1})
    clients = [("2001:db8::1", 1), ("2001:db8::2", 1), ("2001:db8:0:1::1", 1)]
    assert [run(app, client=client).status for client in clients] == [200, 429, 200]


def test_a_unix_socket_has_one_client(clock: Time) -> None:
    app = application({"max_requests": 1})
    assert [run(app, client=None).status for _ in range(2)] == [200, 429]


# -- several policies, and costs --------------------------------------------------------------------------------------------


def test_a_request_keeps_to_every_policy(clock: Time) -> None:
    policies = [RatePolicy(2, 1, name="burst"), RatePolicy(3, 60, name="minute")]
    app = application({"policies": policies})
    assert said(run(app)) == {
        "x-ratelimit-limit": "2",
        "x-ratelimit-remaining": "1",
        "x-ratelimit-reset": "2000000001",
        "ratelimit": '"burst";r=1;t=1, "minute";r=2;t=60',
        "ratelimit-policy": '"burst";q=2;w=1, "minute";q=3;w=60',
        "retry-after": "0",
    }
    assert statuses(app, "/", "/") == [200, 429]
    clock.now += 1
    last = run(app)
    assert (last.status, said(last)["retry-after"]) == (200, "59")
    clock.now += 1
    refused = run(app)
    assert (refused.status, said(refused)["x-ratelimit-limit"], said(refused)["retry-after"]) == (
        429,
        "3",
        "58",
    )
    assert b"3 requests per 60s" in refused.body


def test_what_one_policy_refuses_counts_for_none(clock: Time) -> None:
    app = application({"policies": [RatePolicy(1, 1, name="a"), RatePolicy(2, 60, name="b")]})
    assert statuses(app, "/", "/", "/") == [200, 429, 429]
    clock.now += 1
    assert statuses(app, "/") == [200]


def test_policies_may_count_by_different_keys(clock: Time) -> None:
    app = application({"policies": [RatePolicy(1, 60, "path", "a"), RatePolicy(3, 60, "ip", "b")]})
    assert statuses(app, "/", "/", "/names/a", "/names/b", "/names/c") == [200, 429, 200, 200, 429]


def test_a_request_may_cost_more(clock: Time) -> None:
    app = application({"max_requests": 10, "cost": 4})
    assert statuses(app, "/", "/", "/") == [200, 200, 429]
    app = application({"max_requests": 10, "cost": lambda scope: 9 if scope["path"] == "/" else 0})
    assert statuses(app, "/", "/", "/names/free") == [200, 429, 200]


@pytest.mark.parametrize("cost", [-1, 1.5, None, True])
def test_a_cost_that_is_none_is_a_mistake(clock: Time, cost: object) -> None:
    app = Wadjet(middleware=[(RateLimitMiddleware, {"cost": lambda scope: cost})], debug=True)
    assert b"the cost of a request is a whole number from 0" in run(app).body


# -- settings, and mistakes -------------------------------------------------------------------------------------------------


def test_nothing_is_limited_unless_asked_for() -> None:
    app = Wadjet()
    app.get("/")(lambda: "ok")
    assert said(run(app)) == {}


def test_the_defaults_are_two_thousand_a_minute(clock: Time) -> None:
    assert said(run(application()))["ratelimit-policy"] == '"default";q=2000;w=60'


def test_settings_say_what_arguments_do_not(clock: Time) -> None:
    app = application(RATE_LIMIT_REQUESTS=7, RATE_LIMIT_WINDOW=3)
    assert said(run(app))["ratelimit-policy"] == '"default";q=7;w=3'
    app = application({"window_seconds": 9}, RATE_LIMIT_REQUESTS=7)
    assert said(run(app))["ratelimit-policy"] == '"default";q=7;w=9'


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("RATE_LIMIT_REQUESTS", -1, "is no whole number from 0; write one, as RATE_LIMIT_REQUESTS=2000"),
        ("RATE_LIMIT_REQUESTS", 1.5, "is no whole number from 0"),
        ("RATE_LIMIT_REQUESTS", True, "is no whole number from 0"),
        ("RATE_LIMIT_WINDOW", 0, "is no time above 0 and up to 31 days; write one, as RATE_LIMIT_WINDOW=60"),
        ("RATE_LIMIT_WINDOW", float("nan"), "is no time above 0"),
        ("RATE_LIMIT_WINDOW", 32 * 86_400, "is no time above 0 and up to 31 days"),
        ("RATE_LIMIT_BY", "country", "is not one of ip, user, path, anon"),
        ("RATE_LIMIT_BACKEND", "disk", "is not one of memory, redis"),
        ("RATE_LIMIT_ON_ERROR", "wait", "is not one of allow, deny"),
    ],
)
def test_a_setting_that_cannot_be_is_named_at_startup(name: str, value: object, why: str) -> None:
    with pytest.raises(ConfigError, match=f"^{name}={value!r} .*{why}"):
        application(**{name: value}).seal()


@pytest.mark.parametrize(
    ("text", "seconds"), [("30", 30), ("5m", 300), ("1h30m", 5400), ("31d", 31 * 86_400)]
)
def test_the_environment_may_say_the_window_with_its_unit(text: str, seconds: int) -> None:
    assert (
        env.read(None, {"WADJET_ENV": "test", "WADJET_RATE_LIMIT_WINDOW": text}).RATE_LIMIT_WINDOW == seconds
    )


def test_a_dotted_path_installs_it(clock: Time) -> None:
    app = Wadjet(middleware=["wadjet.middleware.ratelimit.RateLimitMiddleware"])
    assert said(run(app))["x-ratelimit-limit"] == "2000"


@pytest.mark.parametrize(
    ("options", "settings", "message"),
    [
        ({"max_requests": -1}, {}, "max_requests=-1 is no number of requests"),
        ({"max_requests": True}, {}, "max_requests=True is no number"),
        ({"window_seconds": 0}, {}, "window_seconds=0 is no time above 0"),
        ({"window_seconds": float("nan")}, {}, "window_seconds=nan is no time"),
        ({}, {"RATE_LIMIT_BY": "colour"}, "RATE_LIMIT_BY='colour' is not one of ip, user, path"),
        ({}, {"RATE_LIMIT_BACKEND": "disk"}, "RATE_LIMIT_BACKEND='disk' is not one of memory, redis"),
        ({}, {"RATE_LIMIT_ON_ERROR": "panic"}, "RATE_LIMIT_ON_ERROR='panic' is not one of allow, deny"),
        ({}, {"RATE_LIMIT_BACKEND": "redis"}, "REDIS_URL is not set"),
        ({"policies": [RatePolicy(1)], "max_requests": 1}, {}, "takes policies, or max_requests"),
        ({"policies": [RatePolicy(1), RatePolicy(2)]}, {}, "need a name each"),
    ],
)
def test_what_cannot_be_is_said_at_startup(
    options: dict[str, Any], settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        Wadjet(Settings(**settings), middleware=[(RateLimitMiddleware, options)]).seal()


@pytest.mark.parametrize("name", ['a"b', "a\\b", "ä", "a\nb"])
def test_a_policy_has_a_plain_name(name: str) -> None:
    with pytest.raises(ConfigError, match="is no plain text"):
        RatePolicy(1, name=name)


# -- where it stands --------------------------------------------------------------------------------------------------------


def test_w14_of_two_limiters_the_inner_one_is_told_and_once(clock: Time) -> None:
    app = application({"max_requests": 5}, {"max_requests": 3})
    sent = run(app)
    assert sent.getall(b"x-ratelimit-limit") == [b"3"]
    assert sent.getall(b"retry-after") == [b"0"]


@pytest.mark.parametrize("is_wrapped", [False, True])
def test_it_stands_around_any_application(clock: Time, is_wrapped: bool) -> None:
    inner: Any = Starlette(routes=[StarletteRoute("/", lambda request: StarletteText("ok"))])
    if is_wrapped:
        inner = Wadjet()
        inner.get("/")(lambda: "ok")
    app = RateLimitMiddleware(inner, max_requests=1)
    first, second = run(app), run(app)
    assert (first.status, first.body, second.status) == (200, b"ok", 429)
    assert said(first)["x-ratelimit-remaining"] == "0"


def test_around_a_foreign_application_the_environment_has_the_settings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WADJET_RATE_LIMIT_REQUESTS", "7")
    assert said(run(RateLimitMiddleware(Starlette())))["x-ratelimit-limit"] == "7"


def test_what_has_ceased_is_forgotten_by_a_timer() -> None:
    app = application({"max_requests": 5, "window_seconds": 0.01})

    async def ask() -> int:
        await exchange(app)
        counter = app.seal().middleware[0]._limit._memory  # type: ignore[attr-defined]  # it is the limiter
        assert len(counter.windows[0]) == 1
        for _ in range(500):
            if not len(counter.windows[0]):
                break
            await asyncio.sleep(0.01)
        return len(counter.windows[0])

    assert asyncio.run(ask()) == 0


# -- rate_limit -------------------------------------------------------------------------------------------------------------


def decorated() -> Wadjet:
    app = Wadjet()

    @app.get("/async")
    @rate_limit(max_requests=2, window_seconds=60)
    async def asynchronous(request: Request) -> str:
        return request.path

    @app.get("/plain")
    @rate_limit(2, 60)
    def plain(req: Request) -> str:
        return req.path

    @app.get("/without/{n:int}")
    @rate_limit(2, 60)
    async def without(n: int, q: str = "-") -> str:
        return f"{n}{q}"

    @app.get("/plain/without")
    @rate_limit(2, 60)
    def plain_without() -> str:
        return "ok"

    @app.get("/stream")
    @rate_limit(2, 60)
    async def stream() -> AsyncIterator[str]:
        yield "a"
        yield "b"

    @app.get("/pulled")
    @rate_limit(2, 60)
    def pulled() -> Iterator[str]:
        yield "ab"

    @app.include
    class Posts(View):
        path = "/view"

        @rate_limit(2, 60)
        async def get(self, request: Request) -> str:
            return "view"

    return app


@pytest.mark.parametrize(
    ("target", "body"),
    [
        ("/async", b"/async"),
        ("/plain", b"/plain"),
        ("/without/7?q=x", b"7x"),
        ("/plain/without", b"ok"),
        ("/stream", b"ab"),
        ("/pulled", b"ab"),
        ("/view", b"view"),
    ],
)
def test_a_handler_may_have_a_limit_of_its_own(clock: Time, target: str, body: bytes) -> None:
    app = decorated()
    first, second, third = run(app, target=target), run(app, target=target), run(app, target=target)
    assert (first.body, second.status, third.status) == (body, 200, 429)
    assert said(first)["x-ratelimit-remaining"] == "1"
    assert said(third)["retry-after"] == "60"
    assert run(app, target="/async" if target != "/async" else "/plain").status == 200
    assert run(app, target=target, client=("10.0.0.9", 1)).status == 200


def test_a_handler_s_limit_counts_by_key_and_cost(clock: Time) -> None:
    app = Wadjet()

    @app.get("/")
    @rate_limit(3, 60, by=lambda scope: None if scope["query_string"] else "all", cost=2)
    async def index() -> str:
        return "ok"

    assert statuses(app, "/", "/", "/?free", "/?free") == [200, 429, 200, 200]


def test_a_handler_that_is_called_by_hand_is_limited_too(clock: Time) -> None:
    @rate_limit(1, 60)
    async def index(request: Request) -> str:
        return "ok"

    request = Request.blank("/")
    assert asyncio.run(index(request)) == "ok"
    with pytest.raises(TooManyRequests):
        asyncio.run(index(request))
    with pytest.raises(TypeError, match="has a rate limit, and needs a request"):
        asyncio.run(index())  # type: ignore[call-arg]  # that is the mistake


def test_above_the_verb_it_says_where_it_belongs() -> None:
    app = Wadjet()
    with pytest.raises(ConfigError, match="write it below, next to the function"):
        rate_limit(1, 60)(app.get("/")(lambda: "ok"))


def test_annotations_that_are_not_known_yet_are_said() -> None:
    with pytest.raises(SignatureError, match="the annotations name 'Later', which is not known yet"):

        @rate_limit(1, 60)
        async def index() -> Later: ...  # type: ignore[name-defined]  # noqa: F821 - that is the mistake

    @rate_limit(1, 60)
    async def other(request: Request) -> Later: ...  # type: ignore[name-defined]  # noqa: F821 - as above


def test_its_numbers_are_checked_where_it_is_written() -> None:
    with pytest.raises(ConfigError, match="max_requests=-5"):
        rate_limit(-5)


def test_inside_the_middleware_it_is_told_instead(clock: Time) -> None:
    app = Wadjet(middleware=[RateLimitMiddleware])

    @app.get("/")
    @rate_limit(5, 60)
    async def index() -> str:
        return "ok"

    assert run(app).getall(b"x-ratelimit-limit") == [b"5"]


def test_time_passes_by_itself() -> None:
    client = TestClient(application({"max_requests": 1, "window_seconds": 0.05}))
    assert client.get("/").status_code == 200
    deadline = time.monotonic() + 10
    while client.get("/").status_code == 429:
        assert time.monotonic() < deadline
