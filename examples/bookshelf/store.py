"""The books in SQLite: search, pages, changes. Knows nothing of HTTP.

One file, many threads: connections wait in a small pool, each used by one thread at a time; the write-ahead
log lets readers go on while somebody writes.
"""

from __future__ import annotations

import json
import sqlite3
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from examples.bookshelf import queries
from examples.bookshelf.models import Book, Draft, SubjectCount
from examples.bookshelf.queries import Filter

__all__ = ["Counts", "DuplicateISBNError", "NoSuchBookError", "StaleVersionError", "Store"]

LARGEST_ID = 2**63 - 1
BUSY_SECONDS = 10.0


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


class Store:
    """A shelf of books in a SQLite file. Every method may be called from any thread."""

    def __init__(self, path: str | Path) -> None:
        self._path = str(path)
        self._idle: deque[sqlite3.Connection] = deque()
        self._closed = False
        self.has_full_text = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        self.close()

    def open(self, catalogue: Iterable[Draft] = ()) -> Self:
        """Prepare the file; if it is new, make the tables and put ``catalogue`` on the shelf."""
        with self._reading() as db:
            db.execute("PRAGMA journal_mode = WAL")
        with self._writing() as db:
            if db.execute("PRAGMA user_version").fetchone()[0] == 0:
                queries.create_tables(db)
                for draft in catalogue:
                    self._insert(db, draft)
                db.execute(f"PRAGMA user_version = {queries.VERSION}")
            self.has_full_text = queries.is_full_text(db)
        return self

    def close(self) -> None:
        """Close every connection; one still in use closes when its user returns it."""
        self._closed = True
        with suppress(IndexError):
            while True:
                self._idle.pop().close()

    def page(self, wanted: Filter, page: int = 1, per_page: int = 20) -> tuple[list[Book], int]:
        """Return one page of the books that ``wanted`` describes, and how many there are in all."""
        source, values = queries.select(wanted, full_text=self.has_full_text)
        with self._reading() as db:
            total = db.execute(f"SELECT count(*) {source}", values).fetchone()[0]
            rows = db.execute(
                f"SELECT {queries.COLUMNS} {source} {queries.order(wanted, full_text=self.has_full_text)} "
                "LIMIT :limit OFFSET :offset",
                values | {"limit": per_page, "offset": (page - 1) * per_page},
            ).fetchall()
        return [_book(row) for row in rows], total

    def each(self, wanted: Filter) -> Iterator[Book]:
        """Yield every book that ``wanted`` describes, in order of its number, row by row."""
        source, values = queries.select(wanted, full_text=self.has_full_text)
        with self._reading() as db:
            cursor = db.execute(f"SELECT {queries.COLUMNS} {source} ORDER BY books.id", values)
            try:
                yield from map(_book, cursor)
            finally:
                cursor.close()

    def get(self, number: int) -> Book | None:
        """Return the book, or None."""
        with self._reading() as db:
            return _find(db, number)

    def add(self, draft: Draft) -> Book:
        """Put a new book on the shelf. Raises DuplicateISBNError."""
        with self._writing() as db, _one_isbn_each(draft.isbn):
            number = self._insert(db, draft)
        return Book(id=number, version=1, **draft.model_dump())

    def change(
        self, number: int, changes: Mapping[str, Any], versions: Collection[int] | None = None
    ) -> Book:
        """Replace the fields in ``changes`` if the book is still at one of ``versions``; None: at any.

        Raises NoSuchBookError, StaleVersionError, DuplicateISBNError.
        """
        with self._writing() as db:
            found = _expect(db, number, versions)
            book = found.model_copy(update={**changes, "version": found.version + 1})
            with _one_isbn_each(book.isbn):
                db.execute(queries.UPDATE, _row(book) | {"id": number})
            queries.index(db, number, book)
        return book

    def remove(self, number: int, versions: Collection[int] | None = None) -> None:
        """Take a book off the shelf. Raises NoSuchBookError, StaleVersionError."""
        with self._writing() as db:
            _expect(db, number, versions)
            queries.forget(db, number)
            db.execute("DELETE FROM books WHERE id = ?", (number,))

    def subjects(self) -> list[SubjectCount]:
        """Return every subject, the fullest first."""
        with self._reading() as db:
            return [
                SubjectCount(subject=subject, books=books) for subject, books in db.execute(queries.SUBJECTS)
            ]

    def counts(self) -> Counts:
        with self._reading() as db:
            return Counts(*db.execute(queries.COUNTS).fetchone())

    def _insert(self, db: sqlite3.Connection, draft: Draft) -> int:
        number = db.execute(queries.INSERT, _row(draft) | {"version": 1}).lastrowid
        assert number is not None
        queries.index(db, number, draft)
        return number

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        try:
            db = self._idle.pop()
        except IndexError:
            db = sqlite3.connect(
                self._path,
                timeout=BUSY_SECONDS,
                isolation_level=None,
                check_same_thread=False,
                cached_statements=64,
            )
            db.execute("PRAGMA synchronous = NORMAL")
        try:
            yield db
        finally:
            self._idle.append(db)
            if self._closed:
                self.close()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """Hold the one write transaction that SQLite allows at a time."""
        with self._reading() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")
            except BaseException:
                db.execute("ROLLBACK")
                raise


def _find(db: sqlite3.Connection, number: int) -> Book | None:
    if not 0 < number <= LARGEST_ID:
        return None
    row = db.execute(f"SELECT {queries.COLUMNS} FROM books WHERE id = ?", (number,)).fetchone()
    return _book(row) if row else None


def _expect(db: sqlite3.Connection, number: int, versions: Collection[int] | None) -> Book:
    book = _find(db, number)
    if book is None:
        raise NoSuchBookError(f"there is no book {number}")
    if versions is not None and book.version not in versions:
        raise StaleVersionError(f"book {number} is at version {book.version} now")
    return book


@contextmanager
def _one_isbn_each(isbn: str) -> Iterator[None]:
    try:
        yield
    except sqlite3.IntegrityError as error:
        raise DuplicateISBNError(f"another book has the ISBN {isbn}") from error


def _row(draft: Draft) -> dict[str, Any]:
    """Spell a book as SQLite keeps it: the price in cents, the subjects as JSON."""
    row = draft.model_dump()
    row["price"] = int(draft.price.scaleb(2))
    row["subjects"] = json.dumps(draft.subjects, ensure_ascii=False)
    return row


def _book(row: tuple[Any, ...]) -> Book:
    fields = dict(zip(queries.FIELDS, row, strict=True))
    fields["price"] = queries.price(fields["price"])
    fields["subjects"] = json.loads(fields["subjects"])
    return Book.model_construct(**fields)
