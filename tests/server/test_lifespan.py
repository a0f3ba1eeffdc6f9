"""The life of an application, as servers see it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.driving import exchange, http_scope
from wadjet import Request, Settings, Wadjet
from wadjet.server.lifespan import life_of
from wadjet.testing import TestClient, lint
from wadjet.types import ASGIApp, Message, Receive, Scope, Send


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
    async with asyncio.timeout(60):
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
        assert client.get("/").json() == {"app": "alive"}
        assert client.get("/inner/").json() == {"app": "alive", "inner": "alive"}


def test_the_state_of_one_request_is_not_anothers() -> None:
    app = living([])

    @app.get("/set")
    async def set_it(request: Request) -> None:
        request.state["secret"] = "set"

    with TestClient(app) as client:
        client.get("/set")
        assert client.get("/").json() == {"app": "alive"}


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


def named(name: str) -> Wadjet:
    """Return an application whose lifespan leaves its name as ``db``."""

    @asynccontextmanager
    async def lifespan(app: Wadjet) -> AsyncIterator[dict[str, str]]:
        yield {"db": name}

    app = Wadjet(lifespan=lifespan)

    @app.get("/")
    async def db(request: Request) -> Any:
        return request.state["db"]

    return app


def test_every_application_has_the_state_of_its_own_lifespan() -> None:
    app, one, two = named("root"), named("one"), named("two")
    bare = Wadjet()
    bare.get("/")(lambda request: request.state["db"])
    foreign: list[Any] = []

    async def plain(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await receive()
            scope["state"]["db"] = "plain"
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
        else:
            foreign.append(scope["state"])
            await bare(scope, receive, send)

    mounts: dict[str, ASGIApp] = {"/one": one, "/two": two, "/bare": bare, "/plain": plain}
    for path, inner in mounts.items():
        app.mount(path, inner)
    for _ in range(2):
        with TestClient(app) as client:
            found = [client.get(f"{path}/").text for path in ("", "/one", "/two", "/bare", "/plain")]
        assert found == ["root", "one", "two", "root", "plain"]
    assert foreign == [{"db": "plain"}] * 2


def test_a_websocket_has_the_state_too() -> None:
    seen: list[Any] = []

    async def sockets(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            seen.append(scope["state"])
            await receive()
            await send({"type": "websocket.close", "code": 1000})

    app = living([])
    app.mount("/ws", sockets)
    asyncio.run(socket(app, "/ws/x"))
    assert seen == [{"app": "alive"}]


async def socket(app: Wadjet, target: str) -> list[Message]:
    """Knock at a WebSocket; return what was sent."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = http_scope(target=target, type="websocket", scheme="ws", subprotocols=[])
    del scope["method"]
    await lint(app)(scope, receive, send)
    return sent


def test_a_stop_that_fails_does_not_keep_mounts_from_stopping() -> None:
    trail: list[str] = []
    app, broken = living(trail), living(trail, "broken")

    def fails() -> None:
        raise RuntimeError("cannot stop")

    app.on_shutdown(fails)
    broken.on_shutdown(fails)
    app.mount("/inner", living(trail, "inner"))
    app.mount("/broken", broken)

    async def whole_life() -> None:
        await app.startup()
        with pytest.raises(RuntimeError, match="^cannot stop"):
            await app.shutdown()

    asyncio.run(whole_life())
    ends = ["app stops", "broken stops", "broken leaves", "inner stops", "inner leaves", "app leaves"]
    assert [step for step in trail if step in ends] == ends


def test_what_is_mounted_is_asked_to_stop_when_the_block_around_fails() -> None:
    trail: list[str] = []

    async def fail_inside() -> None:
        async with life_of(living(trail), {}):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        asyncio.run(fail_inside())
    assert trail == ["app enters", "app starts", "app stops", "app leaves"]


@pytest.mark.parametrize("how", ["lifespan", "request"])
def test_a_request_from_within_a_startup_hook_is_answered(how: str) -> None:
    trail: list[str] = []
    app = living(trail)
    app.mount("/inner", living(trail, "inner"))

    @app.on_startup
    async def warm_up() -> None:
        trail.append((await exchange(app)).body.decode())
        trail.append((await asyncio.create_task(exchange(app, target="/inner/"))).body.decode())
        await app.startup()  # is being done

    async def go() -> None:
        async with asyncio.timeout(60):
            if how == "lifespan":
                await live(app)
            else:
                await exchange(app)

    asyncio.run(go())
    assert trail.count("app starts") == 1
    assert trail[4:6] == ['{"app":"alive"}', '{"app":"alive","inner":"alive"}']


def test_a_request_from_within_a_shutdown_hook_is_answered() -> None:
    app, seen = living([]), []

    @app.on_shutdown
    async def say_goodbye() -> None:
        seen.append((await exchange(app)).body)

    asyncio.run(live(app))
    assert seen == [b'{"app":"alive"}']


def test_after_the_shutdown_requests_are_refused_until_the_next_startup() -> None:
    trail: list[str] = []
    app = living(trail)

    async def go() -> None:
        await live(app)
        seen = len(trail)
        assert (await exchange(app)).status == 503
        head = await exchange(app, "HEAD")
        assert (head.status, head.body) == (503, b"")
        assert [message["type"] for message in await socket(app, "/")] == ["websocket.close"]
        assert len(trail) == seen, "no life begins that nobody ends"
        await app.startup()
        assert (await exchange(app)).status == 200
        await app.shutdown()

    asyncio.run(go())
    assert trail.count("app starts") == trail.count("app stops") == 2


def test_the_first_requests_of_two_loops_do_not_share_a_lock() -> None:
    app, attempts = Wadjet(), []
    app.get("/")(lambda: "up")

    @app.on_startup
    async def connect() -> None:
        attempts.append(1)
        await asyncio.sleep(0.01)
        if len(attempts) <= 3:
            raise ConnectionError("not yet")

    async def many() -> list[Any]:
        return await asyncio.gather(*(exchange(app) for _ in range(3)), return_exceptions=True)

    assert all(isinstance(error, ConnectionError) for error in asyncio.run(many()))
    assert [answer.body for answer in asyncio.run(many())] == [b"up"] * 3


def test_the_threads_end_even_when_the_shutdown_fails() -> None:
    app = Wadjet()

    @app.on_shutdown
    def fails() -> None:
        raise RuntimeError("cannot stop")

    async def go() -> None:
        await app.startup()
        before = app.seal().pool.executor
        with pytest.raises(RuntimeError, match="cannot stop"):
            await app.shutdown()
        with pytest.raises(RuntimeError, match="after shutdown"):
            before.submit(print)

    asyncio.run(go())


def test_calls_that_wait_for_a_thread_are_run_at_the_shutdown() -> None:
    app, gate = Wadjet(Settings(THREAD_POOL_SIZE=1)), threading.Event()

    @app.get("/")
    def blocks() -> str:
        assert gate.wait(60)
        return "done"

    async def go() -> list[bytes]:
        await app.startup()
        requests = [asyncio.create_task(exchange(app)) for _ in range(3)]
        await asyncio.sleep(0.05)
        await app.shutdown()
        gate.set()
        return [answer.body for answer in await asyncio.gather(*requests)]

    assert asyncio.run(go()) == [b"done"] * 3
