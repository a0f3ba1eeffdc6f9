"""The ASGI lane: scope to request, response to messages, and the end of both."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, NamedTuple, Protocol, cast

from ..http.asgi import send_response
from ..http.body import Replay
from ..http.exceptions import ClientDisconnect
from ..http.incoming import HINTS, KEY
from ..http.request import Request
from ..http.response import Response
from ..http.seam import AtOnce, Handle
from ..types import ASGIApp, Message, Receive, Scope, Send

__all__ = [
    "Dispatch",
    "Entry",
    "Forms",
    "InnerApp",
    "Planned",
    "Settle",
    "answer",
    "claim",
    "handled",
    "mounted",
    "respond",
    "serve",
    "serve_socket",
]


class Planned(Protocol):
    """What a lane wants of a plan: one of its two forms."""

    @property
    def handle(self) -> Handle | None:
        """The fused form."""

    @property
    def asgi(self) -> ASGIApp | None:
        """The ASGI form."""

    @property
    def at_once(self) -> AtOnce | None:
        """What may answer before a task is made."""

    @property
    def max_body_size(self) -> int:
        """The most bytes of content."""


class Forms(NamedTuple):
    """The two forms of a plan, with more around them than the plan itself, or less."""

    handle: Handle | None
    asgi: ASGIApp | None
    max_body_size: int
    at_once: AtOnce | None = None


#: Finds the plan of a request; it raises no Exception: what is wrong has a plan of its own.
Dispatch = Callable[[Request], Planned]
#: What a lane asks to be awaited before the application stops.
Settle = Callable[[], Awaitable[None]]


class Entry(NamedTuple):
    """How a lane enters an application, past its ASGI form."""

    dispatch: Dispatch
    #: Middleware that only speaks ASGI, around everything; None when there is none.
    outer: ASGIApp | None


async def serve(
    dispatch: Dispatch, outer: ASGIApp | None, scope: Scope, receive: Receive, send: Send
) -> None:
    """Answer one request and finish it, whatever happens.

    Args:
        dispatch: finds the plan and leaves it on the request.
        outer: middleware that only speaks ASGI, around everything; None when there is none.
        scope: of type ``http``.
        receive: the server's.
        send: the server's.
    """
    request = Request(scope, receive)
    is_owner = False
    scope[HINTS] = send
    try:
        plan = dispatch(request)
        if outer is None and plan.handle is not None:
            await handled(plan.handle, request, send)
            return
        is_owner = claim(request)
        if outer is None:
            await answer(plan, request, scope, send)
        else:
            scope[KEY] = request
            await outer(scope, request.receive, send)
    except ClientDisconnect as error:
        request.fail(error)  # and nobody is there to answer
    except BaseException as error:
        request.fail(error)
        raise
    finally:
        try:
            if request.finished_callbacks and (is_owner or not request.first.is_owned):
                await request.finish()
        finally:
            # PERF(bench: inproc_json): what refers to the request lets go of it, so that no collection is needed.
            scope.pop(KEY, None)
            del scope[HINTS]
            request._exception = None  # noqa: SLF001 - a call less; nobody but its own request has set it


def claim(request: Request) -> bool:
    """Undertake to finish a request; tell whether nobody else has."""
    root = request.first
    is_free = not root.is_owned
    root.is_owned = True
    return is_free


async def answer(plan: Planned, request: Request, scope: Scope, send: Send) -> None:
    """Let a plan answer, in the form that it has."""
    if plan.handle is not None:
        await handled(plan.handle, request, send)
        return
    assert plan.asgi is not None
    scope[KEY] = request
    await plan.asgi(scope, request.receive, send)


async def handled(handle: Handle, request: Request, send: Send) -> None:
    """Let a handle answer, and send what it returns.

    Raises:
        ClientDisconnect: the client left.
    """
    response = await handle(request)
    if not response.is_ready or response.chunks is not None:
        await respond(response, request, send)
        return
    # PERF(bench: inproc_json): respond() and send_response(), written out for what compiled routes make.
    status, fields, body = response.parts()
    try:
        await send({"type": "http.response.start", "status": status, "headers": fields})
        await send({"type": "http.response.body", "body": b"" if request.sent_method == "HEAD" else body})
    except OSError as error:  # ASGI 2.4: sending to a client that has left
        raise ClientDisconnect from error


async def respond(response: Response[Any], request: Request, send: Send) -> None:
    """Send a response; a stream ends when the client leaves.

    Raises:
        ClientDisconnect: the client left.
    """
    head = request.sent_method == "HEAD"
    if response.chunks is None or head:
        try:
            await send_response(response, send, head=head)
        except OSError as error:  # ASGI 2.4: sending to a client that has left
            raise ClientDisconnect from error
    else:
        async with _watched(request) as let_go:
            await send_response(response, _leaving(send, let_go), head=False)


def _leaving(send: Send, let_go: Callable[[], None]) -> Send:
    """Tell the errors of sending, which say that the client has left (ASGI 2.4), from those of the stream itself.

    Args:
        send: of the server.
        let_go: is called before the last message; a client that leaves then, while the stream ends, has everything.
    """

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.body" and not message.get("more_body"):
            let_go()
        try:
            await send(message)
        except OSError as error:
            raise ClientDisconnect from error

    return sending


async def serve_socket(
    dispatch: Dispatch, outer: ASGIApp | None, scope: Scope, receive: Receive, send: Send
) -> None:
    """Let a plan converse over one WebSocket and finish its handshake, whatever happens. Arguments as :func:`serve`."""
    request = Request.of(scope, receive)
    is_owner = claim(request)
    scope[KEY] = request
    try:
        app = dispatch(request).asgi if outer is None else outer
        assert app is not None
        await app(scope, receive, send)
    except ClientDisconnect as error:
        request.fail(error)  # and nobody is there to tell
    except BaseException as error:
        request.fail(error)
        raise
    finally:
        if is_owner:
            try:
                await request.finish()
            finally:
                scope.pop(KEY, None)


class InnerApp:
    """What stands inside middleware that only speaks ASGI; it matches again if they have changed the request.

    Args:
        dispatch: finds the plan; that of a WebSocket too, until ``sockets`` is said.
        settings: the application's, for the middleware around.
    """

    __slots__ = ("dispatch", "settings", "sockets")

    def __init__(self, dispatch: Dispatch, settings: object) -> None:
        self.dispatch = self.sockets = dispatch
        self.settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the plan that was found before, unless there is none for the request as it is now."""
        if scope["type"] == "websocket":
            return await serve_socket(self.sockets, None, scope, receive, send)
        request = Request.of(scope, receive)
        plan = self.dispatch(request) if request.plan is None else cast("Planned", request.plan)
        return await answer(plan, request, scope, send)


class Whole:
    """Plain ASGI code inside other plain ASGI code: it gets the content from the beginning, whoever has read it.

    Args:
        app: the code inside; the wrapper has its attributes.
    """

    __slots__ = ("_app",)

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def __getattr__(self, name: str) -> Any:
        return getattr(self._app, name)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with what is inside."""
        await self._app(scope, Replay(receive.body) if isinstance(receive, Replay) else receive, send)


def mounted(app: ASGIApp, prefix: str, own: Mapping[str, Any]) -> ASGIApp:
    """Return ``app`` as it stands below a path: it sees ``prefix`` in its ``root_path``, and the whole path as before (ASGI).

    Args:
        app: what is mounted.
        prefix: its path.
        own: the state of its lifespan, which wins over what is outside.
    """

    async def below(scope: Scope, receive: Receive, send: Send) -> None:
        root_path, state = scope.get("root_path", "") + prefix, {**scope.get("state", {}), **own}
        await app({**scope, "root_path": root_path, "state": state}, receive, send)

    return below


@asynccontextmanager
async def _watched(request: Request) -> AsyncIterator[Callable[[], None]]:
    """End what is inside when the client leaves: servers before ASGI 2.4 let a stream be sent to nobody for ever.

    Gives a function: when it has been called, the client may leave.

    Raises:
        ClientDisconnect: the client left.
    """
    task = asyncio.current_task()
    assert task is not None
    watch = asyncio.ensure_future(request.content.wait_disconnected())
    is_over = has_left = False

    def leave(watch: asyncio.Future[None]) -> None:
        nonlocal has_left
        if not (is_over or watch.cancelled() or watch.exception()):
            has_left = task.cancel()

    def let_go() -> None:
        nonlocal is_over
        is_over = True

    watch.add_done_callback(leave)
    try:
        yield let_go
    except asyncio.CancelledError:
        if has_left and task.cancelling() == 1:
            raise ClientDisconnect from None
        raise
    finally:
        is_over = True
        if has_left:
            task.uncancel()
        watch.cancel()
        await asyncio.wait({watch})
