"""Prepare: whatever response there is becomes final, once, whoever made it."""

from __future__ import annotations

import inspect
from datetime import UTC, datetime
from typing import Any

from ..concurrency import ThreadPool
from ..errors import ConfigError
from ..http.clienterrors import PreconditionFailed, RequestRangeNotSatisfiable
from ..http.conditioned import apply_conditions
from ..http.leaving import leave
from ..http.problem import variables_of
from ..http.raising import HTTPException
from ..http.request import Request
from ..http.response import FileResponse, GZipResponse, HTMLResponse, Response, StreamingResponse, Template
from ..http.seam import Render
from .returning import Deferred, Makers

__all__ = ["Prepare"]


class Prepare:
    """Makes responses final and runs the response callbacks.

    Args:
        makers: turns what ``__view_result__`` gives into a response.
        streams: where blocking streams are pulled.
        files: where files are opened and read; each call is short, so they need no threads of their own.
        render: makes text of a template; None where the application has nothing that does.
    """

    __slots__ = ("_files", "_makers", "_render", "_streams")

    def __init__(
        self,
        makers: Makers,
        streams: ThreadPool = StreamingResponse.pool,
        files: ThreadPool = FileResponse.pool,
        render: Render | None = None,
    ) -> None:
        self._makers = makers
        self._streams = streams
        self._files = files
        self._render = render

    async def __call__(self, request: Request, response: Response[Any]) -> Response[Any]:
        """Return the final form of a response that was taken."""
        leave(request, response.works)
        if isinstance(response, GZipResponse):
            inner = await self(request, response.unwrapped())
            response.compress(inner, request.headers)
            return inner
        if type(response) is not FileResponse or not response.begin_again(
            request.sent_method, request.raw_headers
        ):
            response = await self.made(request, response)
            if response.conditional_response and not isinstance(response, FileResponse):
                response = await _conditioned(request, response)
            if isinstance(response, HTTPException):
                response = _negotiated(request, response)
            elif isinstance(response, StreamingResponse | FileResponse):
                await self._begin(request, response)
        if request.response_callbacks:
            await request.run_response_callbacks(response)
        if not response.is_ready:
            # A length that does not match is an error here, where it can still become an answer.
            response.final_headers(head=request.method == "HEAD")
        return response

    async def _begin(self, request: Request, response: StreamingResponse | FileResponse) -> None:
        """Open what the content comes from, and let it be closed whatever is sent: a hook may put another one in its place."""
        if isinstance(response, StreamingResponse):
            # Before all others: they may let go of what it still uses.
            request.finished_callbacks.insert(0, response.close)
            response.pool = self._streams
            await response.begin(head=request.method == "HEAD")
            return
        response.pool = self._files
        await response.begin(request.method, request.headers)
        if response.file is not None:
            request.finished_callbacks.append(response.close)

    async def made(self, request: Request, response: Response[Any]) -> Response[Any]:
        """Return a response that has its content: a result is asked for, a template rendered."""
        if isinstance(response, GZipResponse):
            return response
        if response.translate == "result":
            response = await self._resolved(response)
        if isinstance(response, HTMLResponse) and response.template is not None and response.is_description:
            response.text = await self._rendered(request, response.template)
        return _streamed(response) if response.is_unread else response

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

    async def _rendered(self, request: Request, template: Template) -> str:
        """Let the application render a template.

        Raises:
            ConfigError: it has nothing that does.
        """
        if self._render is None:
            raise ConfigError(
                f"HTMLResponse(template={template.name!r}): nothing renders templates here; give the application a function "
                "with `@app.template_renderer`, which takes the request and the template and returns text"
            )
        return await self._render(request, template)


async def _conditioned(request: Request, response: Response[Any]) -> Response[Any]:
    """Answer the conditions and ranges of a request (RFC 9110 §13.2.2)."""
    if apply_conditions(response, request.method, request.headers, datetime.now(UTC)):
        error = PreconditionFailed() if response.status_code == 412 else RequestRangeNotSatisfiable()
        error.content_range = response.content_range
        response = _negotiated(request, error)
    elif response.status_code == 304 and response.chunks is not None:
        await response.close()
        response = _without_content(response)
    return response


def _without_content(response: Response[Any]) -> Response[Any]:
    """Return the head alone of a response."""
    head = Response[Any](None, response.status_code)
    head.raw_headers[:] = response.raw_headers
    return head


def _streamed(response: Response[Any]) -> StreamingResponse:
    """Return a stream of the response's ``app_iter``."""
    stream = StreamingResponse(response.app_iter, response.status_code)
    stream.raw_headers[:] = response.raw_headers
    return stream


def _negotiated(request: Request, error: HTTPException) -> Response[Any]:
    if not error.is_negotiable:
        return error

    def variables() -> dict[str, object]:
        return variables_of(request.scope)

    # The client is told what, the log tells why.
    error = error.reported(variables, getattr(request.exception, "__cause__", None))
    return error.represent(request.headers.joined("accept"), variables)
