"""The shelf: search, pages, changes, many at once; on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from examples.bookshelf import store
from examples.bookshelf.catalogue import invent
from examples.bookshelf.models import Draft
from examples.bookshelf.queries import Filter
from examples.bookshelf.store import DuplicateISBNError, NoSuchBookError, StaleVersionError
from examples.bookshelf.tables import BookRow
from examples.bookshelf.tests.conftest import Shelf
from wadjet.db import Database, FieldError

HOSTILE = [
    '" OR *',
    "'; DROP TABLE books; --",
    '"',
    "*",
    "NEAR(",
    "title:river AND",
    "a OR NOT b",
    "col{x}^2",
    "\x00",
    "\ud800",
    "%",
    "_",
    "\\",
    "(((((",
    "-" * 200,
    "x " * 100,
]


def test_a_database_is_filled_once_even_by_several(url: str) -> None:
    async def start() -> None:
        async with Database(url) as database:
            await store.prepare(database, invent(1000))

    async def work() -> None:
        await asyncio.gather(start(), start(), start())
        async with Database(url):
            assert (await store.counts()).books == 1000

    asyncio.run(work())


def test_hostile_searches_are_only_words(shelf: Shelf) -> None:
    async def work(_: Database) -> None:
        for text in HOSTILE:
            assert (await store.page(Filter(text)))[1] < 300, text
            assert (await store.page(Filter(subject=text.replace("\ud800", "").replace("\x00", ""))))[1] in {
                0,
                300,
            }, text
        with pytest.raises(FieldError):
            await store.page(Filter(subject="\x00"))
        assert (await store.counts()).books == 300

    shelf(work)


def test_words_are_found_without_accents_and_by_their_beginning(shelf: Shelf, book: dict[str, Any]) -> None:
    async def work(_: Database) -> None:
        added = await store.add(Draft(**book))
        for text in ("smidova", "ŠMÍDOVÁ", "cobra eye", "smid", "eye the co", "guard travel nofret"):
            assert added in (await store.page(Filter(text)))[0], text
        for text in ("cobra zebra", "obra", "smid cobra", "%", "_", "n_fret", "'", "\\"):
            assert (await store.page(Filter(text)))[1] == 0, text

    shelf(work)


def test_what_has_the_words_in_its_title_comes_first(shelf: Shelf, book: dict[str, Any]) -> None:
    async def work(_: Database) -> None:
        told = {**book, "isbn": "9780306406157", "year": 2025, "description": "xylophone " * 9}
        second = await store.add(Draft(**told))
        first = await store.add(Draft(**{**book, "title": "Xylophone"}))
        assert (await store.page(Filter("xylophone")))[0] == [first, second]

    shelf(work)


def test_an_isbn_finds_its_book_however_it_is_written(shelf: Shelf, book: dict[str, Any]) -> None:
    async def work(_: Database) -> None:
        added = await store.add(Draft(**book))
        isbn = added.isbn
        assert await store.page(Filter(f"{isbn[:3]}-{isbn[3:5]} {isbn[5:12]}-{isbn[12]}")) == ([added], 1)

    shelf(work)


def test_filters_combine(shelf: Shelf) -> None:
    async def work(_: Database) -> None:
        subject = (await store.subjects())[0]
        books, total = await store.page(Filter(subject=subject.subject), per_page=300)
        assert total == len(books) == subject.books
        recent = [book for book in books if 1990 <= book.year <= 2000]
        wanted = Filter(subject=subject.subject, year_from=1990, year_to=2000)
        found, _total = await store.page(wanted, per_page=300)
        assert sorted(book.id for book in found) == sorted(book.id for book in recent)

    shelf(work)


def test_pages_and_exports_cover_everything_once(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "BATCH", 70)

    async def work(database: Database) -> None:
        pages = [(await store.page(Filter(), page, 70))[0] for page in range(1, 7)]
        assert [len(page) for page in pages] == [70, 70, 70, 70, 20, 0]
        ids = {book.id for page in pages for book in page}
        assert len(ids) == 300
        assert [book.id async for book in store.each(Filter(), database)] == sorted(ids)
        assert database.pool.in_use == 0

    shelf(work)


def test_what_is_added_comes_back_as_it_was(shelf: Shelf, book: dict[str, Any]) -> None:
    async def work(_: Database) -> None:
        added = await store.add(Draft(**book))
        assert await store.find(added.id) == added
        assert (added.price, added.version, added.subjects) == (Decimal("12.50"), 1, ["History", "Travel"])
        assert (await store.latest())[0] == added

    shelf(work)


def test_an_isbn_is_taken_once(shelf: Shelf, book: dict[str, Any]) -> None:
    async def work(_: Database) -> None:
        first = await store.add(Draft(**book))
        other = (await store.page(Filter()))[0][-1]
        with pytest.raises(DuplicateISBNError):
            await store.add(Draft(**book))
        with pytest.raises(DuplicateISBNError):
            await store.change(other.id, {"isbn": first.isbn})
        assert await store.find(other.id) == other

    shelf(work)


def test_a_change_touches_what_it_names_and_the_search_follows(shelf: Shelf, book: dict[str, Any]) -> None:
    async def work(_: Database) -> None:
        added = await store.add(Draft(**book))
        changed = await store.change(added.id, {"title": "Quetzal", "subjects": ["Nature"]})
        assert changed == added.model_copy(update={"title": "Quetzal", "subjects": ["Nature"], "version": 2})
        assert await store.find(added.id) == changed
        assert (await store.page(Filter("quetzal")))[0] == [changed]
        assert (await store.page(Filter("cobra")))[1] == 0
        assert changed not in (await store.page(Filter(subject="Travel"), per_page=300))[0]

    shelf(work)


def test_a_stale_version_changes_nothing(shelf: Shelf, book: dict[str, Any]) -> None:
    async def work(_: Database) -> None:
        added = await store.add(Draft(**book))
        await store.change(added.id, {"year": 2001}, {1})
        with pytest.raises(StaleVersionError):
            await store.change(added.id, {"year": 2002}, {1})
        with pytest.raises(StaleVersionError):
            await store.remove(added.id, frozenset())
        found = await store.find(added.id)
        assert found is not None
        assert found.year == 2001

    shelf(work)


def test_a_removed_book_is_gone_and_its_number_is_not_given_again(shelf: Shelf, book: dict[str, Any]) -> None:
    async def work(_: Database) -> None:
        added = await store.add(Draft(**book))
        await store.remove(added.id)
        assert await store.find(added.id) is None
        assert (await store.page(Filter("cobra")))[1] == 0
        with pytest.raises(NoSuchBookError):
            await store.remove(added.id)
        assert (await store.add(Draft(**book))).id > added.id

    shelf(work)


def test_impossible_numbers_are_nobody(shelf: Shelf) -> None:
    async def work(_: Database) -> None:
        assert [await store.find(number) for number in (0, -1, 2**63, 10**40)] == [None] * 4

    shelf(work)


def test_many_read_and_write_at_once(shelf: Shelf, book: dict[str, Any]) -> None:
    async def work(database: Database) -> None:
        added = await store.add(Draft(**book))

        async def write(turn: int) -> None:
            async with database.transaction():
                await store.change(added.id, {"pages": turn + 1})
            assert (await store.page(Filter("the")))[0]

        await asyncio.gather(*map(write, range(20)))
        found = await store.find(added.id)
        assert found is not None
        assert found.version == 21

    shelf(work)


def test_a_failed_write_leaves_nothing_behind(
    shelf: Shelf, book: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(_: BookRow) -> None:
        raise OSError("the disk is full")

    async def work(_: Database) -> None:
        with monkeypatch.context() as patched:
            patched.setattr(store, "_name_subjects", fail)
            with pytest.raises(OSError, match="disk"):
                await store.add(Draft(**book))
        assert (await store.counts()).books == 300
        assert (await store.add(Draft(**book))).version == 1

    shelf(work)
