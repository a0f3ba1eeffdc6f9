"""The shelf: search, pages, changes. Each function asks in the transaction that is open, a request's for example."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import distinct, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from examples.bookshelf import queries
from examples.bookshelf.models import Book, Draft, SubjectCount
from examples.bookshelf.queries import Filter
from examples.bookshelf.tables import BookRow, BookSubject
from wadjet.db import Database, IntegrityError, Query, create_all, request_connection, transaction

__all__ = [
    "Counts",
    "DuplicateISBNError",
    "NoSuchBookError",
    "StaleVersionError",
    "add",
    "change",
    "counts",
    "each",
    "find",
    "latest",
    "page",
    "prepare",
    "remove",
    "subjects",
]

#: How many books an export reads at a time.
BATCH = 500
#: Of several processes that start at once one prepares the database: any number, the same for all.
LOCK = text("SELECT pg_advisory_xact_lock(786351)")


class NoSuchBookError(LookupError):
    """No book has this number."""


class DuplicateISBNError(ValueError):
    """Another book has this ISBN."""


class StaleVersionError(RuntimeError):
    """The book has changed since the caller read it."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How much there is."""

    books: int
    authors: int
    subjects: int
    languages: int


async def prepare(database: Database, catalogue: Iterable[Draft] = ()) -> None:
    """Make the tables that are not there, and put ``catalogue`` on an empty shelf."""
    async with _alone(database):
        await create_all(database)
        if await BookRow.objects.using(database).exists():
            return
    rows = [{"version": 1, **_fields(draft)} for draft in catalogue]  # takes its time, while nobody waits
    async with _alone(database) as connection:
        if rows and not await BookRow.objects.using(database).exists():
            await connection.execute(insert(BookRow), rows)
            kept = await connection.execute(select(BookRow.id, BookRow.subjects))
            named = [{"book_id": number, "subject": subject} for number, has in kept for subject in has]
            await connection.execute(insert(BookSubject), named)


@asynccontextmanager
async def _alone(database: Database) -> AsyncIterator[AsyncConnection]:
    """Give a connection while no other process that starts has one."""
    async with database.connection() as connection:
        if connection.dialect.name == "postgresql":  # SQLite has one writer at a time anyway
            await connection.execute(LOCK)
        yield connection


async def page(wanted: Filter, page: int = 1, per_page: int = 20) -> tuple[list[Book], int]:
    """Return one page of the books that ``wanted`` describes, and how many there are in all."""
    found = BookRow.objects.filter(*queries.conditions(wanted))
    rows = await found.order_by(*queries.order(wanted)).limit(per_page).offset((page - 1) * per_page).all()
    return [_book(row) for row in rows], await found.count()


def each(wanted: Filter, database: Database) -> AsyncIterator[Book]:
    """Give every book that ``wanted`` describes, in order of its number.

    No connection is kept while the reader takes its time: each batch is a query, and begins where the last one has ended.
    """
    return _batches(BookRow.objects.using(database).filter(*queries.conditions(wanted)))


async def _batches(found: Query[BookRow]) -> AsyncIterator[Book]:
    found = found.order_by("id").limit(BATCH)
    last = 0
    while rows := await found.filter(id__gt=last).all():
        for row in rows:
            yield _book(row)
        last = rows[-1].id


async def find(number: int) -> Book | None:
    """Return the book, or None."""
    row = await BookRow.objects.get_or_none(id=number)
    return None if row is None else _book(row)


async def latest(count: int = 12) -> list[Book]:
    """Return the books that were added last."""
    return [_book(row) for row in await BookRow.objects.order_by("-id").limit(count).all()]


async def add(draft: Draft) -> Book:
    """Put a new book on the shelf. Raises DuplicateISBNError."""
    row = BookRow(version=1, **_fields(draft))
    with _one_isbn_each(draft.isbn):
        async with transaction():
            await row.save()
            await _name_subjects(row)
    return _book(row)


async def change(number: int, changes: Mapping[str, Any], versions: Collection[int] | None = None) -> Book:
    """Replace the fields in ``changes`` if the book is still at one of ``versions``; None: at any.

    Raises NoSuchBookError, StaleVersionError, DuplicateISBNError.
    """
    row = await _expect(number, versions)
    book = _book(row).model_copy(update={**changes, "version": row.version + 1})
    for name, value in {"version": book.version, **_fields(book)}.items():
        setattr(row, name, value)
    with _one_isbn_each(book.isbn):
        async with transaction():
            await row.save()
            await _name_subjects(row)
    return book


async def remove(number: int, versions: Collection[int] | None = None) -> None:
    """Take a book off the shelf. Raises NoSuchBookError, StaleVersionError."""
    await (await _expect(number, versions)).delete()


async def subjects() -> list[SubjectCount]:
    """Return every subject, the fullest first."""
    books = func.count().label("books")
    statement = select(BookSubject.subject, books).group_by(BookSubject.subject)
    async with request_connection() as connection:
        rows = await connection.execute(statement.order_by(books.desc(), BookSubject.subject))
        return [SubjectCount(subject=subject, books=count) for subject, count in rows]


async def counts() -> Counts:
    of_books = select(
        func.count(), func.count(distinct(BookRow.author)), func.count(distinct(BookRow.language))
    )
    async with request_connection() as connection:
        books, authors, languages = (await connection.execute(of_books.select_from(BookRow))).one()
        named = (await connection.execute(select(func.count(distinct(BookSubject.subject))))).scalar_one()
    return Counts(books, authors, named, languages)


async def _expect(number: int, versions: Collection[int] | None) -> BookRow:
    """Return a book that nobody else changes before the transaction ends."""
    row = await BookRow.objects.for_update().get_or_none(id=number)
    if row is None:
        raise NoSuchBookError(f"there is no book {number}")
    if versions is not None and row.version not in versions:
        raise StaleVersionError(f"book {number} is at version {row.version} now")
    return row


async def _name_subjects(row: BookRow) -> None:
    await BookSubject.objects.filter(book_id=row.id).delete()
    for subject in row.subjects:
        await BookSubject.objects.create(book_id=row.id, subject=subject)


@contextmanager
def _one_isbn_each(isbn: str) -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        raise DuplicateISBNError(f"another book has the ISBN {isbn}") from error


def _fields(draft: Draft) -> dict[str, Any]:
    """Return a row's fields: those of the draft, and those that a search looks at."""
    return {**draft.model_dump(include=set(Draft.model_fields)), **queries.searchable(draft)}


def _book(row: BookRow) -> Book:
    return Book.model_construct(**{name: getattr(row, name) for name in Book.model_fields})
