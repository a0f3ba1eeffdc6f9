"""Content that a connection feeds: read as it comes, and held back where nobody reads it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from wadjet.http.body import AHEAD, Body, Replay
from wadjet.http.exceptions import ClientDisconnect, RequestEntityTooLarge, RequestTimeout
from wadjet.server.http1.content import WireBody


class Line:
    """A connection that remembers what was asked of it, and may bring something when it is told to go on."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.held: list[bytes] = []
        self.body: WireBody | None = None

    def pause_reading(self) -> None:
        self.asked.append("pause")

    def resume_reading(self) -> None:
        self.asked.append("resume")
        while self.held and self.body is not None:
            self.body.feed(self.held.pop(0))

    def write_continue(self) -> None:
        self.asked.append("continue")


def body_of(
    length: int | None = None, limit: int = 1 << 20, *, expects: bool = False
) -> tuple[WireBody, Line]:
    line = Line()
    body = line.body = WireBody(line, length, limit, expects=expects)
    return body, line


def run(test: Coroutine[Any, Any, None]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(60):
            await test

    asyncio.run(bounded())


async def turns() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def test_content_that_is_there_is_read_at_once() -> None:
    async def test() -> None:
        body, line = body_of(4)
        body.feed(b"ab")
        body.feed(b"cd")
        body.end()
        assert await body.read() == b"abcd"
        assert await body.read() == b"abcd"
        assert line.asked == []

    run(test())


def test_a_reader_waits_for_content_and_every_reader_gets_it() -> None:
    async def test() -> None:
        body, line = body_of()
        readers = [asyncio.create_task(body.read()) for _ in range(3)]
        await turns()
        body.feed(b"a")
        await turns()
        body.feed(b"b")
        body.end()
        assert await asyncio.gather(*readers) == [b"ab"] * 3
        assert set(line.asked) == {"resume"}

    run(test())


def test_a_stream_hands_out_what_has_come_and_lets_it_go() -> None:
    async def test() -> None:
        body, _ = body_of()
        found = []

        async def read() -> None:
            async for chunk in body.stream():
                found.append(chunk)

        reader = asyncio.create_task(read())
        for chunk in (b"a", b"", b"b"):
            await turns()
            body.feed(chunk)
        await turns()
        body.end()
        await reader
        assert found == [b"a", b"b"]
        with pytest.raises(RuntimeError):
            await body.read()

    run(test())


def test_content_that_nobody_reads_is_held_back() -> None:
    body, line = body_of()
    body.feed(bytes(AHEAD))
    assert line.asked == []
    body.feed(b"x")
    assert line.asked == ["pause"]


def test_content_that_is_asked_for_comes_in_large_pieces_and_is_held_back_when_nobody_asks_again() -> None:
    async def test() -> None:
        body, line = body_of(limit=4 << 20)
        line.held = [b"first"]
        await body.pull()
        line.asked.clear()
        body.feed(bytes(1_000_000))
        assert line.asked == []
        body.feed(bytes(100_000))
        assert line.asked == ["pause"]

    run(test())


def test_what_was_held_back_is_a_reason_not_to_wait() -> None:
    async def test() -> None:
        body, line = body_of()
        line.held = [b"held"]
        await body.pull()
        assert body.chunks == [b"held"]

    run(test())


def test_the_word_to_go_on_is_given_once_and_when_content_is_wanted() -> None:
    async def test() -> None:
        body, line = body_of(2, expects=True)
        reader = asyncio.create_task(body.read())
        await turns()
        assert line.asked == ["continue", "resume"]
        body.feed(b"a")
        await turns()
        body.feed(b"b")
        body.end()
        assert await reader == b"ab"
        assert line.asked.count("continue") == 1

    run(test())


def test_content_that_is_all_there_needs_no_word() -> None:
    async def test() -> None:
        body, line = body_of(2, expects=True)
        body.feed(b"ab")
        body.end()
        assert await body.read() == b"ab"
        assert line.asked == []

    run(test())


@pytest.mark.parametrize("is_late", [False, True])
def test_whoever_reads_is_told_that_the_client_has_left(is_late: bool) -> None:
    async def test() -> None:
        body, _ = body_of(4)
        body.feed(b"ab")
        reader = asyncio.create_task(body.read())
        if is_late:
            await turns()
        body.leave()
        with pytest.raises(ClientDisconnect):
            await reader
        assert await body.is_disconnected()

    run(test())


def test_whoever_reads_is_told_why_the_rest_does_not_come() -> None:
    async def test() -> None:
        body, _ = body_of(4)
        reader = asyncio.create_task(body.read())
        await turns()
        body.fail(RequestTimeout())
        with pytest.raises(RequestTimeout):
            await reader

    run(test())


def test_whoever_waits_for_the_client_to_leave_is_told_and_content_is_kept() -> None:
    async def test() -> None:
        body, _ = body_of(2)
        watcher = asyncio.create_task(body.wait_disconnected())
        await turns()
        body.feed(b"ab")
        body.end()
        await turns()
        assert not watcher.done()
        body.leave()
        await watcher
        assert await body.read() == b"ab"

    run(test())


def test_a_reader_that_gives_up_disturbs_no_other() -> None:
    async def test() -> None:
        body, _ = body_of(1)
        one, other = asyncio.create_task(body.read()), asyncio.create_task(body.read())
        await turns()
        one.cancel()
        await turns()
        body.feed(b"a")
        body.end()
        assert await other == b"a"

    run(test())


def test_content_that_is_dropped_goes_by() -> None:
    body, line = body_of(100)
    body.feed(b"a")
    body.drop()
    body.feed(b"b" * 9)
    assert (body.chunks, body.seen, body.missing) == ([], 10, 90)
    assert line.asked == ["resume"]


@pytest.mark.parametrize(("length", "missing"), [(None, None), (0, 0), (10, 7)])
def test_what_is_missing_is_known_where_the_length_is(length: int | None, missing: int | None) -> None:
    body, _ = body_of(length)
    if length:
        body.feed(b"abc")
    assert body.missing == missing


def test_more_content_than_the_limit_is_refused() -> None:
    async def test() -> None:
        body, _ = body_of(None, 3)
        reader = asyncio.create_task(body.read())
        await turns()
        body.feed(b"abcd")
        with pytest.raises(RequestEntityTooLarge):
            await reader

    run(test())


def test_a_length_beyond_the_limit_is_refused_before_anything_comes() -> None:
    async def test() -> None:
        body, line = body_of(4, 3, expects=True)
        with pytest.raises(RequestEntityTooLarge):
            await body.read()
        assert line.asked == []

    run(test())


@pytest.mark.parametrize("is_whole", [False, True])
@pytest.mark.parametrize("pieces", [[b"abcd"], [b"ab", b"cd"]])
def test_what_has_come_before_its_limit_was_known_is_held_to_it_by_every_reader(
    pieces: list[bytes], is_whole: bool
) -> None:
    async def test() -> None:
        body, _ = body_of(4 if is_whole else None)
        for piece in pieces:
            body.feed(piece)
        if is_whole:
            body.end()
        body.restrict(3)
        with pytest.raises(RequestEntityTooLarge):
            await Replay(body)()
        body.feed(b"e")
        body.end()
        with pytest.raises(RequestEntityTooLarge):
            await Replay(body)()
        with pytest.raises(RequestEntityTooLarge):
            await anext(body.stream())
        assert (body.chunks, body.missing) == ([], None)

    run(test())


def test_what_keeps_to_its_limit_is_not_touched_by_it() -> None:
    async def test() -> None:
        body, _ = body_of(4)
        body.feed(b"abcd")
        body.end()
        body.restrict(4)
        assert [chunk async for chunk in body.stream()] == [b"abcd"]

    run(test())


def test_asgi_code_gets_the_content_from_the_beginning_whenever_it_comes() -> None:
    async def test() -> None:
        body, _ = body_of(3)
        early, heard = Replay(body), []
        body.feed(b"a")
        heard.append(await early())
        body.feed(b"bc")
        body.end()
        while heard[-1]["more_body"]:
            heard.append(await early())
        assert b"".join(message["body"] for message in heard) == b"abc"
        late = await Replay(body)()
        assert await body.read() == b"abc"
        assert late["type"] == "http.request"

    run(test())


def test_content_of_a_known_length_that_came_as_one_piece_is_whole_at_once() -> None:
    async def test() -> None:
        body, _ = body_of(1)
        receive, waiting = Replay(body), asyncio.create_task(body.read())
        await asyncio.sleep(0)
        body.feed(b"a")
        assert await receive() == {"type": "http.request", "body": b"a", "more_body": False}
        body.end()
        assert await waiting == await body.read() == b"a"
        assert (body.seen, body.missing, body.is_complete) == (1, 0, True)

    run(test())


@pytest.mark.parametrize("is_kept", [True, False])
def test_content_in_one_piece_that_is_kept_or_streamed_goes_there(is_kept: bool) -> None:
    async def test() -> None:
        body, _ = body_of(1)
        if is_kept:
            body.keep()
        chunks = body.kept() if is_kept else body.stream()
        first = asyncio.ensure_future(anext(chunks))
        await asyncio.sleep(0)
        body.feed(b"a")
        body.end()
        assert await first == b"a"
        if is_kept:
            assert await body.read() == b"a"
        else:
            with pytest.raises(RuntimeError, match="streamed away"):
                await body.read()

    run(test())


def test_content_that_came_as_one_piece_is_not_given_twice_to_asgi_code() -> None:
    async def test() -> None:
        body, _ = body_of(None)
        receive = Replay(body)
        body.feed(b"a")
        assert await receive() == {"type": "http.request", "body": b"a", "more_body": True}
        body.end()
        assert await receive() == {"type": "http.request", "body": b"", "more_body": False}

    run(test())


@pytest.mark.parametrize("length", [None, 0, 5])
def test_content_begins_as_any_content_does(length: int | None) -> None:
    plain, ours = Body(length, 7), WireBody(Line(), length, 7)
    for name in Body.__slots__:
        assert getattr(ours, name) == getattr(plain, name), name


def test_content_that_comes_in_one_piece_is_what_it_is_in_two() -> None:
    async def test() -> None:
        (whole, _), (pieces, _) = body_of(4), body_of(4)
        whole.feed(b"abcd")
        assert whole.is_complete
        pieces.feed(b"ab")
        pieces.feed(b"cd")
        assert not pieces.is_complete
        for body in (whole, pieces):
            body.end()
            assert (body.is_complete, body.missing, await body.read()) == (True, 0, b"abcd")

    run(test())


def test_content_beyond_the_limit_is_not_complete_in_one_piece_either() -> None:
    body, _ = body_of(4, limit=3)
    body.feed(b"abcd")
    body.end()
    assert not body.is_complete
    assert body.data is None
