"""The site as a browser meets it: a real process, real sockets."""

from __future__ import annotations

import re
import socket
from html import escape, unescape
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import unquote

import httpx2
import pytest

from examples.bookshelf.catalogue import SIZE
from examples.bookshelf.tests.conftest import Server, serving, sqlite

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
def form(book: dict[str, Any]) -> dict[str, str]:
    """The same book as a visitor types it."""
    return {**book, "pages": "320", "year": "1999", "subjects": "History, Travel"}


def cards(page: str) -> list[str]:
    """The addresses of the books that a page shows."""
    return [unescape(address) for address in re.findall(r'<li><a href="([^"]+)"><div class="cover', page)]


def test_the_home_page_counts_the_books_and_offers_a_search(client: httpx2.Client) -> None:
    response = client.get("/")
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    count = re.search(r"<dt>Books</dt><dd>([\d,]+)</dd>", response.text)
    assert count is not None
    assert int(count[1].replace(",", "")) >= SIZE
    assert '<label for="q">' in response.text
    assert len(cards(response.text)) == 6


def test_every_page_says_how_long_it_took(client: httpx2.Client) -> None:
    for path in ("/", "/books", "/api/books", "/nowhere", "/api/books?page=0"):
        assert re.fullmatch(r"app;dur=\d+\.\d\d", client.get(path).headers["server-timing"]), path


def test_the_stylesheet_is_kept_for_ever_under_its_version(client: httpx2.Client) -> None:
    link = re.search(r'<link rel="stylesheet" href="([^"]+)"', client.get("/").text)
    assert link is not None
    response = client.get(link[1])
    assert response.headers["content-type"] == "text/css; charset=utf-8"
    assert "immutable" in response.headers["cache-control"]


def test_a_list_leads_through_its_pages(client: httpx2.Client) -> None:
    seen: list[str] = []
    address = "/books?subject=Poetry&per_page=96"
    for _ in range(20):
        page = client.get(address).text
        seen += cards(page)
        following = re.search(r'<a rel="next" href="([^"]+)"', page)
        if following is None:
            break
        address = unescape(following[1])
    total = client.get("/api/books?subject=Poetry").json()["total"]
    assert len(seen) == len(set(seen)) == total > 200


def test_a_search_is_kept_in_the_form_and_in_the_links(client: httpx2.Client) -> None:
    page = client.get("/books", params={"q": "the river", "per_page": "12"}).text
    assert 'value="the river"' in page
    assert "q=the+river&amp;page=2" in page


def test_the_number_of_books_on_a_page_is_remembered(client: httpx2.Client) -> None:
    assert len(cards(client.get("/books").text)) == 24
    assert "per_page=12" in client.get("/books?per_page=12").headers["set-cookie"]
    assert len(cards(client.get("/books").text)) == 12
    client.cookies.clear()
    broken = {"cookie": "per_page=lots"}
    assert len(cards(client.get("/books", headers=broken).text)) == 24


def test_a_page_beyond_the_end_leads_back(client: httpx2.Client) -> None:
    response = client.get("/books?page=1000000")
    assert response.status_code == 200
    assert "Go to the first" in response.text


def test_a_book_has_one_address_and_others_lead_to_it(client: httpx2.Client) -> None:
    for number in (1, 2, 3, 500, 2449):
        shown = client.get(f"/books/{number}", follow_redirects=True)
        book = client.get(f"/api/books/{number}").json()
        assert [step.status_code for step in shown.history] == [303]
        assert f'<h1 lang="{book["language"]}">{escape(book["title"])}</h1>' in shown.text
        wrong = client.get(f"/books/{number}/something-else?x=1")
        assert (wrong.status_code, wrong.headers["location"]) == (303, str(shown.url))


def test_addresses_in_other_scripts_work(client: httpx2.Client) -> None:
    found = client.get("/api/books", params={"q": "海"}).json()["items"][0]
    response = client.get(f"/books/{found['id']}", follow_redirects=True)
    assert response.status_code == 200
    assert unquote(str(response.url)).endswith(f"/{found['title']}")


@pytest.mark.parametrize(
    "path", ["/nowhere", "/books/0/x", "/books/9999999", f"/books/{10**30}", "/books/1/a/b"]
)
def test_a_missing_page_is_a_page_for_browsers(client: httpx2.Client, path: str) -> None:
    response = client.get(path, headers=BROWSER)
    assert response.status_code == 404
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert "Accept" in response.headers["vary"]
    assert "Not on the shelf" in response.text


def test_a_missing_page_shows_its_path_escaped(client: httpx2.Client) -> None:
    text = client.get("/%3Cscript%3Ealert(1)%3C/script%3E", headers=BROWSER).text
    assert "<script" not in text
    assert "&lt;script&gt;" in text


def test_about_is_plain_text(client: httpx2.Client) -> None:
    response = client.get("/about")
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.text.startswith("Bookshelf is")


def test_the_form_puts_a_book_on_the_shelf(client: httpx2.Client, form: dict[str, str]) -> None:
    assert "<form" in client.get("/books/new").text
    response = client.post("/books/new", data=form)
    assert response.status_code == 303
    shown = client.get(response.headers["location"])
    assert shown.status_code == 200
    assert "The Cobra &amp; the Eye" in shown.text
    assert "Nofret Šmídová" in shown.text


def test_a_wrong_form_comes_back_as_it_was_with_what_is_wrong(
    client: httpx2.Client, form: dict[str, str]
) -> None:
    before = client.get("/api/books?per_page=1").json()["total"]
    response = client.post("/books/new", data={**form, "isbn": "978", "year": "soon", "title": ' "><b>'})
    assert response.status_code == 422
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.text.count('aria-invalid="true"') == 2
    assert 'id="isbn-problem"' in response.text
    assert 'aria-describedby="year-problem"' in response.text
    assert 'value="soon"' in response.text
    assert 'value=" &quot;&gt;&lt;b&gt;"' in response.text
    assert client.get("/api/books?per_page=1").json()["total"] == before


def test_an_empty_form_names_every_field_that_must_be_filled(client: httpx2.Client) -> None:
    response = client.post("/books/new", data={"language": "xx"})
    assert response.status_code == 422
    assert response.text.count('aria-invalid="true"') == 8


def test_a_form_with_a_known_isbn_says_so(client: httpx2.Client, form: dict[str, str]) -> None:
    assert client.post("/books/new", data=form).status_code == 303
    again = client.post("/books/new", data=form)
    assert again.status_code == 422
    assert "on the shelf already" in again.text


@pytest.mark.parametrize(
    "text", ['"><script>alert(1)</script>', "'; DROP TABLE books; --", '" OR *', "{q}", "&amp;"]
)
def test_what_visitors_type_comes_back_escaped(client: httpx2.Client, text: str) -> None:
    response = client.get("/books", params={"q": text, "subject": text})
    assert response.status_code == 200
    assert f'value="{escape(text)}"' in response.text
    assert "<script" not in response.text
    assert client.get("/api/books?per_page=1").json()["total"] >= SIZE


def test_a_hostile_book_is_shown_as_text(client: httpx2.Client, form: dict[str, str]) -> None:
    nasty = "<img src=x onerror=alert(1)>"
    filled = {**form, "title": nasty, "author": nasty, "description": f"</article>{nasty}", "subjects": nasty}
    shown = client.post("/books/new", data=filled, follow_redirects=True)
    assert shown.status_code == 200
    assert "<img" not in shown.text
    assert "&lt;img src=x onerror=alert(1)&gt;" in shown.text


@pytest.mark.parametrize(
    "query",
    [
        "q=%00",
        "q=%FF%FE",
        "q=%ED%A0%80",
        "page=0",
        "page=-1",
        "page=99999999999999999999",
        "per_page=x",
        "q=" + "x" * 201,
    ],
)
def test_strange_queries_are_the_clients_fault_or_none(client: httpx2.Client, query: str) -> None:
    assert client.get(f"/books?{query}").status_code in {200, 400, 422}


def test_head_is_get_without_the_content(client: httpx2.Client) -> None:
    for path in ("/", "/books/new", "/about", "/api/books/1"):
        head, get = client.head(path), client.get(path)
        assert head.status_code == 200
        assert head.content == b""
        assert head.headers["content-length"] == get.headers["content-length"] == str(len(get.content))


def test_a_method_that_is_not_taken_says_which_are(client: httpx2.Client) -> None:
    response = client.delete("/books/new")
    assert response.status_code == 405
    assert {method.strip() for method in response.headers["allow"].split(",")} >= {"GET", "HEAD", "POST"}


def test_several_requests_share_a_connection(server: Server) -> None:
    with server.connect() as connection:
        connection.sendall(b"GET /about HTTP/1.1\r\nHost: a.example\r\n\r\n" * 3)
        connection.sendall(b"GET /about HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n")
        received = read_all(connection)
    assert received.count(b"HTTP/1.1 200 ") == 4
    assert received.count(b"Bookshelf is") == 4


def test_redirects_name_the_host_that_was_asked(server: Server) -> None:
    with server.connect() as connection:
        connection.sendall(b"GET /books/1 HTTP/1.1\r\nHost: books.example:81\r\nConnection: close\r\n\r\n")
        head = read_all(connection).decode("latin-1").lower()
    assert "location: http://books.example:81/books/1/" in head


def test_the_server_stops_when_told_and_closes_the_shelf(tmp_path: Path) -> None:
    with serving(sqlite(tmp_path), tmp_path) as running, running.client() as client:
        assert client.get("/books").status_code == 200
        assert len(list(tmp_path.glob("*-wal"))) == 1
        with running.connect():  # and says nothing
            started = monotonic()
            running.process.terminate()
            running.process.wait(15)
        assert monotonic() - started < 10
    assert list(tmp_path.glob("*-wal")) == []


# The server behind app.run() raises the signal again when it has stopped; not strict, so that mending it breaks nothing.
def test_a_server_that_was_told_to_stop_reports_success(tmp_path: Path) -> None:
    with serving(sqlite(tmp_path), tmp_path) as running:
        running.process.terminate()
        assert running.process.wait(15) == 0


def test_what_was_added_survives_a_restart(tmp_path: Path, book: dict[str, Any]) -> None:
    url = sqlite(tmp_path)
    with serving(url, tmp_path) as running, running.client() as client:
        address = httpx2.URL(client.post("/api/books", json=book).headers["location"]).path
    with serving(url, tmp_path) as running, running.client() as client:
        assert client.get(address).json()["isbn"] == book["isbn"]


def read_all(connection: socket.socket) -> bytes:
    received = b""
    while piece := connection.recv(65536):
        received += piece
    return received
