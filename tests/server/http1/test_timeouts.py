"""Time: how long a head, a content and an idle connection may take, and what takes as long as it likes."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.scenarios.serving import LOOPS, serving
from tests.scenarios.wire import Reply, Talk, get

#: Seconds. A connection is looked at four times within the shortest.
HEADER, KEEP_ALIVE, BODY = 0.8, 0.8, 1.2

#: A central part is run on both event loops.
ON_BOTH_LOOPS = pytest.mark.parametrize("port", LOOPS, indirect=True)


@pytest.fixture(scope="module")
def port(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    loop = getattr(request, "param", "uvloop")
    with serving(
        tmp_path_factory.mktemp("timeouts"),
        loop=loop,
        HEADER_TIMEOUT=HEADER,
        KEEP_ALIVE_TIMEOUT=KEEP_ALIVE,
        BODY_TIMEOUT=BODY,
    ) as number:
        yield number


def post(target: str, *fields: str, content: bytes = b"") -> bytes:
    return get(target, *fields, method="POST", content=content)


def is_timed_out(talk: Talk) -> bool:
    """Tell whether what comes is 408, and then the end."""
    reply = talk.hear("POST")
    assert reply.field("connection") == "close"
    assert talk.rest() == b""
    return reply.status == 408


def trickle(talk: Talk, data: bytes, seconds: float) -> Reply | None:
    """Send bytes one by one until there is an answer, and return that; None if there is none to the end."""
    for place in range(len(data)):
        talk.say(data[place : place + 1])
        if not talk.is_silent(seconds):
            return talk.hear()
    return None


# -- heads --------------------------------------------------------------------------------------------------------------------


@ON_BOTH_LOOPS
def test_a_head_that_does_not_come_to_its_end_is_408(port: int) -> None:
    started = time.monotonic()
    with Talk(port) as talk:
        talk.say(b"GET /ping HTTP/1.1\r\nHost: own.test\r\nX-A: ")
        assert is_timed_out(talk)
    assert time.monotonic() - started > HEADER * 0.9


@ON_BOTH_LOOPS
def test_a_head_that_trickles_is_408(port: int) -> None:
    started = time.monotonic()
    with Talk(port) as talk:
        reply = trickle(talk, b"GET /ping HTTP/1.1\r\nX-A: " + b"a" * 1000, 0.05)
        assert reply is not None
        assert reply.status == 408
    assert HEADER * 0.9 < time.monotonic() - started < 20


def test_a_head_is_timed_wherever_it_stops(port: int) -> None:
    starts = [b"G", b"GET", b"GET /pi", b"GET /ping HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: a\r\n\r"]
    with ExitStack() as stack:
        talks = [stack.enter_context(Talk(port)).say(start) for start in starts]
        assert [is_timed_out(talk) for talk in talks] == [True] * len(starts)


def test_a_later_head_that_does_not_come_to_its_end_is_408(port: int) -> None:
    with Talk(port) as talk:
        talk.say(get("/ping") + b"GET /pi")
        assert talk.hear().body == b"pong"
        assert is_timed_out(talk)


def test_a_handler_may_take_longer_than_any_client_and_the_next_head_has_its_time_from_then_on(
    port: int,
) -> None:
    with Talk(port) as talk:
        talk.say(get("/sleep?s=1.5") + b"GET /param/next HT")
        assert talk.hear().body == b"slept"
        assert talk.say(b"TP/1.1\r\nHost: own.test\r\n\r\n").hear().body == b'{"name":"next"}'


# -- idle connections ---------------------------------------------------------------------------------------------------------


@ON_BOTH_LOOPS
def test_a_connection_that_says_nothing_is_closed_without_a_word(port: int) -> None:
    with Talk(port) as talk:
        assert talk.until_closed() > HEADER * 0.9


@ON_BOTH_LOOPS
def test_an_idle_connection_is_closed_without_a_word(port: int) -> None:
    with Talk(port) as talk:
        assert talk.say(get("/ping")).hear().body == b"pong"
        assert talk.until_closed() > KEEP_ALIVE * 0.9


def test_empty_lines_do_not_keep_a_connection(port: int) -> None:
    with Talk(port) as talk:
        assert talk.say(get("/ping")).hear().body == b"pong"
        deadline = time.monotonic() + 15
        while talk.is_silent(0.05):
            assert time.monotonic() < deadline
            talk.say(b"\r\n")
        try:
            assert talk.rest() == b""
        except ConnectionResetError:
            pass  # an empty line was under way


def test_a_connection_is_kept_while_it_is_used(port: int) -> None:
    with Talk(port) as talk:
        for _ in range(8):
            assert talk.say(get("/ping")).hear().body == b"pong"
            time.sleep(KEEP_ALIVE / 4)


def test_the_first_connection_after_a_long_silence_is_served(port: int) -> None:
    with Talk(port) as talk:
        assert talk.say(get("/ping")).hear().body == b"pong"
    time.sleep(2 * HEADER)
    with Talk(port) as talk:
        assert talk.say(get("/ping")).hear().body == b"pong"


# -- content ------------------------------------------------------------------------------------------------------------------


@ON_BOTH_LOOPS
def test_content_that_does_not_come_is_408(port: int) -> None:
    """BODY-22."""
    framings = ["Content-Length: 10", "Content-Length: 100000", "Transfer-Encoding: chunked"]
    started = time.monotonic()
    with ExitStack() as stack:
        talks = [stack.enter_context(Talk(port)) for _ in framings]
        for talk, framing in zip(talks, framings, strict=True):
            talk.say(post("/body", framing, content=b"1\r\nx\r\n"))
        assert [is_timed_out(talk) for talk in talks] == [True] * len(framings)
    assert time.monotonic() - started > BODY * 0.9


def test_a_handler_that_streams_content_is_told_that_it_does_not_come(port: int) -> None:
    with Talk(port) as talk:
        talk.say(post("/body/stream?id=told", "Content-Length: 100000", content=b"x"))
        assert is_timed_out(talk)
    with Talk(port) as talk:
        assert b"RequestTimeout" in talk.say(get("/outcome?id=told")).hear().body


def test_content_that_trickles_steadily_is_taken(port: int) -> None:
    contents = {"Content-Length: 14": b"x" * 14, "Transfer-Encoding: chunked": b"4\r\nabcd\r\n0\r\n\r\n"}
    started = time.monotonic()
    with ExitStack() as stack:
        talks = {framing: stack.enter_context(Talk(port)).say(post("/body", framing)) for framing in contents}
        for place in range(14):
            time.sleep(BODY / 6)
            for framing, talk in talks.items():
                talk.say(contents[framing][place : place + 1])
        for talk in talks.values():
            assert talk.hear("POST").status == 200
    assert time.monotonic() - started > BODY * 2


def test_time_does_not_run_while_nobody_wants_the_content(port: int) -> None:
    with Talk(port, patience=20) as talk:
        talk.say(post("/hold?id=late&reads=1", f"Content-Length: {1 << 20}"))
        sender = threading.Thread(target=talk.say, args=(b"x" * (1 << 20),))
        sender.start()
        time.sleep(2 * BODY)
        with Talk(port) as last:
            last.say(get("/release?id=late")).hear()
        assert b'"length":1048576' in talk.hear("POST").body
        sender.join()


def test_content_that_is_let_go_by_must_come_too(port: int) -> None:
    with Talk(port) as talk, Talk(port) as other:
        talk.say(post("/hold?id=rest", "Content-Length: 70000", content=b"x" * 60_000))
        assert other.say(get("/release?id=rest")).hear().body == b"released"
        assert talk.hear("POST").status == 200
        assert talk.until_closed() > 0
