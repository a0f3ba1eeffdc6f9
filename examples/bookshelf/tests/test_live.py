"""The live feed: over a real socket, as a stream of bytes, and between processes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from examples.bookshelf.live import HISTORY, Addition, News
from examples.bookshelf.tests.conftest import Server
from tests.redisserver import RedisServer

FIRST = Addition(id=1, title="One", author="Ann", language="en", address="/books/1/one")


def feed_of(server: Server, origin: str | None = None) -> ClientConnection:
    address = f"ws://127.0.0.1:{server.port}/live/socket"
    return connect(address, proxy=None, origin=None if origin is None else Origin(origin))


def told(text: str | bytes, book: dict[str, Any]) -> bool:
    """Tell whether a message is of a book; if so, it has all that a page needs."""
    message = json.loads(text)
    if message["address"] != f"/books/{message['id']}/the-cobra-the-eye" or message["id"] != book["id"]:
        return False
    assert message == {
        "id": book["id"],
        "title": book["title"],
        "author": book["author"],
        "language": "en",
        "address": f"/books/{book['id']}/the-cobra-the-eye",
    }
    return True


def test_a_socket_hears_of_books_from_the_api_and_from_the_form(
    server: Server, client: httpx2.Client, book: dict[str, Any]
) -> None:
    with feed_of(server) as feed:
        added = client.post("/api/books", json=book).json()
        while not told(feed.recv(timeout=30), added):
            """What was added before comes first."""
        refused = client.post("/api/books", json=book)
        assert refused.status_code == 409
        form = {**book, "isbn": "9780306406157", "subjects": "Art", "title": "By hand"}
        assert client.post("/books/new", data=form).status_code == 303
        assert json.loads(feed.recv(timeout=30))["title"] == "By hand"  # and nothing of what was refused


def test_a_socket_of_another_site_is_refused(server: Server) -> None:
    with pytest.raises(InvalidStatus) as caught, feed_of(server, origin="https://evil.example"):
        """It does not come so far."""
    assert caught.value.response.status_code == 403


def test_an_event_stream_hears_of_books(server: Server, client: httpx2.Client, book: dict[str, Any]) -> None:
    with client.stream("GET", "/live/events") as response:
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert response.headers["cache-control"] == "no-store"
        with server.client() as writer:
            added = writer.post("/api/books", json=book).json()
        lines = (line.removeprefix("data: ") for line in response.iter_lines() if line.startswith("data: "))
        assert any(told(line, added) for line in lines)


def test_who_comes_late_hears_the_last_ones_and_who_listens_twice_hears_twice(
    server: Server, client: httpx2.Client, book: dict[str, Any]
) -> None:
    added = client.post("/api/books", json=book).json()
    for _ in range(2):
        with feed_of(server) as feed:
            assert any(told(feed.recv(timeout=30), added) for _ in range(HISTORY))


def test_the_page_shows_the_last_books_and_says_where_to_listen(client: httpx2.Client) -> None:
    page = client.get("/live").text
    assert page.count('<li id="book-') == 12
    assert 'data-by="socket" data-socket="/live/socket" data-events="/live/events"' in page
    assert 'data-by="events"' in client.get("/live?by=events").text
    assert client.get("/live?by=pigeon").status_code == 422
    script = client.get("/live.js")
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    assert "immutable" in script.headers["cache-control"]


def test_processes_tell_each_other_through_redis(needs: Callable[[str], str], tmp_path: Path) -> None:
    async def work(url: str) -> None:
        here, there = News(url), News(url)
        async with here.listen() as feed:
            await there.tell(FIRST)
            assert Addition.model_validate_json(await anext(aiter(feed))) == FIRST
        await here.close()
        await there.close()

    with RedisServer(needs("redis-server"), tmp_path) as redis:
        asyncio.run(work(redis.url))
