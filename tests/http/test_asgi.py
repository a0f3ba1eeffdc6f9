import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.http.scopes import receiving, scope
from wadjet.http.asgi import StartMessage, send_response
from wadjet.http.response import Response, StreamingResponse


async def sent(response: Response[Any], method: str = "GET") -> list[Any]:
    messages: list[Any] = []

    async def send(message: Any) -> None:
        messages.append(message)

    await response(scope(method=method), receiving(), send)
    return messages


def test_a_response_is_an_asgi_application() -> None:
    assert asyncio.run(sent(Response("é", 201, {"x-a": "1"}))) == [
        {
            "type": "http.response.start",
            "status": 201,
            "headers": [
                (b"x-a", b"1"),
                (b"content-type", b"text/plain; charset=utf-8"),
                (b"content-length", b"2"),
            ],
        },
        {"type": "http.response.body", "body": "é".encode()},
    ]


def test_head_has_the_fields_and_no_content() -> None:
    """RSP-20, RSP-28."""
    get, head = asyncio.run(sent(Response("abc"))), asyncio.run(sent(Response("abc"), "HEAD"))
    assert head[0] == get[0]
    assert head[1:] == [{"type": "http.response.body", "body": b""}]


def test_a_stream_leaves_chunk_by_chunk_and_empty_ones_do_not_end_it() -> None:
    """STR-01, STR-02."""
    messages = asyncio.run(sent(StreamingResponse([b"a", b"", "b"], media_type="text/plain")))
    assert messages[1:] == [
        {"type": "http.response.body", "body": b"a", "more_body": True},
        {"type": "http.response.body", "body": b"b", "more_body": True},
        {"type": "http.response.body", "body": b""},
    ]


@pytest.mark.parametrize("failing", ["start", "body", None])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_stream_is_closed_however_sending_ends(failing: str | None, method: str) -> None:
    events: list[str] = []

    async def content() -> AsyncIterator[bytes]:
        events.append("opened")
        try:
            yield b"a"
            yield b"b"
        finally:
            events.append("closed")

    async def run() -> None:
        response = StreamingResponse(content())
        await response.begin(head=method == "HEAD")

        async def send(message: Any) -> None:
            if failing is not None and message["type"].endswith(failing):
                raise OSError

        try:
            await send_response(response, send, head=method == "HEAD")
        except OSError:
            assert failing
        assert events == ["opened", "closed"]

    asyncio.run(run())


@pytest.mark.parametrize("status", [204, 205, 304])
def test_a_status_without_content_sends_none(status: int) -> None:
    for response in (Response("abc", status), StreamingResponse([b"abc"], status)):
        start, body = asyncio.run(sent(response))
        assert (start["headers"], body["body"]) == ([], b"")


def test_the_head_of_a_message_is_a_live_view() -> None:
    message: dict[str, Any] = {"type": "http.response.start", "status": 200, "headers": ((b"x-a", b"1"),)}
    head = StartMessage(message)
    head.headers["x-b"] = "2"
    head.status_code = 404
    assert message["headers"] == [(b"x-a", b"1"), (b"x-b", b"2")]
    assert message["status"] == head.status_code == 404
    with pytest.raises(ValueError):
        head.status_code = 999
    assert StartMessage({"type": "http.response.start", "status": 200}).headers == {}
