"""The catalogue of hostile and odd messages: each row is named by a test, or says here what it waits for.

A row is named where its id stands: in the name (``test_body_17_...``) or the id of a test, in the name of a wire scenario, or
in a docstring.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scenarios.table import SCENARIOS

#: The rows of each group, by their numbers.
ROWS = {
    "URL": "01 04 06 07 08 09 11 12 15 19 20 23 25 26 27 28 29 32 34 35 36 37 38 39 40 42 45 46 48 50 51 53",
    "HOST": "01 02 03 04 06 11 12 13 14 16 18 20 23 24 26 27 29 31 32 34 36 37 38 39 41 42",
    "HDR": (
        "01 03 04 05 06 07 08 09 10 12 13 17 19 21 22 23 26 27 30 32 35 36 37 38 40 43 44 45 46 47 48 51 "
        "53 55 56 57 58 61 62 64 67 68 69 70 72 73 75 76"
    ),
    "CK": "01 02 03 05 08 09 12 14 16 17 20 21 22 23 24 26 29 35 37 38 41 42 43 44 46 47 48 49 50 52 53",
    "CSRF": (
        "01 02 03 07 10 11 12 13 15 18 19 20 24 25 26 27 28 30 31 33 34 35 36 39 40 41 43 44 45 46 47 48 49 50"
    ),
    "BODY": "01 02 04 09 11 12 15 16 17 18 19 21 22 23 24",
    "JSON": "03 05 09 10 11 12 13 15 17 19 20 24 25 26 28 30 31 32 33 36 37 39 40 42 43 44 45 49 51 52",
    "FORM": "01 03 04 05 07 10 11 13 14 15 17 19 21 23 25 31 32 33 36",
    "MP": (
        "01 03 05 07 08 09 12 15 16 18 19 20 21 22 25 27 29 31 34 35 36 38 39 40 41 42 43 44 45 46 47 48 "
        "52 53 55 57 58 59 60 61 63 65 67 69 73 77 78 79 81 84 85 86 88 90 91 92 93"
    ),
    "RNG": (
        "02 03 04 06 07 09 11 12 13 15 17 18 20 23 24 25 26 27 29 32 34 35 37 38 40 41 43 47 49 50 51 54 "
        "57 58 61 62"
    ),
    "COND": "01 02 05 09 11 14 16 18 20 22 23 25 27 28 29 31 32 35 36 37 39 40 44 45 48 49 50 51 52",
    "FILE": (
        "02 04 05 06 07 09 11 14 15 16 20 23 24 25 26 27 29 30 32 34 36 37 42 43 47 49 50 53 54 55 57 59 "
        "62 63 65 67 70 72 76 78 80 82 85 86 88 89 91 92 94 97 98 99 100 101 102"
    ),
    "RDR": (
        "02 04 07 09 11 12 14 16 17 19 20 22 27 28 29 30 35 37 38 39 40 41 43 44 46 48 49 52 53 55 56 60 "
        "61 62 63 64 65 67 68 69"
    ),
    "ERR": "03 05 06 08 10 12 13 15 16 17 19 20 24 25 28 29 30 31",
    "RL": "01 02 03 04 05 06 10 11 12 13 15 16 17 18 19 20",
    "RSP": "01 02 03 04 05 08 11 15 18 19 20 21 23 25 26 27 28 30",
    "CORS": "02 04 05 07 08 09 13 16 17 20 28 31 32 34 35 38 44 47 48 50 52 54 55 56 57",
    "JWT": (
        "02 03 04 05 08 11 13 16 17 18 20 21 23 25 27 30 31 34 35 36 38 40 41 45 46 47 50 51 52 55 57 58 "
        "59 62 63 65 66 67 68 69 70 72 73 74"
    ),
    "SES": "01 02 03 04 05 07 09 13 14 15 17 18 19 22 23 24 25",
    "SEC": "02 03 05 07 10 11 12 17 18 21 24 25 26",
    "WS": "01 02 03 05 06 07 09 10 11 12 13 14 16 19 20 22 24 27 29 30 31 32 33 34 35 36 41 42 43",
    "CONC": "01 02 03 04 06 07 09 11 13 14 15 16 17 18 19 20 21 22 23 24",
    "GZ": "03 05 06 07 08 09 13 14 15 17 18 20 21 23 25",
}
IDS = [f"{group}-{number}" for group, numbers in ROWS.items() for number in numbers.split()]

#: What no test names yet, by what it waits for. It only shrinks.
WAITING: dict[str, str] = {
    "RSGI: the servers are our own lane, ASGI and WSGI": "CONC-21 CONC-22",
    "an hour of load, which is no test: benchmarks/faults/memory.py runs it": "CONC-24",
}

TESTS = Path(__file__).resolve().parents[1]
_ID = re.compile(rf"(?<![A-Z])({'|'.join(ROWS)})[-_](\d\d+)(?!\d)(?: to \1-(\d+))?", re.IGNORECASE)


def named_in(text: str) -> Iterator[str]:
    """Return the ids that a text names; ``MP-01 to MP-05`` names what the catalogue has between them too."""
    for found, first, last in _ID.findall(text):
        group = found.upper()
        for number in ROWS[group].split():
            if int(first) <= int(number) <= int(last or first):
                yield f"{group}-{number}"


@pytest.fixture(scope="module")
def named() -> set[str]:
    texts = [path.read_text("utf-8") for path in TESTS.rglob("*.py") if path != Path(__file__).resolve()]
    return {
        identifier for text in [*texts, *(row.name for row in SCENARIOS)] for identifier in named_in(text)
    }


def waiting() -> dict[str, str]:
    return {
        identifier: reason for reason, identifiers in WAITING.items() for identifier in identifiers.split()
    }


@pytest.mark.parametrize("identifier", [row for row in IDS if row not in waiting()])
def test_a_row_has_a_test(identifier: str, named: set[str]) -> None:
    assert identifier in named, f"no test names {identifier}: write one, or say what it waits for"


def test_what_has_a_test_no_longer_waits(named: set[str]) -> None:
    assert sorted(named & waiting().keys()) == [], "these have a test now: take them from the list above"


def test_only_rows_of_the_catalogue_wait() -> None:
    assert set(waiting()) <= set(IDS)


def test_the_catalogue_has_each_row_once() -> None:
    assert len(IDS) == len(set(IDS)) == 667


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("HDR-01 space before the colon", ["HDR-01"]),
        ("COND-14 to COND-18, RNG-02", ["COND-14", "COND-16", "COND-18", "RNG-02"]),
        ("def test_body_17_a_slow_content_does_not_block", ["BODY-17"]),
        ("URL-x and XURL-01 and URL-99", []),
    ],
)
def test_ids_are_found_in_texts(text: str, ids: list[str]) -> None:
    assert list(named_in(text)) == ids
