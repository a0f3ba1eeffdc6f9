"""Lifespan messages: the server's side of a life, and ours towards what is mounted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Protocol

from ..http.exceptions import ServiceUnavailable
from ..logs import lifecycle as _log
from ..types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Life", "life_of", "refuse", "run_lifespan"]


class Life(Protocol):
    """What can be started and stopped."""

    async def startup(self) -> Mapping[str, Any]:
        """Start; return what every request's state begins with."""

    async def shutdown(self) -> None:
        """Stop."""


async def run_lifespan(life: Life, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer the server's lifespan messages (ASGI lifespan 2.0)."""
    while True:
        message = await receive()
        kind = message["type"].removeprefix("lifespan.")
        try:
            if kind == "startup":
                state = await life.startup()
                if "state" in scope:
                    scope["state"].update(state)
            else:
                await life.shutdown()
        except BaseException as error:
            _log.error("%s failed", kind, exc_info=error)
            await send({"type": f"lifespan.{kind}.failed", "message": f"{type(error).__name__}: {error}"})
            raise
        await send({"type": f"lifespan.{kind}.complete"})
        if kind == "shutdown":
            return


async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer 503 to a request that comes after the shutdown; close a WebSocket."""
    _log.error("a request came after the shutdown; start the application again before it serves again")
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1012, "reason": "the application has stopped"})
        return
    await ServiceUnavailable()(scope, receive, send)


@asynccontextmanager
async def life_of(app: ASGIApp, state: dict[str, Any]) -> AsyncIterator[None]:
    """Run the lifespan of an ASGI application around a block. One that has none is left alone.

    Args:
        app: what is mounted.
        state: the application fills it; emptied before.

    Raises:
        RuntimeError: it says that it cannot start, or stop.
    """
    inbox: asyncio.Queue[Message] = asyncio.Queue()
    outbox: asyncio.Queue[Message | None] = asyncio.Queue()
    state.clear()

    async def run() -> None:
        scope: Scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": state}
        try:
            await app(scope, inbox.get, outbox.put)
        except BaseException:
            _log.debug("%r has no lifespan", app, exc_info=True)
        finally:
            outbox.put_nowait(None)

    async def ask(kind: str) -> bool:
        inbox.put_nowait({"type": f"lifespan.{kind}"})
        answer = await outbox.get()
        if answer is not None and answer["type"] == f"lifespan.{kind}.failed":
            raise RuntimeError(
                f"the mounted application {app!r} failed at {kind}: {answer.get('message', '')}"
            )
        return answer is not None

    task = asyncio.create_task(run())
    has_lifespan = False
    try:
        has_lifespan = await ask("startup")
        yield
    finally:
        try:
            if has_lifespan and not task.done():
                await ask("shutdown")
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
