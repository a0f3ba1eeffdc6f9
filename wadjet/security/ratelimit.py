"""Rate limits as arithmetic: a sliding window over whole nanoseconds. No clock, and nothing waits."""

from __future__ import annotations

import ipaddress
import threading
from array import array
from bisect import bisect_right
from hashlib import blake2b
from typing import NamedTuple

__all__ = ["SECOND", "STRIPES", "Sliding", "Told", "Verdict", "lacking", "network_of", "short_key", "verdict"]

#: Nanoseconds in a second.
SECOND = 1_000_000_000

#: Into how many parts the keys are divided.
STRIPES = 256
#: How many keys one generation of one part holds: together about a million.
_MOST_KEYS = 2048
_LONGEST_KEY = 64


class Verdict(NamedTuple):
    """What a limit says of one request. Times are nanoseconds from the moment of the question."""

    is_allowed: bool
    #: How much more may be used at once.
    remaining: int
    #: Until as much as was asked for may be used; 0 when it may at once.
    wait: int
    #: Until more may be used than now; 0 when nothing has been used.
    renewal: int
    #: Until the whole limit may be used; 0 when it may at once.
    reset: int


#: A verdict, or a plain tuple that equals it: a fifth of the time.
Told = tuple[bool, int, int, int, int]


def lacking(used: int, limit: int, cost: int) -> int:
    """Return how many of the oldest uses must end until a request fits; of those there are, if it never does."""
    return min(max(used + cost - limit, 0), used)


def verdict(
    used: int, limit: int, window: int, moments: tuple[int, int, int], now: int, *, is_allowed: bool
) -> Verdict:
    """Return what is to be told after a decision.

    Args:
        used: how much counts now.
        limit: how much may be used in any window.
        window: its length.
        moments: of the oldest use, of the newest, and of the one whose end lets such a request in, 0 if it fits already.
        now: the moment.
        is_allowed: the decision.
    """
    if used == 0:
        # What costs more than the limit never fits; a whole window is the least that can be said.
        return Verdict(is_allowed, limit, 0 if is_allowed else window, 0, 0)
    oldest, newest, leaving = moments
    until = window - now
    return Verdict(
        is_allowed,
        limit - used if used < limit else 0,
        leaving + until if leaving else 0,
        oldest + until,
        newest + until,
    )


class _Stripe:
    """Some of the keys, in two generations: what nobody has used for a whole window goes with the older one."""

    __slots__ = ("ends", "lock", "older", "younger")

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.younger: dict[str, array[int]] = {}
        self.older: dict[str, array[int]] = {}
        #: When the younger generation becomes the older one.
        self.ends = 0

    def turn(self, window: int, now: int) -> None:
        """Let go of what is over."""
        if now >= self.ends:
            # After two windows without a word nothing of the younger one counts either.
            self.older = {} if now - self.ends >= window else self.younger
            self.younger = {}
            self.ends = now + window

    def uses_of(self, key: str, window: int, now: int) -> array[int]:
        """Return the moments that count now, open to change."""
        self.turn(window, now)
        uses = self.younger.get(key)
        if uses is None:
            if len(self.younger) >= _MOST_KEYS:
                # SECURITY: CWE-770: who has a million addresses makes us forget, and does not fill the memory.
                self.older, self.younger = self.younger, {}
                self.ends = now + window
            uses = self.older.pop(key, None)
            if uses is None:
                uses = array("q")
            self.younger[key] = uses
        if uses and uses[0] <= now - window:
            del uses[: bisect_right(uses, now - window)]
        return uses


class Sliding:
    """Counts the uses of keys, so that none has more than a limit in any window.

    A use counts from its moment on for exactly one window; what is refused does not count. Keys are divided into stripes, each
    with a lock of its own, and forgotten when they have not been used for a window, or two. It holds about a million of them.

    Args:
        limit: how much may be used in any window; with 0 nothing.
        window: its length in nanoseconds.
    """

    __slots__ = ("_next", "_stripes", "limit", "window")

    def __init__(self, limit: int, window: int) -> None:
        self.limit = limit
        self.window = window
        self._stripes = tuple(_Stripe() for _ in range(STRIPES))
        self._next = 0

    def __len__(self) -> int:
        return sum(len(stripe.younger) + len(stripe.older) for stripe in self._stripes)

    def use(self, key: str, cost: int, now: int, *, only_looks: bool = False) -> Verdict:
        """Use a key, if it may be used.

        Args:
            key: whose limit it is.
            cost: how much of it.
            now: the moment in nanoseconds, from 1, never before an earlier one.
            only_looks: say what would be said, and use nothing.
        """
        # One stripe more than is asked for is looked after, so that each has its turn.
        self._next = place = (self._next + 1) & (STRIPES - 1)
        if now >= self._stripes[place].ends:
            self.forget(now, place, 1)
        limit, window = self.limit, self.window
        stripe = self._stripes[hash(key) & (STRIPES - 1)]
        with stripe.lock:
            uses = stripe.uses_of(key, window, now)
            used = len(uses)
            is_allowed = used + cost <= limit
            if is_allowed and not only_looks:
                if cost == 1:
                    uses.append(now)
                else:
                    uses.extend((now,) * cost)
                used += cost
            if not used:
                return verdict(0, limit, window, (0, 0, 0), now, is_allowed=is_allowed)
            count = lacking(used, limit, cost)
            moments = uses[0], uses[-1], uses[count - 1] if count else 0
        return verdict(used, limit, window, moments, now, is_allowed=is_allowed)

    def use_one(self, key: str, now: int) -> Told:
        """Do :meth:`use` at a cost of one; what is returned equals a verdict."""
        # PERF(bench: stack_rate_limit): nearly always there is a use already, and much is left.
        limit, window = self.limit, self.window
        stripe = self._stripes[hash(key) & (STRIPES - 1)]
        lock = stripe.lock
        lock.acquire()  # half the time of a with statement
        try:
            uses = stripe.younger.get(key) if now < stripe.ends else None
            if uses:
                until = uses[0] + window
                if until <= now:
                    # Who asks steadily has one use ending for each that begins.
                    del uses[: bisect_right(uses, now - window)]
                    until = uses[0] + window if uses else 0
                left = limit - len(uses) - 1
                if until and left > 0:
                    uses.append(now)
                    return True, left, 0, until - now, window
        finally:
            lock.release()
        return self.use(key, 1, now)

    def forget(self, now: int, first: int = 0, count: int = STRIPES) -> None:
        """Let go of what is over.

        Args:
            now: the moment.
            first: the first stripe to look after.
            count: how many; who has little time does not take all of them at once.
        """
        for stripe in self._stripes[first : first + count]:
            with stripe.lock:
                stripe.turn(self.window, now)


def network_of(address: str) -> str:
    """Return whose address it is: an IPv4 address itself, and for IPv6 the /64 network, which one client has to itself."""
    if ":" not in address:
        return address
    try:
        found = ipaddress.IPv6Address(address.partition("%")[0])
    except ValueError:
        return address
    return str(found.ipv4_mapped or ipaddress.IPv6Network((int(found) >> 64 << 64, 64)))


def short_key(key: str) -> str:
    """Return a key that is short, and differs where the key differs.

    SECURITY: a client that writes the key, as by a path, must not choose how much memory it takes.
    """
    if len(key) <= _LONGEST_KEY:
        return key
    return "#" + blake2b(key.encode("utf-8", "surrogatepass"), digest_size=24).hexdigest()
