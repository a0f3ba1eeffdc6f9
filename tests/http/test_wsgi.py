import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import pytest

from wadjet.concurrency import ThreadPool
from wadjet.http.exceptions import NotFound
from wadjet.http.response import (
    FileResponse,
    GZipResponse,
    JSONResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)


def ask(response: Response[Any], method: str = "GET", **environ: str) -> tuple[str, dict[str, str], bytes]:
    """Answer one request, under the eyes of the standard library's validator."""
    given: dict[str, Any] = {"REQUEST_METHOD": method, "QUERY_STRING": "", **environ}
    setup_testing_defaults(given)
    head: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], error: Any = None) -> Any:
        head[:] = [status, dict(headers)]
        return lambda data: None

    content: Any = validator(response)(given, start_response)
    try:
        body = b"".join(content)
    finally:
        content.close()
    return head[0], head[1], body


async def chunks() -> AsyncIterator[bytes]:
    yield b"a"
    await asyncio.sleep(0)
    yield b"b"


def test_a_response_is_a_wsgi_application() -> None:
    status, headers, body = ask(Response("é", 201, {"x-a": "1"}))
    assert (status, body) == ("201 Created", "é".encode())
    assert headers == {"x-a": "1", "content-type": "text/plain; charset=utf-8", "content-length": "2"}


def test_one_instance_answers_many_requests() -> None:
    response = JSONResponse({})
    assert ask(response) == ask(response)


def test_head_has_the_length_and_no_content() -> None:
    status, headers, body = ask(Response("text"), "HEAD")
    assert (status, headers["content-length"], body) == ("200 OK", "4", b"")


@pytest.mark.parametrize("status", [204, 304])
def test_a_status_without_content_has_none(status: int) -> None:
    _, headers, body = ask(Response("text", status))
    assert (headers, body) == ({}, b"")


def test_conditions_and_ranges_are_answered_where_they_count() -> None:
    response = Response("0123456789", etag="v1", conditional_response=True)
    status, headers, body = ask(response, HTTP_IF_NONE_MATCH='"v1"')
    assert (status, headers["etag"], body) == ("304 Not Modified", '"v1"', b"")
    status, headers, body = ask(response, HTTP_RANGE="bytes=0-3")
    assert (status, headers["content-range"], body) == ("206 Partial Content", "bytes 0-3/10", b"0123")
    assert ask(response, HTTP_RANGE="bytes=20-")[0] == "416 Range Not Satisfiable"
    assert ask(response, HTTP_IF_MATCH='"v2"')[0] == "412 Precondition Failed"
    assert ask(Response("x", etag="v1"), HTTP_IF_NONE_MATCH='"v1"')[0] == "200 OK"


def test_an_iterable_is_handed_over_and_closed() -> None:
    closed = []

    def generate() -> Iterator[bytes]:
        try:
            yield b"a"
            yield b"b"
        finally:
            closed.append(True)

    status, headers, body = ask(Response(app_iter=generate(), content_type="text/plain"))
    assert (status, body, closed) == ("200 OK", b"ab", [True])
    assert "content-length" not in headers
    generator = generate()
    next(generator)
    assert ask(Response(app_iter=generator, content_type="text/plain"), "HEAD")[2] == b""
    assert closed == [True, True]


@pytest.mark.parametrize(
    "make",
    [
        lambda: StreamingResponse(chunks, media_type="text/plain"),
        lambda: StreamingResponse([b"a", b"b"], media_type="text/plain"),
        lambda: Response(app_iter=chunks(), media_type="text/plain"),
    ],
)
def test_a_stream_is_pulled(make: Any) -> None:
    assert ask(make())[2] == b"ab"
    assert ask(make(), "HEAD")[2] == b""


def test_a_stream_that_is_left_is_closed() -> None:
    closed = []

    async def generate() -> AsyncIterator[bytes]:
        try:
            yield b"a"
            await asyncio.sleep(60)
        finally:
            closed.append(True)

    content: Any = StreamingResponse(generate, media_type="text/plain")({}, lambda *_: None)
    assert next(content) == b"a"
    content.close()
    assert closed == [True]


def test_a_stream_that_fails_tells_the_server() -> None:
    async def generate() -> AsyncIterator[bytes]:
        yield b"a"
        raise OSError("gone")

    content: Any = StreamingResponse(generate, media_type="text/plain")({}, lambda *_: None)
    assert next(content) == b"a"
    with pytest.raises(OSError, match="gone"):
        list(content)
    content.close()


def test_a_file_is_read_and_a_missing_one_is_a_404(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("text")
    status, headers, body = ask(FileResponse(tmp_path / "a.txt"))
    assert (status, headers["content-length"], body) == ("200 OK", "4", b"text")
    assert ask(FileResponse(tmp_path / "none.txt"))[0] == "404 Not Found"


def test_an_exception_is_negotiated() -> None:
    status, headers, body = ask(NotFound("no such thing"), HTTP_ACCEPT="text/plain")
    assert (status, headers["content-type"]) == ("404 Not Found", "text/plain; charset=utf-8")
    assert b"no such thing" in body


def test_a_response_is_compressed_where_the_client_takes_it() -> None:
    response = GZipResponse("text" * 1000)
    assert ask(response, HTTP_ACCEPT_ENCODING="gzip")[1]["content-encoding"] == "gzip"
    assert "content-encoding" not in ask(response)[1]


def test_a_location_is_sent_as_it_was_given() -> None:
    response = RedirectResponse(
        "../a?b=1", headers={"content-type": "text/plain"}
    )  # which the validator asks for
    assert ask(response)[1]["location"] == "../a?b=1"


def test_what_cannot_be_sent_does_not_begin() -> None:
    begun: list[str] = []
    with pytest.raises(ValueError, match="Content-Length"):
        Response("text", headers={"content-length": "5"})({}, lambda status, _: begun.append(status))
    with pytest.raises(ValueError, match="is an interim status"):
        StreamingResponse(chunks, 103)({}, lambda status, _: begun.append(status))
    assert begun == []


def test_it_still_is_an_asgi_application() -> None:
    sent: list[Any] = []

    async def ask_in_asgi() -> None:
        async def send(message: Any) -> None:
            sent.append(message)

        async def receive() -> Any:
            raise AssertionError

        scope = {"type": "http", "method": "GET", "headers": [(b"if-none-match", b'"v1"')]}
        await Response("x", etag="v1", conditional_response=True)(scope, receive, send)
        await Response(app_iter=[b"a", b"b"])(scope, receive, send)
        await Response(app_iter=chunks())(scope, receive, send)

    asyncio.run(ask_in_asgi())
    assert [message.get("status") for message in sent[:5]] == [304, None, 200, None, 200]
    assert sent[3]["body"] == b"ab"
    assert b"".join(message["body"] for message in sent[5:]) == b"ab"


def test_a_stream_says_its_type_by_its_first_chunk() -> None:
    assert ask(StreamingResponse(["a", "b"]))[1:] == ({"content-type": "text/plain; charset=utf-8"}, b"ab")
    assert ask(StreamingResponse([b"a"]))[1]["content-type"] == "application/octet-stream"


def test_a_file_that_nobody_reads_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("a")
    file = path.open("rb")
    assert ask(Response(body_file=file), "HEAD")[2] == b""
    assert file.closed


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_a_file_that_is_not_there_is_a_404_in_a_form_that_the_client_reads(accept: str) -> None:
    status, headers, _ = ask(FileResponse("nothing"), HTTP_ACCEPT=accept)
    assert status == "404 Not Found"
    assert headers["content-type"].startswith({"text/html": "text/html"}.get(accept, "application/problem"))


def test_a_stream_that_there_is_no_thread_for_is_a_503() -> None:
    response = StreamingResponse([b"a"])
    response.pool = ThreadPool("none", 0)
    status, headers, _ = ask(response)
    assert (status, headers["retry-after"]) == ("503 Service Unavailable", "1")
