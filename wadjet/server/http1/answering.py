"""Answering: one request after the other, each by its plan, in a task of its own; and what becomes of the connection then."""

from __future__ import annotations

import asyncio
import sys
from abc import abstractmethod
from collections import deque
from typing import Any, cast
from urllib.parse import quote

from ...http.body import AHEAD, Body
from ...http.exceptions import ClientDisconnect
from ...http.incoming import KEY
from ...http.raising import HTTPException, error_id
from ...http.request import Request
from ...http.servererrors import InternalServerError, ServiceUnavailable
from ...logs import errors as _log
from ...logs import printable
from ...types import Scope
from ..asgi import Planned, claim
from .asgiform import Sender
from .content import WireBody
from .lane import Lane
from .writing import Writing

__all__ = ["Answering"]

_Task: Any = asyncio.Task
_IS_EAGER = sys.version_info >= (3, 12)


class Answering(Writing):
    """The answering half of a connection.

    Args:
        lane: what it shares with the others.
    """

    __slots__ = ("arrived", "client", "is_closing", "is_last", "is_unusual", "scheme", "server")

    #: Whether a trusted proxy passes requests on; :class:`~.parsing.Believed` stands for the connection where one does.
    is_proxied = False

    def __init__(self, lane: Lane) -> None:
        super().__init__(lane)
        #: Requests that wait for their turn; or what refuses one.
        self.arrived: deque[Request | HTTPException] = deque()
        #: Whether no request follows the last one that has arrived.
        self.is_last = False
        #: Whether some request has said more to the connection than HTTP/1.1 needs, or was to be answered while its content came.
        self.is_unusual = False
        #: Address and port of the client, believed; None for a unix socket.
        self.client: tuple[str, int] | None = None
        self.scheme = "http"
        self.server: tuple[str, int | None] | None = None
        #: Whether nothing more is taken: what still arrives is thrown away.
        self.is_closing = False

    # -- a request after the other ------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Answer the request whose turn it is: one has arrived, and none is being answered."""
        lane = self.lane
        request = self.arrived.popleft()
        if request.__class__ is not Request:
            self.refuse(cast("HTTPException", request))
            return
        self.request = request
        self.has_begun = False
        self.is_plain = request.sent_method != "HEAD"
        # PERF(bench: wire_plaintext): most requests have no content, or have it whole, and others follow.
        if self.is_unusual or lane.is_draining:
            self._begin_unusual(request)
        plan = lane.plan_of(request)
        at_once = plan.at_once
        # PERF(bench: wire_cached): what only has to be written is answered before a task is made, which costs more.
        if at_once is not None and self.is_plain and self._room is None and request._content is None:  # noqa: SLF001 - as below
            response = at_once(request)
            if response is not None:
                self.write_ready(response)
                self.answered(request)
                return
        # PERF(bench: wire_plaintext): a name saves asyncio from making one.
        if _IS_EAGER:
            task = _Task(self.answer(plan), loop=lane.loop, name="wadjet-request", eager_start=True)
            if self.request is request:  # else it has been answered without waiting for anything
                self.task = task
        else:
            self.task = _Task(self.answer(plan), loop=lane.loop, name="wadjet-request")

    def _begin_unusual(self, request: Request) -> None:
        """Take note of content that is still to come, of HTTP/1.0, and of an end that is near."""
        content: Any = request._content  # noqa: SLF001 - as above
        if request.http_version != "1.1":
            self.is_plain = False
        if content is not None and not content.is_complete:
            self.content, self.is_plain = content, False
        if self.is_last or self.lane.is_draining:
            self.begin_last()

    def begin_last(self) -> None:
        """Say that the connection closes, if no further request is here; a server that stops waits for the task."""
        if not (self.arrived or self.is_awaited):
            self.keep_alive = self.is_plain = False
        if self.lane.is_draining:
            self.lane.loop.call_soon(self.enlist)

    @property
    def is_awaited(self) -> bool:
        """Whether a request waits for its content before it is answered."""
        return False

    def enlist(self) -> None:
        """Let uvicorn wait for the task, and cancel it at the end of its patience."""
        tasks = self.lane.server_state.tasks
        if self.task is not None and self.task not in tasks:
            tasks.add(self.task)
            self.task.add_done_callback(tasks.discard)

    async def answer(self, plan: Planned) -> None:
        """Answer the request and finish it, whatever happens."""
        request, is_free = self.request, True
        assert request is not None
        try:
            content: Any = request._content  # noqa: SLF001 - as above
            if content is not None:
                content.restrict(plan.max_body_size)
            handle = plan.handle
            if handle is None:
                is_free = claim(request)
                await self._answer_in_asgi(request, plan)
            else:
                response = await handle(request)
                if response.is_ready and self.is_plain and response._body is not None:  # noqa: SLF001 - as write_ready()
                    self.write_ready(response)
                else:
                    await self.respond(response)
                if self._room is not None:
                    self.has_begun = True
                    await self.drain()
        except BaseException as error:
            self._fail(request, error)
        self.answered(request)
        if request.finished_callbacks and (is_free or not request.is_owned):
            await self._finish(request)
        request._exception = None  # noqa: SLF001 - as in server/asgi.py

    async def _answer_in_asgi(self, request: Request, plan: Planned) -> None:
        """Let code that only speaks ASGI answer."""
        scope, send = request.scope, Sender(self)
        scope[KEY] = request
        try:
            assert plan.asgi is not None
            await plan.asgi(scope, request.receive, send)
        finally:
            scope.pop(KEY, None)
        content = request._content  # noqa: SLF001 - as above
        if not send.is_complete:
            if self.is_lost or (content is not None and content.is_gone):
                raise ClientDisconnect  # and the application has done well to go
            raise RuntimeError("the ASGI application returned before it had sent a whole response")

    def over(self) -> None:
        """Go on with the connection: ASGI code has sent a whole response, and may have more to do, beside it."""
        request, task = self.request, asyncio.current_task()
        content = None if request is None else request._content  # noqa: SLF001 - as above
        if content is not None:
            content.leave()  # to ASGI code the end of its response and that of the client are one
        if request is not None and task is not None:
            self.lane.server_state.tasks.add(task)
            task.add_done_callback(self.lane.server_state.tasks.discard)
            self.answered(request)

    async def _finish(self, request: Request) -> None:
        """Run the finished callbacks; a server that stops waits for them."""
        task = asyncio.current_task()
        assert task is not None
        self.lane.server_state.tasks.add(task)
        try:
            await request.finish()
        except BaseException:
            # SystemExit would end the loop, and everybody else's requests.
            _log.exception(
                "the finished callbacks of %s %s broke off", request.method, printable(request.path)
            )
        finally:
            self.lane.server_state.tasks.discard(task)

    def _fail(self, request: Request, error: BaseException) -> None:
        """End a request that has not been answered to its end."""
        request.fail(error)
        answer: HTTPException = InternalServerError()
        identifier = error_id()
        task = asyncio.current_task()
        is_ours = self.lane.is_draining or (task is not None and task.cancelling() > 0)
        if isinstance(error, asyncio.CancelledError) and is_ours:
            answer = ServiceUnavailable("The server stops.", retry_after=1)
            _tell(request, "was cancelled", identifier, None)
        elif not isinstance(error, ClientDisconnect):
            _tell(request, "broke off", identifier, error)
        answer.extensions["id"] = identifier
        if self.request is request:
            self._end_badly(request, error, answer)

    def _end_badly(self, request: Request, error: BaseException, answer: HTTPException) -> None:
        """Answer a failure where that is still possible, and let the connection close."""
        if not self.has_begun:
            self.status = 0
        if self.is_lost:
            return
        self.keep_alive = False
        if self.has_begun or isinstance(error, ClientDisconnect):
            # What was promised cannot be kept: closing is the only way left to say so (RFC 9112 §8).
            self.flush()
        else:
            self.status = answer.status_code
            is_head = request.method == "HEAD"
            self.transport.write(self.lane.refusal(answer, self.scheme, is_head=is_head))

    def answered(self, request: Request) -> None:
        """Go on after a response: with the next request, or with the end of the connection."""
        if self.request is not request:
            return  # it has gone on already
        lane, content = self.lane, self.content
        self.request = self.task = self.content = None
        lane.answered += 1
        self.since = lane.now
        if content is not None and not content.is_complete:
            self._leave_unread(content)
        elif not self.keep_alive:
            self.part()
        elif self.arrived:
            lane.loop.call_soon(self._go_on)
        if lane.access is not None and self.status:
            self._log_access(request)

    def _leave_unread(self, content: WireBody) -> None:
        """Skip content that nobody has read, if little is missing of it; else close."""
        missing = content.missing
        if self.keep_alive and missing is not None and missing <= AHEAD:
            content.drop()
        else:
            self.linger()

    def _go_on(self) -> None:
        """Answer the next request that has come, and read on now that there is room for another."""
        if self.arrived and self.request is None:
            self.begin()
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
            self.transport.write(self.lane.refusal(error, self.scheme))
        self.linger()

    @abstractmethod
    def part(self) -> None:
        """Close after the last response."""

    def close(self) -> None:
        """Close when everything has been sent."""
        self.is_closing = True
        self.arrived.clear()
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
        try:
            if self.transport.can_write_eof():  # not through TLS
                self.transport.write_eof()
        except OSError:  # a reset that the loop has not told of yet
            self.transport.abort()
        else:
            self.resume_reading()

    @abstractmethod
    def resume_reading(self) -> None:
        """Read on."""

    # -- what a request asks of its connection ------------------------------------------------------------------------------

    def new_state(self) -> dict[str, Any]:
        """Return what the state of a request begins with."""
        return dict(self.lane.app_state)

    @abstractmethod
    def content_of(self, request: Request) -> Body:
        """Return the content of a request that announces none: it tells when the client has left."""

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


def _tell(request: Request, what: str, identifier: str, error: BaseException | None) -> None:
    """Log the end of a request that has not been answered to its end, under the id that the client may be told."""
    _log.error(
        "%s %s %s [%s]",
        request.method,
        printable(request.path),
        what,
        identifier,
        exc_info=error,
        extra={"error_id": identifier},
    )
