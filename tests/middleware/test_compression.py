"""CompressionMiddleware: what leaves in a coding, what leaves as it is, and what the fields say of it."""

from __future__ import annotations

import asyncio
import threading
import zlib
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.driving import Sent, drive, exchange, http_scope, run
from wadjet import (
    BaseMiddleware,
    EventSourceResponse,
    FileResponse,
    GZipResponse,
    JSONResponse,
    Request,
    Response,
    ServerSentEvent,
    Settings,
    StreamingResponse,
    Wadjet,
)
from wadjet.errors import PolicyError
from wadjet.http.compression import CODINGS, decode
from wadjet.middleware import CompressionMiddleware
from wadjet.types import ASGIApp, Receive, Scope, Send

TEXT = "the same words again and again, " * 40
LARGE = b"many of them " * 20_000
ALL = [("accept-encoding", "gzip, br, zstd")]
GZIP = [("accept-encoding", "gzip")]


async def foreign(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers as small ASGI applications do: the same, by other means."""
    assert scope["type"] == "http"
    fields = [(b"content-type", b"text/plain"), (b"content-length", str(len(TEXT)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": fields})
    body = b"" if scope["method"] == "HEAD" else TEXT.encode()
    await send({"type": "http.response.body", "body": body})


def fused(answer: Any, **options: Any) -> ASGIApp:
    """Return an application that answers this."""
    app = Wadjet(middleware=[(CompressionMiddleware, options)])

    @app.route("/", methods=["GET", "POST"])
    async def index() -> Any:
        return answer() if callable(answer) else answer

    return app


def derived(answer: Any, **options: Any) -> ASGIApp:
    """Return the same, by wrapping."""
    app = Wadjet()

    @app.route("/", methods=["GET", "POST"])
    async def index() -> Any:
        return answer() if callable(answer) else answer

    return CompressionMiddleware(app, **options)


FORMS = pytest.mark.parametrize("form", [fused, derived], ids=["fused", "derived"])


def decoded(sent: Sent) -> bytes:
    coding = sent.field(b"content-encoding")
    return sent.body if coding is None else decode(sent.body, coding.decode())


# -- which coding -----------------------------------------------------------------------------------------------------------


@FORMS
@pytest.mark.parametrize(
    ("accept", "coding"),
    [
        ("gzip, deflate, br, zstd", b"zstd"),
        ("gzip, deflate, br", b"br"),
        ("gzip", b"gzip"),
        ("gzip;q=1, br;q=0.5", b"gzip"),
        ("*", b"zstd"),
        ("*, zstd;q=0", b"br"),
        ("gzip;q=0", None),
        ("identity", None),
        ("deflate", None),
        ("", None),
        (None, None),
        ("no\tname/of a coding", None),
    ],
)
def test_the_client_and_then_the_server_chooses(form: Any, accept: str | None, coding: bytes | None) -> None:
    sent = run(form(TEXT), headers=[] if accept is None else [("accept-encoding", accept)])
    assert (sent.field(b"content-encoding"), decoded(sent)) == (coding, TEXT.encode())
    assert sent.field(b"content-length") == str(len(sent.body)).encode()
    assert sent.field(b"vary") == b"Accept-Encoding"


def test_a_coding_that_is_not_offered_is_not_used() -> None:
    sent = run(fused(TEXT, codings=["gzip"]), headers=ALL)
    assert sent.field(b"content-encoding") == b"gzip"


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40))
def test_whatever_is_accepted_the_content_is_the_same(accept: str) -> None:
    assert decoded(run(fused(TEXT), headers=[("accept-encoding", accept)])) == TEXT.encode()


# -- what is left as it is -------------------------------------------------------------------------------------------------------


@FORMS
@pytest.mark.parametrize(("size", "is_encoded"), [(0, False), (499, False), (500, False), (501, True)])
def test_what_exceeds_the_minimum_is_compressed(form: Any, size: int, is_encoded: bool) -> None:
    sent = run(form("a" * size), headers=ALL)
    assert (b"zstd" == sent.field(b"content-encoding")) is is_encoded
    assert (sent.field(b"vary") is not None) is is_encoded


def test_a_minimum_of_nothing_still_leaves_nothing_alone() -> None:
    assert run(fused("", minimum_size=0), headers=ALL).field(b"content-encoding") is None
    assert run(fused("a", minimum_size=0), headers=ALL).field(b"content-encoding") == b"zstd"


def _answer(fields: dict[str, str], status: int = 200, kind: str = "text/plain") -> Any:
    return lambda: Response(TEXT, status, {"content-type": kind, **fields})


@FORMS
@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(_answer({"cache-control": "public, no-transform"}), id="no-transform"),
        pytest.param(_answer({"content-encoding": "br"}), id="encoded"),
        pytest.param(_answer({"content-encoding": "identity"}), id="identity"),
        pytest.param(_answer({"content-range": "bytes 0-9/99"}, 206), id="part"),
        pytest.param(_answer({}, kind="image/png"), id="image"),
        pytest.param(_answer({}, kind="Application/ZIP"), id="archive"),
        pytest.param(_answer({}, kind="video/mp4"), id="video"),
        pytest.param(_answer({}, kind="application/octet-stream"), id="bytes"),
        pytest.param(_answer({}, kind="text/css"), id="excluded"),
    ],
)
def test_what_is_left_as_it_is(form: Any, answer: Any) -> None:
    own = answer()
    sent = run(form(answer, excluded_types=["text/css"]), headers=ALL)
    assert (sent.status, sent.body) == (own.status_code, own.body)
    assert sent.getall(b"content-encoding") == [
        value.encode() for value in own.headers.getall("content-encoding")
    ]


@FORMS
@pytest.mark.parametrize(
    ("headers", "is_encoded"),
    [
        ([("sec-fetch-site", "cross-site"), ("cookie", "a=1")], False),
        ([("sec-fetch-site", "cross-site"), ("authorization", "Bearer x")], False),
        ([("sec-fetch-site", "cross-site")], True),
        ([("sec-fetch-site", "same-site"), ("cookie", "a=1")], True),
        ([("cookie", "a=1")], True),
    ],
)
def test_gz_25_what_another_site_asks_for_in_a_client_s_name_is_not_compressed(
    form: Any, headers: list[tuple[str, str]], is_encoded: bool
) -> None:
    sent = run(form(TEXT), headers=[*ALL, *headers])
    assert (sent.field(b"content-encoding") is not None) is is_encoded
    assert sent.field(b"vary") == b"Accept-Encoding"


# -- what the fields say ---------------------------------------------------------------------------------------------------------


@FORMS
def test_the_head_of_head_is_that_of_get_but_for_the_length(form: Any) -> None:
    get, head = run(form(TEXT), headers=GZIP), run(form(TEXT), "HEAD", headers=GZIP)
    assert head.body == b""
    assert head.field(b"content-encoding") == b"gzip"
    assert {pair for pair in get.fields if pair[0] != b"content-length"} == set(head.fields)


@FORMS
def test_a_tag_is_weak_where_the_content_is_encoded(form: Any) -> None:
    answer = _answer({"etag": '"v1"', "accept-ranges": "bytes", "vary": "Cookie", "content-md5": "x"})
    sent = run(form(answer), headers=GZIP)
    assert sent.field(b"etag") == b'W/"v1"'
    assert sent.field(b"vary") == b"Cookie, Accept-Encoding"
    assert sent.field(b"accept-ranges") is sent.field(b"content-md5") is None
    assert run(form(answer)).field(b"etag") == b'"v1"'
    assert run(form(_answer({"etag": 'W/"v1"'})), headers=GZIP).field(b"etag") == b'W/"v1"'


@FORMS
def test_a_304_has_the_tag_and_vary_of_what_the_client_has(form: Any) -> None:
    def answer() -> Response[Any]:
        return Response(TEXT, etag="v1", conditional_response=True)

    app = form(answer)
    tag = run(app, headers=GZIP).field(b"etag")
    assert tag == b'W/"v1"'
    again = run(app, headers=[*GZIP, ("if-none-match", tag.decode())])
    assert (again.status, again.field(b"etag"), again.field(b"vary")) == (304, tag, b"Accept-Encoding")
    plain = run(app, headers=[("if-none-match", '"v1"')])
    assert (plain.status, plain.field(b"etag")) == (304, b'"v1"')


@pytest.mark.parametrize(
    ("known", "tag"),
    [
        ('"v1"', b'"v1"'),
        ('"v0", "v1"', b'"v1"'),
        ('W/"v1"', b'W/"v1"'),
        ('"v1", W/"v1"', b'W/"v1"'),
        ("*", b'W/"v1"'),
    ],
)
@FORMS
def test_a_304_keeps_a_strong_tag_that_the_client_has(form: Any, known: str, tag: bytes) -> None:
    app = form(lambda: Response(TEXT, etag="v1", conditional_response=True))
    again = run(app, headers=[*GZIP, ("if-none-match", known)])
    assert (again.status, again.field(b"etag")) == (304, tag)


# -- with the rest ---------------------------------------------------------------------------------------------------------------


@FORMS
def test_a_file_is_compressed_whole_and_never_in_parts(form: Any, tmp_path: Path) -> None:
    for name, size in (("small.txt", 2000), ("large.txt", 2_000_000)):
        content = (TEXT * (size // len(TEXT) + 1))[:size].encode()
        (tmp_path / name).write_bytes(content)
        app = form(lambda name=name: FileResponse(tmp_path / name))
        for _ in range(2):  # the second time it is kept
            sent = run(app, headers=GZIP)
            assert (sent.field(b"content-encoding"), decoded(sent)) == (b"gzip", content)
        tag = sent.field(b"etag")
        assert tag is not None
        assert tag.startswith(b'W/"')
        part = run(app, headers=[*GZIP, ("range", "bytes=0-9")])
        assert (part.status, part.body, part.field(b"content-encoding")) == (206, content[:10], None)
        whole = run(app, headers=[*GZIP, ("range", "bytes=0-9"), ("if-range", tag.decode())])
        assert (whole.status, decoded(whole)) == (200, content)
        again = run(app, headers=[*GZIP, ("if-none-match", tag.decode())])
        assert (again.status, again.field(b"etag")) == (304, tag)
        assert run(app).body == content


@FORMS
def test_what_was_compressed_inside_is_not_compressed_again(form: Any) -> None:
    sent = run(form(lambda: GZipResponse(TEXT)), headers=ALL)
    assert (sent.field(b"content-encoding"), decoded(sent)) == (b"gzip", TEXT.encode())
    twice = CompressionMiddleware(form(TEXT))
    assert decoded(run(twice, headers=ALL)) == TEXT.encode()


def test_what_a_route_compresses_itself_is_not_compressed_again() -> None:
    app = Wadjet(middleware=[CompressionMiddleware])
    app.get("/", response_zlib_executor=zlib.compress)(lambda: TEXT)
    sent = run(app, headers=[("accept-encoding", "deflate, zstd;q=0.5")])
    assert (sent.field(b"content-encoding"), zlib.decompress(sent.body)) == (b"deflate", TEXT.encode())


def test_a_kept_answer_is_kept_as_it_is_and_leaves_as_each_client_takes_it() -> None:
    app = Wadjet(middleware=[CompressionMiddleware])
    runs = []

    @app.get("/", cache_ttl=60)
    async def index() -> Any:
        runs.append(1)
        return {"text": TEXT}

    async def ask() -> list[Sent]:
        accepts = ["gzip", "zstd", "", "br", "gzip"]
        return [await exchange(app, headers=[("accept-encoding", accept)]) for accept in accepts]

    found = asyncio.run(ask())
    assert [sent.field(b"content-encoding") for sent in found] == [b"gzip", b"zstd", None, b"br", b"gzip"]
    assert len({decoded(sent) for sent in found}) == len(runs) == 1


def test_an_error_is_compressed_too() -> None:
    app = Wadjet(middleware=[CompressionMiddleware])

    @app.get("/")
    async def index() -> None:
        raise LookupError("x" * 2000)

    sent = run(fused(lambda: JSONResponse({"detail": TEXT}, 500)), headers=GZIP)
    assert (sent.status, sent.field(b"content-encoding")) == (500, b"gzip")
    assert run(app, headers=GZIP).status == 500


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_around_any_application(method: str) -> None:
    sent = run(CompressionMiddleware(foreign), method, headers=GZIP)
    assert sent.field(b"content-encoding") == b"gzip"
    assert decoded(sent) == TEXT.encode() if method == "GET" else sent.body == b""


# -- streams ---------------------------------------------------------------------------------------------------------------------


def pieces(app: ASGIApp, headers: Iterable[tuple[str, str]] = GZIP) -> tuple[dict[bytes, bytes], list[bytes]]:
    start, *bodies = asyncio.run(drive(app, http_scope(headers=headers)))
    return dict(start["headers"]), [message["body"] for message in bodies if message.get("body")]


@FORMS
@pytest.mark.parametrize("coding", CODINGS)
def test_a_client_can_read_each_event_when_it_comes(form: Any, coding: str) -> None:
    async def events() -> AsyncIterator[ServerSentEvent]:
        for number in range(3):
            yield ServerSentEvent(f"event {number}")

    fields, sent = pieces(form(lambda: EventSourceResponse(events())), [("accept-encoding", coding)])
    assert fields[b"content-encoding"] == coding.encode()
    assert b"content-length" not in fields
    if coding == "gzip":
        machine = zlib.decompressobj(16 + zlib.MAX_WBITS)
        assert [machine.decompress(piece) for piece in sent[:3]] == [
            b"data: event %d\n\n" % number for number in range(3)
        ]
    assert len(sent) >= 3
    assert decode(b"".join(sent), coding) == b"".join(b"data: event %d\n\n" % number for number in range(3))


@FORMS
def test_a_stream_of_a_thread_and_one_of_the_loop_are_compressed(form: Any) -> None:
    def blocking() -> Iterator[str]:
        yield from ("one ", "", "two")

    for content in (blocking, lambda: iter([b"one ", b"two"])):
        fields, sent = pieces(
            form(lambda content=content: StreamingResponse(content(), media_type="text/plain"))
        )
        assert (fields[b"content-encoding"], decode(b"".join(sent), "gzip")) == (b"gzip", b"one two")


@FORMS
def test_an_empty_stream_is_one_whole_empty_content(form: Any) -> None:
    fields, sent = pieces(form(lambda: StreamingResponse(iter(()), media_type="text/plain")))
    assert (fields[b"content-encoding"], decode(b"".join(sent), "gzip")) == (b"gzip", b"")


@FORMS
@pytest.mark.parametrize("kind", ["whole", "streamed"])
def test_much_is_compressed_in_a_thread(form: Any, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    threads: set[str] = set()
    from wadjet.http import compression

    class Spy(compression._Gzip):
        def feed(self, data: bytes) -> bytes:
            if data:
                threads.add(threading.current_thread().name)
            return super().feed(data)

    monkeypatch.setitem(compression._MACHINES, "gzip", (Spy, 6, ("zlib",)))

    async def stream() -> AsyncIterator[bytes]:
        yield LARGE

    def answer() -> Response[Any]:
        if kind == "whole":
            return Response(LARGE, media_type="text/plain")
        return StreamingResponse(stream(), media_type="text/plain")

    _, sent = pieces(form(answer))
    assert decode(b"".join(sent), "gzip") == LARGE
    assert all(name.startswith("wadjet-encode") for name in threads), threads
    assert threads


# -- settings --------------------------------------------------------------------------------------------------------------------


def test_what_is_not_given_is_a_setting() -> None:
    settings = Settings(
        COMPRESSION_MINIMUM_SIZE=10,
        COMPRESSION_CODINGS=("gzip",),
        COMPRESSION_EXCLUDED_TYPES=("text/html", "image/"),
        MIDDLEWARE=("wadjet.middleware.compression.CompressionMiddleware",),
    )
    app = Wadjet(settings)
    app.get("/")(lambda: "eleven byte")
    app.get("/page")(lambda: Response(TEXT, media_type="text/html"))
    assert run(app, headers=ALL).field(b"content-encoding") == b"gzip"
    assert run(app, target="/page", headers=ALL).field(b"content-encoding") is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"minimum_size": -1}, "no number of bytes"),
        ({"minimum_size": True}, "no number of bytes"),
        ({"codings": ["deflate"]}, "not some of zstd, br, gzip"),
        ({"codings": []}, "not some of"),
        ({"codings": "gzip"}, r"write a list, as \['gzip'\]"),
        ({"excluded_types": ["png"]}, "begins no media type"),
        ({"excluded_types": ["Image/"]}, "begins no media type"),
        ({"excluded_types": ["/x"]}, "begins no media type"),
    ],
)
def test_what_cannot_be_is_an_error_at_startup(options: dict[str, Any], message: str) -> None:
    with pytest.raises(PolicyError, match=message):
        CompressionMiddleware(foreign, **options)


def test_a_hook_may_still_choose_an_encoder_of_its_own() -> None:
    class Own(BaseMiddleware):
        def after(self, request: Request, response: Any) -> None:
            from wadjet.http.compression import encoder_for

            encoder = encoder_for("br")
            assert encoder is not None
            response.encode_with(encoder)

    app = Wadjet(middleware=[CompressionMiddleware, Own])
    app.get("/")(lambda: TEXT)
    sent = run(app, headers=ALL)
    assert (sent.field(b"content-encoding"), decoded(sent)) == (b"br", TEXT.encode())
