"""Many requests on one connection: answered in order, and read no faster than they are answered."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scenarios.serving import LOOPS, serving
from tests.scenarios.wire import Talk, get

#: How many requests may wait.
MOST = 4
#: More than the kernel keeps of what nobody reads, on both sides.
FAR_TOO_MUCH = 64 << 20


@pytest.fixture(scope="module", params=LOOPS)
def port(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    # Nobody is to be closed for being idle here.
    with serving(
        tmp_path_factory.mktemp("pipelining"), loop=request.param, MAX_PIPELINED=MOST, KEEP_ALIVE_TIMEOUT=60
    ) as number:
        yield number


def release(port: int, name: str) -> None:
    """Let those go on that wait for a name, once one is waiting."""
    with Talk(port) as talk:
        deadline = time.monotonic() + 10
        while talk.say(get(f"/count?id={name}")).hear().body.startswith(b'{"count":0'):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert talk.say(get(f"/release?id={name}")).hear().body == b"released"


@pytest.mark.parametrize("size", [3500, 4097], ids=lambda size: f"of {size} bytes")
def test_more_requests_than_may_wait_are_left_to_the_kernel_and_answered_later(port: int, size: int) -> None:
    name = f"many-{size}-{port}"
    request = get("/param/next", "X-A: " + "a" * (size - len(get("/param/next", "X-A: "))))
    assert len(request) == size
    with Talk(port, patience=30) as talk:
        talk.say(get(f"/hold?id={name}"))
        taken = talk.push(request, FAR_TOO_MUCH, 0.5)
        assert taken < FAR_TOO_MUCH
        release(port, name)
        assert talk.hear().body == b'{"length":null,"turn":1}'
        for _ in range(taken // size):
            assert talk.hear().body == b'{"name":"next"}'
        talk.say(request[taken % size :] if taken % size else b"", get("/param/last"))
        if taken % size:
            assert talk.hear().body == b'{"name":"next"}'
        assert talk.hear().body == b'{"name":"last"}'


def test_small_requests_that_wait_are_all_answered_in_order(port: int) -> None:
    name = f"order-{port}"
    with Talk(port) as talk:
        talk.say(get(f"/hold?id={name}"), b"".join(get(f"/param/{number}") for number in range(1000)))
        assert talk.is_silent(0.1)
        release(port, name)
        assert talk.hear().status == 200
        for number in range(1000):
            assert talk.hear().body == b'{"name":"%d"}' % number


@pytest.mark.parametrize("size", [10, 100_000, 3_000_000])
@pytest.mark.parametrize("is_chunked", [False, True], ids=["with a length", "in chunks"])
def test_content_after_requests_that_wait_comes_whole(port: int, size: int, is_chunked: bool) -> None:
    name = f"content-{size}-{is_chunked}-{port}"
    content, field = b"x" * size, f"Content-Length: {size}"
    if is_chunked:
        content, field = b"%x\r\n%b\r\n0\r\n\r\n" % (size, content), "Transfer-Encoding: chunked"
    posted = get("/body/stream?id=x", field, method="POST", content=content)
    with Talk(port) as talk:
        sender = threading.Thread(
            target=talk.say,
            args=(get(f"/hold?id={name}"), get("/ping") * 3 * MOST, posted, get("/param/last")),
        )
        sender.start()
        release(port, name)
        assert talk.hear().status == 200
        for _ in range(3 * MOST):
            assert talk.hear().body == b"pong"
        # The scenarios' limit is a mebibyte.
        assert talk.hear("POST").status == (413 if size > 1 << 20 else 200)
        if size <= 1 << 20:
            assert talk.hear().body == b'{"name":"last"}'
        sender.join()


def test_small_contents_that_wait_come_whole(port: int) -> None:
    name = f"contents-{port}"
    posted = get("/body", "Content-Length: 5000", method="POST", content=b"x" * 5000)
    with Talk(port) as talk:
        talk.say(get(f"/hold?id={name}"), posted * 40, get("/param/last"))
        release(port, name)
        assert talk.hear().status == 200
        for _ in range(40):
            assert b'"length":5000' in talk.hear("POST").body
        assert talk.hear().body == b'{"name":"last"}'


def test_a_slow_answer_does_not_let_a_fast_one_overtake(port: int) -> None:
    with Talk(port) as talk:
        talk.say(get("/sleep?s=0.3") + get("/ping") + get("/sync-sleep?s=0.1") + get("/param/last"))
        assert [talk.hear().body for _ in range(4)] == [b"slept", b"pong", b"slept", b'{"name":"last"}']


@pytest.mark.parametrize("size", [50, 5000])
def test_one_request_that_may_wait_is_enough(size: int, tmp_path: Path) -> None:
    request = get("/param/next", "X-A: " + "a" * size)
    with serving(tmp_path, MAX_PIPELINED=1, KEEP_ALIVE_TIMEOUT=60) as port, Talk(port) as talk:
        for _ in range(3):
            talk.say(get("/sleep?s=0.05"), request * 50)
            assert talk.hear().body == b"slept"
            for _ in range(50):
                assert talk.hear().body == b'{"name":"next"}'


# -- who sends no more ----------------------------------------------------------------------------------------------------------


def test_a_client_that_sends_no_more_gets_every_answer_and_then_the_end(port: int) -> None:
    with Talk(port) as talk:
        talk.say(get("/sleep?s=0.2") + get("/param/next") + get("/param/last")).end()
        assert talk.hear().body == b"slept"
        assert talk.hear().body == b'{"name":"next"}'
        last = talk.hear()
        assert (last.body, last.field("connection")) == (b'{"name":"last"}', "close")
        assert talk.rest() == b""


def test_a_client_that_sends_no_more_while_many_wait_gets_every_answer_and_then_the_end(port: int) -> None:
    name = f"half-{port}"
    with Talk(port) as talk:
        talk.say(get(f"/hold?id={name}") + get("/ping") * 1000).end()
        release(port, name)
        assert talk.hear().status == 200
        for _ in range(1000):
            assert talk.hear().body == b"pong"
        assert talk.rest() == b""


def test_a_client_that_sends_no_more_amid_a_head_gets_the_answers_before_it(port: int) -> None:
    with Talk(port) as talk:
        talk.say(get("/sleep?s=0.2") + b"GET /pi").end()
        assert talk.hear().body == b"slept"
        talk.rest()


def test_a_client_that_says_nothing_and_closes_is_let_go(port: int) -> None:
    with Talk(port) as talk:
        assert talk.end().rest() == b""
    with Talk(port) as talk:
        assert talk.say(get("/ping")).hear().body == b"pong"
        assert talk.end().rest() == b""
