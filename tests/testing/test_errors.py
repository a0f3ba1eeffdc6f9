"""What goes wrong in the application is told to the test, or given as a response when it asks for that."""

from __future__ import annotations

import asyncio
import traceback

import httpx2
import pytest

from wadjet.testing import AsyncTestClient, LintError, TestClient
from wadjet.types import ASGIApp, Receive, Scope, Send


class CrashError(Exception):
    pass


async def crash(scope: Scope, receive: Receive, send: Send) -> None:
    assert scope["type"] == "http"
    raise CrashError("boom")


async def crash_amid(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"a", "more_body": True})
    raise CrashError("boom")


async def crash_late(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"a"})
    raise CrashError("boom")


async def recover(scope: Scope, receive: Receive, send: Send) -> None:
    try:
        await crash(scope, receive, send)
    except CrashError as error:
        scope["extensions"]["wadjet.exceptions"].append(error)
        await send({"type": "http.response.start", "status": 500, "headers": []})
        await send({"type": "http.response.body", "body": b"sorry"})


@pytest.mark.parametrize("app", [crash, crash_amid, crash_late, recover])
def test_a_crash_is_raised_in_the_test_with_its_traceback_and_a_hint(app: ASGIApp) -> None:
    client = TestClient(app)
    with pytest.raises(CrashError, match="boom") as raised:
        client.get("/")
    client.close()
    assert raised.traceback[-1].name in {"crash", "crash_amid", "crash_late"}
    shown = "".join(traceback.format_exception(raised.value))
    assert shown.count("TestClient(app, raise_server_exceptions=False)") == 1


def test_a_crash_is_raised_by_the_asynchronous_client() -> None:
    async def scenario() -> None:
        async with AsyncTestClient(crash) as client:
            await client.get("/")

    with pytest.raises(CrashError) as raised:
        asyncio.run(scenario())
    assert "AsyncTestClient(app, raise_server_exceptions=False)" in raised.value.__notes__[0]


@pytest.mark.parametrize(
    ("app", "status", "text"),
    [(crash, 500, "Internal Server Error"), (crash_late, 200, "a"), (recover, 500, "sorry")],
)
def test_the_response_to_a_crash_is_given_on_request(app: ASGIApp, status: int, text: str) -> None:
    with TestClient(app, raise_server_exceptions=False) as client:
        response = client.get("/")
    assert (response.status_code, response.text) == (status, text)


def test_a_crash_amid_the_response_breaks_the_stream() -> None:
    with TestClient(crash_amid, raise_server_exceptions=False) as client:
        with pytest.raises(httpx2.RemoteProtocolError, match="amid its response") as raised:
            client.get("/")
    assert isinstance(raised.value.__cause__, CrashError)


def test_a_stream_gives_what_came_before_the_crash() -> None:
    with TestClient(crash_amid) as client, pytest.raises(CrashError), client.stream("GET", "/") as response:
        chunks = response.iter_raw()
        assert next(chunks) == b"a"
        next(chunks)


async def silent(scope: Scope, receive: Receive, send: Send) -> None:
    pass


async def half(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})


async def doubled(scope: Scope, receive: Receive, send: Send) -> None:
    await half(scope, receive, send)
    await half(scope, receive, send)


@pytest.mark.parametrize("app", [silent, half, doubled])
@pytest.mark.parametrize("raises", [True, False])
def test_a_broken_protocol_is_raised_whatever_the_client_wants(app: ASGIApp, raises: bool) -> None:
    with TestClient(app, raise_server_exceptions=raises) as client, pytest.raises(LintError):
        client.get("/")


def test_a_fault_is_raised_though_the_application_hides_it() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await send({"type": "http.response.start", "status": "200", "headers": []})
        except AssertionError:
            await send({"type": "http.response.start", "status": 500, "headers": []})
            await send({"type": "http.response.body"})

    with TestClient(app, raise_server_exceptions=False) as client, pytest.raises(LintError, match="'200'"):
        client.get("/")


def test_without_lint_the_client_still_says_what_is_missing() -> None:
    with (
        TestClient(silent, lint=False) as client,
        pytest.raises(httpx2.RemoteProtocolError, match="without sending"),
    ):
        client.get("/")
    with TestClient(silent, lint=False, raise_server_exceptions=False) as client:
        assert client.get("/").status_code == 500
    with TestClient(half, lint=False) as client, pytest.raises(httpx2.RemoteProtocolError, match="amid"):
        client.get("/")
    with TestClient(doubled, lint=False) as client, pytest.raises(RuntimeError, match="where it may not"):
        client.get("/")


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt()])
def test_an_exit_in_the_application_reaches_the_test_and_the_client_lives_on(error: BaseException) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise error

    with TestClient(app) as client:
        for _ in range(2):
            with pytest.raises(type(error)):
                client.get("/")
