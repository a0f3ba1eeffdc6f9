"""Wire scenarios of forms: read through a server as they are read in a function. Names begin with the id of the catalogue."""

from __future__ import annotations

import gzip

from tests.scenarios.scenario import (
    CLIENT_ERROR,
    GOOD_OR_CLIENT_ERROR,
    Judge,
    Scenario,
    ask,
    chunked,
    has,
    post,
)

__all__ = ["FORMS"]

URLENCODED = "Content-Type: application/x-www-form-urlencoded"
MULTIPART = "Content-Type: multipart/form-data; boundary=BOUND"


def part(disposition: str, content: bytes = b"1", *fields: str) -> bytes:
    """Return a part with its delimiter before it."""
    lines = ["--BOUND", f"Content-Disposition: {disposition}", *fields, "", ""]
    return "\r\n".join(lines).encode("latin-1") + content + b"\r\n"


FIELD = 'form-data; name="a"'
FILE = 'form-data; name="f"; filename="cobra.txt"'
END = b"--BOUND--\r\n"


def multipart(
    name: str, *parts: bytes, pairs: list[list[object]] | None = None, end: bytes = END
) -> Scenario:
    """Read a form of these parts, or refuse it if it has no pairs."""
    content = b"".join(parts) + end
    sent = ask("/form", MULTIPART, method="POST", content=content)
    return Scenario(name, sent) if pairs is None else Scenario(name, sent, body=has(pairs=pairs))


def unharmed(name: str, *parts: bytes) -> Scenario:
    """Read or refuse it, and never fail."""
    return multipart(name, *parts)._replace(status=GOOD_OR_CLIENT_ERROR)


def refused(name: str, *parts: bytes, end: bytes = END) -> Scenario:
    """Say that it is the client's fault."""
    return multipart(name, *parts, end=end)._replace(status=CLIENT_ERROR)


PNG = b"\x89PNG\r\n\x1a\n" + bytes(24)


def picture(
    name: str, content: bytes, status: tuple[int, ...], *, kind: str = "image/png", count: int = 1
) -> Scenario:
    """Send files to where only small pictures are taken."""
    sent = part(FILE, content, *([f"Content-Type: {kind}"] if kind else []))
    return multipart(f"MP-x {name}", *[sent] * count)._replace(
        sent=ask("/form/picture", MULTIPART, method="POST", content=sent * count + END), status=status
    )


def _has_no_such_value(value: str) -> Judge:
    return lambda reply: value.encode() not in reply.body


FORMS = (
    Scenario(
        "FORM-14 an escape that is cut by chunks",
        ask(
            "/form",
            URLENCODED,
            "Transfer-Encoding: chunked",
            method="POST",
            content=chunked(b"a=", b"1&", b"b=%C", b"3%", b"A", b"9"),
        ),
        body=has(pairs=[["a", "1"], ["b", "é"]]),
    ),
    Scenario(
        "FORM-x a URL-encoded form",
        ask("/form", URLENCODED, method="POST", content=b"a=1&b=x+y&a=2&c"),
        body=has(pairs=[["a", "1"], ["b", "x y"], ["a", "2"], ["c", ""]]),
    ),
    Scenario(
        "FORM-x more fields than a form may have",
        ask("/form", URLENCODED, method="POST", content=b"a=1&" * 1001),
        CLIENT_ERROR,
    ),
    multipart("MP-01 one field", part(FIELD), pairs=[["a", "1"]]),
    multipart(
        "MP-03 fields and files in order",
        part(FIELD),
        part(FILE, b"hood", "Content-Type: text/plain"),
        part(FIELD, b"2"),
        pairs=[["a", "1"], ["f", ["cobra.txt", "text/plain", 4]], ["a", "2"]],
    ),
    multipart("MP-09 a value with line ends", part(FIELD, b"\r\nx\r\n"), pairs=[["a", "\r\nx\r\n"]]),
    multipart(
        "MP-29 a file's name that is a path",
        part('form-data; name="f"; filename="/etc/passwd"', b""),
        pairs=[["f", ["passwd", "application/octet-stream", 0]]],
    ),
    refused("MP-43 no closing delimiter", part(FIELD), end=b""),
    refused("MP-47 a field of a part without a colon", part(FIELD, b"1", "X-A")),
    unharmed(
        "MP-57 a codec that is no charset", part(FIELD, b"1", "Content-Type: text/plain; charset=base64")
    ),
    unharmed(
        "MP-58 bytes that the charset does not have",
        part(FIELD, b"\xff", "Content-Type: text/plain; charset=ascii"),
    ),
    multipart("MP-59 bytes that are not UTF-8", part(FIELD, b"\xff\xfe"), pairs=[["a", "\ufffd\ufffd"]]),
    unharmed(
        "MP-61 _charset_ with nonsense",
        part('form-data; name="_charset_"', b"no-such-charset"),
        part(FIELD, b"\xff"),
    ),
    refused("MP-73 one file more than the limit", *[part(FILE, b"x")] * 101),
    refused("MP-73 one field more than the limit", *[part(FIELD)] * 1001),
    Scenario(
        "MP-38 no boundary",
        ask("/form", "Content-Type: multipart/form-data", method="POST", content=part(FIELD) + END),
        CLIENT_ERROR,
    ),
    Scenario(
        "MP-x no secret of the file's place",
        ask("/form", MULTIPART, method="POST", content=part(FILE, b"x" * 500_000) + END),
        body=_has_no_such_value("/tmp"),
    ),
    *(
        Scenario(
            f"BODY-19 a file of two mebibytes at /form/{where}",
            ask(
                f"/form/{where}",
                MULTIPART,
                method="POST",
                content=part(FILE, b"x" * (2 << 20) + b"ends") + END,
            ),
            body=has(**expected),
        )
        for where, expected in (
            ("large", {"size": (2 << 20) + 4, "disk": True, "ends": "ends"}),
            ("blocking", {"size": (2 << 20) + 4, "ends": "ends"}),
            ("parts", {"f": (2 << 20) + 4}),
        )
    ),
    picture("a file that is what it may be", PNG, (200,)),
    picture("several of them", PNG, (200,), count=2),
    picture("more of them than there may be", PNG, (422,), count=3),
    picture("a file that is too large", PNG + bytes(1000), (413,)),
    picture("a file of another type", PNG, (415,), kind="text/html"),
    picture("a file that says no type", PNG, (415,), kind=""),
    picture("a file that does not begin as its type does", b"<script>alert(1)</script>", (415,)),
    picture("an empty file", b"", (415,)),
    *(
        Scenario(
            f"MP-x refused while it comes: {why}",
            post(
                "/form/picture",
                MULTIPART,
                f"Content-Length: {1 << 39}",
                content=part(FILE, content, f"Content-Type: {kind}"),
            ),
            (status,),
            lane="wire",
        )
        for why, content, kind, status in (
            ("a file that is too large", PNG + bytes(70_000), "image/png", 413),
            ("a file of another type", b"", "text/html", 415),
            ("a file that does not begin as its type does", b"MZ" + bytes(200), "image/png", 415),
        )
    ),
    Scenario(
        "BODY-12 a coding that the route does not take",
        ask("/decoded", "Content-Encoding: br", method="POST", content=b"x"),
        (415,),
        fields={"accept-encoding": "gzip"},
    ),
    Scenario(
        "BODY-12 a coding that the route takes",
        ask("/decoded", "Content-Encoding: gzip", method="POST", content=gzip.compress(b"x" * 1000)),
        body=has(length=1000),
    ),
    Scenario(
        "BODY-23 a bomb",
        ask("/decoded", "Content-Encoding: gzip", method="POST", content=gzip.compress(bytes(8 << 20))),
        (413,),
    ),
)
