"""Where the uses of rate limits are counted: in this process, or in Redis for all of them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from ..security.ratelimit import SECOND, STRIPES, Sliding, Verdict, verdict
from ..stores.redis import RedisStore

__all__ = ["MemoryCounter", "RedisCounter"]

#: How many stripes are looked after before others have their turn.
_AT_ONCE = 4

#: Lists of the moments of uses, one for each limit. KEYS: the lists. ARGV: the cost, then each limit with its window in
#: microseconds. Gives whether the use is allowed and the moment; then for each limit how much is used, and the moments of
#: the oldest use, the newest, and the one that must end first, or 0.
_SCRIPT = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local cost = tonumber(ARGV[1])
for i, key in ipairs(KEYS) do
  local newest = tonumber(redis.call('LINDEX', key, -1) or 0)
  if newest > now + ARGV[2 * i + 1] then
    redis.call('DEL', key)
  elseif newest > now then
    now = newest
  end
end
local allowed = 1
for i, key in ipairs(KEYS) do
  local ended = now - ARGV[2 * i + 1]
  while tonumber(redis.call('LINDEX', key, 0) or now) <= ended do
    redis.call('LPOP', key)
  end
  if redis.call('LLEN', key) + cost > tonumber(ARGV[2 * i]) then
    allowed = 0
  end
end
local answer = {allowed, now}
for i, key in ipairs(KEYS) do
  if allowed == 1 and cost > 0 then
    for _ = 1, cost do
      redis.call('RPUSH', key, string.format('%.0f', now))
    end
    redis.call('PEXPIRE', key, math.ceil(ARGV[2 * i + 1] / 1000))
  end
  local used = redis.call('LLEN', key)
  local lacking = math.min(math.max(used + cost - ARGV[2 * i], 0), used)
  answer[#answer + 1] = used
  answer[#answer + 1] = tonumber(redis.call('LINDEX', key, 0) or 0)
  answer[#answer + 1] = tonumber(redis.call('LINDEX', key, -1) or 0)
  answer[#answer + 1] = lacking > 0 and tonumber(redis.call('LINDEX', key, lacking - 1)) or 0
end
return answer
"""


class MemoryCounter:
    """Counts in this process.

    Args:
        limits: each with its window in nanoseconds.
    """

    __slots__ = ("_longest", "due", "windows")

    def __init__(self, limits: Sequence[tuple[int, int]]) -> None:
        self.windows = [Sliding(limit, window) for limit, window in limits]
        self._longest = max(window for _, window in limits)
        #: When somebody looks after what has been used, if no request does.
        self.due = 0

    def use(self, keys: Sequence[str], cost: int, now: int) -> list[Verdict]:
        """Use one key of each limit, if all of them allow it.

        Args:
            keys: in the order of the limits.
            cost: how much of each.
            now: the moment in nanoseconds.
        """
        if len(keys) == 1:
            return [self.windows[0].use(keys[0], cost, now)]
        pairs = list(zip(self.windows, keys, strict=True))
        verdicts = [window.use(key, cost, now, only_looks=True) for window, key in pairs]
        if all(found.is_allowed for found in verdicts):
            verdicts = [window.use(key, cost, now) for window, key in pairs]
        return verdicts

    def tidy_later(self, now: int) -> None:
        """Let a timer forget what is over when requests have ceased; called on a loop."""
        if now >= self.due:
            self.due = now + 2 * self._longest
            asyncio.get_running_loop().call_later(self._longest / SECOND, self._tidy, 0)

    def _tidy(self, place: int) -> None:
        now = time.monotonic_ns()
        for window in self.windows:
            window.forget(now, place, _AT_ONCE)
        if place + _AT_ONCE < STRIPES:
            asyncio.get_running_loop().call_soon(self._tidy, place + _AT_ONCE)
        elif any(map(len, self.windows)):
            self.due = 0
            self.tidy_later(now)


class RedisCounter:
    """Counts in Redis, by its clock, for every process that asks it.

    Args:
        store: where.
        limits: each with its window in nanoseconds.
    """

    __slots__ = ("_arguments", "_limits", "store")

    def __init__(self, store: RedisStore, limits: Sequence[tuple[int, int]]) -> None:
        self.store = store
        # Redis tells the time in microseconds.
        self._limits = [(limit, max(1, window // 1000)) for limit, window in limits]
        self._arguments = [number for pair in self._limits for number in pair]

    async def use(self, keys: Sequence[str], cost: int) -> list[Verdict]:
        """Do as :meth:`MemoryCounter.use`, at once for all who ask.

        Raises:
            StoreUnavailable: Redis does not answer.
        """
        answer = await self.store.run(_SCRIPT, tuple(keys), cost, *self._arguments)
        is_allowed, now = bool(answer[0]), answer[1]
        verdicts = []
        for place, (limit, window) in enumerate(self._limits):
            used, *moments = answer[2 + 4 * place : 6 + 4 * place]
            oldest, newest, leaving = moments
            fits = is_allowed or used + cost <= limit
            found = verdict(used, limit, window, (oldest, newest, leaving), now, is_allowed=fits)
            verdicts.append(
                found._replace(wait=found.wait * 1000, renewal=found.renewal * 1000, reset=found.reset * 1000)
            )
        return verdicts
