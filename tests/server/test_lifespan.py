"""The life of an application, as servers see it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.driving import exchange, run
from wadjet import Request, Wadjet
from wadjet.testing import TestClient, lint
from wadjet.types import Message, Receive, Scope, Send


def living(trail: list[str], name: str = "app") -> Wadjet:
    """Return an application that writes its life down."""

    @asynccontextmanager
    async def lifespan(app: Wadjet) -> AsyncIterator[dict[str, str]]:
        trail.append(f"{name} enters")
        try:
            yield {name: "alive"}
        finally:
            trail.append(f"{name} leaves")

    app = Wadjet(lifespan=lifespan)

    @app.on_startup
    def starts() -> None:
        trail.append(f"{name} starts")

    @app.on_shutdown
    async def stops(given: Wadjet) -> None:
        assert given is app
        trail.append(f"{name} stops")

    @app.get("/")
    async def state(request: Request) -> Any:
        return request.state

    return app


async def live(app: Any, scope: Scope | None = None) -> list[str]:
    """Start and stop an application; return the types of its messages."""
    sent: list[str] = []
    kinds = iter(["lifespan.startup", "lifespan.shutdown"])

    async def receive() -> Message:
        return {"type": next(kinds)}

    async def send(message: Message) -> None:
        sent.append(message["type"].removeprefix("lifespan."))

    lifespan = scope or {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
    async with asyncio.timeout(10):
        await lint(app)(lifespan, receive, send)
    return sent


def test_the_order_of_a_life() -> None:
    trail: list[str] = []
    app, inner = living(trail), living(trail, "inner")
    app.mount("/inner", inner)
    assert asyncio.run(live(app)) == ["startup.complete", "shutdown.complete"]
    assert trail == [
        "app enters",
        "inner enters",
        "inner starts",
        "app starts",
        "app stops",
        "inner stops",
        "inner leaves",
        "app leaves",
    ]


def test_the_state_reaches_every_request() -> None:
    app = living([])
    app.mount("/inner", living([], "inner"))
    with TestClient(app) as client:
        assert client.get("/").json() == {"app": "alive", "inner": "alive"}
        assert client.get("/inner/").json() == {"app": "alive", "inner": "alive"}


def test_the_state_of_one_request_is_not_anothers() -> None:
    app = living([])

    @app.get("/set")
    async def set_it(request: Request) -> None:
        request.state["secret"] = "set"

    with TestClient(app) as client:
        client.get("/set")
        assert client.get("/").json() == {"app": "alive"}
    run(app, target="/set")
    assert run(app).body == b'{"app":"alive"}'


@pytest.mark.parametrize("state", [None, {}, {"server": "own"}])
def test_without_a_lifespan_the_first_request_starts_once(state: dict[str, Any] | None) -> None:
    trail: list[str] = []
    app = living(trail)

    @app.on_startup
    async def slow() -> None:
        await asyncio.sleep(0.01)

    async def run_one(app: Wadjet, extra: dict[str, Any]) -> Any:
        return await exchange(app, **extra)

    async def many() -> list[bytes]:
        sent = await asyncio.gather(
            *(run_one(app, {} if state is None else {"state": dict(state)}) for _ in range(20))
        )
        return [each.body for each in sent]

    bodies = asyncio.run(many())
    assert trail == [
        "app enters",
        "app starts",
        "app leaves",
    ]  # the end of the loop closes what was never shut down
    assert all(b'"app":"alive"' in body for body in bodies)


def test_what_is_mounted_twice_lives_once() -> None:
    trail: list[str] = []
    inner = living(trail, "inner")
    app = Wadjet()
    app.mount("/one", inner)
    app.mount("/two", inner)
    asyncio.run(live(app))
    assert trail.count("inner starts") == trail.count("inner stops") == 1


@pytest.mark.parametrize("is_loud", [True, False])
def test_what_is_mounted_need_not_have_a_lifespan(is_loud: bool) -> None:
    async def silent(scope: Scope, receive: Receive, send: Send) -> None:
        if is_loud and scope["type"] != "http":
            raise AssertionError("http only")

    app = Wadjet()
    app.mount("/silent", silent)
    assert asyncio.run(live(app)) == ["startup.complete", "shutdown.complete"]


@pytest.mark.parametrize("place", ["lifespan", "startup", "mounted"])
def test_a_failure_at_startup_is_told_and_undoes_what_has_started(place: str) -> None:
    trail: list[str] = []

    async def fails(*_: object) -> None:
        raise ConnectionError("no database")

    if place == "lifespan":

        @asynccontextmanager
        async def lifespan(app: Wadjet) -> AsyncIterator[None]:
            await fails()
            yield

        app = Wadjet(lifespan=lifespan)
    else:
        app = living(trail)
        if place == "startup":
            app.on_startup(fails)
        else:
            inner = Wadjet()
            inner.on_startup(fails)
            app.mount("/inner", inner)
    messages: list[Message] = []

    async def receive() -> Message:
        return {"type": "lifespan.startup"}

    async def send(message: Message) -> None:
        messages.append(message)

    scope = {"type": "lifespan", "asgi": {"version": "3.0"}}
    with pytest.raises((ConnectionError, RuntimeError)):
        asyncio.run(app(scope, receive, send))
    (failed,) = messages
    assert failed["type"] == "lifespan.startup.failed"
    assert "no database" in failed["message"]
    assert place == "lifespan" or "app leaves" in trail


def test_a_failure_at_shutdown_is_told_when_the_others_have_run() -> None:
    trail: list[str] = []
    app = living(trail)

    @app.on_shutdown
    def fails() -> None:
        raise RuntimeError("cannot stop")

    sent: list[str] = []
    kinds = iter(["lifespan.startup", "lifespan.shutdown"])

    async def receive() -> Message:
        return {"type": next(kinds)}

    async def send(message: Message) -> None:
        sent.append(message["type"])

    with pytest.raises(RuntimeError, match="cannot stop"):
        asyncio.run(app({"type": "lifespan", "asgi": {"version": "3.0"}}, receive, send))
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.failed"]
    assert {"app stops", "app leaves"} <= set(trail)


def test_a_lifespan_that_is_no_context_manager_says_what_to_write() -> None:
    async def lifespan(app: Wadjet) -> AsyncIterator[None]:
        yield

    app = Wadjet(lifespan=lifespan)  # type: ignore[arg-type]  # the mistake
    with pytest.raises(Exception, match="asynccontextmanager"):
        asyncio.run(app.startup())


def test_an_application_starts_again() -> None:
    trail: list[str] = []
    app = living(trail)
    for _ in range(2):
        with TestClient(app) as client:
            assert client.get("/").status_code == 200
    assert trail.count("app starts") == trail.count("app stops") == 2


def test_a_mistake_in_a_route_fails_the_startup() -> None:
    app = Wadjet()

    @app.get("/{id}")
    async def user(ID: Any, unknown) -> None:  # type: ignore[no-untyped-def]  # the mistake
        return None

    with pytest.raises(Exception, match="unknown"), TestClient(app):
        pass
