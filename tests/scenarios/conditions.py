"""Wire scenarios of preconditions and ranges of what is computed. Names begin with the id of the catalogue."""

from __future__ import annotations

from tests.scenarios.scenario import Scenario, answers, ask, kept
from tests.scenarios.wire import Reply

__all__ = ["CONDITIONS", "CONTENT", "MODIFIED"]

#: What the application has, with the strong tag "v1".
CONTENT = b"abcdefghijklmnopqrstuvwxyz"
MODIFIED = "Sat, 29 Oct 1994 19:43:31 GMT"

TAG, LAST = 'If-None-Match: "v1"', f"If-Modified-Since: {MODIFIED}"
EARLIER, LATER = "Sat, 29 Oct 1994 19:43:30 GMT", "Sat, 29 Oct 1994 19:44:31 GMT"


def whole(name: str, *fields: str) -> Scenario:
    """Send all of it."""
    return Scenario(name, ask("/versioned", *fields), body=CONTENT, fields={"etag": '"v1"'})


def known(name: str, *fields: str, method: str = "GET") -> Scenario:
    """Send nothing of what the client has, and say so for the same cache as the whole would (COND-39)."""
    said = {"etag": '"v1"', "vary": "Accept", "cache-control": "max-age=60", "content-type": None}
    return Scenario(name, ask("/versioned", *fields, method=method), (304,), b"", said)


def refused(name: str, *fields: str) -> Scenario:
    """Send what has been asked for on other conditions to nobody."""
    return Scenario(name, ask("/versioned", *fields), (412,), fields={"etag": None})


def part(name: str, ranges: str, found: bytes, place: str, *fields: str) -> Scenario:
    """Send one part."""
    said = {"content-range": f"bytes {place}", "content-length": str(len(found)), "etag": '"v1"'}
    return Scenario(name, ask("/versioned", f"Range: bytes={ranges}", *fields), (206,), found, said)


def beyond(name: str, ranges: str) -> Scenario:
    """Say that there is nothing, and how much there would be."""
    return Scenario(
        name, ask("/versioned", f"Range: bytes={ranges}"), (416,), fields={"content-range": "bytes */26"}
    )


def writes(name: str, status: int, *fields: str, method: str = "PUT") -> Scenario:
    """Write, and look whether it was written."""
    number = name.partition(" ")[0]
    sent = kept(f"{method} /versioned?id={number} HTTP/1.1", *fields, "Content-Length: 1", content=b"x")
    then = ask(f"/versioned/written?id={number}")
    after = (answers(200, b"no" if status == 412 else b"yes"),)
    return Scenario(
        name, sent + then, (status,), after=after, every=True, lane="wire", methods=(method, "GET")
    )


def _is_dated(reply: Reply) -> bool:
    return reply.field("date") is not None


def _is_of_parts(reply: Reply) -> bool:
    """RFC 9110 §14.6, §15.3.7.2."""
    kind = reply.field("content-type") or ""
    boundary = kind.removeprefix("multipart/byteranges; boundary=").encode()
    head = (
        b"--"
        + boundary
        + b"\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Range: bytes %s/26\r\n\r\n%s\r\n"
    )
    parts = head % (b"0-1", b"ab") + head % (b"4-5", b"ef") + b"--" + boundary + b"--\r\n"
    return reply.body == parts and reply.field("content-range") is None


CONDITIONS = (
    whole("COND-44 the tag is a quoted string"),
    Scenario("COND-45 the date is an IMF-fixdate", ask("/versioned"), fields={"last-modified": MODIFIED}),
    known("COND-48 If-None-Match", TAG),
    known("COND-x If-None-Match in two lines", 'If-None-Match: "v0"', TAG),
    known("COND-x If-None-Match, any", "If-None-Match: *"),
    known("COND-x If-None-Match on HEAD", TAG, method="HEAD"),
    known("COND-x If-Modified-Since", LAST),
    Scenario("COND-40 a 304 has a date", ask("/versioned", TAG), (304,), _is_dated, lane="wire"),
    whole("COND-11 If-None-Match is nonsense", "If-None-Match: @@,,;="),
    whole("COND-x If-None-Match before If-Modified-Since", 'If-None-Match: "v0"', LAST),
    whole("COND-x modified since", f"If-Modified-Since: {EARLIER}"),
    whole("COND-18 If-Modified-Since is nonsense", "If-Modified-Since: garbage"),
    whole("COND-31 If-Match, any", "If-Match: *"),
    whole("COND-37 If-Match before If-Unmodified-Since", 'If-Match: "v1"', f"If-Unmodified-Since: {EARLIER}"),
    refused("COND-29 If-Match, another", 'If-Match: "other"'),
    refused("COND-32 If-Match, weak", 'If-Match: W/"v1"'),
    refused("COND-x If-Unmodified-Since", f"If-Unmodified-Since: {EARLIER}"),
    writes("COND-49 PUT on another tag", 412, 'If-Match: "v0"'),
    writes("COND-50 PUT where there is nothing", 412, "If-None-Match: *"),
    writes("COND-51 PUT on the tag", 204, 'If-Match: "v1"'),
    writes("COND-52 POST where there is another", 412, TAG, method="POST"),
    part("RNG-02 from a byte", "20-", b"uvwxyz", "20-25/26"),
    part("RNG-03 a suffix", "-5", b"vwxyz", "21-25/26"),
    part("RNG-04 a suffix longer than all", "-100", CONTENT, "0-25/26"),
    part("RNG-12 an end of 30 digits", "0-" + "9" * 30, CONTENT, "0-25/26"),
    part("RNG-13 an end of 5000 digits", "0-" + "9" * 5000, CONTENT, "0-25/26"),
    part("RNG-61 a part has the tag of the whole", "0-4", b"abcde", "0-4/26"),
    part("RNG-x If-Range on the tag", "0-4", b"abcde", "0-4/26", 'If-Range: "v1"'),
    part("RNG-x If-Range on the date", "0-4", b"abcde", "0-4/26", f"If-Range: {MODIFIED}"),
    beyond("RNG-09 beyond the end", "26-30"),
    beyond("RNG-43 all beyond the end", "100-200,300-"),
    whole("RNG-15 ends before it begins", "Range: bytes=5-2"),
    whole("RNG-x no number", "Range: bytes=-"),
    whole("RNG-34 another unit", "Range: items=0-4"),
    whole("RNG-47 many ranges", "Range: bytes=" + ",".join(["0-"] * 1000)),
    whole("RNG-50 many commas", "Range: bytes=" + "," * 4000),
    whole("RNG-54 If-Range, weak", "Range: bytes=0-4", 'If-Range: W/"v1"'),
    whole("RNG-57 If-Range, an earlier date", "Range: bytes=0-4", f"If-Range: {EARLIER}"),
    whole("RNG-x If-Range, a later date", "Range: bytes=0-4", f"If-Range: {LATER}"),
    whole("RNG-58 If-Range is nonsense", "Range: bytes=0-4", "If-Range: nonsense"),
    Scenario(
        "RNG-35 no range on HEAD",
        ask("/versioned", "Range: bytes=0-4", method="HEAD"),
        fields={"content-length": "26", "content-range": None},
    ),
    Scenario(
        "RNG-40 two parts", ask("/versioned", "Range: bytes=0-1,4-5"), (206,), _is_of_parts, lane="wire"
    ),
    Scenario("RNG-38 ranges are offered", ask("/versioned"), fields={"accept-ranges": "bytes"}),
    Scenario(
        "RNG-37 no range of what is not there",
        ask("/versioned/not", "Range: bytes=0-1", TAG),
        (404,),
        fields={"content-range": None},
    ),
)
