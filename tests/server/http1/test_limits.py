"""Limits to the byte, over sockets: lines, heads, fields, contents and connections."""

from __future__ import annotations

import asyncio
import contextlib
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scenarios.serving import LOOPS, serving
from tests.scenarios.wire import Talk, get
from tests.server.http1.serving import run
from tests.server.http1.serving import serving as in_loop
from wadjet import Settings, Wadjet

LINE, HEAD, COUNT = Settings.MAX_REQUEST_LINE, Settings.MAX_HEADER_BYTES, Settings.MAX_HEADER_COUNT
BODY = 65536


@pytest.fixture(scope="module", params=LOOPS)
def port(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with serving(tmp_path_factory.mktemp("limits"), loop=request.param, MAX_BODY_SIZE=BODY) as number:
        yield number


def line(size: int) -> bytes:
    """Return a request line of exactly so many bytes, its line end not counted."""
    return b"GET /ping?" + b"a" * (size - len("GET /ping? HTTP/1.1")) + b" HTTP/1.1"


def head(size: int, *fields: bytes) -> bytes:
    """Return a head of exactly so many bytes, from the request line to the empty line."""
    start = b"\r\n".join([b"GET /ping HTTP/1.1", b"Host: own.test", *fields, b"X-A: "])
    return start + b"a" * (size - len(start) - 4) + b"\r\n\r\n"


def in_pieces(data: bytes, size: int) -> list[bytes]:
    return [data[place : place + size] for place in range(0, len(data), size)]


def refusal(port: int, *sent: bytes) -> int:
    """Return the status of the one answer, after which the connection must close in order."""
    with Talk(port) as talk:
        try:
            talk.say(*sent)
        except OSError:
            pass  # it was refused before it was over
        reply = talk.hear()
        assert reply.is_whole
        assert reply.field("connection") == "close"
        assert talk.rest() == b""
        return reply.status


IN_PIECES = pytest.mark.parametrize("size", [1 << 20, 1000, 1], ids=["at once", "in pieces", "byte by byte"])
IN_LARGE_PIECES = pytest.mark.parametrize("size", [1 << 20, 4096, 1000, 77])


# -- the request line ---------------------------------------------------------------------------------------------------------


@IN_PIECES
def test_a_request_line_at_the_limit_is_answered(port: int, size: int) -> None:
    with Talk(port) as talk:
        talk.say(*in_pieces(line(LINE) + b"\r\nHost: own.test\r\n\r\n", size))
        assert talk.hear().body == b"pong"
        assert talk.say(get("/ping")).hear().body == b"pong"


@IN_PIECES
def test_a_request_line_of_one_byte_more_is_414(port: int, size: int) -> None:
    assert refusal(port, *in_pieces(line(LINE + 1) + b"\r\nHost: own.test\r\n\r\n", size)) == 414


@IN_PIECES
def test_a_request_line_that_does_not_end_is_414(port: int, size: int) -> None:
    assert refusal(port, *in_pieces(b"GET /" + b"a" * LINE, size)) == 414


def test_a_long_request_line_after_another_request_is_414(port: int) -> None:
    with Talk(port) as talk:
        talk.say(get("/ping") + b"GET /" + b"a" * LINE)
        assert talk.hear().body == b"pong"
        assert talk.hear().status == 414
        assert talk.rest() == b""


# -- the head -----------------------------------------------------------------------------------------------------------------


@IN_LARGE_PIECES
def test_a_head_at_the_limit_is_answered(port: int, size: int) -> None:
    with Talk(port) as talk:
        talk.say(*in_pieces(head(HEAD), size))
        assert talk.hear().body == b"pong"
        assert talk.say(get("/ping")).hear().body == b"pong"


@IN_LARGE_PIECES
def test_a_head_of_one_byte_more_is_431(port: int, size: int) -> None:
    assert refusal(port, *in_pieces(head(HEAD + 1), size)) == 431


def test_a_head_at_the_limit_may_follow_other_requests_at_once(port: int) -> None:
    before = get("/ping") * 60
    with Talk(port) as talk:
        talk.say(before + head(HEAD)[:1000])
        for _ in range(60):
            assert talk.hear().body == b"pong"
        talk.say(*in_pieces(head(HEAD)[1000:], 5000))
        assert talk.hear().body == b"pong"


def test_heads_at_the_limit_may_follow_each_other_at_once(port: int) -> None:
    with Talk(port) as talk:
        talk.say(head(HEAD) * 5 + get("/param/last"))
        for _ in range(5):
            assert talk.hear().body == b"pong"
        assert talk.hear().body == b'{"name":"last"}'


def test_a_value_that_does_not_end_is_431_long_before_ten_megabytes(port: int) -> None:
    with Talk(port) as talk:
        talk.say(b"GET /ping HTTP/1.1\r\nHost: own.test\r\nX-A: ", b"a" * (HEAD + 4096))
        reply = talk.hear()
    assert reply.status == 431


@pytest.mark.parametrize("field", [b"a:\r\n", b"X-A:" + b" " * 999 + b"\r\n"], ids=["small", "blank"])
def test_fields_that_do_not_end_are_431(port: int, field: bytes) -> None:
    fields = field * (1 + (HEAD + 4096) // len(field))
    assert refusal(port, b"GET /ping HTTP/1.1\r\nHost: own.test\r\n" + fields) == 431


@pytest.mark.parametrize("padding", [b"", b"a" * 5000], ids=["in one piece", "in more"])
def test_so_many_fields_are_answered_and_one_more_is_431(port: int, padding: bytes) -> None:
    # Host and X-A count.
    few, many = ([b"X: " + padding[: 5000 // COUNT]] * number for number in (COUNT - 2, COUNT - 1))
    size = 200 + sum(map(len, many)) + 2 * COUNT
    with Talk(port) as talk:
        talk.say(head(size, *few))
        assert talk.hear().body == b"pong"
    assert refusal(port, head(size, *many)) == 431


def test_what_comes_after_a_refused_head_is_not_answered(port: int) -> None:
    assert refusal(port, head(HEAD + 1) + get("/ping") * 3) == 431


# -- content ------------------------------------------------------------------------------------------------------------------


def post(target: str, *fields: str, content: bytes = b"") -> bytes:
    return get(target, *fields, method="POST", content=content)


def chunks(size: int) -> bytes:
    """Return so much content in chunks, of 64 KiB each."""
    return (b"10000\r\n" + b"x" * 65536 + b"\r\n") * (size // 65536) + b"0\r\n\r\n"


@pytest.mark.parametrize(
    "sent",
    [
        post("/body", "Transfer-Encoding: chunked", content=chunks(1 << 20)),
        post("/body", f"Content-Length: {1 << 20}", content=b"x" * (1 << 20)),
    ],
    ids=["chunked", "declared"],
)
def test_content_beyond_the_limit_is_answered_in_order(port: int, sent: bytes) -> None:
    with Talk(port) as talk:
        assert talk.say(sent).hear("POST").status == 413
        assert talk.rest() == b""  # and not a reset, which could have taken the answer away


@pytest.mark.parametrize(
    "sent",
    [
        post("/body", "Transfer-Encoding: chunked", content=chunks(48 << 20)),
        post("/body", f"Content-Length: {48 << 20}", content=b"x" * (48 << 20)),
    ],
    ids=["chunked", "declared"],
)
def test_of_content_far_beyond_the_limit_little_is_read_and_the_answer_is_there(
    port: int, sent: bytes
) -> None:
    with Talk(port) as talk:
        taken = 0
        with contextlib.suppress(OSError):
            taken = talk.push(sent, len(sent), patience=4.0)
        assert taken < 16 << 20  # most of it waits in the kernel
        assert talk.hear("POST").status == 413


def test_endless_content_that_nobody_reads_is_cut_off(port: int) -> None:
    with Talk(port) as talk:
        talk.say(post("/ignore", "Transfer-Encoding: chunked"))
        started = time.monotonic()
        with pytest.raises(OSError):
            while time.monotonic() - started < 10:
                talk.say(chunks(65536)[:-5])
        assert time.monotonic() - started < 9


def test_of_what_follows_a_declared_length_and_is_no_request_little_is_read(port: int) -> None:
    """BODY-21: a length that lies to a proxy."""
    with Talk(port) as talk:
        talk.say(post("/body", "Content-Length: 10", content=b"x" * 10))
        taken = 0
        with contextlib.suppress(OSError):
            taken = talk.push(b"\0" * (1 << 20), 256 << 20, patience=4.0)
        assert taken < 16 << 20


def test_unread_content_that_has_come_keeps_the_connection(port: int) -> None:
    with Talk(port) as talk:
        for _ in range(3):
            reply = talk.say(post("/ignore", "Content-Length: 60000", content=b"x" * 60_000)).hear("POST")
            assert (reply.body, reply.field("connection")) == (b"ignored", None)


def test_unread_content_of_which_little_is_missing_is_let_go_by(port: int) -> None:
    with Talk(port) as talk, Talk(port) as other:
        talk.say(post("/hold?id=little", "Content-Length: 70000", content=b"x" * 60_000))
        assert other.say(get("/release?id=little")).hear().body == b"released"
        assert talk.hear("POST").field("connection") is None
        talk.say(b"GET / HTTP/" * 100, b"x" * 8900, get("/param/next"))
        assert talk.hear().body == b'{"name":"next"}'


def test_unread_content_of_which_much_is_missing_closes_the_connection(port: int) -> None:
    with Talk(port) as talk:
        reply = talk.say(post("/ignore", "Content-Length: 200000", content=b"x" * 10)).hear("POST")
        assert (reply.body, reply.field("connection")) == (b"ignored", "close")
        talk.say(b"x" * 100_000)
        assert talk.rest() == b""


# -- connections --------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=LOOPS)
def narrow(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    directory: Path = tmp_path_factory.mktemp("narrow")
    with serving(directory, loop=request.param, MAX_CONNECTIONS=3, KEEP_ALIVE_TIMEOUT=30) as number:
        yield number


def status_of_another(port: int) -> int:
    with Talk(port) as talk:
        reply = talk.say(get("/ping")).hear()
        if reply.status == 503:
            assert (reply.field("retry-after"), reply.field("connection")) == ("1", "close")
            assert talk.rest() == b""
        return reply.status


def until_served(port: int) -> None:
    """Wait until a connection has room; the server learns only by and by that one has closed."""
    deadline = time.monotonic() + 10
    while status_of_another(port) != 200:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_connection_too_many_is_503_until_another_closes(narrow: int) -> None:
    until_served(narrow)
    talks = [Talk(narrow) for _ in range(3)]
    for talk in talks:
        deadline = time.monotonic() + 10
        while talk.say(get("/ping")).hear().status != 200:  # the one before may just be leaving
            assert time.monotonic() < deadline
            talk.__init__(narrow)  # type: ignore[misc]
    assert [status_of_another(narrow) for _ in range(5)] == [503] * 5
    assert talks[0].say(get("/ping")).hear().body == b"pong"
    talks.pop().socket.close()
    until_served(narrow)
    for talk in talks:
        assert talk.say(get("/ping")).hear().body == b"pong"
        talk.socket.close()
    until_served(narrow)


# -- many at once -------------------------------------------------------------------------------------------------------------

#: More than a server of one process sees of slow clients on a bad day.
MANY = 1000


@pytest.fixture
def crowded(tmp_path: Path) -> Iterator[int]:
    # On a busy machine a thousand connections take seconds to be made, and one that has said nothing is ended without a word.
    with serving(tmp_path, HEADER_TIMEOUT=5) as number:
        yield number


def test_a_thousand_heads_that_never_end_keep_nobody_waiting_and_are_ended_in_time(crowded: int) -> None:
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(Talk(crowded)) for _ in range(MANY)]
        for talk in slow:
            talk.say(b"GET /ping HTTP/1.1\r\nHost: own.test\r\nX-Slow: ")
        for _ in range(20):
            with Talk(crowded) as other:
                other.say(get("/ping"))
                assert other.hear().status == 200
        statuses = {talk.hear().status for talk in slow}
        assert statuses == {408}
        assert {talk.rest() for talk in slow} == {b""}


def test_an_idle_connection_keeps_less_than_8_kib() -> None:
    async def test() -> None:
        async with in_loop(Wadjet()) as served:
            opened = [await served.open() for _ in range(20)]
            await asyncio.sleep(0.05)  # what is made once is there
            tracemalloc.start()
            try:
                before = tracemalloc.get_traced_memory()[0]
                idle = [await served.open() for _ in range(200)]
                async with asyncio.timeout(60):
                    while len(served.lane.connections) < len(opened) + len(idle):
                        await asyncio.sleep(0.01)
                size = (tracemalloc.get_traced_memory()[0] - before) / len(idle)
            finally:
                tracemalloc.stop()
            assert 100 < size < 8192  # the client's ends are counted with it
            for peer in (*opened, *idle):
                peer.close()
            await served.until_idle()

    run(test())
