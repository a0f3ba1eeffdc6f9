"""Conversing: what a handshake passes, and how a conversation ends. The ASGI form of a route for WebSockets."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any

from ..errors import ConfigError
from ..http.exceptions import ClientDisconnect, Forbidden
from ..http.request import Request
from ..http.response import Response
from ..http.seam import Finalise, Recover
from ..types import Receive, Scope, Send
from ..websockets.closing import CloseCode, WebSocketException
from ..websockets.limits import Limits
from ..websockets.socket import Phase, WebSocket
from ..websockets.units import end_unit
from .hooks import Hook, settle
from .sockets import Constants, denying_with, is_own, refuse

__all__ = ["Conversing", "Step", "Talk"]

#: Calls a handler.
Talk = Callable[[Request, WebSocket], Awaitable[Any]]
#: A hook, and what of it is asked before the handshake is answered.
Step = tuple[Hook, Callable[[Request], Any]]


class Conversing:
    """Answers handshakes, and converses.

    Whatever is raised or returned as a response before the handshake is accepted refuses it. Afterwards the status that the
    response would have had says how the conversation ends: 1008 for the client's errors, 1013 for 503, 1011 for the server's.

    Args:
        talk: calls the handler.
        steps: asked before it, in order.
        trusted: origins beside the site's own whose pages may open it; None for all.
        limits: what a client may send.
        prepare: makes a response final.
        recover: makes a response of what is raised.
        constants: what every refusal has.
        where: the handler, for messages.
    """

    __slots__ = ("_constants", "_limits", "_prepare", "_recover", "_steps", "_talk", "_trusted", "_where")

    def __init__(
        self,
        talk: Talk,
        steps: Sequence[Step],
        trusted: Collection[str] | None,
        limits: Limits,
        prepare: Finalise,
        recover: Recover,
        constants: Constants,
        where: str,
    ) -> None:
        self._constants = constants
        self._talk = talk
        self._steps = tuple(steps)
        self._trusted = trusted
        self._limits = limits
        self._prepare = prepare
        self._recover = recover
        self._where = where

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Be an ASGI application, for WebSockets."""
        request = Request.of(scope, receive)
        socket = WebSocket(request, receive, send, self._limits)
        try:
            refusal = await self._asked(request)
            if refusal is None:
                refusal = self._refusal(await self._talk(request, socket), socket)
                await end_unit(request, commits=True)
            if refusal is None:
                await socket.close()
                return
            refusal = await self._prepare(request, refusal.take())
        except ClientDisconnect:
            if socket.phase is not Phase.OPEN:
                raise
            await socket.close()  # of another conversation's end: this one is not over
            return
        except Exception as error:
            if socket.phase is not Phase.CONNECTING:
                await self._fail(request, socket, error)
                return
            refusal = await self._recover(
                request, Forbidden(error.reason) if isinstance(error, WebSocketException) else error
            )
        await refuse(refusal, request, receive, denying_with(self._constants, request, send))

    async def _asked(self, request: Request) -> Response[Any] | None:
        """Return the first refusal."""
        for hook, ask in self._steps:
            result = ask(request)
            early = None if result is None else await settle(result, hook)
            if early is not None:
                return early
        if self._trusted is not None and not is_own(request, self._trusted):
            # SECURITY: CWE-1385: no browser asks a site before it opens a WebSocket to it, cookies included.
            raise Forbidden("A page of another site may not open this WebSocket.")
        return None

    def _refusal(self, result: object, socket: WebSocket) -> Response[Any] | None:
        """Return the response that a handler wants instead of a conversation; None after one.

        Raises:
            ConfigError: it returned what cannot be sent.
        """
        is_open = socket.phase is not Phase.CONNECTING
        if isinstance(result, Response) and not is_open:
            return result
        if result is not None:
            after = " after the handshake was accepted; write `await socket.send(…)`" if is_open else ""
            raise ConfigError(
                f"{self._where} returned {type(result).__name__}{after or '; return None, or a Response to refuse it'}"
            )
        return None if is_open else Forbidden("The handshake was not accepted.")

    async def _fail(self, request: Request, socket: WebSocket, error: Exception) -> None:
        """End a conversation because of an error, which is handled and logged as that of any request."""
        request.fail(error)
        if isinstance(error, WebSocketException):
            await socket.close(error.code, error.reason)
            return
        response = await self._recover(request, error)
        await socket.close(_code_of(response.status_code), response.status)


def _code_of(status: int) -> CloseCode:
    if status == 503:
        return CloseCode.TRY_AGAIN_LATER
    return CloseCode.INTERNAL_ERROR if status >= 500 else CloseCode.POLICY_VIOLATION
