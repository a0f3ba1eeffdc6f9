"""CORS in Chromium: scripts of two origins, of which one may read what a third one answers."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Page

from tests.running import free_port, running

#: Asks, and gives what the script can see; None where the browser keeps the answer from it.
ASK = """async ([url, options]) => {
    let answer;
    try { answer = await fetch(url, options); } catch { return null; }
    return {
        status: answer.status,
        id: answer.headers.get("x-request-id"),
        hidden: answer.headers.get("x-hidden"),
        body: await answer.json(),
    };
}"""


class Sites(NamedTuple):
    """Addresses: of the API, of pages that may read it, and of the same pages by another name."""

    api: str
    mine: str
    other: str


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sites]:
    folder = tmp_path_factory.mktemp("cors")
    pages, api = free_port(), free_port()
    mine = f"http://localhost:{pages}"
    with ExitStack() as stack:
        for port, environ in ((pages, {}), (api, {"CORS_PAGES": mine})):
            command = [sys.executable, "-m", "tests.middleware.corssite", str(port)]
            stack.enter_context(running(command, folder, environ)).fetch(port, "/nowhere")
        yield Sites(f"http://localhost:{api}", mine, f"http://127.0.0.1:{pages}")


def ask(page: Page, url: str, **options: Any) -> Any:
    return page.evaluate(ASK, [url, options])


def test_a_script_of_an_allowed_origin_reads_the_answer_and_what_is_exposed(page: Page, sites: Sites) -> None:
    page.goto(sites.mine)
    answer = ask(page, f"{sites.api}/data")
    assert (answer["status"], answer["body"]["method"]) == (200, "GET")
    assert (len(answer["id"]), answer["hidden"]) == (32, None)


def test_a_script_of_another_origin_reads_nothing(page: Page, sites: Sites) -> None:
    page.goto(sites.other)
    assert ask(page, f"{sites.api}/data") is None
    assert ask(page, f"{sites.api}/crash") is None
    page.goto(f"{sites.api}/data")  # where there is no other origin
    page.evaluate("document.body.innerHTML = '<iframe sandbox=\"allow-scripts\"></iframe>'")
    frame = page.frames[-1]
    assert frame.evaluate(ASK, [f"{sites.api}/data", {}]) is None  # whose origin is null


@pytest.mark.parametrize(
    ("options", "is_let"),
    [
        ({"method": "PUT"}, True),
        (
            {"method": "PUT", "headers": {"x-asked": "1", "content-type": "application/json"}, "body": "{}"},
            True,
        ),
        ({"headers": {"x-asked": "1"}}, True),
        ({"headers": {"x-other": "1"}}, False),
        ({"method": "DELETE"}, False),
    ],
)
def test_a_preflight_decides_what_else_is_asked(
    page: Page, sites: Sites, options: dict[str, Any], is_let: bool
) -> None:
    page.goto(sites.mine)
    before = ask(page, f"{sites.api}/asked")["body"]
    answer = ask(page, f"{sites.api}/data", **options)
    after = ask(page, f"{sites.api}/asked")["body"]
    assert (answer is not None) is is_let
    assert len(after) - len(before) == is_let  # what is not let does not even come
    page.goto(sites.other)
    assert ask(page, f"{sites.api}/data", **options) is None


def test_cookies_are_sent_and_the_answer_read_where_both_sides_want_it(page: Page, sites: Sites) -> None:
    page.goto(f"{sites.api}/login")
    page.goto(sites.mine)
    assert ask(page, f"{sites.api}/data", credentials="include")["body"]["cookie"] == "alice"
    assert ask(page, f"{sites.api}/data", credentials="omit")["body"]["cookie"] is None
    page.goto(sites.other)
    assert ask(page, f"{sites.api}/data", credentials="include") is None


def test_a_crash_and_a_404_can_be_read(page: Page, sites: Sites) -> None:
    page.goto(sites.mine)
    for path, status in (("crash", 500), ("nowhere", 404)):
        answer = ask(page, f"{sites.api}/{path}")
        assert (answer["status"], answer["body"]["status"]) == (status, status)
        assert len(answer["id"]) == 32
