"""Conditions and ranges of requests for files (RFC 9110 §13, §14), of a file that is read whole and of one that is not."""

import email
import gzip
import os
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.driving import Sent, run
from tests.http.descriptors import descriptors, with_descriptors
from wadjet import FileResponse, GZipResponse, Wadjet
from wadjet.http.compression import encoder_for
from wadjet.http.filecache import SMALL

#: 1994-11-06 08:49:37 and a bit.
MOMENT = 784111777_500000000
DATE, BEFORE, AFTER = (f"Sun, 06 Nov 1994 08:49:{second} GMT" for second in (37, 36, 38))
SIZES = {"small": 26, "large": SMALL + 26}


@pytest.fixture(params=SIZES)
def path(request: Any, tmp_path: Path) -> Path:
    path = tmp_path / "hello.txt"
    path.write_bytes(content_of(SIZES[request.param]))
    os.utime(path, ns=(MOMENT, MOMENT))
    return path


def content_of(size: int) -> bytes:
    return bytes(97 + number % 26 for number in range(size))


def tag(path: Path) -> str:
    return f'"{MOMENT:x}-{path.stat().st_size:x}"'


def asked(path: Path, method: str = "GET", status: int | None = None, /, **fields: str) -> Sent:
    app = Wadjet()

    @app.route("/", methods=["GET", "POST"])
    async def handler() -> FileResponse:
        return FileResponse(path, status)

    sent = run(app, method, headers=[(name.replace("_", "-"), value) for name, value in fields.items()])
    assert descriptors(path) == 0
    return sent


def filled(value: str, path: Path) -> str:
    return value.replace("ETAG", tag(path)).replace("SIZE", str(path.stat().st_size))


# -- conditions ---------------------------------------------------------------------------------------------------------------

CONDITIONS = [
    ("COND-01", {"if_none_match": "ETAG"}, 304),
    ("COND-02", {"if_none_match": "W/ETAG"}, 304),
    ("COND-05", {"if_none_match": '"a,b", ETAG'}, 304),
    ("COND-09", {"if_none_match": '"x'}, 200),
    ("COND-11", {"if_none_match": "@@,,;="}, 200),
    ("COND-14", {"if_none_match": "ETAG", "if_modified_since": BEFORE}, 304),
    ("COND-x an other tag wins over a later date", {"if_none_match": '"x"', "if_modified_since": AFTER}, 200),
    ("COND-x any version", {"if_none_match": "*"}, 304),
    ("COND-16", {"if_modified_since": AFTER}, 304),
    ("COND-x the same second", {"if_modified_since": DATE}, 304),
    ("COND-x a second before", {"if_modified_since": BEFORE}, 200),
    ("COND-18", {"if_modified_since": "garbage"}, 200),
    ("COND-20", {"if_modified_since": "0"}, 200),
    ("COND-22", {"if_modified_since": "9" * 200}, 200),
    ("COND-23", {"if_modified_since": "Thu, 01 Jan 0000 00:00:00 GMT"}, 200),
    ("COND-25", {"if_modified_since": "Sun, 06 Nov 1994 08:49:37 +9999999999"}, 200),
    ("COND-27", {"if_modified_since": "Friday, 01-Jan-38 00:00:00 GMT"}, 304),
    ("COND-28", {"if_modified_since": "Fri Jan  1 00:00:00 2038"}, 304),
    ("COND-29", {"if_match": '"other"'}, 412),
    ("COND-31", {"if_match": "*"}, 200),
    ("COND-32", {"if_match": "W/ETAG"}, 412),
    ("COND-x if-match", {"if_match": '"x", ETAG'}, 200),
    ("COND-35", {"if_unmodified_since": DATE}, 200),
    ("COND-x changed since", {"if_unmodified_since": BEFORE}, 412),
    ("COND-36", {"if_unmodified_since": "garbage"}, 200),
    ("COND-37", {"if_match": "ETAG", "if_unmodified_since": BEFORE}, 200),
    ("COND-x 412 before 304", {"if_match": '"x"', "if_none_match": "ETAG"}, 412),
    ("COND-x 304 before 206", {"if_none_match": "ETAG", "range": "bytes=0-1"}, 304),
    ("COND-x 412 before 416", {"if_match": '"x"', "range": "bytes=999999-"}, 412),
]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    ("fields", "status"), [row[1:] for row in CONDITIONS], ids=[row[0] for row in CONDITIONS]
)
@with_descriptors
def test_conditions_are_evaluated_in_their_order(
    path: Path, method: str, fields: dict[str, str], status: int
) -> None:
    sent = asked(path, method, **{name: filled(value, path) for name, value in fields.items()})
    assert sent.status == status
    if status == 200:
        assert sent.body == (path.read_bytes() if method == "GET" else b"")
    if status == 304:
        assert sent.body == b""
        assert dict(sent.fields.keys()) == {
            b"etag": tag(path).encode(),
            b"x-content-type-options": b"nosniff",
        }


def test_fields_tell_the_version(path: Path) -> None:
    """COND-39, COND-44, COND-45, RNG-38, RNG-61."""
    whole, part = asked(path), asked(path, range="bytes=0-4")
    for sent in (whole, part):
        assert sent.field(b"etag") == tag(path).encode()
        assert sent.field(b"last-modified") == DATE.encode()
        assert sent.field(b"accept-ranges") == b"bytes"


def test_what_changes_something_is_not_conditional(path: Path) -> None:
    """Its handler has done what it does when the file is opened: a condition would come too late."""
    assert asked(path, "POST", if_none_match=tag(path)).status == 200
    assert asked(path, "POST", if_match='"x"').status == 200
    assert asked(path, "POST", range="bytes=0-1").status == 200


def test_a_page_that_tells_of_an_error_is_sent_whole(path: Path) -> None:
    for fields in ({"if_none_match": tag(path)}, {"range": "bytes=0-4"}, {"if_match": '"x"'}):
        sent = asked(path, "GET", 404, **fields)
        assert (sent.status, sent.body) == (404, path.read_bytes())
        assert sent.field(b"accept-ranges") is None


def test_a_version_given_by_hand_is_the_one_that_counts(path: Path) -> None:
    app = Wadjet()

    @app.get("/")
    async def handler() -> FileResponse:
        fields = {
            "ETag": '"v1"',
            "Last-Modified": "Mon, 07 Nov 1994 08:49:37 GMT",
            "Cache-Control": "max-age=9",
        }
        return FileResponse(path, headers=fields)

    assert run(app, headers=[("if-none-match", tag(path))]).status == 200
    known = run(app, headers=[("if-none-match", '"v1"')])
    assert (known.status, known.field(b"cache-control")) == (304, b"max-age=9")
    assert run(app, headers=[("if-unmodified-since", DATE)]).status == 412


# -- ranges -------------------------------------------------------------------------------------------------------------------

#: The part that is sent, counted from the beginning or, below zero, from the end; None for the whole.
RANGES: list[tuple[str, str, tuple[int, int | None] | None]] = [
    ("RNG-x first bytes", "bytes=0-4", (0, 5)),
    ("RNG-02", "bytes=20-", (20, None)),
    ("RNG-03", "bytes=-5", (-5, None)),
    ("RNG-07", "bytes=25-25", (25, 26)),
    ("RNG-x unit in capitals", "BYTES=0-4", (0, 5)),
    ("RNG-x parts that touch are one", "bytes=0-1,2-4", (0, 5)),
    ("RNG-x parts that overlap are one", "bytes=0-3,1-4,2-2", (0, 5)),
    ("RNG-x one of two is there", "bytes=0-4,9999999-", (0, 5)),
    ("RNG-15", "bytes=5-2", None),
    ("RNG-17", "bytes=", None),
    ("RNG-18", "bytes", None),
    ("RNG-20", "bytes=--5", None),
    ("RNG-23", "bytes=1-+5", None),
    ("RNG-24", "bytes=0x1-5", None),
    ("RNG-25", "bytes=1_0-2_0", None),
    ("RNG-26", "bytes=1-5;q=1", None),
    ("RNG-27", "=0-4", None),
    ("RNG-29", "bytes=0-4=", None),
    ("RNG-32", "bytes=0-\xb9", None),
    ("RNG-34", "items=0-4", None),
    ("RNG-47", "bytes=" + "0-," * 999 + "0-", None),
    ("RNG-49", "bytes=" + ",".join(f"{n}-{n}" for n in range(9000, 3000, -2)), None),
    ("RNG-50", "bytes=" + "," * 14000, None),
    ("RNG-51", "bytes=" + "1-" * 7000, None),
]


@pytest.mark.parametrize(("field", "part"), [row[1:] for row in RANGES], ids=[row[0] for row in RANGES])
def test_the_part_that_is_asked_for_is_sent(
    path: Path, field: str, part: tuple[int, int | None] | None
) -> None:
    whole, sent = path.read_bytes(), asked(path, range=field)
    if part is None:
        assert (sent.status, sent.body, sent.field(b"content-range")) == (200, whole, None)
        return
    start, stop, _ = slice(*part).indices(len(whole))
    assert (sent.status, sent.body) == (206, whole[start:stop])
    assert sent.field(b"content-range") == f"bytes {start}-{stop - 1}/{len(whole)}".encode()
    assert sent.field(b"content-length") == b"%d" % len(sent.body)


@pytest.mark.parametrize(
    "field",
    ["bytes=-100000", "bytes=0-99999", "bytes=0-" + "9" * 30, "bytes=0-" + "9" * 5000],
    ids=["RNG-04", "RNG-06", "RNG-12", "RNG-13"],
)
def test_more_than_there_is_is_the_whole(path: Path, field: str) -> None:
    whole, sent = path.read_bytes(), asked(path, range=field)
    assert (sent.status, sent.body) == (206, whole)
    assert sent.field(b"content-range") == f"bytes 0-{len(whole) - 1}/{len(whole)}".encode()


@pytest.mark.parametrize(
    "field",
    ["bytes=SIZE-", "bytes=" + "9" * 30 + "-", "bytes=1000000-2000000,3000000-", "bytes=-0"],
    ids=["RNG-09", "RNG-11", "RNG-43", "RNG-x no bytes from the end"],
)
@with_descriptors
def test_what_is_not_there_cannot_be_satisfied(path: Path, field: str) -> None:
    sent = asked(path, range=filled(field, path))
    assert sent.status == 416
    assert sent.field(b"content-range") == f"bytes */{path.stat().st_size}".encode()
    assert b"abc" not in sent.body
    assert str(path.parent).encode() not in sent.body


def test_to_head_a_range_is_nothing(path: Path) -> None:
    """RNG-35."""
    sent = asked(path, "HEAD", range="bytes=0-4")
    assert (sent.status, sent.field(b"content-range")) == (200, None)
    assert sent.field(b"content-length") == b"%d" % path.stat().st_size


def test_no_part_of_a_file_that_is_not_there(path: Path) -> None:
    """RNG-37."""
    assert asked(path.with_name("none.txt"), range="bytes=0-4").status == 404


def test_of_an_empty_file_everything_is_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert asked(tmp_path / "empty", range="bytes=0-").status == 200


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ("ETAG", 206),
        ("W/ETAG", 200),
        ('"other"', 200),
        (DATE, 206),
        (BEFORE, 200),
        (AFTER, 200),
        ("nonsense", 200),
    ],
    ids=["RNG-x tag", "RNG-54", "RNG-x other tag", "RNG-x date", "RNG-57", "RNG-x later date", "RNG-58"],
)
def test_a_part_is_for_clients_that_have_the_same_version(path: Path, condition: str, status: int) -> None:
    sent = asked(path, range="bytes=0-4", if_range=filled(condition, path))
    assert sent.status == status
    assert len(sent.body) == (5 if status == 206 else path.stat().st_size)


def parts_of(sent: Sent) -> list[tuple[str, bytes]]:
    """Read multipart/byteranges with somebody else's parser."""
    head = b"Content-Type: " + (sent.field(b"content-type") or b"") + b"\r\n\r\n"
    message: Any = email.message_from_bytes(head + sent.body)
    assert all(part["content-type"] == "text/plain; charset=utf-8" for part in message.get_payload())
    return [(part["content-range"], part.get_payload(decode=True)) for part in message.get_payload()]


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("bytes=0-1,4-5", ["0-1", "4-5"]),
        ("bytes=0-1, 4-5 ,\t25-25", ["0-1", "4-5", "25-25"]),
        ("bytes=4-5,0-1", ["4-5", "0-1"]),
    ],
    ids=["RNG-40", "RNG-41", "RNG-x in the order asked for"],
)
def test_several_parts_are_sent_as_parts(path: Path, field: str, expected: list[str]) -> None:
    whole, sent = path.read_bytes(), asked(path, range=field)
    assert sent.status == 206
    assert sent.field(b"content-range") is None
    assert sent.field(b"content-length") == b"%d" % len(sent.body)
    assert re.fullmatch(rb"multipart/byteranges; boundary=[0-9a-f]{32}", sent.field(b"content-type") or b"")
    found = parts_of(sent)
    assert [label for label, _ in found] == [f"bytes {spec}/{len(whole)}" for spec in expected]
    for spec, (_, content) in zip(expected, found, strict=True):
        first, last = map(int, spec.split("-"))
        assert content == whole[first : last + 1]


def test_pieces_make_the_whole(tmp_path: Path) -> None:
    """RNG-62."""
    path = tmp_path / "big.bin"
    path.write_bytes(os.urandom(1 << 20))
    pieces = [asked(path, range=f"bytes={at}-{at + 65535}").body for at in range(0, 1 << 20, 65536)]
    assert b"".join(pieces) == path.read_bytes()


@given(st.text(st.sampled_from("0123456789-,= bytes"), max_size=40), st.booleans())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_asked_for_is_answered(tmp_path_factory: Any, field: str, is_prefixed: bool) -> None:
    path = tmp_path_factory.getbasetemp() / "any.txt"
    path.write_bytes(content_of(26))
    sent = asked(path, range=f"bytes={field}".strip() if is_prefixed else field.strip())
    assert sent.status in {200, 206, 416}
    assert sent.status == 416 or len(sent.body) < 26 * 3 + 16 * 150


def test_a_part_is_not_compressed(path: Path) -> None:
    """GZ-21."""
    app = Wadjet()

    @app.get("/")
    async def handler() -> GZipResponse:
        return GZipResponse(FileResponse(path), minimum_size=1)

    part = run(app, headers=[("accept-encoding", "gzip"), ("range", "bytes=0-3")])
    assert (part.status, part.body, part.field(b"content-encoding")) == (206, b"abcd", None)
    whole = run(app, headers=[("accept-encoding", "gzip")])
    assert (whole.field(b"content-encoding"), whole.field(b"accept-ranges")) == (b"gzip", None)
    assert whole.field(b"etag") == f"W/{tag(path)}".encode()
    known = run(app, headers=[("accept-encoding", "gzip"), ("if-none-match", f"W/{tag(path)}")])
    assert (known.status, known.field(b"etag")) == (304, f"W/{tag(path)}".encode())
    assert known.field(b"vary") == b"Accept-Encoding"


# -- downloads ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, None),
        ({"filename": "a.txt"}, b'attachment; filename="a.txt"'),
        ({"filename": "a.txt", "content_disposition_type": "inline"}, b'inline; filename="a.txt"'),
        ({"content_disposition_type": "inline"}, b"inline"),
        (
            {"filename": "\u20ac\r\nX: 1"},
            b"attachment; filename=\"___X: 1\"; filename*=UTF-8''%E2%82%AC__X%3A%201",
        ),
    ],
)
def test_a_download_has_a_name(path: Path, options: Any, expected: bytes | None) -> None:
    app = Wadjet()

    @app.get("/")
    async def handler() -> FileResponse:
        return FileResponse(path, **options)

    assert run(app).field(b"content-disposition") == expected


def test_another_disposition_is_the_developers_mistake(path: Path) -> None:
    odd: Any = "form-data"
    with pytest.raises(ValueError, match="neither 'attachment' nor 'inline'"):
        FileResponse(path, filename="a", content_disposition_type=odd)


# -- what has no ranges -------------------------------------------------------------------------------------------------------


def compressed(path: Path) -> FileResponse:
    encoder = encoder_for("gzip")
    assert encoder is not None
    response = FileResponse(path)
    response.encode_with(encoder)
    return response


@pytest.mark.parametrize(
    ("make", "accept_ranges"),
    [
        (lambda path: FileResponse(path, accept_ranges="none"), b"none"),
        (compressed, None),
    ],
)
def test_a_file_that_has_no_ranges_is_sent_whole(path: Path, make: Any, accept_ranges: bytes | None) -> None:
    app = Wadjet()

    @app.get("/")
    async def handler() -> FileResponse:
        response: FileResponse = make(path)
        return response

    sent = run(app, headers=[("range", "bytes=0-3")])
    body = gzip.decompress(sent.body) if sent.field(b"content-encoding") else sent.body
    assert (sent.status, body) == (200, path.read_bytes())
    assert sent.field(b"accept-ranges") == accept_ranges
    assert (sent.field(b"etag") or b"").startswith(b"W/") == (accept_ranges is None)


def test_a_part_of_what_else_would_be_compressed_says_that_it_depends_on_that(path: Path) -> None:
    """RFC 9110 §15.3.7: a 206 has the Vary that the 200 would have."""
    app = Wadjet()

    @app.get("/")
    async def handler() -> GZipResponse:
        return GZipResponse(path, minimum_size=0)

    sent = run(app, headers=[("range", "bytes=0-3"), ("accept-encoding", "gzip")])
    assert (sent.status, sent.body, sent.field(b"vary")) == (206, b"abcd", b"Accept-Encoding")
