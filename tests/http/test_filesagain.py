"""A file that is sent as it was sent before: the short way says, to the byte, what the plain way says."""

import asyncio
import os
import re
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.driving import Sent, drive, exchange, http_scope
from tests.server.http1.serving import run, serving
from wadjet import BaseMiddleware, FileResponse, Request, Response, Wadjet
from wadjet.http.constantfields import ConstantFields
from wadjet.http.filecache import FileCache
from wadjet.types import Message

CONTENT = b"0123456789"
MOMENT = 784111777_000000000
TAG = f'"{MOMENT:x}-{len(CONTENT):x}"'

OPTIONS: list[dict[str, Any]] = [
    {},
    {"status_code": 201},
    {"status_code": 204},
    {"status_code": 304},
    {"status_code": 404},
    {"headers": {"cache-control": "max-age=9"}},
    {"headers": {"etag": '"v1"'}},
    {"headers": {"last-modified": "Mon, 07 Nov 1994 08:49:37 GMT"}},
    {"headers": {"content-length": "10"}},
    {"headers": {"x-content-type-options": "odd"}},
    {"media_type": "text/csv"},
    {"charset": "latin-1"},
    {"filename": "a.txt"},
    {"etag": "v1", "conditional_response": True},
]
FIELDS = [
    ("if-none-match", TAG),
    ("if-none-match", f"W/{TAG}"),
    ("if-none-match", '"v1"'),
    ("if-none-match", ""),
    ("if-none-match", "*"),
    ("if-match", TAG),
    ("if-match", '"other"'),
    ("if-modified-since", "Sun, 06 Nov 1994 08:49:37 GMT"),
    ("if-unmodified-since", "Sun, 06 Nov 1994 08:49:36 GMT"),
    ("range", "bytes=0-4"),
    ("range", "bytes=99-"),
    ("if-range", TAG),
    ("accept", "*/*"),
]


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that was written a while ago, so that it is kept."""
    path = tmp_path / "file.txt"
    path.write_bytes(CONTENT)
    os.utime(path, ns=(MOMENT, MOMENT))
    monkeypatch.setattr("wadjet.http.filecache.time.time", lambda now=time.time() + 10: now)
    return path


@pytest.fixture
def again(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each file that is sent is sent the short way."""
    taken: list[bool] = []
    begin_again = FileResponse.begin_again

    def watched(self: FileResponse, *asked: Any) -> bool:
        taken.append(begin_again(self, *asked))
        return taken[-1]

    monkeypatch.setattr(FileResponse, "begin_again", watched)
    monkeypatch.setattr(FileResponse, "cache", FileCache())
    return taken


def serving_file(path: Path, /, **options: Any) -> Wadjet:
    app = Wadjet()

    @app.route("/", methods=["GET", "POST"])
    async def handler() -> FileResponse:
        return FileResponse(path, **options)

    return app


def sent(app: Wadjet, fields: list[tuple[str, str]], method: str = "GET") -> Sent:
    return asyncio.run(exchange(app, method, headers=fields))


def messages(app: Wadjet, fields: list[tuple[str, str]], method: str = "GET") -> list[Message]:
    return asyncio.run(drive(app, http_scope(method, headers=fields)))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    options=st.sampled_from(OPTIONS),
    fields=st.lists(st.sampled_from(FIELDS), max_size=2),
    before=st.sampled_from([[], [FIELDS[0]], [FIELDS[2]]]),
    method=st.sampled_from(["GET", "GET", "HEAD", "POST"]),
)
def test_what_is_sent_again_is_what_was_sent_first(
    path: Path,
    options: dict[str, Any],
    fields: list[tuple[str, str]],
    before: list[tuple[str, str]],
    method: str,
) -> None:
    app = serving_file(path, **options)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FileResponse, "cache", FileCache())
        patch.setattr(FileResponse, "begin_again", lambda self, method, fields: False)
        plain = sent(app, fields, method)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FileResponse, "cache", FileCache())
        messages(app, before)
        assert [sent(app, fields, method) for _ in range(3)] == [plain] * 3


@pytest.mark.parametrize(
    ("options", "fields", "is_short"),
    [
        ({}, [], True),
        ({}, [("if-none-match", TAG)], True),
        ({}, [("accept", "*/*"), ("if-none-match", TAG), ("cache-control", "max-age=0")], True),
        ({"headers": {"cache-control": "max-age=9"}}, [("if-none-match", TAG)], True),
        ({"headers": {"etag": '"v1"'}}, [("if-none-match", '"v1"')], True),
        ({"status_code": 404}, [], True),
        ({}, [("if-none-match", f"W/{TAG}")], False),
        ({}, [("if-none-match", f"{TAG}, {TAG}")], False),
        ({}, [("if-none-match", "")], False),
        ({}, [("if-none-match", TAG), ("if-none-match", TAG)], False),
        ({}, [("if-none-match", TAG), ("if-match", TAG)], False),
        ({}, [("range", "bytes=0-4")], False),
        ({"status_code": 304}, [("if-none-match", TAG)], False),
        ({"status_code": 404}, [("if-none-match", TAG)], False),
        ({"headers": {"content-length": "10"}}, [], False),
    ],
)
def test_the_short_way_is_for_what_nearly_everybody_asks(
    path: Path, again: list[bool], options: dict[str, Any], fields: list[tuple[str, str]], is_short: bool
) -> None:
    app = serving_file(path, **options)
    for _ in range(3):
        messages(app, fields)
    assert again == [False, is_short, is_short]


def test_what_is_not_get_goes_the_plain_way(path: Path, again: list[bool]) -> None:
    app = serving_file(path)
    messages(app, [])
    messages(app, [], "HEAD")
    messages(app, [], "POST")
    assert again == [False, False, False]


@pytest.mark.parametrize("field", ["", f"If-None-Match: {TAG}\r\n"])
def test_the_bytes_on_a_connection_are_the_same(path: Path, again: list[bool], field: str) -> None:
    request = f"GET / HTTP/1.1\r\nHost: a\r\n{field}\r\n".encode()
    last = request.replace(b"Host", b"Connection: close\r\nHost")

    async def ask() -> None:
        async with serving(serving_file(path)) as served:
            peer = await served.open()
            await peer.send(request * 2 + last)
            written = re.sub(rb"\r\ndate: [^\r]*", b"", await peer.rest())
            peer.close()
        first, second, third = written.split(b"HTTP/1.1 ")[1:]
        assert first == second == third.replace(b"connection: close\r\n", b"")
        assert first.startswith(b"304 Not Modified\r\n" if field else b"200 OK\r\n")
        assert first.endswith(b"\r\n\r\n" + (b"" if field else CONTENT))

    run(ask())
    assert again == [False, True, True]


@pytest.mark.parametrize("field", [[], [("if-none-match", TAG)]])
def test_a_file_that_changes_is_another_one(
    path: Path, again: list[bool], field: list[tuple[str, str]]
) -> None:
    app = serving_file(path)
    for _ in range(2):
        messages(app, field)
    path.write_bytes(b"9876543210")
    start, content = messages(app, field)
    assert (start["status"], content["body"]) == (200, b"9876543210")
    path.unlink()
    assert messages(app, field)[0]["status"] == 404
    assert again == [False, True, False, False]


def test_what_hooks_and_callbacks_change_stays_with_their_request(path: Path, again: list[bool]) -> None:
    class Noting(BaseMiddleware):
        def after(self, request: Request, response: Response[Any]) -> None:
            response.headers.append("x-note", request.query_string)

    app = Wadjet(middleware=[Noting])

    @app.get("/")
    async def handler(request: Request) -> FileResponse:
        request.add_response_callback(
            lambda request, response: response.set_cookie("a", request.query_string)
        )
        return FileResponse(path)

    for note in (b"1", b"2", b"3"):
        start, content = asyncio.run(drive(app, http_scope(target=f"/?{note.decode()}")))
        assert [value for name, value in start["headers"] if name == b"x-note"] == [note]
        cookies = [value for name, value in start["headers"] if name == b"set-cookie"]
        assert len(cookies) == 1
        assert cookies[0].startswith(b"a=" + note)
        assert content["body"] == CONTENT
    assert again == [False, True, True]


def test_a_shared_response_is_not_changed_by_what_is_made_of_it(path: Path, again: list[bool]) -> None:
    shared = FileResponse(path)
    app = Wadjet()

    @app.get("/")
    async def handler() -> FileResponse:
        return shared

    for _ in range(3):
        assert messages(app, [("if-none-match", TAG)])[0]["status"] == 304
        assert messages(app, [])[0]["status"] == 200
    assert (shared.status_code, shared.is_ready, "etag" in shared.headers) == (200, False, False)
    assert again == [False, False, True, True, True, True]


@pytest.mark.parametrize("field", [[], [("if-none-match", TAG)]])
def test_fields_that_hooks_add_to_ready_heads_are_sent_the_short_way_too(
    path: Path, again: list[bool], field: list[tuple[str, str]]
) -> None:
    constant = ConstantFields({"x-frame-options": "DENY"}, vary=["Cookie"])

    class Adding(BaseMiddleware):
        def after(self, request: Request, response: Response[Any]) -> None:
            response.add_constant(constant)
            response.add_field(b"x-note", b"a")

    app = Wadjet(middleware=[Adding])

    @app.get("/")
    async def handler() -> FileResponse:
        return FileResponse(path)

    lines = "".join(f"{name}: {value}\r\n" for name, value in field)

    async def ask() -> list[bytes]:
        async with serving(app) as served:
            peer = await served.open()
            await peer.send(f"GET / HTTP/1.1\r\nHost: a\r\n{lines}\r\n".encode() * 3)
            peer.half_close()
            written = re.sub(rb"\r\ndate: [^\r]*", b"", await peer.rest())
            peer.close()
        return written.split(b"HTTP/1.1 ")[1:]

    whole = run(ask())
    heads = [sorted(one.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]) for one in whole]
    assert len(heads) == 3
    for line in (b"x-frame-options: DENY", b"vary: Cookie", b"x-note: a"):
        assert [head.count(line) for head in heads] == [1, 1, 1]
    ends = {b"connection: close"}
    assert [set(head) - ends for head in heads] == [set(heads[0]) - ends] * 3
    assert len({one.partition(b"\r\n\r\n")[2] for one in whole}) == 1
    assert again == [False, True, True]
