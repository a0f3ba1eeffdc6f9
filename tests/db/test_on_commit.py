"""What follows a commit: only that, all of it, and in order."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from tests.db.site import Author, Base, using
from wadjet import Settings, Wadjet, WebSocket
from wadjet.db import Database, create_all, on_commit, request_connection, transaction
from wadjet.middleware import DatabaseMiddleware
from wadjet.testing import TestClient


def test_it_is_called_when_the_row_is_there(url: str) -> None:
    seen: list[Any] = []

    async def look(name: str) -> None:
        seen.append((name, await Author.objects.count()))

    async def work(_: Database) -> None:
        async with transaction():
            await on_commit(look, "first")
            await Author.objects.create(name="Ann")
            await on_commit(seen.append, "second")
            assert seen == []
        assert seen == [("first", 1), "second"]
        await on_commit(look, "at once")
        assert seen[-1] == ("at once", 1)

    using(url, work)


def test_what_is_undone_is_followed_by_nothing(url: str) -> None:
    seen: list[str] = []

    async def work(_: Database) -> None:
        with pytest.raises(LookupError):
            async with transaction():
                await on_commit(seen.append, "outer")
                raise LookupError
        async with transaction():
            await on_commit(seen.append, "before")
            with pytest.raises(LookupError):
                async with transaction():
                    await on_commit(seen.append, "inner")
                    raise LookupError
            async with transaction():
                await on_commit(seen.append, "inner, kept")
            async with request_connection():
                await on_commit(seen.append, "below the models")
        assert seen == ["before", "inner, kept", "below the models"]

    using(url, work)


def test_all_of_it_is_called_and_the_first_failure_is_raised(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[str] = []

    def fail(text: str) -> None:
        raise LookupError(text)

    async def work(_: Database) -> None:
        with caplog.at_level(logging.ERROR, "wadjet"), pytest.raises(LookupError, match="one"):
            async with transaction():
                await Author.objects.create(name="Ann")
                await on_commit(fail, "one")
                await on_commit(fail, "two")
                await on_commit(seen.append, "three")
        assert seen == ["three"]
        assert await Author.objects.count() == 1

    using(url, work)
    assert any(record.exc_info and "two" in str(record.exc_info[1]) for record in caplog.records)


def _site(url: str, seen: list[str]) -> Wadjet:
    app = Wadjet(Settings(DATABASE_URL=url), middleware=[DatabaseMiddleware])
    app.on_startup(lambda: create_all(metadata=Base.metadata))

    @app.post("/{how}")
    async def post(how: str) -> str:
        await on_commit(seen.append, how)
        if how == "nothing":
            return ""
        await Author.objects.create(name=how)
        if how == "raises":
            raise LookupError(how)
        if how == "follows":

            def fail() -> None:
                raise LookupError("the broker is away")

            await on_commit(fail)
        return "done"

    @app.websocket("/socket")
    async def talk(socket: WebSocket) -> None:
        async for text in socket.iter_text():
            await Author.objects.create(name=text)
            await on_commit(seen.append, text)
            await socket.send_text(",".join(seen))

    @app.get("/count")
    async def count() -> int:
        return await Author.objects.count()

    return app


def test_in_a_request_it_is_called_before_the_answer_leaves(url: str) -> None:
    seen: list[str] = []
    with TestClient(_site(url, seen), raise_server_exceptions=False) as client:
        assert client.post("/nothing").status_code == 200
        assert client.post("/works").status_code == 200
        assert client.post("/raises").status_code == 500
        assert seen == ["nothing", "works"]
        assert client.post("/follows").status_code == 500
        assert seen[2:] == ["follows"]
        assert client.get("/count").json() == 2  # what was committed stays


def test_each_message_of_a_socket_is_followed_by_its_own(url: str) -> None:
    seen: list[str] = []
    with TestClient(_site(url, seen)) as client, client.websocket("/socket") as session:
        session.send_text("one")
        assert session.receive_text() == ""
        session.send_text("two")
        assert session.receive_text() == "one"
