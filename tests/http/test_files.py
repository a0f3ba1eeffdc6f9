import asyncio
import os
import threading
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.driving import drive, http_scope, run
from tests.http.descriptors import descriptors, until_closed, with_descriptors
from wadjet import BaseMiddleware, FileResponse, Request, Response, Wadjet
from wadjet.concurrency import ThreadPool
from wadjet.http import filecache
from wadjet.http.dates import parse_date
from wadjet.http.exceptions import NotFound
from wadjet.http.files import Section
from wadjet.http.openfile import OpenFile, open_file
from wadjet.testing import AsyncTestClient, TestClient

#: More than one block, and not a whole number of them.
LARGE = os.urandom(1_000_003)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "file.txt").write_bytes(b"0123456789")
    return tmp_path / "file.txt"


@pytest.fixture
def large(tmp_path: Path) -> Path:
    (tmp_path / "large.bin").write_bytes(LARGE)
    return tmp_path / "large.bin"


def serving(handler: Any, **options: Any) -> Wadjet:
    app = Wadjet(**options)
    app.get("/")(handler)
    return app


def returning(response: Response[Any]) -> Wadjet:
    async def handler() -> Response[Any]:
        return response

    return serving(handler)


async def begun(response: FileResponse, method: str = "GET") -> FileResponse:
    await response.begin(method)
    return response


# -- what leaves --------------------------------------------------------------------------------------------------------


def test_a_file_leaves_with_its_length_type_and_date(path: Path) -> None:
    os.utime(path, (784111777, 784111777))
    sent = run(returning(FileResponse(path)))
    assert (sent.status, sent.body) == (200, b"0123456789")
    assert dict(sent.fields.keys()) == {
        b"content-length": b"10",
        b"content-type": b"text/plain; charset=utf-8",
        b"last-modified": b"Sun, 06 Nov 1994 08:49:37 GMT",
        b"etag": b'"%x-a"' % (784111777 * 10**9),
        b"accept-ranges": b"bytes",
        b"x-content-type-options": b"nosniff",
    }


def test_a_large_file_leaves_whole_in_blocks_under_its_length(large: Path) -> None:
    messages = asyncio.run(drive(returning(FileResponse(str(large))), http_scope()))
    bodies = [message.get("body", b"") for message in messages[1:]]
    assert b"".join(bodies) == LARGE
    assert len(bodies) > 3
    assert (b"content-length", b"%d" % len(LARGE)) in messages[0]["headers"]
    assert not any(name == b"transfer-encoding" for name, _ in messages[0]["headers"])


@with_descriptors
def test_an_empty_file_is_an_empty_response(path: Path) -> None:
    """FILE-78."""
    path.write_bytes(b"")
    sent = run(returning(FileResponse(path)))
    assert (sent.status, sent.body, sent.field(b"content-length")) == (200, b"", b"0")
    response = asyncio.run(begun(FileResponse(path)))
    assert (response.file, response.chunks, descriptors(path)) == (None, None, 0)


@with_descriptors
def test_an_answer_to_head_has_the_fields_of_get_and_keeps_nothing_open(
    large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = returning(FileResponse(large))
    get = run(app)
    monkeypatch.setattr(OpenFile, "read", None)
    head = run(app, "HEAD")
    assert (head.status, head.fields, head.body) == (200, get.fields, b"")
    response = asyncio.run(begun(FileResponse(large), "HEAD"))
    assert (response.file, response.length, descriptors(large)) == (None, len(LARGE), 0)


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("a.html", "text/html; charset=utf-8"),
        ("a.json", "application/json"),
        ("a.png", "image/png"),
        ("a.unknownext", "application/octet-stream"),
        ("a", "application/octet-stream"),
    ],
)
def test_the_type_is_that_of_the_name(name: str, content_type: str) -> None:
    """FILE-80."""
    assert FileResponse(f"/srv/{name}").headers["content-type"] == content_type


@pytest.mark.parametrize(
    "options",
    [
        {"media_type": "text/csv"},
        {"content_type": "text/csv"},
        {"headers": {"Content-Type": "text/csv; charset=utf-8"}},
    ],
)
def test_a_type_given_by_hand_stays(path: Path, options: dict[str, Any]) -> None:
    sent = run(returning(FileResponse(path, **options)))
    assert sent.getall(b"content-type") == [b"text/csv; charset=utf-8"]


def test_a_subclass_may_say_the_type_of_all_its_files(path: Path) -> None:
    class Download(FileResponse):
        media_type = "application/x-download"

    assert run(returning(Download(path))).field(b"content-type") == b"application/x-download"


def test_the_charset_of_a_text_file_can_be_said() -> None:
    response = FileResponse("a.txt", charset="latin-1")
    assert response.headers["content-type"] == "text/plain; charset=latin-1"


def test_what_is_set_by_hand_stays(path: Path) -> None:
    response = FileResponse(
        path, 404, {"Last-Modified": "Sun, 06 Nov 1994 08:49:37 GMT", "X-Content-Type-Options": "odd"}
    )
    response.headers.set("x-note", "a")
    response.set_cookie("a", "b")
    sent = run(returning(response))
    assert (sent.status, sent.body) == (404, b"0123456789")
    assert sent.getall(b"last-modified") == [b"Sun, 06 Nov 1994 08:49:37 GMT"]
    assert sent.getall(b"x-content-type-options") == [b"odd"]
    assert sent.field(b"x-note") == b"a"
    assert sent.field(b"set-cookie") is not None


@pytest.mark.parametrize("status", [204, 304])
def test_a_status_without_content_sends_none(path: Path, status: int) -> None:
    sent = run(returning(FileResponse(path, status)))
    assert (sent.status, sent.body) == (status, b"")
    assert sent.field(b"content-length") is sent.field(b"content-type") is None


def test_a_length_set_by_hand_must_be_that_of_the_file(path: Path) -> None:
    right = run(returning(FileResponse(path, headers={"content-length": "10"})))
    assert (right.getall(b"content-length"), right.body) == ([b"10"], b"0123456789")
    wrong = TestClient(
        returning(FileResponse(path, headers={"content-length": "9"})), raise_server_exceptions=False
    )
    assert wrong.get("/").status_code == 500


def test_a_date_in_the_future_is_now(path: Path) -> None:
    """RFC 9110 §8.8.2.1."""
    later = time.time() + 100_000
    os.utime(path, (later, later))
    sent = run(returning(FileResponse(path)))
    date = parse_date((sent.field(b"last-modified") or b"").decode())
    assert date is not None
    assert date <= datetime.now(UTC)


def test_a_date_that_http_cannot_write_is_left_out(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: -1e12)
    assert run(returning(FileResponse(path))).field(b"last-modified") is None


@pytest.mark.parametrize("path", [None, 5, object()])
def test_what_is_no_path_is_an_error_at_once(path: Any) -> None:
    with pytest.raises(TypeError):
        FileResponse(path)


def test_an_allowed_folder_that_is_no_path_is_an_error_at_once() -> None:
    folder: Any = 5
    with pytest.raises(TypeError):
        FileResponse("a", allowed_dir=folder)


# -- what does not --------------------------------------------------------------------------------------------------------


def test_a_file_that_is_not_there_is_not_found_and_its_path_is_not_told(path: Path) -> None:
    client = TestClient(returning(FileResponse(path.with_name("none.txt"))))
    for method in ("GET", "HEAD"):
        answer = client.request(method, "/")
        assert answer.status_code == 404
        assert str(path.parent) not in answer.text


def test_a_link_that_leads_out_of_the_allowed_folder_is_not_found(tmp_path: Path, path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "link").symlink_to(path)

    async def handler(name: str) -> FileResponse:
        return FileResponse(folder / name, allowed_dir=folder)

    client = TestClient(serving(handler))
    assert client.get("/?name=link").status_code == 404
    assert client.get("/?name=../file.txt").status_code == 404
    assert client.get("/?name=a%00b").status_code == 404
    (folder / "in").symlink_to("inner.txt")
    (folder / "inner.txt").write_text("inside")
    assert client.get("/?name=in").text == "inside"


def test_a_page_for_what_is_not_found_can_be_a_file(path: Path) -> None:
    app = Wadjet()

    @app.exception_handler(404)
    async def not_found(request: Request, error: Exception) -> FileResponse:
        return FileResponse(path, 404)

    sent = run(app)
    assert (sent.status, sent.body) == (404, b"0123456789")


# -- files that change ------------------------------------------------------------------------------------------------------


def changing(path: Path, change: Any) -> Wadjet:
    """Serve a file that changes between its head and its content."""

    async def handler(request: Request) -> FileResponse:
        request.add_response_callback(lambda request, response: change())
        return FileResponse(path)

    return serving(handler)


@with_descriptors
def test_a_file_that_shrinks_ends_the_connection(large: Path) -> None:
    """FILE-97."""
    app = changing(large, lambda: os.truncate(large, 300_000))
    with (
        TestClient(app, raise_server_exceptions=False) as client,
        pytest.raises(httpx2.RemoteProtocolError),
    ):
        client.get("/")
    assert descriptors(large) == 0


def test_a_file_that_shrinks_is_an_error_that_says_so(large: Path) -> None:
    async def read() -> None:
        response = await begun(FileResponse(large))
        assert response.chunks is not None
        blocks = aiter(response.chunks)
        got = len(await anext(blocks))
        os.truncate(large, got + 5)
        assert len(await anext(blocks)) == 5
        with pytest.raises(EOFError, match=rf"large.bin became shorter .* {len(LARGE) - got - 5} bytes"):
            await anext(blocks)
        await response.close()

    asyncio.run(read())


def test_of_a_file_that_grows_what_was_promised_leaves(large: Path) -> None:
    """FILE-98."""

    def grow() -> None:
        with large.open("ab") as file:
            file.write(b"more")

    assert run(changing(large, grow)).body == LARGE


def test_a_file_that_is_replaced_leaves_in_the_version_of_its_fields(path: Path) -> None:
    """FILE-99."""
    other = path.with_name("other.txt")
    other.write_bytes(b"another")
    sent = run(changing(path, lambda: os.replace(other, path)))
    assert (sent.body, sent.field(b"content-length")) == (b"0123456789", b"10")


# -- every descriptor is closed ---------------------------------------------------------------------------------------------


@with_descriptors
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_file_that_was_sent_is_closed(large: Path, method: str) -> None:
    run(returning(FileResponse(large)), method)
    assert descriptors(large) == 0


@with_descriptors
def test_a_file_is_closed_when_the_client_leaves(large: Path) -> None:
    """FILE-82."""

    async def visit() -> None:
        async with AsyncTestClient(returning(FileResponse(large))) as client:
            for _ in range(20):
                async with client.stream("GET", "/") as response:
                    async for _ in response.aiter_raw():
                        break

    asyncio.run(visit())
    assert until_closed(large, time.sleep)


@with_descriptors
def test_a_file_is_closed_when_the_client_has_left_before_the_head(large: Path) -> None:
    async def refuse(message: Any) -> None:
        raise OSError("the client has left")

    async def receive() -> Any:
        await asyncio.sleep(10)

    asyncio.run(returning(FileResponse(large))(http_scope(), receive, refuse))
    assert descriptors(large) == 0


@with_descriptors
@pytest.mark.parametrize("moment", ["callback", "after"])
def test_a_file_is_closed_when_something_else_is_sent_instead(large: Path, moment: str) -> None:
    seen: list[int] = []

    class Refusing(BaseMiddleware):
        def after(self, request: Request, response: Response[Any]) -> None:
            if moment == "after":
                fail(request, response)

    def fail(request: Request, response: Response[Any]) -> None:
        seen.append(descriptors(large))
        raise NotFound("never mind")

    async def handler(request: Request) -> FileResponse:
        if moment == "callback":
            request.add_response_callback(fail)
        return FileResponse(large)

    sent = run(serving(handler, middleware=[Refusing]))
    assert (sent.status, seen, descriptors(large)) == (404, [1], 0)


def one_thread(response: FileResponse) -> ThreadPool:
    response.pool = ThreadPool("one", 1)
    return response.pool


@with_descriptors
def test_a_file_that_is_opened_for_a_task_which_was_cancelled_is_closed(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_opening, go_on = threading.Event(), threading.Event()
    opened: list[int] = []

    def slow(*args: Any) -> OpenFile:
        is_opening.set()
        assert go_on.wait(60)
        file = open_file(*args)
        opened.append(file.descriptor)
        return file

    monkeypatch.setattr(filecache, "open_file", slow)

    async def cancel() -> None:
        response = FileResponse(path)
        pool = one_thread(response)
        task = asyncio.create_task(response.begin())
        await asyncio.to_thread(is_opening.wait, 5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        go_on.set()
        await pool.run(lambda: None)
        pool.shutdown()
        assert len(opened) == 1
        assert until_closed(path, time.sleep)

    asyncio.run(cancel())


@with_descriptors
def test_a_file_that_is_read_when_its_task_is_cancelled_is_closed_afterwards(
    large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_reading, go_on = threading.Event(), threading.Event()

    def slow(descriptor: int, count: int, offset: int) -> bytes:
        is_reading.set()
        assert go_on.wait(60)
        return os.pread(descriptor, count, offset)

    monkeypatch.setattr("wadjet.http.openfile._read_at", slow)

    async def cancel() -> None:
        task = asyncio.create_task(drive(returning(FileResponse(large)), http_scope()))
        await asyncio.to_thread(is_reading.wait, 5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert descriptors(large) == 1
        go_on.set()

    asyncio.run(cancel())
    assert until_closed(large, time.sleep)


@with_descriptors
def test_closing_closes_a_file_that_was_begun_and_may_be_repeated(large: Path) -> None:
    async def close(*, reads: bool) -> None:
        response = FileResponse(large)
        await response.close()
        await response.begin()
        assert response.chunks is not None
        if reads:
            await anext(aiter(response.chunks))
        assert descriptors(large) == 1
        await response.close()
        await response.close()
        assert descriptors(large) == 0

    asyncio.run(close(reads=False))
    asyncio.run(close(reads=True))


# -- shared instances, other ways to send -------------------------------------------------------------------------------------


@with_descriptors
def test_each_request_to_a_shared_instance_has_a_descriptor_of_its_own(large: Path) -> None:
    shared = FileResponse(large)
    app = returning(shared)

    async def visit() -> list[bytes]:
        async with AsyncTestClient(app) as client:
            return [answer.content for answer in await asyncio.gather(*(client.get("/") for _ in range(10)))]

    assert asyncio.run(visit()) == [LARGE] * 10
    assert (shared.file, shared.chunks, descriptors(large)) == (None, None, 0)
    assert "last-modified" not in shared.headers


def test_a_copy_of_what_was_begun_is_not_begun(large: Path) -> None:
    async def copy() -> None:
        response = await begun(FileResponse(large))
        twin = response.copy()
        assert (twin.file, twin.chunks, twin.path) == (None, None, str(large))
        await twin.begin()
        assert response.file is not None
        assert twin.file is not None
        assert response.file.descriptor != twin.file.descriptor
        await response.close()
        assert twin.chunks is not None
        assert b"".join([block async for block in twin.chunks]) == LARGE
        await twin.close()

    asyncio.run(copy())


def test_a_lane_is_told_what_to_send(large: Path) -> None:
    async def ask() -> None:
        response = await begun(FileResponse(large))
        assert response.file is not None
        assert (response.sections, response.length) == ((Section(b"", 0, len(LARGE)),), len(LARGE))
        assert os.pread(response.file.descriptor, 10, 0) == LARGE[:10]
        await response.close()

    asyncio.run(ask())


@with_descriptors
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_file_response_is_an_asgi_application(path: Path, method: str) -> None:
    shared = FileResponse(path)
    for _ in range(2):
        sent = run(shared, method)
        assert (sent.status, sent.field(b"content-length")) == (200, b"10")
        assert sent.body == (b"0123456789" if method == "GET" else b"")
    assert descriptors(path) == 0


def test_a_file_can_be_mounted(path: Path) -> None:
    app = Wadjet()
    app.mount("/file", FileResponse(path))
    app.mount("/none", FileResponse(path.with_name("none")))
    client = TestClient(app)
    assert client.get("/file/").text == "0123456789"
    assert client.get("/none/").status_code == 404


@with_descriptors
def test_a_file_may_be_what_an_object_says_of_itself(path: Path) -> None:
    class Download:
        async def __view_result__(self) -> FileResponse:
            return FileResponse(path)

    sent = run(returning(Response(Download(), 203, {"x-note": "a"})))
    assert (sent.status, sent.body, sent.field(b"x-note")) == (203, b"0123456789", b"a")
    assert (sent.field(b"content-length"), descriptors(path)) == (b"10", 0)


def test_a_hook_may_answer_with_a_file(path: Path) -> None:
    class Answering(BaseMiddleware):
        def before(self, request: Request) -> Response[Any]:
            return FileResponse(path)

    async def stream() -> AsyncIterator[bytes]:
        yield b""

    assert run(serving(stream, middleware=[Answering])).body == b"0123456789"
    assert run(Answering(Wadjet())).body == b"0123456789"


def test_files_are_opened_and_read_in_the_threads_of_handlers(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: set[str] = set()

    def opened(*args: Any) -> OpenFile:
        threads.add(threading.current_thread().name.rpartition("_")[0])
        return open_file(*args)

    monkeypatch.setattr(filecache, "open_file", opened)
    run(returning(FileResponse(path)))
    assert threads == {"wadjet-handler"}
