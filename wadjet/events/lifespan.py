"""The life of an application: what runs once before the first request and once after the last."""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from contextvars import ContextVar
from enum import Enum
from typing import Any

from ..errors import ConfigError
from ..logs import lifecycle as _log

__all__ = ["Hook", "Lifespan", "LifespanFactory", "Phase"]

Hook = Callable[..., Awaitable[None] | None]
LifespanFactory = Callable[[Any], AbstractAsyncContextManager[Mapping[str, Any] | None]]


class Phase(Enum):
    """Where a life is. It runs until its shutdown is over; a startup that fails leaves it where it was."""

    NEW = "new"
    STARTING = "starting"
    RUNNING = "running"
    STOPPED = "stopped"


#: The lives whose startup the running code is part of. It must not wait for them: it would wait for itself.
_STARTING: ContextVar[tuple[Lifespan, ...]] = ContextVar("wadjet_starting", default=())


class Lifespan:
    """Starts and stops an application, any number of times, one life after the other.

    Startup enters the context manager, then the nested lives (mounted applications), then calls the startup hooks. Shutdown is
    the reverse; one that fails does not keep the others from running. The shutdown hooks run if the startup hooks were reached.

    Args:
        owner: the application, passed to hooks that need an argument.
        factory: gives an asynchronous context manager; the mapping that it yields is every request's ``state``.
        nested: gives context managers for what is mounted, new ones for each life.
        on_startup: called in order.
        on_shutdown: called in reverse order.
    """

    def __init__(
        self,
        owner: object,
        factory: LifespanFactory | None = None,
        nested: Callable[[], Iterable[AbstractAsyncContextManager[object]]] = tuple,
        on_startup: Sequence[Hook] = (),
        on_shutdown: Sequence[Hook] = (),
    ) -> None:
        self.phase = Phase.NEW
        self.state: dict[str, Any] = {}
        self._owner = owner
        self._factory = factory
        self._nested = nested
        self._on_startup = on_startup
        self._on_shutdown = on_shutdown
        self._begun: asyncio.Event | None = None
        self._ends: list[tuple[object, Callable[[], Awaitable[None]]]] = []

    async def startup(self) -> dict[str, Any]:
        """Run what runs before the first request, unless it has; return the state that requests share.

        While another starts, this waits; but not where it is called from within that startup. What has started is stopped
        again when something fails, and that first failure is raised.
        """
        while self._begun is not None and self not in _STARTING.get():
            await self._begun.wait()
        if self.phase in {Phase.NEW, Phase.STOPPED}:
            await self._begin()
        return self.state

    async def shutdown(self) -> None:
        """Run what runs after the last request, all of it, and then raise the first failure."""
        if self.phase is not Phase.RUNNING:
            return
        failures = await self._end()
        self.phase = Phase.STOPPED
        if failures:
            raise failures[0]

    async def _begin(self) -> None:
        before, around = self.phase, _STARTING.get()
        self.phase = Phase.STARTING
        self.state = {}
        self._begun = begun = asyncio.Event()
        _STARTING.set((*around, self))
        try:
            await self._start()
            self.phase = Phase.RUNNING
        except BaseException:
            await self._end()
            self.phase = before
            raise
        finally:
            _STARTING.set(around)
            self._begun = None  # which belongs to this loop
            begun.set()

    async def _start(self) -> None:
        if self._factory is not None:
            self.state.update(await self._entered(self._factory(self._owner)) or {})
        for life in self._nested():
            await self._entered(life)
        for hook in self._on_shutdown:
            self._ends.append((hook, functools.partial(self._call, hook)))
        for hook in self._on_startup:
            await self._call(hook)

    async def _end(self) -> list[BaseException]:
        """Stop what has started, the last first; return what failed."""
        failures: list[BaseException] = []
        while self._ends:
            subject, end = self._ends.pop()
            try:
                await end()
            except BaseException as error:
                _log.error("%r failed at the shutdown", subject, exc_info=error)
                failures.append(error)
        return failures

    async def _entered(self, life: AbstractAsyncContextManager[Any]) -> Any:
        """Enter a context manager, in a stack of its own: no failure elsewhere is thrown into it."""
        if not hasattr(life, "__aenter__"):
            raise ConfigError(
                f"lifespan gave {life!r}; write `@contextlib.asynccontextmanager` above `async def lifespan(app): …`"
            )
        stack = AsyncExitStack()
        result = await stack.enter_async_context(life)
        self._ends.append((life, stack.aclose))
        return result

    async def _call(self, hook: Hook) -> None:
        pending = hook(self._owner) if _needs_argument(hook) else hook()
        if pending is not None:
            await pending


def _needs_argument(hook: Hook) -> bool:
    """Tell whether a hook cannot be called without arguments; what is optional is its own affair."""
    try:
        parameters = inspect.signature(hook).parameters.values()
    except ValueError:  # built in, and silent about it
        return False
    places = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return any(each.kind in places and each.default is inspect.Parameter.empty for each in parameters)
