"""ServerErrorMiddleware: what nothing else has caught becomes a response, with the fields of all middleware inside of it."""

from __future__ import annotations

import os

from ..conf import env
from ..conf.settings import Settings, settings_of
from ..errors import PolicyError
from ..http.exceptions import ClientDisconnect
from ..http.incoming import KEY
from ..http.raising import error_id
from ..http.request import Request
from ..http.seam import Recover
from ..logs import errors as _log
from ..logs import printable
from ..server.asgi import Entry, Settle, claim, respond
from ..types import ASGIApp, Message, Receive, Scope, Send
from .base import RECOVER, bare_recovery
from .order import inside

__all__ = ["ServerErrorMiddleware", "is_net"]


class ServerErrorMiddleware:
    """Answers what nothing else has caught: 500, which tells no internals, or in development the page that shows all.

    A Wadjet does so by itself, from inside its stack: in its list of middleware this adds nothing, and around one it lets the
    fast lane pass. Around other applications the response is made by the innermost middleware of ours, so that it has the
    fields of all of them. An exception after the head has left is logged and raised again: nothing else can be sent.

    Args:
        app: the application inside.
        debug: whether to show the page; None for the setting ``DEBUG``, which decides for a Wadjet.

    Raises:
        PolicyError: it says something else than the ``DEBUG`` of the Wadjet inside.
    """

    __slots__ = ("app", "debug", "settings", "wadjet_recover")

    def __init__(self, app: ASGIApp, *, debug: bool | None = None) -> None:
        self.app = app
        # That of an application; middleware around a foreign one has settings, too, but answers no crash of it.
        known = settings_of(list(inside(app))[-1])
        if known is not None and debug not in {None, known.DEBUG}:
            raise PolicyError(
                f"ServerErrorMiddleware(debug={debug}) stands around an application whose DEBUG is {known.DEBUG}, and which "
                f"answers its own crashes; leave the argument out, and write Wadjet(debug={debug})"
            )
        #: What the middleware outside reads.
        self.settings: Settings = known or env.read(None, os.environ)
        self.debug: bool = self.settings.DEBUG if debug is None else debug
        #: Turns exceptions into responses.
        self.wadjet_recover: Recover = bare_recovery(self, self.settings, shows=self.debug)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application inside."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        has_begun = False

        async def watched(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        if self.debug:
            receive = Request.of(scope, receive).receive  # the page shows what the application has read
        is_outermost = scope.setdefault(RECOVER, self.wadjet_recover) is self.wadjet_recover
        try:
            await self.app(scope, receive, watched)
        except ClientDisconnect:
            raise
        except Exception as error:
            request = Request.of(scope, receive)
            if has_begun:
                _tell(request, error)
                raise
            await self._answer(request, error, send)
        finally:
            if is_outermost:
                scope.pop(RECOVER, None)
        return None

    async def _answer(self, request: Request, error: Exception, send: Send) -> None:
        is_owner = claim(request)
        try:
            await respond(await self.wadjet_recover(request, error), request, send)
        finally:
            if is_owner:
                await request.finish()
                request.scope.pop(KEY, None)

    def wadjet_lane(self, settle: Settle) -> Entry | None:
        """Let the fast lane in: an application that has one answers its own crashes."""
        enter = getattr(self.app, "wadjet_lane", None)
        entry: Entry | None = None if enter is None else enter(settle)
        return entry


def is_net(made: object) -> bool:
    """Tell whether a middleware is this one, as it is: in a Wadjet there is nothing left for it to do."""
    return isinstance(made, ServerErrorMiddleware) and type(made).__call__ is ServerErrorMiddleware.__call__


def _tell(request: Request, error: Exception) -> None:
    """Log what happened after the head had left."""
    request.fail(error)
    identifier = error_id()
    _log.error(
        "%s %s failed after its head had left [%s]",
        request.method,
        printable(request.path),
        identifier,
        exc_info=error,
        extra={"error_id": identifier},
    )
