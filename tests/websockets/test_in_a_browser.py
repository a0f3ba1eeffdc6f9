"""A WebSocket and its refusals in Chromium, from a page of the site and from another one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.running import free_port, running

SITE = """
from wadjet import HTMLResponse, Wadjet, WebSocket

app = Wadjet()


@app.get("/")
async def page():
    return HTMLResponse("<!doctype html><title>site</title>")


@app.websocket("/echo")
async def echo(socket: WebSocket):
    async for message in socket:
        if message == "end":
            await socket.close(4000, "as you wish")
        else:
            await socket.send(message)


app.run(port=PORT)
"""

TALK = """
(url) => new Promise((resolve) => {
  const socket = new WebSocket(url), heard = [];
  socket.onopen = () => { socket.send("é"); socket.send("end"); };
  socket.onmessage = (event) => heard.push(event.data);
  socket.onclose = (event) => resolve([heard, event.code, event.reason]);
})
"""


@pytest.fixture(scope="module")
def ports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, int]]:
    """Give the ports of the site and of another one."""
    with ExitStack() as stack:
        found = []
        for name in ("site", "other"):
            folder: Path = tmp_path_factory.mktemp(name)
            port = free_port()
            (folder / "site_of.py").write_text(SITE.replace("PORT", str(port)))
            server = stack.enter_context(running([sys.executable, "site_of.py"], folder, {}))
            server.fetch(port, "/")
            found.append(port)
        yield found[0], found[1]


def test_a_page_of_the_site_converses_and_one_of_another_site_does_not(
    page: Page, ports: tuple[int, int]
) -> None:
    site, other = ports
    page.goto(f"http://localhost:{site}/")
    assert page.evaluate(TALK, f"ws://localhost:{site}/echo") == [["é"], 4000, "as you wish"]
    page.goto(f"http://localhost:{other}/")
    assert page.evaluate(TALK, f"ws://localhost:{site}/echo") == [[], 1006, ""]
