"""Route middleware: before a handler, or around it, with the handler's own arguments."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest

from wadjet import Error, Request, Wadjet, get, post
from wadjet.errors import SealedError, SignatureError
from wadjet.routing.route import Route
from wadjet.testing import TestClient

CallNext = Any


def client(*routes: Route) -> TestClient:
    return TestClient(Wadjet(routes=routes), raise_server_exceptions=False)


@pytest.mark.parametrize("is_async", [True, False])
def test_it_runs_before_the_handler_in_the_order_registered(is_async: bool) -> None:
    order: list[str] = []

    @get("/")
    async def index() -> str:
        order.append("handler")
        return "done"

    @index.middleware
    async def first() -> None:
        order.append("first")

    async def asynchronous() -> None:
        order.append("second")

    def synchronous() -> None:
        order.append("second")

    second = asynchronous if is_async else synchronous
    assert index.middleware()(second) is second
    assert callable(first), "the decorator returns the function"
    assert client(index).get("/").text == "done"
    assert order == ["first", "second", "handler"]


def test_it_gets_the_arguments_that_it_names_and_the_request() -> None:
    seen: list[Any] = []

    @get("/{id:int}")
    async def item(id: int, page: int = 1) -> str:
        return f"{id} {page}"

    @item.middleware
    async def look(page: int, request: Request, id: int) -> None:
        seen.append((page, request.path, id))

    assert client(item).get("/7?page=3").text == "7 3"
    assert seen == [(3, "/7", 7)]


def test_the_request_is_there_for_both() -> None:
    @get("/")
    async def index(request: Request) -> str:
        return str(request.state["by"])

    @index.middleware
    async def look(request: Request) -> None:
        request.state["by"] = "middleware"

    assert client(index).get("/").text == "middleware"


def test_an_answer_of_it_keeps_the_handler_from_running() -> None:
    @get("/")
    async def index() -> str:
        raise AssertionError("it has run")

    @index.middleware
    async def refuse() -> Any:
        return "early", 203

    response = client(index).get("/")
    assert (response.status_code, response.text) == (203, "early")


def test_an_error_of_it_keeps_the_handler_from_running() -> None:
    ran: list[str] = []

    @get("/")
    def index() -> str:
        ran.append("handler")
        return "x"

    @index.middleware
    async def refuse() -> None:
        raise Error(403, "no")

    assert client(index).get("/").status_code == 403
    assert ran == []


@pytest.mark.parametrize(("body", "status", "sent"), [({"a": 1}, 201, '{"a":1}'), ({"a": "text"}, 500, None)])
def test_a_tuple_of_it_is_read_as_the_handlers_and_its_body_held_to_the_type(
    body: Any, status: int, sent: str | None
) -> None:
    @get("/")
    async def index() -> dict[str, int]:
        return {}

    @index.middleware
    async def instead() -> Any:
        return body, 201, {"x-a": "b"}

    answer = client(index).get("/")
    assert (answer.status_code, answer.headers.get("x-a")) == (status, None if sent is None else "b")
    assert sent in {None, answer.text}


def test_around_a_typed_handler_a_tuple_may_hold_what_is_inside() -> None:
    @get("/")
    async def index() -> dict[str, int]:
        return {"a": 1}

    @index.middleware
    async def around(call_next: CallNext) -> Any:
        return await call_next(), 202, {"x-a": "b"}

    answer = client(index).get("/")
    assert (answer.status_code, answer.text, answer.headers["x-a"]) == (202, '{"a":1}', "b")


def test_what_takes_call_next_stands_around() -> None:
    order: list[str] = []

    @get("/{name}")
    async def index(name: str) -> Any:
        order.append("handler")
        return {"name": name}

    @index.middleware
    async def outer(call_next: CallNext) -> Any:
        order.append("outer>")
        result = await call_next()
        order.append("<outer")
        return {**result, "outer": True}

    @index.middleware
    async def inner(call_next: CallNext, name: str) -> Any:
        order.append(f"inner> {name}")
        result = await call_next()
        order.append("<inner")
        return result

    assert client(index).get("/a").json() == {"name": "a", "outer": True}
    assert order == ["outer>", "inner> a", "handler", "<inner", "<outer"]


@pytest.mark.parametrize("inline", [True, False])
def test_a_plain_handler_may_have_it_too(inline: bool) -> None:
    @get("/", inline=inline)
    def index() -> str:
        return threading.current_thread().name

    @index.middleware
    async def outer(call_next: CallNext) -> Any:
        return f"{threading.current_thread().name} {await call_next()}"

    loop, _, handler = client(index).get("/").text.partition(" ")
    assert (loop == handler) is inline


def test_a_plain_middleware_does_not_block_the_loop() -> None:
    threads: list[str] = []

    @get("/")
    async def index() -> str:
        return threading.current_thread().name

    @index.middleware
    def before() -> None:
        threads.append(threading.current_thread().name)

    assert client(index).get("/").text not in threads
    assert threads[0].startswith("wadjet-handler")


def test_content_is_read_for_it_as_for_the_handler() -> None:
    @post("/")
    def index(body: bytes) -> bytes:
        return body

    @index.middleware
    def look(body: bytes) -> Any:
        return None if body else ("empty", 400)

    served = client(index)
    assert served.post("/", content=b"x").content == b"x"
    assert served.post("/").status_code == 400


def test_a_stream_passes_through_it() -> None:
    @get("/")
    async def index() -> AsyncIterator[str]:
        yield "a"
        yield "b"

    @index.middleware
    async def before() -> None:
        pass

    assert client(index).get("/").text == "ab"


def test_two_routes_of_one_function_share_it() -> None:
    order: list[str] = []

    @get("/a")
    @get("/b")
    async def index() -> str:
        return "x"

    @index.middleware
    async def before() -> None:
        order.append("ran")

    app = Wadjet(routes=[index, get("/c", index)])
    with TestClient(app) as served:
        assert [served.get(path).text for path in ("/a", "/c")] == ["x", "x"]
    assert order == ["ran", "ran"]


def test_a_parameter_that_the_handler_does_not_take_fails_at_assembly() -> None:
    @get("/{id}")
    async def index(id: str) -> str:
        return id

    @index.middleware
    async def look(ident: str) -> None:
        pass

    with pytest.raises(
        SignatureError, match=r"test_around\.py:\d+: .*look\(\): the middleware asks for 'ident'.*id, request"
    ):
        Wadjet(routes=[index]).seal()


def test_a_plain_function_cannot_stand_around() -> None:
    @get("/")
    async def index() -> str:
        return ""

    @index.middleware
    def look(call_next: CallNext) -> Any:
        return call_next()

    with pytest.raises(SignatureError, match="has to await it; write `async def`"):
        Wadjet(routes=[index]).seal()


def test_it_comes_too_late_when_the_route_is_served() -> None:
    @get("/")
    async def index() -> str:
        return ""

    Wadjet(routes=[index]).seal()
    with pytest.raises(SealedError, match=r"index\(\): middleware comes too late"):
        index.middleware(index.handler)
    with pytest.raises(SealedError, match=r"error\(404\) comes too late"):
        index.error(404)
