"""What fortunes are: rows that a page shows in the order of their texts, with one more. No framework here."""

from __future__ import annotations

from pathlib import Path

__all__ = ["ADDED", "CONNECTIONS", "MESSAGES", "TEMPLATES"]

TEMPLATES = Path(__file__).parent / "templates"
#: To the database, of each server: all of them are there at once, and a small PostgreSQL has few.
CONNECTIONS = 5
#: What is added while a page is made.
ADDED = "Additional fortune added at request time."
MESSAGES = (
    "fortune: No such file or directory",
    "A computer scientist is someone who fixes things that aren't broken.",
    "After enough decimal places, nobody gives a damn.",
    "A bad random number generator: 1, 1, 1, 1, 1, 4.33e+67, 1, 1, 1",
    "A computer program does what you tell it to do, not what you want it to do.",
    "Emacs is a nice operating system, but I prefer UNIX. — Tom Christaensen",
    "Any program that runs right is obsolete.",
    "A list is only as strong as its weakest link. — Donald Knuth",
    "Feature: A bug with seniority.",
    "Computers make very fast, very accurate mistakes.",
    '<script>alert("This should not be displayed in a browser alert box.");</script>',
    "フレームワークのベンチマーク",
)
