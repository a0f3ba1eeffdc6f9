"""What a filter is in SQL. Nothing that a visitor typed is ever part of a statement: it travels as a parameter."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import ColumnElement, and_, case, false
from sqlalchemy.orm import InstrumentedAttribute

from examples.bookshelf.isbn import compact, is_isbn13
from examples.bookshelf.models import Draft
from examples.bookshelf.tables import BookRow, BookSubject

__all__ = ["Filter", "conditions", "order", "searchable"]

MOST_WORDS = 12

Words = Annotated[str, Field(max_length=200)]
Year = Annotated[int | None, Field(ge=0, le=9999)]


@dataclass(frozen=True, slots=True)
class Filter:
    """Which books are wanted; an empty filter wants them all."""

    q: Words = ""
    subject: Words = ""
    year_from: Year = None
    year_to: Year = None


def conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    """Return what holds for the books that ``wanted`` describes."""
    found: list[ColumnElement[bool]] = []
    if is_isbn13(number := compact(wanted.q)):
        found.append(BookRow.isbn == number)
    elif wanted.q.strip():
        found.append(_has_words(BookRow.words, wanted.q))
    if wanted.subject:
        named = BookSubject.objects.filter(subject=wanted.subject)
        found.append(BookRow.id.in_(named.stmt.with_only_columns(BookSubject.book_id)))
    if wanted.year_from is not None:
        found.append(BookRow.year >= wanted.year_from)
    if wanted.year_to is not None:
        found.append(BookRow.year <= wanted.year_to)
    return found


def order(wanted: Filter) -> list[ColumnElement[Any]]:
    """Begin with the books that have the words in their title or author; then the newest."""
    newest: list[ColumnElement[Any]] = [BookRow.year.desc(), BookRow.id.desc()]
    if not wanted.q.strip():
        return newest
    return [case((_has_words(BookRow.heading, wanted.q), 0), else_=1), *newest]


def searchable(draft: Draft) -> dict[str, str]:
    """Return the fields in which a search looks for words."""
    heading = f"{draft.title} {draft.author}"
    rest = " ".join((*draft.subjects, draft.description))
    return {"heading": _spaced(heading), "words": _spaced(f"{heading} {rest}")}


def _has_words(column: InstrumentedAttribute[str], text: str) -> ColumnElement[bool]:
    """All words must occur; the last may be the beginning of one. Where there is no word, none does."""
    *whole, last = _words(text)[:MOST_WORDS] or ("",)
    if not last:
        return false()
    return and_(column.contains(f" {last}"), *(column.contains(f" {word} ") for word in whole))


def _spaced(text: str) -> str:
    return f" {' '.join(_words(text))} "


def _words(text: str) -> list[str]:
    """Take a text apart: small letters without accents, and digits, of any script."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    letters = "".join(character for character in plain if not unicodedata.combining(character))
    return re.findall(r"[^\W_]+", letters)
