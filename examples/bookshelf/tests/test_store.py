"""The shelf: search, pages, changes, many threads."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from examples.bookshelf import queries
from examples.bookshelf.catalogue import SIZE, invent
from examples.bookshelf.models import Draft
from examples.bookshelf.queries import Filter
from examples.bookshelf.store import DuplicateISBNError, NoSuchBookError, StaleVersionError, Store

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


def test_a_file_is_filled_once(tmp_path: Path) -> None:
    with Store(tmp_path / "books.sqlite3").open(invent()) as store:
        assert store.counts().books == SIZE
    with Store(tmp_path / "books.sqlite3").open(iter(())) as store:
        assert store.counts().books == SIZE


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_searches_are_only_words(store: Store, text: str) -> None:
    assert store.page(Filter(text))[1] < 300
    assert store.page(Filter(subject=text.replace("\ud800", "")), per_page=1)[1] in {0, 300}
    assert store.counts().books == 300


def test_words_are_found_without_accents_and_by_their_beginning(store: Store, book: dict[str, Any]) -> None:
    added = store.add(Draft(**book))
    for text in ("smidova", "ŠMÍDOVÁ", "cobra eye", "smid", "eye the co", "guard travel nofret"):
        assert added in store.page(Filter(text))[0], text
    assert store.page(Filter("cobra zebra"))[1] == 0


def test_the_best_match_comes_first(store: Store, book: dict[str, Any]) -> None:
    first = store.add(Draft(**{**book, "isbn": "9780306406157", "description": "xylophone " * 9}))
    second = store.add(Draft(**{**book, "title": "Xylophone"}))
    assert store.page(Filter("xylophone"))[0] == [second, first]


def test_an_isbn_finds_its_book_however_it_is_written(store: Store, book: dict[str, Any]) -> None:
    added = store.add(Draft(**book))
    isbn = added.isbn
    assert store.page(Filter(f"{isbn[:3]}-{isbn[3:5]} {isbn[5:12]}-{isbn[12]}")) == ([added], 1)


def test_filters_combine(store: Store) -> None:
    subject = store.subjects()[0]
    books, total = store.page(Filter(subject=subject.subject), per_page=300)
    assert total == len(books) == subject.books
    recent = [book for book in books if 1990 <= book.year <= 2000]
    found, _ = store.page(Filter(subject=subject.subject, year_from=1990, year_to=2000), per_page=300)
    assert sorted(book.id for book in found) == sorted(book.id for book in recent)


def test_pages_cover_everything_once(store: Store) -> None:
    pages = [store.page(Filter(), page, 70)[0] for page in range(1, 7)]
    assert [len(page) for page in pages] == [70, 70, 70, 70, 20, 0]
    assert len({book.id for page in pages for book in page}) == 300


def test_what_is_added_comes_back_as_it_was(store: Store, book: dict[str, Any]) -> None:
    added = store.add(Draft(**book))
    assert store.get(added.id) == added
    assert added.price == Decimal("12.50")
    assert (added.version, added.subjects) == (1, ["History", "Travel"])


def test_an_isbn_is_taken_once(store: Store, book: dict[str, Any]) -> None:
    first = store.add(Draft(**book))
    other = store.page(Filter())[0][-1]
    with pytest.raises(DuplicateISBNError):
        store.add(Draft(**book))
    with pytest.raises(DuplicateISBNError):
        store.change(other.id, {"isbn": first.isbn})
    assert store.get(other.id) == other


def test_a_change_touches_what_it_names_and_the_search_follows(store: Store, book: dict[str, Any]) -> None:
    added = store.add(Draft(**book))
    changed = store.change(added.id, {"title": "Quetzal", "subjects": ["Nature"]})
    assert changed == added.model_copy(update={"title": "Quetzal", "subjects": ["Nature"], "version": 2})
    assert store.get(added.id) == changed
    assert store.page(Filter("quetzal"))[0] == [changed]
    assert store.page(Filter("cobra"))[1] == 0
    assert changed not in store.page(Filter(subject="Travel"), per_page=300)[0]


def test_a_stale_version_changes_nothing(store: Store, book: dict[str, Any]) -> None:
    added = store.add(Draft(**book))
    store.change(added.id, {"year": 2001}, {1})
    with pytest.raises(StaleVersionError):
        store.change(added.id, {"year": 2002}, {1})
    with pytest.raises(StaleVersionError):
        store.remove(added.id, frozenset())
    found = store.get(added.id)
    assert found is not None
    assert found.year == 2001


def test_a_removed_book_is_gone_and_its_number_is_not_given_again(store: Store, book: dict[str, Any]) -> None:
    added = store.add(Draft(**book))
    store.remove(added.id)
    assert store.get(added.id) is None
    assert store.page(Filter("cobra"))[1] == 0
    with pytest.raises(NoSuchBookError):
        store.remove(added.id)
    assert store.add(Draft(**book)).id > added.id


@pytest.mark.parametrize("number", [0, -1, 2**63, 10**40])
def test_impossible_numbers_are_nobody(store: Store, number: int) -> None:
    assert store.get(number) is None


def test_threads_read_and_write_at_once(store: Store, book: dict[str, Any]) -> None:
    added = store.add(Draft(**book))

    def work(turn: int) -> int:
        store.change(added.id, {"pages": turn + 1})
        return len(list(store.each(Filter()))) + len(store.page(Filter("the"))[0])

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(40)))
    found = store.get(added.id)
    assert found is not None
    assert found.version == 41


def test_an_abandoned_export_gives_its_connection_back(store: Store) -> None:
    idle = store._idle  # noqa: SLF001 - whether it comes back is seen nowhere else
    (connection,) = idle
    books = store.each(Filter())
    next(books)
    assert not idle
    close = getattr(books, "close")  # noqa: B009  (an Iterator by type, a generator by nature)
    close()
    assert list(idle) == [connection]


def test_without_the_full_text_index_words_are_still_found(
    tmp_path: Path, book: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "FULL_TEXT", "CREATE VIRTUAL TABLE words USING no_such_module(title)")
    with Store(tmp_path / "plain.sqlite3").open(invent(20)) as store:
        added = store.add(Draft(**book))
        assert not store.has_full_text
        assert store.page(Filter("COBRA eye"))[0] == [added]
        assert [store.page(Filter(text))[1] for text in ("%", "_", "'", "\\", "n_fret")] == [0] * 5
        assert all(store.page(Filter(text)) for text in HOSTILE)
        assert store.counts().books == 21


def test_a_failed_write_leaves_nothing_behind(
    store: Store, book: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise sqlite3.OperationalError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(queries, "index", fail)
        with pytest.raises(sqlite3.OperationalError):
            store.add(Draft(**book))
    assert store.counts().books == 300
    assert store.add(Draft(**book)).version == 1
