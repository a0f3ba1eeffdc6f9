"""BaseMiddleware: a pair of hooks. Its ASGI form is derived from them, not the other way round."""

from __future__ import annotations

import dataclasses
import functools
import os
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from ..conf import env
from ..conf.settings import Settings, settings_of
from ..handlers.prepare import Prepare
from ..handlers.respond import Respond
from ..handlers.returning import Makers
from ..handlers.signature import MISSING
from ..http.asgi import EncodedSend, StartMessage
from ..http.constantfields import ConstantFields
from ..http.exceptions import ClientDisconnect
from ..http.forwarded import TrustedProxies, forwarded_scope
from ..http.incoming import KEY
from ..http.request import Request
from ..http.response import Response
from ..http.seam import Finalise, Recover
from ..http.status import NO_CONTENT
from ..server.asgi import Entry, claim, respond
from ..types import ASGIApp, Message, Receive, Scope, Send
from .entries import build_middleware_stack
from .fuse import Fused
from .hooks import settle, settle_after
from .order import inside, name_of
from .recovery import Recovery
from .sockets import Constants, constants_of, denying_with, refuse

__all__ = ["RECOVER", "BaseMiddleware", "bare_recovery", "build_middleware_stack"]

#: Where a scope holds what answers a crash, if something outside does: the innermost middleware calls it, so that all see the
#: response.
RECOVER = "wadjet.recover"

_MAKERS = Makers(Respond(), MISSING, "middleware")
_PREPARE = Prepare(_MAKERS)
_BARE = Recovery(_PREPARE, _MAKERS, {})


def bare_recovery(outermost: object, settings: Settings, *, shows: bool) -> Recovery:
    """Return a recovery without an application's handlers.

    Args:
        outermost: the middleware that asks for it.
        settings: what a developer is shown.
        shows: whether a developer is shown anything.
    """
    if not shows:
        return _BARE
    recovery = Recovery(_PREPARE, _MAKERS, {})
    names = [name_of(one) for one in inside(outermost) if hasattr(one, "app")]
    recovery.show(dataclasses.replace(settings, DEBUG=True), names)
    return recovery


class BaseMiddleware:
    """Middleware as a pair of hooks.

    A subclass defines ``before(request)``, ``after(request, response)``, or both; each may be ``async def``. ``before``
    returns None, or a response to answer early with. ``after`` sees the head of the response, its status and its fields, and
    changes it in place. In a Wadjet application the hooks of all middleware are fused into one coroutine; around any other
    ASGI application an instance is ASGI middleware. A WebSocket has no response: ``before_socket(request)``, if there is one,
    returns None to let the handshake go on, or a response that refuses it.

    Args:
        app: the application inside.
    """

    #: Makes an early response final; assembly gives the application's own.
    wadjet_prepare: Finalise = _PREPARE

    # No ClassVar: pyright takes no method for one.
    before: Callable[..., Any] | None = None
    after: Callable[..., Any] | None = None
    before_socket: Callable[..., Any] | None = None
    #: Called instead of ``before`` around an ASGI application, which knows of the request what its scope says.
    before_app: Callable[..., Any] | None = None

    #: What it attaches to requests, by the name of the attribute: ``user``, ``session``; or ``database``.
    provides: frozenset[str] = frozenset()
    #: What has to be attached outside of it, if anything attaches it.
    uses: frozenset[str] = frozenset()

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    @property
    def settings(self) -> Any:
        """The settings of the application inside, through all that is wrapped around it; the environment's where it has none."""
        return settings_of(self.app) or self._environment

    @functools.cached_property
    def wadjet_recover(self) -> Recover:
        """Turns exceptions into responses; assembly gives the application's own."""
        return bare_recovery(self, self.settings, shows=self.settings.DEBUG)

    def recovering(self, request: Request) -> Recover:
        """Return what answers a crash: an application's own way, else that of what stands outside, else its own."""
        own = self.wadjet_recover
        outside: Recover = request.scope.get(RECOVER, own)
        return outside if own is _BARE else own

    @functools.cached_property
    def _constants(self) -> Constants:
        return constants_of([self])

    @functools.cached_property
    def _environment(self) -> Settings:
        return env.read(None, os.environ)

    @functools.cached_property
    def _proxies(self) -> TrustedProxies | None:
        settings = self.settings
        return TrustedProxies(settings.TRUSTED_PROXIES, host=settings.TRUSTED_PROXY_HOST) or None

    def constant_fields(self, scheme: str) -> Iterable[ConstantFields]:
        """Return the fields that every response has, whoever asks for what.

        Its ``after`` adds them; where what came is no request, no hook runs, and the server adds them to its refusal.

        Args:
            scheme: ``http`` or ``https``.
        """
        return ()

    def living(self) -> AbstractContextManager[object]:
        """Return what the hooks of the application's startup and shutdown run in: a context manager."""
        return nullcontext()

    async def close(self) -> None:
        """Let go of what is held, when the application has stopped."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the hooks around the application inside."""
        if self._proxies is not None and scope["type"] in {"http", "websocket"}:
            scope = forwarded_scope(self._proxies, scope)
        await self.around(self.app, scope, receive, send)

    async def around(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the hooks around any ASGI application: the derived form.

        Args:
            app: what is inside.
            scope: other types than ``http`` and ``websocket`` pass untouched.
            receive: the server's, or that of the middleware outside.
            send: likewise.
        """
        if scope["type"] == "http":
            request = Request.of(scope, receive)
            await _finishing(self._around_http(app, request, send), request, scope)
        elif scope["type"] == "websocket" and self._has_say_in_handshakes():
            request = Request.of(scope, receive)
            await _finishing(self._around_socket(app, request, receive, send), request, scope)
        else:
            try:
                await app(scope, receive, send)
            finally:
                if scope["type"] == "lifespan":
                    await self.close()

    def wadjet_lane(self, settle: Callable[[], Awaitable[None]]) -> Entry | None:
        """Let the fast lane in through the hooks, fused around what the application inside would let it in to."""
        enter = getattr(self.app, "wadjet_lane", None)
        if enter is None or type(self).__call__ is not BaseMiddleware.__call__:
            return None
        entry: Entry | None = enter(settle)
        if entry is None:
            return None
        outer = None if entry.outer is None else functools.partial(self.around, entry.outer)
        return Entry(Fused(self, entry.dispatch, self.around).plan_of, outer)

    async def _around_http(self, app: ASGIApp, request: Request, send: Send) -> None:
        watch = _HeadWatch(self, request, send)
        answer = await self._early(self.before_app or self.before, request)
        if answer is None:
            answer = await self._crash(app, request, watch)
        if answer is not None:
            await respond(answer, request, watch.send)

    async def _crash(self, app: ASGIApp, request: Request, watch: _HeadWatch) -> Response[Any] | None:
        """Run what is inside; return the response to its crash, if something outside answers crashes and it can still be sent."""
        try:
            await app(request.scope, request.receive, watch.send)
        except ClientDisconnect:
            raise
        except Exception as error:
            recover: Recover | None = request.scope.get(RECOVER)
            if recover is None or watch.has_begun:
                raise
            return await recover(request, error)
        return None

    async def _around_socket(self, app: ASGIApp, request: Request, receive: Receive, send: Send) -> None:
        send = denying_with(self._constants, request, send)
        early = await self._early(self.before_socket, request)
        if early is None:
            await app(request.scope, receive, send)
        else:
            await refuse(early, request, receive, send)

    def _has_say_in_handshakes(self) -> bool:
        adds_fields = type(self).constant_fields is not BaseMiddleware.constant_fields
        return self.before_socket is not None or adds_fields

    async def _early(self, before: Callable[..., Any] | None, request: Request) -> Response[Any] | None:
        """Return the final form of what ``before`` answers, or raises; None to go on."""
        if before is None:
            return None
        try:
            early = await settle(before(request), self)
            return None if early is None else await self.wadjet_prepare(request, early)
        except Exception as error:
            return await self.recovering(request)(request, error)


async def _finishing(answer: Awaitable[None], request: Request, scope: Scope) -> None:
    """Wait for an answer; finish the request if nobody outside does."""
    is_owner = claim(request)
    try:
        await answer
    except BaseException as error:
        request.fail(error)
        if not (is_owner and isinstance(error, ClientDisconnect)):  # nobody is there to answer
            raise
    finally:
        if is_owner:
            await request.finish()
            scope.pop(KEY, None)


class _HeadWatch:
    """The ``send`` of the derived form: shows the head to ``after`` and passes on what follows."""

    __slots__ = ("_after", "_is_replaced", "_is_silent", "_middleware", "_request", "_send", "has_begun")

    def __init__(self, middleware: BaseMiddleware, request: Request, send: Send) -> None:
        self._middleware = middleware
        self._after = middleware.after
        self._request = request
        self._send = send
        self._is_replaced = False
        self._is_silent = False
        #: Whether what is inside has sent anything.
        self.has_begun = False

    async def send(self, message: Message) -> None:
        """Take one message of the application inside."""
        self.has_begun = True
        if self._is_replaced:
            return
        if message["type"] == "http.response.start":
            # SECURITY: what is inside may send the same message to everyone; only a copy is changed.
            fields = [(bytes(name).lower(), bytes(value)) for name, value in message.get("headers", ())]
            message = {**message, "headers": fields}
            head = StartMessage(message)
            is_counted = "content-length" in head.headers
            await self._show(head)
            if head.encoder is not None and not self._is_replaced:
                is_head = self._request.method == "HEAD"
                self._send = EncodedSend(head.encoder, self._send, waits=is_counted, head=is_head)
        elif self._is_silent and message["type"] == "http.response.body":
            message = {**message, "body": b""}
        if not self._is_replaced:
            await self._send(message)

    async def _show(self, head: StartMessage) -> None:
        """Show the head to whoever waits for it; if that fails, another response leaves instead."""
        had_content = head.status_code not in NO_CONTENT
        request = self._request
        try:
            await request.run_response_callbacks(head)  # those of a Wadjet inside have run
        except Exception as error:
            # What ``after`` is shown then is the replacement.
            return await self._replace(error, _HeadWatch(self._middleware, request, self._send).send)
        try:
            if self._after is not None:
                await settle_after(self._after(request, head), self._after)
        except Exception as error:
            return await self._replace(error, self._send)
        if head.status_code in NO_CONTENT:
            self._is_silent = True
            for name in ("content-length", "content-type"):
                head.headers.delete(name)
        elif not had_content:
            head.headers.set("content-length", "0")
        return None

    async def _replace(self, error: Exception, send: Send) -> None:
        self._is_replaced = True
        recover = self._middleware.recovering(self._request)
        await respond(await recover(self._request, error), self._request, send)
