"""A row by its key: ``objects.get(id=…)`` beside the same query in plain SQLAlchemy, on one connection to a real PostgreSQL."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator

from sqlalchemy import MetaData, select
from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks.data.postgres import postgres
from benchmarks.faults.figure import Figure
from benchmarks.figures import ratio
from benchmarks.inproc import loop_factory
from benchmarks.promises import ROW
from wadjet.db import Database, Mapped, Model, mapped_column, request_connection, transaction

__all__ = ["MeasuredRow", "db", "rounds"]

#: Each round asks so often, by the one way and by the other.
_READS = 200


class MeasuredRow(Model):
    """As an application has it: a key, a text, some numbers."""

    metadata = MetaData()

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    views: Mapped[int] = mapped_column(default=0)
    is_published: Mapped[bool] = mapped_column(default=True)


def db(*, quick: bool) -> Iterator[Figure]:
    """Measure one row by its key."""
    with postgres() as url, asyncio.Runner(loop_factory=loop_factory()) as runner:
        ours, plain = runner.run(rounds(url, 6 if quick else 30))
    found = ratio(ours, plain)
    yield Figure(
        "a row by its key, PostgreSQL",
        f"<= {ROW} x plain SQLAlchemy on the same connection",
        f"{found.median:.2f} x ({found.least:.2f} to {found.most:.2f}); {min(ours):.0f} us beside {min(plain):.0f} us of CPU",
        found.median <= ROW,
    )


async def rounds(url: str, count: int, reads: int = _READS) -> tuple[list[float], list[float]]:
    """Return the CPU microseconds of one read: ours and plain SQLAlchemy's, taken in turns.

    Args:
        url: of a database.
        count: how many rounds.
        reads: how many of each way a round has.
    """
    async with Database(url) as database:
        await database.create_all(MeasuredRow.metadata)
        async with transaction(), request_connection() as connection:
            kept = await MeasuredRow.objects.create(title="One")
            key = kept.id
            session = AsyncSession(connection, expire_on_commit=False, join_transaction_mode="rollback_only")

            async def ours() -> None:
                assert (await MeasuredRow.objects.get(id=key)).title == "One"

            async def plain() -> None:
                found = await session.execute(select(MeasuredRow).where(MeasuredRow.id == key))
                assert found.scalar_one().title == "One"
                session.expunge_all()  # or the row would be looked up, and not made

            found: tuple[list[float], list[float]] = ([], [])
            for number in range(count + 1):
                ways = list(zip((ours, plain), found, strict=True))
                for way, times in ways if number % 2 else reversed(ways):
                    spent = await _spent(way, reads)
                    if number:  # the first round fills caches
                        times.append(spent)
            await session.close()
    return found


async def _spent(way: Callable[[], Awaitable[None]], reads: int) -> float:
    begun = time.process_time()
    for _ in range(reads):
        await way()
    return (time.process_time() - begun) / reads * 1e6
