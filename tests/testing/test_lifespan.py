"""The clients start and stop the application around the requests."""

from __future__ import annotations

import asyncio
import json

import pytest

from wadjet.testing import AsyncTestClient, TestClient
from wadjet.types import Receive, Scope, Send


class StartError(Exception):
    pass


async def reply(send: Send, body: bytes) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


class Lasting:
    """Serves the lifespan, keeps state, and may fail on the way."""

    def __init__(self, *, fails: str = "", raises: bool = False) -> None:
        self.log: list[str] = []
        self.fails = fails
        self.raises = raises

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope["state"]["visits"] = scope["state"].get("visits", 0) + 1
            scope["state"]["shared"].append("x")
            await reply(send, json.dumps(scope["state"]).encode())
            return
        scope["state"]["shared"] = []
        for phase in ("startup", "shutdown"):
            assert (await receive())["type"] == f"lifespan.{phase}"
            self.log.append(phase)
            if self.fails == phase:
                await send({"type": f"lifespan.{phase}.failed", "message": "no database"})
                if self.raises:
                    raise StartError("no database")
                return
            await send({"type": f"lifespan.{phase}.complete"})


def test_the_lifespan_runs_around_the_requests() -> None:
    app = Lasting()
    with TestClient(app) as client:
        assert app.log == ["startup"]
        client.get("/")
        assert app.log == ["startup"]
    assert app.log == ["startup", "shutdown"]


def test_the_lifespan_runs_around_asynchronous_requests() -> None:
    app = Lasting()

    async def scenario() -> None:
        async with AsyncTestClient(app) as client:
            assert app.log == ["startup"]
            await client.get("/")

    asyncio.run(scenario())
    assert app.log == ["startup", "shutdown"]


def test_each_request_has_a_shallow_copy_of_the_state() -> None:
    with TestClient(Lasting()) as client:
        assert client.get("/").json() == {"shared": ["x"], "visits": 1}
        assert client.get("/").json() == {"shared": ["x", "x"], "visits": 1}


def test_without_a_with_block_there_is_no_lifespan() -> None:
    app = Lasting()
    client = TestClient(app, raise_server_exceptions=False)
    client.get("/")
    client.close()
    assert app.log == []


@pytest.mark.parametrize("phase", ["startup", "shutdown"])
def test_a_failure_is_raised_with_the_applications_exception(phase: str) -> None:
    with (
        pytest.raises(StartError, match="no database") as raised,
        TestClient(Lasting(fails=phase, raises=True)),
    ):
        assert phase == "shutdown"
    assert raised.traceback[-1].name == "__call__"


@pytest.mark.parametrize(
    ("phase", "message"), [("startup", "failed to start"), ("shutdown", "failed to stop")]
)
def test_a_reported_failure_is_raised_with_its_message(phase: str, message: str) -> None:
    with pytest.raises(RuntimeError, match=f"{message}: no database"), TestClient(Lasting(fails=phase)):
        assert phase == "shutdown"


def test_a_failure_that_the_framework_recorded_is_raised() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        scope["extensions"]["wadjet.exceptions"].append(StartError())
        await send({"type": "lifespan.startup.failed", "message": ""})

    with pytest.raises(StartError), TestClient(app):
        pytest.fail("has started")


def test_a_crash_after_the_question_is_a_failure_to_start() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        raise StartError

    with pytest.raises(StartError), TestClient(app):
        pytest.fail("has started")


def test_an_asynchronous_client_raises_a_failure_to_start() -> None:
    async def scenario() -> None:
        async with AsyncTestClient(Lasting(fails="startup", raises=True)):
            pytest.fail("has started")

    with pytest.raises(StartError):
        asyncio.run(scenario())


async def refuses(scope: Scope, receive: Receive, send: Send) -> None:
    assert scope["type"] == "http"
    await reply(send, b"ok")


async def returns(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        await reply(send, b"ok")


async def mistakes(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await reply(send, b"ok")


@pytest.mark.parametrize("app", [refuses, returns, mistakes])
@pytest.mark.parametrize("lint", [True, False])
def test_an_application_need_not_have_a_lifespan(app: object, lint: bool) -> None:
    with TestClient(app, lint=lint) as client:  # type: ignore[arg-type]  # functions of one table
        assert client.get("/").text == "ok"


def test_requests_and_lifespan_share_a_loop() -> None:
    loops = set()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        loops.add(asyncio.get_running_loop())
        await reply(send, b"")

    with TestClient(app) as client:
        client.get("/")
    assert len(loops) == 1
    assert loops.pop().is_closed()
