"""Recovery: an exception becomes a response. It stands inside the stack, so that every hook sees the response of a crash."""

from __future__ import annotations

import traceback
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from ..handlers.prepare import Prepare, error_id
from ..handlers.returning import Makers
from ..http.exceptions import ClientDisconnect, HTTPException, InternalServerError
from ..http.request import Request
from ..http.response import PlainTextResponse, Response
from ..logs import errors as _log
from ..types import ASGIApp, Receive, Scope, Send

__all__ = ["EXCEPTIONS", "ExceptionHandler", "Recovery", "guard"]

#: Where a test client asks for the exceptions that were answered with a 500: an extension of its scopes.
EXCEPTIONS = "wadjet.exceptions"

ExceptionHandler = Callable[[Request, Any], Any]


class Recovery:
    """Turns exceptions into final responses.

    Args:
        prepare: makes the response final.
        makers: turns what an exception handler returns into a response.
        handlers: by exception class, or by status.
        debug: answer a crash with its traceback, in plain text.
    """

    __slots__ = ("_by_status", "_by_type", "_debug", "_makers", "_prepare")

    def __init__(
        self,
        prepare: Prepare,
        makers: Makers,
        handlers: Mapping[type[BaseException] | int, ExceptionHandler],
        *,
        debug: bool = False,
    ) -> None:
        self._prepare = prepare
        self._makers = makers
        self._by_type = {key: handler for key, handler in handlers.items() if not isinstance(key, int)}
        self._by_status = {key: handler for key, handler in handlers.items() if isinstance(key, int)}
        self._debug = debug

    async def __call__(self, request: Request, error: Exception) -> Response[Any]:
        """Return the response to an exception.

        Raises:
            ClientDisconnect: the client has left; there is nobody to answer.
        """
        request.fail(error)
        if isinstance(error, ClientDisconnect):
            raise error
        try:
            return await self._answer(request, error)
        except ClientDisconnect:
            raise
        except Exception as second:
            return await self._prepare(request, self._crash(request, second))

    async def _answer(self, request: Request, error: Exception) -> Response[Any]:
        handler = self._handler_for(error)
        if handler is not None:
            result = handler(request, error)
            if isinstance(result, Awaitable):
                result = await result
            return await self._prepare(request, self._makers[type(result)](result))
        if isinstance(error, Response):
            return await self._prepare(request, error.take())
        return await self._prepare(request, self._crash(request, error))

    def _handler_for(self, error: Exception) -> ExceptionHandler | None:
        """Look a handler up: the nearest class first, then the status."""
        for cls in type(error).__mro__:
            if cls in self._by_type:
                return self._by_type[cls]
        status = error.status_code if isinstance(error, HTTPException) else 500
        return self._by_status.get(status)

    def _crash(self, request: Request, error: Exception) -> Response[Any]:
        """Log an exception once, under an id that the client is told too."""
        identifier = error_id()
        _log.error("%s %s failed [%s]", request.method, _printable(request.path), identifier, exc_info=error)
        extensions = request.scope.get("extensions") or {}
        extensions.get(EXCEPTIONS, []).append(error)
        if self._debug:
            text = f"500 Internal Server Error [{identifier}]\n\n{''.join(traceback.format_exception(error))}"
            return PlainTextResponse(text, 500, {"x-content-type-options": "nosniff"}).take()
        response = InternalServerError()
        response.extensions["id"] = identifier
        return response.take()


def _printable(text: str) -> str:
    # SECURITY: a path may hold line ends and escapes (CWE-117).
    return text.encode("unicode_escape").decode()


def guard(app: ASGIApp, recover: Callable[[Request, Exception], Awaitable[Response[Any]]]) -> ASGIApp:
    """Give foreign ASGI code the same net: an exception before its head becomes a response, one after it ends the connection."""

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await app(scope, receive, send)
        has_started = False

        async def watched(message: Any) -> None:
            nonlocal has_started
            has_started = True
            await send(message)

        try:
            await app(scope, receive, watched)
        except Exception as error:
            request = Request.of(scope, receive)
            if has_started:
                request.fail(error)
                raise
            await (await recover(request, error))(scope, receive, send)
        return None

    return guarded
