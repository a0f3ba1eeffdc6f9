import asyncio
import contextvars
import functools
import threading
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wadjet.concurrency import ThreadPool, is_async, iterate_in_thread

SEEN: contextvars.ContextVar[int] = contextvars.ContextVar("SEEN", default=0)
POOL = ThreadPool("wadjet-test", 4)


async def coroutine() -> None: ...
async def generator() -> AsyncIterator[int]:
    yield 1


def plain() -> None: ...


class Asynchronous:
    async def __call__(self) -> None: ...
    async def method(self) -> None: ...


class Plain:
    def __call__(self) -> None: ...


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (coroutine, True),
        (functools.partial(coroutine), True),
        (functools.partial(functools.partial(coroutine)), True),
        (Asynchronous(), True),
        (functools.partial(Asynchronous()), True),
        (Asynchronous().method, True),
        (plain, False),
        (Plain(), False),
        (Asynchronous, False),
        (generator, False),
        (len, False),
        (5, False),
    ],
)
def test_whether_a_call_gives_an_awaitable_is_told(function: Any, expected: bool) -> None:
    assert is_async(function) is expected


def test_a_pool_calls_in_a_thread_of_its_name_and_a_copy_of_the_context() -> None:
    def call(a: int, *, b: int) -> tuple[int, str]:
        SEEN.set(SEEN.get() + 1)
        return a + b + SEEN.get(), threading.current_thread().name

    async def run() -> None:
        SEEN.set(10)
        value, name = await POOL.run(call, 1, b=2)
        assert (value, SEEN.get()) == (14, 10)
        assert name.startswith("wadjet-test")

    asyncio.run(run())


def test_a_pool_has_a_limit_and_raises_what_is_raised() -> None:
    pool, running, most = ThreadPool("wadjet-small", 2), [], []

    def call() -> None:
        running.append(1)
        most.append(len(running))
        time.sleep(0.01)
        running.pop()

    async def run() -> None:
        await asyncio.gather(*(pool.run(call) for _ in range(6)))
        with pytest.raises(ZeroDivisionError):
            await pool.run(lambda: 1 / 0)

    asyncio.run(run())
    pool.shutdown()
    assert max(most) == 2


def test_a_pool_can_be_used_again_after_its_shutdown() -> None:
    pool = ThreadPool("wadjet-again", 1)
    pool.shutdown()
    assert asyncio.run(pool.run(lambda: 1)) == 1
    pool.shutdown()
    assert asyncio.run(pool.run(lambda: 2)) == 2
    pool.shutdown()


@given(st.lists(st.integers(), max_size=50), st.integers(1, 20))
def test_every_item_arrives_in_order(items: list[int], limit: int) -> None:
    async def run() -> list[int]:
        return [item async for item in iterate_in_thread(POOL, iter(items), limit)]

    assert asyncio.run(run()) == items


def test_a_producer_is_never_more_than_the_limit_ahead() -> None:
    made = 0

    def items() -> Iterator[bytes]:
        nonlocal made
        for _ in range(100):
            made += 1
            yield b"x" * 1000

    async def run() -> None:
        taken, ahead = 0, 0
        async for _ in iterate_in_thread(POOL, items(), 5000):
            taken += 1
            await asyncio.sleep(0.001)
            ahead = max(ahead, made - taken)
        assert taken == 100
        assert ahead <= 14  # a batch that was taken and one that is ready

    asyncio.run(run())


def test_a_failure_of_the_iterable_arrives_after_its_items() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise LookupError

    async def run() -> None:
        got = []
        with pytest.raises(LookupError):
            async for item in iterate_in_thread(POOL, items()):
                got.append(item)
        assert got == [1]

    asyncio.run(run())


def test_the_iterable_is_closed_in_its_own_thread_when_the_consumer_leaves() -> None:
    threads: list[int] = []
    closed = threading.Event()

    def items() -> Iterator[int]:
        try:
            while True:
                threads.append(threading.get_ident())
                yield 1
        finally:
            threads.append(threading.get_ident())
            closed.set()

    async def run() -> None:
        chunks = iterate_in_thread(POOL, items(), 3)
        async for _ in chunks:
            break
        await chunks.aclose()
        assert closed.is_set()

    asyncio.run(run())
    assert len(set(threads)) == 1


def test_a_consumer_that_is_cancelled_waits_until_the_iterable_is_closed() -> None:
    go_on, closed = threading.Event(), threading.Event()

    def items() -> Iterator[int]:
        try:
            yield 1
            go_on.wait()
            yield 2
        finally:
            closed.set()

    async def run() -> None:
        chunks = iterate_in_thread(POOL, items())
        assert await anext(chunks) == 1

        async def second() -> int:
            return await anext(chunks)

        waiting = asyncio.create_task(second())
        await asyncio.sleep(0)  # so that it waits for the thread
        waiting.cancel()
        await asyncio.sleep(0)
        assert not waiting.done()
        assert not closed.is_set()
        go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert closed.is_set()

    asyncio.run(run())


def test_what_cannot_be_iterated_is_an_error_and_no_hang() -> None:
    async def run() -> None:
        with pytest.raises(TypeError):
            async for _ in iterate_in_thread(POOL, 5):  # type: ignore[arg-type]
                pass

    asyncio.run(asyncio.wait_for(run(), 2))


def test_an_iterable_that_cannot_be_closed_is_an_error_and_no_hang() -> None:
    class Items:
        def __iter__(self) -> Iterator[int]:
            return self

        def __next__(self) -> int:
            raise StopIteration

        def close(self) -> None:
            raise LookupError

    async def run() -> None:
        with pytest.raises(LookupError):
            async for _ in iterate_in_thread(POOL, Items()):
                pass

    asyncio.run(asyncio.wait_for(run(), 2))


def test_an_iterable_sees_the_context_of_its_consumer() -> None:
    async def run() -> list[int]:
        SEEN.set(7)
        return [item async for item in iterate_in_thread(POOL, (SEEN.get() for _ in range(2)))]

    assert asyncio.run(run()) == [7, 7]
