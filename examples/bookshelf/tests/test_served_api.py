"""The API as a program meets it: a real process, real sockets, on SQLite and on PostgreSQL."""

from __future__ import annotations

import csv
import io
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from typing import Any

import httpx2
import pytest

from examples.bookshelf.catalogue import SIZE
from examples.bookshelf.tests.conftest import Server

pytestmark = pytest.mark.parametrize("server", ["sqlite", "postgres"], indirect=True, scope="session")

PROBLEM = "application/problem+json"


def test_a_list_has_links_to_its_neighbours(client: httpx2.Client) -> None:
    first = client.get("/api/books", params={"q": "river", "year_from": 1950, "per_page": 7}).json()
    assert first["page"] == 1
    assert first["prev"] is None
    assert len(first["items"]) == 7
    second = client.get(first["next"]).json()
    assert second["page"] == 2
    assert client.get(second["prev"]).json() == first
    assert not {book["id"] for book in first["items"]} & {book["id"] for book in second["items"]}


def test_the_links_lead_to_the_end(client: httpx2.Client) -> None:
    page = client.get("/api/books", params={"subject": "Law", "per_page": 200}).json()
    found = list(page["items"])
    while page["next"]:
        page = client.get(page["next"]).json()
        found += page["items"]
    assert len({book["id"] for book in found}) == page["total"]
    assert all("Law" in book["subjects"] for book in found)


def test_years_bound_the_list(client: httpx2.Client) -> None:
    items = client.get("/api/books?year_from=1960&year_to=1961&per_page=200").json()["items"]
    assert {book["year"] for book in items} == {1960, 1961}


def test_subjects_are_counted(client: httpx2.Client) -> None:
    subjects = client.get("/api/subjects").json()
    assert [found["books"] for found in subjects] == sorted(
        (found["books"] for found in subjects), reverse=True
    )
    total = client.get("/api/books", params={"subject": subjects[0]["subject"]}).json()["total"]
    assert total == subjects[0]["books"]


def test_a_book_lives_from_post_to_delete(client: httpx2.Client, book: dict[str, Any]) -> None:
    created = client.post("/api/books", json=book)
    assert created.status_code == 201
    assert created.headers["etag"] == '"1"'
    address = created.headers["location"]
    assert client.get(address).json() == created.json() == {**book, "id": created.json()["id"], "version": 1}

    replaced = client.put(address, json={**book, "title": "Other"}).json()
    assert (replaced["title"], replaced["version"]) == ("Other", 2)
    patched = client.patch(address, json={"price": "3.10", "subjects": ["Art"]})
    assert patched.json() == {**replaced, "price": "3.10", "subjects": ["Art"], "version": 3}
    assert patched.headers["etag"] == '"3"'

    removed = client.delete(address)
    assert (removed.status_code, removed.content) == (204, b"")
    assert client.get(address).status_code == client.delete(address).status_code == 404


def test_an_empty_patch_is_taken(client: httpx2.Client, book: dict[str, Any]) -> None:
    address = client.post("/api/books", json=book).headers["location"]
    assert client.patch(address, json={}).status_code == 200


@pytest.mark.parametrize(
    ("if_match", "status"),
    [
        ('"1"', 412),
        ('"2"', 200),
        ('"7", "2"', 200),
        ("*", 200),
        ('W/"2"', 412),
        ("2", 412),
        ('"x"', 412),
        ('"99999999999999999999999"', 412),
    ],
)
def test_a_change_may_name_the_version_it_is_for(
    client: httpx2.Client, book: dict[str, Any], if_match: str, status: int
) -> None:
    address = client.post("/api/books", json=book).headers["location"]
    client.patch(address, json={"year": 2000})
    response = client.patch(address, json={"year": 2001}, headers={"if-match": if_match})
    assert response.status_code == status
    assert client.get(address).json()["year"] == (2001 if status == 200 else 2000)


def test_of_two_writers_with_the_same_version_one_wins(server: Server, book: dict[str, Any]) -> None:
    with server.client() as client:
        address = client.post("/api/books", json=book).headers["location"]

    def write(turn: int) -> int:
        with server.client() as client:
            headers = {"if-match": '"1"'}
            return client.patch(address, json={"pages": turn + 1}, headers=headers).status_code

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(write, range(8))) == [200] + [412] * 7


def test_a_second_book_with_the_isbn_is_a_conflict(client: httpx2.Client, book: dict[str, Any]) -> None:
    assert client.post("/api/books", json=book).status_code == 201
    response = client.post("/api/books", json=book)
    assert response.status_code == 409
    assert response.headers["content-type"] == PROBLEM
    assert book["isbn"] in response.json()["detail"]


def test_problems_point_at_what_is_wrong(client: httpx2.Client, book: dict[str, Any]) -> None:
    wrong = {**book, "isbn": "9780000000000", "year": "soon", "price": "NaN", "subjects": ["Art", ""]}
    response = client.post("/api/books", json=wrong)
    assert response.status_code == 422
    assert response.headers["content-type"] == PROBLEM
    found = {problem["pointer"] for problem in response.json()["errors"]}
    assert found == {"/isbn", "/year", "/price", "/subjects/1"}
    assert {problem["in"] for problem in response.json()["errors"]} == {"body"}


def test_problems_of_a_query_name_the_parameter(client: httpx2.Client) -> None:
    response = client.get("/api/books?page=0&year_from=x")
    assert response.status_code == 422
    found = {(problem["in"], problem["pointer"]) for problem in response.json()["errors"]}
    assert found == {("query", "/page"), ("query", "/year_from")}


@pytest.mark.parametrize(
    "changes", [{"title": None}, {"title": ""}, {"nonsense": 1}, {"pages": 0}, {"language": "xx"}]
)
def test_a_patch_is_checked_too(client: httpx2.Client, book: dict[str, Any], changes: dict[str, Any]) -> None:
    created = client.post("/api/books", json=book)
    assert client.patch(created.headers["location"], json=changes).status_code == 422
    assert client.get(created.headers["location"]).json() == created.json()


@pytest.mark.parametrize(
    ("content", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"", "application/json", 400),
        (b'{"title": "\\ud800"}', "application/json", 400),
        (b"[]", "application/json", 422),
        (b"null", "application/json", 422),
        (b"<book/>", "application/xml", 415),
        (b"[" * 100_000, "application/json", 400),
        (b'"' + b"x" * (11 * 1024 * 1024) + b'"', "application/json", 413),
    ],
    ids=["broken", "empty", "surrogate", "list", "null", "xml", "deep", "large"],
)
def test_what_is_no_book_is_refused(
    client: httpx2.Client, content: bytes, content_type: str, status: int
) -> None:
    response = client.post("/api/books", content=content, headers={"content-type": content_type})
    assert response.status_code == status
    assert response.headers["content-type"] == PROBLEM


@pytest.mark.parametrize(
    "path", ["/api/books/0", "/api/books/999999", f"/api/books/{10**30}", "/api/nothing"]
)
def test_what_is_missing_is_a_problem_document(client: httpx2.Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 404
    assert response.headers["content-type"] == PROBLEM
    assert response.json()["status"] == 404


def test_a_method_that_is_not_taken_says_which_are(client: httpx2.Client) -> None:
    response = client.post("/api/subjects")
    assert response.status_code == 405
    assert response.headers["content-type"] == PROBLEM
    assert {method.strip() for method in response.headers["allow"].split(",")} >= {"GET", "HEAD"}
    allowed = client.options("/api/books/1").headers["allow"]
    assert {method.strip() for method in allowed.split(",")} >= {"GET", "HEAD", "PUT", "PATCH", "DELETE"}


def test_the_export_has_every_book(client: httpx2.Client, book: dict[str, Any]) -> None:
    client.post("/api/books", json={**book, "title": "=1+1", "description": 'two\nlines, "quoted"'})
    response = client.get("/api/books.csv")
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.headers["content-disposition"] == 'attachment; filename="books.csv"'
    rows = list(csv.DictReader(io.StringIO(response.text, newline="")))
    assert len(rows) == client.get("/api/books?per_page=1").json()["total"] >= SIZE
    mine = next(row for row in rows if row["isbn"] == book["isbn"])
    assert mine["title"] == "'=1+1"  # a spreadsheet must not compute it
    assert mine["description"] == 'two\nlines, "quoted"'
    assert (mine["price"], mine["subjects"]) == ("12.50", "History; Travel")


def test_the_export_can_be_filtered(client: httpx2.Client) -> None:
    text = client.get("/api/books.csv", params={"subject": "Law", "year_to": 1980}).text
    rows = list(csv.DictReader(io.StringIO(text)))
    expected = client.get("/api/books", params={"subject": "Law", "year_to": 1980}).json()["total"]
    assert len(rows) == expected
    assert all("Law" in row["subjects"] and int(row["year"]) <= 1980 for row in rows)


def test_the_export_begins_to_arrive_before_it_is_whole(server: Server) -> None:
    with server.connect() as connection:
        connection.sendall(b"GET /api/books.csv HTTP/1.1\r\nHost: a.example\r\n\r\n")
        received = connection.recv(4096)
        while b"\r\n\r\n" not in received or b"id,isbn," not in received:
            received += connection.recv(4096)
        first = perf_counter()
        assert b"transfer-encoding: chunked" in received.lower()
        assert not received.endswith(b"\r\n0\r\n\r\n")
        assert len(received) < 200_000
        pieces = 1
        while not received.endswith(b"\r\n0\r\n\r\n"):
            received += connection.recv(65536)
            pieces += 1
        last = perf_counter()
    assert last > first
    assert pieces > 5
    assert len(received) > 1_000_000


def test_whoever_leaves_during_the_export_disturbs_nobody(server: Server) -> None:
    for _ in range(40):
        with server.connect() as connection:
            connection.sendall(b"GET /api/books.csv HTTP/1.1\r\nHost: a.example\r\n\r\n")
            assert connection.recv(64)
    with server.client() as client:
        assert client.get("/api/books/1").status_code == 200
        assert len(client.get("/api/books.csv").content) > 1_000_000


def test_many_clients_are_served_at_once(server: Server) -> None:
    def fetch(turn: int) -> int:
        with server.client() as client:
            return client.get(f"/api/books?page={turn + 1}&q=the").status_code

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(fetch, range(64))) == {200}
