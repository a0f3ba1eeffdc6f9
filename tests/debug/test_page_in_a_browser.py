"""The development page in Chromium: under its policy and a stricter one, with scripts and without; what was sent stays text."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, Response, Route

from tests.debug.crashsite import EVIL
from tests.running import free_port, running


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-m", "tests.debug.crashsite", str(port)]
    with running(command, tmp_path_factory.mktemp("debug")) as site:
        site.fetch(port, "/nowhere")
        yield f"http://localhost:{port}/crash/{quote(EVIL, safe='')}?{quote(EVIL)}={quote(EVIL)}"


@pytest.fixture
def opened(browser: Browser, address: str) -> Iterator[Callable[..., tuple[Page, list[str]]]]:
    """Open the page of a crash, and give it with what the browser complains of."""
    contexts = []

    def open_page(*, also: str = "", **options: Any) -> tuple[Page, list[str]]:
        context = browser.new_context(extra_http_headers={"x-evil": EVIL}, **options)
        contexts.append(context)
        page, complaints = context.new_page(), []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        if also:
            page.route("**/*", lambda route: with_policy(route, also))
        answer = page.goto(address)
        assert isinstance(answer, Response)
        assert answer.status == 500
        return page, [text for text in complaints if "status of 500" not in text]

    yield open_page
    for context in contexts:
        context.close()


def with_policy(route: Route, policy: str) -> None:
    """Answer as the site does, with one more policy in front of its own, as a proxy would."""
    answer = route.fetch()
    own = answer.headers["content-security-policy"]
    route.fulfill(response=answer, headers={**answer.headers, "content-security-policy": f"{policy}, {own}"})


def test_the_page_keeps_to_its_policy_and_what_was_sent_stays_text(
    opened: Callable[..., tuple[Page, list[str]]],
) -> None:
    page, complaints = opened()
    assert complaints == []
    assert page.locator("h1").inner_text().endswith(EVIL)
    assert page.locator("pre.said").first.inner_text() == EVIL
    page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")
    for section in ("Request", "Query", "Header fields"):
        part = page.locator("details", has=page.get_by_text(section, exact=True)).last
        assert EVIL in part.inner_text()
    assert EVIL in page.locator("details.own table").first.inner_text()
    assert page.locator("img, iframe, object, body script ~ *").count() == 0
    assert page.locator("script").count() == 1
    assert page.title() != "run"
    assert page.evaluate("getComputedStyle(document.body).maxWidth") == "1152px"


@pytest.mark.parametrize(("title", "name"), [("Copy as curl", "curl"), ("Copy as test", "test")])
def test_a_click_copies(opened: Callable[..., tuple[Page, list[str]]], title: str, name: str) -> None:
    page, _ = opened(permissions=["clipboard-read", "clipboard-write"])
    page.get_by_text(title, exact=True).click()
    button = page.locator(f"button[data-copy={name}]")
    button.click()
    page.get_by_text("Copied", exact=True).wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == page.locator(f"#{name}").text_content()


def test_where_nothing_may_be_copied_a_click_selects(opened: Callable[..., tuple[Page, list[str]]]) -> None:
    page, _ = opened()
    page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    page.get_by_text("Copy as curl", exact=True).click()
    page.locator("button[data-copy=curl]").click()
    assert page.evaluate("String(getSelection())").startswith("curl --globoff")


@pytest.mark.parametrize(
    "options",
    [{"also": "default-src 'none'"}, {"java_script_enabled": False}],
    ids=["where another policy allows nothing", "where scripts do not run"],
)
def test_the_page_can_be_read(opened: Callable[..., tuple[Page, list[str]]], options: dict[str, Any]) -> None:
    page, _ = opened(**options)
    assert page.locator("details.own").first.get_attribute("open") is not None
    assert "raise type(EVIL" in page.locator("pre.source mark").first.inner_text()
    page.get_by_text("Settings", exact=True).click()
    assert page.get_by_text("ALLOWED_HOSTS", exact=True).is_visible()
    page.get_by_text("Copy as test", exact=True).click()
    assert page.locator("#test").is_visible()
    assert not page.locator("button[data-copy=test]").is_visible()
