"""What the peers' pages of fortunes share: SQLAlchemy as its documentation has it, with as many connections as Wadjet opens."""

from __future__ import annotations

import os

from jinja2 import Environment, FileSystemLoader
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from benchmarks.data.messages import ADDED, CONNECTIONS, TEMPLATES

__all__ = ["Fortune", "rendered", "rows_of", "sessions"]


class Base(DeclarativeBase):
    """Of the only table."""


class Fortune(Base):
    """A text with a number."""

    __tablename__ = "fortune"

    id: Mapped[int] = mapped_column(primary_key=True)
    message: Mapped[str]


engine = create_async_engine(os.environ["FORTUNES_URL"], pool_size=CONNECTIONS, max_overflow=0)
sessions = async_sessionmaker(engine, expire_on_commit=False)
#: For frameworks that have no templates.
_environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, auto_reload=False)


async def rows_of(session: AsyncSession) -> list[Fortune]:
    """Return what the page shows."""
    rows = list(await session.scalars(select(Fortune)))
    rows.append(Fortune(id=0, message=ADDED))
    rows.sort(key=lambda row: row.message)
    return rows


async def rendered() -> str:
    """Return the page."""
    async with sessions() as session:
        rows = await rows_of(session)
    return _environment.get_template("fortunes.html").render(fortunes=rows)
