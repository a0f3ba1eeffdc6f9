"""The lifespan of an application: start it, keep its state, stop it."""

from __future__ import annotations

import asyncio
from typing import Any

from ..types import ASGIApp, Message, Scope
from .exchange import EXCEPTIONS, GRACE_SECONDS

__all__ = ["Lifespan"]


class Lifespan:
    """Drive the lifespan protocol as a server does (ASGI lifespan 2.0).

    An application has no lifespan, which is no fault, if it raises or returns before it asks for the first
    message, or answers with a message of another protocol.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.state: dict[str, Any] = {}
        self._app = app
        self._recorded: list[BaseException] = []
        self._error: BaseException | None = None
        self._failure: str | None = None
        self._started = asyncio.Event()
        self._stopping = asyncio.Event()
        self._stopped = asyncio.Event()
        self._asked = False
        self._is_foreign = False
        self._task: asyncio.Task[None] | None = None

    async def startup(self) -> None:
        """Return when the application is ready.

        Raises:
            Exception: The application's own, when it failed to start.
            RuntimeError: It reported a failure and raised nothing.
        """
        self._task = asyncio.create_task(self._run())
        try:
            await self._started.wait()
        except asyncio.CancelledError:
            self._task.cancel()
            raise
        if self._failure is not None:
            await self._end()
        self._check("start")

    async def shutdown(self) -> None:
        """Tell the application to stop, and return when it has; raises as `startup` does."""
        self._stopping.set()
        await self._stopped.wait()
        await self._end()
        self._check("stop")

    async def _run(self) -> None:
        scope: Scope = {
            "type": "lifespan",
            "asgi": {"version": "3.0", "spec_version": "2.0"},
            "state": self.state,
            "extensions": {EXCEPTIONS: self._recorded},
        }
        try:
            await self._app(scope, self._receive, self._send)
        except BaseException as error:  # raised again where the client waits
            self._error = error
        finally:
            self._started.set()
            self._stopped.set()

    async def _receive(self) -> Message:
        if not self._asked:
            self._asked = True
            return {"type": "lifespan.startup"}
        await self._stopping.wait()
        return {"type": "lifespan.shutdown"}

    async def _send(self, message: Message) -> None:
        kind = message["type"]
        if not kind.startswith("lifespan."):
            self._is_foreign = True
            raise RuntimeError(f"The application answers the lifespan with {kind!r}.")
        if kind.endswith("failed"):
            self._failure = message.get("message", "")
        (self._started if "startup" in kind else self._stopped).set()

    async def _end(self) -> None:
        assert self._task is not None
        await asyncio.wait({self._task}, timeout=GRACE_SECONDS)
        self._task.cancel()
        await asyncio.wait({self._task})

    def _check(self, step: str) -> None:
        if self._is_foreign or not self._asked:
            return
        errors = [error for error in (*self._recorded, self._error) if error is not None]
        if errors:
            raise errors[0]
        if self._failure is not None:
            raise RuntimeError(f"The application failed to {step}: {self._failure or 'it gave no reason'}")
