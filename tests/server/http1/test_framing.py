"""What is said about content while it comes: expectations, trailers, and pieces of any size."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from tests.scenarios.app import app
from tests.scenarios.serving import LOOPS
from tests.scenarios.serving import serving as serving_process
from tests.scenarios.wire import Talk, get
from tests.server.http1.serving import run, serving

EXPECT = "Expect: 100-continue"


@pytest.fixture(scope="module", params=LOOPS)
def port(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    directory = tmp_path_factory.mktemp("framing")
    with serving_process(directory, loop=request.param, KEEP_ALIVE_TIMEOUT=60, BODY_TIMEOUT=60) as number:
        yield number


def post(target: str, *fields: str, content: bytes = b"") -> bytes:
    return get(target, *fields, method="POST", content=content)


# -- expectations ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", ["/body", "/body/stream?id=expected", "/mirror"])
@pytest.mark.parametrize(
    ("framing", "content"),
    [("Content-Length: 5", b"hello"), ("Transfer-Encoding: chunked", b"5\r\nhello\r\n0\r\n\r\n")],
    ids=["with a length", "in chunks"],
)
def test_a_client_that_expects_is_told_to_go_on_when_the_content_is_wanted(
    port: int, target: str, framing: str, content: bytes
) -> None:
    with Talk(port) as talk:
        talk.say(post(target, EXPECT, framing))
        assert (talk.hear("POST").status, talk.is_silent(0.05)) == (100, True)
        assert talk.say(content).hear("POST").status == 200
        assert talk.say(get("/param/next")).hear().body == b'{"name":"next"}'


@pytest.mark.parametrize(("target", "status"), [("/ignore", 200), ("/nope", 404), ("/boom", 500)])
def test_a_client_that_expects_is_answered_at_once_when_nobody_wants_the_content(
    port: int, target: str, status: int
) -> None:
    with Talk(port) as talk:
        reply = talk.say(post(target, EXPECT, "Content-Length: 5")).hear("POST")
        assert (reply.status, reply.field("connection")) == (status, "close")
        assert talk.rest() == b""


def test_a_stream_that_begins_before_expected_content_is_the_last_response(port: int) -> None:
    with Talk(port) as talk:
        reply = talk.say(post("/stream/unread", EXPECT, "Content-Length: 5")).hear("POST")
        assert (reply.body, reply.field("connection")) == (b"not read", "close")
        talk.say(get("/param/next"))  # a client may take the answer for leave not to send the content
        assert talk.rest() == b""


def test_http_1_0_is_never_told_to_go_on(port: int) -> None:
    with Talk(port) as talk:
        talk.say(post("/body", EXPECT, "Content-Length: 5").replace(b"HTTP/1.1", b"HTTP/1.0"))
        assert talk.is_silent(0.2)
        assert talk.say(b"hello").hear("POST").status == 200
        assert talk.rest() == b""


def test_the_word_to_go_on_waits_for_its_turn(port: int) -> None:
    with Talk(port) as talk:
        talk.say(get("/sleep?s=0.3") + post("/body", EXPECT, "Content-Length: 5"))
        assert talk.hear().body == b"slept"
        assert talk.hear("POST").status == 100
        assert b'"length":5' in talk.say(b"hello").hear("POST").body


def test_who_has_begun_to_send_need_not_be_told(port: int) -> None:
    with Talk(port) as talk:
        talk.say(post("/body", EXPECT, "Content-Length: 5", content=b"hel"), b"lo")
        reply = talk.hear("POST")
        assert (talk.hear("POST") if reply.status == 100 else reply).status == 200
        assert talk.say(get("/ping")).hear().body == b"pong"


# -- pieces -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 1000])
def test_requests_may_come_in_pieces_of_any_size(port: int, size: int) -> None:
    whole = b"".join(
        [
            b"\r\n" + get("/param/one", "X-A: \t a \t"),
            post("/body", "Content-Length: 300", content=b"x" * 300),
            post("/body", "Transfer-Encoding: chunked", content=b"5;a=b\r\nhello\r\n0\r\nX-T: t\r\n\r\n"),
            get("http://other.test/param/two"),
            get("/ping", "Connection: Upgrade", "Upgrade: h2c"),
            get("/param/last"),
        ]
    )
    with Talk(port) as talk:
        talk.say(*(whole[place : place + size] for place in range(0, len(whole), size)))
        bodies = [talk.hear().body for _ in range(6)]
    assert bodies == [
        b'{"name":"one"}',
        b'{"length":300,"ends":"xxxx"}',
        b'{"length":5,"ends":"ello"}',
        b'{"name":"two"}',
        b"pong",
        b'{"name":"last"}',
    ]


# -- what a connection keeps --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("trailer", [b"a:b\r\n", b"Expect:x\r\n"], ids=["any", "of the connection"])
def test_trailers_are_not_kept(trailer: bytes) -> None:
    async def check() -> None:
        async with serving(app) as served:
            peer = await served.open()
            await peer.send(post("/hold?id=trailers", "Transfer-Encoding: chunked"))
            await peer.send(b"3e8\r\n" + b"x" * 1000 + b"\r\n0\r\n")
            sent = trailer * (60_000 // len(trailer))
            await peer.send(sent)
            async with asyncio.timeout(60):
                while not served.lane.connections:
                    await asyncio.sleep(0.01)
                (connection,) = served.lane.connections
                while connection._overhead < 55_000:
                    await asyncio.sleep(0.01)
            kept = len(connection.fields) + len(connection.notable or ())
            await peer.send(get("/release?id=none"))
            peer.close()
            connection.transport.abort()
            await served.ask(get("/release?id=trailers", "Connection: close"))
            await served.until_idle()
            assert kept < 4096

    run(check())


@pytest.mark.parametrize("size", [60, 4097, 5000])
def test_few_more_requests_are_taken_in_than_may_wait(size: int) -> None:
    request = get("/ping", "X-A: " + "a" * (size - len(get("/ping", "X-A: "))))

    async def check() -> None:
        async with serving(app) as served:
            peer = await served.open()
            await peer.send(get(f"/hold?id=few{size}"))
            sending = asyncio.create_task(peer.send(request * (20_000_000 // size)))
            (connection,) = served.lane.connections
            async with asyncio.timeout(60):
                while not connection.is_paused:
                    await asyncio.sleep(0.01)
            # So many as may wait, and those that come in the same piece.
            assert len(connection.arrived) <= served.lane.settings.MAX_PIPELINED + 4096 // size + 1
            sending.cancel()
            peer.reset()
            await served.ask(get(f"/release?id=few{size}", "Connection: close"))
            await served.until_idle()

    run(check())
