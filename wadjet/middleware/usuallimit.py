"""The usual limit, written out: one policy, counted in this process, at a cost of one, asked around an application."""

from __future__ import annotations

import time
from typing import Any, NamedTuple

from ..http.constantfields import ConstantFields
from ..http.request import Request
from ..security.ratelimit import SECOND, Sliding, Verdict
from .ratecounters import MemoryCounter
from .ratekeys import Key
from .ratepolicy import Limit

__all__ = ["UsualLimit"]

_OWN = (b"x-ratelimit-remaining", b"x-ratelimit-reset", b"ratelimit", b"retry-after")


class _Told(NamedTuple):
    """The lines that name whole seconds: all but how much is left, which stands between each two of them."""

    #: Which seconds these are, in nanoseconds.
    resets_after: int
    resets: int
    renews_after: int
    renews: int
    #: The lines.
    first: bytes
    second: bytes
    third: bytes


class UsualLimit:
    """Does what a middleware does with a limit, one call less at each step.

    Args:
        limit: the limit, which is told in its own words wherever there is more to say.
        key: whose requests are counted together.
        counter: where.
    """

    __slots__ = ("_counter", "_fields", "_key", "_limit", "_name", "_told", "_window")

    def __init__(self, limit: Limit, key: Key, counter: MemoryCounter) -> None:
        policy = limit.policies[0]
        self._limit = limit
        self._key = key
        self._counter = counter
        self._window: Sliding = counter.windows[0]
        self._fields = ConstantFields(limit.constant_fields(policy), own=_OWN)
        self._name = policy.name.encode()
        #: What was told last. Threads may take turns here: it is one thing.
        self._told = _Told(-1, -1, -1, -1, b"", b"", b"")

    @classmethod
    def of(cls, limit: Limit) -> UsualLimit | None:
        """Return the usual way of a limit; None where there is more to it."""
        found = limit.usual()
        return None if found is None else cls(limit, *found)

    def before(self, request: Request) -> None:
        """Count the request.

        Raises:
            TooManyRequests: it is one too many.
        """
        key = self._key(request)
        if key is None:
            return
        now = time.monotonic_ns()
        if now >= self._counter.due:
            self._counter.tidy_later(now)
        found = self._window.use_one(key, now)
        first: Any = request if request._parent is None else request._parent  # noqa: SLF001 - :attr:`first`, written out
        first.rate_counted = self, found, first.rate_counted
        if not found[0]:
            refusal = self._limit.refusal([Verdict(*found)])
            assert refusal is not None
            raise refusal

    def after(self, request: Request, response: Any) -> None:
        """Say how much is left."""
        first: Any = request if request._parent is None else request._parent  # noqa: SLF001 - as above
        counted = first.rate_counted
        if counted is None or counted[0] is not self:
            return  # it was not counted
        _, verdict, first.rate_counted = counted
        _, remaining, wait, renewal, reset = verdict
        if wait or 300 <= response.status_code < 400:
            self._limit.tell([Verdict(*verdict)], response)
            return
        # Rounded up, as all times are: who waits so long has waited long enough.
        resets = time.time_ns() + reset
        resets_after, resets_until, renews_after, renews_until, one, two, three = self._told
        if not (resets_after < resets <= resets_until and renews_after < renewal <= renews_until):
            told = self._told = self._lines_of(-(-resets // SECOND), -(-renewal // SECOND))
            one, two, three = told[4:]
        left = b"%d" % remaining
        response.add_constant_lines(self._fields, b"".join((one, left, two, left, three)))

    def _lines_of(self, resets: int, renews: int) -> _Told:
        """Return the lines of one second; nobody waits who has been let in."""
        return _Told(
            (resets - 1) * SECOND,
            resets * SECOND,
            (renews - 1) * SECOND,
            renews * SECOND,
            b"x-ratelimit-remaining: ",
            b'\r\nx-ratelimit-reset: %d\r\nratelimit: "%b";r=' % (resets, self._name),
            b";t=%d\r\nretry-after: 0\r\n" % renews,
        )
