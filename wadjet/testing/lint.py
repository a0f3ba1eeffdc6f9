"""A checker of the ASGI protocol around any application, in the manner of Rack's Lint."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..types import ASGIApp, Message, Receive, Scope, Send
from .conversations import CONVERSATIONS, Conversation
from .faults import LintError, require
from .vocabulary import check_scope

__all__ = ["LintError", "lint"]


def lint(app: ASGIApp) -> ASGIApp:
    """Wrap `app` so that a fault of it, or of its server, raises a LintError.

    Checked are the scope, the types and the order of all messages both ways, and what HTTP asks of a
    response's head and length. A fault that the application hides is raised when it returns.
    The wrapper has the attributes of `app`.

    Raises:
        LintError: From the application's `receive` or `send`, and from the call itself.

    Source: ASGI 3.0, HTTP and WebSocket message format 2.5, lifespan 2.0.
    """
    return _Linted(app)


class _Linted:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def __getattr__(self, name: str) -> Any:
        return getattr(self._app, name)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        check_scope(scope)
        conversation = CONVERSATIONS[scope["type"]](scope)
        witness = _Witness(conversation, receive, send)
        try:
            await self._app(scope, witness.receive, witness.send)
        except Exception as error:
            if witness.fault is None or witness.fault is error:
                raise
            raise witness.fault from error
        if witness.fault is not None:
            raise witness.fault
        conversation.end()


class _Witness:
    """Pass messages on, and remember the first fault; what comes after a fault is passed on unchecked."""

    def __init__(self, conversation: Conversation, receive: Receive, send: Send) -> None:
        self.fault: LintError | None = None
        self._conversation = conversation
        self._receive = receive
        self._send = send
        self._is_receiving = False

    async def receive(self) -> Message:
        with self._remembering():
            demand = "one task at a time may receive"
            require(not self._is_receiving, demand, "a second one", "ASGI 3.0, Applications")
        self._is_receiving = True
        try:
            message = await self._receive()
        finally:
            self._is_receiving = False
        if self.fault is None:
            with self._remembering():
                self._conversation.receive(message)
        return message

    async def send(self, message: Message) -> None:
        if self.fault is None:
            with self._remembering():
                message = self._conversation.send(message)
        try:
            await self._send(message)
        except OSError:  # ASGI HTTP 2.4: the client has left
            self._conversation.is_gone = True
            raise

    @contextmanager
    def _remembering(self) -> Iterator[None]:
        try:
            yield
        except LintError as fault:
            self.fault = self.fault or fault
            raise
