"""Scenarios of connections: versions, targets, expectations and upgrades, and many requests one after the other."""

from __future__ import annotations

from tests.scenarios.scenario import (
    CLIENT_ERROR,
    CLOSE,
    NEXT,
    REFUSED,
    SMUGGLED,
    Judge,
    Lane,
    Scenario,
    answers,
    ask,
    chunked,
    has,
    is_next,
    kept,
    post,
    without,
)
from tests.scenarios.wire import Reply

__all__ = ["CONNECTIONS"]

EXPECT = "Expect: 100-continue"


def refused(
    name: str, line: str, *fields: str, status: tuple[int, ...] = (400,), lane: Lane = "fast"
) -> Scenario:
    """Refuse a request; nothing is asked after it."""
    return Scenario(name, kept(line, *fields, CLOSE), status, lane=lane)


def dropped(
    name: str, line: str, *fields: str, status: tuple[int, ...] = (400,), content: bytes = b""
) -> Scenario:
    """Refuse what is no request, and answer nothing after it, though the client would go on."""
    return Scenario(name, kept(line, *fields, content=content) + NEXT, status, lane="fast")


def goes_on(
    name: str,
    *sent: bytes,
    body: bytes | Judge | None = None,
    status: tuple[int, ...] = (200,),
    lane: Lane = "fast",
) -> Scenario:
    """Answer a request, and the one after it."""
    return Scenario(name, b"".join(sent) + NEXT, status, body, after=(is_next,), lane=lane, every=True)


def old(line: str, *fields: str) -> bytes:
    """Return a request of HTTP/1.0."""
    return "\r\n".join([f"{line} HTTP/1.0", *fields]).encode() + b"\r\n\r\n"


def says(name: str, value: str | None, body: bytes | None = None) -> Judge:
    """Judge a field, and the body if that matters."""
    return lambda reply: reply.field(name) == value and body in {None, reply.body}


def is_unframed(reply: Reply) -> bool:
    """Whether the end of the connection is the end of the content."""
    framing = (reply.field("transfer-encoding"), reply.field("content-length"), reply.field("connection"))
    return reply.body == b"x" * 30 and framing == (None, None, "close")


VERSIONS = (
    refused("URL-48 a version that is not HTTP", "GET /ping HTTQ/1.1"),
    dropped("URL-x HTTP/2.0 in the request line", "GET /ping HTTP/2.0", status=(505,)),
    dropped(
        "URL-x HTTP/2.0 with fields of the connection", "GET /ping HTTP/2.0", "Connection: x", status=(505,)
    ),
    dropped("URL-x HTTP/0.9 in the request line", "GET /ping HTTP/0.9", status=(400, 505)),
    dropped("URL-x HTTP/1.2", "GET /ping HTTP/1.2", status=(400, 505)),
    dropped("URL-x HTTP/3.0", "GET /ping HTTP/3.0", status=(400, 505)),
    dropped("URL-x HTTP/1.10", "GET /ping HTTP/1.10"),
    dropped("URL-x HTTP/1", "GET /ping HTTP/1"),
    dropped("URL-x a version in lower case", "GET /ping http/1.1"),
    dropped("URL-x a word after the version", "GET /ping HTTP/1.1 x"),
    dropped("URL-x a request without a version", "GET /ping", status=(400, 505)),
    dropped("URL-x a method alone", "GET"),
    Scenario(
        "URL-x the preface of HTTP/2",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0",
        (400, 505),
        lane="fast",
    ),
    Scenario(
        "URL-x the first bytes of TLS", b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03", (400,), lane="fast"
    ),
    Scenario(
        "URL-x no chunks to HTTP/1.0 that would keep its connection",
        old("GET /stream?n=3&size=10", "Connection: keep-alive") + NEXT,
        body=is_unframed,
        lane="fast",
    ),
    goes_on(
        "URL-x HTTP/1.0 keeps its connection when it says so, and is told",
        old("GET /ping", "Connection: keep-alive"),
        body=says("connection", "keep-alive", b"pong"),
    ),
    Scenario(
        "URL-x HTTP/1.0 closes when it says nothing", old("GET /ping") + NEXT, body=b"pong", lane="wire"
    ),
    goes_on(
        "URL-x HEAD in HTTP/1.0 with keep-alive",
        old("HEAD /ping", "Connection: keep-alive"),
        body=says("content-length", "4", b""),
    ),
)

TARGETS = (
    dropped("URL-x CONNECT", "CONNECT own.test:443 HTTP/1.1", status=(400, 405, 501)),
    dropped(
        "URL-x CONNECT with content",
        "CONNECT own.test:443 HTTP/1.1",
        "Content-Length: 5",
        content=b"hello",
        status=(400, 405, 501),
    ),
    refused("URL-x CONNECT with a path", "CONNECT /ping HTTP/1.1", status=(400, 405, 501)),
    dropped(
        "URL-x CONNECT with a path, that would keep its connection",
        "CONNECT /ping HTTP/1.1",
        status=(400, 405, 501),
    ),
    dropped(
        "URL-x CONNECT with an absolute target",
        "CONNECT http://own.test/ping HTTP/1.1",
        status=(400, 405, 501),
    ),
    refused("URL-x CONNECT with an asterisk", "CONNECT * HTTP/1.1", status=(400, 405, 501)),
    goes_on("URL-x OPTIONS * is about the server", kept("OPTIONS * HTTP/1.1"), status=(200, 204, 400, 404)),
    refused("URL-x GET *", "GET * HTTP/1.1", status=(400, 404, 405)),
    refused("URL-x an unknown method", "BREW /ping HTTP/1.1", status=REFUSED, lane="wire"),
    goes_on("URL-x a method that no route has", kept("PROPFIND /ping HTTP/1.1"), status=(405,), lane="wire"),
    Scenario(
        "URL-x an absolute target with another Host, and a port",
        ask("http://one.test:8080/echo?a=1", host="Host: two.test"),
        body=has(url="http://one.test:8080/echo?a=1", host="one.test:8080", args=[["a", "1"]]),
        lane="fast",
    ),
    Scenario("URL-x an absolute target, https", ask("HTTPS://own.test/ping"), body=b"pong", lane="fast"),
    Scenario("URL-x an absolute target without a path", ask("http://own.test"), (404,), lane="fast"),
    Scenario(
        "URL-x an absolute target with a query only", ask("http://own.test?a=/ping"), (404,), lane="fast"
    ),
    refused("URL-x an absolute target without Host", "GET http:///ping HTTP/1.1"),
    refused("URL-x an absolute target with a user", "GET http://user@own.test/ping HTTP/1.1"),
    refused("URL-x an absolute target of another scheme", "GET ftp://own.test/ping HTTP/1.1"),
    refused("URL-x an absolute target of no scheme", "GET ://own.test/ping HTTP/1.1"),
    refused("URL-x an absolute target with a bad port", "GET http://own.test:99999/ping HTTP/1.1"),
    Scenario(
        "URL-x an absolute target does not replace Host",
        ask("http://own.test/ping", host=""),
        (400,),
        lane="fast",
    ),
    Scenario(
        "URL-x an absolute target does not mend two Host fields",
        ask("http://own.test/ping", "Host: two.test", host="Host: one.test"),
        (400,),
        lane="fast",
    ),
    Scenario("URL-x a fragment is none of the path", ask("/param/a#frag"), (200, 400), lane="fast"),
    Scenario(
        "URL-x a fragment is none of the query",
        ask("/echo?a=1#frag"),
        (200, 400),
        without(b"frag"),
        lane="fast",
    ),
    Scenario("URL-x bytes that are not ASCII in the target", ask("/param/\xc3\xa9"), (400,), lane="fast"),
    Scenario("URL-x two spaces before the target", ask(" /ping"), (200, 400), lane="fast"),
    Scenario("URL-x two spaces after the target", ask("/ping "), (200, 400), lane="fast"),
    Scenario("URL-x a tab in the target", ask("/ping\t"), (400,), lane="fast"),
    Scenario("URL-x a target of two slashes is a path", ask("//evil.test/echo"), CLIENT_ERROR, lane="wire"),
    Scenario("HOST-x Host with a list", ask("/echo", host="Host: a.test, b.test"), (400,)),
    Scenario(
        "HOST-x HTTP/1.1 without Host keeps nothing", ask("/ping", host="X-A: a") + NEXT, (400,), lane="wire"
    ),
)

HTTP2 = ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA")
SOCKET = ("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13")

UPGRADES = (
    goes_on("HDR-x an upgrade to HTTP/2 is ignored", kept("GET /ping HTTP/1.1", *HTTP2), body=b"pong"),
    goes_on(
        "HDR-x an upgrade to HTTP/2 with content is ignored",
        kept("POST /body HTTP/1.1", *HTTP2, "Content-Length: 5", content=b"hello"),
        body=has(length=5),
    ),
    goes_on(
        "HDR-x an upgrade to HTTP/2 with chunks is ignored",
        kept("POST /body HTTP/1.1", *HTTP2, "Transfer-Encoding: chunked", content=chunked(b"hel", b"lo")),
        body=has(length=5),
    ),
    goes_on(
        "HDR-x content beside an upgrade is no request",
        kept("POST /ignore HTTP/1.1", *HTTP2, f"Content-Length: {len(SMUGGLED)}", content=SMUGGLED),
        body=b"ignored",
    ),
    goes_on(
        "HDR-x a large content beside an upgrade",
        kept("POST /body HTTP/1.1", *HTTP2, "Content-Length: 200000", content=b"x" * 200_000),
        body=has(length=200_000),
    ),
    goes_on(
        "HDR-x an upgrade to something unknown is ignored",
        kept("GET /ping HTTP/1.1", "Connection: upgrade", "Upgrade: brew/1.0"),
        body=b"pong",
    ),
    goes_on(
        "HDR-x an upgrade to TLS is ignored",
        kept("OPTIONS /ping HTTP/1.1", "Connection: upgrade", "Upgrade: TLS/1.0"),
        status=(204,),
    ),
    goes_on(
        "HDR-x POST cannot upgrade to WebSocket",
        kept("POST /body HTTP/1.1", *SOCKET, "Content-Length: 5", content=b"hello"),
        body=has(length=5),
    ),
    Scenario(
        "HDR-x an upgrade that is ignored may be the last request",
        kept("GET /ping HTTP/1.1", "Connection: close, Upgrade", "Upgrade: h2c") + SMUGGLED,
        body=b"pong",
        lane="fast",
    ),
    Scenario(
        "HDR-x many upgrades, one after the other",
        kept("GET /ping HTTP/1.1", *HTTP2) * 200 + NEXT,
        body=b"pong",
        after=(*[answers(200, b"pong")] * 199, is_next),
        lane="fast",
        every=True,
    ),
)

EXPECTATIONS = (
    goes_on(
        "HDR-x Expect, and the content has come already",
        kept("POST /body HTTP/1.1", EXPECT, "Content-Length: 5", content=b"hello"),
        body=has(length=5),
        lane="wire",
    ),
    goes_on(
        "HDR-x Expect without content",
        kept("POST /body HTTP/1.1", EXPECT, "Content-Length: 0"),
        body=has(length=0),
        lane="wire",
    ),
    Scenario(
        "HDR-x Expect, and nobody reads what has come already",
        kept("POST /ignore HTTP/1.1", EXPECT, f"Content-Length: {len(SMUGGLED)}", content=SMUGGLED) + NEXT,
        body=b"ignored",
        after=(is_next,),
        lane="wire",
    ),
    Scenario(
        "HDR-x Expect beyond the limit is refused before the content",
        post("/body", EXPECT, "Content-Length: 1099511627776"),
        (413,),
        lambda reply: reply.field("connection") == "close",
        lane="wire",
    ),
    Scenario(
        "HDR-x an expectation that nobody knows",
        kept("POST /body HTTP/1.1", "Expect: 200-ok", "Content-Length: 5", content=b"hello") + NEXT,
        (200, 417),
        after=(is_next,),
        lane="wire",
    ),
)

EVERYTHING = (
    (kept("GET /ping HTTP/1.1"), "GET", answers(200, b"pong")),
    (kept("HEAD /ping HTTP/1.1"), "HEAD", says("content-length", "4", b"")),
    (kept("GET /status/204 HTTP/1.1"), "GET", answers(204, b"")),
    (kept("GET /status/304 HTTP/1.1"), "GET", answers(304, b"")),
    (kept("GET /status/205 HTTP/1.1"), "GET", answers(205, b"")),
    (kept("GET /nope HTTP/1.1"), "GET", answers(404)),
    (kept("HEAD /nope HTTP/1.1"), "HEAD", answers(404, b"")),
    (kept("DELETE /ping HTTP/1.1"), "DELETE", answers(405)),
    (kept("OPTIONS /ping HTTP/1.1"), "OPTIONS", answers(204, b"")),
    (kept("GET /boom HTTP/1.1"), "GET", answers(500)),
    (kept("HEAD /boom HTTP/1.1"), "HEAD", answers(500, b"")),
    (kept("POST /body HTTP/1.1", "Content-Length: 5", content=b"hello"), "POST", has(length=5)),
    (
        kept("POST /body HTTP/1.1", "Transfer-Encoding: chunked", content=chunked(b"hi")),
        "POST",
        has(length=2),
    ),
    (kept("POST /ignore HTTP/1.1", "Content-Length: 5", content=b"hello"), "POST", answers(200, b"ignored")),
    (kept("GET /stream?n=3&size=10 HTTP/1.1"), "GET", answers(200, b"x" * 30)),
    (kept("HEAD /stream?n=3&size=10 HTTP/1.1"), "HEAD", answers(200, b"")),
    (kept("GET /stream/empty HTTP/1.1"), "GET", answers(200, b"ab")),
    (kept("GET /sync-sleep?s=0.01 HTTP/1.1"), "GET", answers(200, b"slept")),
    (NEXT, "GET", is_next),
)


def pipeline(name: str, *parts: tuple[bytes, str, Judge], lane: Lane = "wire") -> Scenario:
    """Answer all requests that come at once, each in its turn."""
    return Scenario(
        name,
        b"".join(sent for sent, _, _ in parts),
        range(100, 600),
        lambda reply: parts[0][2](reply),
        after=tuple(judge for _, _, judge in parts[1:]),
        lane=lane,
        every=True,
        methods=tuple(method for _, method, _ in parts),
    )


GOOD_PART, LAST_PART = EVERYTHING[0], EVERYTHING[-1]

PIPELINES = (
    pipeline("HDR-x everything in one pipeline", *EVERYTHING, lane="fast"),
    pipeline("HDR-x everything in one pipeline, backwards", *EVERYTHING[-2::-1], LAST_PART, lane="fast"),
    pipeline("HDR-x a hundred requests at once", *[GOOD_PART] * 100, LAST_PART),
    pipeline(
        "HDR-x the requests before a malformed one are answered, those after are not",
        GOOD_PART,
        GOOD_PART,
        (b"GET /ping HTTP/1.1\r\nX : a\r\n\r\n" + NEXT, "GET", answers(400)),
        lane="fast",
    ),
    pipeline(
        "HDR-x a malformed request after a stream waits for its turn",
        (kept("GET /stream?n=5&size=10&delay=0.02 HTTP/1.1"), "GET", answers(200, b"x" * 50)),
        (b"\0\0\0\0", "GET", answers(400)),
        lane="fast",
    ),
    pipeline(
        "HDR-x a malformed chunk after a stream waits for its turn",
        (kept("GET /stream?n=5&size=10&delay=0.02 HTTP/1.1"), "GET", answers(200, b"x" * 50)),
        (kept("POST /body HTTP/1.1", "Transfer-Encoding: chunked", content=b"x"), "POST", answers(400)),
        lane="fast",
    ),
    pipeline(
        "HDR-x a request that closes ends a pipeline",
        GOOD_PART,
        (kept("GET /ping HTTP/1.1", CLOSE) + SMUGGLED * 3, "GET", answers(200, b"pong")),
    ),
    pipeline(
        "HDR-x close beside keep-alive, in any case, ends a pipeline",
        GOOD_PART,
        (
            kept("GET /ping HTTP/1.1", "Connection: keep-alive, CLOSE") + SMUGGLED,
            "GET",
            answers(200, b"pong"),
        ),
    ),
    pipeline(
        "HDR-x a stream that fails midway ends a pipeline",
        GOOD_PART,
        (kept("GET /stream/boom HTTP/1.1") + SMUGGLED, "GET", lambda reply: not reply.is_whole),
    ),
    pipeline(
        "HDR-x a response that closes ends a pipeline",
        GOOD_PART,
        (kept("GET /header?name=Connection&value=close HTTP/1.1") + SMUGGLED, "GET", answers(200)),
        lane="fast",
    ),
    pipeline(
        "BODY-x content beyond the limit amid a pipeline ends it",
        GOOD_PART,
        (kept("POST /body HTTP/1.1", f"Content-Length: {(1 << 20) + 1}"), "POST", answers(413)),
        lane="fast",
    ),
)

CONNECTIONS = (*VERSIONS, *TARGETS, *UPGRADES, *EXPECTATIONS, *PIPELINES)
