"""Is this asynchronous, and how to run what is not: named pools of threads with limits."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import inspect
import threading
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

__all__ = ["ThreadPool", "is_async", "is_generator", "iterate_in_thread"]

P = ParamSpec("P")
T = TypeVar("T")

_DONE = object()


def is_async(function: object) -> bool:
    """Tell whether calling ``function`` gives an awaitable.

    It does for a coroutine function, a partial of one, and an object whose ``__call__`` is one.
    """
    while isinstance(function, functools.partial):
        function = function.func
    if isinstance(function, type):  # its instances may be asynchronous, calling the class is not
        return False
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(
        getattr(function, "__call__", None)  # noqa: B004 - the method itself is asked, not whether it exists
    )


def is_generator(function: object) -> bool:
    """Tell whether calling ``function`` gives a generator, asynchronous or not."""
    return inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function)


class ThreadPool:
    """A named, bounded pool of threads for code that blocks.

    Args:
        name: what its threads are called in a debugger and in a stack dump.
        size: how many threads at the most; further calls wait in order.
    """

    __slots__ = ("_engaged", "_executor", "name", "size")

    def __init__(self, name: str, size: int) -> None:
        self.name = name
        self.size = size
        self._engaged = 0
        self._executor: ThreadPoolExecutor | None = None

    @property
    def executor(self) -> ThreadPoolExecutor:
        """The executor underneath, made at the first use and again after a shutdown."""
        if self._executor is None:
            self._executor = ThreadPoolExecutor(self.size, thread_name_prefix=self.name)
        return self._executor

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call ``function`` in a thread, in a copy of the caller's context: it sees context variables, it does not set them."""
        context = contextvars.copy_context()
        call = functools.partial(context.run, _called, functools.partial(function, *args, **kwargs))
        return await asyncio.get_running_loop().run_in_executor(self.executor, call)

    @property
    def has_room(self) -> bool:
        """Whether a thread is free to be engaged."""
        return self._engaged < self.size

    def engage(self, function: Callable[[], None]) -> asyncio.Future[None]:
        """Run ``function``, which may last, in a thread and in a copy of the caller's context; it counts until it has ended."""
        context = contextvars.copy_context()
        ended = asyncio.get_running_loop().run_in_executor(self.executor, context.run, function)
        self._engaged += 1
        ended.add_done_callback(self._disengage)
        return ended

    def _disengage(self, _: object) -> None:
        self._engaged -= 1

    def shutdown(self) -> None:
        """Let go of the threads when the calls that run, and those that wait for a thread, have ended; do not wait for them."""
        executor, self._executor = self._executor, None
        if executor is not None:
            executor.shutdown(wait=False)


def _called(call: Callable[[], T]) -> T:
    try:
        return call()
    except StopIteration as error:  # no future can carry it: its caller would wait for ever
        raise RuntimeError("a plain function raised StopIteration") from error


class _Conveyor:
    """Carries items from a blocking iterator in one thread to a loop, at most ``limit`` bytes ahead."""

    def __init__(self, items: Iterable[T], limit: int) -> None:
        self._items = items
        self._limit = limit
        self._loop = asyncio.get_running_loop()
        self._ready: list[object] = []
        self._size = 0
        self._room = threading.Condition()
        self._closed = False
        self._waiter: asyncio.Future[None] | None = None

    def produce(self) -> None:
        """Pull the iterator until it ends or the consumer has left; runs in the thread."""
        iterator: Iterator[object] | None = None
        try:
            iterator = iter(self._items)
            for item in iterator:
                if not self._offer(item):
                    break
        finally:
            try:
                close = getattr(iterator, "close", None)
                if close is not None:
                    close()
            finally:
                self._offer(_DONE)

    def _offer(self, item: object) -> bool:
        with self._room:
            self._room.wait_for(lambda: self._closed or self._size < self._limit)
            if self._closed:
                return False
            self._ready.append(item)
            self._size += (len(item) if isinstance(item, str | bytes | bytearray | memoryview) else 0) or 1
        self._loop.call_soon_threadsafe(self._wake)
        return True

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def take(self) -> list[object]:
        """Wait for items and return all that are ready."""
        while not self._ready:
            self._waiter = self._loop.create_future()
            await self._waiter
        with self._room:
            batch, self._ready, self._size = self._ready, [], 0
            self._room.notify_all()
        return batch

    def close(self) -> None:
        """Tell the thread that nobody listens any more."""
        with self._room:
            self._closed = True
            self._room.notify_all()


async def iterate_in_thread(
    pool: ThreadPool, items: Iterable[T], limit: int = 65536
) -> AsyncGenerator[T, None]:
    """Iterate a blocking iterable in one thread of ``pool`` without blocking the loop.

    It ends, and is closed or cancelled, when the thread has let go of the iterable.

    Args:
        pool: where the thread comes from; it is kept until the iterable ends or the consumer leaves.
        items: the iterable; if it is a generator it is closed in its own thread.
        limit: how many bytes (or items that have no length) may wait ahead of the consumer.
    """
    conveyor = _Conveyor(items, limit)
    thread = pool.engage(conveyor.produce)
    try:
        while True:
            for item in await conveyor.take():
                if item is _DONE:
                    return
                yield item  # type: ignore[misc]  # the conveyor carries T and the end mark
    finally:
        conveyor.close()
        await thread  # it may use until then what the consumer wants to let go of
