"""The cache of one route: what was made for one request answers others, if it is the same for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from ..http.conditioned import tag_content
from ..http.parameters import split_list
from ..http.request import Request
from ..http.response import Response
from ..http.seam import AtOnce
from ..logs import caches as _log
from .keeping import hindrance, is_for_keeping
from .policy import Policy
from .shelf import Key, Shelf
from .stored import Stored

__all__ = ["ResponseCache"]

#: Fields of requests that are answered for themselves: content is no part of the key, and neither is who asks.
_CONTENT = frozenset({b"content-length", b"transfer-encoding"})
_WHO = b"authorization"
_COOKIE = frozenset({b"cookie"})
_NO_CONTENT = (b"content-length", b"0")

#: Calls the handler with its arguments, and makes a whole response of its result.
Run = Callable[[Request, dict[str, Any]], Awaitable[Response[Any]]]


class ResponseCache:
    """Answers instead of a handler, where an answer that was made before will do.

    Args:
        policy: the route's.
        shelf: where answers are kept.
        where: file, line and handler, for the log.
    """

    __slots__ = (
        "_alone",
        "_epoch",
        "_flights",
        "_has_said",
        "_joins",
        "_look",
        "_policy",
        "_shelf",
        "_watched",
        "_where",
        "at_once",
    )

    def __init__(self, policy: Policy, shelf: Shelf, where: str) -> None:
        self._policy = policy
        self._shelf = shelf
        self._look = shelf.look
        self._where = where
        #: Finds answers that only have to be sent; None where uses are counted, or waiting is needed.
        self.at_once: AtOnce | None = None if self._look is None or policy.rate is not None else self._ready
        self._alone = _CONTENT if policy.is_private else _CONTENT | {_WHO}
        self._watched = _COOKIE.difference(name.encode() for name in policy.vary)
        self._epoch = 0
        #: The runs of the handler whose answers others wait for.
        self._flights: dict[Key, asyncio.Future[Stored | None]] = {}
        #: Whether waiting is worth it: the last answer was nobody's own.
        self._joins = True
        self._has_said: set[str] = set()

    def kept(self, request: Request) -> Response[Any] | None:
        """Return what is kept in this process for a request; None where :meth:`answer` has to be asked."""
        if self._look is None:
            return None
        key = self._key(request)
        stored = None if key is None else self._look(key)
        return None if stored is None else stored.response()

    def _ready(self, request: Request) -> Response[Any] | None:
        key, look = self._key(request), self._look
        stored = None if key is None or look is None else look(key)
        return None if stored is None else stored.ready_response()

    async def answer(self, run: Run, request: Request, bound: dict[str, Any]) -> Response[Any]:
        """Return what is kept for a request, or what its run gives; that is kept if it may be.

        Args:
            run: runs the handler.
            request: of the method GET or HEAD.
            bound: the arguments of the handler.
        """
        key = self._key(request)
        if key is None:
            return await run(request, bound)
        # PERF(bench: wire_cached): what is in this process is found without waiting.
        stored = self._look(key) if self._look is not None else await self._shelf.find(key)
        if stored is not None:
            return stored.response()
        if request.method != "GET":
            return await run(request, bound)
        flight = self._flights.get(key)
        if flight is None:
            return await self._led(key, request, partial(run, request, bound))
        stored = await asyncio.shield(flight) if self._joins else None
        if stored is None:
            return await run(request, bound)
        stored.take()
        return stored.response()

    async def invalidate(self) -> None:
        """Forget every answer, those included that are being made.

        Raises:
            StoreUnavailable: other processes cannot be told.
        """
        self._epoch += 1
        await self._shelf.forget()

    def _key(self, request: Request) -> Key | None:
        """Return what the answer to a request depends on; None where it is for this request alone."""
        sent = dict(request.raw_headers)
        if not self._alone.isdisjoint(sent) and self._is_alone(sent):
            return None
        # Case and escapes stay as they were sent: what is written otherwise has an answer of its own.
        path = request.sent_path or request.path
        key = (self._epoch, request.root_path, request.scheme, sent.get(b"host"), path, request.raw_query)
        fields = self._policy.vary
        return (*key, *(request.headers.joined(name) for name in fields)) if fields else key

    def _is_alone(self, sent: Mapping[bytes, bytes]) -> bool:
        """Tell whether one of the fields says that a request is answered for itself: that there is no content says it not."""
        return any(name in sent and (name, sent[name]) != _NO_CONTENT for name in self._alone)

    async def _led(
        self, key: Key, request: Request, run: Callable[[], Awaitable[Response[Any]]]
    ) -> Response[Any]:
        """Run the handler, for this request and for those that wait for its answer."""
        flight = self._flights[key] = asyncio.get_running_loop().create_future()
        stored: Stored | None = None
        try:
            stored, mark = await self._shelf.begin(key)
            if stored is not None:
                return stored.response()
            try:
                response, stored = await self._made(request, run)
            finally:
                await self._shelf.end(key, mark, stored)
            return response if stored is None else stored.first_response()
        finally:
            del self._flights[key]
            flight.set_result(stored)

    async def _made(
        self, request: Request, run: Callable[[], Awaitable[Response[Any]]]
    ) -> tuple[Response[Any], Stored | None]:
        """Run the handler, and return its answer in the form in which it is kept too, if it may be."""
        root, callbacks = request.first, len(request.response_callbacks)
        was_personal, root.is_personal = root.is_personal, False
        # Who makes a request by hand may change its fields, so they are not watched.
        watched = None if request.is_made else request.watch_headers(self._watched)
        try:
            response = await run()
            reason = ""
            if root.is_personal or (watched is not None and watched.was_read):
                reason = "the handler has read the user, the session, cookies or a token of the request"
            elif len(request.response_callbacks) > callbacks:
                reason = "the handler has added a response callback, which would not run for others"
        finally:
            root.is_personal = root.is_personal or was_personal
        if not is_for_keeping(response, self._policy):
            return response, None
        reason = reason or hindrance(response, self._policy)
        self._joins = not reason
        if reason:
            self._say(reason)
            return response, None
        return response, self._stored(response)

    def _say(self, reason: str) -> None:
        """Say once what keeps the cache from doing what it was asked for."""
        if reason not in self._has_said:
            self._has_said.add(reason)
            _log.warning("%s: an answer was not kept: %s", self._where, reason)

    def _stored(self, response: Response[Any]) -> Stored:
        policy, clock = self._policy, self._shelf.clock
        if response.tags_content:
            tag_content(response)
        fields = [field for field in response.final_headers() if field[0] not in _CONTENT]
        # RFC 9110 §12.5.5: whatever is between the client and here has to know what the answer depends on.
        said = {name.lower() for field in response.field_values(b"vary") for name in split_list(field)}
        unsaid = [name for name in policy.vary if name not in said]
        if unsaid:
            fields.append((b"vary", ", ".join(unsaid).encode()))
        return Stored(
            response.body,
            tuple(fields),
            clock(),
            clock,
            left=None if policy.rate is None else policy.rate - 1,
            is_conditional=response.conditional_response,
        )
