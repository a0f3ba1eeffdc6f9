"""Response callbacks run once there is a response; finished callbacks run always."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.driving import drive, http_scope, run
from wadjet import BaseMiddleware, Request, Response, Wadjet
from wadjet.http.exceptions import ClientDisconnect, Forbidden, NotFound
from wadjet.types import Message


class Tag(BaseMiddleware):
    def after(self, request: Request, response: Any) -> None:
        response.headers.append("x-seen", response.headers.get("x-callback", "nothing"))


def one_route(handler: Any, *middleware: Any, method: str = "GET") -> Wadjet:
    app = Wadjet(middleware=middleware)
    app.add("/", handler, methods=[method])
    return app


def test_response_callbacks_run_in_order_before_after() -> None:
    trail = []

    async def handler(request: Request) -> str:
        async def second(request: Request, response: Any) -> None:
            await asyncio.sleep(0)
            trail.append("second")

        def first(request: Request, response: Any) -> None:
            trail.append("first")
            response.headers.set("x-callback", "called")
            request.add_response_callback(nested)

        def nested(request: Request, response: Any) -> None:
            trail.append("nested")

        request.add_response_callback(first)
        request.add_response_callback(second)
        return "text"

    sent = run(one_route(handler, Tag))
    assert trail == ["first", "second", "nested"]
    assert sent.field(b"x-seen") == b"called"


@pytest.mark.parametrize("error", [NotFound(), RuntimeError()])
def test_response_callbacks_run_for_errors(error: Exception) -> None:
    async def handler(request: Request) -> str:
        request.add_response_callback(
            lambda request, response: response.headers.set("x-callback", str(response.status_code))
        )
        raise error

    assert run(one_route(handler)).field(b"x-callback") == (b"404" if isinstance(error, NotFound) else b"500")


@pytest.mark.parametrize(("error", "status"), [(Forbidden(), 403), (RuntimeError(), 500)])
def test_a_response_callback_that_raises_replaces_the_response(error: Exception, status: int) -> None:
    called = []

    async def handler(request: Request) -> str:
        def fails(request: Request, response: Any) -> None:
            called.append(response.status_code)
            raise error

        request.add_response_callback(fails)
        request.add_response_callback(lambda request, response: called.append(response.status_code))
        return "text"

    sent = run(one_route(handler, Tag))
    assert sent.status == status
    assert called == [200, status]  # each once, the second on the replacement
    assert sent.field(b"x-seen") == b"nothing"


def test_every_response_callback_may_fail() -> None:
    async def handler(request: Request) -> str:
        def fails(request: Request, response: Any) -> None:
            raise RuntimeError

        for _ in range(5):
            request.add_response_callback(fails)
        return "text"

    assert run(one_route(handler)).status == 500


# -- finished ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "kind"),
    [(None, type(None)), (NotFound(), NotFound), (ValueError(), ValueError)],
    ids=["success", "answer", "crash"],
)
@pytest.mark.parametrize("middleware", [(), (Tag,)], ids=["bare", "hooked"])
def test_finished_callbacks_run_always_and_each(error: Any, kind: type, middleware: Any) -> None:
    seen: list[Any] = []

    async def handler(request: Request) -> str:
        async def first(request: Request) -> None:
            seen.append("first")
            raise RuntimeError

        def second(request: Request) -> None:
            seen.append(type(request.exception))
            request.add_finished_callback(lambda request: seen.append("nested"))

        request.add_finished_callback(first)
        request.add_finished_callback(second)
        if error is not None:
            raise error
        return "text"

    run(one_route(handler, *middleware))
    assert seen == ["first", kind, "nested"]


def test_finished_callbacks_run_when_the_response_has_been_sent() -> None:
    order: list[str] = []

    async def handler(request: Request) -> AsyncIterator[str]:
        request.add_finished_callback(lambda request: order.append("finished"))
        yield "text"
        order.append("streamed")

    run(one_route(handler))
    assert order == ["streamed", "finished"]


def test_finished_callbacks_run_on_cancellation() -> None:
    seen: list[Any] = []

    async def handler(request: Request) -> None:
        async def first(request: Request) -> None:
            await asyncio.sleep(0)
            seen.append(type(request.exception))

        request.add_finished_callback(first)
        request.add_finished_callback(lambda request: seen.append("second"))
        await asyncio.Event().wait()

    async def cancelled() -> None:
        task = asyncio.create_task(drive(one_route(handler), http_scope()))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())
    assert seen == [asyncio.CancelledError, "second"]


def test_a_finished_callback_that_is_cancelled_does_not_stop_the_others() -> None:
    seen = []

    async def handler(request: Request) -> str:
        async def waits(request: Request) -> None:
            await asyncio.Event().wait()

        request.add_finished_callback(waits)
        request.add_finished_callback(lambda request: seen.append("second"))
        return "text"

    async def cancelled() -> None:
        task = asyncio.create_task(drive(one_route(handler), http_scope()))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancelled())
    assert seen == ["second"]


def test_finished_callbacks_run_when_the_client_has_left() -> None:
    seen: list[Any] = []

    async def handler(request: Request) -> bytes:
        request.add_finished_callback(lambda request: seen.append(type(request.exception)))
        return await request.body()

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        raise AssertionError("nobody is there to answer")

    scope = http_scope("POST", headers=[("content-length", "10")])
    asyncio.run(one_route(handler, Tag, method="POST")(scope, receive, send))
    assert seen == [ClientDisconnect]


def test_finished_callbacks_run_once_whoever_wraps_the_application() -> None:
    seen: list[str] = []

    async def handler(request: Request) -> Response[Any]:
        request.add_finished_callback(lambda request: seen.append("finished"))
        return Response("text")

    outer = Wadjet(middleware=[Tag])
    outer.mount("/inner", one_route(handler, Tag))
    run(Tag(Tag(outer)), target="/inner/")
    assert seen == ["finished"]
