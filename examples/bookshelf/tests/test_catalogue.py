"""The catalogue is always the same, and looks like one."""

from __future__ import annotations

import os
import subprocess
import sys
from decimal import Decimal

import pytest

from examples.bookshelf.catalogue import GROUPS, SIZE, invent
from examples.bookshelf.isbn import check_digit, compact, is_isbn13
from examples.bookshelf.models import LANGUAGES, Draft
from examples.bookshelf.tests.conftest import ROOT


@pytest.fixture(scope="module")
def books() -> list[Draft]:
    return list(invent())


def test_there_are_thousands_of_books(books: list[Draft]) -> None:
    assert len(books) == SIZE >= 5_000


def test_the_same_seed_invents_the_same_books(books: list[Draft]) -> None:
    assert list(invent()) == books
    assert list(invent(50, seed=1)) != list(invent(50, seed=2))


def test_another_process_invents_the_same_books() -> None:
    program = "from examples.bookshelf.catalogue import invent\nprint(repr(list(invent(200))).encode())"
    command = [sys.executable, "-c", program]
    outputs = {
        subprocess.run(
            command, cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert outputs == {f"{repr(list(invent(200))).encode()!r}\n".encode()}


def test_every_isbn_is_valid_and_of_its_language(books: list[Draft]) -> None:
    assert all(is_isbn13(book.isbn) and book.isbn.startswith(GROUPS[book.language]) for book in books)


def test_no_two_books_are_the_same(books: list[Draft]) -> None:
    assert len({book.isbn for book in books}) == len(books)
    assert len({(book.title, book.author) for book in books}) == len(books)


def test_the_books_are_as_various_as_a_library(books: list[Draft]) -> None:
    assert len({book.author for book in books}) > 1_000
    assert len({book.title for book in books}) > 3_000
    assert {book.language for book in books} == LANGUAGES.keys()
    assert len({subject for book in books for subject in book.subjects}) >= 20
    assert sum(not book.author.isascii() for book in books) > SIZE // 4


def test_figures_are_plausible(books: list[Draft]) -> None:
    for book in books:
        assert 1925 <= book.year <= 2025
        assert 40 <= book.pages <= 900
        assert Decimal(6) <= book.price <= Decimal(50)
        assert 120 <= len(book.description) <= 600


def test_no_gap_of_a_pattern_is_left_open(books: list[Draft]) -> None:
    text = " ".join(f"{book.title} {book.description}" for book in books)
    assert "{" not in text
    assert " a a" not in text.replace(" a ap", "")  # "a apple" would be one


@pytest.mark.parametrize(
    ("twelve", "digit"),
    [("978030640615", "7"), ("978316148410", "0"), ("979109063607", "1")],
)
def test_the_check_digit_is_that_of_the_standard(twelve: str, digit: str) -> None:
    assert check_digit(twelve) == digit


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("978-0-306-40615-7", True),
        ("978 3 16 148410 0", True),
        ("9780306406158", False),
        ("0306406152", False),
        ("9770306406150", False),
        ("٩٧٨٠٣٠٦٤٠٦١٥٧", False),
        ("", False),
    ],
)
def test_an_isbn_is_recognised(text: str, valid: bool) -> None:
    assert is_isbn13(compact(text)) is valid
