"""Limit: policies, where they are counted, and what an answer says of them."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from ..errors import ConfigError
from ..http.constantfields import ConstantFields, FieldPairs
from ..http.exceptions import TooManyRequests
from ..http.request import Request
from ..security.ratelimit import SECOND, Verdict
from ..stores.redis import RedisStore
from ..types import Scope
from .ratecounters import MemoryCounter, RedisCounter
from .ratekeys import Key, KeyFunction, key_of

__all__ = ["Limit", "RatePolicy"]

#: Seconds of the longest window: what is counted is kept for so long.
_LONGEST = 31 * 86_400


@dataclasses.dataclass(frozen=True)
class RatePolicy:
    """So many requests of one client in any window.

    Args:
        max_requests: how many; 0 for none at all.
        window_seconds: the length of the window.
        by: who is counted: ``ip``, ``user`` (``ip`` for who is not known), ``anon`` (``ip``, and nobody who is
            known), ``path`` (and ``ip``), or a function of the scope.
        name: what the fields call it.

    Raises:
        ConfigError: a number that cannot be, or a name that is no plain text.
    """

    max_requests: int
    window_seconds: float = 60
    by: str | KeyFunction = "ip"
    name: str = "default"

    def __post_init__(self) -> None:
        if type(self.max_requests) is not int or self.max_requests < 0:
            raise ConfigError(
                f"max_requests={self.max_requests!r} is no number of requests; write one, as 100"
            )
        if type(self.window_seconds) not in {int, float} or not 0 < self.window_seconds <= _LONGEST:
            raise ConfigError(
                f"window_seconds={self.window_seconds!r} is no time above 0 and up to 31 days; write seconds, as 60"
            )
        # RFC 9651 §3.3.3: what a string can hold without being escaped.
        if not (self.name.isascii() and self.name.isprintable()) or {'"', "\\"} & set(self.name):
            raise ConfigError(f"name={self.name!r} is no plain text; call the policy as 'burst'")

    @property
    def window(self) -> int:
        """The length of the window in nanoseconds."""
        return round(self.window_seconds * SECOND)

    @property
    def field(self) -> str:
        """A member of RateLimit-Policy; a window that is not of whole seconds cannot be told there."""
        window = f";w={self.window_seconds:.0f}" if self.window_seconds % 1 == 0 else ""
        return f'"{self.name}";q={self.max_requests}{window}'


class Limit:
    """Policies, where they are counted, and what is said of them.

    Args:
        policies: one at least.
        store: Redis, where it counts for all processes; None for this process.
        name: what keys of the store begin with.
        cost: of one request, or a function of the scope that gives it.
        where: who says by whom is counted, for messages.
    """

    def __init__(
        self,
        policies: Sequence[RatePolicy],
        store: RedisStore | None,
        *,
        name: str,
        cost: int | Callable[[Scope], int] = 1,
        where: str = "by",
    ) -> None:
        _check_names([policy.name for policy in policies])
        self.policies = policies
        self._cost = cost
        self._keys = [key_of(policy.by, where) for policy in policies]
        limits = [(policy.max_requests, policy.window) for policy in policies]
        self._memory = MemoryCounter(limits) if store is None else None
        self.redis = None if store is None else RedisCounter(store, limits)
        self._names = [f'"{policy.name}"'.encode() for policy in policies]
        self._prefixes = [f"rate:{name}:{policy.name}:" for policy in policies]
        self._constants = [ConstantFields(self.constant_fields(policy)) for policy in policies]

    def constant_fields(self, policy: RatePolicy) -> dict[str, str]:
        """Return the fields that are the same for all answers that a policy is told of."""
        described = ", ".join(each.field for each in self.policies)
        return {"x-ratelimit-limit": str(policy.max_requests), "ratelimit-policy": described}

    def usual(self) -> tuple[Key, MemoryCounter] | None:
        """Return the key and the counter of one policy in memory, at a cost of one; None where there is more to it."""
        if self._memory is None or len(self.policies) > 1 or self._cost != 1:
            return None
        return self._keys[0], self._memory

    def use(self, request: Request) -> list[Verdict] | Awaitable[list[Verdict]] | None:
        """Count a request; None for what is not counted."""
        keys = []
        for key in self._keys:
            found = key(request)
            if found is None:
                return None
            keys.append(found)
        cost = self._cost if isinstance(self._cost, int) else self._cost_of(request)
        if self._memory is None:
            assert self.redis is not None
            return self.redis.use(
                [prefix + key for prefix, key in zip(self._prefixes, keys, strict=True)], cost
            )
        return self._memory.use(keys, cost, time.monotonic_ns())

    def tidy_later(self) -> None:
        """Let a timer forget what is over; called on a loop."""
        if self._memory is not None:
            self._memory.tidy_later(time.monotonic_ns())

    def _cost_of(self, request: Request) -> int:
        assert callable(self._cost)
        cost: Any = self._cost(request.scope)
        if type(cost) is not int or cost < 0:
            raise ConfigError(f"the cost of a request is a whole number from 0, not {cost!r}")
        return cost

    def count(self, request: Request) -> None:
        """Count a request in memory, and let its answer say how much is left.

        Raises:
            TooManyRequests: it is one too many.
        """
        verdicts = self.use(request)
        if not isinstance(verdicts, list):
            return
        request.add_response_callback(lambda _, response: self.tell(verdicts, response))
        refusal = self.refusal(verdicts)
        if refusal is not None:
            raise refusal

    def refusal(self, verdicts: Sequence[Verdict]) -> TooManyRequests | None:
        """Return what answers a request that is one too many; None for one that is not."""
        refused = [place for place, found in enumerate(verdicts) if not found.is_allowed]
        if not refused:
            return None
        place = max(refused, key=lambda place: verdicts[place].wait)
        seconds, policy = _seconds(verdicts[place].wait), self.policies[place]
        error = TooManyRequests(
            seconds,
            f"Rate limit exceeded: {policy.max_requests} requests per {policy.window_seconds:g}s.",
        )
        error.extensions["retry_after"] = seconds
        return error

    def tell(self, verdicts: Sequence[Verdict], response: Any) -> None:
        """Say on a response how much is left, unless a limit that is nearer to the handler has said it.

        Args:
            verdicts: one for each limit.
            response: whose head is told.
        """
        place = _nearest(verdicts)
        fields = self._fields(verdicts, place)
        # RFC 9110 §10.2.3: on a redirect it would ask the client to wait before following.
        if 300 <= response.status_code < 400:
            fields = fields[:-1]
        response.add_constant(self._constants[place])
        response.add_fields(fields)

    def _fields(self, verdicts: Sequence[Verdict], nearest: int) -> FieldPairs:
        """Return the fields that differ from answer to answer."""
        found = verdicts[nearest]
        told = [
            b"%b;r=%d;t=%d" % (name, each.remaining, _seconds(each.renewal))
            for name, each in zip(self._names, verdicts, strict=True)
        ]
        return (
            (b"x-ratelimit-remaining", b"%d" % found.remaining),
            (b"x-ratelimit-reset", b"%d" % _seconds(time.time_ns() + found.reset)),
            (b"ratelimit", b", ".join(told)),
            (b"retry-after", b"%d" % _seconds(max(each.wait for each in verdicts))),
        )


def _seconds(nanoseconds: int) -> int:
    """Return whole seconds, never too few."""
    return -(-nanoseconds // SECOND)


def _nearest(verdicts: Sequence[Verdict]) -> int:
    """Return the place of the limit that the client meets first."""
    return min(range(len(verdicts)), key=lambda place: (verdicts[place].remaining, -verdicts[place].wait))


def _check_names(names: Sequence[str]) -> None:
    if not names or len(set(names)) < len(names):
        raise ConfigError(f"policies {names} need a name each, as RatePolicy(10, 1, name='burst')")
