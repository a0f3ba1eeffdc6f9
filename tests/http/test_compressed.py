import asyncio
import gzip
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.driving import Sent, exchange, run
from wadjet import (
    EventSourceResponse,
    FileResponse,
    GZipResponse,
    HTMLResponse,
    JSONResponse,
    Request,
    Response,
    StreamingResponse,
    Wadjet,
)

TEXT = "all work and no play makes a dull server; " * 100
GZIP = [("accept-encoding", "gzip")]


def serving(make: Any) -> Wadjet:
    app = Wadjet()

    @app.get("/")
    async def handler() -> Response[Any]:
        response: Response[Any] = make if isinstance(make, Response) else make()
        return response

    return app


def asked(make: Any, *fields: tuple[str, str], method: str = "GET") -> Sent:
    return run(serving(make), method, headers=fields)


def unpacked(sent: Sent) -> str:
    assert sent.field(b"content-encoding") == b"gzip"
    return gzip.decompress(sent.body).decode()


# -- what is inside -----------------------------------------------------------------------------------------------------------


async def chunks() -> AsyncIterator[str]:
    for _ in range(100):
        yield "all work and no play"


class Result:
    def __view_result__(self) -> Any:
        return TEXT, 203, {"x-result": "yes"}


@pytest.mark.parametrize(
    ("make", "content_type"),
    [
        (lambda: GZipResponse(TEXT), b"text/plain; charset=utf-8"),
        (lambda: GZipResponse(HTMLResponse(TEXT)), b"text/html; charset=utf-8"),
        (lambda: GZipResponse([TEXT]), b"application/json"),
        (lambda: GZipResponse(chunks()), b"text/plain; charset=utf-8"),
        (lambda: GZipResponse(iter([TEXT])), b"text/plain; charset=utf-8"),
        (lambda: GZipResponse(StreamingResponse(chunks, media_type="text/csv")), b"text/csv; charset=utf-8"),
        (lambda: GZipResponse(EventSourceResponse([TEXT])), b"text/event-stream; charset=utf-8"),
        (lambda: GZipResponse(FileResponse(__file__)), b"text/x-python; charset=utf-8"),
        (lambda: GZipResponse(Path(__file__)), b"text/x-python; charset=utf-8"),
        (lambda: GZipResponse(TEXT, media_type="text/css"), b"text/css; charset=utf-8"),
        (lambda: GZipResponse(content_type="text/css", text=TEXT), b"text/css; charset=utf-8"),
        (lambda: GZipResponse(Result()), b"text/plain; charset=utf-8"),
    ],
)
def test_whatever_is_inside_leaves_as_gzip(make: Any, content_type: bytes) -> None:
    sent, plain = asked(make, *GZIP), asked(make)
    assert unpacked(sent) == plain.body.decode()
    assert plain.field(b"content-encoding") is None
    for found in (sent, plain):
        assert (found.field(b"content-type"), found.field(b"vary")) == (content_type, b"Accept-Encoding")
    head = asked(make, *GZIP, method="HEAD")
    assert (head.body, head.field(b"content-encoding")) in [(b"", b"gzip"), (b"", None)]


@pytest.mark.parametrize("accept", ["gzip;q=0", "identity", "notgzip", "gzipped, br;q=0", "", "br"])
def test_a_client_that_does_not_take_gzip_gets_none(accept: str) -> None:
    """GZ-03, GZ-05, GZ-06, GZ-07."""
    sent = asked(GZipResponse(TEXT), ("accept-encoding", accept))
    assert (sent.body.decode(), sent.field(b"content-encoding")) == (TEXT, None)


@pytest.mark.parametrize(("size", "is_compressed"), [(499, False), (500, False), (501, True)])
def test_content_is_compressed_above_the_minimum_and_not_at_it(size: int, is_compressed: bool) -> None:
    sent = asked(GZipResponse("a" * size), *GZIP)
    assert (sent.field(b"content-encoding") == b"gzip") is is_compressed
    assert sent.field(b"content-length") == b"%d" % len(sent.body)


def test_the_minimum_and_the_level_may_be_said() -> None:
    assert unpacked(asked(GZipResponse("a", minimum_size=0), *GZIP)) == "a"
    stored = asked(GZipResponse(TEXT, 0, 0), *GZIP)
    assert len(stored.body) > len(TEXT)
    assert unpacked(stored) == TEXT


@pytest.mark.parametrize("options", [{"compresslevel": 10}, {"compresslevel": -1}, {"minimum_size": -1}])
def test_what_gzip_does_not_have_is_the_developers_mistake(options: Any) -> None:
    with pytest.raises(ValueError, match="is not a"):
        GZipResponse("", **options)


@pytest.mark.parametrize(
    "inner",
    [
        Response(TEXT, headers={"content-encoding": "br"}),
        Response(TEXT, headers={"cache-control": "no-transform"}),
        Response(TEXT, media_type="image/png"),
        Response(TEXT.encode()),
        Response(TEXT, 204),
    ],
)
def test_what_must_not_be_encoded_or_gains_nothing_leaves_as_it_is(inner: Response[Any]) -> None:
    """GZ-17."""
    sent, plain = asked(GZipResponse(inner), *GZIP), asked(inner)
    assert sent == plain


# -- its head is the inner one's ----------------------------------------------------------------------------------------------


def test_the_head_is_that_of_what_is_inside_and_can_be_changed() -> None:
    inner = JSONResponse({"text": TEXT}, 201, {"x-inner": "yes", "etag": '"v1"', "vary": "Cookie"})
    response = GZipResponse(inner, headers={"X-Outer": "yes"})
    assert (response.status_code, response.headers["x-inner"]) == (201, "yes")
    assert (response.body, response.length) == (inner.body, len(inner.body))
    response.set_cookie("a", "b")
    response.status_code = 202
    response.headers.set("x-inner", "no")
    sent = asked(response, *GZIP)
    assert sent.status == 202
    assert sent.field(b"x-inner") == b"no"
    assert sent.field(b"x-outer") == b"yes"
    assert sent.field(b"etag") == b'W/"v1"'
    assert sent.field(b"vary") == b"Cookie, Accept-Encoding"
    assert (sent.field(b"set-cookie") or b"").startswith(b"a=b")
    assert (inner.status_code, inner.headers["x-inner"], "set-cookie" in inner.headers) == (201, "yes", False)


def test_the_content_may_be_replaced() -> None:
    response = GZipResponse("a")
    response.text = TEXT
    assert unpacked(asked(response, *GZIP)) == TEXT


def test_the_charset_is_that_of_the_text_inside() -> None:
    response = GZipResponse("é" * 600, charset="latin-1")
    sent = asked(response, *GZIP)
    assert sent.field(b"content-type") == b"text/plain; charset=latin-1"
    assert gzip.decompress(sent.body) == b"\xe9" * 600


def test_one_instance_answers_every_client() -> None:
    response = GZipResponse(TEXT)
    app = serving(response)
    assert unpacked(run(app, headers=GZIP)) == TEXT
    assert run(app).body.decode() == TEXT
    assert unpacked(run(app, headers=GZIP)) == TEXT


def test_a_response_callback_sees_the_content_before_it_is_compressed() -> None:
    app, seen = Wadjet(), []

    @app.get("/")
    async def handler(request: Request) -> GZipResponse:
        request.add_response_callback(lambda request, response: seen.append(response.body))
        return GZipResponse(TEXT)

    assert unpacked(run(app, headers=GZIP)) == TEXT
    assert seen == [TEXT.encode()]


# -- as an ASGI application ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make", [lambda: GZipResponse(TEXT), lambda: GZipResponse(chunks()), lambda: GZipResponse(Path(__file__))]
)
def test_it_is_an_asgi_application(make: Any) -> None:
    response = make()
    sent = asyncio.run(exchange(response, headers=GZIP))
    assert unpacked(sent)
    assert asyncio.run(exchange(make(), "HEAD", headers=GZIP)).body == b""


# -- its content is that of the response inside -------------------------------------------------------------------------------


def rewritten(response: GZipResponse) -> None:
    response.text = "é" * 1000


def written(response: GZipResponse) -> None:
    response.body_file.write("é" * 1000)


def iterated(response: GZipResponse) -> None:
    response.app_iter = ["é".encode("latin-1")] * 1000


def deleted(response: GZipResponse) -> None:
    del response.app_iter
    response.write(b"\xe9" * 1000)


def encoded(response: GZipResponse) -> None:
    response.text = "é" * 1000
    response.encode_content()


@pytest.mark.parametrize(
    ("change", "before"), [(rewritten, 0), (written, 1000), (iterated, 0), (deleted, 0), (encoded, 0)]
)
@pytest.mark.parametrize("inside", [lambda: "a" * 1000, lambda: Response("a" * 1000)])
def test_content_that_is_changed_is_what_leaves(change: Any, before: int, inside: Any) -> None:
    def make() -> GZipResponse:
        response = GZipResponse(inside(), charset="latin-1")
        change(response)
        return response

    sent = asked(make, *GZIP)
    body = gzip.decompress(sent.body)
    assert body.decode("latin-1") == "a" * before + "é" * 1000
    assert sent.field(b"content-encoding") == b"gzip"


def test_what_is_written_to_it_can_be_read() -> None:
    response = GZipResponse("ab")
    assert (response.write("c"), response.body, response.is_whole) == (1, b"abc", True)
    response.app_iter = iter([b"d"])
    assert (response.is_unread, response.is_whole) == (True, False)
    assert response.body == b"d"


@pytest.mark.parametrize("tag", [{"etag": "v1"}, {}])
def test_it_answers_conditions(tag: Any) -> None:
    app = Wadjet()

    @app.get("/", etag=not tag)
    async def handler() -> GZipResponse:
        return GZipResponse(TEXT, conditional_response=bool(tag), **tag)

    found = run(app, headers=GZIP).field(b"etag")
    assert found is not None
    assert found.startswith(b"W/")
    again = run(app, headers=[*GZIP, ("if-none-match", found.decode())])
    assert (again.status, again.field(b"etag"), again.field(b"vary")) == (304, found, b"Accept-Encoding")
