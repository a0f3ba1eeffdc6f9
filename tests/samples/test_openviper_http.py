"""The samples of "HTTP — Requests, Responses & Views" (OpenViper), on the wire."""

from __future__ import annotations

import contextlib
import gzip
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.samples.loader import load
from tests.samples.posts import Posts, posts
from wadjet import JSONResponse, Request, Router, Settings, Wadjet
from wadjet.middleware import DatabaseMiddleware
from wadjet.testing import TestClient


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Posts]:
    """Give a model ``Post`` with nothing stored."""
    with posts(tmp_path) as given:
        yield given


@contextlib.contextmanager
def with_posts(file: str, store: Posts) -> Iterator[TestClient]:
    """Serve a sample that reads and writes posts, until the block ends."""
    router = Router()
    prelude = {"router": router, "Request": Request, "JSONResponse": JSONResponse, "Post": store.model}
    sample = load(f"openviper_http/{file}", prelude)
    middleware = [(DatabaseMiddleware, {"database": store.database})]
    with TestClient(Wadjet(routes=[sample.router], middleware=middleware), follow_redirects=False) as api:
        yield api


def client(file: str, **prelude: object) -> TestClient:
    """Load a sample with a router, and serve what it puts there."""
    router = Router()
    sample = load(
        f"openviper_http/{file}",
        {"router": router, "Request": Request, "JSONResponse": JSONResponse, **prelude},
    )
    return TestClient(Wadjet(routes=[sample.router]), follow_redirects=False)


def test_function_views(store: Posts) -> None:
    with with_posts("01_function_views.py", store) as api:
        for title, published in (("first", True), ("draft", False), ("second", True)):
            created = api.post("/posts", json={"title": title, "is_published": published})
            assert created.status_code == 201
            assert created.json()["title"] == title
        assert [post["title"] for post in api.get("/posts").json()] == ["second", "first"]
        assert api.get("/posts").headers["content-type"] == "application/json"


def test_a_post_that_cannot_be_is_refused(store: Posts) -> None:
    with with_posts("01_function_views.py", store) as api:
        assert api.post("/posts", content=b"{").status_code == 400
        assert api.post("/posts", json={"title": 5}).status_code == 422
        assert api.post("/posts", json={"titel": "x"}).status_code == 422
        assert api.get("/posts").json() == []


@pytest.mark.parametrize(
    ("query", "document"),
    [
        ("", {"query": "", "page": 1}),
        ("?q=cobra&page=3", {"query": "cobra", "page": 3}),
        ("?q=a&q=%C3%A9+b", {"query": "é b", "page": 1}),
    ],
)
def test_query_parameters(query: str, document: dict[str, Any]) -> None:
    response = client("02_query_parameters.py").get(f"/search{query}")
    assert (response.status_code, response.json()) == (200, document)


@pytest.mark.parametrize(
    ("sent", "filename"),
    [
        ({"files": {"avatar": ("../me.png", b"png")}}, "me.png"),
        ({"files": {"avatar": ("empty.txt", b"")}}, "empty.txt"),
        ({"files": {"avatar": ("", b"")}}, None),
        ({"files": {"other": ("me.png", b"png")}}, None),
        ({"data": {"other": "text"}}, None),
        ({}, None),
    ],
)
def test_file_upload(sent: dict[str, Any], filename: str | None) -> None:
    response = client("05_file_upload.py").post("/upload", **sent)
    assert (response.status_code, response.json()) == (200, {"filename": filename})


def test_class_views(store: Posts) -> None:
    store.kept(store.model.objects.create(title="first", created_at="2026-01-02T03:04:05Z"))
    document = {"id": 1, "title": "first", "is_published": False, "created_at": "2026-01-02T03:04:05Z"}
    with with_posts("03_class_views.py", store) as api:
        assert api.get("/posts/1").json() == document | {"created_at": "2026-01-02T03:04:05+00:00"}
        changed = api.put("/posts/1", json={"title": "second"})
        assert (changed.status_code, changed.json()["title"]) == (200, "second")
        assert api.get("/posts/1").json()["title"] == "second"
        assert api.delete("/posts/1").json() == {"deleted": True}
        # A post that is not there is a 404, whatever the debug setting says; so is what is no number.
        assert [api.get(path).status_code for path in ("/posts/1", "/posts/one")] == [404, 404]
        assert api.put("/posts/1", json={}).status_code == 404


def test_class_views_answer_other_methods(store: Posts) -> None:
    store.kept(store.model.objects.create(title="first"))
    allow = "DELETE, GET, HEAD, OPTIONS, PUT"
    with with_posts("03_class_views.py", store) as api:
        refused, head = api.post("/posts/1"), api.head("/posts/1")
        assert (refused.status_code, refused.headers["allow"]) == (405, allow)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == str(len(api.get("/posts/1").content))
        options = api.options("/posts/1")
        assert (options.status_code, options.headers["allow"]) == (204, allow)


def test_view_actions() -> None:
    api = client("04_view_actions.py")
    assert api.get("/users").json() == {"users": []}
    assert api.get("/users/search?q=anna").json() == {"query": "anna", "results": []}
    assert api.post("/users/7/deactivate").json() == {"id": "7", "active": False}


@pytest.mark.parametrize(
    ("path", "allow"),
    [
        ("/users", "GET, HEAD, OPTIONS"),
        ("/users/search", "GET, HEAD, OPTIONS"),
        ("/users/7/deactivate", "OPTIONS, POST"),
    ],
)
def test_view_actions_make_these_three_routes(path: str, allow: str) -> None:
    api = client("04_view_actions.py")
    refused = api.patch(path)
    assert (refused.status_code, refused.headers["allow"]) == (405, allow)
    assert api.get("/users/7").status_code == 404


def test_streaming() -> None:
    sample_ended = []
    sample = load("openviper_http/06_streaming.py", {"router": Router(), "Request": Request})
    original = sample.event_generator

    async def watched() -> Any:
        async with contextlib.aclosing(original()) as events:
            try:
                async for event in events:
                    yield event
            finally:
                sample_ended.append(True)

    vars(sample)["event_generator"] = watched
    api = TestClient(Wadjet(routes=[sample.router]))
    begun = time.monotonic()
    with api.stream("GET", "/events") as response:
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert "content-length" not in response.headers
        chunks = response.iter_raw()
        assert [next(chunks), next(chunks)] == [b"data: 0\n\n", b"data: 1\n\n"]
    assert sample_ended == [True], "the generator did not stop when its reader left"
    assert time.monotonic() - begun < 5


@pytest.fixture
def uploads() -> Iterator[Path]:
    """The folder that the sample names."""
    folder = Path("/media/uploads")
    was_there = folder.is_dir()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / "wadjet cobra.txt"
        file.write_bytes(b"hood")
    except OSError as error:
        pytest.skip(f"the sample reads from {folder}, which cannot be made here: {error}")
    yield folder
    file.unlink()
    if not was_there:
        folder.rmdir()


def test_file_download(uploads: Path) -> None:
    api = client("07_file_download.py")
    response = api.get("/download/wadjet%20cobra.txt")
    assert (response.status_code, response.content) == (200, b"hood")
    assert response.headers["content-disposition"] == 'attachment; filename="wadjet cobra.txt"'
    assert response.headers["content-type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize(
    "name", ["missing.txt", "..%2F..%2Fetc%2Fpasswd", "%2e%2e%2Fuploads2%2Fa", "..%5Ca", "a%00b"]
)
def test_file_download_of_what_is_not_there(name: str, uploads: Path) -> None:
    response = client("07_file_download.py").get(f"/download/{name}")
    assert response.status_code in {400, 404}
    assert "/media" not in response.text


def test_redirect() -> None:
    response = client("08_redirect.py").get("/old-url")
    assert (response.status_code, response.headers["location"], response.content) == (301, "/new-url", b"")


DATASET = [{"id": number, "name": f"cobra {number}"} for number in range(100)]


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [("gzip", "gzip"), ("GZIP;q=0.5, br", "gzip"), ("identity", None), ("gzip;q=0", None), ("br", None)],
)
def test_gzip(accepted: str, coding: str | None) -> None:
    async def fetch_large_dataset() -> Any:
        return DATASET

    api = client("10_gzip.py", fetch_large_dataset=fetch_large_dataset)
    with api.stream("GET", "/large-data", headers={"accept-encoding": accepted}) as response:
        sent = b"".join(response.iter_raw())
    assert (response.status_code, response.headers.get("content-encoding")) == (200, coding)
    assert response.headers["content-type"] == "application/json"
    assert "accept-encoding" in response.headers["vary"].lower()
    assert response.headers["content-length"] == str(len(sent))
    assert json.loads(gzip.decompress(sent) if coding else sent) == DATASET


def test_gzip_leaves_what_is_small_as_it_is() -> None:
    async def fetch_large_dataset() -> Any:
        return ["small"]

    api = client("10_gzip.py", fetch_large_dataset=fetch_large_dataset)
    response = api.get("/large-data", headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in response.headers
    assert response.content == b'["small"]'


def test_template(store: Posts, tmp_path: Path) -> None:
    (tmp_path / "home.html").write_text(
        "<h1>{{ request.path }}</h1>{% for post in posts %}<p>{{ post.title }}</p>{% endfor %}"
    )
    router, post = Router(), store.model
    sample = load("openviper_http/09_template.py", {"router": router, "Request": Request, "Post": post})

    async def fill() -> None:
        for number in range(12):
            await post.objects.create(title=f"<{number}>", is_published=number != 0)

    store.kept(fill())
    app = Wadjet(
        Settings(TEMPLATES_DIR=str(tmp_path)),
        routes=[sample.router],
        middleware=[(DatabaseMiddleware, {"database": store.database})],
    )
    with TestClient(app) as api:
        response = api.get("/")
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.text.startswith("<h1>/</h1><p>&lt;1&gt;</p>")
    assert response.text.count("<p>") == 10
