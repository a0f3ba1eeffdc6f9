"""Nobody is made to hold what the other side does not take: streams, large responses and uploads."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.scenarios.serving import LOOPS, serving
from tests.scenarios.wire import Talk, get

#: Seconds.
SEND = 1.0
#: Bytes: more than the kernel keeps on both sides.
FAR_TOO_MUCH = 64 << 20


@pytest.fixture(scope="module", params=LOOPS)
def port(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with serving(
        tmp_path_factory.mktemp("pressure"),
        loop=request.param,
        SEND_TIMEOUT=SEND,
        KEEP_ALIVE_TIMEOUT=60,
        MAX_BODY_SIZE=FAR_TOO_MUCH,
    ) as number:
        yield number


def ask(port: int, target: str) -> Any:
    with Talk(port) as talk:
        body = talk.say(get(target)).hear().body
    return json.loads(body) if body.startswith(b"{") else body


def until(port: int, name: str, **expected: Any) -> dict[str, Any]:
    """Wait until the server counts, or tells, what is expected."""
    deadline = time.monotonic() + 20
    while True:
        found: dict[str, Any] = ask(port, f"/count?id={name}")
        if expected.items() <= found.items():
            return found
        assert time.monotonic() < deadline, found
        time.sleep(0.05)


def until_cut(talk: Talk) -> bytes:
    """Read what has been sent to the end, which may be abrupt."""
    found = bytearray()
    try:
        while data := talk.socket.recv(1 << 20):
            found += data
    except ConnectionResetError:
        pass
    return bytes(found)


# -- what is sent -------------------------------------------------------------------------------------------------------------


def test_a_stream_that_nobody_reads_is_made_no_further_and_cut_off(port: int) -> None:
    with Talk(port, room=4096) as talk:
        talk.say(get("/produce?id=unread&n=100000&size=10000"))  # a gigabyte
        made = until(port, "unread", outcome="closed")["count"]
        assert made < FAR_TOO_MUCH
        assert len(until_cut(talk)) <= made + 10_000 * len("2710\r\n\r\n")


def test_responses_that_nobody_reads_are_cut_off(port: int) -> None:
    asked = {
        "one that is large": get(f"/large?size={FAR_TOO_MUCH}"),
        "the last one": get(f"/large?size={FAR_TOO_MUCH}", "Connection: close"),
        "many": get("/large?size=100000") * (FAR_TOO_MUCH // 100_000),
    }
    with ExitStack() as stack:
        talks = {name: stack.enter_context(Talk(port, room=4096)).say(sent) for name, sent in asked.items()}
        time.sleep(3 * SEND)
        for name, talk in talks.items():
            assert 0 < len(until_cut(talk)) < FAR_TOO_MUCH, name


def test_clients_that_read_slowly_get_everything(port: int) -> None:
    targets = ("/produce?id=slow&n=1200&size=10000", "/large?size=12000000")
    started, heard = time.monotonic(), Counter[str]()
    with ExitStack() as stack:
        talks = {target: stack.enter_context(Talk(port, room=100_000)) for target in targets}
        for target, talk in talks.items():
            talk.say(get(target, "Connection: close"))
        while talks:
            for target, talk in [*talks.items()]:
                data = talk.socket.recv(100_000)
                heard[target] += len(data)
                if not data:
                    del talks[target]
            if time.monotonic() - started < 3 * SEND:
                time.sleep(0.04)
    assert min(heard[target] for target in targets) > 12_000_000


def test_a_stream_is_made_as_fast_as_it_is_read(port: int) -> None:
    with Talk(port, room=4096) as talk:
        talk.say(get("/produce?id=lead&n=5000&size=10000"))
        heard = len(talk.socket.recv(4096))
        deadline = time.monotonic() + SEND * 1.5
        while time.monotonic() < deadline:
            heard += len(talk.socket.recv(4096))
            time.sleep(0.001)
        made = ask(port, "/count?id=lead")["count"]
    assert made - heard < FAR_TOO_MUCH / 4
    until(port, "lead", outcome="closed")


# -- what is received ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_chunked", [False, True], ids=["with a length", "in chunks"])
def test_content_that_nobody_reads_is_left_to_the_client(port: int, is_chunked: bool) -> None:
    name = f"upload-{is_chunked}"
    field = "Transfer-Encoding: chunked" if is_chunked else f"Content-Length: {FAR_TOO_MUCH}"
    piece = b"10000\r\n" + b"x" * 65536 + b"\r\n" if is_chunked else b"x" * 65536
    with Talk(port) as talk:
        talk.say(get(f"/hold?id={name}", field, method="POST"))
        until(port, name, count=1)
        assert talk.push(piece, FAR_TOO_MUCH // 2, 0.5) < FAR_TOO_MUCH // 2
        ask(port, f"/release?id={name}")
        reply = talk.hear("POST")
        assert (reply.status, reply.field("connection")) == (200, "close")


def test_content_that_has_come_and_that_nobody_has_read_keeps_the_connection(port: int) -> None:
    with Talk(port) as talk:
        talk.say(get("/hold?id=come", "Content-Length: 100000", method="POST", content=b"x" * 100_000))
        until(port, "come", count=1)
        ask(port, "/release?id=come")
        assert talk.hear("POST").field("connection") is None
        assert talk.say(get("/ping")).hear().body == b"pong"


def test_content_that_is_read_late_comes_whole(port: int) -> None:
    size = 20 << 20
    with Talk(port, patience=30) as talk:
        talk.say(get("/hold?id=whole&reads=1", f"Content-Length: {size}", method="POST"))
        sender = threading.Thread(target=talk.say, args=(b"x" * size,))
        sender.start()
        until(port, "whole", count=1)
        sender.join(0.5)
        assert sender.is_alive()  # the server takes no more
        ask(port, "/release?id=whole")
        assert b'"length":%d' % size in talk.hear("POST").body
        sender.join()
        assert talk.say(get("/ping")).hear().body == b"pong"
