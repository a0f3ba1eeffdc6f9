"""What is fed to a protocol, and what is read of its answers."""

from __future__ import annotations

import pytest

from benchmarks.inwire import WIRES, FakeTransport, read_answer, written
from benchmarks.scenarios import Asked


def test_a_request_is_written() -> None:
    asked = Asked("/orders", "POST", b"{}", (("content-type", "application/json"),))
    assert written(asked) == (
        b"POST /orders HTTP/1.1\r\nhost: 127.0.0.1:8000\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"
    )


def test_an_answer_is_read() -> None:
    answer = read_answer(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n")
    assert answer == (200, (("transfer-encoding", "chunked"),), b"ab")


@pytest.mark.parametrize("data", [b"", b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nab"])
def test_what_is_no_whole_answer_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="no whole response"):
        read_answer(data)


def test_a_transport_tells_when_everything_has_come() -> None:
    told: list[str] = []
    transport = FakeTransport()
    transport.missing, transport.finished = 5, lambda: told.append("all")
    transport.write(b"abc")
    assert not told
    transport.writelines([b"d", b"e"])
    assert told == ["all"]
    assert b"".join(transport.kept or ()) == b"abcde"


def test_the_cases_are_those_that_comments_name() -> None:
    assert WIRES.keys() == {
        "wire_plaintext",
        "wire_cached",
        "wire_json",
        "wire_headers",
        "wire_body",
        "wire_stream",
        "wire_file",
        "wire_not_modified",
        "wire_upload",
        "wire_pipelined",
    }
    assert len(WIRES["wire_headers"].asked.headers) == 9
