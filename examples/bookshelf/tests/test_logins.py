"""Logging in, and what a librarian may: with the production settings, as a browser and as a program."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from typing import Any

import pytest

from examples.bookshelf import people
from examples.bookshelf.app import create_app
from examples.bookshelf.catalogue import invent
from examples.bookshelf.people import LIBRARIAN
from examples.bookshelf.production import Production
from examples.bookshelf.settings import Development
from examples.bookshelf.store import prepare
from examples.bookshelf.tests.conftest import FEW, introduced, sqlite
from examples.bookshelf.tests.test_production import HERE, HOST
from wadjet.db import Database
from wadjet.testing import TestClient

BROWSER = {"accept": "text/html", "sec-fetch-site": "same-origin"}


@pytest.fixture(scope="module")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return sqlite(tmp_path_factory.mktemp("logins"))


@pytest.fixture(scope="module")
def tokens(database_url: str) -> dict[str, str]:
    """Of a librarian's and of a reader's program."""

    async def work() -> list[str]:
        async with Database(database_url) as database:
            await prepare(database, invent(FEW))
            return await introduced(("ann", "correct horse", LIBRARIAN), ("bob", "battery staple"))

    return dict(zip(("ann", "bob"), asyncio.run(work()), strict=True))


@pytest.fixture
def client(database_url: str, tokens: dict[str, str]) -> Iterator[TestClient]:
    """Return a browser; each bookshelf counts tries anew."""
    assert tokens
    app = create_app(Production(**HERE, DATABASE_URL=database_url))
    with TestClient(app, base_url=f"https://{HOST}", headers=BROWSER, follow_redirects=False) as started:
        yield started


def log_in(client: TestClient, name: str = "ann", password: str = "correct horse", after: str = "") -> Any:
    return client.post("/login", data={"name": name, "password": password, "next": after})


def test_a_librarian_logs_in_adds_a_book_and_logs_out(client: TestClient, book: dict[str, Any]) -> None:
    sent = client.get("/books/new?x=1")
    assert (sent.status_code, sent.headers["location"]) == (
        303,
        f"https://{HOST}/login?next=/books/new%3Fx%3D1",
    )
    page = client.get(sent.headers["location"])
    after = re.search(r'name="next" value="([^"]+)"', page.text)
    assert after is not None
    entered = log_in(client, after=after[1])
    assert (entered.status_code, entered.headers["location"]) == (303, "/books/new?x=1")
    page = client.get("/books/new")
    assert "You are ann." in page.text
    assert "Cookie" in page.headers["vary"]
    form = {**book, "subjects": "History, Travel"}
    assert client.post("/books/new", data=form).status_code == 303
    assert client.post("/logout").status_code == 303
    assert client.get("/books/new").status_code == 303
    assert client.post("/books/new", data=form).status_code == 401


def test_a_reader_is_known_and_may_not_write(client: TestClient, book: dict[str, Any]) -> None:
    assert log_in(client, "bob", "battery staple").status_code == 303
    assert client.get("/books/new").status_code == 403
    assert client.post("/books/new", data=book).status_code == 403


@pytest.mark.parametrize(
    ("name", "password"), [("ann", "wrong"), ("nobody", "correct horse"), ("", ""), ('ann" or 1=1 --', "x")]
)
def test_a_wrong_login_says_no_more_than_that(client: TestClient, name: str, password: str) -> None:
    answer = log_in(client, name, password)
    assert answer.status_code == 422
    assert "The name or the password is wrong." in answer.text
    assert "sessionid" not in "".join(client.cookies)


@pytest.mark.parametrize(
    "after", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_a_login_leads_to_no_other_site(client: TestClient, after: str) -> None:
    assert log_in(client, after=after).headers["location"] == f"https://{HOST}/"


def test_no_other_site_logs_anybody_in_or_out(client: TestClient) -> None:
    for path in ("/login", "/logout"):
        answer = client.post(path, data={"name": "ann"}, headers={"sec-fetch-site": "cross-site"})
        assert answer.status_code == 403


def test_a_login_gets_a_session_of_its_own_which_scripts_do_not_see(client: TestClient) -> None:
    first = log_in(client).headers.get_list("set-cookie")
    client.cookies.clear()
    second = log_in(client).headers.get_list("set-cookie")
    (one,) = [field for field in first if "sessionid=" in field]
    (other,) = [field for field in second if "sessionid=" in field]
    assert one.partition(";")[0] != other.partition(";")[0]
    assert {"httponly", "secure", "samesite=lax"} <= {part.strip().lower() for part in one.split(";")}


def test_a_program_writes_with_a_librarian_s_token_and_nothing_else(
    client: TestClient, tokens: dict[str, str], book: dict[str, Any]
) -> None:
    def add(**headers: str) -> int:
        status: int = client.post(
            "/api/books", json=book, headers={"sec-fetch-site": "cross-site", **headers}
        ).status_code
        return status

    assert log_in(client).status_code == 303
    assert add() == 401  # a session is not good here, so no other site can use it
    assert add(authorization="Bearer wrong") == 401
    assert add(authorization=f"Bearer {tokens['bob']}") == 403
    assert add(authorization=f"Bearer {tokens['ann']}") == 201
    for method in ("PUT", "PATCH", "DELETE"):
        assert client.request(method, "/api/books/1").status_code == 401


def test_passwords_are_not_guessed_for_long(client: TestClient) -> None:
    answers = [log_in(client, password="wrong").status_code for _ in range(11)]
    assert answers == [422] * 10 + [429]


def test_a_person_is_made_by_a_command(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("examples.bookshelf.app.app", create_app(Development(DATABASE_URL=url)))
    monkeypatch.setattr("getpass.getpass", lambda prompt: "correct horse")
    people.main(["ann", LIBRARIAN])
    assert len(capsys.readouterr().out.strip()) == 43
    with pytest.raises(SystemExit, match="ann is known already"):
        people.main(["ann"])
    with pytest.raises(SystemExit, match="asks for a password"):
        people.main([])
