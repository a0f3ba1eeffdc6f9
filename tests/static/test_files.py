"""A folder of an application, as clients see it; what is on the wire is in ``tests/scenarios/files.py`` too."""

from __future__ import annotations

import asyncio
import gzip
import os
import re
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.http.descriptors import descriptors, with_descriptors
from wadjet import BaseMiddleware, HTMLResponse, Request, Router, Settings, Wadjet
from wadjet.errors import ConfigError, RouteError
from wadjet.http.openfile import OpenFile
from wadjet.static import StaticFiles, StaticMissing
from wadjet.static.folder import Folder
from wadjet.testing import AsyncTestClient, TestClient

PAGE = b"body { color: green }\n" * 50
OLD = 1_700_000_000


def put(folder: Path, name: str, content: bytes, moment: float = OLD) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_bytes(content)
    os.utime(part, (moment, moment))
    return part.replace(path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    put(folder, "app.css", PAGE)
    put(folder, "big.bin", b"0123456789" * 10_000)
    put(folder, "index.html", b"<p>home")
    put(folder, "docs/index.html", b"<p>docs")
    put(folder, "docs/guide/page.txt", b"page")
    put(tmp_path, "secret.txt", b"secret")
    return folder


def served(folder: Path, **options: Any) -> TestClient:
    app = Wadjet()
    app.static("/static", folder, **options)
    return TestClient(app, headers={"accept-encoding": "identity"})


def ask(folder: Path, target: str, *, fields: dict[str, str] | None = None, **options: Any) -> Any:
    with served(folder, **options) as client:
        return client.get(target, headers=fields or {}, follow_redirects=False)


# -- what is not there --------------------------------------------------------------------------------------------------


def test_a_folder_that_is_missing_is_an_error_at_startup_with_place_and_remedy(tmp_path: Path) -> None:
    app = Wadjet()
    app.static("/static", tmp_path / "none")
    with pytest.raises(
        ConfigError,
        match=rf"{re.escape(__file__)}:\d+: static\('/static', .*none'\): there is no folder .* create it",
    ):
        app.seal()


def test_a_file_is_no_folder(folder: Path) -> None:
    with pytest.raises(ConfigError, match="there is no folder"):
        ask(folder / "app.css", "/static/app.css")


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"symlinks": "yes"}, "symlinks='yes' is none of 'refuse', 'inside', 'follow'"),
        ({"index": "../x"}, "index='../x' is no name of a file below the folder"),
        ({"fallback": "/x"}, "fallback='/x' is no name"),
        ({"cache_control": "a\nb"}, "cache-control"),
    ],
)
def test_an_option_that_cannot_be_is_an_error_with_its_place(folder: Path, options: Any, what: str) -> None:
    with pytest.raises(ConfigError, match=rf"{re.escape(__file__)}:\d+: static.*{re.escape(what)}"):
        served(folder, **options)


def test_a_path_begins_with_a_slash(folder: Path) -> None:
    with pytest.raises(ConfigError, match="write '/static'"):
        Wadjet().static("static", folder)


def test_what_is_missing_is_not_remembered(folder: Path) -> None:
    with served(folder, fresh_for=3600) as client:
        assert client.get("/static/new.txt").status_code == 404
        put(folder, "new.txt", b"new")
        assert client.get("/static/new.txt").content == b"new"


def test_neither_answer_says_where_the_folder_is(folder: Path) -> None:
    """FILE-102 and what is not there."""
    for target in ("/static/none", "/static/docs/guide", "/static/app.css/x", "/static/" + "a" * 4000):
        answer = ask(folder, target)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
        assert str(folder) not in answer.text


def test_what_the_system_forbids_is_forbidden(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """FILE-102, as root may read everything."""

    def refuse(*_: Any, **__: Any) -> int:
        raise PermissionError(13, "no", str(folder))

    with served(folder) as client:
        client.get("/static/docs/")  # the client has what it needs by now
        monkeypatch.setattr("wadjet.http.openfile._open_parts", refuse)
        answer = client.get("/static/app.css")
    assert (answer.status_code, answer.headers["content-type"]) == (403, "application/problem+json")
    assert str(folder) not in answer.text


def test_a_broken_disk_is_no_mistake_of_the_client(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> int:
        raise OSError(5, "Input/output error")

    app = Wadjet()
    app.static("/static", folder)
    monkeypatch.setattr("wadjet.http.openfile._open_parts", fail)
    with TestClient(app, raise_server_exceptions=False) as client:
        assert client.get("/static/app.css").status_code == 500


def test_pipes_sockets_and_devices_are_not_there(folder: Path) -> None:
    """FILE-32: at once."""
    os.mkfifo(folder / "fifo")
    with socket.socket(socket.AF_UNIX) as bound, served(folder, symlinks="follow") as client:
        os.chdir(folder)  # the path of a socket is short
        bound.bind("socket")
        (folder / "zero").symlink_to("/dev/zero")
        assert [client.get(f"/static/{name}").status_code for name in ("fifo", "socket", "zero")] == [404] * 3


# -- links ----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def linked(folder: Path) -> Path:
    (folder / "in").symlink_to("app.css")
    (folder / "out").symlink_to(folder.parent / "secret.txt")
    (folder / "dir-in").symlink_to("docs")
    (folder / "dir-out").symlink_to(folder.parent)
    (folder / "loop").symlink_to("loop")
    return folder


@pytest.mark.parametrize(
    ("symlinks", "found"),
    [
        ("refuse", []),
        ("inside", ["in", "dir-in/index.html"]),
        ("follow", ["in", "out", "dir-in/index.html", "dir-out/secret.txt"]),
    ],
)
def test_links_lead_where_they_may(linked: Path, symlinks: str, found: list[str]) -> None:
    """FILE-23, FILE-24."""
    names = ["in", "out", "dir-in/index.html", "dir-out/secret.txt", "loop"]
    with served(linked, symlinks=symlinks) as client:
        answers = {name: client.get(f"/static/{name}").status_code for name in names}
    assert answers == {name: 200 if name in found else 404 for name in names}


def test_the_folder_itself_may_be_a_link_that_is_exchanged(folder: Path) -> None:
    put(folder.parent / "next", "app.css", b"next")
    current = folder.parent / "current"
    current.symlink_to(folder)
    with served(current, fresh_for=1e-9) as client:
        assert client.get("/static/app.css").content == PAGE
        current.unlink()
        current.symlink_to(folder.parent / "next")
        assert client.get("/static/app.css").content == b"next"


def test_a_form_that_was_compressed_before_is_no_link_either(folder: Path) -> None:
    put(folder.parent, "secret.gz", gzip.compress(b"secret"))
    (folder / "app.css.gz").symlink_to(folder.parent / "secret.gz")
    answer = ask(folder, "/static/app.css", fields={"accept-encoding": "gzip"})
    assert (answer.content, answer.headers.get("content-encoding")) == (PAGE, None)


# -- versions -------------------------------------------------------------------------------------------------------------


def replace(folder: Path, name: str, content: bytes) -> None:
    put(folder, name, content, OLD + 100)


@pytest.mark.parametrize("fresh_for", [0, 1e-9])
def test_a_file_that_is_replaced_leaves_in_its_new_version(folder: Path, fresh_for: float) -> None:
    with served(folder, fresh_for=fresh_for) as client:
        before = client.get("/static/app.css")
        known = {"if-none-match": before.headers["etag"]}
        assert client.get("/static/app.css", headers=known).status_code == 304
        replace(folder, "app.css", b"new")
        after = client.get("/static/app.css", headers=known)
    assert (after.status_code, after.content) == (200, b"new")


def test_within_the_window_all_that_is_said_is_of_one_version(folder: Path) -> None:
    with served(folder, fresh_for=3600) as client:
        before = client.get("/static/app.css")
        known = {"if-none-match": before.headers["etag"]}
        replace(folder, "app.css", b"new")
        after = client.get("/static/app.css")
        part = client.get("/static/app.css", headers={"range": "bytes=0-3"})
        assert client.get("/static/app.css", headers=known).status_code == 304
    assert (after.content, dict(after.headers)) == (before.content, dict(before.headers))
    assert (part.content, part.headers["etag"]) == (before.content[:4], before.headers["etag"])


def test_a_large_file_is_described_as_it_is_opened_whatever_was_seen_before(folder: Path) -> None:
    """FILE-99: its tag and its content are of one version."""
    with served(folder, fresh_for=3600) as client:
        before = client.get("/static/big.bin")
        replace(folder, "big.bin", b"abc" * 30_000)
        after = client.get("/static/big.bin")
        tag = f'"{(OLD + 100) * 10**9:x}-{90_000:x}"'
        known = client.get("/static/big.bin", headers={"if-none-match": tag})
    assert (len(before.content), len(after.content)) == (100_000, 90_000)
    assert after.headers["etag"] == tag
    assert known.status_code == 304


def test_a_file_that_is_removed_is_gone_after_the_window(folder: Path) -> None:
    with served(folder, fresh_for=1e-9) as client:
        assert client.get("/static/app.css").status_code == 200
        (folder / "app.css").unlink()
        assert client.get("/static/app.css").status_code == 404


def test_in_development_every_request_looks(folder: Path) -> None:
    app = Wadjet(debug=True)
    app.static("/static", folder, fresh_for=3600)
    with TestClient(app) as client:
        assert client.get("/static/app.css").content == PAGE
        replace(folder, "app.css", b"new")
        assert client.get("/static/app.css").content == b"new"


def counting(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    opened: list[str] = []
    plain = Folder.open

    def watched(folder: Folder, name: str) -> OpenFile:
        opened.append(name)
        return plain(folder, name)

    monkeypatch.setattr(Folder, "open", watched)
    return opened


def settled(folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let files that have just been made count as old ones; return the names that are opened from now on."""
    monkeypatch.setattr("wadjet.http.filecache._RACY_SECONDS", -1e9)
    return counting(monkeypatch)


def test_what_is_unchanged_is_not_opened_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = settled(folder, monkeypatch)
    with served(folder, fresh_for=1e-9) as client:
        answers = [client.get("/static/app.css") for _ in range(3)]
    assert [answer.content for answer in answers] == [PAGE] * 3
    assert opened == ["app.css"]


def test_a_304_opens_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = settled(folder, monkeypatch)
    with served(folder, fresh_for=1e-9) as client:
        known = {"if-none-match": client.get("/static/big.bin").headers["etag"]}
        statuses = {client.get("/static/big.bin", headers=known).status_code}
        opened.clear()
        statuses |= {client.get("/static/big.bin", headers=known).status_code}
        statuses |= {client.get("/static/big.bin", headers=known).status_code}
    assert (statuses, len(opened) <= 2) == ({304}, True)


def test_a_file_that_was_changed_just_now_is_read_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = counting(monkeypatch)
    with served(folder, fresh_for=1e-9) as client:
        client.get("/static/app.css")
        client.get("/static/app.css")
    assert opened == ["app.css", "app.css"]


def test_many_that_ask_at_once_are_looked_for_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = settled(folder, monkeypatch)
    app = Wadjet()
    app.static("/static", folder)

    async def ask_at_once() -> None:
        async with AsyncTestClient(app) as client:
            answers = await asyncio.gather(*(client.get("/static/app.css") for _ in range(20)))
        assert {answer.status_code for answer in answers} == {200}

    asyncio.run(ask_at_once())
    assert opened == ["app.css"]


def test_who_leaves_does_not_take_the_answer_from_the_others(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, waiting = threading.Event(), threading.Event()
    plain = Folder.open

    def slow(self: Folder, name: str) -> OpenFile:
        waiting.set()
        assert gate.wait(30)
        return plain(self, name)

    monkeypatch.setattr(Folder, "open", slow)
    app = Wadjet()
    app.static("/static", folder)

    async def ask_and_leave() -> None:
        async with AsyncTestClient(app) as client:
            first = asyncio.create_task(client.get("/static/app.css"))
            await asyncio.to_thread(waiting.wait)
            second = asyncio.create_task(client.get("/static/app.css"))
            first.cancel()
            await asyncio.wait({first})
            gate.set()
            assert first.cancelled()
            assert (await second).content == PAGE

    asyncio.run(ask_and_leave())


@with_descriptors
@pytest.mark.parametrize(
    "fields", [{}, {"range": "bytes=1-2"}, {"if-match": '"x"'}, {"range": "bytes=999999-"}]
)
def test_nothing_stays_open(folder: Path, fields: dict[str, str]) -> None:
    """FILE-82."""
    with served(folder) as client:
        for method in ("GET", "HEAD"):
            for _ in range(3):
                client.request(method, "/static/big.bin", headers=fields)
        assert descriptors(folder / "big.bin") == 0


# -- forms ----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def compressed(folder: Path) -> Path:
    put(folder, "app.css.gz", gzip.compress(PAGE))
    put(folder, "app.css.br", b"brotli")
    put(folder, "app.css.zst", b"zstandard")
    return folder


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, br, zstd", "br"),
        ("gzip;q=1, br;q=0.5", "gzip"),
        ("zstd, gzip", "zstd"),
        ("*", "br"),
        ("br;q=0, *", "zstd"),
        ("deflate", None),
        ("", None),
        ("identity", None),
        ("br;q=2", None),
        ("identity;q=0", None),
        (None, None),
    ],
)
def test_the_shortest_form_leaves_of_those_that_the_client_likes_best(
    compressed: Path, accepted: str | None, coding: str | None
) -> None:
    app = Wadjet()
    app.static("/static", compressed)
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/static/app.css",
        "headers": [(b"host", b"a.test")]
        + ([] if accepted is None else [(b"accept-encoding", accepted.encode())]),
    }
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    asyncio.run(app(scope, receive, send))
    fields = dict(sent[0]["headers"])
    assert fields.get(b"content-encoding") == (None if coding is None else coding.encode())
    assert fields[b"vary"] == b"Accept-Encoding"
    assert fields[b"content-type"] == b"text/css; charset=utf-8"


def test_each_form_has_a_tag_of_its_own(compressed: Path) -> None:
    tags = set()
    for name, content in (("x", b"same"), ("x.br", b"sam"), ("x.gz", b"sam")):
        put(compressed, name, content)
    with served(compressed) as client:
        for accepted in ("identity", "br", "gzip"):
            fields = {"accept-encoding": accepted}
            with client.stream("GET", "/static/x", headers=fields) as answer:
                tags.add(answer.headers["etag"])
            known = {**fields, "if-none-match": answer.headers["etag"]}
            assert client.get("/static/x", headers=known).status_code == 304
    assert len(tags) == 3


@pytest.mark.parametrize("accepted", ["identity", "gzip"])
def test_a_form_that_is_older_or_longer_is_not_sent(folder: Path, accepted: str) -> None:
    put(folder, "app.css.gz", b"old", OLD - 1)
    put(folder, "app.css.zst", b"x" * 5000)
    answer = ask(folder, "/static/app.css", fields={"accept-encoding": "gzip, zstd"})
    assert (answer.content, answer.headers.get("vary")) == (PAGE, None)


def test_forms_can_be_left_alone(compressed: Path) -> None:
    answer = ask(compressed, "/static/app.css", precompressed=False, fields={"accept-encoding": "gzip"})
    assert (answer.content, answer.headers.get("vary")) == (PAGE, None)


def test_a_form_that_comes_later_is_found(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settled(folder, monkeypatch)
    with served(folder, fresh_for=1e-9) as client:
        assert "vary" not in client.get("/static/app.css").headers
        put(folder, "app.css.gz", gzip.compress(PAGE))
        assert client.get("/static/app.css").headers["vary"] == "Accept-Encoding"


# -- names that say which version they are of --------------------------------------------------------------------------------


def test_the_name_of_a_version_is_kept_for_ever(folder: Path) -> None:
    app = Wadjet()
    app.static("/static", folder)
    with TestClient(app) as client:
        url = app.static_url("app.css")
        answer = client.get(url)
        assert re.fullmatch(r"/static/app\.[0-9a-f]{12}\.css", url)
        assert (answer.content, answer.headers["content-type"]) == (PAGE, "text/css; charset=utf-8")
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert client.get("/static/app.css").headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("name", ["app.css", "big.bin"])
def test_the_name_of_a_version_that_is_gone_is_not_there(folder: Path, name: str) -> None:
    app = Wadjet()
    app.static("/static", folder, fresh_for=1e-9)
    with TestClient(app) as client:
        url = app.static_url(name)
        assert client.get(url).status_code == 200
        replace(folder, name, b"new" * 30_000)
        assert client.get(url).status_code == 404
        assert app.static_url(name) != url
        assert client.get(app.static_url(name)).content == b"new" * 30_000


def test_another_content_never_leaves_under_the_name_of_a_version(folder: Path) -> None:
    """A large file is opened for each client: within the window too it has to be what the name says."""
    app = Wadjet()
    app.static("/static", folder, fresh_for=3600)
    with TestClient(app) as client:
        url = app.static_url("big.bin")
        assert client.get(url).status_code == 200
        replace(folder, "big.bin", b"new" * 30_000)
        assert client.get(url).status_code == 404


def test_a_digest_is_computed_once_for_a_version(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = Wadjet()
    app.static("/static", folder, fresh_for=1e-9)
    opened = counting(monkeypatch)
    first = app.static_url("app.css")
    assert app.static_url("app.css") == first
    assert opened == ["app.css"] * 2  # it was changed just now
    settled(folder, monkeypatch)
    assert {app.static_url("app.css") for _ in range(3)} == {first}
    assert opened == ["app.css"] * 3


@pytest.mark.parametrize("name", ["ap.css", "../secret.txt", "", "docs"])
def test_a_file_that_is_not_there_has_no_address(folder: Path, name: str) -> None:
    app = Wadjet()
    app.static("/static", folder)
    with pytest.raises(StaticMissing, match="there is no such file in"):
        app.static_url(name)


def test_folders_have_names(folder: Path) -> None:
    app = Wadjet()
    app.static("/static", folder)
    app.static("/theme/dark", folder / "docs")
    app.static("/other", folder / "docs", name="third")
    assert app.static_url("app.css").startswith("/static/app.")
    assert app.static_url("index.html", "theme.dark").startswith("/theme/dark/index.")
    assert app.static_url("index.html", folder="third").startswith("/other/index.")
    assert app.url_for("theme.dark", path="guide/page.txt") == "/theme/dark/guide/page.txt"
    with pytest.raises(
        StaticMissing, match="no folder called 'none'; there are: 'static', 'theme.dark', 'third'"
    ):
        app.static_url("app.css", "none")


def test_without_a_folder_there_is_no_address() -> None:
    with pytest.raises(StaticMissing, match="there are: none; write `app.static"):
        Wadjet().static_url("app.css")


def test_a_folder_that_no_application_has_gives_no_names(folder: Path) -> None:
    with pytest.raises(ConfigError, match="no application has it"):
        StaticFiles("/static", folder).versioned("app.css")


def test_templates_know_the_addresses(folder: Path, tmp_path: Path) -> None:
    put(tmp_path / "templates", "page.html", b'{{ static_url("app.css") }}')
    inner = Wadjet(Settings(TEMPLATES_DIR=str(tmp_path / "templates")))
    inner.static("/static", folder)

    @inner.get("/")
    async def page() -> HTMLResponse:
        return HTMLResponse(template="page.html")

    app = Wadjet()
    app.mount("/in%20ner", inner)
    with TestClient(app) as client:
        url = client.get("/in%20ner/").text
        assert re.fullmatch(r"/in%20ner/static/app\.[0-9a-f]{12}\.css", url)
        assert client.get(url).content == PAGE


def test_a_manifest_says_which_files_are_kept_for_ever(folder: Path) -> None:
    put(folder, "assets/main.1a.js", b"js")
    put(folder, ".vite/manifest.json", b'{"src/main.ts": {"file": "assets/main.1a.js"}}')
    app = Wadjet()
    app.static("/static", folder, manifest=folder / ".vite/manifest.json")
    with TestClient(app) as client:
        assert app.static_url("src/main.ts") == "/static/assets/main.1a.js"
        kept = client.get("/static/assets/main.1a.js").headers["cache-control"]
        other = client.get("/static/app.css").headers["cache-control"]
    assert (kept, other) == ("public, max-age=31536000, immutable", "no-cache")
    with pytest.raises(StaticMissing, match=r"in the manifest .*; did you mean 'src/main.ts'\?"):
        app.static_url("src/main.js")


def test_a_manifest_that_is_missing_is_an_error_at_startup(folder: Path) -> None:
    app = Wadjet()
    app.static("/static", folder, manifest=folder / "none.json")
    with pytest.raises(ConfigError, match="static.*manifest .* cannot be read"):
        app.seal()


# -- folders, pages, and what stands around --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("index", "target", "status"),
    [
        ("index.html", "/static/", 200),
        ("index.html", "/static/docs/", 200),
        ("index.html", "/static/docs", 308),
        ("index.html", "/static/docs/guide", 404),
        ("index.html", "/static/docs/guide/", 404),
        ("index.html", "/static/app.css/", 404),
        (None, "/static/", 404),
        (None, "/static/docs/", 404),
        (None, "/static/docs", 404),
        ("page.txt", "/static/docs/guide/", 200),
    ],
)
def test_a_folder_answers_with_its_index_and_never_with_a_list(
    folder: Path, index: str | None, target: str, status: int
) -> None:
    """FILE-30."""
    assert ask(folder, target, index=index).status_code == status


@pytest.mark.parametrize(
    ("target", "fields", "status"),
    [
        ("/users/42", {"sec-fetch-mode": "navigate", "accept": "text/html"}, 200),
        ("/users/jane.doe", {"sec-fetch-mode": "navigate"}, 200),
        ("/users/42", {"accept": "text/html,*/*;q=0.8"}, 200),
        ("/users/42", {}, 200),
        ("/users/42", {"sec-fetch-mode": "cors", "accept": "*/*"}, 404),
        ("/users/42", {"accept": "application/json"}, 404),
        ("/assets/gone.js", {}, 404),
        ("/users/42/", {"accept": "text/html"}, 200),
    ],
)
def test_a_page_answers_navigations_to_what_is_not_there(
    folder: Path, target: str, fields: dict[str, str], status: int
) -> None:
    app = Wadjet()
    app.static("/", folder, fallback="index.html")
    with TestClient(app) as client:
        answers = [client.get(target, headers=fields) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [status, status]
    assert all("Sec-Fetch-Mode" in answer.headers["vary"] for answer in answers)
    if status == 200:
        assert answers[1].content == b"<p>home"
        assert answers[1].headers["vary"] == "Accept, Sec-Fetch-Mode"
        assert answers[1].headers["cache-control"] == "no-cache"


def test_a_page_that_is_missing_itself_is_not_there(folder: Path) -> None:
    assert ask(folder, "/static/users", fallback="none.html").status_code == 404


def test_routes_go_before_a_folder_at_the_root(folder: Path) -> None:
    app = Wadjet()
    app.static("/", folder, index=None)

    @app.get("/")
    async def home() -> str:
        return "home"

    @app.get("/docs/{name}")
    async def docs(name: str) -> str:
        return name

    with TestClient(app) as client:
        assert client.get("/").text == "home"
        assert client.get("/docs/index.html").text == "index.html"
        assert client.get("/docs/guide/page.txt").text == "page"
        assert client.get("/app.css").content == PAGE


def test_two_that_answer_one_path_are_an_error(folder: Path) -> None:
    app = Wadjet()
    app.static("/static", folder)
    app.static("/static", folder, name="again")
    with pytest.raises(
        RouteError, match=rf"two routes answer GET /static.*{re.escape(__file__)}:\d+: static\('/static'"
    ):
        app.seal()


def test_a_folder_at_the_root_stands_beside_the_usual_one(folder: Path, tmp_path: Path) -> None:
    app = Wadjet()
    app.static("/static", folder)
    app.static("/", tmp_path)
    assert app.static_url("app.css").startswith("/static/app.")
    assert app.url_for("root", path="x.html") == "/x.html"


def test_a_router_holds_a_folder_too(folder: Path) -> None:
    router = Router("/site", host="a.test")
    router.include(StaticFiles("/static", folder))
    app = Wadjet(routes=[router])
    with TestClient(app, "http://a.test") as client:
        assert client.get("/site/static/app.css").content == PAGE
        assert client.get("/site/static/app.css", headers={"host": "b.test"}).status_code == 404


def test_what_a_router_says_of_its_routes_holds_for_a_folder(folder: Path) -> None:
    """A cache stands around the handler: then it is called like any other."""
    router = Router(cache_ttl=3600)
    router.include(StaticFiles("/static", folder, fresh_for=0))
    app = Wadjet(routes=[router])
    with TestClient(app) as client:
        assert client.get("/static/app.css").content == PAGE
        assert client.get("/static/none.css").status_code == 404
        assert client.get("/static/docs", follow_redirects=False).status_code == 308


def test_hooks_and_callbacks_see_what_leaves(folder: Path) -> None:
    class Stamp(BaseMiddleware):
        def before(self, request: Request) -> None:
            request.add_response_callback(
                lambda request, response: response.headers.set("x-callback", request.path)
            )

        def after(self, request: Request, response: Any) -> None:
            response.headers.set("x-after", str(response.status_code))

    app = Wadjet(middleware=[Stamp])
    app.static("/static", folder)
    with TestClient(app) as client:
        for _ in range(3):
            answer = client.get("/static/app.css")
            assert (answer.headers["x-callback"], answer.headers["x-after"]) == ("/static/app.css", "200")
            assert answer.headers.get_list("etag") == [answer.headers["etag"]]
        known = client.get("/static/app.css", headers={"if-none-match": answer.headers["etag"]})
        assert (known.status_code, known.headers["x-after"]) == (304, "304")


def test_content_that_is_compressed_on_the_way_is_not_what_is_kept(folder: Path) -> None:
    app = Wadjet(response_zlib_executor_size=100)
    app.static("/static", folder)
    with TestClient(app) as client:
        encodings = []
        for accepted in ("gzip", "identity", "gzip", "identity"):
            answer = client.get("/static/app.css", headers={"accept-encoding": accepted})
            assert answer.content == PAGE
            encodings.append(
                (answer.headers.get("content-encoding"), answer.headers["etag"].startswith("W/"))
            )
    assert encodings == [("gzip", True), (None, False)] * 2


def test_it_is_in_no_document(folder: Path) -> None:
    app = Wadjet()
    app.static("/static", folder)
    assert app.openapi()["paths"] == {}
    assert repr(StaticFiles("/x", "y")) == "<StaticFiles /x y>"


def test_digests_are_forgotten_where_there_are_very_many(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wadjet.static.looking._MOST_DIGESTS", 2)
    app = Wadjet()
    files = app.static("/static", folder)
    names = ["app.css", "big.bin", "index.html", "app.css"]
    urls = [app.static_url(name) for name in names]
    assert urls[0] == urls[3]
    assert len(files.looking._digests) <= 2


def test_the_name_of_a_version_of_what_is_hidden_or_missing_is_not_there(folder: Path) -> None:
    put(folder, ".env", b"SECRET=1")
    with served(folder) as client:
        for name in (
            ".env.0123456789ab",
            "none.0123456789ab.css",
            "app.0123456789ab.css",
            "docs.0123456789ab",
        ):
            assert client.get(f"/static/{name}").status_code == 404


def test_what_a_version_is_named_is_not_read_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = settled(folder, monkeypatch)
    app = Wadjet()
    app.static("/static", folder, fresh_for=1e-9)
    with TestClient(app) as client:
        url = app.static_url("app.css")
        assert client.get(url).content == PAGE
        opened.clear()
        assert client.get(url).content == PAGE
    assert "app.css" not in opened


def test_nothing_is_said_to_caches_where_nothing_is_to_be_said(folder: Path) -> None:
    assert "cache-control" not in ask(folder, "/static/app.css", cache_control=None).headers


@pytest.fixture(autouse=True)
def here() -> Iterator[None]:
    before = Path.cwd()
    yield
    os.chdir(before)


def test_a_relative_folder_is_below_the_working_directory(folder: Path) -> None:
    os.chdir(folder.parent)
    app = Wadjet()
    app.static("/static", "files")
    app.seal()
    os.chdir("/")
    with TestClient(app) as client:
        assert client.get("/static/app.css").content == PAGE
