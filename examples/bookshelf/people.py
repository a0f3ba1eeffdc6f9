"""Who may write: people with passwords and roles, and tokens for their programs, in the same SQLite file.

``python -m examples.bookshelf.people ann librarian`` asks for a password, keeps ann, and prints a token for her programs.
"""

from __future__ import annotations

import asyncio
import getpass
import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from wadjet.auth import KeptToken, Passwords, new_token

__all__ = ["LIBRARIAN", "People", "Person"]

#: The role of who may add, change and remove books.
LIBRARIAN = "librarian"
BUSY_SECONDS = 10.0
TABLES = """
CREATE TABLE IF NOT EXISTS people (
  id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL, password TEXT NOT NULL, roles TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS tokens (digest TEXT PRIMARY KEY, person INTEGER NOT NULL REFERENCES people ON DELETE CASCADE);
"""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can log in."""

    id: int
    name: str
    password: str = field(repr=False)
    roles: frozenset[str]
    is_authenticated: ClassVar[bool] = True


class People:
    """Knows people for ``AuthenticationMiddleware``, and their tokens for ``TokenAuthentication``. SQLite waits in threads."""

    def __init__(self, path: str | Path) -> None:
        self._path = str(path)

    async def by_id(self, identifier: str, /) -> Person | None:
        return await asyncio.to_thread(self._find, "id = ?", identifier)

    async def by_name(self, name: str, /) -> Person | None:
        return await asyncio.to_thread(self._find, "name = ?", name)

    async def keep_password(self, person: Person, kept: str, /) -> None:
        await asyncio.to_thread(self._change, "UPDATE people SET password = ? WHERE id = ?", kept, person.id)

    async def find(self, digest: str, /) -> KeptToken | None:
        person = await asyncio.to_thread(
            self._find, "id = (SELECT person FROM tokens WHERE digest = ?)", digest
        )
        return None if person is None else KeptToken(person)

    def add(self, name: str, kept: str, *roles: str) -> str:
        """Keep somebody with the hash of a password; return a token for their programs, which is kept nowhere."""
        token, digest = new_token()
        with self._open() as db:
            number = db.execute(
                "INSERT INTO people (name, password, roles) VALUES (?, ?, ?)", (name, kept, " ".join(roles))
            ).lastrowid
            db.execute("INSERT INTO tokens VALUES (?, ?)", (digest, number))
        return token

    def _find(self, where: str, value: str) -> Person | None:
        with self._open() as db:
            row = db.execute(
                f"SELECT id, name, password, roles FROM people WHERE {where}", (value,)
            ).fetchone()
        if row is None:
            return None
        number, name, password, roles = row
        return Person(number, name, password, frozenset(roles.split()))

    def _change(self, statement: str, *values: object) -> None:
        with self._open() as db:
            db.execute(statement, values)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=BUSY_SECONDS)) as db, db:
            db.executescript(TABLES)
            yield db


async def _hashed(password: str) -> str:
    return await Passwords().hash(password)


def main(arguments: list[str]) -> None:
    if not arguments:
        sys.exit(__doc__)
    name, *roles = arguments
    kept = asyncio.run(_hashed(getpass.getpass(f"Password of {name}: ")))
    database = os.environ.get("BOOKSHELF_DB", "bookshelf.sqlite3")
    try:
        token = People(database).add(name, kept, *roles)
    except sqlite3.IntegrityError:
        sys.exit(f"{name} is known already")
    sys.stdout.write(f"{token}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
