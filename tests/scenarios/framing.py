"""Scenarios of framing: where a request ends is said once, in one way, or the request is refused and the connection closed."""

from __future__ import annotations

from tests.scenarios.scenario import (
    CLOSE,
    NEXT,
    SMUGGLED,
    Lane,
    Scenario,
    answers,
    ask,
    bad_chunk,
    bad_coding,
    bad_length,
    chunked,
    has,
    is_next,
    kept,
    post,
    without,
)

__all__ = ["FRAMING"]

CHUNKED = "Transfer-Encoding: chunked"


def conflicting(name: str, *fields: str, content: bytes = b"", version: str = "1.1") -> Scenario:
    """Refuse a request that two readers could end in two places; answer nothing after it."""
    sent = kept(f"POST /body HTTP/{version}", *fields, content=(content or chunked(b"hello")) + SMUGGLED)
    return Scenario(f"HDR-x {name}", sent, (400, 501), without(b"smuggled"), lane="fast")


def malformed(name: str, head: bytes, lane: Lane = "fast") -> Scenario:
    """Refuse a head that is none; answer nothing after it."""
    return Scenario(f"HDR-x {name}", head + b"\r\n\r\n" + NEXT, (400,), lane=lane)


def trailing(field: str) -> Scenario:
    """Do not let a trailer frame anything: go on as if it were not there, or take nothing more."""
    content = f"5\r\nhello\r\n0\r\n{field}\r\n\r\n".encode()
    return Scenario(
        f"HDR-x trailer {field!r}",
        kept("POST /body HTTP/1.1", CHUNKED, content=content) + NEXT,
        (200, 400),
        lambda reply: reply.status == 400 or has(length=5)(reply),
        after=(lambda reply: reply.status == 400 or is_next(reply),),
        lane="fast",
    )


CONFLICTS = (
    conflicting("a length, then chunks", "Content-Length: 5", CHUNKED),
    conflicting("chunks, then a length", CHUNKED, "Content-Length: 5"),
    conflicting("a length of nothing, then chunks", "Content-Length: 0", CHUNKED),
    conflicting("two equal lengths", "Content-Length: 5", "Content-Length: 5", content=b"hello"),
    conflicting("two equal lengths in one field", "Content-Length: 5, 5", content=b"hello"),
    conflicting("gzip, then chunked, in two fields", "Transfer-Encoding: gzip", CHUNKED),
    conflicting("chunked in two fields", CHUNKED, CHUNKED),
    conflicting("chunked, then identity, in two fields", CHUNKED, "Transfer-Encoding: identity"),
    conflicting("space before the colon of a coding", "Transfer-Encoding : chunked"),
    conflicting("tab before the colon of a coding", "Transfer-Encoding\t: chunked"),
    conflicting("a folded coding", "X-A: a", " Transfer-Encoding: chunked"),
    conflicting("a coding on the next line", "Transfer-Encoding:", " chunked"),
    conflicting("a coding after a bare CR", "X-A: a\rTransfer-Encoding: chunked"),
    conflicting("a coding after a bare LF", "X-A: a\nTransfer-Encoding: chunked"),
    conflicting("a coding with a vertical tab before", "Transfer-Encoding: \x0bchunked"),
    conflicting("a length after a bare LF", "X-A: a\nContent-Length: 5", content=b"hello"),
    conflicting("space before the colon of a length", "Content-Length : 5", content=b"hello"),
    conflicting("chunks in HTTP/1.0", CHUNKED, "Connection: keep-alive", version="1.0"),
    conflicting("a length and chunks in HTTP/1.0", "Content-Length: 5", CHUNKED, version="1.0"),
)

LENGTHS = (
    bad_length("x", ""),
    bad_length("x", "+5"),
    bad_length("x", "5 5"),
    bad_length("x", "5.0"),
    bad_length("x", "1e1"),
    bad_length("x", "five"),
    bad_length("x", "0\x0b5"),
    bad_length("x", "18446744073709551621"),
    bad_length("x", "99999999999999999999999999"),
    Scenario(
        "HDR-x whitespace around a length is none of it",
        post("/body", "Content-Length: \t 5 \t", content=b"hello"),
        body=has(length=5),
        lane="fast",
    ),
    Scenario(
        "HDR-x zeros before a length",
        post("/body", "Content-Length: 00005", content=b"hello"),
        (200, 400),
        lambda reply: reply.status == 400 or has(length=5)(reply),
        lane="wire",
    ),
    Scenario(
        "HDR-x content of GET with a length is none of the next request",
        kept("GET /param/x HTTP/1.1", f"Content-Length: {len(SMUGGLED)}", content=SMUGGLED) + NEXT,
        body=without(b"smuggled"),
        after=(is_next,),
        lane="wire",
    ),
    Scenario(
        "HDR-x a length of nothing is no content",
        kept("POST /body HTTP/1.1", "Content-Length: 0") + NEXT,
        body=has(length=0),
        after=(is_next,),
        lane="wire",
        every=True,
    ),
)

CODINGS = (
    bad_coding("x", ""),
    bad_coding("x", "identity"),
    bad_coding("x", "gzip"),
    bad_coding("x", "chunked, chunked"),
    bad_coding("x", "chunked, gzip"),
    bad_coding("x", "identity, chunked"),
    bad_coding("x", "chunked,"),
    bad_coding("x", ", chunked"),
    bad_coding("x", "chunked chunked"),
    bad_coding("x", "chunke\xc4\x91"),
    Scenario(
        "HDR-x the coding is case-insensitive",
        post("/body", "transfer-encoding:ChunKed", content=chunked(b"hello")),
        body=has(length=5),
        lane="wire",
    ),
    Scenario(
        "HDR-x whitespace around the coding is none of it",
        kept("POST /body HTTP/1.1", "Transfer-Encoding: \t chunked \t", content=chunked(b"hello")) + NEXT,
        (200, 400),
        lambda reply: reply.status == 400 or has(length=5)(reply),
        after=(is_next,),
        lane="wire",
    ),
)

CHUNKS = (
    bad_chunk("x", b"-5\r\nhello\r\n0\r\n\r\n"),
    bad_chunk("x", b"\r\nhello\r\n0\r\n\r\n"),
    bad_chunk("x", b";a=b\r\nhello\r\n0\r\n\r\n"),
    bad_chunk("x", b"5\rhello\r\n0\r\n\r\n"),
    bad_chunk("x", b"5\r\nhello\n0\r\n\r\n"),
    bad_chunk("x", b"5\r\nhello\r0\r\n\r\n"),
    bad_chunk("x", b"4\r\nhello\r\n0\r\n\r\n"),
    bad_chunk("x", b"6\r\nhello\r\n0\r\n\r\n"),
    bad_chunk("x", b"g\r\nhello\r\n0\r\n\r\n"),
    bad_chunk("x", b"5;a\nb\r\nhello\r\n0\r\n\r\n"),
    bad_chunk("x", b"10000000000000005\r\nhello\r\n0\r\n\r\n"),
    bad_chunk("x", b"5\r\nhello\r\n0\r\nX-A : a\r\n\r\n"),
    bad_chunk("x", b"5\r\nhello\r\n0\n\r\n"),
    Scenario(
        "HDR-x sizes in both cases, with zeros before, with extensions",
        post(
            "/body",
            CHUNKED,
            content=b'A;a\r\n0123456789\r\na;b="c d"\r\n0123456789\r\n0005;e=f;g\r\nhello\r\n000\r\n\r\n',
        ),
        body=has(length=25, ends="ello"),
        lane="wire",
    ),
    Scenario(
        "HDR-x trailers are no fields of the next request",
        kept(
            "POST /echo HTTP/1.1",
            CHUNKED,
            content=b"5\r\nhello\r\n0\r\nHost: evil.test\r\nX-A: smuggled\r\nUpgrade: h2c\r\nExpect: 100-continue\r\n\r\n",
        )
        + ask("/echo"),
        body=has(probe=[], host="own.test"),
        after=(has(probe=[], host="own.test"),),
        lane="fast",
        every=True,
    ),
    trailing("Content-Length: 50"),
    trailing("Transfer-Encoding: gzip"),
    trailing("Connection: close"),
    Scenario(
        "HDR-x a coding with spaces after it",
        kept("POST /body HTTP/1.1", f"{CHUNKED}  ", content=chunked(b"hello")) + NEXT,
        body=has(length=5),
        after=(is_next,),
        lane="fast",
        every=True,
    ),
    Scenario(
        "HDR-x no chunk but the last",
        kept("POST /body HTTP/1.1", CHUNKED, content=b"0\r\n\r\n") + NEXT,
        body=has(length=0),
        after=(is_next,),
        lane="wire",
        every=True,
    ),
)

HEADS = (
    malformed("a folded value", b"GET /echo HTTP/1.1\r\nHost: own.test\r\nX-A: a\r\n b"),
    malformed("a value folded with a tab", b"GET /echo HTTP/1.1\r\nHost: own.test\r\nX-A: a\r\n\tb"),
    malformed("a folded Host", b"GET /echo HTTP/1.1\r\nHost:\r\n own.test"),
    malformed("a bare LF after a field", b"GET /echo HTTP/1.1\r\nHost: own.test\nX-A: a"),
    malformed("a bare LF after the request line", b"GET /echo HTTP/1.1\nHost: own.test"),
    malformed("a bare CR after the request line", b"GET /echo HTTP/1.1\rHost: own.test"),
    malformed("a bare CR amid the request line", b"GET /echo\rHTTP/1.1\r\nHost: own.test"),
    malformed(
        "a bare CR at the end of a value", b"GET /echo HTTP/1.1\r\nHost: own.test\r\nX-A: a\r\r\nX-B: b"
    ),
    malformed("NUL in a name", b"GET /echo HTTP/1.1\r\nHost: own.test\r\nX\0A: a"),
    malformed("NUL in the target", b"GET /ec\0ho HTTP/1.1\r\nHost: own.test"),
    malformed("NUL in the method", b"GE\0T /echo HTTP/1.1\r\nHost: own.test"),
    malformed("NUL after a value", b"GET /echo HTTP/1.1\r\nHost: own.test\r\nX-A: a\0"),
    malformed("a control byte in a value", b"GET /echo HTTP/1.1\r\nHost: own.test\r\nX-A: a\x01b"),
    malformed("DEL in a value", b"GET /echo HTTP/1.1\r\nHost: own.test\r\nX-A: a\x7fb"),
    malformed("obs-text in a name", b"GET /echo HTTP/1.1\r\nHost: own.test\r\nX-\xe9: a"),
    malformed("a tab before the colon", b"GET /echo HTTP/1.1\r\nHost: own.test\r\nX-A\t: a"),
    Scenario(
        "HDR-x all lines end with a bare LF",
        b"GET /ping HTTP/1.1\nHost: own.test\nConnection: close\n\n" + NEXT,
        (400,),
        lane="fast",
    ),
    Scenario(
        "HDR-x the empty line is a bare LF",
        b"GET /ping HTTP/1.1\r\nHost: own.test\r\n\n" + NEXT,
        (400,),
        lane="fast",
    ),
    Scenario(
        "HDR-x empty lines before a request are skipped",
        b"\r\n\r\n" + kept("GET /ping HTTP/1.1") + b"\r\n" + NEXT,
        body=b"pong",
        after=(is_next,),
        lane="wire",
        every=True,
        methods=("GET",),
    ),
    Scenario(
        "HDR-x an empty line after content is skipped",
        kept("POST /body HTTP/1.1", "Content-Length: 5", content=b"hello") + b"\r\n" + NEXT,
        body=has(length=5),
        after=(is_next,),
        lane="wire",
        every=True,
    ),
    Scenario(
        "HDR-x content without a length is no content, and no request",
        kept("POST /body HTTP/1.1", content=b"hello"),
        (200,),
        has(length=0),
        after=(answers(400),),
        lane="fast",
    ),
    Scenario(
        "HDR-x a request after the last one is not answered",
        kept("GET /ping HTTP/1.1", CLOSE) + SMUGGLED,
        body=b"pong",
        lane="wire",
    ),
)

FRAMING = (*CONFLICTS, *LENGTHS, *CODINGS, *CHUNKS, *HEADS)
