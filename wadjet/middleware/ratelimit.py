"""RateLimitMiddleware and rate_limit: so many requests in any window, and every answer says how many are left."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar, cast

from ..conf.settings import Settings
from ..errors import ConfigError
from ..http.exceptions import ServiceUnavailable
from ..http.request import Request
from ..routing.checked import checked
from ..routing.route import Route
from ..security.ratelimit import Verdict
from ..stores.redis import RedisStore, redis_url
from ..stores.store import StoreUnavailable
from ..types import ASGIApp, Scope
from .base import BaseMiddleware
from .order import check_order, inside
from .ratekeys import KeyFunction
from .ratepolicy import Limit, RatePolicy
from .usuallimit import UsualLimit

__all__ = ["RateLimitMiddleware", "RatePolicy", "rate_limit"]

F = TypeVar("F", bound=Callable[..., Any])

_BACKENDS = ("memory", "redis")
_ON_ERROR = ("allow", "deny")


def _chosen(name: str, value: str, choices: Sequence[str]) -> str:
    if value not in choices:
        raise ConfigError(f"{name}={value!r} is not one of {', '.join(choices)}")
    return value


def _store_of(settings: Settings) -> RedisStore | None:
    if _chosen("RATE_LIMIT_BACKEND", settings.RATE_LIMIT_BACKEND, _BACKENDS) == "memory":
        return None
    return RedisStore(redis_url(settings.REDIS_URL, settings.CACHES), timeout=settings.REDIS_TIMEOUT)


class RateLimitMiddleware(BaseMiddleware):
    """Answers 429 to a client that asks too often, and tells each how much is left.

    Args:
        app: the application inside.
        max_requests: in any window; ``RATE_LIMIT_REQUESTS``.
        window_seconds: its length; ``RATE_LIMIT_WINDOW``.
        key_func: gives the key of a scope, instead of ``RATE_LIMIT_BY``; None for what is not counted.
        policies: several limits at once, instead of all the above; a request has to keep to each.
        cost: what one request counts for, or a function of the scope that says it.

    Raises:
        ConfigError: settings that cannot be.
    """

    def __init__(
        self,
        app: ASGIApp,
        max_requests: int | None = None,
        window_seconds: float | None = None,
        key_func: KeyFunction | None = None,
        *,
        policies: Sequence[RatePolicy] = (),
        cost: int | Callable[[Scope], int] = 1,
    ) -> None:
        super().__init__(app)
        settings = self.settings
        if not policies:
            policies = (
                RatePolicy(
                    settings.RATE_LIMIT_REQUESTS if max_requests is None else max_requests,
                    settings.RATE_LIMIT_WINDOW if window_seconds is None else window_seconds,
                    key_func or settings.RATE_LIMIT_BY,
                ),
            )
        elif (max_requests, window_seconds, key_func) != (None, None, None):
            raise ConfigError("RateLimitMiddleware takes policies, or max_requests and the others; not both")
        if any(policy.by == "user" for policy in policies):
            self.uses = frozenset({"user"})
            check_order(list(inside(self)))
        self._limit = Limit(policies, _store_of(settings), name="all", cost=cost, where="RATE_LIMIT_BY")
        self._is_denied = _chosen("RATE_LIMIT_ON_ERROR", settings.RATE_LIMIT_ON_ERROR, _ON_ERROR) == "deny"
        # PERF(bench: stack_rate_limit): one policy in memory is what most have.
        usual = UsualLimit.of(self._limit)
        hooks = type(self).before, type(self).after
        if usual is not None and hooks == (RateLimitMiddleware.before, RateLimitMiddleware.after):
            self.before, self.after = usual.before, usual.after  # type: ignore[method-assign]  # the same, with fewer steps

    def before(self, request: Request) -> Awaitable[None] | None:
        """Count the request, and refuse it if it is one too many."""
        found = self._limit.use(request)
        if found is None:
            return None
        if not isinstance(found, list):
            return self._shared(request, found)
        self._limit.tidy_later()
        self._decide(request, found)
        return None

    async def _shared(self, request: Request, pending: Awaitable[list[Verdict]]) -> None:
        try:
            verdicts = await pending
        except StoreUnavailable:  # which the store has logged, once
            if self._is_denied:
                raise ServiceUnavailable(retry_after=1) from None
            return
        self._decide(request, verdicts)

    def _decide(self, request: Request, verdicts: list[Verdict]) -> None:
        first = request.first
        first.rate_counted = self, verdicts, first.rate_counted
        refusal = self._limit.refusal(verdicts)
        if refusal is not None:
            raise refusal

    def after(self, request: Request, response: Any) -> None:
        """Say how much is left."""
        first = request.first
        if first.rate_counted is not None and first.rate_counted[0] is self:
            _, verdicts, first.rate_counted = first.rate_counted
            self._limit.tell(verdicts, response)

    async def close(self) -> None:
        """Let go of connections."""
        if self._limit.redis is not None:
            await self._limit.redis.store.close()


def rate_limit(
    max_requests: int = 60,
    window_seconds: float = 60.0,
    *,
    by: str | KeyFunction = "ip",
    cost: int | Callable[[Scope], int] = 1,
) -> Callable[[F], F]:
    """Decorate a handler that a client may ask so often in any window; one request more raises TooManyRequests.

    Stands below the verb, on a function or on a method of a view. Each handler that is decorated counts for itself, in this
    process.

    Args:
        max_requests: in any window.
        window_seconds: its length.
        by: who is counted, as :class:`RatePolicy`.
        cost: what one request counts for, or a function of the scope that says it.

    Raises:
        ConfigError: numbers that cannot be, or a place above the verb.
        SignatureError: the handler does not take the request, and has annotations that are not known yet.
    """
    policy = RatePolicy(max_requests, window_seconds, by)

    def decorate(function: F) -> F:
        if isinstance(function, Route):
            raise ConfigError(
                f"{function.where}: rate_limit stands above the verb; write it below, next to the function"
            )
        return cast(
            "F", checked(function, Limit([policy], None, name="view", cost=cost).count, "a rate limit")
        )

    return decorate
