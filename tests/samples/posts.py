"""The samples' ``Post``: a real model in a real database, for the length of a ``with`` block."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import MetaData

from wadjet.db import Database, Mapped, Model, mapped_column

__all__ = ["Post", "Posts", "posts"]

T = TypeVar("T")


class Base(Model):
    """Models of the samples."""

    __abstract__ = True
    metadata = MetaData()


class Post(Base):
    """What the samples list, show, write and delete."""

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    is_published: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=lambda: datetime.now(UTC))


class Posts(NamedTuple):
    """A model, and where its rows are."""

    model: Any
    database: Database

    def kept(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for something on a loop of its own."""

        async def done() -> T:
            try:
                return await work
            finally:
                await self.database.engine.dispose()

        return asyncio.run(done())


@contextmanager
def posts(folder: Path) -> Iterator[Posts]:
    """Give ``Post`` with nothing stored."""
    database = Database(f"sqlite:///{folder}/posts.db")
    database.serve()
    given = Posts(Post, database)
    given.kept(database.create_all(Base.metadata))
    try:
        yield given
    finally:
        asyncio.run(database.close())
