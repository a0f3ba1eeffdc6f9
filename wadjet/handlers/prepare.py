"""Prepare: whatever response there is becomes final, once, whoever made it."""

from __future__ import annotations

import inspect
import secrets
from typing import Any

from ..concurrency import ThreadPool
from ..http.problem import variables_of
from ..http.raising import HTTPException
from ..http.request import Request
from ..http.response import FileResponse, GZipResponse, Response, StreamingResponse
from ..logs import errors as _log
from ..logs import printable
from .returning import Deferred, Makers

__all__ = ["Prepare", "error_id"]


def error_id() -> str:
    """Return a name for one failure, for the client's report and for the log."""
    return secrets.token_hex(8)


class Prepare:
    """Makes responses final and runs the response callbacks.

    Args:
        makers: turns what ``__view_result__`` gives into a response.
        streams: where blocking streams are pulled.
        files: where files are opened and read; each call is short, so they need no threads of their own.
    """

    __slots__ = ("_files", "_makers", "_streams")

    def __init__(
        self,
        makers: Makers,
        streams: ThreadPool = StreamingResponse.pool,
        files: ThreadPool = FileResponse.pool,
    ) -> None:
        self._makers = makers
        self._streams = streams
        self._files = files

    async def __call__(self, request: Request, response: Response[Any]) -> Response[Any]:
        """Return the final form of a response that was taken."""
        if isinstance(response, GZipResponse):
            inner = await self(request, response.unwrapped())
            response.compress(inner, request.headers.joined("accept-encoding"))
            return inner
        if response.translate == "result":
            response = await self._resolved(response)
        if response.is_unread:
            response = _streamed(response)
        if isinstance(response, HTTPException):
            if response.is_negotiable:
                response = _negotiated(request, response)
        elif isinstance(response, StreamingResponse | FileResponse):
            await self._begin(request, response)
        if request.response_callbacks:
            await request.run_response_callbacks(response)
        # A length that does not match is an error here, where it can still become an answer.
        response.final_headers(head=request.method == "HEAD")
        return response

    async def _begin(self, request: Request, response: StreamingResponse | FileResponse) -> None:
        """Open what the content comes from, and let it be closed whatever is sent: a hook may put another one in its place."""
        if isinstance(response, StreamingResponse):
            request.finished_callbacks.append(response.close)
            response.pool = self._streams
            await response.begin(head=request.method == "HEAD")
            return
        response.pool = self._files
        await response.begin(request.method, request.headers)
        if response.file is not None:
            request.finished_callbacks.append(response.close)

    async def _resolved(self, response: Response[Any]) -> Response[Any]:
        """Ask the content for its result; what the response says itself stays (view.py)."""
        content: Any = response.content
        result = content.__view_result__()
        if inspect.isawaitable(result):
            result = await result
        makers = response.makers if isinstance(response, Deferred) else self._makers
        inner = makers[type(result)](result)
        if inner.translate == "result":
            inner = await self._resolved(inner)
        return response.wrap(inner)


def _streamed(response: Response[Any]) -> StreamingResponse:
    """Return a stream of the response's ``app_iter``."""
    stream = StreamingResponse(response.app_iter, response.status_code)
    stream.raw_headers[:] = response.raw_headers
    return stream


def _negotiated(request: Request, error: HTTPException) -> Response[Any]:
    if error.status_code >= 500 and "id" not in error.extensions:
        error, identifier = error.take(), error_id()
        error.extensions = {**error.extensions, "id": identifier}
        _log.error(
            "%s %s: %s [%s]",
            request.method,
            printable(request.path),
            error.status,
            identifier,
            exc_info=getattr(
                request.exception, "__cause__", None
            ),  # the client is told what, the log tells why
        )
    return error.represent(request.headers.joined("accept"), lambda: variables_of(request.scope))
