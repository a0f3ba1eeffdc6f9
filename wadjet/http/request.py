"""Request: what the client asked. Its head is in ``incoming.py``, its addresses are in ``addressing.py``."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any
from urllib.parse import quote

from ..logs import errors as _log
from ..types import RawHeaders, Receive, Scope, Send
from .body import Replay
from .exceptions import ClientDisconnect
from .headers import Headers, MutableHeaders, field_value
from .incoming import EARLY_HINT, HINTS, KEY
from .leaving import leave
from .located import names_of
from .making import Made
from .multidict import ImmutableMultiDict, MultiDict
from .outgoing import Response
from .uploads import UploadFile
from .urls import URL, QueryParams, format_query, quote_path
from .works import works_of

__all__ = [
    "URL",
    "Headers",
    "ImmutableMultiDict",
    "MultiDict",
    "MutableHeaders",
    "QueryParams",
    "Request",
    "UploadFile",
]


class Request(Made):
    """One request.

    Args:
        scope: an ASGI scope of type ``http`` or ``websocket``; or a WSGI environ, for a request of our own making.
        receive: the server's; without it the request has no content.
        charset: what query and form are in.

    Raises:
        TypeError: another type of scope.
        ValueError: no such charset.
    """

    __slots__ = ("_own_response",)

    _own_response: Response[Any]

    @classmethod
    def of(cls, scope: Scope, receive: Receive) -> Request:
        """Return the request of this scope: the one made before, unless middleware changed its head or content since."""
        known = scope.get(KEY)
        if (
            isinstance(known, Request)
            and known.is_head_of(scope)
            and (scope["type"] == "websocket" or _gives(receive, known))
        ):
            return known
        request = cls(scope, receive)
        scope.setdefault(KEY, request)
        return request

    @property
    def receive(self) -> Receive:
        """A ``receive`` that gives the content from the beginning, whoever has read it."""
        return Replay(self.content)

    async def is_disconnected(self) -> bool:
        """Tell whether the client has left."""
        self._stop_watching_at_the_end()
        return await self.content.is_disconnected()

    async def disconnected(self) -> None:
        """Wait until the client leaves. Content that arrives meanwhile is kept."""
        self._stop_watching_at_the_end()
        await self.content.wait_disconnected()

    def _stop_watching_at_the_end(self) -> None:
        close = self.content.close
        if close not in self.finished_callbacks:
            self.finished_callbacks.append(close)

    async def send_early_hints(self, links: Iterable[str]) -> None:
        """Tell the client what it will need, before the response is there: 103 (RFC 8297).

        Nothing is sent where the server cannot, to HTTP/1.0, and once the response has begun.

        Args:
            links: values of Link: ``</style.css>; rel=preload; as=style``.

        Raises:
            ValueError: a value that no field can have.
            TypeError: a single text, which would be a link for each of its characters.
        """
        fields = _links(links)
        arrival, scope = self.first._arrival, self.first._scope or {}  # noqa: SLF001 - the root is of our own class
        send: Send | None = scope.get(HINTS) if EARLY_HINT in (scope.get("extensions") or ()) else None
        if fields and arrival is not None:
            arrival.write_hints(self.first, fields)
        elif fields and send is not None:
            await send({"type": EARLY_HINT, "links": [value for _, value in fields]})

    # -- resources ----------------------------------------------------------------------------------------------------------

    def resource_path(self, resource: Any, *elements: str) -> str:
        """Return the path of a resource for whoever asks: its URL without scheme and host (Pyramid).

        Args:
            resource: has ``__name__`` and ``__parent__``, up to a root.
            *elements: segments that follow: the name of a view, and its subpath.
        """
        names, hidden = names_of(resource), self.virtual_root_path
        if names[: len(hidden)] == hidden:
            names = names[len(hidden) :]
        quoted = [quote(name, safe="~!$&'()*+,;=:@") for name in (*names, *elements)]
        path = "/" + "/".join(quoted) + ("" if elements or not quoted else "/")
        return quote_path(self.root_path).rstrip("/") + path

    def resource_url(self, resource: Any, *elements: str, query: Mapping[str, Any] | None = None) -> str:
        """Return the URL of a resource, for whoever asks (Pyramid); arguments as :meth:`resource_path`.

        Args:
            resource: likewise.
            *elements: likewise.
            query: its parameters.
        """
        url = self.host_url + self.resource_path(resource, *elements)
        return f"{url}?{format_query(query.items())}" if query else url

    # -- the answer ---------------------------------------------------------------------------------------------------------

    @property
    def response(self) -> Response[Any]:
        """A response to fill (Pyramid): its status, fields and cookies leave with what the handler returns.

        If the handler returns nothing, the response itself leaves. It does not, if the handler returns or raises a response.
        """
        first = self.first
        if first.own_response is None:
            first.is_personal = True  # what is kept for others must not have what is put here
            first._own_response = Response()  # noqa: SLF001 - the first is of our own class
            self.response_callbacks.append(_look_again)
        filled: Response[Any] = first.own_response
        return filled

    @property
    def own_response(self) -> Response[Any] | None:
        """The response to fill, if somebody has asked for it."""
        return getattr(self.first, "_own_response", None)

    def background(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> None:
        """Call a function when the response has left, unless the request fails.

        The application keeps track of it: at its end it waits for what still runs, for ``DRAIN_TIMEOUT`` seconds at the most.
        What fails is logged, with the request's id.

        Args:
            function: asynchronous or not; a plain ``def`` runs in a thread.
            *args: its arguments.
            **kwargs: likewise.

        Raises:
            ConfigError: no application is answering, or it is no function.
        """
        works_of(function)
        leave(self, (functools.partial(function, *args, **kwargs),))

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

    @property
    def exception(self) -> BaseException | None:
        """What went wrong while answering, if anything did; all requests of one scope have the same."""
        failure: BaseException | None = self.first._exception  # noqa: SLF001 - the first is of our own class
        return failure

    @exception.setter
    def exception(self, error: BaseException | None) -> None:
        self.first._exception = error  # noqa: SLF001 - as above

    def fail(self, error: BaseException) -> None:
        """Remember what went wrong, for the finished callbacks: that nobody is there any more hides no failure before it."""
        if self.exception is None or not isinstance(error, ClientDisconnect):
            self.exception = error

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


def _gives(receive: Receive, request: Request) -> bool:
    """Tell whether what is received is the content of a request, from its beginning."""
    return isinstance(receive, Replay) and receive.body is request.content


def _look_again(request: Request, response: object) -> None:
    """Be a response callback: a handler's result is then looked at once more, and what was filled is put on it."""


def _links(links: Iterable[str]) -> RawHeaders:
    if isinstance(links, str):
        raise TypeError(f"send_early_hints() takes a list of links: [{links!r:.60}]")
    return [(b"link", field_value(link, "link")) for link in links]
