"""Wire scenarios of files, ranges, conditions, compressed content and events. Names begin with the id of the catalogue."""

from __future__ import annotations

import gzip
import re
from urllib.parse import quote, unquote

from tests.scenarios.scenario import NEXT, Judge, Scenario, ask, is_next, kept
from tests.scenarios.wire import Reply
from wadjet.http.parameters import parse_parameters

__all__ = ["CONTENTS"]

LETTERS = b"abcdefghijklmnopqrstuvwxyz"
#: More than is kept in memory, and than is written without the kernel.
BIG = LETTERS * 10_000
#: When the files were changed last, a minute before, and a minute after.
DATE, BEFORE, AFTER = (f"Tue, 14 Nov 2023 22:{minute}:20 GMT" for minute in (13, 12, 14))


def tag(content: bytes) -> str:
    """Return the entity tag of a file with this content."""
    return f'"{1_700_000_000 * 10**9:x}-{len(content):x}"'


TAG = tag(LETTERS)
ZIP = "Accept-Encoding: gzip"


def part(name: str, field: str, content: bytes, whole: bytes = LETTERS, path: str = "hello.txt") -> Scenario:
    """Send one part of a file."""
    at = whole.index(content)
    label = f"bytes {at}-{at + len(content) - 1}/{len(whole)}"
    fields = {"content-range": label, "content-length": str(len(content)), "etag": tag(whole)}
    return Scenario(name, ask(f"/file/{path}", f"Range: {field}"), (206,), content, fields=fields)


def whole(number: str, field: str) -> Scenario:
    """Pass over a range that is none."""
    sent = ask("/file/hello.txt", f"Range: {field}")
    return Scenario(f"RNG-{number} {field[:24]!r}", sent, body=LETTERS, fields={"content-range": None})


def none(number: str, field: str) -> Scenario:
    """Refuse a range of which nothing is there."""
    sent = ask("/file/hello.txt", f"Range: {field}")
    return Scenario(f"RNG-{number} {field[:40]!r}", sent, (416,), fields={"content-range": "bytes */26"})


def divided(parts: list[tuple[int, int]], content: bytes) -> Judge:
    """Judge a response of several parts, by its letter (RFC 9110 §14.6)."""

    def judge(reply: Reply) -> bool:
        kind, parameters = parse_parameters(reply.field("content-type") or "")
        boundary = parameters["boundary"].encode()
        expected = b""
        for first, stop in parts:
            label = f"bytes {first}-{stop - 1}/{len(content)}".encode()
            expected += (
                b"\r\n--%b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Range: %b\r\n\r\n%b"
                % (
                    boundary,
                    label,
                    content[first:stop],
                )
            )
        expected = (expected + b"\r\n--%b--\r\n" % boundary).removeprefix(b"\r\n")
        return kind == "multipart/byteranges" and reply.body == expected and reply.is_whole

    return judge


#: Boundaries differ, so lanes cannot agree on these.
SEVERAL = (
    Scenario(
        "RNG-40 two ranges",
        ask("/file/hello.txt", "Range: bytes=0-1,4-5"),
        (206,),
        divided([(0, 2), (4, 6)], LETTERS),
        lane="wire",
    ),
    Scenario(
        "RNG-41 ranges with white space",
        ask("/file/hello.txt", "Range: bytes=0-1, 4-5 ,\t-1"),
        (206,),
        divided([(0, 2), (4, 6), (25, 26)], LETTERS),
        lane="wire",
    ),
    Scenario(
        "RNG-x two ranges that the kernel sends",
        kept("GET /file/big.txt HTTP/1.1", "Range: bytes=0-99999,150000-249999") + NEXT,
        (206,),
        divided([(0, 100_000), (150_000, 250_000)], BIG),
        after=(is_next,),
        every=True,
        lane="wire",
    ),
)

RANGES = (
    part("RNG-02 open end", "bytes=20-", LETTERS[20:]),
    part("RNG-03 suffix", "bytes=-5", LETTERS[-5:]),
    part("RNG-04 suffix longer than the file", "bytes=-100", LETTERS),
    part("RNG-06 whole file as a range", "bytes=0-25", LETTERS),
    part("RNG-07 last byte", "bytes=25-25", b"z"),
    part("RNG-12 end with 30 digits", "bytes=0-" + "9" * 30, LETTERS),
    part("RNG-13 end with 5000 digits", "bytes=0-" + "9" * 5000, LETTERS),
    part("RNG-x a part of a large file", "bytes=0-199999", BIG[:200_000], BIG, "big.txt"),
    part("RNG-x a small part of a large file", "bytes=259997-", BIG[-3:], BIG, "big.txt")._replace(
        fields={"content-range": "bytes 259997-259999/260000"}
    ),
    none("09", "bytes=26-30"),
    none("11", "bytes=" + "9" * 30 + "-"),
    none("43", "bytes=100-200,300-"),
    whole("15", "bytes=5-2"),
    whole("17", "bytes="),
    whole("18", "bytes"),
    whole("20", "bytes=--5"),
    whole("23", "bytes=1-+5"),
    whole("24", "bytes=0x1-5"),
    whole("25", "bytes=1_0-2_0"),
    whole("26", "bytes=1-5;q=1"),
    whole("27", "=0-4"),
    whole("29", "bytes=0-4="),
    whole("32", "bytes=0-\xb9"),
    whole("34", "items=0-4"),
    whole("47", "bytes=" + ",".join(["0-"] * 1000)),
    whole("49", "bytes=" + ",".join(f"{n}-{n}" for n in range(9000, 3000, -2)))._replace(status=(200, 431)),
    whole("50", "bytes=" + "," * 14000),
    whole("51", "bytes=" + "1-" * 7000),
    Scenario(
        "RNG-35 to HEAD a range is nothing",
        kept("HEAD /file/hello.txt HTTP/1.1", "Range: bytes=0-4") + NEXT,
        body=b"",
        fields={"content-length": "26", "content-range": None},
        after=(is_next,),
        lane="wire",
    ),
    Scenario("RNG-37 a range of a missing file", ask("/file/none.txt", "Range: bytes=0-4"), (404,)),
    Scenario("RNG-38 Accept-Ranges", ask("/file/hello.txt"), body=LETTERS, fields={"accept-ranges": "bytes"}),
)


def if_range(number: str, value: str, status: int) -> Scenario:
    """Send a part only of the version that the client has."""
    sent = ask("/file/hello.txt", "Range: bytes=0-4", f"If-Range: {value}")
    return Scenario(
        f"RNG-{number} If-Range {value}", sent, (status,), LETTERS[:5] if status == 206 else LETTERS
    )


def condition(number: str, status: int, *fields: str) -> Scenario:
    """Answer a condition."""
    body = {200: LETTERS, 304: b""}.get(status)
    expected = {"etag": TAG} if status != 412 else {}
    return Scenario(
        f"COND-{number} {fields}", ask("/file/hello.txt", *fields), (status,), body, fields=expected
    )


CONDITIONS = (
    if_range("x", TAG, 206),
    if_range("54", f"W/{TAG}", 200),
    if_range("57", BEFORE, 200),
    if_range("58", "nonsense", 200),
    condition("01", 304, f"If-None-Match: {TAG}"),
    condition("02", 304, f"If-None-Match: W/{TAG}"),
    condition("05", 304, f'If-None-Match: "a,b", {TAG}'),
    condition("09", 200, 'If-None-Match: "x'),
    condition("11", 200, "If-None-Match: @@,,;="),
    condition("14", 304, f"If-None-Match: {TAG}", f"If-Modified-Since: {BEFORE}"),
    condition("16", 304, f"If-Modified-Since: {AFTER}"),
    condition("18", 200, "If-Modified-Since: garbage"),
    condition("20", 200, "If-Modified-Since: 0"),
    condition("22", 200, "If-Modified-Since: " + "9" * 100),
    condition("23", 200, "If-Modified-Since: Thu, 01 Jan 0000 00:00:00 GMT"),
    condition("25", 200, "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 +9999999999"),
    condition("27", 304, "If-Modified-Since: Friday, 01-Jan-38 00:00:00 GMT"),
    condition("28", 304, "If-Modified-Since: Fri Jan  1 00:00:00 2038"),
    condition("29", 412, 'If-Match: "other"'),
    condition("31", 200, "If-Match: *"),
    condition("32", 412, f"If-Match: W/{TAG}"),
    condition("35", 200, f"If-Unmodified-Since: {DATE}"),
    condition("36", 200, "If-Unmodified-Since: garbage"),
    condition("37", 200, f"If-Match: {TAG}", f"If-Unmodified-Since: {BEFORE}"),
    Scenario(
        "COND-39 304 has the tag, no content, and the connection goes on",
        kept("GET /file/hello.txt HTTP/1.1", f"If-None-Match: {TAG}") + NEXT,
        (304,),
        b"",
        fields={"etag": TAG, "content-type": None, "content-length": None},
        after=(is_next,),
        every=True,
        lane="wire",
    ),
    Scenario(
        "COND-40 304 has a date",
        ask("/file/hello.txt", f"If-None-Match: {TAG}"),
        (304,),
        lambda reply: str(reply.field("date")).endswith(" GMT"),
        lane="wire",
    ),
    Scenario("COND-45 Last-Modified", ask("/file/hello.txt"), body=LETTERS, fields={"last-modified": DATE}),
)


def named(number: str, name: str) -> Scenario:
    """Name a download."""

    def judge(reply: Reply) -> bool:
        value, parameters = parse_parameters(reply.field("content-disposition") or "")
        found = parameters.get("filename*", "").removeprefix("UTF-8''")
        read = unquote(found) if found else parameters["filename"]
        clean = re.sub(r"[\r\n]", "_", name)
        return value == "attachment" and read == clean and reply.field("x-evil") is None

    return Scenario(
        f"FILE-{number} a download called {name!r}", ask(f"/download?name={quote(name)}"), body=judge
    )


DOWNLOADS = (
    Scenario(
        "FILE-80 an unknown suffix",
        ask("/file/blob.unknownext"),
        body=b"blob",
        fields={"content-type": "application/octet-stream", "x-content-type-options": "nosniff"},
    ),
    Scenario("FILE-x a large file", ask("/file/big.txt"), body=BIG, fields={"content-length": str(len(BIG))}),
    named("85", 'a"b.txt'),
    named("86", 'a"; filename="evil.bat'),
    named("88", "a\\b.txt"),
    named("89", "a\\"),
    named("91", "100%41.txt"),
    named("92", "it's.txt"),
    named("94", "a\nX-Evil: 1"),
    named("x", "Grüße.txt"),
)


def zipped(content: bytes) -> Judge:
    """Judge content that leaves as gzip."""
    return lambda reply: reply.field("content-encoding") == "gzip" and gzip.decompress(reply.body) == content


TEXT = b"all work and no play " * 500


def plain(number: str, accept: str) -> Scenario:
    """Leave content as it is for a client that does not take gzip."""
    fields = {"content-encoding": None, "vary": "Accept-Encoding"}
    return Scenario(f"GZ-{number} {accept!r}", ask("/gzip/big", accept), body=TEXT, fields=fields)


COMPRESSED = (
    plain("03", "Accept-Encoding: gzip;q=0"),
    plain("05", "Accept-Encoding: identity"),
    plain("06", "Accept-Encoding: notgzip"),
    plain("07", "Accept-Encoding: gzipped, br;q=0"),
    plain("14", "X-A: no Accept-Encoding")._replace(lane="wire"),
    Scenario("GZ-08 GZIP", ask("/gzip/big", "Accept-Encoding: GZIP"), body=zipped(TEXT), lane="wire"),
    Scenario(
        "GZ-09 browser",
        ask("/gzip/big", "Accept-Encoding: gzip, deflate, br, zstd"),
        body=zipped(TEXT),
        lane="wire",
    ),
    Scenario(
        "GZ-13 Vary",
        ask("/gzip/big", ZIP),
        fields={"vary": "Accept-Encoding", "content-encoding": "gzip"},
        lane="wire",
    ),
    Scenario(
        "GZ-15 the length is that of the coded content",
        ask("/gzip/big", ZIP),
        body=lambda reply: reply.is_whole and reply.field("content-length") == str(len(reply.body)),
        lane="wire",
    ),
    Scenario(
        "GZ-17 never twice",
        ask("/gzip/encoded", ZIP),
        body=TEXT,
        fields={"content-encoding": "br"},
        lane="wire",
    ),
    Scenario(
        "GZ-18, GZ-20 HEAD",
        kept("HEAD /gzip/big HTTP/1.1", ZIP) + NEXT,
        body=b"",
        fields={"content-encoding": "gzip", "content-length": None},
        after=(is_next,),
        every=True,
        lane="wire",
    ),
    Scenario(
        "GZ-21 a part is not compressed",
        ask("/gzip/file", ZIP, "Range: bytes=0-999"),
        (206,),
        BIG[:1000],
        fields={"content-encoding": None},
    ),
    Scenario("GZ-23 another tag", ask("/gzip/etag", ZIP), fields={"etag": 'W/"v1"'}, lane="wire"),
    Scenario(
        "GZ-x the tag of the plain form", ask("/gzip/etag", "Accept-Encoding: br"), fields={"etag": '"v1"'}
    ),
    Scenario("GZ-x a large file", ask("/gzip/file", ZIP), body=zipped(BIG), lane="wire"),
    Scenario("GZ-x a stream", ask("/gzip/stream", ZIP), body=zipped(b"one two"), lane="wire"),
)


def _is_kept_alive(reply: Reply) -> bool:
    first, *comments, second = reply.body.split(b"\n\n")[:-1]
    return (first, second) == (b"data: first", b"data: second") and set(comments) == {b": keep-alive"}


EVENTS = (
    Scenario(
        "SSE-x events",
        ask("/events", "Last-Event-ID: 1"),
        body=b'event: tick\nid: 2\ndata: {"n":2}\n\nevent: tick\nid: 3\ndata: {"n":3}\n\n',
        fields={
            "content-type": "text/event-stream; charset=utf-8",
            "cache-control": "no-store",
            "x-accel-buffering": "no",
        },
    ),
    Scenario("SSE-x silence", ask("/events/silent"), body=_is_kept_alive, lane="wire"),
    Scenario(
        "SSE-x HEAD",
        kept("HEAD /events HTTP/1.1") + NEXT,
        body=b"",
        fields={"content-type": "text/event-stream; charset=utf-8"},
        after=(is_next,),
        every=True,
        lane="wire",
    ),
    Scenario(
        "JSONL-x documents",
        ask("/documents"),
        body=b'{"n":1}\nnull\n"two"\n',
        fields={"content-type": "application/jsonl"},
    ),
    Scenario("HINT-x the response follows the hints", ask("/hints"), body=b"page"),
    Scenario(
        "HINT-x none to HTTP/1.0",
        b"GET /hints HTTP/1.0\r\n\r\n",
        body=b"page",
        lane="wire",
    ),
)

CONTENTS = (*RANGES, *SEVERAL, *CONDITIONS, *DOWNLOADS, *COMPRESSED, *EVENTS)
