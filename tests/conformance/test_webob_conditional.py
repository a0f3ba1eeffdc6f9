"""WebOb's conditional and range responses, row by row, for content that is computed and for the same content in a file.

What WebOb answers is said where ours differs.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.driving import Sent, run
from wadjet import FileResponse, Response, Wadjet

CONTENT = b"0123456789"
DATE, BEFORE, LATER = (f"Tue, 14 Nov 2023 22:{minute}:20 GMT" for minute in (13, 12, 14))


@pytest.fixture(params=["computed", "file"])
def app(request: pytest.FixtureRequest, tmp_path: Path) -> Wadjet:
    path = tmp_path / "ten.txt"
    path.write_bytes(CONTENT)
    os.utime(path, (1_700_000_000, 1_700_000_000))
    app = Wadjet()

    @app.route("/", methods=["GET", "POST"])
    async def handler(status: int = 200) -> Response[Any]:
        fields = {"etag": '"v1"', "last-modified": DATE}
        if request.param == "file":
            return FileResponse(path, status, fields)
        return Response(CONTENT.decode(), status, fields, conditional_response=True)

    return app


def asked(app: Wadjet, method: str = "GET", target: str = "/", **fields: str) -> Sent:
    return run(
        app, method, target, headers=[(name.replace("_", "-"), value) for name, value in fields.items()]
    )


CONDITIONS = [
    ("the tag", {"if_none_match": '"v1"'}, 304),
    ("the weak tag", {"if_none_match": 'W/"v1"'}, 304),
    ("any tag: theirs 200", {"if_none_match": "*"}, 304),
    ("another tag", {"if_none_match": '"v2"'}, 200),
    (
        "If-Modified-Since is passed over beside it",
        {"if_none_match": '"v2"', "if_modified_since": LATER},
        200,
    ),
    ("the same date", {"if_modified_since": DATE}, 304),
    ("a later date", {"if_modified_since": LATER}, 304),
    ("an earlier date", {"if_modified_since": BEFORE}, 200),
    ("If-Match of another: theirs 200", {"if_match": '"v2"'}, 412),
    ("If-Match of this", {"if_match": '"v1"'}, 200),
    ("If-Unmodified-Since before: theirs 200", {"if_unmodified_since": BEFORE}, 412),
    ("If-Unmodified-Since of this", {"if_unmodified_since": DATE}, 200),
]


@pytest.mark.parametrize(
    ("fields", "status"), [row[1:] for row in CONDITIONS], ids=[row[0] for row in CONDITIONS]
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_conditions(app: Wadjet, method: str, fields: dict[str, str], status: int) -> None:
    sent = asked(app, method, **fields)
    assert sent.status == status
    if status == 304:
        assert (sent.body, sent.field(b"etag")) == (b"", b'"v1"')
        assert sent.field(b"content-type") is sent.field(b"content-length") is None


def test_an_error_is_not_made_a_304(app: Wadjet) -> None:
    assert asked(app, target="/?status=404", if_none_match='"v1"').status == 404


RANGES: list[tuple[str, int, bytes | None, str | None]] = [
    ("bytes=0-3", 206, b"0123", "bytes 0-3/10"),
    ("bytes=5-", 206, b"56789", "bytes 5-9/10"),
    ("bytes=-2", 206, b"89", "bytes 8-9/10"),
    ("bytes=5-100", 206, b"56789", "bytes 5-9/10"),
    ("bytes=20-30", 416, None, "bytes */10"),
    ("bytes=10-", 416, None, "bytes */10"),
    ("bytes=-100", 206, CONTENT, "bytes 0-9/10"),  # theirs 416
    ("bytes=-0", 416, None, "bytes */10"),  # theirs the whole as 206
    ("bytes=4-2", 200, CONTENT, None),
    ("items=0-3", 200, CONTENT, None),
    ("bytes=-", 200, CONTENT, None),  # theirs 500
]


@pytest.mark.parametrize(
    ("field", "status", "content", "content_range"), RANGES, ids=[row[0] for row in RANGES]
)
def test_ranges(
    app: Wadjet, field: str, status: int, content: bytes | None, content_range: str | None
) -> None:
    sent = asked(app, range=field)
    assert sent.status == status
    assert sent.field(b"content-range") == (content_range.encode() if content_range else None)
    assert sent.field(b"content-length") == b"%d" % len(sent.body)
    if content is not None:
        assert sent.body == content


def test_two_ranges_are_two_parts(app: Wadjet) -> None:
    """Theirs sends the first alone."""
    sent = asked(app, range="bytes=0-1,4-5")
    assert sent.status == 206
    assert sent.body.count(b"Content-Range: bytes ") == 2
    assert b"\r\n\r\n01\r\n--" in sent.body
    assert b"\r\n\r\n45\r\n--" in sent.body


def test_a_range_is_for_get_and_200_only(app: Wadjet) -> None:
    """Theirs answers HEAD with 206; RFC 9110 §14.2 defines ranges for GET alone."""
    assert asked(app, "HEAD", range="bytes=0-3").status == 200
    assert asked(app, "POST", range="bytes=0-3").status == 200
    assert asked(app, target="/?status=404", range="bytes=0-3").status == 404


@pytest.mark.parametrize(
    ("condition", "status"), [('"v1"', 206), ('"v2"', 200), ('W/"v1"', 200), (DATE, 206), (BEFORE, 200)]
)
def test_if_range(app: Wadjet, condition: str, status: int) -> None:
    assert asked(app, range="bytes=0-3", if_range=condition).status == status


def test_ranges_are_announced(app: Wadjet) -> None:
    """Theirs says so of files only."""
    assert asked(app).field(b"accept-ranges") == b"bytes"


# -- what only computed content can be ----------------------------------------------------------------------------------------


def answering(make: Callable[[], Response[Any]], **fields: str) -> Sent:
    app = Wadjet()

    @app.get("/")
    async def handler() -> Response[Any]:
        return make()

    return asked(app, **fields)


@pytest.mark.parametrize("tag", ['"v1"', 'W/"v1"', '"other", "v1"'])
def test_a_weak_tag_is_compared_weakly(tag: str) -> None:
    def weak() -> Response[Any]:
        return Response("text", etag=("v1", False), conditional_response=True)

    assert answering(weak, if_none_match=tag).status == 304
    assert answering(weak, if_match=tag).status == 412
    assert answering(weak, range="bytes=0-1", if_range=tag).status == 200


def test_a_tag_that_is_asked_for_is_no_date() -> None:
    """Theirs falls back to the date where the response has no tag (RFC 9110 §13.1.3)."""
    sent = answering(
        lambda: Response("text", last_modified=DATE, conditional_response=True),
        if_none_match='"v1"',
        if_modified_since=LATER,
    )
    assert sent.status == 200


@pytest.mark.parametrize("fields", [{"if_none_match": '"v1"'}, {"range": "bytes=0-1"}])
def test_conditions_are_for_whom_they_are_switched_on(fields: dict[str, str]) -> None:
    sent = answering(lambda: Response("text", etag="v1"), **fields)
    assert (sent.status, sent.body) == (200, b"text")


def test_content_of_unknown_length_has_no_parts() -> None:
    sent = answering(
        lambda: Response(app_iter=[b"te", b"xt"], etag="v1", conditional_response=True), range="bytes=0-1"
    )
    assert (sent.status, sent.body, sent.field(b"accept-ranges")) == (200, b"text", None)


def test_what_is_a_part_already_is_not_divided() -> None:
    sent = answering(
        lambda: Response("text", content_range=(0, 4, 10), conditional_response=True), range="bytes=0-1"
    )
    assert (sent.status, sent.body) == (200, b"text")


def test_a_304_keeps_what_a_cache_has_to_know() -> None:
    """Theirs drops two fields; RFC 9110 §15.4.5 names more that tell of content that is not there."""
    fields = {"cache-control": "max-age=5", "vary": "Cookie", "set-cookie": "a=1", "content-location": "/a"}

    def make() -> Response[Any]:
        return Response(
            "text",
            headers=fields,
            etag="v1",
            expires=DATE,
            content_language="de",
            content_disposition="inline",
            conditional_response=True,
        )

    sent = answering(make, if_none_match='"v1"')
    kept = {name: sent.field(name.encode()) for name in fields}
    assert kept == {name: value.encode() for name, value in fields.items()}
    assert (sent.field(b"expires"), sent.field(b"etag")) == (DATE.encode(), b'"v1"')
    for name in (b"content-type", b"content-length", b"content-language", b"content-disposition"):
        assert sent.field(name) is None
