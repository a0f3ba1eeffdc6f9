import asyncio
import copy
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.http.scopes import receiving, scope
from wadjet.http.asgi import StartMessage, send_response
from wadjet.http.exceptions import NotFound
from wadjet.http.response import FileResponse, GZipResponse, Response, StreamingResponse


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


# -- without an application around it -----------------------------------------------------------------------------------------


def fields_of(messages: list[Any]) -> dict[bytes, bytes]:
    return dict(messages[0]["headers"])


@pytest.mark.parametrize(
    ("chunk", "kind"), [("a", b"text/plain; charset=utf-8"), (b"a", b"application/octet-stream")]
)
def test_the_first_chunk_of_a_stream_says_its_type(chunk: Any, kind: bytes) -> None:
    for method in ("GET", "HEAD"):
        assert fields_of(asyncio.run(sent(StreamingResponse([chunk]), method)))[b"content-type"] == kind


def test_a_stream_that_fails_at_once_sends_no_head() -> None:
    messages: list[Any] = []

    async def content() -> AsyncIterator[bytes]:
        if not messages:
            raise LookupError
        yield b""

    async def send(message: Any) -> None:
        messages.append(message)

    with pytest.raises(LookupError):
        asyncio.run(StreamingResponse(content())(scope(), receiving(), send))
    assert not messages


def test_one_stream_answers_many_requests_at_a_time() -> None:
    response = StreamingResponse(["a", "b"])

    async def two() -> tuple[list[Any], list[Any]]:
        return await asyncio.gather(sent(response), sent(response))

    for messages in asyncio.run(two()):
        assert b"".join(message["body"] for message in messages[1:]) == b"ab"


@pytest.mark.parametrize(
    "response", [FileResponse("nothing"), GZipResponse(FileResponse("nothing")), GZipResponse(NotFound())]
)
def test_what_is_not_there_is_a_404(response: Response[Any]) -> None:
    messages = asyncio.run(sent(response))
    assert (messages[0]["status"], fields_of(messages)[b"content-type"]) == (404, b"application/problem+json")


@pytest.mark.parametrize("kind", ["lifespan", "websocket"])
def test_what_is_no_request_is_not_answered(kind: str) -> None:
    """A server takes the error for: this application has no lifespan."""
    messages: list[Any] = []
    response: Any = Response("x")
    with pytest.raises(RuntimeError, match=kind):
        asyncio.run(response({"type": kind}, receiving(), messages.append))
    assert not messages


class Cursor:
    """Rows that have to be closed."""

    def __init__(self) -> None:
        self.is_closed = False

    def __iter__(self) -> "Cursor":
        return self

    def __next__(self) -> bytes:
        raise StopIteration

    def close(self) -> None:
        self.is_closed = True


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("status", [200, 204])
def test_content_that_is_not_begun_is_closed_as_well(method: str, status: int) -> None:
    content = Cursor()
    asyncio.run(sent(StreamingResponse(content, status, media_type="text/csv"), method))
    assert content.is_closed


@pytest.mark.parametrize("how", [copy.copy, copy.deepcopy, Response.copy, Response.take])
@pytest.mark.parametrize(
    "response", [Response("x"), StreamingResponse([b"x"]), FileResponse("x"), GZipResponse("x")]
)
def test_a_copy_shares_no_fields(how: Any, response: Response[Any]) -> None:
    twin = how(response)
    twin.set_cookie("whose", "mine")
    assert "set-cookie" not in response.headers
