import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from wadjet.errors import ConfigError
from wadjet.events.lifespan import Lifespan, Phase


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
        lambda: [recording(events, "nested", state={"b": 2})()],
        (hook(events, "start 1"), hook(events, "start 2", waits=True)),
        (hook(events, "stop 1"), hook(events, "stop 2", waits=True)),
    )

    async def run() -> None:
        assert await life.startup() == {"a": 1, "b": 1}
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
        life = Lifespan(owner, on_startup=(seen.append, waiting))
        await life.startup()

    asyncio.run(run())
    assert seen == [owner, owner]


def test_what_has_started_is_stopped_when_something_fails() -> None:
    events: list[str] = []
    life = Lifespan(
        None,
        recording(events, "factory"),
        tuple,
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
        tuple,
        (),
        (hook(events, "stop 1"), hook(events, "stop 2", fails=True)),
    )

    async def run() -> None:
        await life.startup()
        with pytest.raises(RuntimeError, match="stop 2"):
            await life.shutdown()

    asyncio.run(run())
    assert events == ["factory up", "stop 2", "stop 1", "factory down"]
    assert caplog.text.count("failed at the shutdown") == 2


def test_a_lifespan_that_is_no_context_manager_says_what_to_write() -> None:
    async def forgotten(app: object) -> AsyncIterator[None]:
        yield

    async def run() -> None:
        with pytest.raises(ConfigError, match=r"write `@contextlib.asynccontextmanager` above"):
            await Lifespan(None, forgotten).startup()  # type: ignore[arg-type]

    asyncio.run(run())


def test_a_failing_hook_is_not_thrown_into_the_lifespan() -> None:
    events: list[str] = []

    @asynccontextmanager
    async def careless(_: object) -> AsyncIterator[None]:
        yield
        events.append("after the yield")

    def nested() -> list[Any]:
        return [careless(None), recording(events, "nested", fails="shutdown")()]

    life = Lifespan(None, careless, nested, (), (hook(events, "stop", fails=True),))

    async def run() -> None:
        await life.startup()
        with pytest.raises(RuntimeError, match="stop"):
            await life.shutdown()

    asyncio.run(run())
    assert events == ["nested up", "stop", "nested down", "after the yield", "after the yield"]
    assert life.phase is Phase.STOPPED


def test_the_first_failure_of_a_start_is_the_one_that_is_raised() -> None:
    events: list[str] = []
    life = Lifespan(
        None,
        recording(events, "factory", fails="shutdown"),
        tuple,
        (hook(events, "start", fails=True),),
        (hook(events, "stop", fails=True),),
    )

    async def run() -> None:
        with pytest.raises(RuntimeError, match="start"):
            await life.startup()

    asyncio.run(run())
    assert events == ["factory up", "start", "stop", "factory down"]
    assert life.phase is Phase.NEW


def test_shutdown_hooks_do_not_run_when_the_startup_hooks_were_not_reached() -> None:
    events: list[str] = []
    life = Lifespan(
        None,
        recording(events, "factory"),
        lambda: [recording(events, "nested", fails="startup")()],
        (hook(events, "start"),),
        (hook(events, "stop"),),
    )

    async def run() -> None:
        with pytest.raises(RuntimeError, match="nested"):
            await life.startup()

    asyncio.run(run())
    assert events == ["factory up", "factory down"]


def test_hooks_keep_their_optional_parameters() -> None:
    owner = object()
    seen: list[Any] = []

    class Pool:
        def open(self, wait: bool = False, *rest: object, timeout: int = 1, **options: object) -> None:
            seen.append((wait, rest, timeout, options))

    def with_both(app: object, wait: bool = False) -> None:
        seen.append((app, wait))

    async def run() -> None:
        life = Lifespan(owner, on_startup=(Pool().open, with_both, {}.update))  # which tells no signature
        await life.startup()

    asyncio.run(run())
    assert seen == [(False, (), 1, {}), (owner, False)]


def test_what_runs_is_not_started_twice_and_what_stopped_starts_again() -> None:
    events: list[str] = []
    life = Lifespan(None, None, tuple, (hook(events, "start", waits=True),), (hook(events, "stop"),))

    async def run() -> None:
        await asyncio.gather(life.startup(), life.startup())
        await life.startup()
        assert events == ["start"]
        await life.shutdown()
        await life.shutdown()
        assert events == ["start", "stop"]

    asyncio.run(run())
    events.clear()
    asyncio.run(run())  # in another loop


def test_a_start_that_failed_is_tried_again_by_those_who_waited() -> None:
    failures = [RuntimeError("not yet")]
    started: list[str] = []

    async def connect() -> None:
        await asyncio.sleep(0)
        if failures:
            raise failures.pop()
        started.append("connected")

    life = Lifespan(None, on_startup=(connect,))

    async def run() -> None:
        first, *others = await asyncio.gather(*(life.startup() for _ in range(3)), return_exceptions=True)
        assert isinstance(first, RuntimeError)
        assert others == [{}, {}]

    asyncio.run(run())
    assert started == ["connected"]
