import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.http.scopes import receiving
from wadjet.http.body import Body, ReceivedBody, Replay
from wadjet.http.exceptions import ClientDisconnect, RequestEntityTooLarge


def body(*chunks: bytes, length: int | None = None, limit: int = 100, disconnects: bool = False) -> Body:
    return ReceivedBody(receiving(*chunks, disconnects=disconnects), length, limit)


async def streamed(found: Body) -> list[bytes]:
    return [chunk async for chunk in found.stream()]


async def replayed(found: Body) -> tuple[bytes, list[str]]:
    receive, data = Replay(found), b""
    kinds: list[str] = []
    while not kinds or kinds[-1] != "http.disconnect":
        message = await receive()
        kinds.append(message["type"])
        data += message.get("body", b"")
    return data, kinds


@given(st.lists(st.binary(max_size=5), max_size=6))
def test_content_is_read_whole_however_it_comes(chunks: list[bytes]) -> None:
    """BODY-01."""
    whole = b"".join(chunks)

    async def run() -> None:
        found = body(*(chunks or [b""]), length=None)
        assert await found.read() == whole
        assert await found.read() == whole
        assert b"".join(await streamed(found)) == whole
        assert (await replayed(found))[0] == whole
        assert b"".join(await streamed(body(*(chunks or [b""])))) == whole
        assert (await replayed(body(*(chunks or [b""]))))[0] == whole

    asyncio.run(run())


@given(st.lists(st.binary(min_size=1, max_size=3), min_size=1, max_size=5), st.integers(0, 5))
def test_whoever_has_read_a_part_the_next_reader_gets_it_whole(chunks: list[bytes], taken: int) -> None:
    async def run() -> None:
        found = body(*chunks)
        first = Replay(found)
        for _ in range(min(taken, len(chunks))):
            await first()
        assert (await replayed(found))[0] == b"".join(chunks)
        assert await found.read() == b"".join(chunks)
        assert (await replayed(found))[0] == b"".join(chunks)

    asyncio.run(run())


def test_no_length_no_content() -> None:
    """BODY-02."""

    async def never() -> Any:
        raise AssertionError("nothing is to be received")

    async def run() -> None:
        found = ReceivedBody(never, 0, 100)
        assert await found.read() == b""
        assert await streamed(found) == []
        assert await Replay(found)() == {"type": "http.request", "body": b"", "more_body": False}

    asyncio.run(run())


@pytest.mark.parametrize(
    ("chunks", "length"),
    [
        pytest.param([b"abcdef"], None, id="streamed"),
        pytest.param([b"abc", b"def"], None, id="streamed in parts"),
        pytest.param([b"a"], 6, id="declared"),
        pytest.param([b"abcdef"], 2, id="more than was declared"),
        pytest.param([], 1 << 62, id="absurd"),
    ],
)
def test_content_beyond_the_limit_is_refused(chunks: list[bytes], length: int | None) -> None:
    """BODY-18: what comes is counted, what is declared is believed only against the client."""

    async def run() -> None:
        for read in (Body.read, streamed, replayed):
            with pytest.raises(RequestEntityTooLarge) as caught:
                await read(body(*chunks, length=length, limit=5))
            assert isinstance(caught.value, ValueError)
            assert caught.value.status_code == 413

    asyncio.run(run())


def test_content_of_exactly_the_limit_is_taken() -> None:
    """BODY-04."""
    assert asyncio.run(body(b"abc", b"de", length=5, limit=5).read()) == b"abcde"


@pytest.mark.parametrize(
    ("chunks", "length", "disconnects"),
    [
        pytest.param([b"abc"], None, True, id="BODY-16"),
        pytest.param([], None, True, id="nothing came"),
        pytest.param([b"abc"], 5, False, id="BODY-15"),
    ],
)
def test_a_part_is_never_handed_out_as_the_whole(
    chunks: list[bytes], length: int | None, disconnects: bool
) -> None:
    async def run() -> None:
        for read in (Body.read, streamed):
            with pytest.raises(ClientDisconnect):
                await read(body(*chunks, length=length, disconnects=disconnects))
        found = body(*chunks, length=length, disconnects=disconnects)
        for _ in range(2):
            with pytest.raises(ClientDisconnect):
                await found.read()

    asyncio.run(run())


def test_a_replay_of_a_short_body_ends_with_the_disconnect() -> None:
    async def run() -> None:
        assert await replayed(body(b"abc", disconnects=True)) == (b"abc", ["http.request", "http.disconnect"])

    asyncio.run(run())


def test_what_was_streamed_away_cannot_be_read_again() -> None:
    async def run() -> None:
        found = body(b"a", b"b")
        assert await streamed(found) == [b"a", b"b"]
        for read in (Body.read, streamed, replayed):
            with pytest.raises(RuntimeError, match="was streamed away; read it once with body"):
                await read(found)

    asyncio.run(run())


def test_many_small_chunks_are_read_quickly() -> None:
    """BODY-11."""
    assert asyncio.run(body(*[b"x"] * 20_000, limit=20_000).read()) == b"x" * 20_000


@pytest.mark.parametrize("size", [1, 7, 4095])
def test_small_chunks_are_put_together(size: int) -> None:
    async def run() -> None:
        found = body(*[b"x" * size] * 2000, limit=2000 * size)
        receive, count = Replay(found), 0
        while count < 2000 * size:
            count += len((await receive())["body"])
        assert len(found.chunks) <= 2 + 2000 * size // 65536
        assert await found.read() == b"x" * 2000 * size

    asyncio.run(run())


def test_a_replay_goes_on_where_the_last_chunk_has_grown() -> None:
    async def run() -> None:
        found = body(b"a", b"b", b"c", b"d" * 5000, b"e", b"f")
        found.limit = 10_000
        slow, quick = Replay(found), Replay(found)
        seen = (await slow())["body"] + (await slow())["body"]
        assert seen == b"ab"
        for _ in range(6):
            await quick()
        messages = [await slow() for _ in range(3)]
        assert [message["body"] for message in messages] == [b"c", b"d" * 5000, b"ef"]
        assert [message["more_body"] for message in messages] == [True, True, False]

    asyncio.run(run())


def test_whether_the_client_has_left_is_told_without_waiting() -> None:
    async def run() -> None:
        queue: asyncio.Queue[Any] = asyncio.Queue()
        found = ReceivedBody(queue.get, None, 100)
        assert not await found.is_disconnected()
        queue.put_nowait({"type": "http.request", "body": b"ab", "more_body": True})
        queue.put_nowait({"type": "http.request", "body": b"c", "more_body": False})
        await asyncio.sleep(0)
        assert not await found.is_disconnected()
        assert await found.read() == b"abc"
        queue.put_nowait({"type": "http.disconnect"})
        for _ in range(3):
            await asyncio.sleep(0)
            gone = await found.is_disconnected()
        assert gone
        found.close()

    asyncio.run(run())


def test_waiting_for_the_client_to_leave_ends_when_it_does() -> None:
    async def run() -> None:
        found = body(b"a")
        await found.read()
        await asyncio.wait_for(found.wait_disconnected(), 1)
        assert found.is_gone

    asyncio.run(run())


def test_a_body_without_receive_says_so() -> None:
    with pytest.raises(RuntimeError, match="made without receive"):
        asyncio.run(Body(None, 100).read())


def test_content_read_before_the_limit_was_known_is_measured_again() -> None:
    async def run() -> None:
        found = body(b"abcdef")
        await found.read()
        found.limit = 5
        with pytest.raises(RequestEntityTooLarge):
            await found.read()

    asyncio.run(run())


def test_content_that_is_there_is_streamed_within_the_limit_that_holds_now() -> None:
    async def streaming() -> None:
        found = body(b"abcdef")
        await found.read()
        found.limit = 3
        with pytest.raises(RequestEntityTooLarge):
            await streamed(found)

    asyncio.run(streaming())


def test_nobody_leaves_where_there_is_no_connection() -> None:
    with pytest.raises(RuntimeError, match="made without receive"):
        asyncio.run(Body(None, 100).wait_disconnected())
