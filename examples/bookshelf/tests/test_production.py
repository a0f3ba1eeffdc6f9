"""The bookshelf with its production settings: what stands around it holds, and the checks find nothing."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from examples.bookshelf.app import create_app
from examples.bookshelf.production import Production
from examples.bookshelf.tests.conftest import known, serving, sqlite
from wadjet import Wadjet
from wadjet.checks import inspect
from wadjet.errors import ConfigError
from wadjet.testing import TestClient

HOST = "books.example.com"
READER = "https://reader.example.org"
KEY = "Wb1R0s5oQ2yX7uJd9kZtLm4vNc8hEaGpYf3iTqSx6rBo"
#: What the environment says of the place.
HERE: dict[str, Any] = {
    "SECRET_KEY": KEY,
    "ALLOWED_HOSTS": (HOST,),
    "TRUSTED_PROXIES": ("10.0.0.0/8",),
    "CORS_ALLOWED_ORIGINS": (READER,),
}
PAGE = {"accept": "text/html"}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return sqlite(tmp_path_factory.mktemp("production"))


@pytest.fixture(scope="module")
def app(url: str) -> Wadjet:
    return create_app(Production(**HERE, DATABASE_URL=url))


@pytest.fixture(scope="module")
def started(app: Wadjet, url: str) -> Iterator[TestClient]:
    """A librarian's program."""
    headers = {"authorization": f"Bearer {known(url)}"}
    with TestClient(app, base_url=f"https://{HOST}", headers=headers) as client:
        yield client


@pytest.fixture
def client(started: TestClient) -> TestClient:
    started.cookies.clear()
    return started


@pytest.fixture
def form(book: dict[str, Any]) -> dict[str, str]:
    return {**book, "pages": "320", "year": "1999", "subjects": "History, Travel"}


def test_the_checks_find_nothing(app: Wadjet) -> None:
    found = inspect(app, os.environ, deploy=True)
    assert [finding.text for finding in found.findings] == []


def test_several_workers_have_to_share_their_counts_and_what_they_keep(app: Wadjet) -> None:
    found = inspect(app, os.environ, deploy=True, workers=4)
    assert [finding.id for finding in found.findings] == ["rate-limit-memory", "cache-memory"]


def test_it_does_not_start_without_a_key() -> None:
    with pytest.raises(ConfigError, match="there is no SECRET_KEY"):
        create_app(Production(ALLOWED_HOSTS=(HOST,))).seal()


def test_the_environment_says_what_differs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "keys").write_text(f"{KEY}\n{KEY[::-1]}\n")
    monkeypatch.setenv("WADJET_SETTINGS", "examples.bookshelf.production:Production")
    monkeypatch.setenv("WADJET_SECRET_KEY_FILE", str(tmp_path / "keys"))
    monkeypatch.setenv("WADJET_ALLOWED_HOSTS", f"{HOST}, www.{HOST}")
    monkeypatch.setenv("WADJET_DATABASE_URL", sqlite(tmp_path))
    settings = create_app().settings
    assert isinstance(settings, Production)
    hosts, keys = settings.ALLOWED_HOSTS, settings.SECRET_KEY
    assert hosts == (HOST, f"www.{HOST}")
    assert keys == (KEY, KEY[::-1])
    assert sqlite(tmp_path) == settings.DATABASE_URL


@pytest.mark.parametrize(
    ("path", "status"),
    [("/", 200), ("/books/1", 303), ("/api/books/1", 200), ("/nowhere", 404), ("/api/books?page=0", 422)],
)
def test_every_answer_is_careful(client: TestClient, path: str, status: int) -> None:
    answer = client.get(path, headers=PAGE, follow_redirects=False)
    assert answer.status_code == status
    assert answer.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["x-request-id"])
    assert answer.headers["x-ratelimit-limit"] == "600"


def test_only_its_own_hosts_are_served_and_by_https_only(client: TestClient) -> None:
    assert client.get("/", headers={"host": "evil.example.com"}).status_code == 400
    answer = client.get(f"http://{HOST}/books?q=a%20b", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (308, f"https://{HOST}/books?q=a%20b")
    assert "strict-transport-security" not in answer.headers


def test_pages_are_compressed(client: TestClient) -> None:
    answer = client.get("/books", headers={"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert "Accept-Encoding" in answer.headers["vary"]
    assert "<!doctype html>" in answer.text


def test_other_sites_may_read_the_api_and_not_write(client: TestClient) -> None:
    answer = client.get("/api/books", headers={"origin": READER})
    assert answer.headers["access-control-allow-origin"] == READER
    assert "X-Request-ID" in answer.headers["access-control-expose-headers"]
    assert (
        "access-control-allow-origin"
        not in client.get("/api/books", headers={"origin": "https://evil.example"}).headers
    )
    asked = {"origin": READER, "access-control-request-method": "POST"}
    assert client.options("/api/books", headers=asked).status_code == 403


def test_programs_write_without_a_token(client: TestClient, book: dict[str, Any]) -> None:
    assert client.post("/api/books", json=book).status_code == 201


def test_no_other_site_fills_the_form(client: TestClient, form: dict[str, str]) -> None:
    for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}, {}):
        assert client.post("/books/new", data=form, headers=headers).status_code == 403


def test_a_browser_says_where_the_form_comes_from(client: TestClient, form: dict[str, str]) -> None:
    answer = client.post(
        "/books/new", data=form, headers={"sec-fetch-site": "same-origin"}, follow_redirects=False
    )
    assert answer.status_code == 303


def test_an_old_browser_sends_the_token_of_the_form(client: TestClient, form: dict[str, str]) -> None:
    page = client.get("/books/new")
    assert "secure" in page.headers["set-cookie"].lower()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert token is not None
    data = {**form, "csrfmiddlewaretoken": token[1]}
    assert client.post("/books/new", data=data, follow_redirects=False).status_code == 303
    wrong = client.post("/books/new", data={**data, "title": ""})
    assert (wrong.status_code, "csrfmiddlewaretoken" in wrong.text) == (422, True)


def test_who_asks_too_often_waits(tmp_path: Path) -> None:
    known(sqlite(tmp_path))
    app = create_app(Production(**HERE, DATABASE_URL=sqlite(tmp_path), RATE_LIMIT_REQUESTS=2))
    with TestClient(app, base_url=f"https://{HOST}") as client:
        answers = [client.get("/about", headers={"origin": READER}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    refused = answers[-1].headers
    assert int(refused["retry-after"]) > 0
    assert refused["access-control-allow-origin"] == READER
    assert refused["x-content-type-options"] == "nosniff"
    assert refused["x-request-id"]


def test_behind_a_proxy_that_ends_tls_it_is_served(tmp_path: Path) -> None:
    place = {
        "WADJET_SETTINGS": "examples.bookshelf.production:Production",
        "WADJET_SECRET_KEY": KEY,
        "WADJET_ALLOWED_HOSTS": HOST,
        "WADJET_TRUSTED_PROXIES": "127.0.0.1",
    }
    with serving(sqlite(tmp_path), tmp_path, place) as server, server.client(headers={"host": HOST}) as proxy:
        plain = proxy.get("/about")
        assert (plain.status_code, plain.headers["location"]) == (308, f"https://{HOST}/about")
        secure = proxy.get("/about", headers={"x-forwarded-proto": "https", "x-forwarded-for": "203.0.113.9"})
        assert secure.status_code == 200
        assert "strict-transport-security" in secure.headers
