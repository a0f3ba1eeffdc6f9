"""The live feed: a page that shows books as they are added, over a WebSocket or as server-sent events."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel

from examples.bookshelf import pages, store
from examples.bookshelf.models import Book
from examples.bookshelf.script import SCRIPT
from wadjet import EventSourceResponse, HTMLResponse, Request, Response, Router, WebSocket
from wadjet.websockets import Channels, MemoryChannels, RedisChannels, Subscription

__all__ = ["Addition", "News", "announce", "live"]

CHANNEL = "bookshelf:added"
#: Who was away for a moment gets the last of them again; the page knows which it has.
HISTORY = 20
YEAR = 365 * 24 * 3600

live = Router()


class Addition(BaseModel):
    """What is told of a new book."""

    id: int
    title: str
    author: str
    language: str
    address: str


class News:
    """Tells of new books: to listeners of this process, or with an address of Redis to those of all processes."""

    def __init__(self, redis_url: str | None = None) -> None:
        self._channels: Channels = (
            RedisChannels(redis_url, history=HISTORY) if redis_url else MemoryChannels(history=HISTORY)
        )

    async def tell(self, addition: Addition) -> None:
        await self._channels.publish(CHANNEL, addition.model_dump_json())

    def listen(self) -> AbstractAsyncContextManager[Subscription]:
        return self._channels.subscribe(CHANNEL, history=HISTORY)

    async def close(self) -> None:
        await self._channels.close()


def announce(request: Request, news: News, book: Book) -> None:
    """Tell of a book when the request has succeeded: not before it is kept, and not if it is not."""
    address = urlsplit(request.url_for("book", id=book.id, slug=book.slug)).path
    about = {name: getattr(book, name) for name in ("id", "title", "author", "language")}
    request.background(news.tell, Addition(**about, address=address))


@live.get("/live", name="live")
async def watch(request: Request, by: Literal["socket", "events"] = "socket") -> HTMLResponse:
    return HTMLResponse(pages.live_page(request.url_for, await store.latest(), by))


@live.websocket("/live/socket", name="live_socket")
async def talk(socket: WebSocket, news: News) -> None:
    async with news.listen() as feed:
        await socket.feed(feed)


@live.get("/live/events", name="live_events")
async def stream(news: News) -> EventSourceResponse:
    async def content() -> AsyncIterator[str]:
        async with news.listen() as feed:
            async for message in feed:
                yield message

    return EventSourceResponse(content())


@live.get("/live.js", name="live_script")
async def script() -> Response[str]:
    headers = {"cache-control": f"public, max-age={YEAR}, immutable"}
    return Response(SCRIPT, headers=headers, media_type="text/javascript; charset=utf-8")
