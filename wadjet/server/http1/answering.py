"""Answering: one request after the other, each by its plan, in a task of its own; and what becomes of the connection then."""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from typing import Any
from urllib.parse import quote

from ...http.body import AHEAD, Body
from ...http.exceptions import ClientDisconnect
from ...http.incoming import KEY
from ...http.raising import HTTPException
from ...http.request import DEFAULT_LIMIT, Request
from ...http.servererrors import InternalServerError, ServiceUnavailable
from ...logs import errors as _log
from ...logs import printable
from ...types import Scope
from ..asgi import Planned, claim, handled
from .asgiform import Sender
from .content import WireBody
from .lane import Lane
from .writing import Writing

__all__ = ["Answering"]

_IS_EAGER = sys.version_info >= (3, 12)


class Answering(Writing):
    """The answering half of a connection.

    Args:
        lane: what it shares with the others.
    """

    __slots__ = ("arrived", "client", "is_closing", "scheme", "server")

    def __init__(self, lane: Lane) -> None:
        super().__init__(lane)
        #: Requests that wait for their turn, and whether another may follow; or what refuses a request.
        self.arrived: deque[tuple[Request | HTTPException, bool]] = deque()
        #: Address and port of the client, believed; None for a unix socket.
        self.client: tuple[str, int] | None = None
        self.scheme = "http"
        self.server: tuple[str, int | None] | None = None
        #: Whether nothing more is taken: what still arrives is thrown away.
        self.is_closing = False

    # -- a request after the other ------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Answer the request whose turn it is, if there is one and nothing is being answered."""
        while self.arrived and self.request is None and not self.is_closing:
            request, keep_alive = self.arrived.popleft()
            if isinstance(request, HTTPException):
                self.refuse(request)
                return
            lane = self.lane
            self.request = request
            content: Any = request._content  # noqa: SLF001 - the connection has put it there
            self.content = None if content is None or content.is_complete else content
            self.keep_alive = keep_alive
            self.has_begun = False
            self.is_plain = keep_alive and request.http_version == "1.1" and request.method != "HEAD"
            if lane.is_draining:
                self.begin_last()
            # PERF(bench: wire_plaintext): a name saves asyncio from making one.
            if _IS_EAGER:
                task = asyncio.Task(self.answer(), loop=lane.loop, name="wadjet-request", eager_start=True)  # type: ignore[call-arg,unused-ignore]
                if self.request is request:  # else it has been answered without waiting for anything
                    self.task = task
            else:
                self.task = asyncio.Task(self.answer(), loop=lane.loop, name="wadjet-request")
                return

    def begin_last(self) -> None:
        """Say that the connection closes, when the server is about to stop and no further request is here."""
        if not self.arrived:
            self.keep_alive = self.is_plain = False
        self.lane.loop.call_soon(self._enlist)

    def _enlist(self) -> None:
        """Let uvicorn wait for the task, and cancel it at the end of its patience."""
        if self.task is not None:
            tasks = self.lane.server_state.tasks
            tasks.add(self.task)
            self.task.add_done_callback(tasks.discard)

    async def answer(self) -> None:
        """Answer the request and finish it, whatever happens."""
        request, lane, is_free = self.request, self.lane, True
        assert request is not None
        try:
            plan: Any = None if lane.dispatch is None else lane.dispatch(request)
            content = request._content  # noqa: SLF001 - as above
            if content is not None and plan is not None:
                content.limit = plan.max_body_size
            if lane.outer is not None or plan.handle is None:
                is_free = claim(request)
                await self._answer_in_asgi(request, plan)
            else:
                response = await plan.handle(request)
                if response.is_ready and self.is_plain and self.content is None and not self.is_lost:
                    # PERF(bench: wire_plaintext): respond(), written out for what compiled routes make.
                    body = response._body  # noqa: SLF001 - a property would be called for it
                    self.status = response._status  # noqa: SLF001 - as above
                    self.transport.write(b"%b%d\r\n%b%b" % (response.wire_head, len(body), lane.ending, body))
                else:
                    await self.respond(response)
            if self._room is not None:
                await self.drain()
        except BaseException as error:
            self._fail(request, error)
        self.answered(request)
        if request.finished_callbacks and (is_free or not request.is_owned):
            await self._finish(request)
        request.exception = None

    async def _answer_in_asgi(self, request: Request, plan: Planned | None) -> None:
        """Let code that only speaks ASGI answer."""
        scope, send = request.scope, Sender(self)
        scope[KEY] = request
        try:
            outer = self.lane.outer
            if outer is not None:
                await outer(scope, request.receive, send)
            elif plan is not None and plan.asgi is not None:
                await plan.asgi(scope, request.receive, send)
        finally:
            scope.pop(KEY, None)
        if not send.is_complete:
            raise RuntimeError("the ASGI application returned before it had sent a whole response")

    async def _finish(self, request: Request) -> None:
        """Run the finished callbacks; a server that stops waits for them."""
        task = asyncio.current_task()
        assert task is not None
        self.lane.server_state.tasks.add(task)
        try:
            await request.finish()
        finally:
            self.lane.server_state.tasks.discard(task)

    def _fail(self, request: Request, error: BaseException) -> None:
        """End a request that has not been answered to its end."""
        if request.exception is None or not isinstance(error, ClientDisconnect):
            request.fail(error)
        answer: HTTPException = InternalServerError()
        if isinstance(error, asyncio.CancelledError):
            answer = ServiceUnavailable(1, "The server stops.")
            _log.error("%s %s was cancelled", request.method, printable(request.path))
        elif not isinstance(error, ClientDisconnect):
            _log.error("%s %s broke off", request.method, printable(request.path), exc_info=error)
        if self.is_lost:
            return
        self.keep_alive = False
        if self.has_begun or isinstance(error, ClientDisconnect):
            # What was promised cannot be kept: closing is the only way left to say so (RFC 9112 §8).
            self.flush()
        else:
            self.status = answer.status_code
            self.transport.write(self.lane.refusal(answer))

    def answered(self, request: Request) -> None:
        """Go on after a response: with the next request, or with the end of the connection."""
        lane, content = self.lane, self.content
        self.request = self.task = self.content = None
        lane.server_state.total_requests += 1
        self.since = lane.now
        if lane.access is not None:
            self._log_access(request)
        if self.is_lost:
            return
        if content is not None and not content.is_complete:
            missing = content.missing
            if self.keep_alive and missing is not None and missing <= AHEAD:
                content.drop()
            else:
                self.linger()
        elif not self.keep_alive:
            self.close()
        elif self.arrived:
            lane.loop.call_soon(self.begin)
            self.resume_reading()

    def _log_access(self, request: Request) -> None:
        """Log in uvicorn's format, so that what reads its log reads ours."""
        assert self.lane.access is not None
        path = quote(request.path)
        if request.raw_query:
            path = f"{path}?{request.query_string}"
        client = request.client
        who = "" if client is None else f"{client[0]}:{client[1]}"
        self.lane.access.info(
            '%s - "%s %s HTTP/%s" %d', who, request.method, path, request.http_version, self.status
        )

    # -- the end ------------------------------------------------------------------------------------------------------------

    def refuse(self, error: HTTPException) -> None:
        """Answer what is no request, or cannot be taken, and take nothing more."""
        if not self.is_lost:
            self.transport.write(self.lane.refusal(error))
        self.linger()

    def close(self) -> None:
        """Close when everything has been sent."""
        self.is_closing = True
        self.flush()
        self.transport.close()

    def linger(self) -> None:
        """Close, but read on for a while: a reset would take from the client what it has not read yet (RFC 9112 §9.6)."""
        self.is_closing = True
        self.arrived.clear()
        self.since = self.lane.now
        if self.is_lost:
            return
        self.flush()
        if self.transport.can_write_eof():
            self.transport.write_eof()
            self.resume_reading()
        else:
            self.transport.close()

    def resume_reading(self) -> None:
        """Read on."""
        raise NotImplementedError

    # -- what a request asks of its connection ------------------------------------------------------------------------------

    def new_state(self) -> dict[str, Any]:
        """Return what the state of a request begins with."""
        return dict(self.lane.app_state)

    def content_of(self, request: Request) -> Body:
        """Return the content of a request that announces none: it tells when the client has left."""
        raise NotImplementedError

    def scope_of(self, request: Request) -> Scope:
        """Return an ASGI scope that says the same as the request."""
        scope: Scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": request.http_version,
            "method": request.method,
            "scheme": request.scheme,
            "path": request.path,
            "raw_path": request.sent_path,
            "query_string": request.raw_query,
            "root_path": request.root_path,
            "headers": request.raw_headers,
            "client": request.client,
            "server": self.server,
            "state": request.state,
        }
        return scope
