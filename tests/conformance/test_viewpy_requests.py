"""What is wrong with view.py's cache, middleware, parameters and routes, and not with ours. Numbers: sections and findings."""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
import logging
import subprocess
import sys
from typing import Annotated, Any

import pytest
from pydantic import BaseModel

import wadjet
from tests.handlers.serving import assembling, call, serving
from wadjet import Body, Cookie, Error, Header, HTMLResponse, Request, Response, Settings, Wadjet
from wadjet.errors import ConfigError, RouteError
from wadjet.server.options import Options
from wadjet.testing import AsyncTestClient, TestClient

# -- 5, 8.4: the cache ------------------------------------------------------------------------------------------------------


def counting(**options: Any) -> Any:
    """Return a client of a route that counts its runs, and the counter."""
    app, runs = Wadjet(), itertools.count(1)

    @app.get("/", **options)
    async def index(a: str = "") -> Any:
        return f"{next(runs)} {a}"

    return TestClient(app)


@pytest.mark.parametrize(
    ("rate", "runs"), [(10, [1, 11, 21, 31]), (2, [1, 3, 5, 7]), (3, [1, 4, 7, 10]), (1, [1, 2, 3, 4])]
)
def test_5_the_function_runs_on_every_nth_request_and_not_on_every_n_plus_first(
    rate: int, runs: list[int]
) -> None:
    client = counting(cache_rate=rate)
    seen = [client.get("/").text for _ in range(runs[-1])]
    assert [number for number, text in enumerate(seen, 1) if text not in seen[: number - 1]] == runs


@pytest.mark.parametrize("rate", [0, -1, True, 1.5])
def test_5_a_rate_that_is_none_fails_at_assembly(rate: Any) -> None:
    async def index() -> str:
        return "x"

    assert "cache_rate" in assembling(index, cache_rate=rate)


def test_8_4_one_query_is_never_answered_with_anothers_result() -> None:
    client = counting(cache_rate=3)
    assert [client.get("/", params={"a": str(n)}).text.split(" ")[1] for n in range(5)] == list("01234")


def test_8_4_one_path_is_never_answered_with_anothers_result() -> None:
    app = Wadjet()

    @app.get("/{name}", cache_rate=100)
    async def show(name: str) -> str:
        return name

    client = TestClient(app)
    assert [client.get(f"/{name}").text for name in "aba"] == ["a", "b", "a"]


def once(made: Any) -> tuple[TestClient, list[int]]:
    """Return a client of a cached route, and its runs."""
    app, runs = Wadjet(), [0]

    @app.get("/", cache_rate=100)
    async def index(request: Request) -> Any:
        runs[0] += 1
        return made(request)

    return TestClient(app), runs


def with_cookie(_: Request) -> Any:
    response = Response("x")
    response.set_cookie("session", "mine")
    return response


@pytest.mark.parametrize(
    "made",
    [
        with_cookie,
        lambda request: ("x", {"set-cookie": "session=mine"}),
        lambda request: ("x", 404),
        lambda request: ("x", 201),
        lambda request: f"{bool(request.user)}",
        lambda request: request.cookies.get("a", "x"),
        lambda request: ("x", {"cache-control": "private"}),
    ],
    ids=["a cookie", "a cookie by hand", "a 404", "a 201", "the user", "the cookies", "private"],
)
def test_8_4_what_is_one_clients_is_not_kept_for_others(made: Any) -> None:
    client, runs = once(made)
    client.get("/")
    client.get("/")
    assert runs == [2]


def test_8_4_who_brings_credentials_is_neither_answered_from_the_cache_nor_kept() -> None:
    client, runs = once(lambda request: "x")
    for _ in range(2):
        client.get("/", headers={"authorization": "Bearer a"})
    client.get("/")
    client.get("/")
    assert runs == [3]


@pytest.mark.parametrize("source", [Header(), Cookie()])
def test_8_4_an_argument_that_is_not_in_the_address_fails_at_assembly(source: Any) -> None:
    async def index(who: str = source) -> str:
        return who

    message = assembling(index, cache_rate=10)
    assert "'who'" in message
    assert "cache_vary" in message


def test_5_arguments_are_checked_before_the_cache() -> None:
    app = Wadjet()

    @app.get("/", cache_rate=100)
    async def index(number: int = 0) -> int:
        return number

    client = TestClient(app)
    client.get("/?number=1")
    assert client.get("/?number=x").status_code == 422


def test_8_3_middleware_runs_for_answers_from_the_cache_too() -> None:
    app, seen = Wadjet(), []

    @app.get("/", cache_rate=100)
    async def index() -> str:
        return "secret"

    @index.middleware
    async def check(request: Request) -> None:
        seen.append("checked")
        if request.header(b"x-key") != b"right":
            raise Error(401)

    client = TestClient(app)
    statuses = [client.get("/", headers={"x-key": key}).status_code for key in ("right", "right", "wrong")]
    assert (statuses, len(seen)) == ([200, 200, 401], 3)


def test_5_two_first_requests_at_once_run_the_function_once() -> None:
    app, runs = Wadjet(), [0]

    @app.get("/", cache_rate=100)
    async def index() -> str:
        runs[0] += 1
        await asyncio.sleep(0)  # lets the other one in
        return "x"

    async def run() -> list[str]:
        async with AsyncTestClient(app) as client:
            return [found.text for found in await asyncio.gather(*[client.get("/") for _ in range(5)])]

    assert asyncio.run(run()) == ["x"] * 5
    assert runs == [1]


def test_5_what_is_kept_ends_and_can_be_forgotten() -> None:
    app, runs = Wadjet(), itertools.count()

    @app.get("/", cache_rate=100)
    async def index() -> Any:
        return str(next(runs))

    @app.post("/forget")
    async def forget() -> None:
        await index.invalidate()

    client = TestClient(app)
    assert [client.get("/").text, client.get("/").text] == ["0", "0"]
    client.post("/forget")
    assert client.get("/").text == "1"
    assert Settings().CACHE_SIZE > 0  # bytes; what does not fit is dropped


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_5_a_method_that_changes_something_is_not_cached(method: str) -> None:
    async def index() -> str:
        return "x"

    assert method in assembling(index, "/", method, cache_rate=10)


# -- 6, 8.3: middleware -----------------------------------------------------------------------------------------------------


def surrounded(*middleware: Any, **options: Any) -> tuple[TestClient, list[str]]:
    """Return a client of a route with middleware, and what ran."""
    app, ran = Wadjet(), []

    @app.get("/{a:int}", **options)
    async def index(a: int, b: str = "b") -> Any:
        ran.append(f"handler {a} {b}")
        return "x", 201

    for function in middleware:
        assert index.middleware(function) is function, "the decorator returns the function"
    return TestClient(app), ran


def test_6_middleware_that_raises_or_answers_keeps_the_function_from_running() -> None:
    async def refuse() -> None:
        raise Error(403)

    def answer() -> Any:
        return "no", 402

    for function, status in ((refuse, 403), (answer, 402)):
        client, ran = surrounded(function)
        assert client.get("/1").status_code == status
        assert ran == []


def test_6_the_first_is_outermost_whether_sync_or_async_and_all_run_before() -> None:
    order: list[str] = []

    def first() -> None:
        order.append("first")

    async def second(a: int, b: str) -> None:
        order.append(f"second {a} {b}")

    client, ran = surrounded(first, second)
    assert client.get("/7").status_code == 201
    assert (order, ran) == (["first", "second 7 b"], ["handler 7 b"])


def test_6_what_takes_call_next_gets_the_result_and_may_change_it() -> None:
    async def around(call_next: Any, a: int) -> Any:
        body, status = await call_next()
        return f"{body}{a}", status + 1

    client, _ = surrounded(around)
    found = client.get("/7")
    assert (found.status_code, found.text) == (202, "x7")


def test_6_middleware_that_forgets_to_answer_does_not_hang() -> None:
    async def around(call_next: Any) -> None:
        await call_next()

    client, ran = surrounded(around)
    assert client.get("/7").status_code == 204
    assert ran == ["handler 7 b"]


def test_6_what_middleware_cannot_have_fails_at_assembly() -> None:
    app = Wadjet()
    route = app.get("/")(lambda: "x")

    @route.middleware
    async def wants(other: int) -> None: ...

    with pytest.raises(ConfigError, match="asks for 'other'"):
        app.seal()


# -- 7.2: routes ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("HEAD", "/a", 200),
        ("TRACE", "/a", 405),
        ("BREW", "/a", 405),
        ("POST", "/a", 405),
        ("OPTIONS", "/a", 204),
        ("GET", "/b", 404),
        ("GET", "/A", 404),
        ("GET", "/a//", 404),
        ("GET", "/[/red]", 404),
    ],
)
def test_8_6_every_method_and_path_has_an_answer(method: str, target: str, status: int) -> None:
    client = serving(lambda: "x", "/a")
    assert client.request(method, target).status_code == status


def test_7_2_a_parameter_may_come_first_and_is_never_a_crash() -> None:
    assert call(lambda name: name, "/x", route="/{name}").text == "x"
    assert call(lambda id: id, "/7/x", route="/{id:int}/x").json() == 7


def test_7_2_the_same_path_twice_fails_at_assembly() -> None:
    app = Wadjet()
    app.get("/a")(lambda: "x")
    app.get("/a")(lambda: "y")
    with pytest.raises(RouteError):
        app.seal()


@pytest.mark.parametrize(
    ("target", "status"), [("/[/red]", 500), ("/%0d%0aINJECTED", 400), ("/%1b[31m", 400)]
)
def test_8_11_a_path_writes_nothing_into_the_log(
    target: str, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    def boom(rest: str) -> None:
        raise RuntimeError("boom")

    with caplog.at_level(logging.DEBUG, "wadjet"):
        assert call(boom, target, route="/{rest:path}").status_code == status
    for record in caplog.records:
        assert record.getMessage().isprintable()


# -- 7.3, 8.2, 8.14: parameters ---------------------------------------------------------------------------------------------


class Order(BaseModel):
    item: str
    count: int = 1


@dataclasses.dataclass
class Plain:
    item: str


@pytest.mark.parametrize("annotation", [Order, Plain, Annotated[dict[str, int], Body()]])
@pytest.mark.parametrize(
    "content", [b"{}", b"[]", b"null", b'{"x":null}', b"1", b'"a"', b"", b"{", b"\xff", b"[" * 5000]
)
def test_8_2_no_content_stops_the_process(annotation: Any, content: bytes) -> None:
    async def take(order: Any) -> str:
        return "taken"

    take.__annotations__["order"] = annotation
    client = serving(take, "/", "POST")
    found = client.post("/", content=content, headers={"content-type": "application/json"})
    is_dict = annotation not in (Order, Plain)
    assert found.status_code in ({200, 400, 422} if is_dict else {400, 422})
    assert b"NULL" not in found.content
    assert client.get("/").status_code == 405, "it still answers"


def test_8_14_arguments_are_bound_by_name() -> None:
    async def index(second: str, first: int) -> Any:
        return [first, second]

    assert call(index, "/?first=1&second=b").json() == [1, "b"]


@pytest.mark.parametrize(
    ("annotation", "query", "status"),
    [(int, "a=x", 422), (int, "a=", 422), (int, "", 422), (float, "a=nan", 422), (bool, "a=maybe", 422), (str, "a=", 200)],
)  # fmt: skip
def test_7_3_a_value_that_is_none_is_said_so(annotation: Any, query: str, status: int) -> None:
    async def index(a: Any) -> Any:
        return a

    index.__annotations__["a"] = annotation
    assert call(index, f"/?{query}").status_code == status


def test_7_3_none_any_and_optional_can_be_annotated() -> None:
    async def index(
        a: Any = None, b: int | None = None, c: Annotated[list[int] | None, "text"] = None
    ) -> Any:
        return [a, b, c]

    assert call(index, "/?a=1&b=2&c=3&c=4").json() == ["1", 2, [3, 4]]
    assert call(index).json() == [None, None, None]


def test_7_3_a_parameter_without_annotation_says_what_to_write() -> None:
    assert "annotate it, as in `a: int`" in assembling(lambda a: a)


def test_8_14_forms_are_read_too() -> None:
    async def take(order: Order) -> Any:
        return [order.item, order.count]

    assert call(take, method="POST", data={"item": "tea", "count": "2"}).json() == ["tea", 2]
    assert call(take, method="POST", content=b"x", headers={"content-type": "a/b"}).status_code == 415


def test_8_14_headers_and_cookies_are_read_as_they_are_sent() -> None:
    async def index(request: Request) -> Any:
        return [request.headers["x-a"], request.headers.getall("X-A"), dict(request.cookies)]

    headers = [("X-a", "1"), ("x-A", "2"), ("Cookie", "a=1; b=x=y")]
    assert call(index, headers=headers).json() == ["2", ["1", "2"], {"a": "1", "b": "x=y"}]


def test_7_5_the_test_client_loses_no_field() -> None:
    async def index() -> Any:
        return "x", [("x-a", "1"), ("x-a", "2")]

    assert call(index).headers.get_list("x-a") == ["1", "2"]


# -- 7.6, 8.12, 8.13, 8.10: what is on by default ---------------------------------------------------------------------------


def test_8_12_templates_escape_and_see_nothing_that_was_not_given(tmp_path: Any) -> None:
    (tmp_path / "page.html").write_text("{{ name }}{{ secret }}{{ os }}")
    app = Wadjet(Settings(TEMPLATES_DIR=str(tmp_path)))

    @app.get("/")
    async def index() -> Any:
        secret = "hunter2"
        assert secret
        return HTMLResponse(template="page.html", context={"name": "<b>"})

    assert TestClient(app).get("/").text == "&lt;b&gt;"


def test_8_13_a_star_import_brings_the_public_names_only() -> None:
    code = "import logging, typing; before = logging, typing; from wadjet import *; assert before == (logging, typing)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
    assert {"Wadjet", "Request", "Response"} <= set(wadjet.__all__)


def test_8_10_nothing_of_development_is_on_unless_it_is_asked_for() -> None:
    assert Settings().DEBUG is False
    assert Options.read(None, None, {}, {}).host == "127.0.0.1"
