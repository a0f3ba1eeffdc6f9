"""The table of wire scenarios: request bytes, and what must come back. Every lane runs the same table.

Names begin with the id of the catalogue that they come from. A new lane joins by running :data:`SCENARIOS`.
"""

from __future__ import annotations

import gzip

from tests.scenarios.caches import CACHES
from tests.scenarios.conditions import CONDITIONS
from tests.scenarios.connections import CONNECTIONS
from tests.scenarios.contents import CONTENTS
from tests.scenarios.files import FILES, STATIC
from tests.scenarios.forms import FORMS
from tests.scenarios.framing import FRAMING
from tests.scenarios.guards import GUARDS
from tests.scenarios.lives import LIVES
from tests.scenarios.redirects import REDIRECTS
from tests.scenarios.requests import REQUESTS
from tests.scenarios.scenario import (
    CLIENT_ERROR,
    GOOD_OR_CLIENT_ERROR,
    NEXT,
    REFUSED,
    SMUGGLED,
    Lane,
    Scenario,
    ask,
    bad_chunk,
    bad_coding,
    bad_length,
    chunked,
    contains,
    cut,
    has,
    is_next,
    kept,
    post,
    without,
)
from tests.scenarios.sessions import SESSIONS
from tests.scenarios.users import USERS
from tests.scenarios.views import VIEWS

__all__ = ["SCENARIOS"]

URL = (
    Scenario("URL-01 plain path parameter", ask("/param/hello"), body=b'{"name":"hello"}'),
    Scenario("URL-04 an encoded slash is data", ask("/param/a%2Fb"), body=has(name="a/b")),
    Scenario("URL-06 an encoded hash is data", ask("/param/a%23b"), body=has(name="a#b")),
    Scenario("URL-07 plus in a path is a plus", ask("/param/a+b"), body=has(name="a+b")),
    Scenario("URL-08 lower-case hex digits", ask("/param/%c3%a9"), body=has(name="é")),
    Scenario("URL-09 path bytes that are not UTF-8", ask("/param/%E4%FF"), (400,)),
    Scenario("URL-11 NUL in the path", ask("/param/a%00b"), (400,)),
    Scenario("URL-12 malformed percent escape", ask("/param/a%zz"), (200, 400)),
    Scenario("URL-15 integer of 5000 digits", ask("/int/" + "9" * 5000), (400, 404, 422)),
    Scenario("URL-19 parameter of 6000 characters", ask("/param/" + "a" * 6000), body=has(name="a" * 6000)),
    Scenario(
        "URL-20 duplicate query keys keep order",
        ask("/echo?a=1&b=x&a=2"),
        body=has(args=[["a", "1"], ["b", "x"], ["a", "2"]]),
    ),
    Scenario("URL-23 query key without value", ask("/echo?a"), body=has(args=[["a", ""]])),
    Scenario("URL-26 only the first = splits", ask("/echo?a=b=c"), body=has(args=[["a", "b=c"]])),
    Scenario("URL-27 malformed percent in a query", ask("/echo?a=%zz"), body=has(args=[["a", "%zz"]])),
    Scenario("URL-28 truncated percent in a query", ask("/echo?a=%4"), body=has(args=[["a", "%4"]])),
    Scenario("URL-29 query bytes that are not UTF-8", ask("/echo?a=%FF"), body=has(args=[["a", "\ufffd"]])),
    Scenario("URL-32 brackets in a query key", ask("/echo?a[b]=1"), body=has(args=[["a[b]", "1"]])),
    Scenario("URL-34 request line of 8000 octets", ask("/ping?" + "a" * (8000 - 19)), body=b"pong"),
    Scenario("URL-35 request line of 200 kB", ask("/ping?" + "a" * 200_000), (200, 400, 414), lane="wire"),
    Scenario("URL-36 absolute-form target", ask("http://own.test/ping"), body=b"pong", lane="wire"),
    Scenario(
        "URL-37 the authority of an absolute-form target beats Host",
        ask("http://one.test/echo", host="Host: two.test"),
        body=has(url="http://one.test/echo"),
        lane="fast",
    ),
    Scenario("URL-38 asterisk-form OPTIONS", ask("*", method="OPTIONS"), GOOD_OR_CLIENT_ERROR, lane="wire"),
    Scenario("URL-39 CONNECT", ask("own.test:443", method="CONNECT"), REFUSED, lane="wire", may_close=True),
    Scenario("URL-40 target without leading slash", ask("@evil.test/echo"), CLIENT_ERROR, lane="wire"),
    Scenario("URL-42 control byte in the target", ask("/echo?a=\x01"), (400,), lane="fast"),
    Scenario("URL-45 fragment in the target", ask("/param/a#frag"), (200, 400, 404), lane="wire"),
    Scenario("URL-46 a lower-case method is another one", ask("/ping", method="get"), REFUSED, lane="wire"),
    Scenario(
        "URL-48 version that is not HTTP",
        kept("GET /ping HTTQ/1.1"),
        (400,),
        lane="wire",
        may_close=True,
    ),
    Scenario("URL-50 HTTP/1.0 without Host", b"GET /ping HTTP/1.0\r\n\r\n", body=b"pong", lane="wire"),
    Scenario(
        "URL-51 no chunks for an HTTP/1.0 client",
        b"GET /stream?n=3&size=10 HTTP/1.0\r\n\r\n",
        body=b"x" * 30,
        fields={"transfer-encoding": None},
        lane="fast",
    ),
    Scenario("URL-53 matrix parameters stay", ask("/param/a;x=1"), body=has(name="a;x=1")),
    Scenario("URL-x dot segments do not climb", ask("/param/../ping"), (400, 404)),
    Scenario("URL-x encoded dot segments do not climb", ask("/param/%2e%2e/ping"), (400, 404)),
    Scenario("URL-x a path that looks like a host", ask("//evil.test/ping"), (400, 404)),
)


def bad_host(number: str, host: str, lane: Lane = "any") -> Scenario:
    """Refuse a Host field that is none."""
    return Scenario(f"HOST-{number} {host!r}", ask("/echo", host=f"Host: {host}"), (400,), lane=lane)


HOSTS = (
    Scenario("HOST-01 HTTP/1.1 without Host", ask("/ping", host=""), (400,), lane="wire"),
    Scenario("HOST-02 two Host fields", ask("/echo", "Host: two.test", host="Host: one.test"), (400,)),
    Scenario("HOST-03 two equal Host fields", ask("/echo", "Host: one.test", host="Host: one.test"), (400,)),
    bad_host("04", "exa mple.test"),
    bad_host("06", "user@a.test"),
    Scenario(
        "HOST-11 IPv6 with port",
        ask("/echo", host="Host: [::1]:8000"),
        body=has(host="[::1]:8000", url="http://[::1]:8000/echo"),
    ),
    Scenario("HOST-12 empty Host", ask("/echo", host="Host: "), GOOD_OR_CLIENT_ERROR),
    bad_host("13", "a.test/evil?x="),
    bad_host("14", "a.test#@evil.test"),
    Scenario(
        "HOST-16 X-Forwarded-Host is not believed",
        ask("/echo", "X-Forwarded-Host: evil.test", "Forwarded: host=evil.test", host="Host: a.test"),
        body=has(host="a.test", url="http://a.test/echo"),
    ),
    Scenario(
        "HOST-18 X-Forwarded-For is not believed",
        ask("/echo", "X-Forwarded-For: 203.0.113.9", "X-Forwarded-Proto: https"),
        body=has(client="127.0.0.1", url="http://own.test/echo"),
    ),
    bad_host("31", "evil.test@app.example.com"),
    bad_host("32", "evil.test/.wild.example.com"),
    bad_host("34", "evil.test\\.wild.example.com"),
    bad_host("36", "[::1].wild.example.com"),
    bad_host("37", "app.example.com:80:80"),
    bad_host("38", "app.example.com:x"),
    bad_host("38", "app.example.com:99999"),
)


def unread(number: str, target: str, status: int, method: str = "POST", *, by_length: bool) -> Scenario:
    """Skip the content that nobody has read, or close; never take it for a request."""
    framing = f"Content-Length: {len(SMUGGLED)}" if by_length else "Transfer-Encoding: chunked"
    content = SMUGGLED if by_length else chunked(SMUGGLED)
    return Scenario(
        f"HDR-{number} unread content on {method} {target}",
        kept(f"{method} {target} HTTP/1.1", framing, content=content) + NEXT,
        (status,),
        without(b"smuggled"),
        after=(is_next,),
        lane="wire",
    )


HEADERS = (
    Scenario("HDR-01 space before the colon", ask("/echo", "X-A : 1"), (400,), lane="wire"),
    Scenario("HDR-03 field name with a bracket", ask("/echo", "X(A): 1"), (400,), lane="wire"),
    Scenario("HDR-04 empty field name", ask("/echo", ": 1"), (400,), lane="wire"),
    Scenario("HDR-05 line without a colon", ask("/echo", "X-A 1"), (400,), lane="wire"),
    Scenario("HDR-06 NUL in a value", ask("/echo", "X-A: a\0b"), (400,), lane="wire"),
    Scenario("HDR-07 bare CR in a value", ask("/echo", "X-A: a\rX-B: b"), (400,), lane="wire"),
    Scenario(
        "HDR-08 whitespace line before the fields",
        b"GET /ping HTTP/1.1\r\n Host: own.test\r\nConnection: close\r\n\r\n",
        (400,),
        lane="wire",
    ),
    Scenario("HDR-09 obs-text in a value", ask("/echo", "X-A: caf\xe9"), body=has(probe=["café"])),
    Scenario(
        "HDR-10 a repeated field keeps both values",
        ask("/echo", "X-A: one", "X-A: two"),
        body=has(probe=["one", "two"]),
    ),
    Scenario("HDR-12 names are case-insensitive", ask("/echo", "x-a: 1"), body=has(probe=["1"])),
    Scenario(
        "HDR-13 whitespace around a value", ask("/echo", "X-A: \t v \t "), body=has(probe=["v"]), lane="fast"
    ),
    Scenario(
        "HDR-13 spaces alone after values",
        ask("/echo", "X-A: v  ", host="Host: own.test "),
        body=has(probe=["v"], host="own.test"),
        lane="fast",
    ),
    Scenario(
        "HDR-17 one field of 100 kB", ask("/ping", "X-A: " + "a" * 100_000), GOOD_OR_CLIENT_ERROR, lane="wire"
    ),
    Scenario(
        "HDR-19 two lengths",
        post("/body", "Content-Length: 5", "Content-Length: 6", content=b"hello"),
        (400,),
        lane="wire",
    ),
    bad_length("21", "-1"),
    bad_length("22", "0x5"),
    bad_length("23", "5_0"),
    bad_length("26", "5;"),
    bad_length("27", "\xb2"),
    bad_length("30", "5, 6"),
    bad_coding("32", "xchunked"),
    bad_coding("35", "chunked;q=1"),
    bad_coding("36", '"chunked"'),
    bad_coding("37", "\x0bchunked"),
    bad_coding("38", "chunked\0"),
    bad_coding("x", "gzip, chunked"),
    Scenario(
        "HDR-40 chunked in HTTP/1.0",
        b"POST /body HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"0\r\n\r\nGET /echo?smuggled HTTP/1.1\r\nHost: x\r\n\r\n",
        GOOD_OR_CLIENT_ERROR,
        without(b"smuggled"),
        lane="wire",
        may_close=True,
    ),
    bad_chunk("43", b"0x5\r\nhello\r\n0\r\n\r\n"),
    bad_chunk("44", b"5_\r\nhello\r\n0\r\n\r\n"),
    bad_chunk("45", b"+5\r\nhello\r\n0\r\n\r\n"),
    bad_chunk("46", b" 5\r\nhello\r\n0\r\n\r\n"),
    bad_chunk("47", b"5\nhello\r\n0\r\n\r\n"),
    bad_chunk("48", b"5\r\nhelloX\r\n0\r\n\r\n"),
    bad_chunk("51", b"FFFFFFFFFFFFFFFFF\r\nhello\r\n0\r\n\r\n"),
    bad_chunk("53", b"5;\0\r\nhello\r\n0\r\n\r\n"),
    Scenario(
        "HDR-55 chunk extension of 300 kB",
        post(
            "/body", "Transfer-Encoding: chunked", content=b"5;" + b"a" * 300_000 + b"\r\nhello\r\n0\r\n\r\n"
        ),
        GOOD_OR_CLIENT_ERROR,
        lane="wire",
        may_close=True,
    ),
    Scenario(
        "HDR-56 a trailer is not a field",
        post(
            "/echo",
            "Transfer-Encoding: chunked",
            "Trailer: X-Role",
            content=b"5\r\nhello\r\n0\r\nX-Role: admin\r\n\r\n",
        ),
        body=without(b"admin"),
        lane="fast",
    ),
    Scenario(
        "HDR-57 2 MB of trailers",
        post(
            "/body",
            "Transfer-Encoding: chunked",
            content=b"5\r\nhello\r\n0\r\n" + b"X-T: aaaaaaaaaaaaaa\r\n" * 100_000 + b"\r\n",
        ),
        GOOD_OR_CLIENT_ERROR,
        lane="wire",
        may_close=True,
    ),
    Scenario(
        "HDR-58 Connection: close is honoured",
        ask("/ping"),
        body=b"pong",
        fields={"connection": "close"},
        lane="wire",
    ),
    unread("61", "/nope", 404, by_length=True),
    unread("62", "/ping", 405, "DELETE", by_length=True),
    unread("64", "/boom", 500, by_length=True),
    unread("x", "/ignore", 200, by_length=True),
    unread("x", "/nope", 404, by_length=False),
    unread("67", "/ping", 405, "DELETE", by_length=False),
    unread("68", "/ignore", 200, by_length=False),
    unread("69", "/boom", 500, by_length=False),
    unread("70", "/param/x", 200, "GET", by_length=False),
    Scenario(
        "HDR-72 Expect on a missing path",
        post("/nope", "Expect: 100-continue", "Content-Length: 5"),
        (404,),
        lane="wire",
    ),
    Scenario(
        "HDR-75 Date on a 200",
        ask("/ping"),
        body=lambda reply: str(reply.field("date")).endswith(" GMT"),
        lane="wire",
    ),
    Scenario(
        "HDR-76 Date on a 404",
        ask("/nope"),
        (404,),
        lambda reply: str(reply.field("date")).endswith(" GMT"),
        lane="wire",
    ),
)

MIB = b"x" * (1 << 20)

BODY = (
    Scenario(
        "BODY-01 the content is read whole", ask("/body", method="POST", content=b"hello"), body=has(length=5)
    ),
    Scenario("BODY-02 no length, no content", ask("/body", method="POST"), body=has(length=0)),
    Scenario(
        "BODY-04 the limit itself is taken",
        ask("/body", method="POST", content=MIB),
        body=has(length=1 << 20),
    ),
    Scenario("BODY-05 one byte more is not", ask("/body", method="POST", content=MIB + b"x"), (413,)),
    Scenario(
        "BODY-06 one byte more in chunks is not",
        ask("/body", "Transfer-Encoding: chunked", method="POST", content=chunked(MIB, b"x")),
        (413,),
    ),
    Scenario(
        "BODY-07 a stream is counted too",
        ask("/body/stream?id=BODY-07", method="POST", content=MIB + b"x"),
        (413,),
    ),
    Scenario(
        "BODY-08 a declared length over the limit is refused before the content",
        post("/body", "Content-Length: 1099511627776"),
        (413,),
        lane="wire",
    ),
    Scenario(
        "BODY-09 an understated length",
        post("/body", "Content-Length: 5", content=b"hello\0\x01garbage\r\n\r\n"),
        (200, 400),
        lambda reply: reply.status == 400 or has(length=5)(reply),
        lane="wire",
    ),
    Scenario(
        "BODY-11 20000 one-byte chunks",
        ask("/body", "Transfer-Encoding: chunked", method="POST", content=chunked(*[b"x"] * 20_000)),
        body=has(length=20_000),
    ),
    Scenario(
        "BODY-12 a gzip content is not guessed at",
        ask(
            "/json",
            "Content-Type: application/json",
            "Content-Encoding: gzip",
            method="POST",
            content=gzip.compress(b'{"a":1}'),
        ),
        (400, 415),
    ),
    Scenario(
        "JSON-03 whitespace around a document",
        ask("/json", method="POST", content=b" \t\r\n[1] \n"),
        body=b"[1]",
    ),
    Scenario(
        "BODY-x what is no JSON is the client's fault", ask("/json", method="POST", content=b"{"), (400,)
    ),
    Scenario("BODY-x JSON that is too deep", ask("/json", method="POST", content=b"[" * 100_000), (400,)),
)


def injected(number: str, query: str) -> Scenario:
    """Refuse a header that would write another."""
    return Scenario(
        f"RSP-{number} header {query!r}",
        ask(f"/header?{query}"),
        (400, 500),
        lambda reply: reply.field("x-evil") is None and reply.field("x-t") is None,
    )


def silent(number: str, status: int) -> Scenario:
    """Send no content with a status that has none, and leave the next response intact."""
    return Scenario(
        f"RSP-{number} {status} has no content",
        kept(f"GET /status/{status} HTTP/1.1") + NEXT,
        (status,),
        b"",
        {"content-type": None},
        after=(is_next,),
        lane="wire",
    )


RESPONSES = (
    Scenario(
        "RSP-01 a header of the application", ask("/header?name=X-T&value=plain"), fields={"x-t": "plain"}
    ),
    injected("02", "name=X-T&value=a%0D%0AX-Evil%3A%201"),
    injected("03", "name=X-T&value=a%0AX-Evil%3A%201"),
    injected("04", "name=X-T&value=a%0DX-Evil%3A%201"),
    injected("05", "name=X-T&value=a%00b"),
    injected("08", "name=X-T%0D%0AX-Evil&value=1"),
    injected("11", "name=&value=1"),
    injected("15", "name=X-T&value=%E2%82%AC"),
    silent("x", 204),
    silent("18", 304),
    silent("19", 205),
    Scenario(
        "RSP-20 HEAD equals GET without content",
        kept("HEAD /ping HTTP/1.1") + ask("/ping", method="HEAD"),
        body=b"",
        fields={"content-length": "4"},
        after=(lambda reply: reply.status == 200 and reply.field("content-length") == "4",),
        lane="wire",
    ),
    Scenario("RSP-21 HEAD on an error", ask("/nope", method="HEAD"), (404,), b""),
    Scenario("RSP-23 status 299", ask("/status/299"), (299,), b"content"),
    Scenario("RSP-25 status 429", ask("/status/429"), (429,), b"content"),
    Scenario("RSP-26 status 451", ask("/status/451"), (451,), b"content"),
    Scenario("RSP-27 status 599", ask("/status/599"), (599,), b"content"),
    Scenario(
        "RSP-28 HEAD has the length of GET", ask("/ping", method="HEAD"), fields={"content-length": "4"}
    ),
    Scenario(
        "RSP-30 a body shorter than its Content-Length",
        kept("GET /cl/long HTTP/1.1") + NEXT,
        (500,),
        after=(is_next,),
        lane="wire",
    ),
    Scenario(
        "RSP-x a body longer than its Content-Length",
        kept("GET /cl/short HTTP/1.1") + NEXT,
        (500,),
        after=(is_next,),
        lane="wire",
    ),
    Scenario(
        "RSP-x the right Content-Length", ask("/cl/right"), body=b"content", fields={"content-length": "7"}
    ),
)

STREAMS = (
    Scenario("STR-01 five chunks", ask("/stream?n=5&size=10"), body=b"x" * 50),
    Scenario("STR-02 an empty chunk does not end the body", ask("/stream/empty"), body=b"ab"),
    Scenario(
        "STR-x events, then the next request",
        kept("GET /stream/events HTTP/1.1") + NEXT,
        body=b"data: 0\n\ndata: 1\n\ndata: 2\n\n",
        fields={"content-type": "text/event-stream; charset=utf-8"},
        after=(is_next,),
        lane="wire",
    ),
    Scenario(
        "STR-x no event at all",
        ask("/stream/events?n=0"),
        body=b"",
        fields={"content-type": "text/event-stream; charset=utf-8"},
    ),
    Scenario(
        "STR-x HEAD on events",
        kept("HEAD /stream/events HTTP/1.1") + NEXT,
        body=b"",
        fields={"content-type": "text/event-stream; charset=utf-8"},
        after=(is_next,),
        lane="wire",
    ),
    Scenario(
        "STR-04 HEAD on a stream",
        kept("HEAD /stream?n=3&size=10 HTTP/1.1") + NEXT,
        body=b"",
        after=(is_next,),
        lane="wire",
    ),
    Scenario("STR-05 a stream that fails midway", ask("/stream/boom"), body=cut, lane="wire"),
    Scenario(
        "STR-06 a stream that fails midway, with its length",
        ask("/stream/boom?length=1000"),
        body=cut,
        lane="wire",
    ),
    Scenario(
        "STR-12 a stream that fails at once",
        ask("/stream/boom-at-once"),
        (500,),
        lambda reply: reply.is_whole,
    ),
)

EVIL = "%3Cscript%3Ealert(1)%3C/script%3E"
PAGE = "Accept: text/html"

ERRORS = (
    Scenario(
        "ERR-03 a crash, then the next request",
        kept("GET /boom HTTP/1.1") + NEXT,
        (500,),
        without(b"secret"),
        after=(is_next,),
        lane="wire",
    ),
    Scenario("ERR-05 an exception group", ask("/boom/group"), (500,), without(b"secret")),
    Scenario("ERR-06 an exception whose str() fails", ask("/boom/str"), (500,)),
    Scenario("ERR-08 a handler that returns None", ask("/boom/none"), (204,), b""),
    Scenario("ERR-10 a 404 does not reflect markup", ask(f"/nope/{EVIL}", PAGE), (404,), without(b"<script")),
    Scenario(
        "ERR-12 the status of an HTTP exception",
        ask("/http-error/403?detail=no"),
        (403,),
        contains(b'"detail":"no"'),
    ),
    Scenario(
        "ERR-13 its detail is escaped",
        ask(f"/http-error/400?detail={EVIL}", PAGE),
        (400,),
        contains(b"&lt;script", not_=b"<script"),
    ),
    Scenario("ERR-15 a raised 304 has no content", ask("/http-error/304?detail=x"), (304,), b""),
    Scenario(
        "ERR-16 401 has a challenge",
        ask("/http-error/401?detail=x"),
        (401,),
        lambda reply: bool(reply.field("www-authenticate")),
    ),
    Scenario(
        "ERR-17 the page of a crash does not reflect the query",
        ask(f"/debug/boom?x={EVIL}", PAGE),
        (500,),
        contains(b"&lt;script&gt;alert(1)", not_=b"<script>"),
        {"content-type": "text/html; charset=utf-8"},
        lane="wire",
    ),
    Scenario(
        "ERR-19 nor headers",
        ask("/debug/boom", PAGE, "X-A: <script>alert(1)</script>"),
        (500,),
        contains(b"&lt;script&gt;alert(1)", not_=b"<script>"),
        lane="wire",
    ),
    Scenario(
        "ERR-20 nor cookies",
        ask("/debug/boom", PAGE, "Cookie: a=<script>alert(1)</script>"),
        (500,),
        without(b"<script>", b"alert(1)<"),
        lane="wire",
    ),
    Scenario(
        "ERR-24 the page of a crash has nosniff",
        ask("/debug/boom", PAGE),
        (500,),
        fields={"x-content-type-options": "nosniff", "cache-control": "no-store"},
        lane="wire",
    ),
    Scenario(
        "ERR-25 the page of a crash has a policy",
        ask("/debug/boom", PAGE),
        (500,),
        lambda reply: str(reply.field("content-security-policy")).startswith(
            "default-src 'none'; style-src 'nonce-"
        ),
        lane="wire",
    ),
    Scenario(
        "ERR-x a terminal gets the crash as text",
        ask("/debug/boom", "Accept: */*"),
        (500,),
        lambda reply: reply.body.startswith(b"500 Internal Server Error ["),
        {"content-type": "text/plain; charset=utf-8"},
        lane="wire",
    ),
    Scenario(
        "ERR-x a program gets the crash as problem details",
        ask("/debug/boom?x=1", "Accept: application/json"),
        (500,),
        has(status=500, title="Internal Server Error", detail="RuntimeError: 1"),
        {"content-type": "application/problem+json"},
        lane="wire",
    ),
    Scenario(
        "ERR-x a HEAD that crashes has no page",
        kept("HEAD /debug/boom HTTP/1.1", PAGE) + NEXT,
        (500,),
        b"",
        after=(is_next,),
        lane="wire",
    ),
    Scenario(
        "ERR-x a crash in production is a page without anything in it",
        ask("/boom", PAGE),
        (500,),
        contains(b"<h1>500 Internal Server Error</h1>", not_=b"secret"),
        {"content-type": "text/html; charset=utf-8"},
    ),
    Scenario(
        "ERR-x and text where that is what was asked for",
        ask("/boom", "Accept: text/plain"),
        (500,),
        lambda reply: reply.body.startswith(b"500 Internal Server Error\n\n") and b"secret" not in reply.body,
        {"content-type": "text/plain; charset=utf-8"},
    ),
    *(
        Scenario(
            f"ERR-x a crash keeps the fields of middleware, {name}",
            ask(f"/{place}/boom", "Origin: https://app.test"),
            (500,),
            without(b"secret"),
            {
                "access-control-allow-origin": "https://app.test",
                "x-frame-options": "DENY",
                "x-request-id": "the-same",
                "content-type": "application/problem+json",
            },
        )
        for name, place in (("fused", "fused"), ("around a foreign application", "foreign"))
    ),
)

METHODS = (
    Scenario(
        "MTH-03 a wrong method on a POST route", ask("/json"), (405,), fields={"allow": "OPTIONS, POST"}
    ),
    Scenario(
        "MTH-04 Allow names every method once",
        ask("/etag", method="DELETE"),
        (405,),
        fields={"allow": "GET, HEAD, OPTIONS, POST"},
    ),
    Scenario(
        "MTH-07 OPTIONS", ask("/ping", method="OPTIONS"), (204,), fields={"allow": "GET, HEAD, OPTIONS"}
    ),
    Scenario("MTH-08 a method of 4000 letters", ask("/ping", method="A" * 4000), REFUSED, lane="wire"),
    Scenario("MTH-09 a method with a bracket", ask("/ping", method="GE(T"), (400,), lane="wire"),
)

SCENARIOS = (
    *URL,
    *HOSTS,
    *HEADERS,
    *BODY,
    *RESPONSES,
    *STREAMS,
    *ERRORS,
    *METHODS,
    *FRAMING,
    *CONNECTIONS,
    *REDIRECTS,
    *REQUESTS,
    *FORMS,
    *FILES,
    *STATIC,
    *LIVES,
    *CONDITIONS,
    *CONTENTS,
    *SESSIONS,
    *USERS,
    *VIEWS,
    *CACHES,
    *GUARDS,
)
