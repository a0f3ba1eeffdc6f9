"""The form for a new book: which fields it has, and what a filled-in one says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from examples.bookshelf.models import LANGUAGES, Draft

__all__ = ["BLANK", "FIELDS", "Field", "Filled", "read_draft"]


@dataclass(frozen=True, slots=True)
class Field:
    """One field: how it is shown, and what is said when it is wrong."""

    name: str
    label: str
    problem: str
    hint: str = ""
    kind: str = "text"
    size: str = ""
    #: Attributes of the input, written by us and never by visitors.
    extra: str = ""
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as somebody filled it in, with what is wrong, by field."""

    values: Mapping[str, str]
    problems: Mapping[str, str]


FIELDS = (
    Field("title", "Title", "Write the title: up to 200 characters.", extra='maxlength="200" required'),
    Field(
        "author", "Author", "Write the author's name: up to 200 characters.", extra='maxlength="200" required'
    ),
    Field(
        "isbn",
        "ISBN-13",
        "This is no ISBN-13: thirteen digits that begin with 978 or 979; the last one checks the others.",
        hint="With or without hyphens.",
        size="half",
        extra='inputmode="numeric" autocomplete="off" required',
    ),
    Field(
        "language",
        "Language",
        "Choose a language.",
        kind="select",
        size="half",
        choices=tuple(LANGUAGES.items()),
    ),
    Field(
        "year", "Year", "Write a year from 1450 to 2100.", size="third", extra='inputmode="numeric" required'
    ),
    Field(
        "pages",
        "Pages",
        "Write a number from 1 to 20000.",
        size="third",
        extra='inputmode="numeric" required',
    ),
    Field(
        "price",
        "Price in pounds",
        "Write a price such as 12.50.",
        size="third",
        extra='inputmode="decimal" required',
    ),
    Field(
        "subjects",
        "Subjects",
        "Write one to five subjects of up to 40 characters, with commas between.",
        hint="Up to five, with commas between: History, Travel",
        extra="required",
    ),
    Field(
        "description",
        "Description",
        "Write at most 4000 characters.",
        kind="textarea",
        extra='maxlength="4000"',
    ),
)
_BY_NAME = {field.name: field for field in FIELDS}

BLANK = Filled({"language": "en"}, {})


def read_draft(form: Mapping[str, str]) -> Draft | Filled:
    """Return the book that a form describes, or the form with what is wrong in it."""
    values = {field.name: form.get(field.name, "") for field in FIELDS}
    subjects = [part for part in values["subjects"].split(",") if part.strip()]
    try:
        return Draft.model_validate({**values, "subjects": subjects})
    except ValidationError as error:
        wrong = dict.fromkeys(str(found["loc"][0]) for found in error.errors())
        return Filled(values, {name: _BY_NAME[name].problem for name in wrong})
