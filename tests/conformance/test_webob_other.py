"""The other modules of WebOb, where ours has the same: files, dates, escaping, reasons."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.driving import Sent, run
from wadjet import FileResponse, Wadjet
from wadjet.http.dates import format_date, parse_date
from wadjet.http.exceptions import NotFound
from wadjet.http.status import REASONS, reason


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two folders side by side, of which one may be read."""
    for name in ("own", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "index.html").write_text(name)
        os.utime(tmp_path / name / "index.html", (784111777, 784111777))
    return tmp_path / "own"


def served(folder: Path, name: str, method: str = "GET", **fields: str) -> Sent:
    app = Wadjet()

    @app.get("/")
    async def handler() -> FileResponse:
        return FileResponse(f"{folder}/{name}", allowed_dir=folder)

    return run(app, method, headers=[(key.replace("_", "-"), value) for key, value in fields.items()])


def test_10_a_file_says_what_it_is(folder: Path) -> None:
    sent = served(folder, "index.html")
    assert (sent.status, sent.body) == (200, b"own")
    assert sent.field(b"content-type") == b"text/html; charset=utf-8"
    assert sent.field(b"last-modified") == b"Sun, 06 Nov 1994 08:49:37 GMT"
    assert sent.field(b"accept-ranges") == b"bytes"
    assert sent.field(b"etag") is not None  # theirs has none


@pytest.mark.parametrize(
    ("fields", "status", "body"),
    [
        ({"range": "bytes=1-"}, 206, b"wn"),
        ({"if_modified_since": "Sun, 06 Nov 1994 08:49:37 GMT"}, 304, b""),
        ({"if_none_match": "*"}, 304, b""),
    ],
)
def test_10_a_file_answers_conditions_and_ranges(
    folder: Path, fields: dict[str, str], status: int, body: bytes
) -> None:
    sent = served(folder, "index.html", **fields)
    assert (sent.status, sent.body) == (status, body)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_10_a_file_is_there_to_be_read(folder: Path, method: str) -> None:
    sent = served(folder, "index.html", method)
    assert (sent.status, sent.field(b"allow")) == (405, b"GET, HEAD, OPTIONS")


def test_10_what_a_file_is_packed_in_is_its_type() -> None:
    """Theirs says Content-Encoding, and a browser unpacks what was to be saved."""
    response: Any = FileResponse("snakes.tar.gz")
    assert (response.content_type, response.content_encoding) == ("application/gzip", None)


@pytest.mark.parametrize("name", ["../other/", "../other/index.html", "..", "../", "", ".", "none.html"])
def test_14_2_1_nothing_outside_of_the_folder_is_served_nor_named(folder: Path, name: str) -> None:
    sent = served(folder, name)
    assert sent.status == 404
    assert b"other" not in sent.body
    assert str(folder).encode() not in sent.body


@pytest.mark.parametrize("name", ["other", "index"])
def test_14_2_1_a_link_leads_nowhere_outside(folder: Path, name: str) -> None:
    (folder / "index").symlink_to(folder.parent / "other" / "index.html")
    (folder / "other").symlink_to(folder.parent / "other")
    assert served(folder, {"other": "other/index.html"}.get(name, name)).status == 404


MOMENT = datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
    ],
)
def test_10_dates_are_read_in_three_forms_and_written_in_one(text: str) -> None:
    assert parse_date(text) == MOMENT
    assert format_date(MOMENT) == "Sun, 06 Nov 1994 08:49:37 GMT"
    assert parse_date("garbage") is None


class Markup:
    def __html__(self) -> str:
        return "<b>"


@pytest.mark.parametrize(
    ("value", "escaped"), [("<&>\"'", "&lt;&amp;&gt;&quot;&#x27;"), ("é", "é"), (Markup(), "<b>"), (5, "5")]
)
def test_10_text_is_escaped_where_a_page_needs_it(value: Any, escaped: str) -> None:
    """Theirs writes entities for what is not ASCII; a page that says its charset needs none."""
    error = NotFound("why", body_template="[${HTTP_X_VALUE}]")
    page = error.represent("text/html", lambda: {"HTTP_X_VALUE": value})
    assert f"[{escaped}]" in page.text


@pytest.mark.parametrize(
    ("code", "text"), [(200, "OK"), (404, "Not Found"), (299, "Success"), (599, "Server Error")]
)
def test_10_a_status_has_a_reason_known_or_not(code: int, text: str) -> None:
    assert reason(code) == text
    assert (code in REASONS) is (text not in ("Success", "Server Error"))
