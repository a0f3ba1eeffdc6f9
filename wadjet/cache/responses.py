"""The cache of one route: what was made for one request answers others, if it is the same for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from ..http.parameters import split_list
from ..http.request import Request
from ..http.response import Response
from ..logs import caches as _log
from .keeping import hindrance, is_for_keeping
from .policy import Policy
from .shelf import Key, Shelf
from .stored import Stored

__all__ = ["ResponseCache"]

#: Fields of requests that are answered for themselves: content is no part of the key, and neither is who asks.
_CONTENT = frozenset({b"content-length", b"transfer-encoding"})
_WHO = b"authorization"

Run = Callable[[], Awaitable[Response[Any]]]


class ResponseCache:
    """Answers instead of a handler, where an answer that was made before will do.

    Args:
        policy: the route's.
        shelf: where answers are kept.
        where: file, line and handler, for the log.
    """

    __slots__ = ("_alone", "_epoch", "_flights", "_has_said", "_joins", "_policy", "_shelf", "_where")

    def __init__(self, policy: Policy, shelf: Shelf, where: str) -> None:
        self._policy = policy
        self._shelf = shelf
        self._where = where
        self._alone = _CONTENT if policy.is_private else _CONTENT | {_WHO}
        self._epoch = 0
        #: The runs of the handler whose answers others wait for.
        self._flights: dict[Key, asyncio.Future[Stored | None]] = {}
        #: Whether waiting is worth it: the last answer was nobody's own.
        self._joins = True
        self._has_said: set[str] = set()

    async def answer(self, request: Request, run: Run) -> Response[Any]:
        """Return what is kept for a request, or what its run gives; that is kept if it may be.

        Args:
            request: of the method GET or HEAD.
            run: calls the handler and makes a whole response of its result.
        """
        key = self._key(request)
        if key is None:
            return await run()
        stored = await self._shelf.find(key)
        if stored is not None:
            return stored.response()
        if request.method != "GET":
            return await run()
        flight = self._flights.get(key)
        if flight is None:
            return await self._led(key, request, run)
        stored = await asyncio.shield(flight) if self._joins else None
        if stored is None:
            return await run()
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
        for name, value in request.raw_headers:
            if name in self._alone and (value != b"0" or name == _WHO):
                return None
        path = request.sent_path or request.path
        # Case and escapes stay as they were sent: what is written otherwise has an answer of its own.
        key = (self._epoch, request.root_path, request.scheme, request.host, path, request.raw_query)
        fields = self._policy.vary
        return (*key, *(request.headers.joined(name) for name in fields)) if fields else key

    async def _led(self, key: Key, request: Request, run: Run) -> Response[Any]:
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
            return response if stored is None else stored.response(is_new=True)
        finally:
            del self._flights[key]
            flight.set_result(stored)

    async def _made(self, request: Request, run: Run) -> tuple[Response[Any], Stored | None]:
        """Run the handler, and return its answer in the form in which it is kept too, if it may be."""
        root, callbacks = request.root, len(request.response_callbacks)
        was_personal, root.is_personal = root.is_personal, False
        try:
            response = await run()
            reason = ""
            if root.is_personal:
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
