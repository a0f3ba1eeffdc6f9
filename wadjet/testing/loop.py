"""An event loop in a thread of its own, for callers that are not asynchronous."""

from __future__ import annotations

import asyncio
import threading
import weakref
from collections.abc import Coroutine
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, NamedTuple, TypeVar

__all__ = ["LoopThread"]

T = TypeVar("T")


class _Serving(NamedTuple):
    loop: asyncio.AbstractEventLoop
    stop: asyncio.Event

    def halt(self) -> None:
        with suppress(RuntimeError):  # the loop is closed already
            self.loop.call_soon_threadsafe(self.stop.set)


class LoopThread:
    """Run coroutines, from any thread, on one loop that starts when it is first needed.

    The thread ends at `close()`, or when the object is collected.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._serving: _Serving | None = None
        self.is_closed = False

    @property
    def is_running(self) -> bool:
        """Whether the loop has been needed, and is not closed."""
        return self._serving is not None

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run `coroutine` on the loop, in the caller's context variables, and give its result.

        Raises:
            RuntimeError: The loop is closed.
        """
        try:
            loop = self._start().loop
        except RuntimeError:
            coroutine.close()
            raise
        future = asyncio.run_coroutine_threadsafe(_outcome(coroutine), loop)
        try:
            result, error = future.result()
        except BaseException:  # an interrupt of the waiting thread
            future.cancel()
            raise
        if error is not None:
            raise error
        return result  # type: ignore[return-value]  # there is a result where there is no error

    def close(self) -> None:
        """Cancel what still runs on the loop, close it and end its thread."""
        with self._lock:
            self.is_closed = True
            thread, self._thread = self._thread, None
            serving, self._serving = self._serving, None
        if thread is not None and serving is not None:
            serving.halt()
            thread.join()

    def _start(self) -> _Serving:
        with self._lock:
            if self.is_closed:
                raise RuntimeError("The test client is closed.")
            if self._serving is None:
                ready: Future[_Serving] = Future()
                self._thread = threading.Thread(
                    target=_serve, args=(ready,), name="wadjet-test-client", daemon=True
                )
                self._thread.start()
                self._serving = ready.result()
                # No join here: collection may happen in any thread, this one's own included.
                weakref.finalize(self, self._serving.halt)
            return self._serving


def _serve(ready: Future[_Serving]) -> None:
    async def wait() -> None:
        serving = _Serving(asyncio.get_running_loop(), asyncio.Event())
        ready.set_result(serving)
        await serving.stop.wait()

    with asyncio.Runner() as runner:
        runner.run(wait())


async def _outcome(coroutine: Coroutine[Any, Any, T]) -> tuple[T | None, BaseException | None]:
    # SystemExit and KeyboardInterrupt must reach the caller, not end the loop: hence a value, not a raise.
    try:
        return await coroutine, None
    except BaseException as error:
        return None, error
