"""Early hints on a connection: an interim response before the response, where HTTP has one (RFC 8297)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.scenarios.serving import serving
from tests.scenarios.wire import Talk, converse, get

LINK = "</style.css>; rel=preload; as=style"


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with serving(tmp_path_factory.mktemp("hints")) as number:
        yield number


def test_hints_come_before_the_response_on_the_same_connection(port: int) -> None:
    with Talk(port) as talk:
        for _ in range(2):
            talk.say(get("/hints"))
            hint = talk.hear()
            assert (hint.status, hint.fields) == (103, [("link", LINK)])
            assert talk.hear().body == b"page"


def test_hints_of_requests_that_were_sent_ahead_stay_with_their_responses(port: int) -> None:
    with Talk(port) as talk:
        talk.say(get("/param/next") + get("/hints") + get("/hints"))
        heard = [talk.hear() for _ in range(5)]
    assert [reply.status for reply in heard] == [200, 103, 200, 103, 200]


def test_http_1_0_has_no_interim_responses(port: int) -> None:
    received, _ = converse(port, b"GET /hints HTTP/1.0\r\n\r\n")
    assert b"103" not in received.partition(b"\r\n\r\n")[0]
    assert received.endswith(b"page")


def test_a_hint_after_the_head_is_not_sent(port: int) -> None:
    received, _ = converse(port, b"GET /hints/late HTTP/1.1\r\nHost: own.test\r\nConnection: close\r\n\r\n")
    assert b"HTTP/1.1 103" not in received
    assert b"late" in received
