"""Conditional and range responses of WebOb, row by row: what a client gets, and where ours does what RFC 9110 says instead."""

from __future__ import annotations

from typing import Any

import pytest

from wadjet import Response, Wadjet
from wadjet.testing import TestClient

MODIFIED = "Sun, 06 Nov 1994 08:49:37 GMT"
EARLIER = "Sun, 06 Nov 1994 08:49:36 GMT"

app = Wadjet(debug=False)


@app.route("/ten", methods=["GET", "POST"])
async def ten() -> Any:
    return Response("0123456789", etag="a", last_modified=MODIFIED, conditional_response=True)


@app.get("/weak")
async def weak() -> Any:
    return Response("0123456789", etag=("a", False), conditional_response=True)


@app.get("/untagged")
async def untagged() -> Any:
    return Response("0123456789", last_modified=MODIFIED, conditional_response=True)


@app.get("/missing")
async def missing() -> Any:
    return Response("0123456789", 404, etag="a", conditional_response=True)


@app.get("/plain")
async def plain() -> Any:
    return Response("0123456789", etag="a")


@pytest.fixture(scope="module")
def client() -> TestClient:
    return TestClient(app)


@pytest.mark.parametrize(
    ("path", "fields", "status"),
    [
        ("/ten", {"if-none-match": '"a"'}, 304),
        ("/ten", {"if-none-match": '"b"'}, 200),
        ("/ten", {"if-none-match": '"b"', "if-modified-since": MODIFIED}, 200),
        ("/ten", {"if-modified-since": MODIFIED}, 304),
        ("/ten", {"if-modified-since": EARLIER}, 200),
        ("/weak", {"if-none-match": '"a"'}, 304),
        ("/weak", {"if-none-match": 'W/"a"'}, 304),
        ("/plain", {"if-none-match": '"a"'}, 200),
        # 14.2.10: WebOb sends all for "*", falls back to the date, answers 304 to errors, and never 412.
        ("/ten", {"if-none-match": "*"}, 304),
        ("/untagged", {"if-none-match": '"b"', "if-modified-since": MODIFIED}, 200),
        ("/missing", {"if-none-match": '"a"'}, 404),
        ("/ten", {"if-match": '"b"'}, 412),
        ("/ten", {"if-unmodified-since": EARLIER}, 412),
        ("/ten", {"if-match": '"a"'}, 200),
    ],
)
def test_conditions(client: TestClient, path: str, fields: dict[str, str], status: int) -> None:
    answer = client.get(path, headers=fields)
    assert answer.status_code == status
    if status == 304:
        assert answer.content == b""
        assert "content-type" not in answer.headers


@pytest.mark.parametrize(
    ("ranges", "content", "place"),
    [
        ("bytes=0-3", "0123", "bytes 0-3/10"),
        ("bytes=5-", "56789", "bytes 5-9/10"),
        ("bytes=-2", "89", "bytes 8-9/10"),
        ("bytes=5-100", "56789", "bytes 5-9/10"),
        # WebOb answers 416.
        ("bytes=-100", "0123456789", "bytes 0-9/10"),
    ],
)
def test_a_part_is_sent(client: TestClient, ranges: str, content: str, place: str) -> None:
    answer = client.get("/ten", headers={"range": ranges})
    assert (answer.status_code, answer.text) == (206, content)
    assert answer.headers["content-range"] == place
    assert answer.headers["content-length"] == str(len(content))
    assert answer.headers["etag"] == '"a"'


# WebOb sends the whole for the last one.
@pytest.mark.parametrize("ranges", ["bytes=20-30", "bytes=10-", "bytes=-0"])
def test_what_is_not_there_is_not_sent(client: TestClient, ranges: str) -> None:
    answer = client.get("/ten", headers={"range": ranges})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == "bytes */10"


def test_several_parts_are_sent(client: TestClient) -> None:
    """WebOb sends the first."""
    answer = client.get("/ten", headers={"range": "bytes=0-1,4-5"})
    assert answer.status_code == 206
    assert answer.headers["content-type"].startswith("multipart/byteranges; boundary=")
    assert b"bytes 0-1/10\r\n\r\n01\r\n" in answer.content
    assert b"bytes 4-5/10\r\n\r\n45\r\n" in answer.content


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/ten", {"range": "bytes=4-2"}),
        ("/ten", {"range": "items=0-1"}),
        # 14.2.5: WebOb raises.
        ("/ten", {"range": "bytes=-"}),
        ("/ten", {"range": "bytes=0-1", "if-range": '"b"'}),
        ("/weak", {"range": "bytes=0-1", "if-range": 'W/"a"'}),
        ("/plain", {"range": "bytes=0-1"}),
    ],
)
def test_the_whole_is_sent(client: TestClient, path: str, fields: dict[str, str]) -> None:
    answer = client.get(path, headers=fields)
    assert (answer.status_code, answer.text) == (200, "0123456789")


def test_ranges_are_for_get(client: TestClient) -> None:
    head = client.head("/ten", headers={"range": "bytes=0-1"})
    # WebOb answers HEAD with a 206.
    assert (head.status_code, head.headers["content-length"]) == (200, "10")
    assert client.post("/ten", headers={"range": "bytes=0-1"}).status_code == 200
    assert client.get("/missing", headers={"range": "bytes=0-1"}).status_code == 404


def test_ranges_are_announced(client: TestClient) -> None:
    """WebOb does so for files only."""
    assert client.get("/ten").headers["accept-ranges"] == "bytes"
