"""The SQL of the shelf: tables, statements, and the clause that a filter becomes.

Nothing that a visitor typed is ever part of a statement: it travels as a parameter, and words meant for the
full-text index are quoted first.
"""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from examples.bookshelf.isbn import compact, is_isbn13
from examples.bookshelf.models import Draft

__all__ = [
    "COLUMNS",
    "COUNTS",
    "FIELDS",
    "INSERT",
    "SUBJECTS",
    "UPDATE",
    "VERSION",
    "Filter",
    "create_tables",
    "forget",
    "index",
    "is_full_text",
    "order",
    "price",
    "select",
]

VERSION = 1
MOST_WORDS = 12

FIELDS = (
    "id",
    "version",
    "isbn",
    "title",
    "author",
    "year",
    "language",
    "pages",
    "price",
    "subjects",
    "description",
)
COLUMNS = ", ".join(f"books.{field}" for field in FIELDS)

TABLES = (
    """CREATE TABLE books (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        version INTEGER NOT NULL,
        isbn TEXT NOT NULL UNIQUE,
        title TEXT NOT NULL,
        author TEXT NOT NULL,
        year INTEGER NOT NULL,
        language TEXT NOT NULL,
        pages INTEGER NOT NULL,
        price INTEGER NOT NULL,
        subjects TEXT NOT NULL,
        description TEXT NOT NULL
    )""",
    "CREATE INDEX books_by_year ON books (year DESC, id DESC)",
    "CREATE INDEX books_by_author ON books (author)",
    "CREATE INDEX books_by_language ON books (language)",
    """CREATE TABLE book_subjects (
        subject TEXT NOT NULL,
        book INTEGER NOT NULL,
        PRIMARY KEY (subject, book)
    ) WITHOUT ROWID""",
    "CREATE INDEX subjects_by_book ON book_subjects (book)",
)
FULL_TEXT = (
    "CREATE VIRTUAL TABLE words USING fts5(title, author, subjects, description, "
    "tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3')"
)
PLAIN_TEXT = "CREATE TABLE words (title TEXT, author TEXT, subjects TEXT, description TEXT)"

_WRITTEN = FIELDS[1:]
INSERT = f"INSERT INTO books ({', '.join(_WRITTEN)}) VALUES ({', '.join(f':{name}' for name in _WRITTEN)})"
UPDATE = f"UPDATE books SET {', '.join(f'{name} = :{name}' for name in _WRITTEN)} WHERE id = :id"
SUBJECTS = (
    "SELECT subject, count(*) AS books FROM book_subjects GROUP BY subject ORDER BY books DESC, subject"
)
COUNTS = """SELECT count(*), count(DISTINCT author),
(SELECT count(DISTINCT subject) FROM book_subjects), count(DISTINCT language) FROM books"""


Words = Annotated[str, Field(max_length=200)]
Year = Annotated[int | None, Field(ge=0, le=9999)]


@dataclass(frozen=True, slots=True)
class Filter:
    """Which books are wanted; an empty filter wants them all."""

    q: Words = ""
    subject: Words = ""
    year_from: Year = None
    year_to: Year = None


def create_tables(db: sqlite3.Connection) -> None:
    for statement in TABLES:
        db.execute(statement)
    try:
        db.execute(FULL_TEXT)
    except sqlite3.OperationalError:  # an SQLite built without FTS5
        db.execute(PLAIN_TEXT)


def is_full_text(db: sqlite3.Connection) -> bool:
    """Tell whether this file was made with the full-text index."""
    (sql,) = db.execute("SELECT sql FROM sqlite_schema WHERE name = 'words'").fetchone()
    return str(sql).startswith("CREATE VIRTUAL")


def index(db: sqlite3.Connection, number: int, draft: Draft) -> None:
    """Make a book findable by its words and subjects, in place of what it was findable by before."""
    forget(db, number)
    db.executemany(
        "INSERT INTO book_subjects VALUES (?, ?)", [(subject, number) for subject in draft.subjects]
    )
    db.execute(
        "INSERT INTO words (rowid, title, author, subjects, description) VALUES (?, ?, ?, ?, ?)",
        (number, draft.title, draft.author, ", ".join(draft.subjects), draft.description),
    )


def forget(db: sqlite3.Connection, number: int) -> None:
    db.execute("DELETE FROM book_subjects WHERE book = ?", (number,))
    db.execute("DELETE FROM words WHERE rowid = ?", (number,))


def select(wanted: Filter, *, full_text: bool) -> tuple[str, dict[str, object]]:
    """Return the FROM and WHERE of a query for ``wanted``, and its parameters."""
    source = "FROM books"
    clauses: list[str] = []
    values: dict[str, object] = {}
    if is_isbn13(number := compact(wanted.q)):
        clauses.append("books.isbn = :isbn")
        values["isbn"] = number
    elif wanted.q.strip():
        source += " JOIN words ON words.rowid = books.id"
        clause, found = _full_text(wanted.q) if full_text else _plain_text(wanted.q)
        clauses.append(clause)
        values |= found
    if wanted.subject:
        clauses.append("books.id IN (SELECT book FROM book_subjects WHERE subject = :subject)")
        values["subject"] = wanted.subject
    if wanted.year_from is not None:
        clauses.append("books.year >= :year_from")
        values["year_from"] = wanted.year_from
    if wanted.year_to is not None:
        clauses.append("books.year <= :year_to")
        values["year_to"] = wanted.year_to
    return f"{source} WHERE {' AND '.join(clauses)}" if clauses else source, values


def order(wanted: Filter, *, full_text: bool) -> str:
    """The best match first when words were asked for, else the newest book."""
    if full_text and wanted.q.strip() and not is_isbn13(compact(wanted.q)):
        return "ORDER BY bm25(words, 10.0, 8.0, 4.0, 1.0), books.id"
    return "ORDER BY books.year DESC, books.id DESC"


def price(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)


def _words(text: str) -> list[str]:
    # Combining marks belong to their letters: "Ọ̀" has no single code point.
    return re.findall(r"[^\W_][\w\u0300-\u036f]*", text)[:MOST_WORDS]


def _full_text(text: str) -> tuple[str, dict[str, object]]:
    """All words must occur; the last may be the beginning of one."""
    found = _words(text)
    if not found:
        return "0", {}
    quoted = " ".join(f'"{word}"' for word in found)
    return "words MATCH :words", {"words": f"{quoted}*"}


def _plain_text(text: str) -> tuple[str, dict[str, object]]:
    found = _words(text)
    if not found:
        return "0", {}
    haystack = "words.title || ' ' || words.author || ' ' || words.subjects || ' ' || words.description"
    clauses = [f"{haystack} LIKE :word{place} ESCAPE '!'" for place in range(len(found))]
    patterns = {f"word{place}": f"%{word.replace('_', '!_')}%" for place, word in enumerate(found)}
    return " AND ".join(clauses), dict(patterns)
