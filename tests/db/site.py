"""Models and databases that the tests of the room share."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, TypeVar

from sqlalchemy import JSON, Numeric, String

from wadjet.db import Database, ForeignKey, Mapped, Model, create_all, mapped_column, relationship

__all__ = ["Article", "Author", "Base", "Colour", "Remark", "Thing", "using"]

T = TypeVar("T")
#: Far more than any test needs.
PATIENCE_SECONDS = 60


class Base(Model):
    """Models of the tests, in a schema of their own."""

    __abstract__ = True
    metadata = type(Model.metadata)(naming_convention=Model.metadata.naming_convention)


class Author(Base):
    """Who writes."""

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(50), unique=True)
    password: Mapped[str | None]
    articles: Mapped[list[Article]] = relationship(back_populates="author")

    __hidden__ = frozenset({"password"})


class Article(Base):
    """What was written."""

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    views: Mapped[int] = mapped_column(default=0)
    is_published: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=lambda: datetime.now(UTC))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("author.id"))
    author: Mapped[Author | None] = relationship(back_populates="articles")
    remarks: Mapped[list[Remark]] = relationship(cascade="all, delete-orphan")


class Remark(Base):
    """What somebody said of it."""

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id"))


class Colour(Enum):
    """A choice."""

    RED = "red"
    BLUE = "blue"


class Thing(Base):
    """A field of each kind."""

    id: Mapped[int] = mapped_column(primary_key=True)
    price: Mapped[Decimal | None] = mapped_column(Numeric(10, 2, asdecimal=True))
    colour: Mapped[Colour | None]
    data: Mapped[dict[str, Any] | None]
    names: Mapped[list[str] | None]
    either: Mapped[list[str] | dict[str, Any] | None] = mapped_column(JSON)
    raw: Mapped[bytes | None]
    ratio: Mapped[float | None]


# Names of classes are looked up now, while no page of the documentation has run that calls its models the same.
Base.registry.configure()


def using(
    url: str, work: Callable[[Database], Awaitable[T]], *, seconds: float = PATIENCE_SECONDS, **options: Any
) -> T:
    """Run something with an empty database that models use; nothing of it may be left in use."""

    async def run() -> T:
        async with asyncio.timeout(seconds), Database(url, **options) as database:
            await create_all(metadata=Base.metadata)
            result = await work(database)
            assert database.pool.in_use == 0
            return result

    return asyncio.run(run())
