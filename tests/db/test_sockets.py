"""WebSockets with a real database: each message is a unit of work of its own, through a real socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.db.site import Article, Base, using
from tests.server.http1.serving import PATIENCE_SECONDS, Served, serving
from wadjet import Error, Wadjet, WebSocket
from wadjet.db import (
    Database,
    DoesNotExist,
    ForeignKey,
    IntegrityError,
    Mapped,
    create_all,
    mapped_column,
    transaction,
)
from wadjet.middleware import DatabaseMiddleware


class Note(Base):
    """Refers to an article, which the database does not check before the commit."""

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id", deferrable=True, initially="DEFERRED"))


async def obey(word: str) -> object:
    """Do with the database what a message says."""
    kind, _, title = word.partition(" ")
    if kind == "count":
        return await Article.objects.count()
    if kind == "nothing":
        return "nothing"
    await Article.objects.create(title=title)
    if kind == "crash":
        raise ZeroDivisionError
    if kind == "refuse":
        raise Error(400)
    if kind == "dangle":
        await Note.objects.create(article_id=99)
    if kind == "catch":
        try:
            await Article.objects.create(id=1, title="again")
            await Article.objects.create(id=1, title="again")
        except IntegrityError:
            pass
    if kind == "part":
        try:
            async with transaction():
                await Article.objects.create(title="a part")
                raise DoesNotExist
        except DoesNotExist:
            pass
    return title


def site(database: Database) -> Wadjet:
    """Return an application that does what messages say, and tells what the pool has meanwhile."""
    app = Wadjet(middleware=[(DatabaseMiddleware, {"database": database})])

    @app.websocket("/")
    async def listen(socket: WebSocket) -> None:
        async for word in socket.iter_text():
            found = await obey(word)
            await socket.send(f"{found} {database.pool.in_use}")

    @app.websocket("/greets")
    async def greets(socket: WebSocket) -> None:
        await Article.objects.create(title="greeting")
        await socket.send(f"hello {database.pool.in_use}")
        await socket.receive()

    return app


@asynccontextmanager
async def talking(served: Served, path: str = "/") -> AsyncIterator[ClientConnection]:
    address = f"ws://127.0.0.1:{served.port}{path}"
    async with connect(address, proxy=None, open_timeout=PATIENCE_SECONDS) as socket:
        yield socket


async def said(socket: ClientConnection, word: str) -> str:
    async with asyncio.timeout(PATIENCE_SECONDS):
        await socket.send(word)
        return str(await socket.recv())


async def idle(database: Database) -> None:
    """Wait until no unit has a connection."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while database.pool.in_use:
            await asyncio.sleep(0.005)


async def titles() -> list[str]:
    """Return what everybody else sees."""
    return [row.title for row in await Article.objects.order_by("id").all()]


def test_each_message_is_committed_and_gives_its_connection_back(url: str) -> None:
    async def work(database: Database) -> None:
        async with serving(site(database)) as served, talking(served) as one, talking(served) as two:
            # There is one connection: whoever kept it between messages would let nobody else go on.
            assert await said(one, "write a") == "a 1"
            assert await said(two, "write b") == "b 1"
            assert await said(one, "count") == "2 1"
            await idle(database)
            assert await said(two, "nothing") == "nothing 0"
            assert await titles() == ["a", "b"]
            await one.close()
            assert await said(two, "write c") == "c 1"
            await idle(database)
            assert await titles() == ["a", "b", "c"]

    using(url, work, pool_size=1)


@pytest.mark.parametrize(
    ("word", "code"), [("crash", 1011), ("refuse", 1008), ("dangle", 1011), ("catch", 1011)]
)
def test_what_a_message_wrote_before_it_failed_is_undone_and_nothing_else(
    word: str, code: int, url: str
) -> None:
    async def work(database: Database) -> None:
        async with serving(site(database)) as served:
            async with talking(served) as socket:
                assert await said(socket, "write before") == "before 1"
                with pytest.raises(ConnectionClosed) as over:
                    async with asyncio.timeout(PATIENCE_SECONDS):
                        await socket.send(f"{word} failed")
                        while True:  # what is sent leaves at once, before a commit that fails
                            await socket.recv()
                assert over.value.rcvd is not None
                assert over.value.rcvd.code == code
            await idle(database)
            assert await titles() == ["before"]
            served.errors.clear()
            async with talking(served) as other:
                assert await said(other, "write after") == "after 1"
        await create_all(metadata=Base.metadata)
        assert await titles() == ["before", "after"]

    using(url, work, pool_size=1)


def test_a_part_of_a_message_is_undone_by_itself(url: str) -> None:
    async def work(database: Database) -> None:
        async with serving(site(database)) as served, talking(served) as socket:
            assert await said(socket, "part whole") == "whole 1"
            await idle(database)
            assert await titles() == ["whole"]

    using(url, work)


def test_the_handshake_has_a_unit_which_ends_before_the_first_message_is_waited_for(url: str) -> None:
    async def work(database: Database) -> None:
        async with serving(site(database)) as served, talking(served, "/greets") as socket:
            assert await socket.recv() == "hello 1"
            await idle(database)
            assert await titles() == ["greeting"]

    using(url, work)


def test_a_client_that_leaves_in_the_middle_leaves_no_connection_behind(url: str) -> None:
    async def work(database: Database) -> None:
        async with serving(site(database)) as served:
            for number in range(5):
                async with talking(served) as socket:
                    await socket.send(f"write {number}")
                    if number % 2:
                        await socket.recv()
                    socket.transport.abort()
            await served.until_idle()
            await idle(database)
            assert set(await titles()) <= set("01234")
            async with talking(served) as socket:
                assert await said(socket, "nothing") == "nothing 0"

    using(url, work, pool_size=1)


def test_messages_of_many_sockets_share_few_connections(url: str) -> None:
    async def work(database: Database) -> None:
        async with serving(site(database)) as served:

            async def converse(name: str) -> None:
                async with talking(served) as socket:
                    for number in range(5):
                        answer: Any = await said(socket, f"write {name}{number}")
                        assert answer.startswith(f"{name}{number} ")

            await asyncio.gather(*(converse(name) for name in "abcdef"))
            await idle(database)
            assert len(await titles()) == 30

    using(url, work, pool_size=2)
