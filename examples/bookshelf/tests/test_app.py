"""The bookshelf in process: what needs no socket."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from examples.bookshelf.app import create_app
from examples.bookshelf.forms import Filled, read_draft
from examples.bookshelf.models import Draft, slug_of
from examples.bookshelf.settings import Development
from examples.bookshelf.tests.conftest import known, sqlite
from wadjet import Wadjet
from wadjet.testing import TestClient


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with _client(sqlite(tmp_path_factory.mktemp("app"))) as started:
        yield started


def _client(url: str) -> TestClient:
    """Return a librarian's program."""
    app = create_app(Development(DATABASE_URL=url))
    return TestClient(app, headers={"authorization": f"Bearer {known(url)}"})


def test_two_shelves_live_in_one_process(tmp_path: Path, book: dict[str, Any]) -> None:
    with (
        _client(sqlite(tmp_path, "one")) as one,
        _client(sqlite(tmp_path, "two")) as two,
    ):
        added = one.post("/api/books", json=book).json()
        assert one.get(f"/api/books/{added['id']}").status_code == 200
        assert two.get(f"/api/books/{added['id']}").status_code == 404
        assert added["isbn"] in one.get("/api/books.csv").text
        assert added["isbn"] not in two.get("/api/books.csv").text


def test_links_follow_where_the_shelf_is_mounted(tmp_path: Path) -> None:
    town = Wadjet()
    town.mount("/library", create_app(Development(DATABASE_URL=sqlite(tmp_path))))
    with TestClient(town) as client:
        assert 'href="http://localhost/library/books/new"' in client.get("/library/").text
        shown = client.get("/library/books/1", follow_redirects=True)
        assert shown.status_code == 200
        assert str(shown.url).startswith("http://localhost/library/books/1/")
        assert (
            client.get("/library/api/books").json()["next"].startswith("http://localhost/library/api/books?")
        )
        missing = {path: client.get(path, headers={"accept": "text/html"}) for path in ("/x", "/library/x")}
        assert [path for path, page in missing.items() if "Not on the shelf" in page.text] == ["/library/x"]


def test_every_page_is_whole_html_without_assets_from_elsewhere(client: TestClient) -> None:
    for path in ("/", "/books", "/books?q=zzzz", "/books/1", "/books/new", "/login", "/live"):
        text = client.get(path, follow_redirects=True).text
        assert text.startswith("<!doctype html>"), path
        assert text.rstrip().endswith("</html>"), path
        assert "//" not in text.replace("http://localhost/", ""), path


def test_every_input_has_a_label(client: TestClient) -> None:
    import re

    for path in ("/", "/books", "/books/new", "/login"):
        text = client.get(path).text
        inputs = set(re.findall(r'<(?:input|select|textarea)[^>]* id="(\w+)"', text))
        assert inputs == set(re.findall(r'<label for="(\w+)"', text)), path


def test_a_model_may_also_come_as_a_form(client: TestClient, book: dict[str, Any]) -> None:
    response = client.post("/api/books", data={**book, "pages": "320", "year": "1999"})
    assert response.status_code == 201
    assert response.json()["subjects"] == ["History", "Travel"]


def test_a_form_becomes_a_draft(book: dict[str, Any]) -> None:
    form = {**book, "pages": " 320 ", "year": "1999", "subjects": " History,, Travel , History"}
    assert read_draft(form) == Draft(**book)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "  "),
        ("title", "line\nline"),
        ("author", "x" * 201),
        ("isbn", "9780306406158"),
        ("language", "tlh"),
        ("year", "1999.5"),
        ("pages", "-1"),
        ("price", "1e99"),
        ("price", "NaN"),
        ("price", "12.505"),
        ("subjects", ","),
        ("subjects", "a,b,c,d,e,f"),
        ("description", "x" * 4001),
    ],
)
def test_a_wrong_field_is_named(book: dict[str, Any], field: str, value: str) -> None:
    form = {**book, "pages": "320", "year": "1999", "subjects": "History", field: value}
    filled = read_draft(form)
    assert isinstance(filled, Filled)
    assert list(filled.problems) == [field]
    assert filled.values[field] == value


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("The Cobra & the Eye", "the-cobra-the-eye"),
        ("L'été à Paris", "l-été-à-paris"),
        ("海の記憶", "海の記憶"),
        ("?!", "book"),
        ("../..", "book"),
        ("a" * 100, "a" * 80),
    ],
)
def test_a_title_makes_a_slug(title: str, slug: str) -> None:
    assert slug_of(title) == slug


def test_the_api_describes_itself(client: TestClient) -> None:
    document = client.get("/api").json()
    assert document["openapi"].startswith("3.1")
    assert {"/api/books", "/api/books/{id}", "/api/subjects"} <= document["paths"].keys()
    assert "/api" not in document["paths"]
