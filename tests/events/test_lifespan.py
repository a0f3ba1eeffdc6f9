import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from wadjet.errors import ConfigError
from wadjet.events.lifespan import Lifespan


def recording(events: list[str], name: str, *, fails: str = "", state: dict[str, Any] | None = None) -> Any:
    @asynccontextmanager
    async def life(_: object = None) -> AsyncIterator[dict[str, Any] | None]:
        if fails == "startup":
            raise RuntimeError(name)
        events.append(f"{name} up")
        try:
            yield state
        finally:
            events.append(f"{name} down")
        if fails == "shutdown":
            raise RuntimeError(name)

    return life


def hook(events: list[str], name: str, *, fails: bool = False, waits: bool = False) -> Any:
    def plain() -> None:
        events.append(name)
        if fails:
            raise RuntimeError(name)

    async def waiting() -> None:
        await asyncio.sleep(0)
        plain()

    return waiting if waits else plain


def test_a_life_goes_up_in_order_and_down_in_the_reverse() -> None:
    events: list[str] = []
    life = Lifespan(
        None,
        recording(events, "factory", state={"a": 1, "b": 1}),
        (recording(events, "nested", state={"b": 2})(),),
        (hook(events, "start 1"), hook(events, "start 2", waits=True)),
        (hook(events, "stop 1"), hook(events, "stop 2", waits=True)),
    )

    async def run() -> None:
        assert await life.startup() == {"a": 1, "b": 2}
        await life.shutdown()
        await life.shutdown()

    asyncio.run(run())
    assert events == [
        "factory up",
        "nested up",
        "start 1",
        "start 2",
        "stop 2",
        "stop 1",
        "nested down",
        "factory down",
    ]


def test_hooks_may_take_the_owner() -> None:
    owner, seen = object(), []

    async def waiting(app: object) -> None:
        seen.append(app)

    async def run() -> None:
        life = Lifespan(owner, None, (), (seen.append, waiting), ())
        await life.startup()

    asyncio.run(run())
    assert seen == [owner, owner]


def test_what_has_started_is_stopped_when_something_fails() -> None:
    events: list[str] = []
    life = Lifespan(
        None,
        recording(events, "factory"),
        (),
        (hook(events, "start", fails=True),),
        (hook(events, "stop"),),
    )

    async def run() -> None:
        with pytest.raises(RuntimeError, match="start"):
            await life.startup()
        await life.shutdown()

    asyncio.run(run())
    assert events == ["factory up", "start", "stop", "factory down"]


def test_a_failure_at_the_end_does_not_keep_the_others_from_ending(caplog: pytest.LogCaptureFixture) -> None:
    events: list[str] = []
    life = Lifespan(
        None,
        recording(events, "factory", fails="shutdown"),
        (),
        (),
        (hook(events, "stop 1"), hook(events, "stop 2", fails=True)),
    )

    async def run() -> None:
        await life.startup()
        with pytest.raises(RuntimeError):
            await life.shutdown()

    asyncio.run(run())
    assert events == ["factory up", "stop 2", "stop 1", "factory down"]
    assert "a shutdown hook failed" in caplog.text


def test_a_lifespan_that_is_no_context_manager_says_what_to_write() -> None:
    async def forgotten(app: object) -> AsyncIterator[None]:
        yield

    async def run() -> None:
        with pytest.raises(ConfigError, match=r"write `@contextlib.asynccontextmanager` above"):
            await Lifespan(None, forgotten).startup()  # type: ignore[arg-type]

    asyncio.run(run())
