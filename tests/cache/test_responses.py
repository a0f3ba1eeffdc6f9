"""Cached answers, asked for through the whole application: how often the handler runs, and what nobody else may see."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Annotated, Any

import httpx2
import pytest

from tests.clocks import Clock
from wadjet import (
    Cookie,
    GZipResponse,
    Header,
    HTMLResponse,
    JSONResponse,
    Request,
    Response,
    Settings,
    StreamingResponse,
    Wadjet,
)
from wadjet.http.headers import Headers
from wadjet.httpexceptions import HTTPOk
from wadjet.testing import AsyncTestClient, TestClient


def serving(handler: Callable[..., Any], path: str = "/", /, **options: Any) -> TestClient:
    app = Wadjet()
    app.add(path, handler, **({"cache_rate": 100} | options))
    return TestClient(app, raise_server_exceptions=False)


def counting() -> Callable[[], str]:
    """Return what gives another text at each call."""
    calls = iter(range(1000))
    return lambda: str(next(calls))


# -- how often --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rate", "expected"),
    [(1, "0123456789AB"), (2, "001122334455"), (5, "000001111122"), (10, "000000000011")],
)
def test_the_handler_runs_on_the_first_and_then_on_every_so_manyth_request(rate: int, expected: str) -> None:
    calls = iter("0123456789AB")

    async def index() -> str:
        return next(calls)

    with serving(index, cache_rate=rate) as client:
        assert "".join(client.get("/").text for _ in range(12)) == expected


@pytest.mark.parametrize("kind", ["async", "def", "inline", "class"])
def test_every_kind_of_handler_is_cached(kind: str) -> None:
    new = counting()

    async def asynchronous() -> str:
        return new()

    def threaded() -> str:
        return new()

    class Handler:
        async def __call__(self) -> str:
            return new()

    handlers: dict[str, Any] = {
        "async": asynchronous,
        "def": threaded,
        "inline": threaded,
        "class": Handler(),
    }
    with serving(handlers[kind], inline=kind == "inline") as client:
        assert [client.get("/").text for _ in range(3)] == ["0"] * 3


def test_an_answer_is_good_for_its_seconds() -> None:
    new, clock = counting(), Clock()

    async def index() -> str:
        return new()

    app = Wadjet()
    app.add("/", index, cache_ttl=60)
    with TestClient(with_clock(app, clock)) as client:
        seen = []
        for _ in range(5):
            seen.append(client.get("/").text)
            clock.now += 20
    assert seen == ["0", "0", "0", "1", "1"]


def with_clock(app: Wadjet, clock: Clock) -> Wadjet:
    """Let a clock of the test's own tell the age of what an application keeps in memory."""
    caches = app.seal().caches
    caches._kept._clock = clock
    for _, made in caches._made:
        made._shelf.clock = clock
    return app


def test_requests_and_seconds_together_end_with_whichever_is_over_first() -> None:
    new, clock = counting(), Clock()

    async def index() -> str:
        return new()

    app = Wadjet()
    app.add("/", index, cache_ttl=60, cache_rate=3)
    with TestClient(with_clock(app, clock)) as client:
        assert [client.get("/").text for _ in range(4)] == ["0", "0", "0", "1"]
        clock.now += 60
        assert client.get("/").text == "2"


def test_without_seconds_an_answer_is_good_for_a_day() -> None:
    new, clock = counting(), Clock()

    async def index() -> str:
        return new()

    app = Wadjet()
    app.add("/", index, cache_rate=1000)
    with TestClient(with_clock(app, clock)) as client:
        assert client.get("/").text == "0"
        clock.now += 86_399
        assert client.get("/").text == "0"
        clock.now += 1
        assert client.get("/").text == "1"


def test_a_restarted_application_has_forgotten() -> None:
    new = counting()

    async def index() -> str:
        return new()

    app = Wadjet()
    app.add("/", index, cache_rate=1000)
    seen = []
    for _ in range(2):
        with TestClient(app) as client:
            seen += [client.get("/").text, client.get("/").text]
    assert seen == ["0", "0", "1", "1"]


# -- the same answer --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "made",
    [
        lambda: "text",
        lambda: b"bytes",
        lambda: {"a": [1]},
        lambda: ("text", {"x-a": "b"}),
        lambda: JSONResponse({"a": 1}, headers={"x-a": "b", "link": "</a>"}),
        lambda: HTMLResponse("<p>"),
        lambda: Response("é", charset="latin-1"),
        lambda: Response(b"ab", content_length=2),
    ],
)
def test_a_kept_answer_is_the_same_to_the_byte(made: Callable[[], Any]) -> None:
    async def index() -> Any:
        return made()

    with serving(index) as cached, serving(index, cache_rate=None) as plain:
        expected = plain.get("/")
        for _ in range(3):
            answer = cached.get("/")
            assert (answer.status_code, answer.content) == (expected.status_code, expected.content)
            assert answer.headers.multi_items() == expected.headers.multi_items()


def test_what_says_its_own_result_is_asked_for_it_once() -> None:
    new = counting()

    class Page:
        async def __view_result__(self) -> tuple[str, dict[str, str]]:
            return new(), {"x-a": "b"}

    async def index() -> Any:
        return Page()

    with serving(index) as client:
        answers = [client.get("/") for _ in range(3)]
    assert [(answer.text, answer.headers["x-a"]) for answer in answers] == [("0", "b")] * 3


def test_a_rendered_template_is_kept() -> None:
    new = counting()
    app = Wadjet()

    @app.template_renderer
    async def render(request: Request, template: Any) -> str:
        return new()

    @app.get("/", cache_rate=10)
    async def index() -> HTMLResponse:
        return HTMLResponse(template="page.html")

    with TestClient(app) as client:
        assert [client.get("/").text for _ in range(3)] == ["0"] * 3


def test_what_is_done_to_one_answer_is_not_done_to_the_next() -> None:
    app = Wadjet()

    @app.get("/", cache_rate=10)
    async def index() -> str:
        return "text"

    @index.middleware
    async def mark(call_next: Callable[[], Any], request: Request) -> Any:
        response = await call_next()
        if "mark" in request.GET and isinstance(response, Response):
            response.headers["x-mark"] = request.headers["x-mark"]
            response.set_cookie("mark", "me")
        return response

    with TestClient(app) as client:
        for name in ("one", "two"):
            assert client.get("/?mark", headers={"x-mark": name}).headers["x-mark"] == name
        plain = client.get("/?mark=", headers={"x-mark": "three"})
        assert plain.headers["x-mark"] == "three"


# -- the key ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param({"url": "/a"}, {"url": "/b"}, id="path"),
        pytest.param({"url": "/a?u=1"}, {"url": "/a?u=2"}, id="CACHE-21: query"),
        pytest.param({"url": "/a?u"}, {"url": "/a?u="}, id="query as it was sent"),
        pytest.param({"url": "/a?a=k-X"}, {"url": "/a?a=k45X"}, id="CACHE-25: joined"),
        pytest.param({"url": "/a?a=K"}, {"url": "/a?a=%E2%84%AA"}, id="CACHE-25: folded"),
        pytest.param({"url": "/a?a=1&b=2"}, {"url": "/a?a=1%26b%3D2"}, id="CACHE-25: escaped"),
        pytest.param({"url": "/a%2Fb"}, {"url": "/a/b"}, id="path as it was sent"),
        pytest.param({"url": "http://one.localhost/a"}, {"url": "http://two.localhost/a"}, id="host"),
        pytest.param({"url": "http://localhost/a"}, {"url": "https://localhost/a"}, id="scheme"),
    ],
)
def test_another_address_has_another_answer(one: dict[str, Any], other: dict[str, Any]) -> None:
    new = counting()

    async def index(rest: str) -> str:
        return new()

    with serving(index, "/{rest:path}") as client:
        answers = [client.get(**request).text for request in (one, other, one, other)]
    assert answers == ["0", "1", "0", "1"]


def test_two_routes_with_one_handler_have_answers_of_their_own() -> None:
    new = counting()

    async def index() -> str:
        return new()

    app = Wadjet()
    app.add("/a", index, cache_rate=10)
    app.add("/b", index, cache_rate=10)
    with TestClient(app) as client:
        assert [client.get(path).text for path in ("/a", "/b", "/a", "/b")] == ["0", "1", "0", "1"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param({"accept-language": "de"}, {"accept-language": "en"}, id="CACHE-14: another language"),
        pytest.param({"accept-language": ""}, {}, id="CACHE-15: empty and absent"),
    ],
)
def test_a_field_that_is_named_chooses_among_answers(one: dict[str, str], other: dict[str, str]) -> None:
    new = counting()

    async def index(accept_language: Annotated[str, Header()] = "") -> str:
        return new()

    with serving(index, cache_vary="accept-language") as client:
        del client.headers["accept"]
        answers = [client.get("/", headers=headers) for headers in (one, other, one, other)]
    assert [answer.text for answer in answers] == ["0", "1", "0", "1"]
    assert {answer.headers["vary"] for answer in answers} == {"accept-language"}


def test_what_answers_vary_by_is_said_once() -> None:
    async def index() -> Response[Any]:
        return Response("a", headers={"vary": "Accept-Language"})

    with serving(index, cache_vary=("accept-language", "x-a")) as client:
        assert [client.get("/").headers.get_list("vary") for _ in range(2)] == [
            ["Accept-Language", "x-a"]
        ] * 2


# -- whose it is ------------------------------------------------------------------------------------------------------------


def not_kept(handler: Callable[..., Any], **options: Any) -> bool:
    with serving(handler, **options) as client:
        return client.get("/").text != client.get("/").text


def test_cache_11_an_answer_to_credentials_is_nobody_elses() -> None:
    async def index(request: Request) -> str:
        return request.headers.get("authorization") or "nobody"

    with serving(index) as client:
        asked = ["alice", "bob", None, "alice", None]
        answers = [client.get("/", headers={"authorization": who} if who else {}).text for who in asked]
    assert answers == ["alice", "bob", "nobody", "alice", "nobody"]


def test_private_answers_are_kept_for_each_client_apart() -> None:
    runs: list[str] = []

    async def index(request: Request) -> str:
        runs.append(request.headers.get("authorization") or "nobody")
        return f"{runs[-1]} {request.headers.get('cookie')}"

    with serving(index, cache_private=True) as client:
        asked: list[dict[str, str]] = [
            {"authorization": "alice"},
            {"authorization": "bob"},
            {},
            {"cookie": "a=b"},
            {"authorization": "alice", "cookie": "a=b"},
        ]
        first = [client.get("/", headers=headers).text for headers in asked]
        second = [client.get("/", headers=headers).text for headers in asked]
    assert first == second
    assert len(set(first)) == len(runs) == 5


@pytest.mark.parametrize(
    "touch",
    [
        pytest.param(lambda request: request.user, id="user"),
        pytest.param(lambda request: request.auth, id="auth"),
        pytest.param(lambda request: request.session, id="session"),
        pytest.param(lambda request: request.cookies, id="cookies"),
        pytest.param(lambda request: request.str_cookies, id="cookies by WebOb's name"),
        pytest.param(lambda request: Request(request.scope).cookies, id="cookies of a second request"),
        pytest.param(lambda request: request.scope["wadjet.request"].user, id="user through the scope"),
    ],
)
@pytest.mark.parametrize("private", [False, True])
def test_a_run_that_looked_who_is_asking_is_not_kept(
    touch: Callable[[Request], object], private: bool, caplog: pytest.LogCaptureFixture
) -> None:
    new = counting()

    async def index(request: Request) -> str:
        request.scope["session"] = {}
        touch(request)
        return new()

    assert not_kept(index, cache_private=private)
    assert [record.getMessage().partition("()")[2] for record in caplog.records] == [
        ": an answer was not kept: the handler has read the user, the session, cookies or a token of the request"
    ]


def test_a_page_that_looked_who_is_asking_while_it_was_rendered_is_not_kept() -> None:
    new = counting()
    app = Wadjet()

    @app.template_renderer
    async def render(request: Request, template: Any) -> str:
        return f"{new()} {request.user}"

    @app.get("/", cache_rate=10)
    async def index() -> HTMLResponse:
        return HTMLResponse(template="page.html")

    with TestClient(app) as client:
        assert client.get("/").text != client.get("/").text


@pytest.mark.parametrize(
    "read",
    [
        pytest.param(lambda headers: headers["cookie"], id="by name"),
        pytest.param(lambda headers: headers.get(b"Cookie"), id="get"),
        pytest.param(lambda headers: headers.getone("cookie"), id="getone"),
        pytest.param(lambda headers: headers.joined("COOKIE"), id="joined"),
        pytest.param(lambda headers: "cookie" in headers, id="in"),
        pytest.param(lambda headers: dict(headers.items()), id="items"),
        pytest.param(lambda headers: headers.raw, id="raw"),
    ],
)
def test_a_run_that_read_the_field_of_cookies_by_hand_is_not_kept(
    read: Callable[[Headers], object], caplog: pytest.LogCaptureFixture
) -> None:
    runs = []

    async def index(request: Request) -> str:
        read(request.headers)
        runs.append(request.headers["user-agent"])
        return str(len(runs))

    with serving(index, cache_rate=10) as client:
        answers = [client.get("/", headers={"cookie": f"who={who}"}).text for who in "abc"]
    assert answers == ["1", "2", "3"]
    assert "cookies or a token of the request" in caplog.text


def test_the_other_fields_are_read_by_hand_without_a_word() -> None:
    runs: list[None] = []

    async def index(request: Request) -> str:
        _ = request.headers["user-agent"], request.headers.getall("accept"), "x-own" in request.headers
        _ = request.headers.get("x-own", ""), list(request.headers)
        runs.append(None)
        return str(len(runs))

    with serving(index, cache_rate=10) as client:
        assert [client.get("/").text for _ in range(3)] == ["1"] * 3


def test_what_middleware_reads_is_the_middlewares_affair() -> None:
    new = counting()
    seen = []
    app = Wadjet()

    @app.get("/", cache_rate=10, cache_vary="cookie")
    async def index(theme: Annotated[str, Cookie()] = "light") -> str:
        return theme + new()

    @index.middleware
    async def check(request: Request) -> None:
        seen.append(request.cookies)
        _ = request.user

    with TestClient(app) as client:
        assert [client.get("/").text for _ in range(2)] == ["light0"] * 2
        assert client.get("/", headers={"cookie": "theme=dark"}).text == "dark1"
    assert len(seen) == 3


def test_whether_somebody_has_read_what_is_personal_is_known_after_the_cache_too() -> None:
    known = []
    app = Wadjet()

    @app.get("/", cache_rate=10)
    async def index() -> str:
        return ""

    @index.middleware
    async def look(call_next: Callable[[], Any], request: Request) -> Any:
        _ = request.user
        result = await call_next()
        known.append(request.is_personal)
        return result

    with TestClient(app) as client:
        client.get("/")
    assert known == [True]


def cookied(text: str) -> Response[Any]:
    response = Response(text)
    response.set_cookie("a", "b")
    return response


async def pieces(text: str) -> Any:
    yield text.encode()


NOT_KEPT: dict[str, Callable[[str], Any]] = {
    "CACHE-04: private": lambda text: Response(text, headers={"cache-control": "Private"}),
    "no-store": lambda text: Response(text, headers={"cache-control": "max-age=60 ,NO-STORE"}),
    "no-cache": lambda text: Response(text, headers={"cache-control": 'no-cache="set-cookie"'}),
    "CACHE-06: Vary *": lambda text: Response(text, headers={"vary": " * "}),
    "CACHE-14: Vary unnamed": lambda text: Response(text, headers={"vary": "Accept-Language"}),
    "CACHE-07: Set-Cookie": cookied,
    "CACHE-08: status 500": lambda text: (text, 500),
    "status 404": lambda text: (text, 404),
    "status 201": lambda text: (text, 201),
    "an exception that is a success": lambda text: HTTPOk(text),
    "a stream": lambda text: StreamingResponse(pieces(text)),
    "compressed for one": lambda text: GZipResponse(Response(text * 1000)),
}


@pytest.mark.parametrize("made", NOT_KEPT.values(), ids=NOT_KEPT.keys())
def test_what_is_not_for_keeping_is_not_kept(made: Callable[[str], Any]) -> None:
    new = counting()

    async def index() -> Any:
        return made(new())

    assert not_kept(index)


def test_an_exception_is_not_kept() -> None:
    runs = 0

    async def failing() -> str:
        nonlocal runs
        runs += 1
        raise OSError

    with serving(failing) as client:
        assert [client.get("/").status_code for _ in range(3)] == [500] * 3
    assert runs == 3


def test_a_private_answer_may_say_that_it_is_private() -> None:
    new = counting()

    async def index() -> Any:
        return Response(new(), headers={"cache-control": "private"})

    assert not not_kept(index, cache_private=True)


def test_a_run_that_asked_to_be_called_back_is_not_kept() -> None:
    new = counting()

    async def index(request: Request) -> str:
        request.add_response_callback(
            lambda request, response: response.set_cookie("who", request.GET["who"])
        )
        return new()

    with serving(index) as client:
        answers = [client.get(f"/?who={who}") for who in ("a", "a")]
    assert [answer.text for answer in answers] == ["0", "1"]
    assert [answer.headers["set-cookie"].partition(";")[0] for answer in answers] == ["who=a"] * 2


def test_callbacks_of_middleware_run_for_every_answer() -> None:
    called = []
    app = Wadjet()

    @app.get("/", cache_rate=10)
    async def index() -> str:
        return "text"

    @index.middleware
    async def add(request: Request) -> None:
        request.add_response_callback(lambda request, response: called.append(response.body))

    with TestClient(app) as client:
        for _ in range(3):
            assert client.get("/").text == "text"
    assert called == [b"text"] * 3


def test_what_is_wrong_with_a_route_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    async def index() -> Response[Any]:
        return cookied("a")

    with caplog.at_level(logging.WARNING, "wadjet.cache"), serving(index) as client:
        for _ in range(5):
            client.get("/")
    assert len(caplog.records) == 1
    assert "index(): an answer was not kept: it sets a cookie" in caplog.records[0].getMessage()


def test_what_is_meant_so_is_not_complained_of(caplog: pytest.LogCaptureFixture) -> None:
    async def index() -> Any:
        return Response("a", headers={"cache-control": "no-store"}), 404

    with serving(index) as client:
        client.get("/")
    assert caplog.records == []


# -- middleware -------------------------------------------------------------------------------------------------------------


def test_middleware_of_the_route_runs_for_every_request_and_can_refuse_one() -> None:
    new = counting()
    app = Wadjet()

    @app.get("/", cache_rate=100)
    async def index() -> str:
        return new()

    @index.middleware
    async def check(request: Request) -> Any:
        return None if request.GET.get("key") == "right" else ("no", 403)

    with TestClient(app) as client:
        asked = ["right", "wrong", "right", "wrong"]
        answers = [client.get("/", params={"key": key}) for key in asked]
        assert [answer.status_code for answer in answers] == [200, 403, 200, 403]
        assert [answer.text for answer in answers] == ["0", "no", "0", "no"]


def test_arguments_are_checked_before_the_cache_is_asked() -> None:
    async def index(page: int) -> str:
        return str(page)

    with serving(index) as client:
        answers = [client.get(f"/?page={page}").status_code for page in ("1", "x", "1", "x")]
    assert answers == [200, 422, 200, 422]


# -- methods and conditions -------------------------------------------------------------------------------------------------


def test_cache_17_head_is_answered_from_what_get_left() -> None:
    new = counting()

    async def index() -> str:
        return new() * 3

    with serving(index) as client:
        assert client.get("/").text == "000"
        head = client.head("/")
        assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", "3")
        assert client.get("/").text == "000"


def test_head_leaves_nothing_for_get() -> None:
    seen = []

    async def index(request: Request) -> str:
        seen.append(request.method)
        return request.method

    with serving(index) as client:
        client.head("/")
        client.head("/")
        assert [client.get("/").text for _ in range(2)] == ["GET"] * 2
    assert seen == ["HEAD", "HEAD", "GET"]


def test_cache_18_post_runs_its_own_handler() -> None:
    app = Wadjet()
    app.get("/", cache_rate=10)(lambda: "got")
    app.post("/")(lambda: "posted")
    with TestClient(app) as client:
        assert [client.request(method, "/").text for method in ("GET", "POST", "GET")] == [
            "got",
            "posted",
            "got",
        ]


@pytest.mark.parametrize("content", [{"content": b"other"}, {"content": iter([b"other"])}])
def test_a_request_with_content_is_answered_for_itself(content: dict[str, Any]) -> None:
    async def index(request: Request) -> str:
        return (await request.text()) or "nothing"

    with serving(index) as client:
        assert client.get("/").text == "nothing"
        assert client.request("GET", "/", **content).text == "other"
        assert client.get("/").text == "nothing"
        assert client.get("/", headers={"content-length": "0"}).text == "nothing"


def test_cache_23_what_says_how_long_it_is_fresh_says_how_old_it_is() -> None:
    clock = Clock()
    app = Wadjet()

    @app.get("/", cache_ttl=1000)
    async def index() -> Response[Any]:
        return Response("a", headers={"cache-control": "max-age=600"})

    with TestClient(with_clock(app, clock)) as client:
        assert "age" not in client.get("/").headers
        clock.now += 90.7
        assert client.get("/").headers["age"] == "90"
        clock.now -= 1000
        assert client.get("/").headers["age"] == "0"


def test_cache_24_a_range_is_cut_of_the_answer_and_not_kept() -> None:
    runs = []

    async def index() -> Response[Any]:
        runs.append(1)
        return Response(b"abcdef", etag="v1", conditional_response=True)

    with serving(index) as client:
        cut = client.get("/", headers={"range": "bytes=0-1"})
        assert (cut.status_code, cut.content) == (206, b"ab")
        whole = client.get("/")
        assert (whole.status_code, whole.content) == (200, b"abcdef")
        assert client.get("/", headers={"if-none-match": '"v1"'}).status_code == 304
        assert client.get("/", headers={"range": "bytes=2-"}).content == b"cdef"
    assert len(runs) == 1


def test_an_entity_tag_of_the_content_is_made_for_kept_answers_too() -> None:
    runs = []

    async def index() -> str:
        runs.append(1)
        return "text"

    with serving(index, etag=True) as client:
        tags = {client.get("/").headers["etag"] for _ in range(3)}
        assert len(tags) == 1
        assert client.get("/", headers={"if-none-match": tags.pop()}).status_code == 304
    assert len(runs) == 1


# -- at the same time -------------------------------------------------------------------------------------------------------


def together(app: Wadjet, count: int, **request: Any) -> list[httpx2.Response]:
    """Send requests at once, and return their answers."""

    async def ask() -> list[httpx2.Response]:
        async with AsyncTestClient(app, raise_server_exceptions=False) as client:
            return await asyncio.gather(*(client.get("/", **request) for _ in range(count)))

    return asyncio.run(ask())


def test_cache_27_one_run_answers_all_that_wait_for_it() -> None:
    new = counting()
    app = Wadjet()

    @app.get("/", cache_rate=10)
    async def index() -> str:
        await asyncio.sleep(0.05)
        return new()

    assert {answer.text for answer in together(app, 100)} == {"0"}


def test_those_who_waited_have_used_the_answer() -> None:
    new = counting()
    app = Wadjet()

    @app.get("/", cache_rate=5)
    async def index() -> str:
        await asyncio.sleep(0.05)
        return new()

    async def ask() -> list[str]:
        async with AsyncTestClient(app) as client:
            await asyncio.gather(*(client.get("/") for _ in range(4)))
            return [(await client.get("/")).text for _ in range(3)]

    assert asyncio.run(ask()) == ["0", "1", "1"]


def test_requests_for_other_addresses_do_not_wait() -> None:
    running, most = 0, 0
    app = Wadjet()

    @app.get("/{name}", cache_rate=5)
    async def index(name: str) -> str:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.05)
        running -= 1
        return name

    async def ask() -> None:
        async with AsyncTestClient(app) as client:
            await asyncio.gather(*(client.get(f"/{name}") for name in "abcd"))

    asyncio.run(ask())
    assert most == 4


def test_where_the_run_fails_those_who_waited_run_for_themselves() -> None:
    runs = 0
    app = Wadjet()

    @app.get("/", cache_rate=10)
    async def index() -> str:
        nonlocal runs
        runs += 1
        number = runs
        await asyncio.sleep(0.02)
        if number == 1:
            raise OSError
        return "text"

    answers = together(app, 5)
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 200, 500]
    assert runs == 5


def test_where_the_run_was_for_one_client_the_others_are_not_shown_its_answer() -> None:
    running, most = 0, 0
    new = counting()
    app = Wadjet()

    @app.get("/", cache_rate=10)
    async def index(request: Request) -> str:
        nonlocal running, most
        running += 1
        most = max(most, running)
        _ = request.user
        await asyncio.sleep(0.02)
        running -= 1
        return new()

    assert len({answer.text for answer in together(app, 5)}) == 5
    most = 0
    assert len({answer.text for answer in together(app, 5)}) == 5
    assert most == 5  # who will get nothing by waiting does not wait


def test_who_waits_may_leave_and_who_runs_may_be_cancelled() -> None:
    app = Wadjet()
    runs = 0

    @app.get("/", cache_rate=10)
    async def index() -> str:
        nonlocal runs
        runs += 1
        await asyncio.sleep(0.05)
        return str(runs)

    async def ask() -> tuple[str, str]:
        async with AsyncTestClient(app) as client:
            first, second, third = (asyncio.ensure_future(client.get("/")) for _ in range(3))
            await asyncio.sleep(0.02)
            second.cancel()
            one = (await first).text, (await third).text
            return one

    assert asyncio.run(ask()) == ("1", "1")

    async def run_and_leave() -> str:
        cache = app.seal().caches._made[0][1]
        await cache.invalidate()
        request = Request({"type": "http", "method": "GET", "path": "/", "headers": []})
        started = asyncio.Event()

        async def run(request: Request, bound: dict[str, Any]) -> Response[Any]:
            started.set()
            await asyncio.sleep(60)
            return Response("never")

        async def quick(request: Request, bound: dict[str, Any]) -> Response[Any]:
            return Response("quick")

        leader = asyncio.ensure_future(cache.answer(run, request, {}))
        await started.wait()
        waiting = asyncio.ensure_future(cache.answer(quick, request, {}))
        await asyncio.sleep(0)
        leader.cancel()
        return (await waiting).text

    assert asyncio.run(run_and_leave()) == "quick"


# -- memory -----------------------------------------------------------------------------------------------------------------


def test_cache_26_what_is_kept_stays_within_its_bytes() -> None:
    app = Wadjet(Settings(CACHE_SIZE=50_000))

    @app.get("/", cache_rate=10)
    async def index() -> str:
        return "x" * 1000

    kept = app.seal().caches._kept
    with TestClient(app) as client:
        for number in range(200):
            client.get(f"/?n={number}", headers={"host": f"{number}.localhost"})
            assert kept.size <= 50_000
        assert 10 < len(kept) < 50


def test_an_answer_that_is_larger_than_all_that_fits_is_sent_and_not_kept() -> None:
    app = Wadjet(Settings(CACHE_SIZE=1000))
    app.add("/", lambda: "x" * 5000, cache_rate=10)
    with TestClient(app) as client:
        assert [len(client.get("/").content) for _ in range(2)] == [5000, 5000]
        assert len(app.seal().caches._kept) == 0


def test_cache_28_a_run_whose_client_has_left_leaves_a_whole_answer_or_none() -> None:
    app = Wadjet()

    @app.get("/", cache_rate=10)
    async def index() -> Any:
        return StreamingResponse(pieces("whole"))

    with TestClient(app) as client:
        with client.stream("GET", "/") as answer:
            next(answer.iter_bytes())
        assert client.get("/").content == b"whole"
        assert len(app.seal().caches._kept) == 0
