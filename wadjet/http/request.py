"""Request: what the client asked. Its head is in ``incoming.py``, its addresses are in ``addressing.py``."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, cast

from ..errors import BodyNotRead
from ..logs import errors as _log
from ..media import json as _json
from ..types import Receive, Scope
from .addressing import Addressed
from .body import Body, ReceivedBody, Replay
from .exceptions import MalformedBody, UnsupportedMediaType
from .forms import parse_urlencoded
from .headers import Headers, MutableHeaders
from .incoming import KEY
from .multidict import ImmutableMultiDict, MultiDict
from .outgoing import Response
from .urls import URL, QueryParams

__all__ = ["URL", "Headers", "ImmutableMultiDict", "MultiDict", "MutableHeaders", "QueryParams", "Request"]

#: How much content is taken when no plan says it.
DEFAULT_LIMIT = 10 * 1024 * 1024


class Request(Addressed):
    """One request.

    Args:
        scope: an ASGI scope of type ``http`` or ``websocket``.
        receive: the server's; without it the request has no content.

    Raises:
        TypeError: another type of scope.
    """

    __slots__ = ("_form",)

    # Unset until it is first looked at.
    _form: ImmutableMultiDict[str]

    @classmethod
    def of(cls, scope: Scope, receive: Receive) -> Request:
        """Return the request of this scope: the one made before, unless middleware changed its head or content since."""
        known = scope.get(KEY)
        if (
            isinstance(known, Request)
            and known.is_head_of(scope)
            and isinstance(receive, Replay)
            and receive.body is known.content
        ):
            return known
        request = cls(scope, receive)
        scope.setdefault(KEY, request)
        return request

    @property
    def receive(self) -> Receive:
        """A ``receive`` that gives the content from the beginning, whoever has read it."""
        return Replay(self.content)

    # -- content ------------------------------------------------------------------------------------------------------------

    @property
    def content(self) -> Body:
        """The content itself, shared by every request made of the scope."""
        if self._content is None:
            self._content = self._found_content()
        return self._content

    def _found_content(self) -> Body:
        if self._arrival is not None:
            return self._limited(self._arrival.content_of(self))
        receive = self._receive
        if isinstance(receive, Replay):
            return self._limited(receive.body)
        self.scope.setdefault(KEY, self)  # whoever else reads this scope must find what is read here
        root = self.root
        if root is not self and (receive is None or receive == root._receive):  # noqa: SLF001 - of our own class
            return self._limited(cast(Body, root.content))
        limit = DEFAULT_LIMIT if self.plan is None else self.plan.max_body_size
        length = self.content_length
        return Body(length, limit) if receive is None else ReceivedBody(receive, length, limit)

    def _limited(self, body: Body) -> Body:
        """Return a body that was made before there was a plan, with the limit of the plan."""
        if self.plan is not None:
            body.limit = self.plan.max_body_size
        return body

    async def body(self) -> bytes:
        """Read the whole content; see :meth:`Body.read` for what it raises."""
        return await self.content.read()

    def announces_content(self) -> bool:
        """Tell whether the head says that there is content (RFC 9112 §6.3). What ``receive`` brings counts all the same."""
        is_said_otherwise = self.http_version not in {"1.0", "1.1"}
        return bool(self.content_length) or is_said_otherwise or self.header(b"transfer-encoding") is not None

    def stream(self) -> AsyncIterator[bytes]:
        """Iterate over the content as it arrives, without keeping it."""
        return self.content.stream()

    async def text(self) -> str:
        """Read the content as text.

        Raises:
            MalformedBody: it is not UTF-8.
        """
        return _text(await self.body())

    async def json(self) -> Any:
        """Read the content as JSON, whatever its type says.

        Raises:
            MalformedBody: it is not JSON.
        """
        return _document(await self.body())

    async def form(self) -> ImmutableMultiDict[str]:
        """Read the content as a form; anything that is no form is an empty one.

        Raises:
            MalformedBody: more fields than any form has.
        """
        await self.body()
        return self.POST

    @property
    def body_bytes(self) -> bytes:
        """The content that has been read.

        Raises:
            BodyNotRead: it has not.
        """
        data = self.content.data
        if data is None and not self.announces_content():
            return b""
        if data is None:
            raise BodyNotRead(
                "the content has not been read yet: write `await request.body()` first, or make the handler a plain `def`"
            )
        return data

    @property
    def text_body(self) -> str:
        """The content that has been read, as text."""
        return _text(self.body_bytes)

    @property
    def json_body(self) -> Any:
        """The content that has been read, as JSON."""
        return _document(self.body_bytes)

    @property
    def POST(self) -> ImmutableMultiDict[str]:  # noqa: N802 - WebOb's name
        """The form that has been read; empty when the content is no form."""
        try:
            return self._form
        except AttributeError:
            self._form = self._parsed_form()
            return self._form

    def _parsed_form(self) -> ImmutableMultiDict[str]:
        body, kind = self.body_bytes, self.content_type
        if kind == "multipart/form-data":
            raise UnsupportedMediaType(
                "multipart/form-data is not taken here; send application/x-www-form-urlencoded"
            )
        if kind != "application/x-www-form-urlencoded":
            return ImmutableMultiDict()
        try:
            return ImmutableMultiDict(parse_urlencoded(body, charset=self.charset))
        except ValueError as error:
            raise MalformedBody(str(error)) from None

    @property
    def params(self) -> ImmutableMultiDict[str]:
        """Query and form, in this order."""
        return ImmutableMultiDict([*self.query_params.items(), *self.POST.items()])

    async def is_disconnected(self) -> bool:
        """Tell whether the client has left."""
        close = self.content.close
        if close not in self.finished_callbacks:
            self.finished_callbacks.append(close)
        return await self.content.is_disconnected()

    # -- around the answer --------------------------------------------------------------------------------------------------

    def add_response_callback(
        self, callback: Callable[[Request, Response[Any]], Awaitable[None] | None]
    ) -> None:
        """Call ``callback(request, response)`` when there is a response and before the ``after`` hooks; in the order added."""
        self.response_callbacks.append(callback)

    def add_finished_callback(self, callback: Callable[[Request], Awaitable[None] | None]) -> None:
        """Call ``callback(request)`` when all is over, whatever happened; each one, even if another fails."""
        self.finished_callbacks.append(callback)

    async def run_response_callbacks(self, response: Any) -> None:
        """Call the response callbacks, those included that they add themselves; each is called once."""
        callbacks = self.response_callbacks
        while callbacks:
            pending = callbacks.pop(0)(self, response)
            if pending is not None:
                await pending

    def fail(self, error: BaseException) -> None:
        """Remember what went wrong, for the finished callbacks."""
        self.exception = self.root.exception = error

    async def finish(self) -> None:
        """Call the finished callbacks and let go of the connection. Whoever made the request calls it, always."""
        callbacks = self.finished_callbacks
        cancelled: asyncio.CancelledError | None = None
        while callbacks:
            callback = callbacks.pop(0)
            try:
                pending = callback(self)
                if pending is not None:
                    await pending
            except asyncio.CancelledError as error:
                cancelled = error
            except Exception:
                _log.exception("a finished callback failed: %r", callback)
        if cancelled is not None:
            raise cancelled


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise MalformedBody("The content is not UTF-8.") from None


def _document(data: bytes) -> Any:
    try:
        return _json.loads(data)
    except ValueError as error:
        raise MalformedBody(f"The content is not JSON: {error}.") from None
