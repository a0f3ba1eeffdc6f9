"""What a book is: the models that the API takes and gives, and that the form is checked by."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from examples.bookshelf.isbn import compact, is_isbn13

__all__ = ["LANGUAGES", "Book", "BookPage", "Changes", "Draft", "SubjectCount", "slug_of"]

LANGUAGES = {
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "it": "Italian",
    "ja": "Japanese",
    "pl": "Polish",
    "pt": "Portuguese",
    "sv": "Swedish",
}

SLUG_LENGTH = 80


def _checked_isbn(text: str) -> str:
    if not is_isbn13(text):
        raise ValueError(
            "not an ISBN-13: thirteen digits that begin with 978 or 979, with a correct check digit"
        )
    return text


def _known_language(code: str) -> str:
    if code not in LANGUAGES:
        raise ValueError(f"not a language of this catalogue: use one of {', '.join(LANGUAGES)}")
    return code


def _once_each(subjects: list[str]) -> list[str]:
    return list(dict.fromkeys(subjects))


def _compact(value: object) -> object:
    return compact(value) if isinstance(value, str) else value


# One line of text: no control characters, nothing but spaces is nothing at all.
Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$"),
]
Prose = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, max_length=4000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
    ),
]
Subject = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=40, pattern=r"^[^\x00-\x1f\x7f,]+$"),
]
Subjects = Annotated[list[Subject], Field(min_length=1, max_length=5), AfterValidator(_once_each)]
Isbn = Annotated[str, BeforeValidator(_compact), AfterValidator(_checked_isbn)]
Language = Annotated[str, AfterValidator(_known_language)]
Year = Annotated[int, Field(ge=1450, le=2100)]
Pages = Annotated[int, Field(ge=1, le=20_000)]
Price = Annotated[Decimal, Field(ge=0, max_digits=7, decimal_places=2)]


class Draft(BaseModel):
    """A book as somebody describes it, before the shelf gives it a number."""

    isbn: Isbn
    title: Line
    author: Line
    year: Year
    language: Language = "en"
    pages: Pages
    price: Price
    subjects: Subjects
    description: Prose = ""


class Changes(BaseModel):
    """Some fields of a book, for PATCH. Only those that were sent count; the defaults are never read."""

    model_config = ConfigDict(extra="forbid")

    isbn: Isbn = ""
    title: Line = ""
    author: Line = ""
    year: Year = 0
    language: Language = ""
    pages: Pages = 0
    price: Price = Decimal(0)
    subjects: Subjects = []
    description: Prose = ""


class Book(Draft):
    """A book on the shelf; ``version`` grows with every change."""

    id: int
    version: int

    @property
    def slug(self) -> str:
        return slug_of(self.title)


class BookPage(BaseModel):
    """One page of a list, with links to its neighbours."""

    items: list[Book]
    total: int
    page: int
    pages: int
    per_page: int
    next: str | None = None
    prev: str | None = None


class SubjectCount(BaseModel):
    """A subject and how many books have it."""

    subject: str
    books: int


def slug_of(title: str) -> str:
    """Make the readable end of a book's address: letters and digits of any script, hyphens between."""
    slug = re.sub(r"[\W_]+", "-", title.casefold()).strip("-")
    return slug[:SLUG_LENGTH].rstrip("-") or "book"
