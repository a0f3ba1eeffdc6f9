import asyncio
import contextvars
import functools
import threading
from typing import Any

import pytest

from tests.handlers.serving import call, serving
from wadjet import Request, Wadjet
from wadjet.handlers.plan import Plan
from wadjet.testing import TestClient

SEEN: contextvars.ContextVar[str] = contextvars.ContextVar("SEEN", default="unset")


def thread_name() -> str:
    return threading.current_thread().name


def test_a_blocking_handler_runs_in_a_thread_and_others_on_the_loop() -> None:
    async def asynchronous() -> str:
        return thread_name()

    assert call(thread_name).text.startswith("wadjet-handler")
    assert call(asynchronous).text == "wadjet-test-client"
    assert call(thread_name, options={"inline": True}).text == "wadjet-test-client"


def test_a_partial_of_a_coroutine_function_runs_on_the_loop() -> None:
    async def handler(a: int, b: int) -> str:
        await asyncio.sleep(0)
        return thread_name()

    assert call(functools.partial(handler, b=1), "/?a=1").text == "wadjet-test-client"


def test_a_blocking_handler_has_the_content_already() -> None:
    def handler(request: Request) -> Any:
        return [request.body_bytes.decode(), request.text_body, request.json_body, request.POST.mixed()]

    assert call(handler, method="POST", content=b"[1]").json() == ["[1]", "[1]", [1], {}]
    assert call(handler, method="POST", options={"inline": True}, content=b"[1]").json()[2] == [1]


def test_a_blocking_generator_has_the_content_already() -> None:
    def handler(request: Request) -> Any:
        yield request.text_body

    assert call(handler, method="POST", content=b"x").text == "x"


def test_a_blocking_handler_sees_context_variables_and_does_not_set_them() -> None:
    app = Wadjet()

    @app.get("/")
    def handler() -> str:
        before = SEEN.get()
        SEEN.set("by the handler")
        return before

    with TestClient(app) as client:
        assert [client.get("/").text for _ in range(2)] == ["unset", "unset"]


def test_blocking_handlers_wait_for_a_free_thread() -> None:
    from wadjet import Settings

    app = Wadjet(Settings(THREAD_POOL_SIZE=1))
    running: list[int] = []
    most: list[int] = []

    @app.get("/")
    def handler() -> str:
        running.append(1)
        most.append(len(running))
        running.pop()
        return "x"

    with TestClient(app) as client:
        for _ in range(5):
            client.get("/")
    assert max(most) == 1


def test_content_beyond_the_limit_is_a_413_for_a_blocking_handler() -> None:
    def handler(request: Request) -> str:
        return "x"

    assert call(handler, method="POST", options={"max_body_size": 2}, content=b"abc").status_code == 413


def test_content_that_nobody_reads_is_not_limited() -> None:
    async def handler() -> str:
        return "x"

    assert call(handler, method="POST", options={"max_body_size": 2}, content=b"abc").status_code == 200


@pytest.mark.parametrize(("declared", "status"), [(True, 413), (False, 413)])
def test_content_is_counted_where_it_is_read(declared: bool, status: int) -> None:
    async def handler(request: Request) -> str:
        return await request.text()

    content: Any = b"abc" if declared else iter([b"a", b"bc"])
    answer = call(handler, method="POST", options={"max_body_size": 2}, content=content)
    assert answer.status_code == status


def test_a_plan_shows_what_it_is() -> None:
    assert repr(Plan("user", "/users/{id}", None, 0)) == "<Plan user /users/{id}>"


def test_head_answers_like_get_without_content() -> None:
    """RSP-20, RSP-28."""

    async def handler() -> str:
        return "abc"

    with serving(handler) as client:
        head, get = client.head("/"), client.get("/")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers == get.headers
