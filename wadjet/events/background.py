"""Background work: what is left to do when a response has left. It is kept track of, waited for at the end, and reported."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable

from ..concurrency import ThreadPool, is_async
from ..http.works import Work
from ..logs import errors as _log
from ..logs import lifecycle

__all__ = ["Background"]


class Background:
    """The work of one application that runs beside its requests.

    Args:
        pool: where a plain ``def`` runs.
    """

    def __init__(self, pool: ThreadPool) -> None:
        self._pool = pool
        self._tasks: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        """Return how many pieces of work run."""
        return len(self._tasks)

    def start(self, works: Iterable[Work], identifier: str) -> None:
        """Begin with work, one piece after the other; a piece that fails keeps none of the others from running.

        Args:
            works: functions without arguments.
            identifier: what the work is called in the log when it fails: the request, and its id.
        """
        task = asyncio.create_task(self._run(tuple(works), identifier), name="wadjet-background")
        self._tasks.add(task)  # the loop alone would let go of it
        task.add_done_callback(self._tasks.discard)

    async def _run(self, works: tuple[Work, ...], identifier: str) -> None:
        for work in works:
            try:
                if is_async(work):
                    await work()  # type: ignore[misc]  # as is_async() has found
                else:
                    result = await self._pool.run(work)
                    if isinstance(result, Awaitable):
                        await result
            except asyncio.CancelledError:
                lifecycle.error(
                    "background work %r of %s was cancelled: the application stops", work, identifier
                )
                raise
            except Exception:
                _log.exception("background work %r of %s failed", work, identifier)

    async def drain(self, seconds: float) -> None:
        """Wait for what runs, and for what that starts itself; what takes longer is cancelled and said in the log.

        Args:
            seconds: how long to wait at the most.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while self._tasks and (left := end - loop.time()) > 0:
            await asyncio.wait(self._tasks, timeout=left)
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
