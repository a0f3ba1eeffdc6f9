"""Wire scenarios of files below an allowed folder; what is sent of them is in ``contents.py``."""

from __future__ import annotations

import gzip
from typing import Any

from tests.scenarios.scenario import Scenario, answers, ask, has, kept, without

__all__ = ["FILES", "PAGE", "PAGE_GZ", "STATIC"]

#: A file, and its form that was compressed before.
PAGE = b"body { color: green }\n" * 50
PAGE_GZ = gzip.compress(PAGE, mtime=0)

REFUSED = (400, 403, 404)


def outside(number: str, target: str) -> Scenario:
    """Give nothing from outside of the folder, and do not say where it is."""
    return Scenario(
        f"FILE-{number} {target!r}", ask(f"/file/{target}"), REFUSED, without(b"secret:", b"root:", b"/tmp/")
    )


def missing(number: str, target: str, *, lane_is_wire: bool = False) -> Scenario:
    """Say that there is nothing, at once."""
    return Scenario(
        f"FILE-{number} {target[:40]!r} is not there",
        ask(f"/file/{target}"),
        REFUSED,
        without(b"/tmp/"),
        lane="wire" if lane_is_wire else "any",
    )


FILES = (
    outside("02", "%2e%2e/secret.txt"),
    outside("04", "%2e%2e%2fsecret.txt"),
    outside("05", "..%5csecret.txt"),
    outside("06", "..\\secret.txt"),
    outside("07", "%252e%252e%252fsecret.txt"),
    outside("09", "..;/secret.txt"),
    outside("11", "sub/../../secret.txt"),
    outside("14", "../files-secret/secret.txt"),
    outside("16", "..%2ffiles-secret%2fsecret.txt"),
    outside("20", "../../../../../../../../etc/passwd"),
    outside("23", "link-out"),
    outside("24", "dir-out/secret.txt"),
    outside("55", "/etc/passwd"),
    outside("57", "%2f%2fetc/passwd"),
    outside("59", "..%2f..%2f..%2f..%2f..%2f..%2fetc%2fpasswd"),
    outside("101", "%5C%5Cevil.test%5Cshare"),
    missing("26", "a" * 4000),
    missing("30", "sub"),
    missing("63", "hello.txt%00.png"),
    missing("65", "%ff%fe"),
    missing("67", "%ed%b0%80"),
    missing("70", "fifo"),
    missing("72", "hello.txt/x"),
    *(missing("100", name) for name in ("CON", "NUL", "aux.txt", "COM1", "CON%20.txt", "CONIN$")),
    Scenario("FILE-36 percent in the name", ask("/file/100%25.txt"), body=b"percent"),
    Scenario("FILE-37 a file in a folder in it", ask("/file/sub/inner.txt"), body=b"inner"),
    Scenario(
        "FILE-76 POST is not allowed",
        ask("/file/hello.txt", method="POST"),
        (405,),
        fields={"allow": "GET, HEAD, OPTIONS"},
    ),
    Scenario("FILE-78 an empty file", ask("/file/empty.txt"), body=b"", fields={"content-length": "0"}),
)

#: The same files, below ``/static``.
ALPHABET = b"abcdefghijklmnopqrstuvwxyz"
TAG, MODIFIED = '"17979cfe362a0000-1a"', "Tue, 14 Nov 2023 22:13:20 GMT"
PROBLEM = {"content-type": "application/problem+json"}


def below(scenario: Scenario) -> Scenario:
    """Return what a folder of static files has to do where a file response does something."""
    sent = scenario.sent.replace(b" /file/", b" /static/", 1)
    return scenario._replace(name=f"{scenario.name}, static", sent=sent)


def static(name: str, target: str, *fields: str, method: str = "GET", **expected: Any) -> Scenario:
    """Ask for a static file."""
    return Scenario(f"STATIC {name}", ask(f"/static/{target}", *fields, method=method), **expected)


STATIC = (
    *map(below, FILES),
    Scenario("FILE-15 the name of the folder is no prefix", ask("/static-secret/secret.txt"), (404,)),
    static("FILE-53", "%2e%2e/files-secret/secret.txt", status=(400,)),
    static(
        "whole",
        "hello.txt",
        body=ALPHABET,
        fields={
            "content-type": "text/plain; charset=utf-8",
            "x-content-type-options": "nosniff",
            "cache-control": "no-cache",
            "etag": TAG,
            "last-modified": MODIFIED,
            "accept-ranges": "bytes",
            "content-length": "26",
            "vary": None,
        },
    ),
    static(
        "whole, once more",
        "hello.txt",
        "X-Again: 1",
        body=ALPHABET,
        fields={"etag": TAG},
    ),
    static("HEAD", "hello.txt", method="HEAD", body=b"", fields={"content-length": "26", "etag": TAG}),
    static("HEAD of a large file", "big.txt", method="HEAD", body=b"", fields={"content-length": "260000"}),
    static("a large file", "big.txt", body=ALPHABET * 10_000),
    static(
        "known",
        "hello.txt",
        f"If-None-Match: {TAG}",
        status=(304,),
        body=b"",
        fields={"etag": TAG, "cache-control": "no-cache", "content-type": None, "content-length": None},
    ),
    static("known, weakly", "hello.txt", f"If-None-Match: W/{TAG}", status=(304,), body=b""),
    static("known, of several", "hello.txt", f'If-None-Match: "x", {TAG}', status=(304,), body=b""),
    static(
        "HEAD of what is known", "hello.txt", f"If-None-Match: {TAG}", method="HEAD", status=(304,), body=b""
    ),
    static("known by its date", "hello.txt", f"If-Modified-Since: {MODIFIED}", status=(304,), body=b""),
    static(
        "the tag goes before the date",
        "hello.txt",
        'If-None-Match: "x"',
        f"If-Modified-Since: {MODIFIED}",
        body=ALPHABET,
    ),
    static("another version is asked for", "hello.txt", 'If-Match: "x"', status=(412,), fields=PROBLEM),
    static("RNG-02", "hello.txt", "Range: bytes=20-", status=(206,), body=b"uvwxyz"),
    static("a part of a large file", "big.txt", "Range: bytes=26-28", status=(206,), body=b"abc"),
    static(
        "RNG-09",
        "hello.txt",
        "Range: bytes=26-30",
        status=(416,),
        fields={"content-range": "bytes */26", **PROBLEM},
    ),
    static(
        "If-Range of another version",
        "hello.txt",
        "Range: bytes=1-2",
        'If-Range: "x"',
        body=ALPHABET,
    ),
    static(
        "a form that was compressed before",
        "page.css",
        "Accept-Encoding: gzip",
        body=PAGE_GZ,
        lane="wire",  # a client undoes it
        fields={
            "content-encoding": "gzip",
            "vary": "Accept-Encoding",
            "content-type": "text/css; charset=utf-8",
            "etag": f'"17979cfe362a0000-{len(PAGE_GZ):x}-gzip"',
        },
    ),
    static(
        "a form that the client does not take",
        "page.css",
        "Accept-Encoding: gzip;q=0, br",
        body=PAGE,
        fields={"content-encoding": None, "vary": "Accept-Encoding"},
    ),
    static(
        "a form that the client has",
        "page.css",
        "Accept-Encoding: gzip",
        f'If-None-Match: "17979cfe362a0000-{len(PAGE_GZ):x}-gzip"',
        status=(304,),
        body=b"",
        fields={"vary": "Accept-Encoding", "content-encoding": None},
    ),
    static(
        "the file that was compressed, itself",
        "page.css.gz",
        body=PAGE_GZ,
        fields={"content-type": "application/gzip"},
    ),
    static("a hidden file", ".env", status=(404,), fields=PROBLEM),
    static("a hidden folder", ".git/config", status=(404,)),
    static("RFC 8615", ".well-known/security.txt", body=b"contact"),
    static("an index", "docs/", body=b"<p>index"),
    static("a folder with an index", "docs?a=%20b", status=(308,), fields={"location": "./docs/?a=%20b"}),
    static("a folder without one is not listed", "sub/", status=(404,), fields=PROBLEM),
    static("a link to another file of the folder", "link-in", status=(404,)),
    static("two slashes", "sub//inner.txt", status=(404,)),
    static("an encoded slash is a slash", "sub%2Finner.txt", body=b"inner"),
    static("a name in another script", "%C3%BC%E2%82%AC.txt", body=b"unicode"),
    static("the same letters, composed otherwise", "u%CC%88%E2%82%AC.txt", status=(404,)),
    static("a name in capitals is another one", "HELLO.TXT", status=(404,)),
    static("a question mark in the name", "what%3F.txt", body=b"question"),
    static("DELETE", "hello.txt", method="DELETE", status=(405,), body=has(status=405)),
    static("OPTIONS", "hello.txt", method="OPTIONS", status=(204,), fields={"allow": "GET, HEAD, OPTIONS"}),
    Scenario(
        "STATIC again and again on one connection",
        kept("GET /static/hello.txt HTTP/1.1") * 3
        + kept("HEAD /static/hello.txt HTTP/1.1")
        + kept("GET /static/hello.txt HTTP/1.1", f"If-None-Match: {TAG}") * 2
        + ask("/static/hello.txt", "Range: bytes=0-1"),
        body=ALPHABET,
        after=(
            answers(200, ALPHABET),
            answers(200, ALPHABET),
            answers(200, b""),
            answers(304, b""),
            answers(304, b""),
            answers(206, b"ab"),
        ),
        methods=("GET", "GET", "GET", "HEAD", "GET"),
        every=True,
        lane="wire",
    ),
    Scenario("STATIC the folder itself", ask("/static"), (308,), fields={"location": "./static/"}),
)
