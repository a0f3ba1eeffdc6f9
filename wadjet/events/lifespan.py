"""The life of an application: what runs once before the first request and once after the last."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any

from ..errors import ConfigError
from ..logs import lifecycle as _log

__all__ = ["Hook", "Lifespan", "LifespanFactory"]

Hook = Callable[..., Awaitable[None] | None]
LifespanFactory = Callable[[Any], AbstractAsyncContextManager[Mapping[str, Any] | None]]


class Lifespan:
    """Starts and stops an application.

    Startup enters the context manager, then the nested lives (mounted applications), then calls the startup hooks. Shutdown is
    the reverse; one that fails does not keep the others from running.

    Args:
        owner: the application, passed to hooks that take one argument.
        factory: gives an asynchronous context manager; the mapping that it yields is every request's ``state``.
        nested: context managers of what is mounted.
        on_startup: called in order.
        on_shutdown: called in reverse order.
    """

    def __init__(
        self,
        owner: object,
        factory: LifespanFactory | None = None,
        nested: tuple[AbstractAsyncContextManager[Mapping[str, Any] | None], ...] = (),
        on_startup: tuple[Hook, ...] = (),
        on_shutdown: tuple[Hook, ...] = (),
    ) -> None:
        self._owner = owner
        self._factory = factory
        self._nested = nested
        self._on_startup = on_startup
        self._on_shutdown = on_shutdown
        self._stack: AsyncExitStack | None = None

    async def startup(self) -> dict[str, Any]:
        """Run what runs before the first request; return the state that requests share.

        What has started is stopped again when something fails.
        """
        state: dict[str, Any] = {}
        async with AsyncExitStack() as stack:
            if self._factory is not None:
                state.update(await self._entered(stack, self._factory(self._owner)))
            for life in self._nested:
                state.update(await self._entered(stack, life))
            for hook in self._on_shutdown:
                stack.push_async_callback(self._call_last, hook)
            for hook in self._on_startup:
                await self._call(hook)
            self._stack = stack.pop_all()
        return state

    async def shutdown(self) -> None:
        """Run what runs after the last request, all of it, and then raise the first failure."""
        stack, self._stack = self._stack, None
        if stack is not None:
            await stack.aclose()

    async def _entered(
        self, stack: AsyncExitStack, life: AbstractAsyncContextManager[Mapping[str, Any] | None]
    ) -> Mapping[str, Any]:
        if not hasattr(life, "__aenter__"):
            raise ConfigError(
                f"lifespan gave {life!r}; write `@contextlib.asynccontextmanager` above `async def lifespan(app): …`"
            )
        return await stack.enter_async_context(life) or {}

    async def _call(self, hook: Hook) -> None:
        takes_owner = bool(inspect.signature(hook).parameters)
        pending = hook(self._owner) if takes_owner else hook()
        if pending is not None:
            await pending

    async def _call_last(self, hook: Hook) -> None:
        try:
            await self._call(hook)
        except Exception:
            _log.exception("a shutdown hook failed: %r", hook)
            raise
