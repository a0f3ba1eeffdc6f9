"""The live page in Chromium, under the production's Content Security Policy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from examples.bookshelf.tests.conftest import Server, serving, sqlite


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Give a bookshelf with its production settings, whose pages a browser may read without TLS."""
    folder = tmp_path_factory.mktemp("strict")
    place = {
        "WADJET_SETTINGS": "examples.bookshelf.production:Production",
        "WADJET_SECRET_KEY": "Wb1R0s5oQ2yX7uJd9kZtLm4vNc8hEaGpYf3iTqSx6rBo",
        "WADJET_ALLOWED_HOSTS": "127.0.0.1",
        "WADJET_SECURE_SSL_REDIRECT": "false",
    }
    with serving(sqlite(folder), folder, place) as running:
        yield running


@pytest.mark.parametrize(
    ("by", "said"),
    [("socket", "Listening over a WebSocket."), ("events", "Listening to server-sent events.")],
)
def test_a_page_shows_a_book_when_it_is_added(
    strict: Server, page: Page, book: dict[str, Any], by: str, said: str
) -> None:
    page.goto(f"{strict.url}/live?by={by}")
    page.get_by_text(said).wait_for()
    nasty = "<img src=x onerror=alert(1)>"
    with strict.client() as writer:
        added = writer.post("/api/books", json={**book, "title": nasty}).json()
    page.locator(f"#book-{added['id']}").wait_for()
    assert page.locator("#added li").first.inner_text() == f"{nasty} by Nofret Šmídová"
    page.locator(f"#book-{added['id']} a").click()
    assert page.locator("h1").inner_text() == nasty
