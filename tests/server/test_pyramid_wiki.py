"""The wiki of Pyramid's tutorial below a path of ours, as a browser uses it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.server.http1.serving import run, serving
from tests.server.wiki import Wiki, main
from wadjet import Wadjet
from wadjet.server.wsgi import WSGI
from wadjet.testing import TestClient

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore:pkg_resources:UserWarning")

#: Its cookies name their domain, which clients take from no host without a dot.
HOST = "http://wiki.example.com"
HERE = f"{HOST}/legacy"
THEME = "body { color: black }\n" * 5000


@pytest.fixture(scope="module")
def static(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wiki") / "static"
    folder.mkdir()
    (folder / "theme.css").write_text(THEME)
    (folder.parent / "secret.txt").write_text("secret")
    return folder


@pytest.fixture
def wiki() -> Wiki:
    return Wiki()


@pytest.fixture
def app(wiki: Wiki, static: Path) -> Wadjet:
    app = Wadjet()
    app.mount("/legacy", WSGI(main(wiki, static)))
    app.get("/new")(lambda: "new")
    return app


@pytest.fixture
def client(app: Wadjet) -> Iterator[TestClient]:
    with TestClient(app, base_url=HOST, follow_redirects=False, raise_server_exceptions=False) as started:
        yield started


def token_of(page: Any) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found is not None, page.text
    return found[1]


def log_in(client: TestClient, name: str = "editor", after: str = f"{HERE}/") -> Any:
    token = token_of(client.get("/legacy/login"))
    form = {"login": name, "password": name, "next": after, "csrf_token": token}
    return client.post("/legacy/login", data=form)


def test_its_front_page_is_below_the_mount_and_so_are_its_links(client: TestClient) -> None:
    sent = client.get("/legacy/")
    assert (sent.status_code, sent.headers["location"]) == (303, f"{HERE}/FrontPage")
    page = client.get(sent.headers["location"])
    assert page.headers["content-type"] == "text/html; charset=UTF-8"
    assert (
        f'<a href="{HERE}/FrontPage">FrontPage</a>, see <a href="{HERE}/add_page/OtherPage">OtherPage</a>'
        in page.text
    )
    assert f'<a href="{HERE}/FrontPage/edit_page">Edit this page</a>' in page.text
    assert f'href="{HERE}/static/theme.css"' in page.text


def test_predicates_choose_another_renderer(client: TestClient) -> None:
    answer = client.get("/legacy/FrontPage?as=json")
    assert answer.json() == {"name": "FrontPage", "data": "Welcome to the FrontPage, see OtherPage."}
    assert answer.headers["content-type"] == "application/json"


def test_who_may_not_is_sent_to_the_login_and_back(client: TestClient, wiki: Wiki) -> None:
    sent = client.get("/legacy/FrontPage/edit_page")
    assert (sent.status_code, sent.headers["location"]) == (
        303,
        f"{HERE}/login?next=http%3A%2F%2Fwiki.example.com%2Flegacy%2FFrontPage%2Fedit_page",
    )
    page = client.get(sent.headers["location"])
    assert f'name="next" value="{HERE}/FrontPage/edit_page"' in page.text
    entered = log_in(client, after=f"{HERE}/FrontPage/edit_page")
    assert (entered.status_code, entered.headers["location"]) == (303, f"{HERE}/FrontPage/edit_page")
    assert len(entered.headers.get_list("set-cookie")) >= 2  # remember() has several
    form = client.get("/legacy/FrontPage/edit_page")
    assert "<p>editor" in form.text
    saved = client.post(
        "/legacy/FrontPage/edit_page", data={"body": "Ünïcode & <b>", "csrf_token": token_of(form)}
    )
    assert (saved.status_code, saved.headers["location"]) == (303, f"{HERE}/FrontPage")
    assert wiki.pages["FrontPage"] == "Ünïcode & <b>"
    assert "Ünïcode &amp; &lt;b&gt;" in client.get("/legacy/FrontPage").text


def test_its_session_shows_a_message_once(client: TestClient) -> None:
    log_in(client)
    form = client.get("/legacy/add_page/NewPage")
    client.post("/legacy/add_page/NewPage", data={"body": "text", "csrf_token": token_of(form)})
    shown = [client.get("/legacy/NewPage").text.count("NewPage is saved") for _ in range(2)]
    assert shown == [1, 0]


def test_a_wrong_password_a_forged_form_and_a_stranger_are_refused(client: TestClient, wiki: Wiki) -> None:
    token = token_of(client.get("/legacy/login"))
    wrong = client.post("/legacy/login", data={"login": "editor", "password": "x", "csrf_token": token})
    assert (wrong.status_code, "Failed login" in wrong.text) == (400, True)
    assert client.post("/legacy/login", data={"login": "editor", "password": "editor"}).status_code == 400
    log_in(client, "basic")
    stranger = client.get("/legacy/FrontPage/edit_page")
    assert (stranger.status_code, stranger.text) == (403, "not yours")
    assert wiki == Wiki()


def test_a_logout_forgets(client: TestClient) -> None:
    log_in(client)
    assert client.get("/legacy/FrontPage/edit_page").status_code == 200
    assert client.get("/legacy/logout").headers["location"] == f"{HERE}/"
    assert client.get("/legacy/FrontPage/edit_page").status_code == 303


def test_its_static_files_are_served_with_conditions_and_nothing_beside_them(client: TestClient) -> None:
    whole = client.get("/legacy/static/theme.css")
    assert (whole.status_code, whole.text) == (200, THEME)
    assert "max-age=3600" in whole.headers["cache-control"]
    again = client.get(
        "/legacy/static/theme.css", headers={"if-modified-since": whole.headers["last-modified"]}
    )
    assert (again.status_code, again.content) == (304, b"")
    for path in (
        "/legacy/static/../secret.txt",
        "/legacy/static/%2e%2e/secret.txt",
        "/legacy/static/..%2fsecret.txt",
    ):
        assert "secret" not in client.get(path).text.replace("secret.txt", "")
    head = client.head("/legacy/static/theme.css")
    assert (head.headers["content-length"], head.content) == (str(len(THEME)), b"")
    assert client.get("/legacy/download").text == THEME


def test_its_404_is_its_own_with_the_way_home_and_ours_is_ours(client: TestClient) -> None:
    for path in ("/legacy/NoSuchPage", "/legacy/a/b/c"):
        missing = client.get(path)
        assert missing.status_code == 404
        assert f"Nothing at {path};" in missing.text
        assert f'<a href="{HERE}">home</a>' in missing.text
    assert "Nothing at" not in client.get("/elsewhere").text
    assert client.get("/new").text == "new"


def test_an_error_that_it_knows_is_its_own_and_another_is_ours(
    client: TestClient, wiki: Wiki, caplog: pytest.LogCaptureFixture
) -> None:
    wiki.pages["FrontPage"] = "broken"
    known = client.get("/legacy/FrontPage")
    assert (known.status_code, known.text) == (500, "FrontPage is broken")
    unknown = client.get("/legacy/crash")
    assert unknown.status_code == 500
    assert "secret" not in unknown.text
    assert unknown.json()["title"] == "Internal Server Error"
    (record,) = [record for record in caplog.records if record.name == "wadjet.error"]
    assert record.exc_info is not None
    assert isinstance(record.exc_info[1], ZeroDivisionError)
    assert client.get("/new").text == "new"


def test_files_reach_it_and_streams_leave_it(client: TestClient) -> None:
    sent = client.post("/legacy/upload", files={"file": ("ä.txt", b"x" * 100_000)}, data={"note": "größer"})
    assert sent.json() == {"name": "ä.txt", "bytes": 100_000, "note": "größer"}
    assert client.get("/legacy/stream").text.split() == [str(number) for number in range(1000)]


def test_pages_have_names_of_any_script(client: TestClient, wiki: Wiki) -> None:
    wiki.pages["Käse"] = "cheese"
    page = client.get("/legacy/K%C3%A4se")
    assert page.status_code == 200
    assert f'href="{HERE}/K%C3%A4se/edit_page"' in page.text


def test_through_a_socket_its_links_are_of_the_host_that_was_asked(app: Wadjet) -> None:
    async def work() -> None:
        async with serving(app) as served:
            asked = b"GET /legacy/ HTTP/1.1\r\nHost: wiki.example:81\r\nConnection: close\r\n\r\n"
            (reply,) = await served.ask(asked)
            assert reply.status == 303
            assert reply.field("location") == "http://wiki.example:81/legacy/FrontPage"

    run(work())
