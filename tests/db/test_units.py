"""Units of work: what belongs together is kept together, and a connection is kept no longer."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import traceback
from pathlib import Path

import pytest
from sqlalchemy import exc, text

from tests.db.site import Article, Author, Base, using
from wadjet.db import (
    Database,
    DatabaseUnavailable,
    IntegrityError,
    TransactionError,
    atomic,
    request_connection,
    transaction,
)


class Undone(Exception):
    """What a test raises."""


async def titles() -> list[str]:
    return sorted(row["title"] for row in await Article.objects.values("title"))


async def write(title: str) -> None:
    await Article.objects.create(title=title)


def test_a_transaction_is_kept_or_undone_as_one(url: str) -> None:
    async def work(database: Database) -> None:
        async with transaction():
            await write("a")
            await write("b")
            assert await titles() == ["a", "b"]
            assert database.pool.in_use == 1
        with pytest.raises(Undone):
            async with database.transaction():
                await write("c")
                raise Undone
        assert await titles() == ["a", "b"]

    using(url, work)


def test_a_part_of_a_transaction_is_undone_by_itself(url: str) -> None:
    async def work(database: Database) -> None:
        await Author.objects.create(name="Anna")
        async with transaction():
            await write("a")
            with pytest.raises(IntegrityError):
                async with atomic():
                    await write("b")
                    await Author.objects.create(name="Anna")
            async with transaction():
                await write("c")
            with pytest.raises(Undone):
                async with transaction():
                    await write("d")
                    raise Undone
            assert database.pool.in_use == 1
        assert await titles() == ["a", "c"]

    using(url, work)


def test_a_failure_that_was_caught_does_not_lose_what_was_written_before_in_silence(url: str) -> None:
    async def work(_: Database) -> None:
        await Author.objects.create(name="Anna")
        with pytest.raises(
            TransactionError, match="a statement of this transaction has failed, and was caught"
        ):
            async with transaction():
                await write("a")
                with pytest.raises(IntegrityError):
                    await Author.objects.create(name="Anna")
        with pytest.raises(TransactionError):
            async with transaction():
                async with transaction():
                    with pytest.raises(IntegrityError):
                        await Author.objects.create(name="Anna")
        assert await titles() == []

    using(url, work)


def test_a_failure_before_anything_was_written_loses_nothing(url: str) -> None:
    async def work(_: Database) -> None:
        await Author.objects.create(name="Anna")
        async with transaction():
            assert await titles() == []
            with pytest.raises(IntegrityError):
                await Author.objects.create(name="Anna")
            await write("a")
        assert await titles() == ["a"]

    using(url, work)


def test_w29_queries_that_run_at_once_wait_for_each_other_and_do_not_mix(url: str) -> None:
    async def half(name: str, *, fails: bool) -> None:
        async with transaction():
            await write(f"{name}1")
            await asyncio.sleep(0)
            await write(f"{name}2")
            if fails:
                raise Undone

    async def work(database: Database) -> None:
        async with transaction():
            done = await asyncio.gather(
                *(half(name, fails=name in "bd") for name in "abcd"),
                *(Article.objects.count() for _ in range(5)),
                return_exceptions=True,
            )
            assert sum(isinstance(each, Undone) for each in done) == 2
            assert database.pool.in_use == 1
        assert await titles() == ["a1", "a2", "c1", "c2"]

    using(url, work)


def test_queries_that_run_at_once_in_a_part_of_a_transaction_do_not_wait_for_it(url: str) -> None:
    async def work(_: Database) -> None:
        async with transaction(), transaction(), request_connection():
            await asyncio.gather(*(write(title) for title in "abc"))
        assert await titles() == ["a", "b", "c"]

    using(url, work)


def test_a_task_that_outlives_a_transaction_has_a_unit_of_its_own(url: str) -> None:
    async def late(begun: asyncio.Event) -> None:
        await begun.wait()
        await write("late")

    async def work(_: Database) -> None:
        begun = asyncio.Event()
        with pytest.raises(Undone):
            async with transaction():
                async with transaction():
                    inner = asyncio.create_task(late(begun))
                outer = asyncio.create_task(late(begun))
                raise Undone
        begun.set()
        await asyncio.gather(inner, outer)
        assert await titles() == ["late", "late"]

    using(url, work)


def test_the_connection_of_a_request_is_sqlalchemys(url: str) -> None:
    async def work(database: Database) -> None:
        async with transaction():
            await write("a")
            async with request_connection() as connection:
                found = await connection.execute(text("SELECT count(*) FROM article"))
                assert found.scalar_one() == 1
                await write("b")
                assert await Article.objects.count() == 2
            assert database.pool.in_use == 1
        async with request_connection() as connection:
            await connection.execute(text("UPDATE article SET title = 'c' WHERE title = 'b'"))
            assert await titles() == ["a", "c"]
        with pytest.raises(Undone):
            async with database.connection() as connection:
                await connection.execute(text("DELETE FROM article"))
                raise Undone
        assert await titles() == ["a", "c"]

    using(url, work)


def test_what_it_raises_is_what_models_raise(url: str) -> None:
    async def work(_: Database) -> None:
        await Author.objects.create(name="Anna")
        statement = text("INSERT INTO author (name) VALUES ('Anna')")
        with pytest.raises(IntegrityError):
            async with request_connection() as connection:
                await connection.execute(statement)
        with pytest.raises(TransactionError):
            async with transaction():
                with pytest.raises(IntegrityError):
                    async with request_connection() as connection:
                        await connection.execute(statement)
        with pytest.raises(exc.DBAPIError):  # a mistake in the code stays what it is
            async with request_connection() as connection:
                await connection.execute(text("SELECT nothing FROM nowhere"))

    using(url, work)


def test_postgres_does_not_undo_in_silence_what_failed_in_hand(postgres_url: str) -> None:
    async def work(_: Database) -> None:
        with pytest.raises(exc.DBAPIError):
            async with request_connection() as connection:
                await connection.execute(text("INSERT INTO author (name) VALUES ('Anna')"))
                with pytest.raises(exc.IntegrityError):
                    await connection.execute(text("INSERT INTO author (name) VALUES ('Anna')"))
        assert await Author.objects.count() == 0

    using(postgres_url, work)


def test_a_unit_within_a_unit_joins_it(url: str) -> None:
    async def work(database: Database) -> None:
        outer = database.begin()
        await write("a")
        inner = database.begin()
        await write("b")
        assert inner.end(commits=True) is None
        assert database.pool.in_use == 1
        await (outer.end(commits=True) or asyncio.sleep(0))
        assert outer.end(commits=False) is None
        assert await titles() == ["a", "b"]

        outer = database.begin()
        await write("c")
        database.begin().end(commits=False)
        ending = outer.end(commits=True)
        assert ending is not None
        with pytest.raises(TransactionError):
            await ending
        assert await titles() == ["a", "b"]

    using(url, work)


def test_units_of_two_databases_are_two(url: str, tmp_path: Path) -> None:
    async def work(database: Database) -> None:
        async with Database(f"sqlite:///{tmp_path}/other.db") as other:
            await other.create_all(Article.metadata)
            async with database.transaction():
                await write("here")
                with pytest.raises(Undone):
                    async with other.transaction():
                        await write("there")
                        await Article.objects.using(database).create(title="here too")
                        raise Undone
            assert await Article.objects.using(other).count() == 0
        assert await titles() == ["here", "here too"]

    using(url, work)


def test_a_unit_that_asks_nothing_takes_no_connection(url: str) -> None:
    async def work(database: Database) -> None:
        taken = database.pool.taken
        assert database.begin().end(commits=True) is None
        async with transaction():
            pass
        assert database.pool.taken == taken

    using(url, work)


def test_who_finds_no_connection_in_time_is_told_503(url: str) -> None:
    async def work(database: Database) -> None:
        async def another() -> None:
            async with database.transaction():
                await Article.objects.count()

        async with database.transaction():
            await Article.objects.count()
            task = asyncio.create_task(another(), context=contextvars.Context())
            await asyncio.wait({task})
        error = task.exception()
        assert isinstance(error, DatabaseUnavailable)
        assert (error.status_code, error.headers["retry-after"]) == (503, "1")
        assert (database.pool.waiting, database.pool.timed_out) == (0, 1)
        await another()

    using(url, work, pool_size=1, pool_timeout=0.05)


def test_a_connection_that_is_kept_too_long_is_told_of_with_its_place(
    sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def work(_: Database) -> None:
        with caplog.at_level(logging.WARNING, "wadjet.db"):
            async with transaction():
                await Article.objects.count()
                while "test_units.py" not in caplog.text:
                    await asyncio.sleep(0.001)

    using(sqlite_url, work, warn_after=0.01)
    assert "a connection has been kept for 0.01 s; it was taken at" in caplog.text


def test_a_connection_whose_first_query_fails_is_given_back_and_watched_no_more(url: str) -> None:
    async def work(database: Database) -> None:
        watches: list[asyncio.TimerHandle] = []
        begin = database._watch

        def watched(place: traceback.FrameSummary) -> asyncio.TimerHandle:
            watches.append(begin(place))
            return watches[-1]

        database._watch = watched  # type: ignore[method-assign]  # it spies
        async with transaction():
            with pytest.raises(exc.DBAPIError):
                await Article.objects.filter(text("no_such_column = 1")).all()
            assert database.pool.in_use == 0
            assert [watch.cancelled() for watch in watches] == [True]
            await write("kept")
        assert await titles() == ["kept"]

    using(url, work, warn_after=60)


def counted(url: str, is_locked: bool) -> int:
    """Let twenty units count at the same time; return what they have counted to."""
    counts: list[int] = []

    async def add() -> None:
        async with transaction():
            articles = Article.objects.for_update() if is_locked else Article.objects
            article = await articles.get(title="counter")
            await asyncio.sleep(0)
            article.views += 1
            await article.save()

    async def work(_: Database) -> None:
        await write("counter")
        await asyncio.gather(*(add() for _ in range(20)))
        counts.append((await Article.objects.get()).views)

    using(url, work)
    return counts[0]


def test_in_sqlite_one_writer_waits_for_the_other(sqlite_url: str) -> None:
    assert counted(sqlite_url, is_locked=False) == 20


def test_rows_that_are_locked_are_changed_one_after_the_other(url: str) -> None:
    assert counted(url, is_locked=True) == 20


def test_a_database_in_memory_is_one_connection() -> None:
    async def work(database: Database) -> None:
        await asyncio.gather(*(write(title) for title in "abc"))
        assert await titles() == ["a", "b", "c"]
        assert database.pool.size == 1

    using("sqlite://", work)


def test_a_database_goes_from_one_loop_to_the_next(url: str) -> None:
    database = Database(url)

    async def once(*, creates: bool) -> int:
        async with database:
            if creates:
                await database.create_all(Article.metadata)
            await write("a")
            return await Article.objects.count()

    assert [asyncio.run(once(creates=creates)) for creates in (True, False)] == [1, 2]


def test_a_database_that_is_away_is_said_to_the_log_with_the_drivers_words(tmp_path: Path) -> None:
    async def ask() -> None:
        async with Database(f"sqlite:///{tmp_path}/nowhere/shop.db") as database:
            await database.create_all(Base.metadata)

    with pytest.raises(DatabaseUnavailable) as away:
        asyncio.run(ask())
    assert str(away.value) == "the database does not answer: unable to open database file"
    assert away.value.detail in {None, ""}
    assert str(DatabaseUnavailable("later")) == "later"
