"""The samples on CSRF in Chromium, with and without what browsers of today say of themselves; and another site."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.running import free_port, running
from tests.samples.csrfsite import SAMPLES, site
from wadjet.testing import TestClient


@contextmanager
def served(folder: Path, environ: Mapping[str, str]) -> Iterator[int]:
    folder.mkdir()
    port = free_port()
    with running([sys.executable, "-m", "tests.samples.csrfsite", str(port)], folder, environ) as server:
        server.fetch(port, "/nowhere")
        yield port


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Give the addresses of the site, of the site as old browsers find it, and of other ones."""
    folder = tmp_path_factory.mktemp("csrf")
    with ExitStack() as stack:
        new = stack.enter_context(served(folder / "new", {}))
        old = stack.enter_context(served(folder / "old", {"SITE_IS_OLD": "1"}))
        found = {"new": f"http://localhost:{new}", "old": f"http://localhost:{old}"}
        for name in ("new", "old"):
            port = stack.enter_context(served(folder / f"evil-{name}", {"SITE_OTHER": found[name]}))
            found[f"evil-{name}"] = f"http://127.0.0.1:{port}"
        yield found


@pytest.mark.parametrize("kind", ["new", "old"])
@pytest.mark.parametrize("path", ["/", "/multipart"])
def test_the_form_is_taken(page: Page, sites: dict[str, str], kind: str, path: str) -> None:
    page.goto(sites[kind] + path)
    with page.expect_navigation() as navigation:
        page.evaluate("document.forms[0].submit()")
    assert navigation.value.status == 200
    assert navigation.value.json() == {"fields": ["csrfmiddlewaretoken"]}


@pytest.mark.parametrize("kind", ["new", "old"])
def test_the_script_is_taken(page: Page, sites: dict[str, str], kind: str) -> None:
    page.goto(sites[kind])
    script = (SAMPLES / "06_csrf_fetch.js").read_text()
    with page.expect_response("**/api/data") as response:
        page.evaluate(f"() => {{ {script} }}")
    assert (response.value.status, response.value.json()) == (200, {"got": {"key": "value"}})


@pytest.mark.parametrize("kind", ["new", "old"])
def test_another_site_s_form_is_refused(page: Page, sites: dict[str, str], kind: str) -> None:
    page.goto(sites[kind])  # so that the client has a cookie
    page.goto(sites[f"evil-{kind}"])
    with page.expect_navigation() as navigation:
        page.evaluate("document.forms[0].submit()")
    assert navigation.value.status == 403


def test_another_port_of_the_same_host_is_another_origin(page: Page, sites: dict[str, str]) -> None:
    page.goto(sites["evil-new"].replace("127.0.0.1", "localhost"))
    with page.expect_navigation() as navigation:
        page.evaluate("document.forms[0].submit()")
    assert navigation.value.status == 403


def test_the_samples_as_bytes() -> None:
    """What an old browser sends for ``05_csrf_form.html`` and ``06_csrf_fetch.js``, byte by byte."""
    client = TestClient(site(is_old=False))
    html = client.get("/").text
    cookie = client.cookies["csrftoken"]
    token = re.search(r'value="([^"]+)"', html)
    assert token is not None
    assert client.post("/submit", data={"csrfmiddlewaretoken": token[1]}).status_code == 200
    assert client.post("/submit", data={"csrfmiddlewaretoken": "x"}).status_code == 403
    sent = client.post(
        "/api/data",
        content=b'{"key":"value"}',
        headers={"x-csrftoken": cookie, "content-type": "application/json"},
    )
    assert sent.json() == {"got": {"key": "value"}}
