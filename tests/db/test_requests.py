"""DatabaseMiddleware with a real database: what a request wrote is kept before its head leaves, or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from tests.db.site import Article, Author, Base, using
from tests.driving import drive, exchange, http_scope
from wadjet import Error, Request, StreamingResponse, Wadjet
from wadjet.db import Database, create_all, transaction
from wadjet.http.exceptions import SeeOther
from wadjet.middleware import DatabaseMiddleware
from wadjet.testing import TestClient


def site(database: Database) -> Wadjet:
    """Return an application that writes, and answers in many ways."""
    app = Wadjet(middleware=[(DatabaseMiddleware, {"database": database})])

    @app.post("/articles", status_code=201)
    async def create(request: Request) -> Article:
        return await Article.objects.create(**await request.json())

    @app.get("/articles")
    async def index() -> list[Article]:
        return await Article.objects.order_by("title").all()

    @app.get("/articles/{id:int}")
    async def one(id: int) -> Any:
        return await Article.objects.get(id=id)

    @app.post("/authors")
    async def author() -> Any:
        return await Author.objects.create(name="Anna", password="secret")

    @app.post("/ends/{kind}")
    async def ends(kind: str) -> Any:
        await Article.objects.create(title=kind)
        if kind.isdigit():
            return "text", int(kind)
        raise {"redirect": SeeOther("/"), "error": Error(400)}.get(kind, ValueError(kind))

    @app.get("/several")
    async def several() -> int:
        await asyncio.gather(*(Article.objects.count() for _ in range(5)))
        return database.pool.in_use

    streaming(app, database)
    return app


def streaming(app: Wadjet, database: Database) -> None:
    """Let an application stream what it reads meanwhile."""

    @app.get("/stream")
    async def stream() -> StreamingResponse:
        await Article.objects.count()

        async def content() -> AsyncIterator[str]:
            yield "first "
            for _ in range(2):
                yield f"{database.pool.in_use} "
                yield f"{await Article.objects.count()} "
            async with transaction():
                await Article.objects.create(title="from a stream")
                yield f"{database.pool.in_use}"

        return StreamingResponse(content(), media_type="text/plain")


def test_models_are_answers(url: str) -> None:
    async def work(database: Database) -> None:
        app = site(database)
        created = await exchange(
            app, "POST", "/articles", content=b'{"title": "x", "created_at": "2026-01-02T03:04:05Z"}'
        )
        document = b'{"id":1,"title":"x","views":0,"is_published":false,"created_at":"2026-01-02T03:04:05Z","author_id":null}'
        assert (created.status, created.body) == (201, document)
        assert created.field(b"content-type") == b"application/json"
        assert (await exchange(app, target="/articles")).body == b"[" + document + b"]"
        assert (await exchange(app, target="/articles/1")).body == document
        assert (await exchange(app, "POST", "/authors")).body == b'{"id":1,"name":"Anna"}'

    using(url, work)


@pytest.mark.parametrize(
    ("method", "target", "content", "status"),
    [
        ("GET", "/articles/9", b"", 404),
        ("GET", "/articles/99999999999999999999999", b"", 404),
        ("POST", "/authors", b"", 409),
        ("POST", "/articles", b'{"nope": 1}', 422),
        ("POST", "/articles", b'{"title": 5}', 422),
        ("POST", "/articles", b"{}", 422),
        ("POST", "/articles", b'{"title": "x", "author": {"id": 1}}', 422),
        ("POST", "/articles", b'{"title": "x", "author_id": 99}', 409),
        ("POST", "/articles", b'{"title": "\\u0000"}', 422),
        ("POST", "/articles", b'{"title": "x", "id": 99999999999999999999999}', 422),
    ],
)
def test_failures_that_nobody_handles_have_a_status(
    url: str, method: str, target: str, content: bytes, status: int
) -> None:
    async def work(database: Database) -> None:
        await Author.objects.create(name="Anna")
        answer = await exchange(site(database), method, target, content=content)
        assert answer.status == status
        assert b"Anna" not in answer.body
        assert await Article.objects.count() == 0

    using(url, work)


@pytest.mark.parametrize(
    ("kind", "status", "kept"),
    [
        ("200", 200, 1),
        ("404", 404, 1),
        ("redirect", 303, 1),
        ("error", 400, 0),
        ("500", 500, 0),
        ("crash", 500, 0),
    ],
)
def test_w1_what_a_request_wrote_is_there_for_the_next(url: str, kind: str, status: int, kept: int) -> None:
    async def work(database: Database) -> None:
        assert (await exchange(site(database), "POST", f"/ends/{kind}")).status == status
        assert await Article.objects.count() == kept

    using(url, work)


def test_a_commit_that_fails_is_a_500_and_keeps_nothing(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def work(database: Database) -> None:
        def fail(_: Connection) -> None:
            raise OSError("the disk is full")

        with monkeypatch.context() as patched:
            patched.setattr(Connection, "commit", fail)
            assert (await exchange(site(database), "POST", "/ends/200")).status == 500
        assert await Article.objects.count() == 0

    using(url, work)


def test_one_connection_serves_a_request_and_none_its_stream(url: str) -> None:
    async def work(database: Database) -> None:
        app = site(database)
        assert (await exchange(app, target="/several")).body == b"1"
        assert (await exchange(app, target="/stream")).body == b"first 0 0 0 0 1"
        assert await Article.objects.count() == 1

    using(url, work)


def test_w1_writers_at_once_lose_nothing(url: str) -> None:
    async def work(database: Database) -> None:
        app = site(database)
        answers = await asyncio.gather(*(exchange(app, "POST", "/ends/200") for _ in range(20)))
        assert {answer.status for answer in answers} == {200}
        assert await Article.objects.count() == 20

    using(url, work)


def test_a_request_that_is_cancelled_anywhere_gives_its_connection_back(url: str) -> None:
    async def work(database: Database) -> None:
        app = site(database)
        for turns in range(60):
            task = asyncio.create_task(drive(app, http_scope("POST", "/ends/200")))
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait({task})
        await database.settled()
        assert database.pool.in_use == 0
        async with transaction():
            kept = await Article.objects.count()
            await Article.objects.create(title="after")
            assert await Article.objects.count() == kept + 1

    using(url, work, pool_size=2)


def test_hooks_of_the_lifespan_and_what_follows_a_request_use_the_database_of_their_application(
    tmp_path: Path,
) -> None:
    kept: dict[str, list[str]] = {}

    def site(name: str) -> Wadjet:
        database = Database(f"sqlite:///{tmp_path}/{name}.db")
        app = Wadjet(middleware=[(DatabaseMiddleware, {"database": database})])

        @app.on_startup
        async def prepare() -> None:
            await create_all(metadata=Base.metadata)
            await Author.objects.create(name=f"{name} starts")

        @app.get("/")
        async def write(request: Request) -> str:
            await Author.objects.create(name=f"{name} asks")
            request.background(Author.objects.create, name=f"{name} goes on")
            return "written"

        @app.on_shutdown
        async def count() -> None:
            kept[name] = [author.name for author in await Author.objects.order_by("id").all()]

        return app

    with TestClient(site("one")) as one, TestClient(site("two")) as two:
        assert (one.get("/").text, two.get("/").text) == ("written", "written")
    assert kept == {
        name: [f"{name} {what}" for what in ("starts", "asks", "goes on")] for name in ("one", "two")
    }
