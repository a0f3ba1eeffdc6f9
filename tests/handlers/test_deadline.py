from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from tests.handlers.serving import assembling, call
from wadjet import Wadjet
from wadjet.testing import TestClient

MOMENT = 0.01


class Resource:
    """What a handler is provided with."""


@pytest.mark.parametrize("timeout", [MOMENT, timedelta(seconds=MOMENT)])
def test_a_handler_that_takes_too_long_is_cancelled_and_answered_for(
    timeout: Any, caplog: pytest.LogCaptureFixture
) -> None:
    ends = []

    async def index() -> str:
        try:
            await asyncio.Event().wait()
        finally:
            ends.append("ended")
        return "never"

    answer = call(index, options={"timeout": timeout})
    assert answer.status_code == 503
    assert answer.json()["status"] == 503
    assert ends == ["ended"]
    [record] = [record for record in caplog.records if record.name == "wadjet.error"]
    assert record.getMessage().startswith("GET /: 503 Service Unavailable [")
    assert record.exc_info is not None
    assert str(record.exc_info[1]) == "cancelled after 0.01 s, the time that the route has"


def test_a_handler_that_is_in_time_is_not_touched() -> None:
    async def index() -> str:
        return "in time"

    assert call(index, options={"timeout": 60}).text == "in time"
    assert call(index, options={"timeout": None}).text == "in time"


def test_a_timeout_of_the_handlers_own_is_its_own_failure() -> None:
    async def index() -> str:
        async with asyncio.timeout(MOMENT):
            await asyncio.Event().wait()
        return "never"

    assert call(index, options={"timeout": 60}).status_code == 500


def test_what_provides_for_a_handler_is_told_and_released() -> None:
    told = []

    async def resource() -> AsyncIterator[Resource]:
        try:
            yield Resource()
        except BaseException as error:
            told.append(type(error))
            raise

    app = Wadjet()
    app.provide(Resource, resource)

    @app.get("/", timeout=MOMENT)
    async def index(found: Resource) -> str:
        await asyncio.Event().wait()
        return "never"

    with TestClient(app, raise_server_exceptions=False) as client:
        assert client.get("/").status_code == 503
    assert told == [asyncio.CancelledError]


def test_a_stream_has_its_time_for_the_first_piece() -> None:
    async def late() -> AsyncIterator[str]:
        yield "a"
        await asyncio.sleep(MOMENT * 3)  # longer than the route has
        yield "b"

    assert call(late, options={"timeout": MOMENT * 2}).text == "ab"


def test_the_exception_handler_of_the_status_words_the_answer() -> None:
    app = Wadjet()

    @app.get("/", timeout=MOMENT)
    async def index() -> str:
        await asyncio.Event().wait()
        return "never"

    @index.error(503)
    async def busy() -> tuple[str, int]:
        return "ask again", 503

    with TestClient(app) as client:
        answer = client.get("/")
    assert (answer.status_code, answer.text) == (503, "ask again")


def test_what_is_kept_is_still_answered_at_once() -> None:
    runs: list[None] = []

    async def index() -> str:
        runs.append(None)
        return "kept"

    app = Wadjet()
    app.get("/", timeout=60, cache_ttl=60)(index)
    with TestClient(app) as client:
        assert [client.get("/").text for _ in range(3)] == ["kept"] * 3
    assert len(runs) == 1


def test_a_plain_function_cannot_be_cancelled() -> None:
    def index() -> str:
        return "a"

    assert "a plain def runs in a thread, which nobody can cancel" in assembling(index, timeout=5)


def test_what_is_said_of_all_routes_is_meant_for_those_that_can_be_cancelled() -> None:
    app = Wadjet(timeout=60)

    @app.get("/")
    def index() -> str:
        return "a"

    with TestClient(app) as client:
        assert client.get("/").text == "a"
