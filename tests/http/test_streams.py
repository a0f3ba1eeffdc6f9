import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from wadjet import Wadjet
from wadjet.http.response import StreamingResponse
from wadjet.testing import AsyncTestClient, TestClient


async def collected(response: StreamingResponse, *, head: bool = False) -> list[bytes]:
    await response.begin(head=head)
    assert response.chunks is not None
    return [chunk async for chunk in response.chunks]


async def numbers() -> AsyncIterator[bytes]:
    yield b"1"
    yield b"2"


class Numbers:
    def __aiter__(self) -> AsyncIterator[bytes]:
        return numbers()


@pytest.mark.parametrize(
    "make",
    [
        lambda: numbers(),
        lambda: numbers,
        Numbers,
        lambda: [b"1", b"2"],
        lambda: iter([b"1", b"2"]),
        lambda: (chunk for chunk in (b"1", b"2")),
        lambda: lambda: [b"1", b"2"],
    ],
)
@pytest.mark.parametrize("media_type", [None, "text/plain", "text/event-stream"])
def test_content_is_any_iterable_or_a_callable_that_gives_one(make: Any, media_type: str | None) -> None:
    assert asyncio.run(collected(StreamingResponse(make(), media_type=media_type))) == [b"1", b"2"]


@pytest.mark.parametrize("content", ["text", b"bytes", 5, None])
def test_what_is_no_iterable_of_chunks_is_an_error(content: Any) -> None:
    with pytest.raises(TypeError, match="StreamingResponse takes an iterable of bytes or text, not"):
        asyncio.run(collected(StreamingResponse(content)))


def test_text_leaves_in_the_charset_of_the_response() -> None:
    response = StreamingResponse(["é"], media_type="text/plain; charset=latin-1")
    assert asyncio.run(collected(response)) == [b"\xe9"]


def test_an_event_stream_is_not_waited_for() -> None:
    pulled: list[str] = []

    async def content(name: str) -> AsyncIterator[str]:
        pulled.append(name)
        yield ""

    asyncio.run(StreamingResponse(content("events"), media_type="text/event-stream").begin(head=False))
    asyncio.run(StreamingResponse(content("head"), media_type="text/plain").begin(head=True))
    assert pulled == []
    asyncio.run(StreamingResponse(content("text"), media_type="text/plain").begin(head=False))
    assert pulled == ["text"]


def test_closing_closes_what_was_begun() -> None:
    events: list[str] = []

    async def content() -> AsyncIterator[str]:
        try:
            yield "a"
        finally:
            events.append("closed")

    async def run() -> None:
        response = StreamingResponse(content())
        await response.begin(head=False)
        await response.close()
        assert events == ["closed"]
        await response.close()

    asyncio.run(run())


def test_a_blocking_generator_keeps_one_thread_that_is_not_the_loop_s() -> None:
    threads: set[str] = set()

    def content() -> Iterator[str]:
        for _ in range(50):
            threads.add(threading.current_thread().name)
            yield "x" * 10_000

    response = StreamingResponse(content())
    assert len(b"".join(asyncio.run(collected(response)))) == 500_000
    (name,) = threads
    assert name.startswith("wadjet-stream")


def test_a_generator_that_fails_midway_ends_the_connection() -> None:
    """STR-05, STR-06."""
    import httpx2

    app = Wadjet()

    async def content() -> AsyncIterator[str]:
        yield "a"
        raise RuntimeError("boom")

    @app.get("/")
    async def handler() -> StreamingResponse:
        return StreamingResponse(content(), media_type="text/plain")

    with TestClient(app, raise_server_exceptions=False) as client, pytest.raises(httpx2.RemoteProtocolError):
        client.get("/")


@pytest.mark.parametrize("blocking", [True, False])
def test_the_generator_is_closed_when_the_client_leaves(blocking: bool) -> None:
    """STR-08, STR-09."""
    closed = threading.Event()
    app = Wadjet()

    def synchronous() -> Iterator[bytes]:
        try:
            while True:
                yield b"x" * 1000
        finally:
            closed.set()

    async def asynchronous() -> AsyncIterator[bytes]:
        try:
            while True:
                yield b"x" * 1000
                await asyncio.sleep(0)
        finally:
            closed.set()

    app.add("/", synchronous if blocking else asynchronous)

    async def run() -> None:
        async with AsyncTestClient(app) as client, client.stream("GET", "/") as response:
            async for _ in response.aiter_raw():
                break

    asyncio.run(run())
    assert closed.wait(60)


def test_the_first_chunk_is_not_held_back() -> None:
    """STR-07."""
    app = Wadjet()

    async def run() -> None:
        go_on = asyncio.Event()

        @app.get("/")
        async def handler() -> AsyncIterator[bytes]:
            yield b"first"
            await go_on.wait()
            yield b"second"

        async with AsyncTestClient(app) as client, client.stream("GET", "/") as response:
            chunks = response.aiter_raw()
            assert await asyncio.wait_for(anext(chunks), 2) == b"first"
            go_on.set()
            assert await anext(chunks) == b"second"

    asyncio.run(run())


def test_an_iterator_that_raises_before_it_can_be_awaited_is_an_error_and_no_crash() -> None:
    class Broken:
        def __aiter__(self) -> Any:
            return self

        def __anext__(self) -> Any:
            raise LookupError("broken")

    with pytest.raises(LookupError, match="broken"):
        asyncio.run(StreamingResponse(Broken(), media_type="text/plain").begin(head=False))
