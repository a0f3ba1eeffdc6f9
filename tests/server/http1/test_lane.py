"""What the connections of one server share."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from wadjet import Request, Settings, Wadjet
from wadjet.http.clienterrors import BadRequest
from wadjet.server.http1.lane import Lane, lane_of


class Guest:
    """A connection that remembers what it is told."""

    def __init__(self) -> None:
        self.task: asyncio.Task[None] | None = None
        self.checked: list[float] = []
        self.is_told = False

    def check(self, now: float) -> None:
        self.checked.append(now)

    def shutdown(self) -> None:
        self.is_told = True


def config_of(app: Any) -> uvicorn.Config:
    config = uvicorn.Config(app, interface="asgi3", log_config=None, ws="none", proxy_headers=False)
    config.load()
    return config


async def lane_for(app: Any) -> Lane:
    return lane_of(config_of(app), ServerState(), {})


async def rest(lane: Lane) -> None:
    """Wait until the clock of a lane without connections has stopped."""
    while lane._ticking is not None:
        await asyncio.sleep(0.005)


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(60):
            await test()

    asyncio.run(bounded())


def test_the_connections_of_a_server_share_one_lane() -> None:
    async def test() -> None:
        config, state = config_of(Wadjet()), ServerState()
        assert lane_of(config, state, {}) is lane_of(config, state, {})
        assert lane_of(config, ServerState(), {}) is not lane_of(config, state, {})

    run(test)


def test_the_limits_are_those_of_the_application() -> None:
    async def test() -> None:
        assert (await lane_for(Wadjet(Settings(MAX_CONNECTIONS=3)))).settings.MAX_CONNECTIONS == 3

        async def foreign(scope: Any, receive: Any, send: Any) -> None: ...

        assert (await lane_for(foreign)).settings == Settings()

    run(test)


def test_so_many_connections_are_admitted_and_no_more() -> None:
    async def test() -> None:
        lane = await lane_for(Wadjet(Settings(MAX_CONNECTIONS=2)))
        guests = [Guest() for _ in range(4)]
        admitted = [lane.enter(guest) for guest in guests]
        assert admitted == [True, True, False, False]
        lane.leave(guests[2], is_admitted=False)
        assert not lane.enter(guests[2])
        lane.leave(guests[0], is_admitted=True)
        assert lane.enter(Guest())
        assert not lane.enter(Guest())

    run(test)


def test_one_clock_looks_at_all_connections_and_stops_when_there_are_none() -> None:
    async def test() -> None:
        lane = await lane_for(Wadjet(Settings(HEADER_TIMEOUT=0.04)))
        one, other = Guest(), Guest()
        lane.enter(one)
        lane.enter(other)
        while len(one.checked) < 3:
            await asyncio.sleep(0.005)
        assert one.checked[-1] == other.checked[-1] == lane.now
        lane.leave(one, is_admitted=True)
        lane.leave(other, is_admitted=True)
        await rest(lane)
        seen = len(one.checked)
        lane.enter(one)
        assert len(one.checked) == seen + 1
        lane.leave(one, is_admitted=True)
        await rest(lane)

    run(test)


def test_the_fields_of_the_server_are_renewed_with_its_own() -> None:
    async def test() -> None:
        lane = await lane_for(Wadjet())
        endings = [lane.ending]
        lane.server_state.default_headers = [(b"date", b"today"), (b"server", b"s")]
        guest = Guest()
        lane.enter(guest)
        endings.append(lane.ending)
        assert endings == [b"\r\n", b"date: today\r\nserver: s\r\n\r\n"]
        assert lane.default_fields({b"date"}) == b"server: s\r\n"
        lane.leave(guest, is_admitted=True)
        await rest(lane)

    run(test)


@pytest.mark.parametrize("is_head", [False, True])
def test_a_refusal_is_a_whole_response_that_closes(is_head: bool) -> None:
    async def test() -> None:
        said = (await lane_for(Wadjet())).refusal(BadRequest("No."), "http", is_head=is_head)
        head, _, body = said.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 400 Bad Request\r\n")
        assert b"\r\nconnection: close" in head
        assert (body == b"") == is_head
        assert is_head or b"content-length: %d" % len(body) in head

    run(test)


def test_an_application_is_entered_past_its_scope_only_while_it_runs() -> None:
    async def test() -> None:
        app = Wadjet()

        @app.get("/")
        async def first() -> str:
            return "root"

        def request() -> Request:
            return Request({"type": "http", "method": "GET", "path": "/", "headers": []})

        assert (await lane_for(app)).plan_of(request()).asgi is app
        await app.startup()
        assert (await lane_for(app)).plan_of(request()).handle is not None
        await app.shutdown()

    run(test)


def test_an_application_waits_for_cancelled_requests_before_it_stops() -> None:
    async def test() -> None:
        app = Wadjet()
        told: list[str] = []
        app.on_shutdown(lambda: told.append("stopped"))
        await app.startup()
        lane = await lane_for(app)

        async def request() -> None:
            try:
                await asyncio.sleep(3600)
            finally:
                await asyncio.sleep(0.02)
                told.append("let go")

        guest = Guest()
        guest.task = asyncio.create_task(request())
        lane.enter(guest)
        await asyncio.sleep(0)
        guest.task.cancel()
        await app.shutdown()
        assert told == ["let go", "stopped"]
        lane.leave(guest, is_admitted=True)
        await rest(lane)

    run(test)


def test_a_server_that_stops_tells_its_lane_first_and_once() -> None:
    async def test() -> None:
        lane = await lane_for(Wadjet())
        assert lane in lane.server_state.connections
        states = [lane.is_draining]
        lane.shutdown()
        states.append(lane.is_draining)
        assert states == [False, True]
        assert lane not in lane.server_state.connections
        lane.shutdown()

    run(test)
