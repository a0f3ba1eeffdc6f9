"""Invent a catalogue: thousands of books that never existed, the same ones for the same seed."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from examples.bookshelf import vocabulary as words
from examples.bookshelf.isbn import check_digit
from examples.bookshelf.models import LANGUAGES, Draft
from examples.bookshelf.names import CULTURES

__all__ = ["SIZE", "invent"]

SIZE = 6_000
SEED = 1729
AUTHORS = 1_400
LATEST_YEAR = 2025
CAREER = 45

# The registration groups under which publishers of these languages number their books.
GROUPS = {
    "de": "9783", "en": "9781", "es": "97884", "fr": "9782", "it": "97888",
    "ja": "9784", "pl": "97883", "pt": "978972", "sv": "97891",
}  # fmt: skip

SMALL_WORDS = frozenset(
    ("a", "about", "an", "and", "for", "from", "in", "of", "on", "that", "the", "to", "without")
)
ENDINGS = (Decimal("0.00"), Decimal("0.50"), Decimal("0.95"), Decimal("0.99"))
SHORT_SUBJECTS = frozenset({"Poetry", "Short stories"})


@dataclass(frozen=True, slots=True)
class Author:
    """Somebody who writes: in which languages, since when, about what."""

    name: str
    languages: tuple[str, ...]
    debut: int
    subjects: tuple[str, ...]


def invent(size: int = SIZE, seed: int = SEED) -> Iterator[Draft]:
    """Yield ``size`` different books. No two share an ISBN, nor title and author."""
    chance = random.Random(seed)
    authors = _authors(chance)
    taken: set[object] = set()
    for _ in range(size):
        book = _book(chance, chance.choice(authors))
        while book.isbn in taken or (book.title, book.author) in taken:
            book = _book(chance, chance.choice(authors))
        taken.update((book.isbn, (book.title, book.author)))
        yield book


def _authors(chance: random.Random) -> list[Author]:
    found: dict[str, Author] = {}
    subjects = (*words.TOPICS, *words.FICTION * 2)
    while len(found) < AUTHORS:
        culture = chance.choice(CULTURES)
        given, family = chance.choice(culture.given), chance.choice(culture.family)
        name = culture.pattern.format(given=given, family=family)
        about = tuple(dict.fromkeys(chance.choices(subjects, k=chance.randint(1, 3))))
        found.setdefault(name, Author(name, culture.languages, chance.randint(1925, LATEST_YEAR - 1), about))
    return list(found.values())


def _book(chance: random.Random, author: Author) -> Draft:
    language = chance.choice(author.languages)
    subject = chance.choice(author.subjects)
    year = chance.randint(author.debut, min(author.debut + CAREER, LATEST_YEAR))
    slots = _slots(chance, subject) | {"year": str(year), "language": LANGUAGES[language]}
    pages = _pages(chance, subject)
    return Draft(
        isbn=_isbn(chance, language),
        title=_title(chance, subject, language, slots),
        author=author.name,
        year=year,
        language=language,
        pages=pages,
        price=_price(chance, pages),
        subjects=_subjects(chance, subject, author),
        description=_description(chance, subject, slots),
    )


def _slots(chance: random.Random, subject: str) -> dict[str, str]:
    """Choose a word for every gap that a pattern may have."""
    noun, noun2 = chance.sample(words.NOUNS, 2)
    place, place2 = chance.sample(words.PLACES, 2)
    topic, other = chance.sample(words.TOPICS.get(subject, words.TOPICS["Nature"]), 2)
    return {
        "adjective": chance.choice(words.ADJECTIVES),
        "noun": noun,
        "noun2": noun2,
        "object": chance.choice(words.OBJECTS),
        "other": other,
        "person": chance.choice(words.PEOPLE),
        "place": place,
        "place2": place2,
        "season": chance.choice(words.SEASONS),
        "topic": topic,
    }


def _title(chance: random.Random, subject: str, language: str, slots: dict[str, str]) -> str:
    if language in words.TITLES_ABROAD:
        heads, tails = words.TITLES_ABROAD[language]
        return f"{chance.choice(heads)}{'' if language == 'ja' else ' '}{chance.choice(tails)}"
    patterns = words.FICTION_PATTERNS if subject in words.FICTION else words.FACT_PATTERNS
    return _headline(_articles(chance.choice(patterns).format_map(slots)))


def _headline(text: str) -> str:
    """Capitalise the words that English titles capitalise, and whatever follows a colon."""
    parts = []
    after_stop = True
    for word in text.split(" "):
        parts.append(word if word in SMALL_WORDS and not after_stop else word[:1].upper() + word[1:])
        after_stop = word.endswith(":")
    return " ".join(parts)


def _articles(text: str) -> str:
    """Write "an" before a vowel, whatever a gap was filled with."""
    return re.sub(r"\b([Aa]) (?=[aeiouAEIO])", r"\1n ", text)


def _description(chance: random.Random, subject: str, slots: dict[str, str]) -> str:
    openings = words.STORY_OPENINGS if subject in words.FICTION else words.FACT_OPENINGS
    sentences = [chance.choice(openings), *chance.sample(words.MIDDLES, 2), chance.choice(words.CLOSINGS)]
    return _articles(" ".join(sentences).format_map(slots))


def _subjects(chance: random.Random, subject: str, author: Author) -> list[str]:
    more = chance.choices(author.subjects, k=chance.randint(0, 2))
    return list(dict.fromkeys((subject, *more)))


def _pages(chance: random.Random, subject: str) -> int:
    if subject in SHORT_SUBJECTS:
        return chance.randint(48, 220)
    return int(chance.triangular(110, 900, 290))


def _price(chance: random.Random, pages: int) -> Decimal:
    return 6 + chance.randint(pages // 60, pages // 25) + chance.choice(ENDINGS)


def _isbn(chance: random.Random, language: str) -> str:
    group = GROUPS[language]
    twelve = group + str(chance.randrange(10 ** (12 - len(group)))).zfill(12 - len(group))
    return twelve + check_digit(twelve)
