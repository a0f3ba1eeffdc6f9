"""RedisStore: in Redis or Valkey, shared by every process that knows the address."""

from __future__ import annotations

import asyncio
import time
import weakref
from collections.abc import Awaitable, Callable, Mapping
from hashlib import sha1
from typing import TYPE_CHECKING, Any

from ..errors import ConfigError, MissingExtra
from .outage import Outage

if TYPE_CHECKING:
    from redis.asyncio import Redis

__all__ = ["RedisStore", "redis_url"]

#: Seconds of three hundred years: what is kept for longer is kept for as long. Redis refuses what it cannot count.
_LONGEST = 300 * 365 * 86_400

#: How many connections one event loop opens; who finds none free waits for one.
_CONNECTIONS = 64
#: Milliseconds of 0 are for ever.
_SWAP = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
if ARGV[3] == '0' then
  redis.call('SET', KEYS[1], ARGV[2])
else
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
end
return 1
"""


class RedisStore:
    """A :class:`~wadjet.stores.Store` in Redis.

    It connects when it is first used, on each event loop by itself, and again after a failure. When Redis does not answer,
    everything is :class:`StoreUnavailable` at once for half a second, and the log says so in one line.

    Args:
        url: ``redis://``, ``rediss://`` or ``unix://``, with options as redis-py reads them.
        prefix: what every key begins with.
        timeout: seconds that one operation may take, connecting included.
        clock: gives seconds, never fewer than before.

    Raises:
        MissingExtra: redis-py is not installed.
        ConfigError: the address is none.
    """

    __slots__ = ("_clients", "_outage", "_prefix", "_timeout", "_url")

    def __init__(
        self,
        url: str,
        *,
        prefix: str = "wadjet:",
        timeout: float = 0.1,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = url
        self._prefix = prefix
        self._timeout = timeout
        self._outage = Outage("Redis", clock)
        #: Connections belong to the loop that has opened them.
        self._clients: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Redis]
        self._clients = weakref.WeakKeyDictionary()
        self._made()

    async def get(self, key: str) -> bytes | None:
        """Return the value; None where there is none, or no more."""
        return (await self.get_many(key))[0]

    async def get_many(self, *keys: str) -> list[bytes | None]:
        """Return the value of each key, in one go."""
        values: list[bytes | None] = await self._done(lambda redis: redis.mget(self._named(keys)))
        return values

    async def set(self, key: str, value: bytes, ttl: float | None = None) -> None:
        """Keep a value, instead of the one that was there."""
        await self._done(lambda redis: redis.set(self._prefix + key, value, px=_milliseconds(ttl)))

    async def add(self, key: str, value: bytes, ttl: float | None = None) -> bool:
        """Keep a value where there is none; tell whether there was none."""
        made = await self._done(
            lambda redis: redis.set(self._prefix + key, value, px=_milliseconds(ttl), nx=True)
        )
        return made is not None

    async def swap(self, key: str, old: bytes, new: bytes, ttl: float | None = None) -> bool:
        """Keep a value instead of one that is known; tell whether it was still that one."""
        return bool(await self.run(_SWAP, (key,), old, new, _milliseconds(ttl) or 0))

    async def increment(self, key: str, amount: int = 1, ttl: float | None = None) -> int:
        """Add to a number, 0 where there is none, and return it; see :meth:`Store.increment`."""
        name = self._prefix + key

        def increment(redis: Redis) -> Awaitable[Any]:
            both = redis.pipeline(transaction=True)
            both.set(name, 0, px=_milliseconds(ttl), nx=True)
            both.incrby(name, amount)
            return both.execute()

        number: int = (await self._done(increment))[1]
        return number

    async def delete(self, *keys: str) -> None:
        """Forget values, if they are there."""
        await self._done(lambda redis: redis.delete(*self._named(keys)))

    async def run(self, script: str, keys: tuple[str, ...], *arguments: int | bytes) -> Any:
        """Run a script in Lua, which Redis does at once: nothing of others gets in between; return what it gives.

        Args:
            script: the same text each time.
            keys: what it touches.
            *arguments: its ``ARGV``.

        Raises:
            StoreUnavailable: as everything else.
        """
        from redis.exceptions import NoScriptError

        digest = sha1(script.encode(), usedforsecurity=False).hexdigest()
        given: list[Any] = [*self._named(keys), *arguments]

        async def run(redis: Redis) -> Any:
            try:
                return await redis.evalsha(digest, len(keys), *given)
            except NoScriptError:  # it has not seen the script since it was started
                return await redis.eval(script, len(keys), *given)

        return await self._done(run)

    async def close(self) -> None:
        """Let go of the connections of this event loop."""
        client = self._clients.pop(asyncio.get_running_loop(), None)
        if client is not None:
            await client.aclose()

    def _named(self, keys: tuple[str, ...]) -> list[str]:
        return [self._prefix + key for key in keys]

    def _made(self) -> Redis:
        """Return a client that has not connected yet."""
        try:
            from redis.asyncio import BlockingConnectionPool, Redis
            from redis.asyncio.retry import Retry
            from redis.backoff import NoBackoff
            from redis.exceptions import ConnectionError as Lost
        except ModuleNotFoundError as missing:
            raise MissingExtra('RedisStore needs redis-py: pip install "wadjet[redis]"') from missing
        # A connection that was lost while nobody used it is no failure: what meets it first tries again, once.
        retry = Retry(NoBackoff(), 1, (Lost,))
        try:
            pool = BlockingConnectionPool.from_url(
                self._url, max_connections=_CONNECTIONS, timeout=None, socket_timeout=None, retry=retry
            )
        except ValueError as error:
            # SECURITY: the address may hold a password, so it is not repeated.
            raise ConfigError(
                f"REDIS_URL is no address ({error}); write one as redis://host:6379/0"
            ) from None
        return Redis.from_pool(pool)

    async def _done(self, operation: Callable[[Redis], Awaitable[Any]]) -> Any:
        """Return what an operation gives.

        Raises:
            StoreUnavailable: Redis does not answer, or refuses.
            ValueError: what is kept there is not what the operation is for.
        """
        from redis.exceptions import RedisError, ResponseError

        self._outage.check()
        loop = asyncio.get_running_loop()
        client = self._clients.get(loop)
        if client is None:
            client = self._clients[loop] = self._made()
        try:
            async with asyncio.timeout(self._timeout):
                result = await operation(client)
        except ResponseError as error:
            if "not an integer" in str(error):
                raise ValueError(str(error)) from error
            raise self._outage.refuses(error) from error
        except (RedisError, OSError) as error:  # a time-out is an OSError
            raise self._outage.fails(error) from error
        self._outage.answers()
        return result


def _milliseconds(ttl: float | None) -> int | None:
    return None if ttl is None else max(1, round(min(ttl, _LONGEST) * 1000))


def redis_url(url: str | None, caches: Mapping[str, Any]) -> str:
    """Return the address of Redis that settings give: ``REDIS_URL``, else ``CACHES["default"]["OPTIONS"]["url"]``.

    Args:
        url: of the settings.
        caches: of the settings.

    Raises:
        ConfigError: they give none.
    """
    try:
        found = url or caches["default"]["OPTIONS"]["url"]
    except (KeyError, TypeError):
        found = None
    if not isinstance(found, str):
        raise ConfigError(
            "REDIS_URL is not set; set it in the settings or as WADJET_REDIS_URL, as redis://localhost:6379/0"
        )
    return found
